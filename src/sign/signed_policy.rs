//! A policy with its signature, and the parameters that a request sends.
//!
//! Source: Amazon CloudFront Developer Guide, "Create a signed URL using a canned policy" and "...
//! a custom policy".

use std::borrow::Cow;
use std::fmt;

use crate::base64;
use crate::key::hash::HashAlgorithm;
use crate::key::key_pair_id::KeyPairId;
use crate::policy::{Policy, PolicyType};
use crate::url::signing_parameters::SigningParameter;

/// A policy with its signature, which grants access to every URL that the policy covers.
///
/// It is a bearer credential, so `Debug` omits the signature.
#[derive(Clone)]
pub struct SignedPolicy {
    policy: Policy,
    signature: String,
    key_pair_id: KeyPairId,
    hash: HashAlgorithm,
    query: String,
}

impl SignedPolicy {
    pub(super) fn new(
        policy: Policy,
        signature: &[u8],
        key_pair_id: KeyPairId,
        hash: HashAlgorithm,
    ) -> Self {
        let mut signed = SignedPolicy {
            policy,
            signature: base64::encode(signature),
            key_pair_id,
            hash,
            query: String::new(),
        };
        let mut query = String::new();
        for (name, value) in signed.parameters() {
            let separator = if query.is_empty() { "" } else { "&" };
            query.extend([separator, name, "=", &value]);
        }
        signed.query = query;
        signed
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The signature in CloudFront's base64.
    pub fn signature(&self) -> &str {
        &self.signature
    }

    /// The ID of the public key that verifies the signature.
    pub fn key_pair_id(&self) -> &KeyPairId {
        &self.key_pair_id
    }

    /// The hash algorithm of the signature.
    pub fn hash(&self) -> HashAlgorithm {
        self.hash
    }

    /// The signing parameters, names and values, in the order of the developer guide: `Expires`
    /// (canned policy) or `Policy` (custom policy), `Signature`, `Key-Pair-Id`, and
    /// `Hash-Algorithm` if it is not SHA-1.
    ///
    /// Signed URLs contain them as query parameters, and signed cookies as `CloudFront-` cookies.
    pub fn parameters(&self) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
        let (name, value) = match self.policy.policy_type() {
            PolicyType::Canned => {
                let expires = self.policy.conditions().expires;
                (SigningParameter::Expires, expires.unix().to_string())
            }
            PolicyType::Custom => {
                let encoded = base64::encode(self.policy.as_str().as_bytes());
                (SigningParameter::Policy, encoded)
            }
        };
        let id = self.key_pair_id.as_str();
        let mut parameters = vec![
            (name, Cow::from(value)),
            (SigningParameter::Signature, Cow::from(&self.signature)),
            (SigningParameter::KeyPairId, Cow::from(id)),
        ];
        if self.hash == HashAlgorithm::Sha256 {
            parameters.push((SigningParameter::HashAlgorithm, Cow::from("SHA256")));
        }
        parameters
            .into_iter()
            .map(|(parameter, value)| (parameter.name(), value))
    }

    /// The [signing parameters](SignedPolicy::parameters) as a query, without a leading `?`.
    pub fn query(&self) -> &str {
        &self.query
    }
}

impl fmt::Debug for SignedPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedPolicy")
            .field("policy", &self.policy)
            .field("key_pair_id", &self.key_pair_id)
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}
