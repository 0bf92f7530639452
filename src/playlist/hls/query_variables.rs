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

const VERSION_TAG: &str = "#EXT-X-VERSION:";

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
/// and raise its version.
///
/// # Errors
/// A variable of the same name that the playlist defines otherwise.
pub(in crate::playlist) fn definitions(
    playlist: &str,
    present: &Variables,
    names: &[&str],
) -> Result<Vec<Edit>> {
    let first_line = playlist.split_inclusive('\n').next().unwrap_or_default();
    let line_end = if first_line.ends_with("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let mut edits = Vec::new();
    let mut added = String::new();
    match playlist.split_once(&format!("\n{VERSION_TAG}")) {
        Some((before, after)) => {
            let number = after.lines().next().unwrap_or_default().trim_end();
            if number.parse().unwrap_or(0) < VERSION {
                let start = before.len() + "\n".len() + VERSION_TAG.len();
                let (range, text) = (start..start + number.len(), VERSION.to_string());
                edits.push(Edit { range, text });
            }
        }
        None => added += &format!("{VERSION_TAG}{VERSION}{line_end}"),
    }
    for name in names {
        match present.get(name) {
            None => added += &format!("#EXT-X-DEFINE:QUERYPARAM=\"{name}\"{line_end}"),
            Some(Variable::Signing) => {}
            Some(_) => {
                let name = quoted(name);
                let message = format!("the playlist already defines a variable {name}");
                return Err(Error::new(message).with_hint("rename it in the playlist"));
            }
        }
    }
    let (range, text) = (first_line.len()..first_line.len(), added);
    edits.push(Edit { range, text });
    Ok(edits)
}
