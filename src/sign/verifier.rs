//! Verification with a public key: by AWS-LC where it is linked, and otherwise in pure Rust.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[cfg(feature = "aws-lc")]
use super::aws_lc;
use crate::key::hash::HashAlgorithm;
use crate::key::{KeyType, PublicKey, SignedDigest, SignedHash, pkcs1_block};

/// A public key prepared for verifying many signatures.
pub(crate) struct Verifier {
    key: PublicKey,
    #[cfg(feature = "aws-lc")]
    aws_lc: Option<AwsLc>,
    /// The last RSA signature and the padded message in it. Verifying a signature, and finding out
    /// what was signed instead, takes one exponentiation; so do many rows with one policy.
    opened: Mutex<Option<Opened>>,
}

#[cfg(feature = "aws-lc")]
enum AwsLc {
    Rsa(aws_lc::Rsa),
    P256(aws_lc::P256Public),
}

struct Opened {
    signature: Vec<u8>,
    block: Option<Vec<u8>>,
}

impl Verifier {
    /// A verifier for a public key.
    pub(crate) fn new(key: &PublicKey) -> Self {
        Verifier {
            #[cfg(feature = "aws-lc")]
            aws_lc: AwsLc::new(key),
            key: key.clone(),
            opened: Mutex::new(None),
        }
    }

    /// Verifies the signature of `message`, as [`PublicKey::verifies`] does.
    pub(crate) fn verifies(&self, hash: HashAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        if self.key.key_type() == KeyType::P256 {
            #[cfg(feature = "aws-lc")]
            if let Some(AwsLc::P256(key)) = &self.aws_lc {
                return key.verifies(&hash.digest(message), signature);
            }
            return self.key.verifies(hash, message, signature);
        }
        self.block(signature).is_some_and(|block| {
            let digest = hash.digest(message);
            pkcs1_block(SignedHash::of(hash), &digest, block.len()) == Some(block)
        })
    }

    /// The content of a signature as far as the public key shows it.
    pub(crate) fn open(&self, signature: &[u8]) -> SignedDigest {
        if self.key.key_type() == KeyType::P256 {
            return self.key.open(signature);
        }
        self.block(signature)
            .map_or(SignedDigest::Unreadable, |block| self.key.read(&block))
    }

    /// The padded message in an RSA signature.
    fn block(&self, signature: &[u8]) -> Option<Vec<u8>> {
        if let Some(opened) = &*self.opened()
            && opened.signature == signature
        {
            return opened.block.clone();
        }
        let block = self.exponentiate(signature);
        *self.opened() = Some(Opened {
            signature: signature.to_vec(),
            block: block.clone(),
        });
        block
    }

    fn opened(&self) -> MutexGuard<'_, Option<Opened>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `signature^e mod n`.
    fn exponentiate(&self, signature: &[u8]) -> Option<Vec<u8>> {
        #[cfg(feature = "aws-lc")]
        if let Some(AwsLc::Rsa(key)) = &self.aws_lc {
            return key.open(signature);
        }
        self.key.rsa_block(signature)
    }
}

#[cfg(feature = "aws-lc")]
impl AwsLc {
    /// `None` for a key that AWS-LC does not accept.
    fn new(key: &PublicKey) -> Option<Self> {
        if let Some(point) = key.p256_coordinates() {
            return aws_lc::P256Public::new(&point).map(AwsLc::P256);
        }
        let [n, e] = key.rsa_numbers()?;
        aws_lc::Rsa::public(&n, &e).map(AwsLc::Rsa)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)
    }
}
