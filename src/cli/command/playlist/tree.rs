//! The files that one run of `cfsign playlist` rewrites: one, or with `--recursive` also those that
//! it names.
//!
//! A named playlist is found by its URL: what is below the folder of the first playlist there is
//! below the folder of its file here.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::input::Input;
use super::output::{Folders, Output, OutputFlags};
use super::rewriting::Rewriting;
use crate::cli::source::Source;
use crate::playlist::{Base, Kind, Playlist, Reader};
use crate::url::percent;
use crate::url::signing_parameters::shown;
use crate::{Error, Result, quoted};

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
    // Before the folders, so that these are empty when they are removed.
    outputs: Vec<Output>,
    folders: Folders,
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
            folders: Folders::default(),
        })
    }

    /// Rewrites a playlist, and those that it names.
    pub fn add(
        &mut self,
        name: PathBuf,
        mut input: Input,
        mut reader: Reader,
        mut output: Output,
        rewriting: &mut Rewriting,
    ) -> Result<()> {
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
            let in_line = |e: Error| e.context(format_args!("line {}:", reference.line()));
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
                let output = self.output(&name)?;
                self.depth += 1;
                self.add(name, input, reader, output, rewriting)
                    .map_err(|e| e.context(format_args!("{},", quoted(&path.to_string_lossy()))))?;
                self.depth -= 1;
            }
        }
        Ok(())
    }

    /// The output for a playlist of this name.
    pub fn output(&mut self, name: &Path) -> Result<Output> {
        let Some(out) = &self.flags.out else {
            return Output::create(self.flags.output.clone());
        };
        let path = out.join(name);
        self.folders.create(path.parent().unwrap_or(out))?;
        Output::create(Some(path))
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

    /// Puts all files in their places.
    pub fn commit(mut self) -> Result<()> {
        for output in std::mem::take(&mut self.outputs) {
            output.commit()?;
        }
        self.folders.keep();
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
