//! A reference of a playlist: where it is, and the URLs that clients request for it.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use quick_xml::escape;

use super::base::{Base, is_http};
use super::position::range_of;
use crate::url::parts::separator;

/// A reference that clients resolve and fetch over HTTP.
#[derive(Debug, Clone)]
pub struct Reference<'a> {
    /// The text in the file, up to its fragment, which clients do not send.
    pub(super) raw: &'a str,
    /// The same, decoded.
    pub(super) written: Cow<'a, str>,
    /// The same with values for variables and for the identifiers of a template, if it has any.
    pub(super) filled: Option<Filled>,
    pub(super) notation: Notation,
    /// The URLs that it is resolved against.
    pub(super) bases: Arc<[Base]>,
    pub(super) role: Role,
    /// The signature of the playlist's own URL is passed on to this reference, by variables or by
    /// the player.
    pub(super) carries_signature: bool,
    /// The indices of the adaptation sets that request it (DASH).
    pub(super) sets: Range<usize>,
}

/// A reference with values in place of variables or identifiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filled {
    /// The reference with known values, and examples of unknown ones.
    pub text: String,
    /// The reference with `*` for unknown values; `None` if all are known.
    pub pattern: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Role {
    pub kind: Kind,
    pub added: Added,
}

/// The query parameter that players add to a URL before they request it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    Nothing,
    /// In each request but the first.
    Always(&'static str),
    /// If a server supports it, which the playlist does not show.
    Possibly,
}

/// The kind of file that a reference names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A file without references: a segment, a key, metadata.
    Media,
    /// Another playlist, manifest or asset list.
    Playlist,
    /// A later version of the playlist, a patch of it, or a steering document.
    Update,
    /// An element of a DASH manifest in a separate file.
    RemoteElement,
    /// A clock, usually of a third party.
    Clock,
}

/// The escaping of a reference in the playlist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    Plain,
    /// As character data or an attribute of XML.
    Xml,
    Json,
}

/// A URL that a reference resolves to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// The requested URL; where parts of it are unknown, an example of one.
    pub url: String,
    /// The URL with `*` for the unknown parts.
    pub pattern: Option<String>,
}

/// A change of a playlist: a text in place of a slice of it, which may be empty.
#[derive(Debug, Clone)]
pub(super) struct Edit<'a> {
    pub replaced: &'a str,
    pub text: String,
}

impl Role {
    pub const MEDIA: Role = Role::new(Kind::Media, Added::Nothing);

    pub const fn new(kind: Kind, added: Added) -> Self {
        Role { kind, added }
    }
}

impl Notation {
    /// Escapes text for an element, for an attribute with either kind of quote, or for a string.
    fn escape(self, text: &str) -> Cow<'_, str> {
        match self {
            Notation::Plain => Cow::Borrowed(text),
            Notation::Xml => escape::escape(text),
            Notation::Json => {
                let string = serde_json::Value::from(text).to_string();
                Cow::Owned(string[1..string.len() - 1].to_owned())
            }
        }
    }
}

impl<'a> Reference<'a> {
    pub(super) fn new(
        raw: &'a str,
        written: Cow<'a, str>,
        notation: Notation,
        bases: &Arc<[Base]>,
        role: Role,
    ) -> Self {
        Reference {
            raw,
            written,
            filled: None,
            notation,
            bases: Arc::clone(bases),
            role,
            carries_signature: false,
            sets: 0..0,
        }
    }

    /// The reference as clients read it: unescaped, variables replaced, without its fragment.
    pub fn text(&self) -> &str {
        match &self.filled {
            Some(filled) if self.has_variables() => &filled.text,
            _ => &self.written,
        }
    }

    /// Returns whether it names a file with references of its own, which need signatures too.
    pub fn has_references(&self) -> bool {
        matches!(self.kind(), Kind::Playlist | Kind::RemoteElement)
    }

    pub(super) fn kind(&self) -> Kind {
        self.role.kind
    }

    /// Returns whether parts of it are values of variables (HLS), not of identifiers (DASH).
    pub(super) fn has_variables(&self) -> bool {
        self.filled.is_some() && self.notation == Notation::Plain
    }

    pub(super) fn is_fetched(&self) -> bool {
        self.targets().next().is_some()
    }

    /// The URLs that the reference resolves to. Only DASH has several: one for each `BaseURL`.
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

    /// The change that appends `query` to the reference, or to the `replacement` of its text.
    pub(super) fn with_query(&self, replacement: Option<&str>, query: &str) -> Edit<'a> {
        let mut replaced = &self.raw[self.raw.len()..];
        let mut text = String::new();
        if let Some(replacement) = replacement {
            replaced = self.raw;
            text += &self.notation.escape(replacement);
        }
        if !query.is_empty() {
            text += &self
                .notation
                .escape(separator(replacement.unwrap_or(self.text())));
            text += &self.notation.escape(query);
        }
        Edit { replaced, text }
    }
}

/// A text with changes that do not overlap.
pub(super) fn edited(text: &str, mut edits: Vec<Edit<'_>>) -> String {
    edits.sort_by_key(|edit| edit.replaced.as_ptr());
    let inserted: usize = edits.iter().map(|edit| edit.text.len()).sum();
    let mut output = String::with_capacity(text.len() + inserted);
    let mut done = 0;
    for edit in edits {
        let replaced = range_of(text, edit.replaced);
        output += &text[done..replaced.start];
        output += &edit.text;
        done = replaced.end;
    }
    output += &text[done..];
    output
}
