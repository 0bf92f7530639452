//! The JSON files of HLS: asset lists of interstitials, an object with an array `ASSETS`, each of
//! which has a `URI`; and steering manifests, which have a `RELOAD-URI`.
//!
//! Source: draft-pantos-hls-rfc8216bis, section 7.1 and appendix D.2.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::at;
use super::base::Base;
use super::notation::{Notation, unescape_json};
use super::reference::{Added, Kind, Reference};
use super::span::Span;
use crate::error::{Result, printable};

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct File {
    #[serde(default, rename = "ASSETS")]
    _assets: Vec<IgnoredAny>,
}

/// The references of the file in `body`, which clients get from the URL in `bases`.
pub(super) fn read<'a>(body: Span<'a>, bases: &Arc<[Base]>) -> Result<Vec<Reference<'a>>> {
    serde_json::from_str::<File>(body.text).map_err(|e| {
        let what = if e.is_data() {
            "not an asset list"
        } else {
            "invalid JSON"
        };
        let reason = printable(&e.to_string());
        at(e.line(), format_args!("{what}: {reason}"))
    })?;
    let mut references = Vec::new();
    for (string, kind, added) in strings(body) {
        let uri = string.before('#');
        let written = unescape_json(uri.text)
            .map_err(|e| at(body.line_of(string.start), printable(&e.to_string())))?;
        if written.contains('#') {
            return Err(at(body.line_of(string.start), "a # in a URI is escaped")
                .with_hint("write # in place of \\u0023"));
        }
        let reference = Reference {
            written: written.into(),
            filled: None,
            range: uri.range(),
            notation: Notation::Json,
            bases: Arc::clone(bases),
            kind,
            added: Some(Added::Always(added)),
            carries_signature: false,
            level: 0,
        };
        if !reference.written.is_empty() && reference.targets().next().is_some() {
            references.push(reference);
        }
    }
    Ok(references)
}

/// The strings of valid JSON that are URIs, each with its kind and the parameter that players add.
fn strings(body: Span<'_>) -> Vec<(Span<'_>, Kind, &'static str)> {
    let mut found = Vec::new();
    // The key that is being read in each open object; `None` for arrays.
    let mut path: Vec<Option<&str>> = Vec::new();
    let mut rest = body;
    while let Some(next) = rest.text.find(['{', '}', '[', ']', '"']) {
        let delimiter = rest.text.as_bytes()[next];
        rest = rest.skip(next + 1);
        match delimiter {
            b'{' | b'[' => path.push(None),
            b'"' => {
                let string = rest.up_to(string_len(rest.text));
                rest = rest.skip(string.text.len() + 1);
                if rest.text.trim_start().starts_with(':') {
                    if let Some(key) = path.last_mut() {
                        *key = Some(string.text);
                    }
                    continue;
                }
                match path.as_slice() {
                    [Some("ASSETS"), None, Some("URI")] => {
                        found.push((string, Kind::Playlist, "_HLS_primary_id"));
                    }
                    [Some("RELOAD-URI")] => found.push((string, Kind::Update, "_HLS_pathway")),
                    _ => {}
                }
            }
            _ => drop(path.pop()),
        }
    }
    found
}

/// The length of the string that `text` begins with, up to its closing quote.
fn string_len(text: &str) -> usize {
    let mut is_escaped = false;
    let end = text.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    });
    end.unwrap_or(text.len())
}
