//! The progress of a long run, for a person at a terminal.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::signals;

/// A run that takes less time has no line.
const DELAY: Duration = Duration::from_secs(1);

/// The time between two changes of the line.
const INTERVAL: Duration = Duration::from_millis(200);

/// Columns that stay free, in which a terminal shows `^C`.
const MARGIN: usize = 3;

/// A line is on the terminal.
static IS_SHOWN: AtomicBool = AtomicBool::new(false);

/// A line at the bottom of the terminal: the number of rows and the rate, and where the size of the
/// input is known, the share that is done and the time left.
pub struct Progress {
    is_hidden: bool,
    started: Instant,
    drawn: Instant,
    /// The size of the input, in bytes.
    size: Option<u64>,
    done: u64,
}

impl Progress {
    /// A line for an input of `size` bytes; none with `hidden`, or where standard error is no
    /// terminal.
    pub fn new(size: Option<u64>, hidden: bool) -> Self {
        signals::watch();
        let now = Instant::now();
        Progress {
            is_hidden: hidden || !stderr().is_terminal(),
            started: now,
            drawn: now,
            size: size.filter(|size| *size > 0),
            done: 0,
        }
    }

    /// Counts `bytes` more of the input as done, and `rows` in all.
    pub fn advance(&mut self, bytes: u64, rows: u64) {
        self.done += bytes;
        let is_due = self.started.elapsed() >= DELAY && self.drawn.elapsed() >= INTERVAL;
        if self.is_hidden || !is_due {
            return;
        }
        self.drawn = Instant::now();
        IS_SHOWN.store(true, Ordering::Relaxed);
        let line = self.line(rows, width().saturating_sub(MARGIN));
        let _ = write!(stderr(), "\r{line}\x1b[K");
    }

    /// The text of the line, with at most `width` characters.
    fn line(&self, rows: u64, width: usize) -> String {
        let seconds = self.started.elapsed().as_secs_f64();
        let rate = rows as f64 / seconds.max(0.001);
        let mut text = format!("{rows} rows, {rate:.0}/s");
        if let Some(size) = self.size {
            let share = (self.done as f64 / size as f64).min(1.0);
            let left = seconds / share.max(0.001) - seconds;
            let (minutes, seconds) = (left as u64 / 60, left as u64 % 60);
            let percent = share * 100.0;
            text = format!("{percent:>3.0}%  {text}, {minutes}:{seconds:02} left");
            let columns = width.saturating_sub(text.len() + 4).min(30);
            if columns >= 10 {
                let filled = (columns as f64 * share) as usize;
                let (bar, rest) = ("#".repeat(filled), " ".repeat(columns - filled));
                text = format!("[{bar}{rest}] {text}");
            }
        }
        text.truncate(width);
        text
    }
}

/// Clears the line, however the run ends.
impl Drop for Progress {
    fn drop(&mut self) {
        clear();
    }
}

/// Clears the line, for a message.
pub fn clear() {
    if IS_SHOWN.swap(false, Ordering::Relaxed) {
        let _ = write!(stderr(), "\r\x1b[K");
    }
}

/// Returns whether a person or a program that may use the terminal, such as a pager, reads standard
/// output.
#[cfg(unix)]
pub fn stdout_is_read() -> bool {
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileTypeExt;

    let descriptor = stdout().as_fd().try_clone_to_owned();
    let metadata = descriptor.and_then(|it| std::fs::File::from(it).metadata());
    stdout().is_terminal() || metadata.is_ok_and(|metadata| metadata.file_type().is_fifo())
}

#[cfg(not(unix))]
pub fn stdout_is_read() -> bool {
    stdout().is_terminal()
}

/// The columns of the terminal.
fn width() -> usize {
    #[cfg(unix)]
    if let Ok(size) = rustix::termios::tcgetwinsize(stderr())
        && size.ws_col > 0
    {
        return size.ws_col.into();
    }
    80
}
