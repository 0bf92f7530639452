//! The files that one run of `cfsign playlist` rewrites: one, or with `--recursive` also those that
//! it names.
//!
//! A named playlist is found by its URL: what is below the folder of the first playlist there is
//! below the folder of its file here.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::input::Input;
use super::output::{Output, OutputFlags};
use super::rewriting::Rewriting;
use crate::cli::atomic_file::cannot_write;
use crate::cli::source::Source;
use crate::playlist::{Base, Kind, Playlist, Reader};
use crate::url::percent;
use crate::url::signing_parameters::shown;
use crate::{Error, Result, io_reason, quoted};

/// The deepest nesting of playlists. Master, media, interstitial and its media playlist are four.
const MAX_DEPTH: usize = 16;

/// The files of a run, none of which is in its place before all are complete.
pub struct Tree<'f> {
    /// The folder of the first playlist here, and its URL.
    folder: PathBuf,
    base: Base,
    flags: &'f OutputFlags,
    /// The paths below the folder that have been rewritten.
    seen: BTreeSet<PathBuf>,
    /// The number of playlists that are open: each but the first is named by the one before.
    depth: usize,
    outputs: Vec<Output>,
}

impl<'f> Tree<'f> {
    pub fn new(source: &Source, base: &Base, flags: &'f OutputFlags) -> Result<Self> {
        let folder = match source {
            Source::File(path) => path.parent().unwrap_or(Path::new("")),
            _ if flags.recursive => {
                return Err(Error::new(format!(
                    "--recursive needs a file, but the playlist is from {source}"
                ))
                .with_hint("cfsign playlist master.m3u8 --recursive --out DIR"));
            }
            _ => Path::new(""),
        };
        if let Some(out) = flags.out.as_ref().filter(|out| is_same_folder(out, folder)) {
            let out = quoted(&out.to_string_lossy());
            let message =
                format!("--out {out} is the folder of the playlists, which would be overwritten");
            return Err(Error::new(message).with_hint("use --out signed"));
        }
        Ok(Tree {
            folder: folder.to_path_buf(),
            base: base.clone(),
            flags,
            seen: BTreeSet::new(),
            depth: 1,
            outputs: Vec::new(),
        })
    }

    /// Rewrites a playlist, and those that it names.
    pub fn add(
        &mut self,
        name: PathBuf,
        mut input: Input,
        mut reader: Reader,
        rewriting: &mut Rewriting,
    ) -> Result<()> {
        let mut output = Output::new(match &self.flags.out {
            Some(out) => Some(out.join(&name)),
            None => self.flags.output.clone(),
        });
        self.seen.insert(name);
        loop {
            let playlist = reader.read(input.piece())?;
            output.write(&rewriting.rewrite(&playlist)?)?;
            if self.flags.recursive {
                self.add_named(&playlist, rewriting)?;
            }
            if !input.advance()? {
                break;
            }
        }
        self.outputs.push(output);
        Ok(())
    }

    fn add_named(&mut self, playlist: &Playlist<'_>, rewriting: &mut Rewriting) -> Result<()> {
        for reference in playlist.references() {
            if !matches!(reference.kind(), Kind::Playlist | Kind::RemoteElement) {
                continue;
            }
            let in_line = |e| playlist.in_line_of(reference, e);
            for url in rewriting.signing.covered_urls(reference) {
                let name = self.name_of(&url).map_err(in_line)?;
                // A playlist may be named several times, such as for groups of renditions.
                if self.seen.contains(&name) {
                    continue;
                }
                if self.depth == MAX_DEPTH {
                    let message = format!("playlists are nested more than {MAX_DEPTH} deep");
                    return Err(in_line(Error::new(message)));
                }
                let path = self.folder.join(&name);
                let input = Input::open_named(&path, rewriting.is_whole()).map_err(in_line)?;
                let reader = Reader::named_by(playlist, reference, Base::new(url));
                self.depth += 1;
                self.add(name, input, reader, rewriting)
                    .map_err(|e| e.context(format_args!("{},", quoted(&path.to_string_lossy()))))?;
                self.depth -= 1;
            }
        }
        Ok(())
    }

    /// The path of a playlist, from the folder of the first.
    fn name_of(&self, url: &str) -> Result<PathBuf> {
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

    /// Writes all playlists; none is moved into place before all are on disk.
    pub fn write(self) -> Result<()> {
        let mut created = Vec::new();
        self.write_files(&mut created).inspect_err(|_| {
            for folder in created.iter().rev() {
                // One that is not empty now contains the work of another program.
                let _ = fs::remove_dir(folder);
            }
        })
    }

    fn write_files(self, created: &mut Vec<PathBuf>) -> Result<()> {
        let mut pending = Vec::with_capacity(self.outputs.len());
        for output in self.outputs {
            let folder = output.path.as_ref().and_then(|path| path.parent());
            if let Some(folder) = folder.filter(|_| self.flags.recursive) {
                create_folder(folder, created)?;
            }
            pending.extend(output.finish()?);
        }
        for (path, file) in pending {
            file.commit().map_err(|e| cannot_write(&path, &e))?;
        }
        Ok(())
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
        let reason = io_reason(&e);
        Error::new(format!("cannot create the folder {folder}: {reason}"))
    })?;
    created.push(folder.to_path_buf());
    Ok(())
}

/// A segment of a URL's path as a file name; `None` for one that would lead elsewhere, such as an
/// encoded `..` or `/`.
fn file_name(segment: &str) -> Option<String> {
    let name = String::from_utf8(percent::decode_bytes(segment)).ok()?;
    let components = Path::new(&name).components();
    components
        .eq([Component::Normal(name.as_ref())])
        .then_some(name)
}

fn is_same_folder(out: &Path, folder: &Path) -> bool {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    match (out.canonicalize(), folder.canonicalize()) {
        (Ok(out), Ok(folder)) => out == folder,
        _ => false,
    }
}
