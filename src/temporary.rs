//! Temporary files, which are removed however the process ends.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tempfile::{Builder, NamedTempFile};

/// The temporary files of this process. Those that were renamed are no longer there.
static FILES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Makes a file for reading and writing. A private one can be read by its owner only, others as the
/// umask allows.
#[cfg_attr(not(unix), expect(unused_variables))]
pub(crate) fn create(
    builder: &Builder<'_, '_>,
    folder: &Path,
    is_private: bool,
) -> io::Result<NamedTempFile> {
    builder.make_in(folder, |path| {
        let listed = path.to_owned();
        // Who removes the files waits for the lock, and then finds this one. The list has room
        // already: where memory is refused, there is no file yet.
        let mut files = files();
        files.reserve(1);
        let mut options = File::options();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        let mode = if is_private { 0o600 } else { 0o666 };
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        let file = options.open(path)?;
        files.push(listed);
        Ok(file)
    })
}

fn files() -> MutexGuard<'static, Vec<PathBuf>> {
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes a file that was made here.
pub(crate) fn remove(path: &Path) {
    let mut files = files();
    let _ = fs::remove_file(path);
    files.retain(|file| file != path);
}

/// Removes the files of a process that is about to end. No other can be made afterwards.
pub(crate) fn remove_all() {
    if let Some(files) = lock_at_the_end(&FILES) {
        for file in &*files {
            let _ = fs::remove_file(file);
        }
        // Other threads run until the process ends.
        std::mem::forget(files);
    }
}

/// Locks what a process that is about to end needs. The thread that ends it may be the one that has
/// locked it, so this waits for two seconds at most.
pub(crate) fn lock_at_the_end<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    for _ in 0..2_000 {
        if let Ok(guard) = mutex.try_lock() {
            return Some(guard);
        }
        thread::sleep(Duration::from_millis(1));
    }
    None
}
