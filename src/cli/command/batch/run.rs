//! A run over all rows: read, sign on several threads, write in order.

#[cfg(target_os = "linux")]
use std::io::stdout;
use std::io::{IsTerminal, Read, Write, stderr};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use crossbeam_channel::bounded;

use super::row_signer::{RowSigner, SignedChunk};
use crate::Result;
use crate::batch::{Chunks, pipeline};
use crate::cli::atomic_file::PendingFile;
use crate::cli::progress::Progress;
use crate::cli::source::Source;
use crate::cli::terminal::{self, STRICT_HINT, Terminal};
use crate::cli::warnings::Repeated;
use crate::text::Reader;

/// The size of a pipe, in bytes: the largest that Linux grants by default.
#[cfg(target_os = "linux")]
const PIPE_SIZE: usize = 1 << 20;

/// The reason why a run ends before its input.
pub enum Stop {
    /// A row could not be signed, under `--fail-fast`.
    BadRow,
    Failed(anyhow::Error),
}

/// Signs all rows on up to `jobs` threads.
pub fn sign_all<R: Read + Send + 'static>(
    signer: RowSigner,
    mut chunks: Chunks<Reader<R>>,
    jobs: NonZeroUsize,
    output: &mut PendingFile,
    tally: &mut Tally,
) -> std::result::Result<(), Stop> {
    write(output, signer.layout.header())?;
    // Buffers for output that have been written. To allocate one for each chunk, and to wipe it
    // when it is freed, would take longer than to fill it.
    let (written, spare) = bounded(8);
    let fail_fast = signer.fail_fast;
    pipeline::run(
        jobs,
        move || chunks.next_chunk().map_err(|e| Stop::Failed(e.into())),
        move |chunk| signer.sign(&chunk, spare.try_recv().unwrap_or_default()),
        |mut signed| {
            write(output, &signed.output)?;
            let mut buffer = std::mem::take(&mut signed.output);
            buffer.clear();
            // Enough are spare if it does not fit.
            let _ = written.try_send(buffer);
            let stops = fail_fast && !signed.bad.is_empty();
            tally.add(signed);
            if stops { Err(Stop::BadRow) } else { Ok(()) }
        },
    )
}

/// Opens the output: a file, or standard output.
pub fn open(path: Option<&Path>) -> Result<PendingFile> {
    // A reader that is woken once per megabyte takes less time than once per 64 KB. It fails where
    // standard output is no pipe.
    #[cfg(target_os = "linux")]
    if path.is_none() {
        let _ = rustix::pipe::fcntl_setpipe_size(stdout(), PIPE_SIZE);
    }
    PendingFile::output(path)
}

fn write(output: &mut PendingFile, rows: &[u8]) -> std::result::Result<(), Stop> {
    let written = output.write_all(rows).and_then(|()| output.flush());
    written.map_err(|e| Stop::Failed(output.failed(e)))
}

/// Counts rows, reports the bad ones at once, and keeps the first warning of each kind for the end.
pub struct Tally<'a> {
    terminal: &'a Terminal,
    started: Instant,
    progress: Progress,
    rows: u64,
    bad: u64,
    warnings: Repeated,
}

impl<'a> Tally<'a> {
    pub fn new(terminal: &'a Terminal, progress: Progress) -> Self {
        Tally {
            terminal,
            started: Instant::now(),
            progress,
            rows: 0,
            bad: 0,
            warnings: Repeated::default(),
        }
    }

    pub fn add(&mut self, chunk: SignedChunk) {
        self.rows += chunk.rows;
        self.bad += chunk.bad.len() as u64;
        self.warnings.merge(chunk.warnings);
        self.progress.advance(chunk.input_len, self.rows);
        for (line, error) in chunk.bad {
            terminal::line_error(line, &error);
        }
    }

    /// Reports the warnings and the totals; the exit code is 1 if a row could not be signed.
    pub fn finish(self, source: &Source, fail_fast: bool) -> ExitCode {
        drop(self.progress);
        let Tally {
            terminal,
            rows,
            bad,
            ..
        } = self;
        for warning in self.warnings.into_texts() {
            terminal.warn(&warning);
        }
        if rows == 0 {
            let message = format!("{source} contains no rows");
            if terminal.strict {
                terminal::error(&message, Some(STRICT_HINT));
                return ExitCode::from(2);
            }
            terminal.warn(&message);
        }
        if stderr().is_terminal() {
            let seconds = self.started.elapsed().as_secs_f64();
            let rate = rows as f64 / seconds.max(0.001);
            let signed = rows - bad;
            terminal.note(&format!(
                "signed {signed} of {rows} rows in {seconds:.1} s ({rate:.0} rows/s)"
            ));
        }
        if bad == 0 {
            return ExitCode::SUCCESS;
        }
        let stopped = if fail_fast {
            "; stopped at the first error (--fail-fast)"
        } else {
            ""
        };
        terminal::error(&format!("{bad} of {rows} rows not signed{stopped}"), None);
        ExitCode::FAILURE
    }
}
