//! Signals that would terminate a run at a bad moment, or with the key in a core file.

#[cfg(not(unix))]
use std::io;

#[cfg(unix)]
pub use unix::*;

#[cfg(unix)]
mod unix {
    use std::collections::BTreeMap;
    use std::fs::File;
    use std::io::{self, Write};
    use std::sync::atomic::AtomicBool;
    use std::sync::{Arc, Mutex, PoisonError, mpsc};
    use std::thread;

    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXFSZ};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

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

    type Cleanup = Box<dyn FnMut() + Send>;

    /// The work to do before the process terminates, by name.
    static CLEANUPS: Mutex<BTreeMap<&str, Cleanup>> = Mutex::new(BTreeMap::new());

    /// Runs `cleanup` before SIGHUP, SIGINT, SIGQUIT or SIGTERM terminates the process. It takes
    /// the place of an earlier one of the same name.
    pub fn on_termination(
        name: &'static str,
        cleanup: impl FnMut() + Send + 'static,
    ) -> io::Result<()> {
        let mut cleanups = CLEANUPS.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = cleanups.is_empty();
        cleanups.insert(name, Box::new(cleanup));
        if is_first {
            watch_signals()?;
        }
        Ok(())
    }

    /// Starts the thread that handles signals.
    fn watch_signals() -> io::Result<()> {
        // The thread comes first: signals that are caught and handled by nobody would be lost.
        let (sender, receiver) = mpsc::channel::<Signals>();
        thread::Builder::new().spawn(move || {
            let Ok(mut signals) = receiver.recv() else {
                return;
            };
            for signal in signals.forever() {
                let mut cleanups = CLEANUPS.lock().unwrap_or_else(PoisonError::into_inner);
                for cleanup in cleanups.values_mut() {
                    cleanup();
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

    /// Restores the current terminal settings if a signal terminates the process, while a
    /// passphrase is typed and the terminal does not echo.
    pub fn keep_terminal_settings() -> io::Result<()> {
        let mut terminal = File::options().read(true).write(true).open("/dev/tty")?;
        let settings = tcgetattr(&terminal)?;
        on_termination("terminal", move || {
            let _ = tcsetattr(&terminal, OptionalActions::Now, &settings);
            // The prompt's line has not ended.
            let _ = writeln!(terminal);
        })
    }
}

#[cfg(not(unix))]
pub fn on_termination(_: &'static str, _: impl FnMut() + Send + 'static) -> io::Result<()> {
    Ok(())
}
