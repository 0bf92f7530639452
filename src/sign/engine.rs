//! Signatures with a private key, by the fastest implementation that accepts it.
//!
//! There are three: several messages at a time in the lanes of vector registers, AWS-LC (feature
//! `aws-lc`), and the pure Rust of [`PrivateKey::sign`]. All of them make the same signatures: RSA
//! PKCS#1 v1.5 (RFC 8017) and ECDSA with the nonces of RFC 6979 are deterministic. A message that
//! one implementation cannot sign goes to the next.

use std::fmt;
#[cfg(target_arch = "x86_64")]
use std::sync::OnceLock;

#[cfg(feature = "aws-lc")]
use super::aws_lc;
#[cfg(target_arch = "x86_64")]
use super::lanes::{LANES, LanesKey};
use crate::error::Result;
use crate::key::PrivateKey;
use crate::key::hash::HashAlgorithm;

/// The smallest number of messages for which eight lanes are faster than one signature after another,
/// measured on Zen 4 against AWS-LC.
#[cfg(target_arch = "x86_64")]
const LANES_BREAK_EVEN: usize = 5;

/// A private key in the forms that the implementations need.
pub(super) struct Engine {
    key: PrivateKey,
    #[cfg(feature = "aws-lc")]
    rsa: Option<aws_lc::RsaKey>,
    /// Made when it is first needed, since one signature does not need it.
    #[cfg(target_arch = "x86_64")]
    lanes: OnceLock<Option<LanesKey>>,
}

impl Engine {
    pub(super) fn new(key: PrivateKey) -> Self {
        Engine {
            #[cfg(feature = "aws-lc")]
            rsa: key
                .rsa_numbers()
                .and_then(|numbers| aws_lc::RsaKey::new(&numbers)),
            #[cfg(target_arch = "x86_64")]
            lanes: OnceLock::new(),
            key,
        }
    }

    pub(super) fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// The signature over a message, encoded as [`PrivateKey::sign`] encodes it.
    ///
    /// # Errors
    /// Those of [`PrivateKey::sign`].
    pub(super) fn sign(&self, hash: HashAlgorithm, message: &[u8]) -> Result<Vec<u8>> {
        #[cfg(feature = "aws-lc")]
        {
            let digest = hash.digest(message);
            let signature = match &self.rsa {
                Some(rsa) => rsa.sign(hash, &digest),
                None => self.key.sign_p256(&digest, aws_lc::p256_multiply_generator),
            };
            if let Some(signature) = signature {
                return Ok(signature);
            }
        }
        self.key.sign(hash, message)
    }

    /// The signatures over several messages, as [`Engine::sign`] makes them.
    pub(super) fn sign_many(
        &self,
        hash: HashAlgorithm,
        messages: &[&[u8]],
    ) -> Vec<Result<Vec<u8>>> {
        let mut signatures = self.sign_in_lanes(hash, messages);
        for message in &messages[signatures.len()..] {
            signatures.push(self.sign(hash, message));
        }
        signatures
    }

    /// The signatures over the first messages, as many as are faster to sign together.
    #[cfg(target_arch = "x86_64")]
    fn sign_in_lanes(&self, hash: HashAlgorithm, messages: &[&[u8]]) -> Vec<Result<Vec<u8>>> {
        let remainder = messages.len() % LANES;
        let count = if remainder < LANES_BREAK_EVEN {
            messages.len() - remainder
        } else {
            messages.len()
        };
        if count == 0 {
            return Vec::new();
        }
        let Some(lanes) = self.lanes.get_or_init(|| LanesKey::new(&self.key)) else {
            return Vec::new();
        };
        let digests: Vec<Vec<u8>> = messages[..count]
            .iter()
            .map(|message| hash.digest(message))
            .collect();
        let mut signatures = Vec::with_capacity(messages.len());
        for (signature, message) in lanes.sign(hash, &digests).into_iter().zip(messages) {
            signatures.push(match signature {
                Some(signature) => Ok(signature),
                None => self.sign(hash, message),
            });
        }
        signatures
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn sign_in_lanes(&self, _: HashAlgorithm, messages: &[&[u8]]) -> Vec<Result<Vec<u8>>> {
        Vec::with_capacity(messages.len())
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)
    }
}
