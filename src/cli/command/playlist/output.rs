//! The output of `cfsign playlist`: files that are put in their places when all are complete, or
//! standard output.

use std::fs;
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use crate::cli::atomic_file::{Mode, PendingFile, cannot_write};
use crate::cli::terminal::{cannot_print, output_file};
use crate::{Error, Result, io_reason, quoted};
use clap::Args;
use tempfile::SpooledTempFile;

/// The most bytes for standard output that are kept in memory, not in a temporary file.
const IN_MEMORY: usize = 16 << 20;

#[derive(Args)]
#[command(next_help_heading = "Output options")]
pub struct OutputFlags {
    /// Write to FILE [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Also sign the playlists that FILE references; needs --out
    ///
    /// These are media playlists, interstitials, other manifests and remote elements.
    #[arg(long, conflicts_with = "output")]
    pub recursive: bool,

    /// Folder for the files of --recursive, which keep their names
    #[arg(long, value_name = "DIR", conflicts_with = "output")]
    pub out: Option<PathBuf>,
}

impl OutputFlags {
    /// Checks that `--recursive` and `--out` are given together.
    pub fn check(&self) -> Result<()> {
        if self.recursive && self.out.is_none() {
            return Err(
                Error::new("--recursive requires --out, the folder to write to")
                    .with_hint("use --recursive --out signed"),
            );
        }
        if self.out.is_some() && !self.recursive {
            return Err(Error::new("--out requires --recursive").with_hint(
                "use --recursive --out DIR for several playlists, --output FILE for one",
            ));
        }
        Ok(())
    }
}

/// A playlist that is being written.
pub enum Output {
    /// Kept until the run has succeeded: a failed run prints nothing.
    Stdout(SpooledTempFile),
    File(PathBuf, PendingFile),
}

impl Output {
    /// The output for `path`, or standard output.
    pub fn create(path: Option<PathBuf>) -> Result<Self> {
        let Some(path) = output_file(path) else {
            return Ok(Output::Stdout(SpooledTempFile::new(IN_MEMORY)));
        };
        match PendingFile::create(&path, Mode::Default, true) {
            Ok(file) => Ok(Output::File(path, file)),
            Err(e) => Err(cannot_write(&path, &e)),
        }
    }

    pub fn write(&mut self, text: &str) -> Result<()> {
        let bytes = text.as_bytes();
        match self {
            Output::Stdout(spool) => spool.write_all(bytes).map_err(|e| cannot_print(&e)),
            Output::File(path, file) => match file.write_all(bytes) {
                Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(cannot_write(path, &e)),
                _ => Ok(()),
            },
        }
    }

    /// Puts the file in its place, or prints it; a closed pipe is no error.
    pub fn commit(self) -> Result<()> {
        match self {
            Output::File(path, file) => file.commit().map_err(|e| cannot_write(&path, &e)),
            Output::Stdout(mut spool) => {
                let mut stdout = io::stdout().lock();
                let printed = spool
                    .rewind()
                    .and_then(|()| io::copy(&mut spool, &mut stdout))
                    .and_then(|_| stdout.flush());
                match printed {
                    Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(cannot_print(&e)),
                    _ => Ok(()),
                }
            }
        }
    }
}

/// Folders that were created; dropped before [`Folders::keep`], it removes those that are empty.
#[derive(Default)]
pub struct Folders(Vec<PathBuf>);

impl Folders {
    /// Creates a folder and its missing parents.
    pub fn create(&mut self, folder: &Path) -> Result<()> {
        if folder.as_os_str().is_empty() || folder.is_dir() {
            return Ok(());
        }
        self.create(folder.parent().unwrap_or(Path::new("")))?;
        fs::create_dir(folder).map_err(|e| {
            let folder = quoted(&folder.to_string_lossy());
            let reason = io_reason(&e);
            Error::new(format!("cannot create the folder {folder}: {reason}"))
        })?;
        self.0.push(folder.to_path_buf());
        Ok(())
    }

    pub fn keep(&mut self) {
        self.0.clear();
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            // One that is not empty contains the work of another program.
            let _ = fs::remove_dir(folder);
        }
    }
}
