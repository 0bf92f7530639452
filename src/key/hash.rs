//! The hash algorithms of CloudFront signatures.

use std::fmt;
use std::str::FromStr;

use rsa::Pkcs1v15Sign;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

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
        SignedHash::of(self).name()
    }

    /// The digest of `message`: 20 bytes for SHA-1, 32 for SHA-256.
    pub fn digest(self, message: &[u8]) -> Vec<u8> {
        SignedHash::of(self).digest(message)
    }

    /// The digest of `message` as RSA signs it: with padding (EMSA-PKCS1-v1_5, RFC 8017, section
    /// 9.2), as long as the modulus, which has `length` bytes. `None` if that is too short.
    pub(crate) fn padded(self, message: &[u8], length: usize) -> Option<Vec<u8>> {
        let prefix = SignedHash::of(self).padding().prefix;
        let content = [&[0], &*prefix, &self.digest(message)].concat();
        let padding = length.checked_sub(2 + content.len())?;
        let block = [&[0, 1][..], &vec![0xff; padding], &content].concat();
        (padding >= 8).then_some(block)
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

/// A hash that signatures of other tools use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignedHash {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl SignedHash {
    pub(super) const ALL: [SignedHash; 6] = [
        SignedHash::Sha1,
        SignedHash::Sha256,
        SignedHash::Sha384,
        SignedHash::Sha512,
        SignedHash::Sha224,
        SignedHash::Md5,
    ];

    /// The hashes that signatures use which do not name theirs.
    pub(super) const UNNAMED: &[SignedHash] = Self::ALL.split_at(4).0;

    /// The hash that CloudFront knows by this name.
    pub(crate) fn of(hash: HashAlgorithm) -> Self {
        match hash {
            HashAlgorithm::Sha1 => SignedHash::Sha1,
            HashAlgorithm::Sha256 => SignedHash::Sha256,
        }
    }

    /// The name in messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            SignedHash::Md5 => "MD5",
            SignedHash::Sha1 => "SHA-1",
            SignedHash::Sha224 => "SHA-224",
            SignedHash::Sha256 => "SHA-256",
            SignedHash::Sha384 => "SHA-384",
            SignedHash::Sha512 => "SHA-512",
        }
    }

    /// The DER of DigestInfo in front of a digest (EMSA-PKCS1-v1_5, RFC 8017, section 9.2).
    pub(super) fn padding(self) -> Pkcs1v15Sign {
        match self {
            SignedHash::Md5 => Pkcs1v15Sign {
                hash_len: Some(16),
                prefix:
                    (*b"\x30\x20\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05\x05\x00\x04\x10")
                        .into(),
            },
            SignedHash::Sha1 => Pkcs1v15Sign::new::<Sha1>(),
            SignedHash::Sha224 => Pkcs1v15Sign::new::<Sha224>(),
            SignedHash::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
            SignedHash::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
            SignedHash::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
        }
    }

    /// The digest of `message`; zeros for MD5, which is recognized but not computed.
    pub(crate) fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            SignedHash::Md5 => vec![0; 16],
            SignedHash::Sha1 => Sha1::digest(message).to_vec(),
            SignedHash::Sha224 => Sha224::digest(message).to_vec(),
            SignedHash::Sha256 => Sha256::digest(message).to_vec(),
            SignedHash::Sha384 => Sha384::digest(message).to_vec(),
            SignedHash::Sha512 => Sha512::digest(message).to_vec(),
        }
    }

    pub(super) fn length(self) -> usize {
        self.digest(&[]).len()
    }
}
