//! What a request carries to be let in: the values of the signing parameters of its URL, or of its `CloudFront-` cookies,
//! as they travel.
//!
//! Source: Amazon CloudFront Developer Guide, "Use signed URLs" and "Use signed cookies".

use crate::base64;
use crate::error::quoted;
use crate::key::hash::HashAlgorithm;
use crate::policy::{PolicyType, canned_text};
use crate::url::percent;
use crate::url::signing_parameters::NAMES;

/// Signing parameters or cookies, by name, in the order in which they came.
///
/// They are a bearer credential, so there is no `Debug` that shows them.
#[derive(Clone, Default)]
pub struct SigningParameters(Vec<(&'static str, String)>);

/// What credentials say, decoded.
#[derive(Clone, PartialEq, Eq)]
pub struct Decoded {
    /// Whether the policy travelled.
    pub policy_type: PolicyType,
    /// The bytes that should have been signed.
    pub policy: Vec<u8>,
    /// The signature: as long as an RSA modulus, or ECDSA in ASN.1 DER.
    pub signature: Vec<u8>,
    /// The key pair ID, which may be any text.
    pub key_pair_id: String,
    /// The hash announced, or SHA-1.
    pub hash: HashAlgorithm,
}

/// Why credentials cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// This parameter is not there; without `Policy`, `Expires` is the one missed.
    Missing(&'static str),
    /// This parameter is there twice.
    Repeated(&'static str),
    /// `Expires` and `Policy` are both there.
    Both,
    /// This parameter's value cannot be read; the text says why.
    Unreadable(&'static str, String),
}

impl std::fmt::Debug for SigningParameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

impl std::fmt::Debug for Decoded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoded")
            .field("policy_type", &self.policy_type)
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}

impl SigningParameters {
    /// Those in the query of a URL; names and values may be percent-encoded.
    pub fn of_url(url: &str) -> Self {
        let query = url
            .split('#')
            .next()
            .and_then(|url| url.split_once('?'))
            .map(|(_, query)| query);
        let parts = query.into_iter().flat_map(|query| query.split('&'));
        Self::of(
            parts
                .map(|part| part.split_once('=').unwrap_or((part, "")))
                .map(|(name, value)| {
                    (
                        percent::decode(name).into_owned(),
                        percent::decode(value).into_owned(),
                    )
                }),
        )
    }

    /// Those among pairs of names and values; other pairs are left out.
    pub(crate) fn of(pairs: impl Iterator<Item = (String, String)>) -> Self {
        let known = |(name, value): (String, String)| {
            Some((NAMES.into_iter().find(|known| *known == name)?, value))
        };
        SigningParameters(pairs.filter_map(known).collect())
    }

    /// These and more.
    pub(crate) fn and(&self, more: &SigningParameters) -> Self {
        SigningParameters(self.0.iter().chain(&more.0).cloned().collect())
    }

    /// Whether there is none at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a signing parameter, if it is there.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(own, _)| *own == name)
            .map(|(_, value)| value.as_str())
    }

    /// What they say in a request for `url`, which is without signing parameters: a canned policy is built from it.
    ///
    /// # Errors
    /// The first thing that is in the way.
    pub fn decode(&self, url: &str) -> Result<Decoded, Flaw> {
        if let Some(name) = NAMES
            .into_iter()
            .find(|name| self.0.iter().filter(|(own, _)| own == name).count() > 1)
        {
            return Err(Flaw::Repeated(name));
        }
        let required = |name: &'static str| {
            self.get(name)
                .filter(|value| !value.is_empty())
                .ok_or(Flaw::Missing(name))
        };
        let signature = base64("Signature", required("Signature")?)?;
        let key_pair_id = required("Key-Pair-Id")?.to_owned();
        let hash = match self.get("Hash-Algorithm") {
            None | Some("SHA1") => HashAlgorithm::Sha1,
            Some("SHA256") => HashAlgorithm::Sha256,
            Some(other) => {
                let why = format!("{} is neither SHA1 nor SHA256", quoted(other));
                return Err(Flaw::Unreadable("Hash-Algorithm", why));
            }
        };
        let (policy_type, policy) = match (self.get("Policy"), self.get("Expires")) {
            (Some(_), Some(_)) => return Err(Flaw::Both),
            (Some(policy), None) => (PolicyType::Custom, base64("Policy", policy)?),
            (None, Some(expires)) => {
                let leading_zero = expires.len() > 1 && expires.starts_with('0');
                if leading_zero
                    || !(1..=19).contains(&expires.len())
                    || !expires.bytes().all(|b| b.is_ascii_digit())
                {
                    return Err(Flaw::Unreadable(
                        "Expires",
                        format!("{} is no Unix time", quoted(expires)),
                    ));
                }
                (PolicyType::Canned, canned_text(url, expires).into_bytes())
            }
            (None, None) => return Err(Flaw::Missing("Expires")),
        };
        Ok(Decoded {
            policy_type,
            policy,
            signature,
            key_pair_id,
            hash,
        })
    }
}

fn base64(name: &'static str, value: &str) -> Result<Vec<u8>, Flaw> {
    base64::decode(value).ok_or_else(|| {
        let standard = value.contains(['+', '/', '=', ' ']);
        let why = if standard {
            "it holds characters of standard base64, for which CloudFront has - (for +), _ (for =) and ~ (for /)"
        } else {
            "it is not whole base64 in CloudFront's alphabet"
        };
        Flaw::Unreadable(name, why.into())
    })
}
