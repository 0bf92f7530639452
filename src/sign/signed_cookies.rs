//! Signed cookies.
//!
//! Source: Amazon CloudFront Developer Guide, "Set signed cookies using a canned policy" and "... a
//! custom policy".

use std::fmt;

use crate::sign::signed_policy::SignedPolicy;

/// A set of signed cookies, which grant access to every URL that their policy covers until it
/// expires.
///
/// They are a bearer credential; `Debug` shows only their names.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedCookies(Vec<(String, String)>);

impl SignedCookies {
    /// The cookies for a signed policy: its [parameters](SignedPolicy::parameters) with the prefix
    /// `CloudFront-`.
    pub fn new(signed: &SignedPolicy) -> Self {
        let cookies = signed
            .parameters()
            .map(|(name, value)| (format!("CloudFront-{name}"), value.into_owned()))
            .collect();
        SignedCookies(cookies)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl fmt::Debug for SignedCookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}
