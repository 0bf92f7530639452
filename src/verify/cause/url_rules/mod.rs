//! What a URL may have been when it was signed: a table of named rules, the likeliest first.
//!
//! Each rule undoes one thing that happens to URLs between signer and client. The search composes them.

use super::change::{Change, Variant, Variants};
use crate::url::UrlParts;

mod encodings;
mod host;
mod path;
mod query;
mod whole;

/// A URL split where the path begins.
pub(super) struct Rest<'a> {
    /// Scheme and authority.
    start: &'a str,
    /// Path and query.
    text: &'a str,
    parts: UrlParts<'a>,
}

type Rule = fn(&Rest<'_>, &mut Variants<'_>);

/// The rules, each with its weight: a rule with a higher weight is less likely.
const RULES: [(usize, Rule); 23] = [
    (0, query::parameters_added),
    (1, host::other_scheme),
    (1, encodings::decoded),
    (1, encodings::spaces),
    (2, encodings::encoded),
    (2, query::parameters_moved),
    (2, path::path_ends),
    (2, encodings::hexadecimal_case),
    (2, encodings::repeated_encoding),
    (2, encodings::unicode),
    (3, encodings::lost_escapes),
    (3, encodings::single_places),
    (3, host::host_spelling),
    (3, path::repeated_slashes),
    (4, path::path_prefixes),
    (4, whole::trailing_characters),
    (4, host::other_ports),
    (5, query::query_punctuation),
    (5, host::other_hosts),
    (5, whole::patterns),
    (6, path::letter_case),
    (6, whole::part_of_the_url),
    (7, query::with_fragment_characters),
];

const EXACT: &str = "sign the URL exactly as clients request it";

/// The alternatives of a URL, the likeliest first.
pub(super) fn alternatives(url: &str) -> Vec<Variant> {
    collect(url, None).found()
}

/// The change that an alternative stands for.
pub(super) fn change(url: &str, alternative: &str) -> Option<Change> {
    collect(url, Some(alternative)).change()
}

fn collect<'a>(url: &str, wanted: Option<&'a str>) -> Variants<'a> {
    let parts = UrlParts::parse(url);
    let start = match parts.scheme {
        Some(scheme) => scheme.len() + "://".len() + parts.authority.len(),
        None => 0,
    };
    let (start, text) = url.split_at(start);
    let rest = Rest { start, text, parts };
    let mut variants = Variants::of(url, wanted);
    for (weight, rule) in RULES {
        variants.start_rule(weight);
        rule(&rest, &mut variants);
    }
    variants
}

impl Rest<'_> {
    /// The URL with another path and query.
    fn with(&self, text: &str) -> String {
        [self.start, text].concat()
    }

    /// The URL with another path.
    fn with_path(&self, path: &str) -> String {
        match self.parts.query {
            Some(query) => [self.start, path, "?", query].concat(),
            None => [self.start, path].concat(),
        }
    }

    /// The URL with another query; none if there are no parameters.
    fn with_parameters(&self, parameters: &[&str]) -> String {
        if parameters.is_empty() {
            return [self.start, self.parts.path].concat();
        }
        let query = parameters.join("&");
        [self.start, self.parts.path, "?", &query].concat()
    }

    /// The URL with another host, the port kept.
    fn with_host(&self, host: &str) -> String {
        let scheme = self.parts.scheme.unwrap_or_default();
        let port = match self.parts.port() {
            Some(port) => format!(":{port}"),
            None => String::new(),
        };
        [scheme, "://", host, &port, self.text].concat()
    }
}
