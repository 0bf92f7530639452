//! What one request leaves for the next: many have the same policy, or the same thing wrong.

use std::collections::VecDeque;

use super::cause::route::Route;
use crate::key::hash::HashAlgorithm;
use crate::key::{PublicKey, SignedDigest};
use crate::sign::verifier::Verifier;

/// The signatures that were valid lately, the rules that explained the last denial, and the number
/// of guesses that a search may take.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) guesses: usize,
    pub(super) route: Option<Route>,
    /// The last one comes last.
    valid: VecDeque<Valid>,
    verifiers: Vec<(PublicKey, Verifier)>,
}

/// The signatures that are remembered: the users of a site share some policies at a time.
const MOST_VALID: usize = 256;

/// A signature that was found valid.
struct Valid {
    key: PublicKey,
    hash: HashAlgorithm,
    policy: Vec<u8>,
    signature: Vec<u8>,
}

/// The most guesses at the text under one signature.
const MOST_GUESSES: usize = 60_000;

impl Default for Memory {
    fn default() -> Self {
        Memory {
            guesses: MOST_GUESSES,
            route: None,
            valid: VecDeque::new(),
            verifiers: Vec::new(),
        }
    }
}

impl Memory {
    /// Verifies a signature, unless it was found valid lately.
    pub(super) fn verifies(
        &mut self,
        key: &PublicKey,
        hash: HashAlgorithm,
        policy: &[u8],
        signature: &[u8],
    ) -> bool {
        let is_known = self.valid.iter().rev().any(|known| {
            known.signature == signature
                && known.policy == policy
                && known.hash == hash
                && known.key == *key
        });
        if is_known {
            return true;
        }
        let is_valid = self.verifier(key).verifies(hash, policy, signature);
        if is_valid {
            if self.valid.len() == MOST_VALID {
                self.valid.pop_front();
            }
            self.valid.push_back(Valid {
                key: key.clone(),
                hash,
                policy: policy.to_vec(),
                signature: signature.to_vec(),
            });
        }
        is_valid
    }

    /// The content of a signature as far as a key shows it.
    pub(super) fn open(&mut self, key: &PublicKey, signature: &[u8]) -> SignedDigest {
        self.verifier(key).open(signature)
    }

    fn verifier(&mut self, key: &PublicKey) -> &Verifier {
        let place = self.verifiers.iter().position(|(own, _)| own == key);
        let place = place.unwrap_or_else(|| {
            self.verifiers.push((key.clone(), Verifier::new(key)));
            self.verifiers.len() - 1
        });
        &self.verifiers[place].1
    }
}

impl std::fmt::Debug for Valid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Valid")
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}
