//! Key pair IDs: the IDs of public keys in CloudFront.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result, quoted};
use crate::redact::is_showable;

/// The ID of a public key in CloudFront, such as `K2JCJMDEHXQW5F`.
///
/// Source: Amazon CloudFront Developer Guide, "Specify signers that can create signed URLs and
/// signed cookies".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPairId(String);

impl KeyPairId {
    /// The ID as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The reason why this is probably not the ID of a public key, if there is one.
    ///
    /// CloudFront assigns `K` and 12 or 13 capital letters and digits, and account key pairs have
    /// `APKA...`. Other IDs are valid here, because test suites use them.
    pub fn oddity(&self) -> Option<&'static str> {
        let id = &self.0;
        let capitals = id
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let is_usual = id.starts_with('K') && (13..=14).contains(&id.len());
        if capitals && (is_usual || self.is_account_key_pair()) {
            None
        } else if self.is_uuid() {
            Some("looks like the ID of a key group; use the ID of a public key in that group")
        } else if self.is_access_key_id() {
            Some("looks like an AWS access key ID, not the ID of a CloudFront public key")
        } else if capitals && id.starts_with('E') && (13..=14).contains(&id.len()) {
            Some("looks like the ID of a distribution; use the ID of a public key in its key group")
        } else {
            Some(
                "does not look like the ID of a CloudFront public key \
                 (K and 12 or 13 capital letters and digits)",
            )
        }
    }

    /// Returns whether this is the ID of an account's key pair, some of which have RSA keys of 1024
    /// bits.
    pub fn is_account_key_pair(&self) -> bool {
        self.0.starts_with("APKA")
    }

    /// The kind of AWS resource that has IDs of this form, if it is not a public key.
    pub(crate) fn other_kind(&self) -> Option<&'static str> {
        if self.is_uuid() {
            Some("key group")
        } else if self.is_access_key_id() {
            Some("AWS access key")
        } else {
            None
        }
    }

    fn is_uuid(&self) -> bool {
        self.0.len() == 36 && self.0.bytes().filter(|byte| *byte == b'-').count() == 4
    }

    fn is_access_key_id(&self) -> bool {
        self.0.starts_with("AKIA") || self.0.starts_with("ASIA")
    }
}

impl AsRef<str> for KeyPairId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for KeyPairId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for KeyPairId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let rest = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "-_".contains(c));
        let message = if text.is_empty() || !is_showable(text) {
            // It may be a part of a key, and would become a part of every URL.
            format!("{} is not a key pair ID", quoted(text))
        } else if let Some(bad) = rest.chars().next() {
            format!(
                "{} contains {}; a key pair ID consists of letters, digits, \"-\" and \"_\"",
                quoted(text),
                quoted(&bad.to_string())
            )
        } else {
            return Ok(KeyPairId(text.into()));
        };
        Err(Error::new(message)
            .with_hint("aws cloudfront list-public-keys shows the IDs, such as K2JCJMDEHXQW5F"))
    }
}
