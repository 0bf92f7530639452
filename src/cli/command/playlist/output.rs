//! The output of `cfsign playlist`: files that are put in their places when all are complete, or
//! standard output.

use std::io::{self, Seek, Write};
use std::path::PathBuf;

use crate::cli::atomic_file::{Mode, PendingFile, cannot_write};
use crate::cli::terminal::{cannot_print, output_file};
use crate::{Error, Result, io_reason};
use clap::Args;
use tempfile::SpooledTempFile;

/// The most bytes of a playlist that are kept in memory, not in a temporary file.
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

/// A playlist that is kept until the run has succeeded: a failed run writes nothing.
pub struct Output {
    /// The file; `None` for standard output.
    pub path: Option<PathBuf>,
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
    pub fn finish(mut self) -> Result<Option<(PathBuf, PendingFile)>> {
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
