//! A policy for each reference, each signed once.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::preparation::Preparation;
use super::reference::Target;
use crate::error::{Error, Result};
use crate::policy::Policy;
use crate::sign::{SignedUrl, Signer};
use crate::url::Resource;
use crate::url::signing_parameters::shown;

/// Makes the policy of a reference, from its own resource and from the URL whose signature is
/// replaced, if there is one.
type PolicyOf<'a> = dyn Fn(&Resource, Option<&SignedUrl>) -> Result<Policy> + 'a;

/// The policies of references, and the parameters of those that are signed.
pub(super) struct EachPolicy<'a> {
    signer: &'a Signer,
    policy_of: Box<PolicyOf<'a>>,
    /// The parameters by policy: byte ranges of one file share theirs.
    signed: HashMap<Policy, Rc<str>>,
}

impl<'a> EachPolicy<'a> {
    pub(super) fn new(
        signer: &'a Signer,
        policy_of: impl Fn(&Resource, Option<&SignedUrl>) -> Result<Policy> + 'a,
    ) -> Self {
        EachPolicy {
            signer,
            policy_of: Box::new(policy_of),
            signed: HashMap::new(),
        }
    }

    pub(super) fn is_remote(&self) -> bool {
        self.signer.key_type().is_none()
    }

    /// Signs several policies at a time, and leaves errors to [`EachPolicy::parameters`].
    pub(super) fn sign_together(&mut self, mut policies: HashSet<Policy>) {
        policies.retain(|policy| !self.signed.contains_key(policy));
        let signed = self.signer.sign_many(policies.into_iter().collect());
        for signed in signed.into_iter().flatten() {
            let parameters = signed.query().into();
            self.signed.insert(signed.policy().clone(), parameters);
        }
    }

    /// Signs the policy for the covered URLs of a reference, and returns the parameters to append.
    pub(super) fn parameters(
        &mut self,
        covered: &[&Target],
        preparation: Preparation,
    ) -> Result<Rc<str>> {
        let Some(policy) = self.policy(covered, preparation)? else {
            return Ok("".into());
        };
        if let Some(parameters) = self.signed.get(&policy) {
            return Ok(Rc::clone(parameters));
        }
        let parameters: Rc<str> = self.signer.sign(policy.clone())?.query().into();
        self.signed.insert(policy, Rc::clone(&parameters));
        Ok(parameters)
    }

    /// The policy for all covered URLs of a reference; `None` if there are none.
    pub(super) fn policy(
        &self,
        covered: &[&Target],
        preparation: Preparation,
    ) -> Result<Option<Policy>> {
        let mut policy = None;
        for target in covered {
            let own = preparation.resource(target)?;
            let old = preparation.old(target)?;
            let next = (self.policy_of)(&own, old.as_ref())?;
            if policy.as_ref().is_some_and(|policy| *policy != next) {
                let (first, second) = (shown(&covered[0].url), shown(&target.url));
                return Err(Error::new(format!(
                    "the reference resolves to {first} and {second}, so it needs a policy that covers both"
                ))
                .with_hint("use one policy for all references"));
            }
            policy = Some(next);
        }
        Ok(policy)
    }
}
