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
use crate::cli::source::Source;
use crate::playlist::{Base, Playlist, Reader, Signing};
use crate::url::percent;
use crate::url::signing_parameters::shown;
use crate::{Error, Result, quoted};

/// The files of a run.
struct Tree<'r> {
    /// The URL of the first playlist.
    base: &'r Base,
    flags: &'r OutputFlags,
    signing: &'r mut Signing,
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

/// Rewrites a playlist, and with `--recursive` those that it names.
pub fn rewrite(
    source: &Source,
    base: &Base,
    flags: &OutputFlags,
    signing: &mut Signing,
) -> Result<Vec<Output>> {
    let path = match source {
        Source::File(path) => path.as_path(),
        _ if flags.recursive => {
            return Err(Error::new(format!(
                "--recursive needs a file, but the playlist is from {source}"
            ))
            .with_hint("cfsign playlist master.m3u8 --recursive --out DIR"));
        }
        _ => Path::new(""),
    };
    let folder = path.parent().unwrap_or(path);
    if let Some(out) = &flags.out
        && let Ok(real) = out.canonicalize()
        && Path::new(".").join(folder).canonicalize().ok() == Some(real)
    {
        let out = quoted(&out.to_string_lossy());
        let message =
            format!("--out {out} is the folder of the playlists, which would be overwritten");
        return Err(Error::new(message).with_hint("use --out signed"));
    }
    let name = PathBuf::from(path.file_name().unwrap_or_default());
    let mut tree = Tree {
        base,
        flags,
        signing,
        seen: BTreeSet::from([name.clone()]),
        queue: VecDeque::new(),
    };
    let input = Input::open(source.clone())?;
    let mut outputs = vec![tree.rewrite_file(input, &name, Reader::new(base.clone()), "")?];
    while let Some(named) = tree.queue.pop_front() {
        let path = folder.join(&named.path);
        let input = Input::open(Source::File(path.clone())).map_err(|e| e.context(named.place))?;
        let file = format!("{},", quoted(&path.to_string_lossy()));
        let output = tree.rewrite_file(input, &named.path, named.reader, &file);
        outputs.push(output.map_err(|e| e.context(&file))?);
    }
    Ok(outputs)
}

impl Tree<'_> {
    /// Rewrites a file, which `file` names in messages.
    fn rewrite_file(
        &mut self,
        mut input: Input,
        path: &Path,
        mut reader: Reader,
        file: &str,
    ) -> Result<Output> {
        let mut output = Output::new(match &self.flags.out {
            Some(out) => Some(out.join(path)),
            None => self.flags.output.clone(),
        });
        while !input.piece.is_empty() {
            let playlist = reader.read(&input.piece)?;
            output.write(&self.signing.rewrite(&playlist)?)?;
            if self.flags.recursive {
                self.find_named(&playlist, file)?;
            }
            input.advance()?;
        }
        Ok(output)
    }

    /// Adds the files that a playlist names to the queue.
    fn find_named(&mut self, playlist: &Playlist<'_>, file: &str) -> Result<()> {
        let references = playlist.references().iter();
        for reference in references.filter(|reference| reference.has_references()) {
            for url in self.signing.covered_urls(reference) {
                let path = self.path_of(&url);
                let path = path.map_err(|e| e.context(playlist.place_of(reference)))?;
                // A playlist may be named several times, such as for groups of renditions.
                if self.seen.insert(path.clone()) {
                    let place = playlist.place_of(reference);
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
