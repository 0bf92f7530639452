//! The totals of a run, and its messages.

use std::io::{IsTerminal, stderr};
use std::process::ExitCode;
use std::time::Instant;

use super::row_signer::SignedChunk;
use crate::cli::input::Input;
use crate::cli::progress::Progress;
use crate::cli::terminal::{STRICT_HINT, Terminal, hint_for};
use crate::cli::warnings::Repeated;

/// Counts rows, reports the bad ones at once, and keeps the first warning of each kind for the end.
pub struct Tally<'a> {
    terminal: &'a Terminal,
    started: Instant,
    progress: Progress,
    rows: u64,
    bad: u64,
    last_hint: Option<String>,
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
            last_hint: None,
            warnings: Repeated::default(),
        }
    }

    pub fn add(&mut self, chunk: SignedChunk) {
        self.rows += chunk.rows;
        self.bad += chunk.bad.len() as u64;
        self.warnings.merge(chunk.warnings);
        self.progress.advance(chunk.input_len, self.rows);
        for (line, error) in chunk.bad {
            let hint = hint_for(&error);
            // A hint that has just been shown is not repeated.
            let new_hint = hint.as_deref().filter(|_| hint != self.last_hint);
            self.terminal
                .error(&format!("line {line}: {error}"), new_hint);
            self.last_hint = hint;
        }
    }

    /// Reports the warnings and the totals; the exit code is 1 if a row could not be signed.
    pub fn finish(self, input: &Input, fail_fast: bool) -> ExitCode {
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
            let message = format!("{input} contains no rows");
            if terminal.strict {
                terminal.error(&message, Some(STRICT_HINT));
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
        terminal.error(&format!("{bad} of {rows} rows not signed{stopped}"), None);
        ExitCode::FAILURE
    }
}
