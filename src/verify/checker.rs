//! A checker of many requests, which remembers what the next may have in common with the last.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::TrustedKey;
use super::parameters::SigningParameters;
use super::received::Received;
use crate::key::{KeyType, PublicKey, SignedDigest};
use crate::policy::{Policy, PolicyType};
use crate::sign::verifier::Verifier;
use crate::url::{Matcher, Resource};

/// The signatures that are remembered: the users of a site share some policies at a time.
const MOST_VALID: usize = 256;

/// Evaluates many requests, one after the other, and remembers what the next may have in common:
/// a valid signature, and what explained a denial.
#[derive(Debug, Default)]
pub struct Checker {
    /// The most guesses at the text under one signature, if not the usual number.
    pub(super) guesses: Option<usize>,
    pub(super) has_no_details: bool,
    /// The rules that explained the last denial.
    pub(super) route: Vec<usize>,
    /// The keys for which the signatures are valid.
    keys: Vec<TrustedKey>,
    valid: HashMap<SigningParameters, Arc<Known>>,
    verifiers: Vec<(PublicKey, Verifier)>,
}

/// Signing parameters with a well-formed policy, decoded.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) received: Arc<Received>,
    pub(super) policy: Arc<Policy>,
    /// The type of the key that made the signature; `None` if it is not valid.
    pub(super) signer: Option<KeyType>,
    /// The resource, if it has been matched.
    matcher: OnceLock<Matcher>,
}

impl Known {
    pub(super) fn new(received: &Arc<Received>, policy: Policy, signer: Option<KeyType>) -> Self {
        Known {
            received: Arc::clone(received),
            policy: Arc::new(policy),
            signer,
            matcher: OnceLock::new(),
        }
    }

    /// Returns whether the policy covers `url`.
    pub(super) fn covers(&self, url: &str) -> bool {
        let Some(resource) = self.policy.resource() else {
            return true;
        };
        // Most resources are the URL itself, for which no matcher is needed.
        if resource.as_str() == url {
            return true;
        }
        let matcher = self.matcher.get_or_init(|| resource.matcher());
        matcher.covers(url)
    }
}

impl Checker {
    /// A checker that tries at most this number of texts to find the one that was signed.
    #[must_use]
    pub fn with_guesses(guesses: usize) -> Self {
        Checker {
            guesses: Some(guesses),
            ..Checker::default()
        }
    }

    /// The same checker, whose verdicts leave out the details of their checks.
    #[must_use]
    pub fn without_details(mut self) -> Self {
        self.has_no_details = true;
        self
    }

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

    /// Remembers signing parameters with a valid signature.
    pub(super) fn remember(&mut self, parameters: &SigningParameters, known: &Arc<Known>) {
        if self.valid.len() == MOST_VALID {
            self.valid.clear();
        }
        self.valid.insert(parameters.clone(), Arc::clone(known));
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
