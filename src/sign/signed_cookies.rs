//! The cookies that carry a signature.
//!
//! Source: Amazon CloudFront Developer Guide, "Set signed cookies using a canned policy" and "... a custom policy".

use std::fmt;

use crate::base64;
use crate::key::hash::HashAlgorithm;
use crate::policy::PolicyType;
use crate::sign::signer::SignedPolicy;

/// A set of signed cookies: while a browser has them, CloudFront serves it what their policy covers.
///
/// They are a bearer credential; `Debug` shows their names only.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedCookies(Vec<(&'static str, String)>);

impl SignedCookies {
    /// The cookies for a signed policy, in the guide's order.
    pub fn new(signed: &SignedPolicy) -> Self {
        let policy = signed.policy();
        let first = match policy.policy_type() {
            PolicyType::Canned => (
                "CloudFront-Expires",
                policy.conditions().expires.unix().to_string(),
            ),
            PolicyType::Custom => (
                "CloudFront-Policy",
                base64::encode(policy.as_str().as_bytes()),
            ),
        };
        let mut cookies = vec![
            first,
            ("CloudFront-Signature", signed.signature().to_owned()),
            ("CloudFront-Key-Pair-Id", signed.key_pair_id().to_string()),
        ];
        if signed.hash() == HashAlgorithm::Sha256 {
            cookies.push(("CloudFront-Hash-Algorithm", signed.hash().to_string()));
        }
        SignedCookies(cookies)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

impl fmt::Debug for SignedCookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}
