//! Atomic file writes: a temporary file in the target's folder, renamed into place.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::signals;
use super::terminal::cannot_print;
use crate::{Error, Result, io_reason, quoted, temporary};

/// The names, or the folders, of open descriptors. Others may write to such a file as well, so it
/// must not be replaced.
const DESCRIPTORS: [&str; 4] = ["/dev/fd", "/proc/self/fd", "/dev/stdout", "/dev/stderr"];

/// An output that is written but not yet in its place; dropped, it leaves nothing behind.
pub struct PendingFile {
    /// The path as given; `None` for standard output.
    path: Option<PathBuf>,
    target: Target,
}

enum Target {
    /// A file that `temporary` is renamed to.
    File {
        temporary: NamedTempFile,
        path: PathBuf,
        overwrite: bool,
    },
    /// Standard output, a device or a pipe, which is written to and not replaced.
    Stream(Box<dyn Write>),
}

/// Who may read a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Its owner only (mode 0600).
    Private,
    /// As the umask allows (mode 0666 less the umask), or as for the file that is replaced.
    Default,
}

impl PendingFile {
    /// Begins to write to `path`, or to standard output for `None`.
    pub fn output(path: Option<&Path>) -> Result<Self> {
        if let Some(path) = path {
            return Self::create(path, Mode::Default, true);
        }
        let target = Target::Stream(Box::new(io::stdout()));
        Ok(PendingFile { path: None, target })
    }

    fn create(path: &Path, mode: Mode, overwrite: bool) -> Result<Self> {
        let target = Target::find(path, mode, overwrite).map_err(|e| cannot_write(path, &e))?;
        let path = Some(path.to_owned());
        Ok(PendingFile { path, target })
    }

    /// Writes `contents` to a temporary file beside `path`.
    pub fn write(
        path: &Path,
        contents: &[u8],
        mode: Mode,
        overwrite: bool,
    ) -> anyhow::Result<Self> {
        let mut file = Self::create(path, mode, overwrite)?;
        let written = file.write_all(contents);
        written.map_err(|e| file.failed(e))?;
        Ok(file)
    }

    /// Syncs the file and renames it into place.
    pub fn commit(self) -> Result<()> {
        let Target::File {
            temporary,
            path,
            overwrite,
        } = self.target
        else {
            return Ok(());
        };
        let committed = temporary.as_file().sync_all().and_then(|()| {
            let persisted = if overwrite {
                temporary.persist(&path)
            } else {
                temporary.persist_noclobber(&path)
            };
            persisted.map(drop).map_err(|e| e.error)
        });
        committed.map_err(|e| cannot_write(self.path.as_deref().unwrap_or(&path), &e))
    }

    /// The error for what could not be written.
    pub fn failed(&self, error: io::Error) -> anyhow::Error {
        match &self.path {
            Some(path) if error.kind() != io::ErrorKind::BrokenPipe => {
                cannot_write(path, &error).into()
            }
            _ => cannot_print(error),
        }
    }
}

impl Write for PendingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.target.stream().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.target.stream().flush()
    }
}

impl Target {
    fn stream(&mut self) -> &mut dyn Write {
        match self {
            Target::File { temporary, .. } => temporary,
            Target::Stream(stream) => stream,
        }
    }

    /// Begins a file beside `path`, or beside the file that `path` is a symbolic link to.
    ///
    /// # Errors
    /// The folder cannot be written to, or `path` is what the shell's `>` could not write to: a
    /// folder, or a link or file that the kernel refuses. A private file is written to regular
    /// files only.
    fn find(path: &Path, mode: Mode, overwrite: bool) -> io::Result<Self> {
        if is_device(path) && mode == Mode::Default {
            let device = File::options().write(true).open(path)?;
            return Ok(Target::Stream(Box::new(device)));
        }
        if if_present(fs::symlink_metadata(path))?.is_none() {
            return Self::beside(path.to_owned(), mode, overwrite);
        }
        let present = if_present(fs::metadata(path))?;
        let is_stream = DESCRIPTORS.iter().any(|name| path.starts_with(name))
            || present.as_ref().is_some_and(|file| !file.is_file());
        if is_stream && mode == Mode::Private {
            return Err(io::Error::other("it is not a regular file"));
        }
        if !overwrite {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        // The kernel follows links and refuses files by its own rules.
        let opened = File::options().append(true).create(true).open(path)?;
        if is_stream {
            return Ok(Target::Stream(Box::new(opened)));
        }
        let (real, found) = (fs::canonicalize(path)?, opened.metadata()?);
        check_same(&found, &fs::symlink_metadata(&real)?)?;
        if present.is_none() {
            fs::remove_file(&real)?;
            return Self::beside(real, mode, overwrite);
        }
        let file = Self::beside(real, mode, overwrite)?;
        if let (Target::File { temporary, .. }, Mode::Default) = (&file, mode) {
            temporary.as_file().set_permissions(found.permissions())?;
        }
        Ok(file)
    }

    /// Begins a temporary file in the folder of `path`, where no link is.
    fn beside(path: PathBuf, mode: Mode, overwrite: bool) -> io::Result<Self> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut builder = Builder::new();
        builder.prefix(".cfsign-");
        signals::watch();
        let temporary = temporary::create(&builder, folder, mode == Mode::Private)?;
        Ok(Target::File {
            temporary,
            path,
            overwrite,
        })
    }
}

/// Returns whether Windows opens a device of that name, in any folder, instead of a file.
fn is_device(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let mut devices = ["NUL", "CON", "CONOUT$"].iter();
    cfg!(windows) && devices.any(|device| name.eq_ignore_ascii_case(device))
}

fn if_present(metadata: io::Result<Metadata>) -> io::Result<Option<Metadata>> {
    match metadata {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        metadata => metadata.map(Some),
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

/// The error for a file of a key pair that would be overwritten.
pub fn exists(path: &Path) -> Error {
    let path = quoted(&path.to_string_lossy());
    Error::new(format!("{path} already exists"))
        .with_hint("choose another name, or use --force to overwrite the pair")
}

/// The error for a file that cannot be written.
fn cannot_write(path: &Path, error: &io::Error) -> Error {
    let reason = match error.kind() {
        io::ErrorKind::AlreadyExists => return exists(path),
        io::ErrorKind::NotFound => "the folder does not exist".into(),
        _ => io_reason(error),
    };
    let path = quoted(&path.to_string_lossy());
    Error::new(format!("cannot write {path}: {reason}"))
}
