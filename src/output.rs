//! Files that come into being whole: written beside their place, then renamed into it.

use std::fs::Permissions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// A file that is written but not yet in its place; dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct PendingFile {
    file: NamedTempFile,
    path: PathBuf,
    overwrite: bool,
}

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Its owner only (mode 0600).
    Owner,
    /// Everyone whom the umask lets (mode 0666 less the umask).
    Everyone,
}

impl PendingFile {
    /// Writes `contents` to disk beside `path`.
    ///
    /// # Errors
    /// The folder cannot be written to, or the disk is full.
    pub fn write(path: &Path, contents: &[u8], readers: Readers, overwrite: bool) -> io::Result<Self> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = Builder::new();
        builder.prefix(".cfsign-");
        if let Some(permissions) = permissions(readers) {
            builder.permissions(permissions);
        }
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(contents)?;
        file.as_file().sync_all()?;
        Ok(PendingFile { file, path: path.into(), overwrite })
    }

    /// Puts the file into its place.
    ///
    /// # Errors
    /// There is a file already, and overwriting was not asked for.
    pub fn commit(self) -> io::Result<()> {
        let persisted =
            if self.overwrite { self.file.persist(&self.path) } else { self.file.persist_noclobber(&self.path) };
        persisted.map(drop).map_err(|e| e.error)
    }
}

#[cfg(unix)]
fn permissions(readers: Readers) -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(match readers {
        Readers::Owner => 0o600,
        Readers::Everyone => 0o666,
    }))
}

#[cfg(not(unix))]
fn permissions(_: Readers) -> Option<Permissions> {
    None
}
