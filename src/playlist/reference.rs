//! A reference of a playlist: where it is, and the URLs that clients request for it.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::base::{Base, is_http};
use super::notation::Notation;

/// A reference that clients resolve and fetch over HTTP.
#[derive(Debug, Clone)]
pub struct Reference<'a> {
    /// The text in the file, decoded, up to its fragment, which clients do not send.
    pub(super) written: Cow<'a, str>,
    /// The same with values for variables and for the identifiers of a template, if it has any.
    pub(super) filled: Option<Filled>,
    /// The bytes of the playlist that `written` was decoded from.
    pub(super) range: Range<usize>,
    pub(super) notation: Notation,
    /// The URLs that it is resolved against.
    pub(super) bases: Arc<[Base]>,
    pub(super) kind: Kind,
    pub(super) added: Option<Added>,
    /// The signature of the playlist's own URL is passed on to this reference, by variables or by
    /// the player.
    pub(super) carries_signature: bool,
    /// The index of the element that it belongs to (DASH).
    pub(super) level: usize,
}

/// A reference with values in place of variables or identifiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filled {
    /// The reference with known values, and examples of unknown ones.
    pub text: String,
    /// The reference with `*` for unknown values; `None` if all are known.
    pub pattern: Option<String>,
    /// The values come from variables, so they are not part of the text in the file.
    pub by_variables: bool,
}

/// A query parameter that players add to a URL before they request it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    /// In each request but the first.
    Always(&'static str),
    /// If a server supports it, which the playlist does not show.
    Possibly(&'static str),
}

/// The kind of file that a reference names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file without references: a segment, a key, metadata.
    Media,
    /// Another playlist, manifest or asset list, whose references need signatures too.
    Playlist,
    /// A later version of the playlist, a patch of it, or a steering document.
    Update,
    /// An element of a DASH manifest in a separate file.
    RemoteElement,
    /// A clock, usually of a third party.
    Clock,
}

/// A URL that a reference resolves to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// The requested URL; where parts of it are unknown, an example of one.
    pub url: String,
    /// The URL with `*` for the unknown parts.
    pub pattern: Option<String>,
}

impl Reference<'_> {
    /// The reference as clients read it: unescaped, variables replaced, without its fragment.
    pub fn text(&self) -> &str {
        match &self.filled {
            Some(filled) if filled.by_variables => &filled.text,
            _ => &self.written,
        }
    }

    /// The URLs that the reference resolves to. Only DASH has several: one for each `BaseURL`. A
    /// template is filled in with an example.
    pub fn urls(&self) -> impl Iterator<Item = String> {
        self.targets().map(|target| target.url)
    }

    /// The kind of file that the reference names.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) fn has_variables(&self) -> bool {
        self.filled
            .as_ref()
            .is_some_and(|filled| filled.by_variables)
    }

    pub(super) fn targets(&self) -> impl Iterator<Item = Target> {
        let (text, pattern) = match &self.filled {
            Some(filled) => (filled.text.as_str(), filled.pattern.as_deref()),
            None => (self.written.as_ref(), None),
        };
        // An absolute reference resolves to the same URL against every base.
        let bases = if Base::is_absolute(text) {
            &self.bases[..1]
        } else {
            &self.bases
        };
        let targets = bases.iter().map(move |base| Target {
            url: base.resolve(text),
            pattern: pattern.map(|pattern| base.resolve(pattern)),
        });
        targets.filter(|target| is_http(&target.url))
    }
}
