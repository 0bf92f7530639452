//! `{policy_file}`: the policy as a file, for programs that do not read standard input.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::{Builder, TempPath};

use crate::error::{Error, Result, io_reason, quoted};

/// A file that only its owner can read, removed when it is dropped.
pub(super) struct PolicyFile {
    path: TempPath,
}

impl PolicyFile {
    /// Writes `policy` to a new file in the system's folder for temporary files.
    ///
    /// # Errors
    /// The file cannot be written, or its path contains characters that a shell may interpret.
    pub(super) fn write(policy: &[u8]) -> Result<Self> {
        let path = create(policy).map_err(|e| {
            let message = format!("cannot write its {{policy_file}}: {}", io_reason(&e));
            let hint = "TMPDIR names the folder; a command that reads standard input needs no file";
            Error::new(message).with_hint(hint)
        })?;
        let file = PolicyFile { path };
        let path = file.path.to_string_lossy();
        if !path.chars().all(is_harmless) {
            let folder = quoted(&std::env::temp_dir().to_string_lossy());
            let message =
                format!("cannot use a {{policy_file}} in {folder}: a shell may interpret the name");
            let hint = "set TMPDIR to another folder, or let the command read standard input";
            return Err(Error::new(message).with_hint(hint));
        }
        Ok(file)
    }

    /// `line` with the name of the file in place of `{policy_file}`.
    pub(super) fn named_in(&self, line: &str) -> String {
        let path = self.path.to_string_lossy();
        // A plain name is not quoted, so that it may be part of a word or of a quoted text.
        let word = if cfg!(windows) {
            format!("\"{path}\"")
        } else if path.contains(' ') {
            format!("'{path}'")
        } else {
            path.into_owned()
        };
        line.replace("{policy_file}", &word)
    }
}

impl Drop for PolicyFile {
    fn drop(&mut self) {
        let mut files = files();
        // Dropping `path` tries again, and has nothing to do.
        let _ = std::fs::remove_file(&self.path);
        files.retain(|file| **file != *self.path);
    }
}

fn create(policy: &[u8]) -> io::Result<TempPath> {
    let mut builder = Builder::new();
    let mut file = builder.prefix("cfsign-").suffix(".json").make(|path| {
        let listed = path.to_owned();
        // Who removes the files waits for the lock, and then finds this one. The list has room
        // already: where memory is refused, there is no file yet.
        let mut files = files();
        files.reserve(1);
        let mut options = File::options();
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.write(true).create_new(true).open(path)?;
        files.push(listed);
        Ok(file)
    })?;
    file.write_all(policy)?;
    Ok(file.into_temp_path())
}

/// The policy files that exist.
static FILES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn files() -> MutexGuard<'static, Vec<PathBuf>> {
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the policy files of a process that is about to end. No other can be made afterwards.
pub(super) fn remove_all() {
    if let Some(files) = lock_at_the_end(&FILES) {
        for file in &*files {
            let _ = std::fs::remove_file(file);
        }
        std::mem::forget(files);
    }
}

/// Locks what a process that is about to end needs. The thread that ends it may be the one that has
/// locked it, so this waits for two seconds at most.
pub(super) fn lock_at_the_end<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    for _ in 0..2_000 {
        if let Ok(guard) = mutex.try_lock() {
            return Some(guard);
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    None
}

/// Returns whether a shell reads a character literally, with and without quotes; a space separates
/// words at most.
fn is_harmless(c: char) -> bool {
    c.is_alphanumeric() || "/._-+=,:@ ".contains(c) || cfg!(windows) && "\\()~".contains(c)
}
