//! The signing parameters of a request, decoded and not checked.

use std::fmt;

use super::parameters::{Carrier, SigningParameters};
use crate::base64;
use crate::error::quoted;
use crate::key::hash::HashAlgorithm;
use crate::policy::{Policy, PolicyType, canned_text};
use crate::time::Timestamp;
use crate::url::resource::Resource;
use crate::url::signing_parameters::SigningParameter;

/// The signing parameters of a request, each decoded by itself.
///
/// `Debug` leaves out policy and signature.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    /// The key pair ID, which may be any text.
    pub key_pair_id: Result<String, Flaw>,
    /// The signature: as long as an RSA modulus, or ECDSA in ASN.1 DER.
    pub signature: Result<Vec<u8>, Flaw>,
    /// The policy that the signature has to match.
    pub policy: Result<PolicyText, Flaw>,
    /// The hash algorithm of the request; SHA-1 unless it names another.
    pub hash: Result<HashAlgorithm, Flaw>,
    /// A form that CloudFront is not documented to accept or reject, in words.
    pub undocumented: Option<&'static str>,
}

/// A policy as CloudFront gets it.
#[derive(Clone, PartialEq, Eq)]
pub struct PolicyText {
    /// Canned or custom.
    pub policy_type: PolicyType,
    /// The bytes that the signature has to match: rebuilt from URL and `Expires`, or received.
    pub bytes: Vec<u8>,
    /// The value of `Expires` of a canned policy.
    pub expires: Option<String>,
}

/// The reason why a parameter cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// The parameter is missing or empty. `Expires` stands for `Expires` and `Policy`.
    Missing(SigningParameter),
    /// The parameter occurs more than once.
    Duplicate(SigningParameter),
    /// The parameter has a value that cannot be decoded; the text says why.
    Malformed(SigningParameter, String),
}

impl Received {
    /// Decodes the parameters of a request. A canned policy is rebuilt from `url`, which is without
    /// signing parameters.
    pub fn decode(parameters: &SigningParameters, url: &str) -> Self {
        let hash = hash_algorithm(parameters);
        let sent = |name| parameters.get(name).filter(|value| !value.is_empty());
        let sent_hash = sent(SigningParameter::HashAlgorithm);
        let undocumented = if let (Ok(hash), Some(sent)) = (&hash, sent_hash)
            && sent != hash.to_string()
        {
            Some("Hash-Algorithm is documented as SHA1 or SHA256, in capitals and without a hyphen")
        } else if sent(SigningParameter::Policy).is_some()
            && sent(SigningParameter::Expires).is_some()
        {
            Some("Expires and Policy in one request are not documented; evaluated by Policy")
        } else {
            None
        };
        Received {
            key_pair_id: required(parameters, SigningParameter::KeyPairId).map(str::to_owned),
            signature: decoded(parameters, SigningParameter::Signature),
            policy: policy_text(parameters, url),
            hash,
            undocumented,
        }
    }

    /// The first reason why the parameters cannot be decoded.
    pub fn flaw(&self) -> Option<&Flaw> {
        let flaws = [
            self.key_pair_id.as_ref().err(),
            self.signature.as_ref().err(),
            self.policy.as_ref().err(),
            self.hash.as_ref().err(),
        ];
        let mut flaws = flaws.into_iter().flatten();
        let first = flaws.clone().next();
        // What is missing or doubled is in the way of everything else.
        flaws
            .find(|flaw| !matches!(flaw, Flaw::Malformed(..)))
            .or(first)
    }
}

impl PolicyText {
    /// Parses the policy of a request for `url`.
    ///
    /// # Errors
    /// The reason why CloudFront does not accept the policy.
    pub fn parse(&self, url: &str) -> Result<Policy, String> {
        let Some(expires) = &self.expires else {
            let text = std::str::from_utf8(&self.bytes).map_err(|_| "is not UTF-8 text")?;
            return Policy::from_request(text).map_err(|e| e.to_string());
        };
        let seconds = expires.parse().unwrap_or(i64::MAX);
        let expires =
            Timestamp::from_unix(seconds).map_err(|e| format!("has an invalid Expires: {e}"))?;
        Ok(Policy::rebuilt(&Resource::verbatim(url), expires))
    }
}

/// The only value of a parameter.
fn required(parameters: &SigningParameters, name: SigningParameter) -> Result<&str, Flaw> {
    let mut values = parameters.all(name);
    let value = values.next().filter(|value| !value.is_empty());
    if values.next().is_some() {
        return Err(Flaw::Duplicate(name));
    }
    value.ok_or(Flaw::Missing(name))
}

fn hash_algorithm(parameters: &SigningParameters) -> Result<HashAlgorithm, Flaw> {
    let name = SigningParameter::HashAlgorithm;
    match required(parameters, name) {
        Ok(value) => value.parse().map_err(|_| {
            let reason = format!("{} is neither SHA1 nor SHA256", quoted(value));
            Flaw::Malformed(name, reason)
        }),
        Err(Flaw::Missing(_)) => Ok(HashAlgorithm::Sha1),
        Err(flaw) => Err(flaw),
    }
}

fn policy_text(parameters: &SigningParameters, url: &str) -> Result<PolicyText, Flaw> {
    match decoded(parameters, SigningParameter::Policy) {
        Err(Flaw::Missing(_)) => {}
        custom => {
            return custom.map(|bytes| PolicyText {
                policy_type: PolicyType::Custom,
                bytes,
                expires: None,
            });
        }
    }
    let expires = required(parameters, SigningParameter::Expires)?;
    let is_number = (1..=19).contains(&expires.len())
        && expires.bytes().all(|byte| byte.is_ascii_digit())
        && (expires == "0" || !expires.starts_with('0'));
    if !is_number {
        let reason = format!("{} is not a Unix time in seconds", quoted(expires));
        return Err(Flaw::Malformed(SigningParameter::Expires, reason));
    }
    Ok(PolicyText {
        policy_type: PolicyType::Canned,
        bytes: canned_text(url, expires).into_bytes(),
        expires: Some(expires.to_owned()),
    })
}

/// The bytes of a parameter in base64.
fn decoded(parameters: &SigningParameters, name: SigningParameter) -> Result<Vec<u8>, Flaw> {
    let value = required(parameters, name)?;
    base64::decode(value).ok_or_else(|| {
        let reason = base64_reason(parameters.carrier(), value);
        Flaw::Malformed(name, reason.to_owned())
    })
}

/// The reason why a value is not valid base64 in CloudFront's alphabet.
fn base64_reason(carrier: Carrier, value: &str) -> &'static str {
    if value.contains('%') && carrier == Carrier::Cookies {
        "it is percent-encoded, which CloudFront does not decode in cookies"
    } else if value.contains('%') {
        "it is percent-encoded twice"
    } else if value.contains(char::is_whitespace) {
        "it contains white space, such as a line break, or a space in place of a +"
    } else if value.contains(['+', '/', '=']) {
        "it is standard base64; CloudFront uses - for +, _ for = and ~ for /"
    } else if !value.len().is_multiple_of(4) {
        "its length is not a multiple of 4: it is truncated, or base64url without padding"
    } else {
        "it is not base64 in CloudFront's alphabet"
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received")
            .field("hash", &self.hash)
            .field("undocumented", &self.undocumented)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PolicyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyText")
            .field("policy_type", &self.policy_type)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::Missing(SigningParameter::Expires) => f.write_str("Expires or Policy is missing"),
            Flaw::Missing(name) => write!(f, "{name} is missing or empty"),
            Flaw::Duplicate(name) => write!(f, "{name} is duplicated"),
            Flaw::Malformed(name, why) => write!(f, "invalid {name}: {why}"),
        }
    }
}
