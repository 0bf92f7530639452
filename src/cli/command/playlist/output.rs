//! The output of `cfsign playlist`: files that are put in their places when all are complete, or
//! standard output.

use std::fs;
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use crate::cli::atomic_file::{Mode, PendingFile, cannot_write};
use crate::cli::terminal::{cannot_print, output_file};
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
    /// The output for `path`, or standard output.
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

    /// Prints it, or writes it to a file that is not in its place yet; a closed pipe is no error.
    fn finish(&mut self) -> Result<Option<(PathBuf, PendingFile)>> {
        let Some(path) = self.path.take() else {
            let printed = self.copy_to(&mut io::stdout().lock());
            return printed.map(|()| None).map_err(|e| cannot_print(&e));
        };
        let file = PendingFile::create(&path, Mode::Default, true).and_then(|mut file| {
            self.copy_to(&mut file)?;
            Ok(file)
        });
        match file {
            Ok(file) => Ok(Some((path, file))),
            Err(e) => Err(cannot_write(&path, &e)),
        }
    }

    fn copy_to(&mut self, to: &mut impl Write) -> io::Result<()> {
        self.spool.rewind()?;
        match io::copy(&mut self.spool, to).and_then(|_| to.flush()) {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(e),
            _ => Ok(()),
        }
    }
}

/// Writes all playlists; none is moved into place before all are on disk. With `in_folders`, missing
/// folders are created.
pub fn write_all(outputs: Vec<Output>, in_folders: bool) -> Result<()> {
    let mut created = Vec::new();
    let written = write_files(outputs, in_folders, &mut created);
    if written.is_err() {
        for folder in created.iter().rev() {
            // One that is not empty now contains the work of another program.
            let _ = fs::remove_dir(folder);
        }
    }
    written
}

fn write_files(outputs: Vec<Output>, in_folders: bool, created: &mut Vec<PathBuf>) -> Result<()> {
    let mut pending = Vec::with_capacity(outputs.len());
    for mut output in outputs {
        if in_folders && let Some(path) = &output.path {
            create_folders(path, created)?;
        }
        pending.extend(output.finish()?);
    }
    for (path, file) in pending {
        file.commit().map_err(|e| cannot_write(&path, &e))?;
    }
    Ok(())
}

/// Creates the missing folders of a file, and appends them to `created`.
fn create_folders(path: &Path, created: &mut Vec<PathBuf>) -> Result<()> {
    let folders = path.ancestors().skip(1);
    let missing = folders.take_while(|folder| !folder.as_os_str().is_empty() && !folder.is_dir());
    let missing: Vec<&Path> = missing.collect();
    for folder in missing.into_iter().rev() {
        fs::create_dir(folder).map_err(|e| {
            let (folder, reason) = (quoted(&folder.to_string_lossy()), io_reason(&e));
            Error::new(format!("cannot create the folder {folder}: {reason}"))
        })?;
        created.push(folder.to_path_buf());
    }
    Ok(())
}
