//! The query parameters that carry a signature: finding them in a URL, and taking them out.
//!
//! Source: Amazon CloudFront Developer Guide, "Use signed URLs". The names are case-sensitive, and CloudFront reads a
//! percent-encoded name as what it stands for.

pub use crate::redact::{redacted, shown};
use crate::url::percent;

/// The parameters, which CloudFront takes out before it looks at the URL.
pub const NAMES: [&str; 5] = [
    "Expires",
    "Policy",
    "Signature",
    "Key-Pair-Id",
    "Hash-Algorithm",
];

/// The name of a query parameter, as far as signatures are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    /// One of [`NAMES`].
    Signing(&'static str),
    /// Not one of them, but meant to be.
    Misspelt(&'static str),
    /// The application's own.
    Own,
}

impl Name {
    /// What a name, as it stands in a URL, is.
    ///
    /// `expires`, `policy` and `signature` are words that applications use for themselves, so only the names with a
    /// hyphen can be told to be misspelt.
    pub(crate) fn of(name: &str) -> Self {
        let name = percent::decode(name);
        if let Some(exact) = NAMES.into_iter().find(|exact| *exact == name) {
            return Name::Signing(exact);
        }
        let meant = NAMES
            .into_iter()
            .filter(|exact| exact.contains('-'))
            .find(|exact| letters(exact).eq(letters(&name)));
        meant.map_or(Name::Own, Name::Misspelt)
    }
}

/// The names of the query parameters of `url`, as they stand there.
pub(crate) fn query_names(url: &str) -> impl Iterator<Item = &str> {
    url.split_once('?')
        .into_iter()
        .flat_map(|(_, query)| query.split('&'))
        .map(name_of)
}

/// `url` without the signing parameters in its query; everything else stays as it is.
pub fn strip(url: &str) -> String {
    // A fragment is no part of the query. It is left for the checks of a URL to find.
    let (url, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
    let Some((base, query)) = url.split_once('?') else {
        return [url, fragment].concat();
    };
    let own: Vec<&str> = query
        .split('&')
        .filter(|part| !matches!(Name::of(name_of(part)), Name::Signing(_)))
        .collect();
    match own.as_slice() {
        [] => [base, fragment].concat(),
        own => [base, "?", &own.join("&"), fragment].concat(),
    }
}

fn name_of(part: &str) -> &str {
    part.split_once('=').map_or(part, |(name, _)| name)
}

/// What is left of a name when it is written carelessly.
fn letters(name: &str) -> impl Iterator<Item = u8> {
    name.bytes()
        .filter(|byte| !b"-_".contains(byte))
        .map(|byte| byte.to_ascii_lowercase())
}
