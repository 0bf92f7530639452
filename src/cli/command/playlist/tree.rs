//! The files that one run of `cfsign playlist` rewrites: one, or with `--recursive` also those that
//! it names.
//!
//! A named playlist is found by its URL: what is below the folder of the first playlist there is
//! below the folder of its file here.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Component, Path, PathBuf};

use super::OutputFlags;
use super::input::Input;
use super::output::Output;
use super::rewriting::Rewriting;
use crate::cli::source::Source;
use crate::playlist::{Base, Kind, Playlist, Reader};
use crate::url::percent;
use crate::url::signing_parameters::shown;
use crate::{Error, Result, quoted};

/// The files of a run.
pub struct Tree<'f> {
    /// The folder of the first playlist here, and its URL.
    folder: PathBuf,
    base: Base,
    flags: &'f OutputFlags,
    /// The paths below the folder that have been found.
    seen: BTreeSet<PathBuf>,
    /// The files that have been found and not rewritten.
    queue: VecDeque<Named>,
}

/// A file that a playlist names.
struct Named {
    /// Its path below the folder.
    path: PathBuf,
    reader: Reader,
    /// The file and line that name it.
    place: String,
}

impl<'f> Tree<'f> {
    pub fn new(source: &Source, base: Base, flags: &'f OutputFlags) -> Result<Self> {
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
        if let Some(out) = &flags.out
            && let Ok(real) = out.canonicalize()
            && Path::new(".").join(folder).canonicalize().ok() == Some(real)
        {
            let out = quoted(&out.to_string_lossy());
            let message =
                format!("--out {out} is the folder of the playlists, which would be overwritten");
            return Err(Error::new(message).with_hint("use --out signed"));
        }
        Ok(Tree {
            folder: folder.to_path_buf(),
            base,
            flags,
            seen: BTreeSet::new(),
            queue: VecDeque::new(),
        })
    }

    /// Rewrites a playlist, and those that it names.
    pub fn rewrite(mut self, source: Source, rewriting: &mut Rewriting) -> Result<Vec<Output>> {
        let name = match &source {
            Source::File(path) => path.file_name().unwrap_or_default().into(),
            _ => PathBuf::new(),
        };
        self.seen.insert(name.clone());
        let input = Input::open(source)?;
        let reader = Reader::new(self.base.clone());
        let mut outputs = vec![self.rewrite_file(input, &name, reader, "", rewriting)?];
        while let Some(Named {
            path,
            reader,
            place,
        }) = self.queue.pop_front()
        {
            let here = self.folder.join(&path);
            let input = Input::open_named(&here).map_err(|e| e.context(place))?;
            let file = format!("{},", quoted(&here.to_string_lossy()));
            let output = self.rewrite_file(input, &path, reader, &file, rewriting);
            outputs.push(output.map_err(|e| e.context(&file))?);
        }
        Ok(outputs)
    }

    fn rewrite_file(
        &mut self,
        mut input: Input,
        path: &Path,
        mut reader: Reader,
        file: &str,
        rewriting: &mut Rewriting,
    ) -> Result<Output> {
        let mut output = Output::new(match &self.flags.out {
            Some(out) => Some(out.join(path)),
            None => self.flags.output.clone(),
        });
        while !input.piece.is_empty() {
            let playlist = reader.read(&input.piece)?;
            output.write(&rewriting.rewrite(&playlist)?)?;
            if self.flags.recursive {
                self.find_named(&playlist, file, rewriting)?;
            }
            input.advance()?;
        }
        Ok(output)
    }

    /// Adds the files that a playlist names to the queue.
    fn find_named(
        &mut self,
        playlist: &Playlist<'_>,
        file: &str,
        rewriting: &Rewriting,
    ) -> Result<()> {
        for reference in playlist.references() {
            if !matches!(reference.kind(), Kind::Playlist | Kind::RemoteElement) {
                continue;
            }
            let place = playlist.place_of(reference);
            for url in rewriting.signing.covered_urls(reference) {
                let path = self.path_of(&url).map_err(|e| e.context(&place))?;
                // A playlist may be named several times, such as for groups of renditions.
                if self.seen.insert(path.clone()) {
                    self.queue.push_back(Named {
                        path,
                        reader: Reader::named_by(playlist, reference, Base::new(url)),
                        place: format!("{file} {place}").trim_start().to_owned(),
                    });
                }
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
            let url = shown(url);
            Error::new(format!(
                "{url} does not name a file below the first playlist"
            ))
            .with_hint("each part of its path must be a file name")
        })
    }
}

/// A segment of a URL's path as a file name; `None` for one that would lead elsewhere, such as an
/// encoded `..` or `/`.
fn file_name(segment: &str) -> Option<String> {
    let name = String::from_utf8(percent::decode_bytes(segment)).ok()?;
    let components = Path::new(&name).components();
    let is_name = components.eq([Component::Normal(name.as_ref())]);
    is_name.then_some(name)
}
