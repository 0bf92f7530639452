//! The progress of a long run, for a person at a terminal.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::signals;

/// A line at the bottom of the terminal: the number of rows and the rate, and where the size of the
/// input is known, the share that is done and the time left.
pub struct Progress(ProgressBar);

impl Progress {
    /// A line for an input of `size` bytes; none where standard error is no terminal, or with
    /// `hidden`.
    pub fn new(size: Option<u64>, hidden: bool) -> Self {
        if hidden || !stderr().is_terminal() {
            return Progress(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(size, ProgressDrawTarget::stderr_with_hz(5));
        let template = match size {
            Some(_) => "{bar:30} {percent:>3}%  {msg}  {eta} left",
            None => "{spinner} {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        let line = bar.clone();
        // Without signal handling, an interrupted run leaves the line behind.
        let _ = signals::on_termination("progress", move || line.finish_and_clear());
        Progress(bar)
    }

    /// Counts `bytes` more of the input as done, and `rows` in all.
    pub fn advance(&self, bytes: u64, rows: u64) {
        if self.0.is_hidden() {
            return;
        }
        self.0.inc(bytes);
        let rate = rows as f64 / self.0.elapsed().as_secs_f64().max(0.001);
        self.0.set_message(format!("{rows} rows, {rate:.0}/s"));
    }

    /// Runs `say`, which writes to the terminal, while the line is away.
    pub fn above<T>(&self, say: impl FnOnce() -> T) -> T {
        self.0.suspend(say)
    }
}

/// Clears the line, however the run ends.
impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
