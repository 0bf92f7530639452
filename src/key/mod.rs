//! Keys: RSA and ECDSA P-256 key pairs, and the signatures they make.
//!
//! Reading key files is in [`mod@file`]. Only this module and those below it use the crates behind
//! keys. Private keys are zeroized when they are dropped, and `Debug` shows no part of them. The
//! crates that decode and calculate free memory without zeroizing it, so a program that must leave
//! no copy needs an allocator that does, as the `cfsign` binary has.
//!
//! Source: Amazon CloudFront Developer Guide, "Specify signers that can create signed URLs and
//! signed cookies".

use std::fmt;

use zeroize::{Zeroizing, zeroize_stack};

use crate::error::Error;
use crate::key::hash::HashAlgorithm;

mod der;
pub(crate) mod ecdsa;
mod encrypted;
mod file;
pub(crate) mod hash;
pub(crate) mod key_pair_id;
mod private;
mod public;
mod rsa_key;
mod signed_digest;
mod text;
mod unsupported;

pub use encrypted::EncryptedKey;
pub use file::KeyFile;
pub(crate) use hash::SignedHash;
pub use private::PrivateKey;
pub use public::PublicKey;
pub(crate) use public::p256_signature;
#[cfg(feature = "aws-lc")]
pub(crate) use rsa_key::RsaNumbers;
pub(crate) use signed_digest::SignedDigest;

/// The next step for a damaged key.
const COPY_AGAIN: &str = "copy the key again; openssl pkey -in FILE -noout -check checks a file";

/// The error for a key that is malformed or inconsistent.
fn damaged(how: &str) -> Error {
    Error::new(format!("is a damaged key: {how}")).with_hint(COPY_AGAIN)
}

/// The error for a key whose end is missing.
fn truncated(how: &str) -> Error {
    Error::new(format!("is a truncated key: {how}")).with_hint(COPY_AGAIN)
}

/// A key as a file contains it.
#[derive(Debug)]
#[non_exhaustive]
pub enum KeyContent {
    /// A private key.
    Private(PrivateKey),
    /// An encrypted private key.
    Encrypted(EncryptedKey),
    /// A public key, or the public key of a certificate.
    Public(PublicKey),
}

/// The longest RSA modulus that is read, in bits; openssl's limit too.
const LONGEST_RSA: usize = 16_384;

/// The type of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyType {
    /// RSA, with the length of its modulus in bits.
    Rsa(usize),
    /// ECDSA on the curve P-256 (prime256v1, secp256r1).
    P256,
}

impl KeyType {
    /// Returns whether CloudFront accepts a public key of this type: RSA 2048 and P-256 only.
    pub fn accepted_by_cloudfront(self) -> bool {
        matches!(self, KeyType::Rsa(2048) | KeyType::P256)
    }

    /// The default hash algorithm: SHA-1 for RSA, which every distribution accepts; SHA-256 for
    /// P-256, as in the AWS CLI.
    pub fn default_hash(self) -> HashAlgorithm {
        match self {
            KeyType::Rsa(_) => HashAlgorithm::Sha1,
            KeyType::P256 => HashAlgorithm::Sha256,
        }
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyType::Rsa(bits) => write!(f, "RSA {bits}"),
            KeyType::P256 => f.write_str("ECDSA P-256"),
        }
    }
}

/// Runs `work` and zeroizes the stack that it used. No allocator reaches the copies there, which
/// the crates that calculate leave when they pass numbers by value.
fn with_zeroized_stack<T>(work: impl FnOnce() -> T) -> T {
    // More than the work uses.
    const STACK: usize = 32 << 10;

    // `work` must run in the frame that is zeroized below.
    #[inline(never)]
    fn below<T>(work: impl FnOnce() -> T) -> T {
        work()
    }
    let done = below(work);
    zeroize_stack::<STACK>();
    done
}

fn pem_text(label: &str, der: &[u8]) -> Zeroizing<String> {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    Zeroizing::new(pem::encode_config(&pem::Pem::new(label, der), config))
}
