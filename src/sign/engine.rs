//! Signatures with a private key, by the fastest implementation that accepts it.
//!
//! The lanes of vector registers, AWS-LC and the pure Rust of [`PrivateKey::sign`] make the same
//! signatures: RSA PKCS#1 v1.5 (RFC 8017) and ECDSA with the nonces of RFC 6979 are deterministic.
//!
//! Every signature is verified before it leaves: with a deterministic algorithm, a faulty and a
//! correct signature of one message together reveal the key. A message that one implementation
//! cannot sign, or signs wrongly, goes to the next.

#[cfg(feature = "lanes")]
use std::sync::OnceLock;

#[cfg(feature = "aws-lc")]
use super::aws_lc;
#[cfg(feature = "lanes")]
use super::lanes::Lanes;
use super::verifier::Verifier;
use crate::error::{Error, Result};
use crate::key::PrivateKey;
use crate::key::hash::HashAlgorithm;

/// The smallest number of messages for which eight lanes are faster than one signature after
/// another, measured on Zen 4 against AWS-LC.
#[cfg(feature = "lanes")]
const LANES_BREAK_EVEN: usize = 5;

/// The implementations that may sign in this build on this processor, the fastest first.
pub fn implementations() -> Vec<String> {
    let mut implementations = Vec::new();
    #[cfg(feature = "lanes")]
    if let Some(instructions) = cfsign_lanes::instructions() {
        implementations.push(format!("cfsign-lanes ({instructions})"));
    }
    if cfg!(feature = "aws-lc") {
        implementations.push("AWS-LC".to_owned());
    }
    implementations.push("the crates rsa and p256".to_owned());
    implementations
}

/// A private key in the forms that the implementations need.
pub(super) struct Engine {
    pub(super) key: PrivateKey,
    verifier: Verifier,
    #[cfg(feature = "aws-lc")]
    rsa: Option<aws_lc::Rsa>,
    /// Made when it is first needed, since one signature does not need it.
    #[cfg(feature = "lanes")]
    lanes: OnceLock<Option<Lanes>>,
}

impl Engine {
    pub(super) fn new(key: PrivateKey) -> Self {
        Engine {
            verifier: Verifier::new(&key.public_key()),
            #[cfg(feature = "aws-lc")]
            rsa: key
                .rsa_numbers()
                .and_then(|numbers| aws_lc::Rsa::new(&numbers)),
            #[cfg(feature = "lanes")]
            lanes: OnceLock::new(),
            key,
        }
    }

    /// The signature over a message, encoded as [`PrivateKey::sign`] encodes it.
    ///
    /// # Errors
    /// Those of [`PrivateKey::sign`].
    pub(super) fn sign(&self, hash: HashAlgorithm, message: &[u8]) -> Result<Vec<u8>> {
        #[cfg(feature = "aws-lc")]
        if let Some(signature) = self.sign_with_aws_lc(hash, message)
            && self.verifier.verifies(hash, message, &signature)
        {
            return Ok(signature);
        }
        // A fault seldom happens twice, and there is no other implementation to turn to.
        self.sign_in_rust(hash, message)
            .or_else(|_| self.sign_in_rust(hash, message))
    }

    fn sign_in_rust(&self, hash: HashAlgorithm, message: &[u8]) -> Result<Vec<u8>> {
        let signature = self.key.sign(hash, message)?;
        if self.verifier.verifies(hash, message, &signature) {
            return Ok(signature);
        }
        let message = "the signature is not valid for the public key, so it is not shown";
        let hint = "the key is damaged, or the machine calculates wrongly: try another machine";
        Err(Error::new(message).with_hint(hint))
    }

    #[cfg(feature = "aws-lc")]
    fn sign_with_aws_lc(&self, hash: HashAlgorithm, message: &[u8]) -> Option<Vec<u8>> {
        match &self.rsa {
            Some(rsa) => rsa.sign(&hash.padded(message, rsa.size())?),
            None => {
                let digest = hash.digest(message);
                self.key.sign_p256(&digest, aws_lc::p256_multiply_generator)
            }
        }
    }

    /// The signatures over several messages, as [`Engine::sign`] makes them.
    pub(super) fn sign_many(
        &self,
        hash: HashAlgorithm,
        messages: &[&[u8]],
    ) -> Vec<Result<Vec<u8>>> {
        let mut in_lanes = self.sign_in_lanes(hash, messages).into_iter();
        let mut signatures = Vec::with_capacity(messages.len());
        for message in messages {
            signatures.push(match in_lanes.next().flatten() {
                Some(signature) => Ok(signature),
                None => self.sign(hash, message),
            });
        }
        signatures
    }

    /// The signatures over the first messages, as many as are faster to sign together.
    #[cfg(feature = "lanes")]
    fn sign_in_lanes(&self, hash: HashAlgorithm, messages: &[&[u8]]) -> Vec<Option<Vec<u8>>> {
        let mut count = messages.len();
        let remainder = count % cfsign_lanes::LANES;
        if remainder < LANES_BREAK_EVEN {
            count -= remainder;
        }
        if count == 0 {
            return Vec::new();
        }
        match self.lanes.get_or_init(|| Lanes::new(&self.key)) {
            Some(lanes) => lanes.sign(hash, &messages[..count]),
            None => Vec::new(),
        }
    }

    #[cfg(not(feature = "lanes"))]
    fn sign_in_lanes(&self, _: HashAlgorithm, _: &[&[u8]]) -> Vec<Option<Vec<u8>>> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::key::KeyType;
    use crate::key::ecdsa::faults::{self, Step};

    fn engine(file: &str) -> Engine {
        let pem = std::fs::read(format!("tests/keys/{file}")).unwrap();
        Engine::new(PrivateKey::from_pem(&pem).unwrap())
    }

    // Another implementation stands in for one that fails, so each is tested by itself.
    #[test]
    #[cfg(feature = "aws-lc")]
    fn aws_lc_signs() {
        for engine in [engine("rsa2048-pkcs8.pem"), engine("p256-pkcs8.pem")] {
            for hash in [HashAlgorithm::Sha1, HashAlgorithm::Sha256] {
                let signature = engine.sign_with_aws_lc(hash, b"message");
                assert_eq!(signature, engine.key.sign(hash, b"message").ok());
            }
        }
    }

    /// One wrong bit, in a nonce, in its check, or in what AWS-LC returns; for eight messages, in
    /// the nonces of all lanes and of their checks.
    #[test]
    fn no_signature_leaves_after_a_fault() {
        let [one, eight]: [&[&[u8]]; 2] =
            [&[b"1"], &[b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"8"]];
        let mut cases = vec![
            ("p256-pkcs8.pem", Step::Nonce, one, 256, 2),
            ("p256-pkcs8.pem", Step::Nonce, eight, 256, 16),
        ];
        if cfg!(feature = "aws-lc") {
            cases.push(("p256-pkcs8.pem", Step::AwsLc, one, 256, 1));
            cases.push(("rsa2048-pkcs8.pem", Step::AwsLc, one, 2048, 1));
        }
        for (file, step, messages, bits, places) in cases {
            let engine = engine(file);
            let hash = engine.key.key_type().default_hash();
            let sign = |message: &&[u8]| engine.key.sign(hash, message).unwrap();
            let expected: Vec<_> = messages.iter().map(sign).collect();
            for bit in (0..bits).step_by(bits / 256) {
                faults::plan(step, bit % places, bit);
                let signatures = engine.sign_many(hash, messages).into_iter();
                let signatures: Vec<_> = signatures.map(Result::unwrap).collect();
                assert_eq!(signatures, expected, "{file}, {bit}");
                assert!(faults::happened(), "{file}, {bit}");
            }
        }
    }

    /// Neither implementation makes a signature that the public key of another pair verifies.
    #[test]
    fn a_signature_that_no_implementation_makes_right_is_an_error() {
        for (file, other) in [
            ("p256-pkcs8.pem", KeyType::P256),
            ("rsa2048-pkcs8.pem", KeyType::Rsa(1024)),
        ] {
            let other = PrivateKey::generate(other).unwrap();
            let mut engine = engine(file);
            engine.verifier = Verifier::new(&other.public_key());
            let error = engine.sign(HashAlgorithm::Sha1, b"message").unwrap_err();
            let message = "the signature is not valid for the public key, so it is not shown";
            assert_eq!(error.to_string(), message, "{file}");
        }
    }

    #[test]
    #[cfg(feature = "lanes")]
    fn the_lanes_sign_as_many_messages_as_are_worth_it() {
        if cfsign_lanes::instructions().is_none() {
            return;
        }
        for engine in [engine("rsa2048-pkcs8.pem"), engine("p256-pkcs8.pem")] {
            let signature = engine.key.sign(HashAlgorithm::Sha1, b"message").unwrap();
            for (messages, signed) in [(4, 0), (5, 5), (8, 8), (12, 8), (13, 13), (16, 16)] {
                let messages = vec![&b"message"[..]; messages];
                let signatures = engine.sign_in_lanes(HashAlgorithm::Sha1, &messages);
                assert_eq!(signatures, vec![Some(signature.clone()); signed]);
            }
        }
    }
}
