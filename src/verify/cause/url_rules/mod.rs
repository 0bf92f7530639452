//! The other URLs that may have been signed: a table of named rules, the likeliest first.
//!
//! Each rule undoes one thing that happens to URLs between signer and client. The search composes them.

use super::change::{Change, Variants};
use crate::url::UrlParts;
use pieces::{Piece, pieces};

mod encodings;
mod host;
mod path;
mod pieces;
mod query;
mod whole;

/// A URL split where the path begins.
struct Rest<'a> {
    /// Scheme and authority.
    start: &'a str,
    /// Path and query.
    text: &'a str,
    parts: UrlParts<'a>,
    /// The pieces of the text before its first `?`, and of those after it.
    path: Vec<Piece<'a>>,
    query: Vec<Piece<'a>>,
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

/// The alternatives of a URL up to a rank.
pub(super) fn alternatives(url: &str, limit: usize) -> Variants<'static> {
    collect(url, Variants::up_to(limit, url))
}

/// The change that an alternative stands for.
pub(super) fn change(url: &str, alternative: &str) -> Option<Change> {
    collect(url, Variants::wanting(alternative, url)).change
}

fn collect<'a>(url: &str, mut variants: Variants<'a>) -> Variants<'a> {
    let rest = Rest::of(url);
    for (weight, rule) in RULES {
        if variants.start_rule(weight) {
            rule(&rest, &mut variants);
        }
    }
    variants
}

impl<'a> Rest<'a> {
    fn of(url: &'a str) -> Self {
        let parts = UrlParts::parse(url);
        let start = match parts.scheme {
            Some(scheme) => scheme.len() + "://".len() + parts.authority.len(),
            None => 0,
        };
        let (start, text) = url.split_at(start);
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        Rest {
            start,
            text,
            parts,
            path: pieces(path),
            query: pieces(query),
        }
    }

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

    /// The URL with another query.
    fn with_query(&self, query: &str) -> String {
        [self.start, self.parts.path, "?", query].concat()
    }

    /// The URL with another query; none if there are no parameters.
    fn with_parameters(&self, parameters: &[&str]) -> String {
        if parameters.is_empty() {
            return [self.start, self.parts.path].concat();
        }
        self.with_query(&parameters.join("&"))
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
