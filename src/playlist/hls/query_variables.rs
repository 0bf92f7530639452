//! Variables with which an HLS playlist takes its signature from the query of its own URL.
//!
//! The playlist imports the signing parameters as variables (`EXT-X-DEFINE:QUERYPARAM`) and each
//! reference repeats them, so that one cached playlist serves all viewers, and a live playlist can
//! be reloaded.
//!
//! Source: draft-pantos-hls-rfc8216bis, sections 4.4.2.3 and 8.

use super::variables::{Variable, Variables};
use crate::error::{Error, Result, quoted};
use crate::playlist::reference::Edit;

/// The first version of HLS with `QUERYPARAM`.
const VERSION: u32 = 11;

/// At the beginning of a line; the first line of a playlist is another tag.
const VERSION_TAG: &str = "\n#EXT-X-VERSION:";

/// The signing parameters of a custom policy, the only kind that covers a pattern. The last is only
/// in signatures that are not SHA-1.
const NAMES: [&str; 4] = ["Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"];

/// The names of the variables; with `hash_algorithm`, one of them is `Hash-Algorithm`.
pub(in crate::playlist) fn names(hash_algorithm: bool) -> &'static [&'static str] {
    if hash_algorithm { &NAMES } else { &NAMES[..3] }
}

/// The query that takes its values from variables: `Policy={$Policy}&...`.
pub(in crate::playlist) fn query(names: &[&str]) -> String {
    let pairs = names.iter().map(|name| format!("{name}={{${name}}}"));
    pairs.collect::<Vec<String>>().join("&")
}

/// The changes that define the variables at the beginning of a playlist which defines `present`,
/// and raise its version. The playlist may be longer than this piece of it.
///
/// # Errors
/// A variable of the same name that the playlist defines otherwise.
pub(in crate::playlist) fn definitions<'a>(
    piece: &'a str,
    present: &Variables,
    names: &[&str],
) -> Result<Vec<Edit<'a>>> {
    let first_line = piece.split_inclusive('\n').next().unwrap_or_default();
    let line_end = if first_line.ends_with("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let is_header = first_line.contains("#EXTM3U");
    let start = if is_header { first_line.len() } else { 0 };
    let mut added = String::new();
    let mut edits = Vec::new();
    if !piece.contains(VERSION_TAG) {
        added += &format!("{}{VERSION}{line_end}", VERSION_TAG.trim_start());
    }
    for after_tag in piece.split(VERSION_TAG).skip(1) {
        let line = after_tag.split('\n').next().unwrap_or_default();
        let replaced = line.trim_end();
        if replaced.parse().unwrap_or(0) < VERSION {
            let text = VERSION.to_string();
            edits.push(Edit { replaced, text });
        }
    }
    for name in names {
        match present.0.get(*name) {
            None => added += &format!("#EXT-X-DEFINE:QUERYPARAM=\"{name}\"{line_end}"),
            Some(Variable::Signing) => {}
            Some(_) => {
                let name = quoted(name);
                let message = format!("the playlist already defines a variable {name}");
                return Err(Error::new(message).with_hint("rename it in the playlist"));
            }
        }
    }
    edits.push(Edit {
        replaced: &piece[start..start],
        text: added,
    });
    Ok(edits)
}
