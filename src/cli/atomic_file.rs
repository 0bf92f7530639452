//! Files that come into being whole: written beside their place, then renamed into it.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::{Error, io_reason, quoted};

/// The names, or the folders, of open descriptors.
const DESCRIPTORS: [&str; 4] = ["/dev/fd", "/proc/self/fd", "/dev/stdout", "/dev/stderr"];

/// A file that is written but not yet in its place; dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct PendingFile {
    target: Target,
    overwrite: bool,
}

#[derive(Debug)]
enum Target {
    Beside(NamedTempFile, PathBuf),
    /// A device or a pipe, which is written to and not replaced.
    Direct(File),
}

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Its owner only (mode 0600).
    Private,
    /// Everyone whom the umask lets (mode 0666 less the umask), or who may read the file that is replaced.
    Default,
}

impl PendingFile {
    /// Begins a file beside `path`, or beside the file that `path` is a symbolic link to.
    ///
    /// # Errors
    /// The folder cannot be written to, or `path` is a folder.
    pub fn create(path: &Path, readers: Mode, overwrite: bool) -> io::Result<Self> {
        let present = fs::metadata(path).ok();
        if present.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        // Behind a descriptor there may be a file that others write to as well, which is not to be replaced.
        let is_stream = DESCRIPTORS.iter().any(|name| path.starts_with(name));
        if overwrite
            && present
                .as_ref()
                .is_some_and(|file| is_stream || !file.is_file())
        {
            let target = Target::Direct(File::options().append(true).open(path)?);
            return Ok(PendingFile { target, overwrite });
        }
        let path = match fs::read_link(path) {
            _ if present.is_some() => fs::canonicalize(path)?,
            // A link to a file that is not there yet.
            Ok(target) => path.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => path.into(),
        };
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let mut builder = Builder::new();
        builder.prefix(".cfsign-");
        if let Some(permissions) = permissions(readers) {
            builder.permissions(permissions);
        }
        let file = builder.tempfile_in(folder)?;
        if let (Some(replaced), Mode::Default) = (present, readers) {
            file.as_file().set_permissions(replaced.permissions())?;
        }
        Ok(PendingFile {
            target: Target::Beside(file, path),
            overwrite,
        })
    }

    /// Writes `contents` to disk beside `path`.
    ///
    /// # Errors
    /// The folder cannot be written to, or the disk is full.
    pub fn write(path: &Path, contents: &[u8], readers: Mode, overwrite: bool) -> io::Result<Self> {
        let mut file = Self::create(path, readers, overwrite)?;
        file.write_all(contents)?;
        Ok(file)
    }

    /// Where the file is until it is complete; `None` for a device or a pipe.
    pub fn pending_path(&self) -> Option<&Path> {
        match &self.target {
            Target::Beside(file, _) => Some(file.path()),
            Target::Direct(_) => None,
        }
    }

    /// Sees to it that the file is on disk, and puts it into its place.
    ///
    /// # Errors
    /// The disk is full, or there is a file already and overwriting was not asked for.
    pub fn commit(self) -> io::Result<()> {
        let Target::Beside(file, path) = self.target else {
            return Ok(());
        };
        file.as_file().sync_all()?;
        let persisted = if self.overwrite {
            file.persist(&path)
        } else {
            file.persist_noclobber(&path)
        };
        persisted.map(drop).map_err(|e| e.error)
    }
}

impl Write for PendingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.target {
            Target::Beside(file, _) => file.write(bytes),
            Target::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(unix)]
fn permissions(readers: Mode) -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(match readers {
        Mode::Private => 0o600,
        Mode::Default => 0o666,
    }))
}

#[cfg(not(unix))]
fn permissions(_: Mode) -> Option<Permissions> {
    None
}

/// The error for a file that cannot be written.
pub fn cannot_write(path: &Path, error: &io::Error) -> Error {
    Error::new(format!(
        "cannot write {}: {}",
        quoted(&path.to_string_lossy()),
        io_reason(error)
    ))
}
