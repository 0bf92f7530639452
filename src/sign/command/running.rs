//! The sign commands that are running, and their policy files, for a process that is about to be
//! terminated.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

static PROCESSES: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());
static POLICY_FILES: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// The IDs of the shells that have not been waited for. While they are locked, none is started or
/// reaped.
pub(super) fn processes() -> MutexGuard<'static, BTreeSet<u32>> {
    PROCESSES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The policy files of this process. While they are locked, none is created or removed.
pub(super) fn policy_files() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    POLICY_FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Terminates all sign commands, removes their policy files, and keeps any other from being
/// started.
#[cfg(unix)]
pub(super) fn terminate_all() {
    use rustix::process::Signal;
    use std::time::Duration;

    let processes = processes();
    let policy_files = policy_files();
    for signal in [Signal::TERM, Signal::KILL] {
        for process in &*processes {
            super::process::kill_tree(*process, signal);
        }
        if signal == Signal::TERM && !processes.is_empty() {
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    for file in &*policy_files {
        let _ = std::fs::remove_file(file);
    }
    // Threads that would start the next command, or report that this one was killed, wait for the
    // end of the process.
    std::mem::forget((processes, policy_files));
}
