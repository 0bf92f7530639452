//! The escaping of references in a playlist.

use std::borrow::Cow;

use quick_xml::escape::{self, EscapeError};

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

impl Notation {
    /// Escapes text for an element, for an attribute with either kind of quote, or for a string.
    pub fn escape(self, text: &str) -> Cow<'_, str> {
        let is_json_plain = |c: char| c != '"' && c != '\\' && !c.is_control();
        match self {
            Notation::Xml => escape::escape(text),
            Notation::Json if !text.chars().all(is_json_plain) => {
                let string = serde_json::Value::from(text).to_string();
                Cow::Owned(string[1..string.len() - 1].to_owned())
            }
            Notation::Plain | Notation::Json => Cow::Borrowed(text),
        }
    }
}

/// Decodes the entities of XML.
pub(super) fn unescape_xml(text: &str) -> Result<Cow<'_, str>, EscapeError> {
    escape::unescape(text)
}

/// Decodes the escapes of a JSON string, given without its quotes.
pub(super) fn unescape_json(string: &str) -> serde_json::Result<String> {
    serde_json::from_str(&format!("\"{string}\""))
}
