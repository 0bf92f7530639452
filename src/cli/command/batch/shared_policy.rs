//! One policy for many rows.

use crate::cli::request::{PolicySpec, not_covered};
use crate::{Matcher, Policy, Resource, Result, SignedPolicy, Signer, UnsignedUrl};

/// One policy for many rows, signed.
pub struct SharedPolicy {
    pub signed: SignedPolicy,
    /// The resource of the policy; `None` for a policy without one, which applies to every URL.
    pub resource: Option<Resource>,
    matcher: Option<Matcher>,
}

impl SharedPolicy {
    /// The policy that the flags alone describe, if they do.
    pub fn policy(spec: &PolicySpec) -> Result<Option<Policy>> {
        match spec {
            PolicySpec::Document(policy) => Ok(Some(policy.clone())),
            PolicySpec::Terms(terms) => match (&terms.resource, terms.expires) {
                (Some(resource), Some(_)) => {
                    Policy::custom(resource, terms.conditions()?).map(Some)
                }
                _ => Ok(None),
            },
        }
    }

    pub fn sign(policy: Policy, signer: &Signer) -> Result<Self> {
        let resource = policy.resource().cloned();
        Ok(SharedPolicy {
            signed: signer.sign(policy)?,
            matcher: resource.as_ref().map(Resource::matcher),
            resource,
        })
    }

    /// Returns whether a URL gets this policy: the URL that is itself the resource may get a canned policy instead.
    ///
    /// # Errors
    /// The policy does not cover the URL.
    pub fn is_for(&self, url: &UnsignedUrl) -> Result<bool> {
        let text = url.without_empty_query();
        match &self.resource {
            Some(resource) if resource.as_str() == text => Ok(false),
            Some(resource) if !self.covers(text) => Err(not_covered(resource, url)),
            _ => Ok(true),
        }
    }

    /// Returns whether the policy covers a URL without an empty query.
    pub fn covers(&self, url: &str) -> bool {
        self.matcher
            .as_ref()
            .is_none_or(|matcher| matcher.covers(url))
    }
}
