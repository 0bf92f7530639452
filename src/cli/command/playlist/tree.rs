//! `cfsign playlist --recursive`: rewrites a playlist and the playlists that it names, or none.
//!
//! A named playlist is found by its URL: what is below the folder of the first playlist there is
//! below the folder of its file here.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::cli::atomic_file::{Mode, PendingFile, cannot_write};
use crate::cli::source::Source;
use crate::playlist::{Base, Kind, Playlist, Signing};
use crate::url::percent;
use crate::url::signing_parameters::shown;
use crate::{Error, Result, io_reason, quoted};

/// The largest playlist that is read, in bytes; a million segments take a twentieth of it.
const MAX_PLAYLIST_LEN: u64 = 1 << 30;

/// The deepest nesting of playlists. Master, media, interstitial and its media playlist are four.
const MAX_DEPTH: usize = 16;

/// Rewritten playlists by their path below the folder of the first.
pub struct Tree {
    folder: PathBuf,
    base: Base,
    files: BTreeMap<PathBuf, String>,
}

impl Tree {
    /// Rewrites `first`, which was read from `file`, and every playlist that it names.
    pub fn rewrite(
        file: &Source,
        first: &Playlist<'_>,
        base: &Base,
        signing: &mut Signing<'_>,
    ) -> Result<Self> {
        let Source::File(path) = file else {
            return Err(Error::new(format!(
                "--recursive needs a file, but the playlist is from {file}"
            ))
            .with_hint("cfsign playlist master.m3u8 --recursive --out DIR"));
        };
        let mut tree = Tree {
            folder: path.parent().unwrap_or(Path::new("")).to_path_buf(),
            base: base.clone(),
            files: BTreeMap::new(),
        };
        let name = path.file_name().map(PathBuf::from).unwrap_or_default();
        tree.add(name, first, signing, 1)?;
        Ok(tree)
    }

    /// Rewrites a playlist and those that it names.
    fn add(
        &mut self,
        path: PathBuf,
        playlist: &Playlist<'_>,
        signing: &mut Signing<'_>,
        depth: usize,
    ) -> Result<()> {
        self.files.insert(path, signing.rewrite(playlist)?);
        for reference in playlist.references() {
            if reference.kind() != Kind::Playlist {
                continue;
            }
            let line = reference.line();
            let urls: Vec<&str> = signing.covered_urls(reference).collect();
            for url in urls {
                let path = self
                    .path_of(url)
                    .map_err(|e| e.context(format_args!("line {line}:")))?;
                // A playlist may be named several times, such as for groups of renditions.
                if self.files.contains_key(&path) {
                    continue;
                }
                if depth == MAX_DEPTH {
                    let message =
                        format!("line {line}: playlists are nested more than {MAX_DEPTH} deep");
                    return Err(Error::new(message));
                }
                let file = self.folder.join(&path);
                let text =
                    read_named(&file).map_err(|e| e.context(format_args!("line {line}:")))?;
                let base = Base::new(url);
                Playlist::parse_named_by(playlist, &text, &base)
                    .and_then(|named| self.add(path, &named, signing, depth + 1))
                    .map_err(|e| e.context(format_args!("{},", quoted(&file.to_string_lossy()))))?;
            }
        }
        Ok(())
    }

    /// The path of a playlist, from the folder of the first.
    fn path_of(&self, url: &str) -> Result<PathBuf> {
        let folder = self.base.folder();
        let path = url.split('?').next().unwrap_or_default();
        let Some(below) = path.strip_prefix(&folder) else {
            let (url, folder) = (shown(url), quoted(&folder));
            let message = format!("{url} is not below {folder}, the folder of the first playlist");
            return Err(Error::new(message).with_hint("sign it separately, without --recursive"));
        };
        let segments = below.split('/').map(file_name);
        segments.collect::<Option<PathBuf>>().ok_or_else(|| {
            let message = format!(
                "{} does not name a file below the first playlist",
                shown(url)
            );
            Error::new(message).with_hint("each part of its path must be a file name")
        })
    }

    /// Writes all playlists below `out`; none is moved into place before all are on disk.
    pub fn write(self, out: &Path) -> Result<()> {
        let folder = if self.folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &self.folder
        };
        if is_same_folder(out, folder) {
            let out = quoted(&out.to_string_lossy());
            let message =
                format!("--out {out} is the folder of the playlists, which would be overwritten");
            return Err(Error::new(message).with_hint("use --out signed"));
        }
        let mut created = Vec::new();
        self.write_below(out, &mut created).inspect_err(|_| {
            for folder in created.iter().rev() {
                // One that is not empty now contains the work of another program.
                let _ = fs::remove_dir(folder);
            }
        })
    }

    fn write_below(&self, out: &Path, created: &mut Vec<PathBuf>) -> Result<()> {
        let mut pending = Vec::with_capacity(self.files.len());
        for (name, text) in &self.files {
            let path = out.join(name);
            create_folder(path.parent().unwrap_or(out), created)?;
            // The rename would fail too, but only after others have been moved into place.
            let written = if path.is_dir() {
                Err(io::ErrorKind::IsADirectory.into())
            } else {
                PendingFile::write(&path, text.as_bytes(), Mode::Default, true)
            };
            pending.push((written.map_err(|e| cannot_write(&path, &e))?, path));
        }
        for (file, path) in pending {
            file.commit().map_err(|e| cannot_write(&path, &e))?;
        }
        Ok(())
    }
}

/// A segment of a URL's path as a file name; `None` for one that would lead elsewhere, such as an
/// encoded `..` or `/`.
fn file_name(segment: &str) -> Option<String> {
    let name = percent::decode_strictly(segment)?;
    let components = Path::new(&name).components();
    components
        .eq([Component::Normal(name.as_ref())])
        .then_some(name)
}

fn is_same_folder(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// Creates a folder and its missing parents, and appends them to `created`.
fn create_folder(folder: &Path, created: &mut Vec<PathBuf>) -> Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    create_folder(folder.parent().unwrap_or(Path::new("")), created)?;
    fs::create_dir(folder).map_err(|e| {
        let folder = quoted(&folder.to_string_lossy());
        Error::new(format!(
            "cannot create the folder {folder}: {}",
            io_reason(&e)
        ))
    })?;
    created.push(folder.to_path_buf());
    Ok(())
}

/// Reads the playlist that the user names.
pub fn read(source: &Source) -> Result<String> {
    let mut bytes = source.read_no_key(MAX_PLAYLIST_LEN, "a playlist")?;
    Playlist::decode(std::mem::take(&mut *bytes)).map_err(|e| e.context(source))
}

/// Reads a playlist that another one names. Opening a FIFO or a device that happens to have its
/// name could block.
fn read_named(path: &Path) -> Result<String> {
    if path
        .metadata()
        .is_ok_and(|file| !file.is_file() && !file.is_dir())
    {
        let path = quoted(&path.to_string_lossy());
        return Err(Error::new(format!(
            "cannot read {path}: it is not a regular file"
        )));
    }
    read(&Source::File(path.to_path_buf()))
}
