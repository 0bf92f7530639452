//! The hash algorithms of CloudFront signatures.

use std::fmt;
use std::str::FromStr;

use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result, quoted};

/// The hash algorithm of a signature.
///
/// CloudFront assumes SHA-1 for a request without `Hash-Algorithm`, so SHA-256 (accepted since
/// April 2026) needs the parameter `Hash-Algorithm=SHA256`, and SHA-1 none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HashAlgorithm {
    /// SHA-1, which every CloudFront distribution accepts.
    Sha1,
    /// SHA-256, which the request has to declare.
    Sha256,
}

impl HashAlgorithm {
    /// The name in prose: `SHA-1` or `SHA-256`.
    pub fn name(self) -> &'static str {
        match self {
            HashAlgorithm::Sha1 => "SHA-1",
            HashAlgorithm::Sha256 => "SHA-256",
        }
    }

    /// The digest of `message`: 20 bytes for SHA-1, 32 for SHA-256.
    pub fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            HashAlgorithm::Sha1 => Sha1::digest(message).to_vec(),
            HashAlgorithm::Sha256 => Sha256::digest(message).to_vec(),
        }
    }

    /// The other algorithm, which this one may be mistaken for.
    pub(crate) fn other(self) -> Self {
        match self {
            HashAlgorithm::Sha1 => HashAlgorithm::Sha256,
            HashAlgorithm::Sha256 => HashAlgorithm::Sha1,
        }
    }

    /// The digest of `message` in lower-case hexadecimal.
    pub fn hexadecimal(self, message: &[u8]) -> String {
        self.digest(message)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// The value of `Hash-Algorithm`: `SHA1` or `SHA256`.
impl fmt::Display for HashAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HashAlgorithm::Sha1 => "SHA1",
            HashAlgorithm::Sha256 => "SHA256",
        })
    }
}

/// Parses `sha1` or `sha256`, in any case, with or without a hyphen after `sha`.
impl FromStr for HashAlgorithm {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text
            .to_ascii_lowercase()
            .replacen("sha-", "sha", 1)
            .as_str()
        {
            "sha1" => Ok(HashAlgorithm::Sha1),
            "sha256" => Ok(HashAlgorithm::Sha256),
            _ => Err(Error::new(format!(
                "{} is not a hash algorithm that CloudFront accepts",
                quoted(text)
            ))
            .with_hint("CloudFront accepts sha1 and sha256")),
        }
    }
}
