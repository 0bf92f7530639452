//! `cfsign playlist --recursive`: a master playlist and the playlists that it names, all of them rewritten or none.
//!
//! A playlist is found by its URL: what is below the folder of the master there is below the folder of its file here.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::cli::atomic_file::{Mode, PendingFile};
use crate::playlist::{Base, Format, Playlist, Signing};
use crate::url::percent;
use crate::url::signing_parameters::shown;
use crate::{Error, Result, io_reason, quoted};

use crate::cli::atomic_file::cannot_write;
use crate::cli::source::Source;

/// The largest manifest that is read: a manifest of a million segments has a twentieth of that.
const LARGEST: u64 = 1 << 30;

/// Rewritten playlists, by their place under the folder of the master playlist.
pub struct Tree {
    folder: PathBuf,
    files: BTreeMap<PathBuf, String>,
}

impl Tree {
    /// Rewrites `master`, which was read from `file`, and every playlist that it names.
    pub fn rewrite(
        file: &Source,
        master: &Playlist<'_>,
        url: &Base,
        signing: &mut Signing<'_>,
    ) -> Result<Self> {
        let (Source::File(path), Format::Hls) = (file, master.format()) else {
            let reason = match file {
                Source::File(_) => "a DASH manifest names no other",
                _ => "the playlists that a master playlist names are looked for beside its file",
            };
            return Err(
                Error::new(format!("--recursive cannot be used here: {reason}")).with_hint(
                    "cfsign playlist master.m3u8 --recursive --out DIR, or leave out --recursive",
                ),
            );
        };
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        let name = path.file_name().map(PathBuf::from).unwrap_or_default();
        let mut tree = Tree {
            folder,
            files: BTreeMap::new(),
        };
        tree.files
            .insert(name, master.rewritten(|reference| signing.sign(reference))?);
        for reference in master
            .references()
            .iter()
            .filter(|reference| reference.names_playlist())
        {
            if let Some(url_named) = reference
                .urls()
                .next()
                .filter(|_| signing.covers(reference))
            {
                let about = |e: Error| e.context(format_args!("line {}:", reference.line()));
                let place = place(url_named, url).map_err(about)?;
                // A playlist may be named twice, for two groups of renditions.
                if !tree.files.contains_key(&place) {
                    let file = Source::File(tree.folder.join(&place));
                    let text = read(&file).map_err(about)?;
                    let rewritten = rewrite_named(&text, url_named, master, signing);
                    tree.files.insert(
                        place,
                        rewritten.map_err(|e| e.context(format_args!("{file},")))?,
                    );
                }
            }
        }
        Ok(tree)
    }

    /// Writes all playlists below `out`, each into its place once all of them are on disk.
    pub fn write(self, out: &Path) -> Result<()> {
        let same = |a: &Path, b: &Path| {
            a.canonicalize()
                .is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b))
        };
        let folder = if self.folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &self.folder
        };
        if same(out, folder) {
            return Err(Error::new(format!(
                "--out {} is where the playlists are, and they would be overwritten",
                quoted(&out.to_string_lossy())
            ))
            .with_hint("--out signed"));
        }
        let mut made = Vec::new();
        self.write_below(out, &mut made).inspect_err(|_| {
            for folder in made.iter().rev() {
                // One that holds something by now is not left behind by this run.
                let _ = fs::remove_dir(folder);
            }
        })
    }

    fn write_below(&self, out: &Path, made: &mut Vec<PathBuf>) -> Result<()> {
        let mut pending = Vec::with_capacity(self.files.len());
        for (place, text) in &self.files {
            let path = out.join(place);
            make_folder(path.parent().unwrap_or(out), made)?;
            // What would only show once the others are in their places.
            let written = match path.is_dir() {
                true => Err(io::ErrorKind::IsADirectory.into()),
                false => PendingFile::write(&path, text.as_bytes(), Mode::Default, true),
            };
            pending.push((written.map_err(|e| cannot_write(&path, &e))?, path));
        }
        pending
            .into_iter()
            .try_for_each(|(file, path)| file.commit().map_err(|e| cannot_write(&path, &e)))
    }
}

fn rewrite_named(
    text: &str,
    url: &str,
    master: &Playlist<'_>,
    signing: &mut Signing<'_>,
) -> Result<String> {
    Playlist::parse_named_by(master, text, &Base::new(url))?
        .rewritten(|reference| signing.sign(reference))
}

/// Where the file of a playlist is, from the folder of the master playlist.
fn place(url: &str, master: &Base) -> Result<PathBuf> {
    let folder = master.folder();
    let path = url.split('?').next().unwrap_or_default();
    let below = path.strip_prefix(&folder).ok_or_else(|| {
        Error::new(format!(
            "{} is not below {}, the folder of the master playlist",
            shown(url),
            quoted(&folder)
        ))
        .with_hint("sign a playlist that is elsewhere by itself, without --recursive")
    })?;
    let names = below.split('/').map(|segment| {
        // An encoded / or .. would lead out of the folder.
        let name = percent::decode_strictly(segment)?;
        let is_name = Path::new(&name)
            .components()
            .eq([Component::Normal(name.as_ref())]);
        is_name.then_some(name)
    });
    names.collect::<Option<PathBuf>>().ok_or_else(|| {
        Error::new(format!(
            "{} names no file below the master playlist",
            shown(url)
        ))
        .with_hint("each part of its path has to be a name")
    })
}

/// Makes a folder and those above it that are missing, and notes them.
fn make_folder(folder: &Path, made: &mut Vec<PathBuf>) -> Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    make_folder(folder.parent().unwrap_or(Path::new("")), made)?;
    fs::create_dir(folder).map_err(|e| {
        Error::new(format!(
            "cannot make the folder {}: {}",
            quoted(&folder.to_string_lossy()),
            io_reason(&e)
        ))
    })?;
    made.push(folder.to_path_buf());
    Ok(())
}

/// The text of a playlist.
pub fn read(file: &Source) -> Result<String> {
    let mut bytes = file.read_up_to(LARGEST, "a playlist")?;
    String::from_utf8(std::mem::take(&mut *bytes)).map_err(|_| {
        Error::new(format!("{file} is not UTF-8 text, and a playlist is"))
            .with_hint("give the file of the playlist itself: a.m3u8, or manifest.mpd")
    })
}
