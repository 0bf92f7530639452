//! The JSON files of HLS: asset lists of interstitials, an object with an array `ASSETS`, each of
//! which has a `URI`; and steering manifests, which have a `RELOAD-URI`.
//!
//! Source: draft-pantos-hls-rfc8216bis, section 7.1 and appendix D.2.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::base::Base;
use super::in_line;
use super::reference::{Added, Kind, Notation, Reference, Role};
use super::span::Span;
use crate::error::{Error, Result, printable};
use crate::policy::json::tokens;

const ASSET: Role = Role::new(Kind::Playlist, Added::Always("_HLS_primary_id"));

const STEERING: Role = Role::new(Kind::Update, Added::Always("_HLS_pathway"));

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct File {
    #[serde(default, rename = "ASSETS")]
    _assets: Vec<IgnoredAny>,
}

/// The references of the file in `body`, which clients get from the URL in `bases`.
pub(super) fn read<'a>(body: Span<'a>, bases: &Arc<[Base]>) -> Result<Vec<Reference<'a>>> {
    serde_json::from_str::<File>(body.text).map_err(|e| {
        let reason = printable(&e.to_string());
        in_line(Error::new(format!("not an asset list: {reason}")), e.line())
    })?;
    let mut references = Vec::new();
    for (string, role) in uris(body) {
        let reference = reference(string.before(&['#']), role, bases);
        let reference = reference.map_err(|e| in_line(e, body.line_of(string.start)))?;
        if !reference.written.is_empty() && reference.is_fetched() {
            references.push(reference);
        }
    }
    Ok(references)
}

fn reference<'a>(uri: Span<'a>, role: Role, bases: &Arc<[Base]>) -> Result<Reference<'a>> {
    let written: String = serde_json::from_str(&format!("\"{}\"", uri.text))
        .map_err(|e| Error::new(printable(&e.to_string())))?;
    if written.contains('#') {
        return Err(Error::new("a # in a URI is escaped").with_hint("write # in place of \\u0023"));
    }
    let (range, notation) = (uri.range(), Notation::Json);
    Ok(Reference::new(written.into(), range, notation, bases, role))
}

/// The strings of valid JSON that are URIs, without their quotes.
fn uris(body: Span<'_>) -> Vec<(Span<'_>, Role)> {
    let mut found = Vec::new();
    // The key that is being read in each open object; `None` for arrays.
    let mut path: Vec<Option<&str>> = Vec::new();
    let mut string = None;
    let mut start = body.start;
    for token in tokens(body.text) {
        let span = Span::new(token, start);
        start += token.len();
        match token {
            "{" | "[" => path.push(None),
            ":" => {
                let key = string.take().map(|key: Span<'_>| key.text);
                path.pop();
                path.push(key);
            }
            "," | "}" | "]" => {
                let role = match path.as_slice() {
                    [Some("ASSETS"), None, Some("URI")] => Some(ASSET),
                    [Some("RELOAD-URI")] => Some(STEERING),
                    _ => None,
                };
                found.extend(string.take().zip(role));
                if token != "," {
                    path.pop();
                }
            }
            // White space, numbers and words change nothing.
            _ => string = span.between("\"", "\"").or(string),
        }
    }
    found
}
