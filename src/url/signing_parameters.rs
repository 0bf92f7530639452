//! The query parameters of a signature: finding and removing them.
//!
//! Source: Amazon CloudFront Developer Guide, "Use signed URLs". The names are case-sensitive, and may be percent-encoded.

use std::fmt;

use serde::Serialize;

pub use crate::redact::{redacted, shown};
use crate::url::percent;

/// A query parameter that CloudFront removes from the URL before it evaluates the request. `Display` gives its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
    Misspelt(SigningParameter),
    /// The application's own.
    Own,
}

impl Name {
    /// Classifies a name, which may be percent-encoded.
    ///
    /// Applications use names such as `expires` and `policy` themselves, so only the names with a hyphen count as
    /// misspelled.
    pub(crate) fn of(name: &str) -> Self {
        let name = percent::decode(name);
        let exact = |parameter: &SigningParameter| parameter.name() == name;
        if let Some(parameter) = SigningParameter::ALL.into_iter().find(exact) {
            return Name::Signing(parameter);
        }
        let meant = SigningParameter::ALL
            .into_iter()
            .filter(|parameter| parameter.name().contains('-'))
            .find(|parameter| letters(parameter.name()).eq(letters(&name)));
        meant.map_or(Name::Own, Name::Misspelt)
    }
}

/// The names of the query parameters of `url`, not decoded.
pub(crate) fn query_names(url: &str) -> impl Iterator<Item = &str> {
    let query = url.split_once('?').map(|(_, query)| query);
    query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .map(name_of)
}

/// Removes the signing parameters from the query of `url` and keeps everything else.
pub fn strip(url: &str) -> String {
    // The fragment is kept, for the checks of a URL to find.
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

/// The letters of a name, in lower case.
fn letters(name: &str) -> impl Iterator<Item = u8> {
    name.bytes()
        .filter(|byte| !b"-_".contains(byte))
        .map(|byte| byte.to_ascii_lowercase())
}
