//! What a run has come to, and what is said about it.

use std::process::ExitCode;

use crate::batch::BadRow;

use super::row_signer::SignedRows;
use crate::cli::hints;
use crate::cli::progress::Progress;
use crate::cli::report::Terminal;
use crate::cli::warnings::{Repeated, Warning};

/// Counts rows, reports the bad ones as they come, and keeps the first warning of each kind for the end.
pub struct Tally<'a> {
    terminal: &'a Terminal,
    quiet: bool,
    progress: Progress,
    rows: u64,
    bad: u64,
    last_hint: Option<String>,
    warnings: Repeated,
}

impl<'a> Tally<'a> {
    pub fn new(terminal: &'a Terminal, quiet: bool, progress: Progress) -> Self {
        let warnings = Repeated::default();
        Tally {
            terminal,
            quiet,
            progress,
            rows: 0,
            bad: 0,
            last_hint: None,
            warnings,
        }
    }

    pub fn add(&mut self, signed: SignedRows) {
        self.rows += signed.rows.rows;
        self.bad += signed.rows.bad.len() as u64;
        self.warnings.merge(signed.warnings);
        self.progress.advance(signed.bytes, self.rows);
        for BadRow { line, error } in signed.rows.bad {
            let hint = hints::for_error(&error);
            // A hint that has just been shown is not repeated.
            let new_hint = hint.as_deref().filter(|_| hint != self.last_hint);
            self.progress.above(|| {
                self.terminal
                    .error(&format!("line {line}: {error}"), new_hint)
            });
            self.last_hint = hint;
        }
    }

    /// How many rows could not be signed.
    pub fn bad(&self) -> u64 {
        self.bad
    }

    /// Says what is left to say; the exit code is 1 if a row could not be signed.
    pub fn finish(self, fail_fast: bool) -> ExitCode {
        drop(self.progress);
        if !self.quiet {
            for (line, Warning { text, .. }, more) in self.warnings {
                let more = match more {
                    0 => String::new(),
                    1 => " (and one more row like it)".into(),
                    more => format!(" (and {more} more rows like it)"),
                };
                self.terminal.warn(&format!("line {line}: {text}{more}"));
            }
        }
        if self.bad == 0 {
            return ExitCode::SUCCESS;
        }
        let (bad, rows) = (self.bad, self.rows);
        let rest = if fail_fast {
            ", and the rest was not tried (--fail-fast)"
        } else {
            ""
        };
        self.terminal
            .error(&format!("{bad} of {rows} rows not signed{rest}"), None);
        ExitCode::FAILURE
    }
}
