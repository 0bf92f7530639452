//! The query parameters of a signature: finding, removing and hiding them.
//!
//! Source: Amazon CloudFront Developer Guide, "Use signed URLs". The names are case-sensitive, and
//! may be percent-encoded.

use std::fmt;

use serde::Serialize;

use crate::redact::{percent_decoded, quoted};
use crate::url::parts::UrlParts;
use crate::url::percent;

/// A query parameter that CloudFront removes from the URL before it evaluates the request.
/// `Display` gives its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum SigningParameter {
    /// The expiry of a canned policy.
    Expires,
    /// A custom policy.
    Policy,
    /// The signature over the policy.
    Signature,
    /// The ID of the public key.
    #[serde(rename = "Key-Pair-Id")]
    KeyPairId,
    /// The hash algorithm of the signature, if it is not SHA-1.
    #[serde(rename = "Hash-Algorithm")]
    HashAlgorithm,
}

impl SigningParameter {
    /// All of them.
    pub const ALL: [SigningParameter; 5] = [
        SigningParameter::Expires,
        SigningParameter::Policy,
        SigningParameter::Signature,
        SigningParameter::KeyPairId,
        SigningParameter::HashAlgorithm,
    ];

    /// The case-sensitive name.
    pub fn name(self) -> &'static str {
        match self {
            SigningParameter::Expires => "Expires",
            SigningParameter::Policy => "Policy",
            SigningParameter::Signature => "Signature",
            SigningParameter::KeyPairId => "Key-Pair-Id",
            SigningParameter::HashAlgorithm => "Hash-Algorithm",
        }
    }

    /// The parameter whose name has the same letters, regardless of case and punctuation.
    pub(crate) fn resembling(name: &str) -> Option<Self> {
        SigningParameter::ALL
            .into_iter()
            .find(|parameter| letters(parameter.name()).eq(letters(name)))
    }
}

impl fmt::Display for SigningParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The kinds of query parameter names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    /// A signing parameter.
    Signing(SigningParameter),
    /// A misspelled signing parameter.
    Misspelled(SigningParameter),
    /// The application's own.
    Own,
}

impl Name {
    /// Classifies a name, which may be percent-encoded.
    ///
    /// Applications use names such as `expires` and `policy` themselves, so only the names with a
    /// hyphen count as misspelled.
    pub(crate) fn of(name: &str) -> Self {
        let name = percent::decode(name);
        match SigningParameter::resembling(&name) {
            Some(parameter) if parameter.name() == name => Name::Signing(parameter),
            Some(parameter) if parameter.name().contains('-') => Name::Misspelled(parameter),
            _ => Name::Own,
        }
    }
}

/// The names of the query parameters of `url`, not decoded.
pub(crate) fn query_names(url: &str) -> impl Iterator<Item = &str> {
    UrlParts::parse(url).parameters().map(parameter_name)
}

/// Removes the signing parameters from the query of `url` and keeps everything else.
pub fn strip(url: &str) -> String {
    let parts = UrlParts::parse(url);
    let own: Vec<&str> = parts
        .parameters()
        .filter(|parameter| !is_signing(parameter))
        .collect();
    let query = own.join("&");
    let query = (!own.is_empty()).then_some(query.as_str());
    UrlParts { query, ..parts }.to_string()
}

/// A URL for a message: [quoted], and only up to its `?` if it contains a signature, which is a
/// credential.
pub(crate) fn shown(url: &str) -> String {
    quoted(&redacted(url))
}

/// A URL up to its query or fragment if that contains signing parameters, however they are spelled.
pub(crate) fn redacted(url: &str) -> String {
    let parts = UrlParts::parse(url);
    let is_signed = parts
        .parameters()
        .chain(
            parts
                .fragment
                .into_iter()
                .flat_map(|fragment| fragment.split(['?', '&'])),
        )
        .any(|part| SigningParameter::resembling(&percent_decoded(parameter_name(part))).is_some());
    if !is_signed {
        return url.to_owned();
    }
    let base = UrlParts {
        query: None,
        fragment: None,
        ..parts
    };
    let delimiter = if parts.query.is_some() { '?' } else { '#' };
    format!("{base}{delimiter}...")
}

/// The name of a query parameter, which may have no value.
pub(crate) fn parameter_name(parameter: &str) -> &str {
    parameter.split('=').next().unwrap_or_default()
}

/// Returns whether a query parameter is one that CloudFront removes.
pub(crate) fn is_signing(parameter: &str) -> bool {
    matches!(Name::of(parameter_name(parameter)), Name::Signing(_))
}

/// The letters and digits of a name, in lower case.
pub(crate) fn letters(name: &str) -> impl Iterator<Item = u8> {
    let letters = name.bytes().filter(u8::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase())
}
