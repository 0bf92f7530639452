//! Asset lists of HLS interstitials: a JSON object with an array `ASSETS`, each of which has a
//! `URI`.
//!
//! Source: draft-pantos-hls-rfc8216bis, appendix D.2.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::at;
use super::base::{Base, is_http};
use super::reference::{Kind, Notation, Reference, Target};
use super::span::{LineCounter, Span};
use crate::error::{Result, printable};

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct AssetList<'a> {
    #[serde(borrow, default, rename = "ASSETS")]
    assets: Vec<Asset<'a>>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Asset<'a> {
    #[serde(borrow, rename = "URI")]
    uri: Option<&'a RawValue>,
}

/// The references of the asset list in `body`, which clients get from `url`.
pub(super) fn read<'a>(body: Span<'a>, url: &Base) -> Result<Vec<Reference<'a>>> {
    let list: AssetList<'a> = serde_json::from_str(body.text).map_err(|e| {
        let what = if e.is_data() {
            "not an asset list"
        } else {
            "invalid JSON"
        };
        let reason = printable(&e.to_string());
        at(e.line(), format_args!("{what}: {reason}"))
    })?;
    let mut references = Vec::new();
    let mut lines = LineCounter::new(body);
    for uri in list.assets.iter().filter_map(|asset| asset.uri) {
        let value = body.position_of(uri.get());
        let Some(string) = value.and_then(|value| value.between("\"", "\"")) else {
            continue;
        };
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
