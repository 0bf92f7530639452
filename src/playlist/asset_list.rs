//! Asset lists of HLS interstitials: a JSON object with an array `ASSETS`, each of which has a `URI`.
//!
//! Source: draft-pantos-hls-rfc8216bis, appendix D.2.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::at;
use super::base::{Base, is_http};
use super::reference::{Kind, Notation, Reference, Target};
use super::span::{LineCounter, Span};
use crate::error::{Result, printable};

/// The references of the asset list in `body`, which clients get from `url`.
pub(super) fn read<'a>(body: Span<'a>, url: &Base) -> Result<Vec<Reference<'a>>> {
    if let Err(e) = serde_json::from_str::<IgnoredAny>(body.text) {
        let message = format_args!("invalid JSON: {}", printable(&e.to_string()));
        return Err(at(e.line(), message));
    }
    let mut references = Vec::new();
    let mut lines = LineCounter::new(body);
    for string in Uris::new(body) {
        let line = lines.line_of(string.start);
        let uri = string.before('#');
        let written = unescape(uri.text).map_err(|e| at(line, printable(&e.to_string())))?;
        if written.contains('#') {
            return Err(
                at(line, "a # in a URI is escaped").with_hint("write # in place of \\u0023")
            );
        }
        let target = Target {
            url: url.resolve(&written),
            pattern: None,
        };
        if !written.is_empty() && is_http(&target.url) {
            references.push(Reference {
                line,
                written: written.into(),
                substituted: None,
                range: uri.range(),
                notation: Notation::Json,
                targets: vec![target],
                kind: Kind::Playlist,
                carries_signature: false,
            });
        }
    }
    Ok(references)
}

fn unescape(string: &str) -> serde_json::Result<String> {
    serde_json::from_str(&format!("\"{string}\""))
}

/// `text` inside a JSON string.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c != '"' && c != '\\' && !c.is_control();
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let string = serde_json::Value::from(text).to_string();
    Cow::Owned(string[1..string.len() - 1].to_owned())
}

/// Iterates over the strings at `ASSETS[].URI` of well-formed JSON, without their quotes.
struct Uris<'a> {
    rest: Span<'a>,
    /// The last key in each open object; an array has an empty one.
    keys: Vec<&'a str>,
}

impl<'a> Uris<'a> {
    fn new(body: Span<'a>) -> Self {
        Uris {
            rest: body,
            keys: Vec::new(),
        }
    }
}

impl<'a> Iterator for Uris<'a> {
    type Item = Span<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(token) = self.rest.text.find(['{', '}', '[', ']', '"']) {
            let byte = self.rest.text.as_bytes()[token];
            self.rest = self.rest.skip(token + 1);
            match byte {
                b'{' | b'[' => self.keys.push(""),
                b'}' | b']' => drop(self.keys.pop()),
                _ => {
                    let string = self.rest.up_to(string_len(self.rest.text));
                    self.rest = self.rest.skip(string.text.len() + 1);
                    let is_key = self.rest.text.trim_start().starts_with(':');
                    if !is_key && self.keys == ["ASSETS", "", "URI"] {
                        return Some(string);
                    }
                    if let (true, Some(key)) = (is_key, self.keys.last_mut()) {
                        *key = string.text;
                    }
                }
            }
        }
        None
    }
}

/// The length of a string, from behind its opening quote to its closing one.
fn string_len(text: &str) -> usize {
    let mut is_escaped = false;
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return index,
            _ => {}
        }
    }
    text.len()
}
