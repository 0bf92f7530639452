//! Signs the references of an HLS playlist with the signature in the query of its own URL.
//!
//! The playlist imports the signing parameters as variables (`EXT-X-DEFINE:QUERYPARAM`) and each
//! reference repeats them, so that one cached playlist serves all viewers, and a live playlist can
//! be reloaded.
//!
//! Source: draft-pantos-hls-rfc8216bis, sections 4.4.2.3 and 8.

use super::Variables;
use crate::error::{Error, Result, quoted};

/// The first version of HLS with `QUERYPARAM`.
const VERSION: u32 = 11;

const VERSION_TAG: &str = "#EXT-X-VERSION:";

/// The signing parameters of a custom policy, the only kind that covers a pattern.
const NAMES: [&str; 3] = ["Policy", "Signature", "Key-Pair-Id"];

/// Variables for the signing parameters of a playlist's own URL.
#[derive(Debug, Clone)]
pub(in crate::playlist) struct QueryVariables {
    names: Vec<&'static str>,
    parameters: String,
}

impl QueryVariables {
    /// Variables for the parameters of a custom policy, and `Hash-Algorithm` if `hash_algorithm`.
    pub fn new(hash_algorithm: bool) -> Self {
        let mut names = NAMES.to_vec();
        if hash_algorithm {
            names.push("Hash-Algorithm");
        }
        let pairs = names.iter().map(|name| format!("{name}={{${name}}}"));
        let parameters = pairs.collect::<Vec<String>>().join("&");
        QueryVariables { names, parameters }
    }

    /// The query parameters to append to a reference: `Policy={$Policy}&...`.
    pub fn parameters(&self) -> &str {
        &self.parameters
    }

    /// Appends to `output` the definitions and a playlist whose references have the parameters, with
    /// a raised version.
    ///
    /// # Errors
    /// A variable of the same name that the playlist defines otherwise.
    pub fn define(&self, playlist: &str, variables: &Variables, output: &mut String) -> Result<()> {
        let names = &self.names;
        if let Some(name) = names.iter().find(|name| variables.is_own(name)) {
            return Err(Error::new(format!(
                "the playlist already defines a variable {}",
                quoted(name)
            ))
            .with_hint("rename it in the playlist"));
        }
        let first_line = playlist.split_inclusive('\n').next().unwrap_or_default();
        let line_end = if first_line.ends_with("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        let has_version = playlist.lines().any(|line| line.starts_with(VERSION_TAG));

        output.reserve(playlist.len() + 256);
        output.push_str(first_line.trim_end());
        output.push_str(line_end);
        if !has_version {
            output.push_str(&format!("{VERSION_TAG}{VERSION}{line_end}"));
        }
        for name in names {
            if !variables.is_signing_parameter(name) {
                output.push_str(&format!("#EXT-X-DEFINE:QUERYPARAM=\"{name}\"{line_end}"));
            }
        }
        for line in playlist[first_line.len()..].split_inclusive('\n') {
            match line.strip_prefix(VERSION_TAG) {
                Some(version) => {
                    let end = version.trim_end().len();
                    let number = version[..end].parse().unwrap_or(0);
                    output.push_str(&format!("{VERSION_TAG}{}", VERSION.max(number)));
                    output.push_str(&version[end..]);
                }
                None => output.push_str(line),
            }
        }
        Ok(())
    }
}
