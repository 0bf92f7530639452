//! A run over all rows: read, sign on several threads, write in order.

use std::io::{self, Read, Write, stdout};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use crossbeam_channel::bounded;

use super::row_signer::RowSigner;
use super::tally::Tally;
use crate::batch::{Chunks, pipeline};
use crate::cli::atomic_file::{Mode, PendingFile, cannot_write};
use crate::cli::terminal::cannot_print;
use crate::text::Reader;
use crate::{Error, Result};

/// The size of a pipe, in bytes: the largest that Linux grants by default.
#[cfg(target_os = "linux")]
const PIPE_SIZE: usize = 1 << 20;

/// The reason why a run ends before its input.
pub enum Stop {
    /// The reader of the output has closed the pipe.
    ClosedPipe,
    /// A row could not be signed, under `--fail-fast`.
    BadRow,
    Failed(Error),
}

/// Signs all rows on up to `jobs` threads.
pub fn sign_all<R: Read + Send + 'static>(
    signer: RowSigner,
    mut chunks: Chunks<Reader<R>>,
    jobs: NonZeroUsize,
    destination: &mut Destination,
    tally: &mut Tally,
) -> std::result::Result<(), Stop> {
    destination.write(signer.layout.header())?;
    // Buffers for output that have been written. To allocate one for each chunk, and to wipe it
    // when it is freed, would take longer than to fill it.
    let (written, spare) = bounded(8);
    let fail_fast = signer.fail_fast;
    pipeline::run(
        jobs,
        move || chunks.next_chunk().map_err(Stop::Failed),
        move |chunk| signer.sign(&chunk, spare.try_recv().unwrap_or_default()),
        |mut signed| {
            destination.write(&signed.output)?;
            let mut output = std::mem::take(&mut signed.output);
            output.clear();
            // Enough are spare if it does not fit.
            let _ = written.try_send(output);
            let stops = fail_fast && !signed.bad.is_empty();
            tally.add(signed);
            if stops { Err(Stop::BadRow) } else { Ok(()) }
        },
    )
}

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

    fn write(&mut self, rows: &[u8]) -> std::result::Result<(), Stop> {
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
