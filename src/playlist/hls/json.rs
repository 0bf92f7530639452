//! The JSON files of HLS: asset lists of interstitials, an object with an array `ASSETS`, each of
//! which has a `URI`; and steering manifests, which have a `RELOAD-URI`.
//!
//! Source: draft-pantos-hls-rfc8216bis, section 7.1 and appendix D.2.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::tags::{INTERSTITIAL, STEERING};
use crate::error::{Error, Result, printable};
use crate::playlist::base::Base;
use crate::playlist::in_line;
use crate::playlist::position::line_of;
use crate::playlist::reference::{Notation, Reference, Role};

/// A file. The URIs are kept as slices of its text, with their quotes and escapes.
#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct File<'a> {
    #[serde(borrow, default, rename = "ASSETS")]
    assets: Vec<Asset<'a>>,
    #[serde(borrow, rename = "RELOAD-URI")]
    reload: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Asset<'a> {
    #[serde(borrow, rename = "URI")]
    uri: Option<&'a RawValue>,
}

/// The references of the file in `body`, which clients get from the URL in `bases`.
pub(in crate::playlist) fn read<'a>(
    body: &'a str,
    bases: &Arc<[Base]>,
) -> Result<Vec<Reference<'a>>> {
    let file: File<'a> = serde_json::from_str(body).map_err(|e| {
        let reason = printable(&e.to_string());
        in_line(Error::new(format!("not an asset list: {reason}")), e.line())
    })?;
    let assets = file.assets.iter().filter_map(|asset| asset.uri);
    let uris = assets.map(|uri| (uri, INTERSTITIAL));
    let mut references = Vec::new();
    for (uri, role) in uris.chain(file.reload.map(|uri| (uri, STEERING))) {
        // A value that is no string is no URI.
        let string = uri.get().strip_prefix('"');
        let Some(string) = string.and_then(|string| string.strip_suffix('"')) else {
            continue;
        };
        let raw = string.split('#').next().unwrap_or_default();
        let reference = reference(raw, role, bases);
        let reference = reference.map_err(|e| in_line(e, line_of(body, raw)))?;
        if !reference.written.is_empty() && reference.is_fetched() {
            references.push(reference);
        }
    }
    Ok(references)
}

fn reference<'a>(raw: &'a str, role: Role, bases: &Arc<[Base]>) -> Result<Reference<'a>> {
    let written: String = serde_json::from_str(&format!("\"{raw}\""))
        .map_err(|e| Error::new(printable(&e.to_string())))?;
    let notation = Notation::Json;
    Ok(Reference::new(raw, written.into(), notation, bases, role))
}
