//! Keys: an RSA or ECDSA P-256 key pair, and the signatures it makes.
//!
//! Reading key files is in [`mod@file`]. This module and those below it are the only ones that know the crates behind
//! keys. Private keys are wiped from memory when they are dropped, what work with them leaves on the stack is wiped as well,
//! and `Debug` shows no part of them. The crates that decode PEM and calculate leave copies in memory that they free, so a
//! program that must leave none needs an allocator that wipes, as the `cfsign` binary has.
//!
//! Source: Amazon CloudFront Developer Guide, "Specify signers that can create signed URLs and signed cookies".

use std::fmt;

use rsa::Pkcs1v15Sign;
use sha1::Sha1;
use sha2::Sha256;
use zeroize::{Zeroizing, zeroize_stack};

use crate::key::hash::HashAlgorithm;

mod der;
#[cfg(any(feature = "aws-lc", target_arch = "x86_64"))]
pub(crate) mod ecdsa;
mod external;
mod file;
pub(crate) mod hash;
pub(crate) mod key_pair_id;
mod private;
mod public;
#[cfg(any(feature = "aws-lc", target_arch = "x86_64"))]
mod rsa_numbers;
mod signed_digest;

pub(crate) use external::p256_signature;
pub use file::{EncryptedKey, KeyContent, KeyFile};
pub use private::PrivateKey;
pub use public::PublicKey;
#[cfg(any(feature = "aws-lc", target_arch = "x86_64"))]
pub(crate) use rsa_numbers::RsaNumbers;
pub(crate) use signed_digest::{SignedDigest, SignedHash};

/// The next step for a key that is not whole.
const LOOK_FOR_DAMAGE: &str =
    "copy the file again; openssl pkey -in FILE -noout -check looks for damage";

/// The kind of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyType {
    /// RSA, with the length of its modulus in bits.
    Rsa(usize),
    /// ECDSA on the curve P-256 (prime256v1, secp256r1).
    P256,
}

impl KeyType {
    /// Whether CloudFront accepts a public key of this kind: RSA 2048 and P-256 only.
    pub fn accepted_by_cloudfront(self) -> bool {
        matches!(self, KeyType::Rsa(2048) | KeyType::P256)
    }

    /// The hash that signatures have where nobody asks for another.
    ///
    /// SHA-1 for RSA, which every distribution accepts and every tool writes; SHA-256 for P-256, which is as new to
    /// CloudFront as SHA-256 nearly is, and what the AWS CLI writes.
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

/// Does some `work` with a private key, and wipes what that leaves on the stack: the crates that calculate pass parts of a
/// P-256 key around by value.
fn leaving_no_trace<T>(work: impl FnOnce() -> T) -> T {
    // More than the work takes.
    const STACK: usize = 16 << 10;

    // In a frame of its own, which is below that of this function as the bytes to be wiped are.
    #[inline(never)]
    fn below<T>(work: impl FnOnce() -> T) -> T {
        work()
    }
    let done = below(work);
    zeroize_stack::<STACK>();
    done
}

fn padding(hash: HashAlgorithm) -> Pkcs1v15Sign {
    match hash {
        HashAlgorithm::Sha1 => Pkcs1v15Sign::new::<Sha1>(),
        HashAlgorithm::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
    }
}

fn pem_text(label: &str, der: &[u8]) -> Zeroizing<String> {
    let block = pem::Pem::new(label, der);
    Zeroizing::new(pem::encode_config(
        &block,
        pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF),
    ))
}
