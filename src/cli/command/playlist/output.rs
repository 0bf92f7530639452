//! The output of `cfsign playlist`: files that are put in their places when all are complete, or
//! standard output.

use std::fs;
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use crate::cli::atomic_file::PendingFile;
use crate::cli::terminal::output_file;
use crate::{Error, Result, io_reason, quoted};
use tempfile::SpooledTempFile;

/// The most bytes of a playlist that are kept in memory, not in a temporary file.
const IN_MEMORY: usize = 16 << 20;

/// A playlist that is kept until the run has succeeded: a failed run writes nothing.
pub struct Output {
    /// The file; `None` for standard output.
    path: Option<PathBuf>,
    spool: SpooledTempFile,
}

impl Output {
    pub fn new(path: Option<PathBuf>) -> Self {
        Output {
            path: output_file(path),
            spool: SpooledTempFile::new(IN_MEMORY),
        }
    }

    pub fn write(&mut self, text: &str) -> Result<()> {
        let written = self.spool.write_all(text.as_bytes());
        written.map_err(|e| Error::new(format!("cannot write a temporary file: {}", io_reason(&e))))
    }

    /// Prints it, or writes it to a file that is not in its place yet.
    fn finish(mut self) -> anyhow::Result<PendingFile> {
        let mut file = PendingFile::output(self.path.as_deref())?;
        let copied = self.spool.rewind();
        let copied = copied.and_then(|()| io::copy(&mut self.spool, &mut file));
        let copied = copied.and_then(|_| file.flush());
        copied.map_err(|e| file.failed(e))?;
        Ok(file)
    }
}

/// Writes all playlists; none is moved into place before all are on disk. With `in_folders`,
/// missing folders are created.
pub fn write_all(outputs: Vec<Output>, in_folders: bool) -> anyhow::Result<()> {
    let mut created = Created(Vec::new());
    let mut pending = Vec::with_capacity(outputs.len());
    for output in outputs {
        if in_folders && let Some(path) = &output.path {
            created.create_folders_of(path)?;
        }
        pending.push(output.finish()?);
    }
    pending.into_iter().try_for_each(PendingFile::commit)?;
    Ok(())
}

/// Folders that are removed unless something has been put into them.
struct Created(Vec<PathBuf>);

impl Created {
    /// Creates the missing folders of a file.
    fn create_folders_of(&mut self, path: &Path) -> Result<()> {
        let folders = path.ancestors().skip(1);
        let folders = folders.take_while(|folder| *folder != Path::new("") && !folder.is_dir());
        for folder in folders.collect::<Vec<&Path>>().into_iter().rev() {
            fs::create_dir(folder).map_err(|e| {
                let (folder, reason) = (quoted(&folder.to_string_lossy()), io_reason(&e));
                Error::new(format!("cannot create the folder {folder}: {reason}"))
            })?;
            self.0.push(folder.to_path_buf());
        }
        Ok(())
    }
}

impl Drop for Created {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}
