//! Signals that would terminate a run at a bad moment, or with the key in a core file.

use std::sync::{Once, OnceLock};

#[cfg(not(unix))]
use console::watch_signals;
#[cfg(unix)]
pub use unix::*;

/// The work to do before a signal terminates the process.
static CLEAN_UP: OnceLock<fn()> = OnceLock::new();

/// Sets the work for [`watch`].
pub fn set_clean_up(clean_up: fn()) {
    let _ = CLEAN_UP.set(clean_up);
}

/// Cleans up before SIGHUP, SIGINT, SIGQUIT or SIGTERM terminates the process, on Windows before
/// Ctrl+C or Ctrl+Break does. Without that, an interrupted run leaves behind what it has begun.
pub fn watch() {
    static WATCHING: Once = Once::new();
    WATCHING.call_once(|| {
        let _ = watch_signals();
    });
}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{self, Write};
    use std::sync::atomic::AtomicBool;
    use std::sync::{Arc, Mutex, PoisonError, mpsc};
    use std::thread;

    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXFSZ};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    use super::{CLEAN_UP, watch};

    /// Makes the limits of the system harmless: a file that is too large is a write error (EFBIG)
    /// and not SIGXFSZ, and no core file contains the key. Programs that the run starts inherit
    /// this.
    pub fn set_limits() -> io::Result<()> {
        signal_hook::flag::register(SIGXFSZ, Arc::<AtomicBool>::default())?;
        // Linux ignores the limit for programs that collect core files through a pipe, except that
        // it starts none at a limit of 1 (core(5), fs/coredump.c); a file needs more than that.
        let bytes = if cfg!(target_os = "linux") { 1 } else { 0 };
        let limit = Rlimit {
            current: Some(bytes),
            ..getrlimit(Resource::Core)
        };
        Ok(setrlimit(Resource::Core, limit)?)
    }

    /// Starts the thread that handles signals.
    pub fn watch_signals() -> io::Result<()> {
        // The thread comes first: signals that are caught and handled by nobody would be lost.
        let (sender, receiver) = mpsc::channel::<Signals>();
        thread::Builder::new().spawn(move || {
            let Ok(mut signals) = receiver.recv() else {
                return;
            };
            for signal in signals.forever() {
                if let Some(clean_up) = CLEAN_UP.get() {
                    clean_up();
                }
                let _ = emulate_default_handler(signal);
            }
        })?;
        // A signal that the caller ignores stays ignored: SIGHUP under nohup, SIGINT in the
        // background of a script. If that is unknown, SIGHUP terminates the run without cleanup.
        let handled = [SIGHUP, SIGINT, SIGQUIT, SIGTERM]
            .into_iter()
            .filter(|signal| !is_ignored(*signal).unwrap_or(*signal == SIGHUP));
        let _ = sender.send(Signals::new(handled)?);
        Ok(())
    }

    /// Returns whether this process was started with a signal ignored; `None` if the system does
    /// not say (proc_pid_status(5)).
    fn is_ignored(signal: i32) -> Option<bool> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let ignored = status
            .lines()
            .find_map(|line| line.strip_prefix("SigIgn:"))?;
        let mask = u64::from_str_radix(ignored.trim(), 16).ok()?;
        Some(mask >> (signal - 1) & 1 == 1)
    }

    /// A terminal that does not echo while a passphrase is typed, and its settings before.
    static TERMINAL: Mutex<Option<(File, Termios)>> = Mutex::new(None);

    /// Remembers the settings of the terminal for [`restore_terminal`].
    pub fn keep_terminal_settings() -> io::Result<()> {
        watch();
        let terminal = File::options().read(true).write(true).open("/dev/tty")?;
        let settings = tcgetattr(&terminal)?;
        *TERMINAL.lock().unwrap_or_else(PoisonError::into_inner) = Some((terminal, settings));
        Ok(())
    }

    /// Restores the settings of the terminal, on a line of its own after the prompt.
    pub fn restore_terminal() {
        let mut kept = TERMINAL.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((mut terminal, settings)) = kept.take() {
            let _ = tcsetattr(&terminal, OptionalActions::Now, &settings);
            let _ = writeln!(terminal);
        }
    }
}

#[cfg(not(unix))]
mod console {
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;
    use std::time::Duration;

    use signal_hook::consts::SIGINT;

    use super::CLEAN_UP;

    /// What Ctrl+Break raises in the C library of Windows.
    const SIGBREAK: i32 = 21;

    /// What Windows makes a process exit with after Ctrl+C (STATUS_CONTROL_C_EXIT).
    const CONTROL_C_EXIT: u32 = 0xC000_013A;

    /// Starts the thread that waits for one of them: only Unix has a signal that wakes one up.
    pub fn watch_signals() -> io::Result<()> {
        let interrupted = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&interrupted);
        thread::Builder::new().spawn(move || {
            while !seen.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(20));
            }
            if let Some(clean_up) = CLEAN_UP.get() {
                clean_up();
            }
            std::process::exit(CONTROL_C_EXIT.cast_signed());
        })?;
        for signal in [SIGINT, SIGBREAK] {
            signal_hook::flag::register(signal, Arc::clone(&interrupted))?;
        }
        Ok(())
    }
}
