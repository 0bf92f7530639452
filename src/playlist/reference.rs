//! A reference of a playlist: where it is, what it resolves to, and how it is rewritten.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use super::{asset_list, dash};
use crate::url::parts::separator;

/// A reference that clients resolve and fetch over HTTP.
#[derive(Debug, Clone)]
pub struct Reference<'a> {
    pub(super) line: usize,
    /// The text in the file, decoded, up to its fragment, which clients do not send.
    pub(super) written: Cow<'a, str>,
    /// The same with the values of its variables, if it has any.
    pub(super) substituted: Option<String>,
    /// The bytes of the playlist that `written` was decoded from.
    pub(super) range: Range<usize>,
    pub(super) notation: Notation,
    pub(super) targets: Vec<Target>,
    pub(super) kind: Kind,
    /// The signature of the playlist's own URL is passed on to this reference, by variables or by
    /// the player.
    pub(super) carries_signature: bool,
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
    /// The requested URL; for a template, an example of one.
    pub url: String,
    /// The URLs of a template, with `*` for what clients fill in.
    pub pattern: Option<String>,
}

/// The escaping of a reference in the playlist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    /// Not at all.
    Plain,
    /// As character data or an attribute of XML.
    Xml,
    /// As a JSON string.
    Json,
}

/// A change to a reference.
///
/// The parameters are a bearer credential, so `Debug` omits them.
#[derive(Clone, PartialEq, Eq)]
pub struct Rewrite {
    /// The new text of the reference, if it changes.
    pub replacement: Option<String>,
    /// The query parameters to append; many references may share them.
    pub parameters: Rc<str>,
}

impl Reference<'_> {
    /// The line of the reference, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The reference as clients read it: unescaped, variables replaced, without its fragment.
    pub fn text(&self) -> &str {
        self.substituted.as_deref().unwrap_or(&self.written)
    }

    /// The URLs that the reference resolves to. Only DASH has several: one for each `BaseURL`. A
    /// template is filled in with an example.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        self.targets.iter().map(|target| target.url.as_str())
    }

    /// The kind of file that the reference names.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Appends the rewritten reference to `output`; `playlist` is the text that it is part of.
    pub(super) fn write(&self, rewrite: &Rewrite, playlist: &str, output: &mut String) {
        let text = match &rewrite.replacement {
            Some(replacement) => {
                output.push_str(&self.notation.escape(replacement));
                replacement
            }
            None => {
                output.push_str(&playlist[self.range.clone()]);
                self.text()
            }
        };
        if !rewrite.parameters.is_empty() {
            output.push_str(&self.notation.escape(separator(text)));
            output.push_str(&self.notation.escape(&rewrite.parameters));
        }
    }
}

impl Notation {
    fn escape(self, text: &str) -> Cow<'_, str> {
        match self {
            Notation::Plain => Cow::Borrowed(text),
            Notation::Xml => dash::escape(text),
            Notation::Json => asset_list::escape(text),
        }
    }
}

impl fmt::Debug for Rewrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rewrite")
            .field("replacement", &self.replacement)
            .finish_non_exhaustive()
    }
}
