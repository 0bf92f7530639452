//! Atomic file writes: a temporary file in the target's folder, renamed into place.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tempfile::{Builder, NamedTempFile};

use super::signals;
use crate::{Error, io_reason, is_showable, quoted};

/// The names, or the folders, of open descriptors.
const DESCRIPTORS: [&str; 4] = ["/dev/fd", "/proc/self/fd", "/dev/stdout", "/dev/stderr"];

/// The most symbolic links that lead to a file, as in Linux (path_resolution(7)).
const MAX_LINKS: usize = 40;

/// A file that is written but not yet in its place; dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct PendingFile {
    target: Target,
    overwrite: bool,
}

#[derive(Debug)]
enum Target {
    /// A file that `temporary` is renamed to.
    File {
        temporary: NamedTempFile,
        path: PathBuf,
        unfinished: Unfinished,
    },
    /// A device or a pipe, which is written to and not replaced.
    Stream(File),
}

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Its owner only (mode 0600).
    Private,
    /// As the umask allows (mode 0666 less the umask), or as for the file that is replaced.
    Default,
}

impl PendingFile {
    /// Begins a file beside `path`, or beside the file that `path` is a symbolic link to.
    ///
    /// # Errors
    /// The folder cannot be written to, `path` is a folder, or it is a file that the shell's `>`
    /// could not write to: the kernel refuses to follow a link, or to open the file. A private file
    /// is written to regular files only.
    pub fn create(path: &Path, mode: Mode, overwrite: bool) -> io::Result<Self> {
        if is_device(path) {
            return Self::open_stream(path, None, mode, overwrite);
        }
        let present = metadata_if_present(path)?;
        if let Some(present) = &present {
            if present.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            // Others may write to the file of a descriptor as well, so it must not be replaced.
            let is_stream = DESCRIPTORS.iter().any(|name| path.starts_with(name));
            if is_stream || !present.is_file() {
                return Self::open_stream(path, Some(present), mode, overwrite);
            }
        }
        let path = if let Some(present) = &present {
            let real = fs::canonicalize(path)?;
            if overwrite {
                let opened = File::options().write(true).open(path)?;
                check_same(present, &opened.metadata()?)?;
            }
            check_same(present, &fs::symlink_metadata(&real)?)?;
            real
        } else {
            let end = end_of_links(path)?;
            // The kernel follows the links by its own rules; what it creates is replaced at the end.
            if end != path {
                let made = File::options()
                    .write(true)
                    .create(true)
                    .truncate(false)
                    .open(path)?;
                check_same(&made.metadata()?, &fs::symlink_metadata(&end)?)?;
                fs::remove_file(&end)?;
            }
            end
        };
        let (temporary, unfinished) = Unfinished::create(&path, mode)?;
        if let (Some(replaced), Mode::Default) = (present, mode) {
            temporary
                .as_file()
                .set_permissions(replaced.permissions())?;
        }
        let target = Target::File {
            temporary,
            path,
            unfinished,
        };
        Ok(PendingFile { target, overwrite })
    }

    fn open_stream(
        path: &Path,
        present: Option<&Metadata>,
        mode: Mode,
        overwrite: bool,
    ) -> io::Result<Self> {
        if mode == Mode::Private {
            return Err(io::Error::other("it is not a regular file"));
        }
        if !overwrite {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let file = File::options().append(true).open(path)?;
        if let Some(present) = present {
            check_same(present, &file.metadata()?)?;
        }
        let target = Target::Stream(file);
        Ok(PendingFile { target, overwrite })
    }

    /// Writes `contents` to a temporary file beside `path`.
    ///
    /// # Errors
    /// Those of [`PendingFile::create`], and a full disk.
    pub fn write(path: &Path, contents: &[u8], mode: Mode, overwrite: bool) -> io::Result<Self> {
        let mut file = Self::create(path, mode, overwrite)?;
        file.write_all(contents)?;
        Ok(file)
    }

    /// Syncs the file and renames it into place.
    ///
    /// # Errors
    /// The disk is full, or the file exists and must not be overwritten.
    pub fn commit(self) -> io::Result<()> {
        let Target::File {
            temporary,
            path,
            unfinished: _unfinished,
        } = self.target
        else {
            return Ok(());
        };
        temporary.as_file().sync_all()?;
        let persisted = if self.overwrite {
            temporary.persist(&path)
        } else {
            temporary.persist_noclobber(&path)
        };
        persisted.map(drop).map_err(|e| e.error)
    }
}

impl Write for PendingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.target {
            Target::File { temporary, .. } => temporary.write(bytes),
            Target::Stream(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether Windows opens a device of that name, in any folder, instead of a file.
fn is_device(path: &Path) -> bool {
    let devices = ["NUL", "CON", "CONOUT$"];
    let name = path.file_name().unwrap_or_default();
    cfg!(windows)
        && devices
            .iter()
            .any(|device| name.eq_ignore_ascii_case(device))
}

/// The metadata of the file that `path` leads to; `None` only if there is no such file.
fn metadata_if_present(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Returns an error if a path led to one file when it was looked at, and to another one since.
#[cfg(unix)]
fn check_same(seen: &Metadata, found: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    if (seen.dev(), seen.ino()) != (found.dev(), found.ino()) {
        return Err(io::Error::other("it was replaced at the same time"));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_same(_: &Metadata, _: &Metadata) -> io::Result<()> {
    Ok(())
}

/// The path that a chain of links leads to, where no file exists.
fn end_of_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(target) = fs::read_link(&path) else {
            return Ok(path);
        };
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    Err(io::Error::other("too many levels of symbolic links"))
}

/// The temporary files of this process.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the temporary files of this process, which is about to end.
pub fn remove_unfinished() {
    for path in &*unfinished() {
        let _ = fs::remove_file(path);
    }
}

/// The same for a thread that may be the one that has locked the list.
pub fn remove_unfinished_if_unlocked() {
    for _ in 0..50 {
        if let Ok(unfinished) = UNFINISHED.try_lock() {
            for path in &*unfinished {
                let _ = fs::remove_file(path);
            }
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// The path of a temporary file that is removed if a signal terminates the process.
#[derive(Debug)]
struct Unfinished(PathBuf);

impl Unfinished {
    /// Creates a temporary file for `path` in the same folder.
    fn create(path: &Path, mode: Mode) -> io::Result<(NamedTempFile, Self)> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut builder = Builder::new();
        builder.prefix(".cfsign-");
        // Without signal handling, an interrupted run leaves the file behind.
        let _ = signals::on_termination("files", remove_unfinished);
        let file = builder.make_in(folder, |path| {
            let listed = path.to_owned();
            let options = options(mode);
            // A signal that arrives now waits for the lock, and then finds the file. The list has
            // room already: where memory is refused, there is no file yet.
            let mut unfinished = unfinished();
            unfinished.reserve(1);
            let file = options.open(path)?;
            unfinished.push(listed);
            Ok(file)
        })?;
        let path = file.path().to_owned();
        Ok((file, Unfinished(path)))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        unfinished().retain(|path| *path != self.0);
    }
}

/// A new file for reading and writing.
fn options(mode: Mode) -> OpenOptions {
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(match mode {
            Mode::Private => 0o600,
            Mode::Default => 0o666,
        });
    }
    options
}

/// The error for a file that cannot be written.
pub fn cannot_write(path: &Path, error: &io::Error) -> Error {
    let shown_path = path.to_string_lossy();
    let mut reason = io_reason(error);
    // A folder on the way to a path that is not shown may be a part of a secret.
    if error.kind() == io::ErrorKind::NotFound
        && is_showable(&shown_path)
        && let Ok(path) = end_of_links(path)
        && let Some(folder) = path.parent().filter(|folder| *folder != "")
    {
        let folder = quoted(&folder.to_string_lossy());
        reason = format!("the folder {folder} does not exist");
    }
    Error::new(format!("cannot write {}: {reason}", quoted(&shown_path)))
}
