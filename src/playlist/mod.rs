//! Playlists: the references of an HLS playlist or a DASH manifest, and the playlist with signatures on them.
//!
//! A player asks for every file that a playlist names, and behind a signature each of these requests needs one of its own.
//! So the query that carries it is put behind each reference, and everything else in the file stays byte for byte: a
//! playlist is never written anew from a model of it.
//!
//! Clients resolve references against the URL of the playlist (RFC 3986, section 5). That is done here too, but only to
//! know what a reference will ask for; in the file it stays relative or absolute, as it was.
//!
//! Left alone are references that are not fetched over http (`data:`, `skd:`, `urn:`), and servers that are none of the
//! distribution's files: licence servers and clocks.
//!
//! Source: RFC 8216 and its successor draft-pantos-hls-rfc8216bis (HLS); ISO/IEC 23009-1 (DASH).

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use crate::error::{Error, Result};
use crate::url::unsigned::separator;

pub use base::Base;
pub use signing::{Coverage, Preparation, Signing};

mod base;
mod dash;
mod hls;
mod signing;

/// A playlist or manifest, and where its references stand.
#[derive(Debug)]
pub struct Playlist<'a> {
    text: &'a str,
    format: Format,
    references: Vec<Reference<'a>>,
    variables: Variables,
}

/// What a playlist is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// HTTP Live Streaming, a master (multivariant) or a media playlist.
    Hls,
    /// Dynamic Adaptive Streaming over HTTP.
    Dash,
}

/// The variables of an HLS playlist (`EXT-X-DEFINE`), by name.
type Variables = HashMap<String, String>;

/// A reference that clients resolve and fetch over http.
#[derive(Debug, Clone)]
pub struct Reference<'a> {
    line: usize,
    /// Without entities, up to its fragment, which clients keep to themselves.
    written: Cow<'a, str>,
    /// With the values of its variables, if it has any.
    substituted: Option<String>,
    /// Where it stands in the playlist.
    place: Range<usize>,
    notation: Notation,
    targets: Vec<Target>,
    names_playlist: bool,
}

/// What a reference resolves to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    /// The URL that is asked for; for a template, one of them.
    url: String,
    /// The URLs of a template, with `*` for what clients fill in.
    pattern: Option<String>,
}

/// How a reference is written in the playlist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notation {
    /// As it is.
    Plain,
    /// With the entities of XML.
    Xml,
}

/// What becomes of a reference.
///
/// The parameters are a bearer credential, so `Debug` leaves them out.
#[derive(Clone, PartialEq, Eq)]
pub struct Signature {
    /// What stands in the place of the reference itself, where it does not stay as it is.
    pub replacement: Option<String>,
    /// The query parameters that go behind it, which many references may share.
    pub parameters: Rc<str>,
}

impl<'a> Playlist<'a> {
    /// Finds the references of a playlist that clients get from `url`.
    ///
    /// # Errors
    /// Text that is neither an HLS playlist nor a DASH manifest, and what clients could not read in it; messages begin
    /// with the number of the line.
    pub fn parse(text: &'a str, url: &Base) -> Result<Self> {
        Self::parse_with(text, url, &Variables::new())
    }

    /// Finds the references of a playlist that another one names, and that may import its variables.
    ///
    /// # Errors
    /// Those of [`Playlist::parse`].
    pub fn parse_named_by(master: &Playlist<'_>, text: &'a str, url: &Base) -> Result<Self> {
        Self::parse_with(text, url, &master.variables)
    }

    fn parse_with(text: &'a str, url: &Base, importable: &Variables) -> Result<Self> {
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (format, (references, variables)) = match body.trim_start() {
            _ if body.starts_with("#EXTM3U") => {
                (Format::Hls, hls::references(text, body, url, importable)?)
            }
            xml if xml.starts_with('<') => (
                Format::Dash,
                (dash::references(text, body, url)?, Variables::new()),
            ),
            _ => {
                return Err(at(
                    1,
                    "neither an HLS playlist, which begins with #EXTM3U, nor a DASH manifest, which is XML",
                )
                .with_hint("give the file of the playlist itself: a.m3u8, or manifest.mpd"));
            }
        };
        Ok(Playlist {
            text,
            format,
            references,
            variables,
        })
    }

    /// What the playlist is written in.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The references, in the order of the file.
    pub fn references(&self) -> &[Reference<'a>] {
        &self.references
    }

    /// The playlist with the signature that `sign` gives for each reference; one for which it gives none stays as it is.
    ///
    /// # Errors
    /// Those of `sign`.
    pub fn rewritten(
        &self,
        mut sign: impl FnMut(&Reference<'a>) -> Result<Option<Signature>>,
    ) -> Result<String> {
        let mut written = String::with_capacity(self.text.len());
        let mut rest = 0;
        for reference in &self.references {
            if let Some(signature) = sign(reference)? {
                if rest == 0 {
                    // The rest will hardly be longer or shorter, and it is far more than the playlist itself.
                    written.reserve(self.references.len() * (signature.parameters.len() + 1));
                }
                written.push_str(&self.text[rest..reference.place.start]);
                reference.write(&signature, self.text, &mut written);
                rest = reference.place.end;
            }
        }
        written.push_str(&self.text[rest..]);
        Ok(written)
    }
}

impl Reference<'_> {
    /// The line on which the reference stands, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The reference as clients read it: entities and variables replaced, without its fragment.
    pub fn text(&self) -> &str {
        self.substituted.as_deref().unwrap_or(&self.written)
    }

    /// The URLs that the reference resolves to; several only in DASH, where each `BaseURL` gives one. A template is
    /// filled in with an example.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        self.targets.iter().map(|target| target.url.as_str())
    }

    /// Whether an HLS master playlist names another playlist here.
    pub fn names_playlist(&self) -> bool {
        self.names_playlist
    }

    fn write(&self, signature: &Signature, playlist: &str, written: &mut String) {
        let (replacement, parameters) = (signature.replacement.as_deref(), &*signature.parameters);
        let separator = separator(replacement.unwrap_or(self.text()));
        let escaped = |part| match self.notation {
            Notation::Xml => dash::escaped(part),
            Notation::Plain => Cow::Borrowed(part),
        };
        match replacement {
            Some(replacement) => written.push_str(&escaped(replacement)),
            None => written.push_str(&playlist[self.place.clone()]),
        }
        written.push_str(&escaped(separator));
        written.push_str(&escaped(parameters));
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signature")
            .field("replacement", &self.replacement)
            .finish_non_exhaustive()
    }
}

/// An error about a line of the playlist.
fn at(line: usize, message: impl fmt::Display) -> Error {
    Error::new(format!("line {line}: {message}"))
}

/// Where `part`, which is a part of `whole`, stands in it.
fn place(part: &str, whole: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}
