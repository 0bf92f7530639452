//! How far a long run is, for a person at a terminal.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::signals;

/// A line at the foot of the terminal: the share that is done and the time left where the size of the input is known,
/// the number of rows and the rate in any case.
pub struct Progress(ProgressBar);

impl Progress {
    /// `size` is that of the input in bytes. `hidden` is for runs whose results, or nothing, should be on the terminal.
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
        // Without this an interrupted run would leave the line behind, and that is all.
        let _ = signals::before_the_end(move || line.finish_and_clear());
        Progress(bar)
    }

    /// So many more bytes of the input are done, and so many rows in all.
    pub fn advance(&self, bytes: u64, rows: u64) {
        if self.0.is_hidden() {
            return;
        }
        self.0.inc(bytes);
        let rate = rows as f64 / self.0.elapsed().as_secs_f64().max(0.001);
        self.0.set_message(format!("{rows} rows, {rate:.0}/s"));
    }

    /// Says something above the line.
    pub fn above<T>(&self, say: impl FnOnce() -> T) -> T {
        self.0.suspend(say)
    }
}

/// Takes the line away, however the run ends.
impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
