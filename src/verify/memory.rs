//! The state of a checker between requests: many have the same policy, or the same thing wrong.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::{Arc, OnceLock};

use super::TrustedKey;
use super::parameters::SigningParameters;
use super::received::Received;
use super::verdict::Check;
use crate::key::{PublicKey, SignedDigest};
use crate::policy::{Policy, PolicyType};
use crate::sign::verifier::Verifier;
use crate::url::{Matcher, Resource};

/// The signatures that were valid lately, the rules that explained the last denial, and what a
/// search may take.
#[derive(Debug)]
pub(super) struct Memory {
    /// The most guesses at the text under one signature, if not the usual number.
    pub(super) guesses: Option<usize>,
    /// Checks have details.
    pub(super) details: bool,
    pub(super) route: Vec<usize>,
    /// The keys for which the signatures are valid.
    keys: Vec<TrustedKey>,
    valid: HashMap<SigningParameters, Arc<Known>>,
    /// Hashes of parameters that were valid once.
    seen: Vec<u64>,
    verifiers: Vec<(PublicKey, Verifier)>,
}

/// The signatures that are remembered: the users of a site share some policies at a time.
const MOST_VALID: usize = 256;

/// The part of a verdict that rests on the signing parameters alone, if the signature is valid.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) received: Arc<Received>,
    pub(super) policy: Arc<Policy>,
    pub(super) checks: Vec<Check>,
    /// The resource, if it has been matched.
    pub(super) matcher: OnceLock<Matcher>,
}

impl Known {
    /// Returns whether the policy covers `url`.
    pub(super) fn covers(&self, url: &str) -> bool {
        let Some(resource) = self.policy.resource() else {
            return true;
        };
        if resource.as_str() == url {
            return true;
        }
        let matcher = self.matcher.get_or_init(|| resource.matcher());
        matcher.covers(url)
    }
}

impl Default for Memory {
    fn default() -> Self {
        Memory {
            guesses: None,
            details: true,
            route: Vec::new(),
            keys: Vec::new(),
            valid: HashMap::new(),
            seen: vec![0; 1024],
            verifiers: Vec::new(),
        }
    }
}

impl Memory {
    /// What is known of a request for `url` with these signing parameters.
    pub(super) fn known(
        &mut self,
        parameters: &SigningParameters,
        url: &str,
        keys: &[TrustedKey],
    ) -> Option<Arc<Known>> {
        if self.keys != keys {
            self.valid.clear();
            self.keys = keys.to_vec();
        }
        let known = self.valid.get(parameters)?;
        // A canned policy was rebuilt from the URL.
        let is_custom = known.policy.policy_type() == PolicyType::Custom;
        let resource = known.policy.resource().map(Resource::as_str);
        (is_custom || resource == Some(url)).then(|| Arc::clone(known))
    }

    /// Returns whether valid parameters have been seen before. Most come once, and to remember
    /// them takes longer than to look.
    pub(super) fn comes_again(&mut self, parameters: &SigningParameters) -> bool {
        let hash = self.valid.hasher().hash_one(parameters);
        let place = hash as usize % self.seen.len();
        std::mem::replace(&mut self.seen[place], hash) == hash
    }

    pub(super) fn remember(&mut self, parameters: &SigningParameters, known: Known) {
        if self.valid.len() == MOST_VALID {
            self.valid.clear();
        }
        self.valid.insert(parameters.clone(), Arc::new(known));
    }

    /// The content of a signature as far as a key shows it.
    pub(super) fn open(&mut self, key: &PublicKey, signature: &[u8]) -> SignedDigest {
        self.verifier(key).open(signature)
    }

    pub(super) fn verifier(&mut self, key: &PublicKey) -> &Verifier {
        let place = self.verifiers.iter().position(|(own, _)| own == key);
        let place = place.unwrap_or_else(|| {
            self.verifiers.push((key.clone(), Verifier::new(key)));
            self.verifiers.len() - 1
        });
        &self.verifiers[place].1
    }
}
