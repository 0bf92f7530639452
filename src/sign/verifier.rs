//! Verification with a public key: by AWS-LC where it is linked, and otherwise in pure Rust.

use std::sync::Mutex;

#[cfg(feature = "aws-lc")]
use super::aws_lc;
use crate::key::hash::HashAlgorithm;
use crate::key::{KeyType, PublicKey, SignedDigest};

/// A public key prepared for verifying many signatures.
#[derive(Debug)]
pub(crate) struct Verifier {
    key: PublicKey,
    /// The key for AWS-LC, `None` if it is not accepted.
    #[cfg(feature = "aws-lc")]
    rsa: Option<aws_lc::Rsa>,
    #[cfg(feature = "aws-lc")]
    p256: Option<aws_lc::P256Public>,
    /// The last RSA signature and the padded message in it. Verifying a signature, and finding out
    /// what was signed instead, takes one exponentiation.
    opened: Mutex<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Verifier {
    /// A verifier for a public key.
    pub(crate) fn new(key: &PublicKey) -> Self {
        Verifier {
            #[cfg(feature = "aws-lc")]
            rsa: key
                .rsa_numbers()
                .and_then(|[n, e]| aws_lc::Rsa::public(&n, &e)),
            #[cfg(feature = "aws-lc")]
            p256: key
                .p256_coordinates()
                .and_then(|point| aws_lc::P256Public::new(&point)),
            key: key.clone(),
            opened: Mutex::default(),
        }
    }

    /// Verifies the signature of `message`, as [`PublicKey::verifies`] does.
    pub(crate) fn verifies(&self, hash: HashAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        #[cfg(feature = "aws-lc")]
        if let Some(key) = &self.p256 {
            return key.verifies(&hash.digest(message), signature);
        }
        if self.key.key_type() == KeyType::P256 {
            return self.key.verifies(hash, message, signature);
        }
        self.block(signature)
            .is_some_and(|block| hash.padded(message, block.len()) == Some(block))
    }

    /// The content of a signature as far as the public key shows it.
    pub(crate) fn open(&self, signature: &[u8]) -> SignedDigest {
        if self.key.key_type() == KeyType::P256 {
            return self.key.open_p256(signature);
        }
        self.block(signature)
            .map_or(SignedDigest::Unreadable, |block| self.key.read(&block))
    }

    /// The padded message in an RSA signature: `signature^e mod n`.
    fn block(&self, signature: &[u8]) -> Option<Vec<u8>> {
        if let Ok(opened) = self.opened.lock()
            && opened.0 == signature
        {
            return opened.1.clone();
        }
        let block = self.exponentiate(signature);
        if let Ok(mut opened) = self.opened.lock() {
            *opened = (signature.to_vec(), block.clone());
        }
        block
    }

    fn exponentiate(&self, signature: &[u8]) -> Option<Vec<u8>> {
        #[cfg(feature = "aws-lc")]
        if let Some(key) = &self.rsa {
            return key.open(signature);
        }
        self.key.rsa_block(signature)
    }
}
