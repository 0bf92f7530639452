//! Signals that would end a run at a bad moment, or with the key in a core file.

use std::io;

/// Has a file that grows beyond the limit of this process (`ulimit -f`) fail to be written, instead of end the run with
/// half a file left behind.
#[cfg(unix)]
pub fn survive_file_size_limit() -> io::Result<()> {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use signal_hook::consts::SIGXFSZ;
    // A signal with a handler ends nothing, and write(2) answers EFBIG.
    signal_hook::flag::register(SIGXFSZ, Arc::<AtomicBool>::default()).map(drop)
}

/// Has a signal that ends the run leave no core file, which would hold the key.
///
/// The programs that the run starts inherit this; they may raise the limit again.
#[cfg(unix)]
pub fn leave_no_core_file() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    // Linux does not count what goes to a program that collects core files, and leaves such a program alone for a limit of
    // 1 only; a file needs more than that (core(5), fs/coredump.c).
    let bytes = if cfg!(target_os = "linux") { 1 } else { 0 };
    setrlimit(
        Resource::Core,
        Rlimit {
            current: Some(bytes),
            ..getrlimit(Resource::Core)
        },
    )?;
    Ok(())
}

/// Has `tidy_up` run when Ctrl-C or another signal is about to end the run.
#[cfg(unix)]
pub fn before_the_end(tidy_up: impl FnMut() + Send + 'static) -> io::Result<()> {
    use std::sync::{Mutex, PoisonError};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use signal_hook::iterator::Signals;

    type TidyUp = Box<dyn FnMut() + Send>;
    static ALL: Mutex<Vec<TidyUp>> = Mutex::new(Vec::new());

    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    all.push(Box::new(tidy_up));
    if all.len() > 1 {
        return Ok(());
    }
    // What the caller has ignored is to interrupt nothing: SIGHUP under nohup, SIGINT in the background of a script. Where
    // that cannot be known, SIGHUP ends the run untidily.
    let ends = |signal: &i32| !is_ignored(*signal).unwrap_or(*signal == SIGHUP);
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM].into_iter().filter(ends))?;
    std::thread::Builder::new().spawn(move || {
        for signal in signals.forever() {
            ALL.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .iter_mut()
                .for_each(|tidy_up| tidy_up());
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    })?;
    Ok(())
}

/// Whether this process was started with a signal ignored; `None` where the system does not say (proc_pid_status(5)).
#[cfg(unix)]
fn is_ignored(signal: i32) -> Option<bool> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let ignored = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))?;
    Some(u64::from_str_radix(ignored.trim(), 16).ok()? >> (signal - 1) & 1 == 1)
}

/// From now on, a signal that ends the run first gives the terminal back the settings that it has now.
///
/// While a passphrase is typed, the terminal does not show it. Without this, it would not show what is typed afterwards
/// either.
#[cfg(unix)]
pub fn keep_terminal_settings() -> io::Result<()> {
    use std::fs::File;
    use std::io::Write;
    use std::sync::atomic::{AtomicBool, Ordering};

    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

    static KEPT: AtomicBool = AtomicBool::new(false);
    if KEPT.swap(true, Ordering::Relaxed) {
        return Ok(());
    }
    let mut terminal = File::options().read(true).write(true).open("/dev/tty")?;
    let settings = tcgetattr(&terminal)?;
    before_the_end(move || {
        let _ = tcsetattr(&terminal, OptionalActions::Now, &settings);
        // The prompt's line has not ended.
        let _ = writeln!(terminal);
    })
}

/// Waits for a signal, which is on its way, to end the run.
#[cfg(unix)]
pub fn wait_for_the_end() {
    loop {
        std::thread::park();
    }
}

#[cfg(not(unix))]
pub fn survive_file_size_limit() -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub fn leave_no_core_file() -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub fn before_the_end(_: impl FnMut() + Send + 'static) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub fn keep_terminal_settings() -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub fn wait_for_the_end() {}
