//! The output of a batch.

use std::io::{self, Write, stdout};
use std::path::PathBuf;

use crate::Result;
use crate::cli::atomic_file::{Mode, PendingFile, cannot_write};
use crate::cli::terminal::cannot_print;

use super::Stop;

/// The size of a pipe, in bytes: the largest that Linux grants by default.
#[cfg(target_os = "linux")]
const PIPE_SIZE: usize = 1 << 20;

/// Standard output, or a file that is written atomically.
pub enum Destination {
    Stdout,
    File(PathBuf, PendingFile),
}

impl Destination {
    pub fn open(output: Option<PathBuf>) -> Result<Self> {
        let Some(path) = output else {
            // A reader that is woken once per megabyte takes less time than once per 64 KB. It
            // fails where standard output is no pipe.
            #[cfg(target_os = "linux")]
            let _ = rustix::pipe::fcntl_setpipe_size(stdout(), PIPE_SIZE);
            return Ok(Destination::Stdout);
        };
        let file =
            PendingFile::create(&path, Mode::Default, true).map_err(|e| cannot_write(&path, &e))?;
        Ok(Destination::File(path, file))
    }

    pub fn write(&mut self, rows: &[u8]) -> std::result::Result<(), Stop> {
        let written = match self {
            Destination::Stdout => {
                let mut stdout = stdout().lock();
                stdout.write_all(rows).and_then(|()| stdout.flush())
            }
            Destination::File(_, file) => file.write_all(rows),
        };
        written.map_err(|e| match self {
            _ if e.kind() == io::ErrorKind::BrokenPipe => Stop::ClosedPipe,
            Destination::Stdout => Stop::Failed(cannot_print(&e)),
            Destination::File(path, _) => Stop::Failed(cannot_write(path, &e)),
        })
    }

    /// Puts the file in its place.
    pub fn commit(self) -> Result<()> {
        match self {
            Destination::Stdout => Ok(()),
            Destination::File(path, file) => file.commit().map_err(|e| cannot_write(&path, &e)),
        }
    }
}
