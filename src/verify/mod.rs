//! CloudFront's verdict on a signed request, and the cause of a denial.
//!
//! The checks are made on the bytes of the request, never on a policy that was serialized again.
//! They know neither the settings of a distribution nor its clock nor its key groups, and
//! CloudFront does not document the order of its checks.
//!
//! ```text
//! SignedUrl, CookieSet -> SigningParameters -> Received -> checks -> Verdict <- cause
//! ```
//!
//! Source: Amazon CloudFront Developer Guide, "Use signed URLs" and "Specify signers"; bodies of
//! CloudFront's 403 responses.

use std::net::IpAddr;
use std::time::Duration;

use crate::key::PublicKey;
use crate::key::key_pair_id::KeyPairId;
use crate::sign::SignedUrl;
use crate::time::Timestamp;

mod cause;
mod check;
mod checker;
pub mod compare;
pub mod cookie;
#[doc(hidden)]
pub mod log;
mod parameters;
mod received;
#[doc(hidden)]
pub mod response;
#[doc(hidden)]
pub mod summary;
mod verdict;

use check::verdict_on;
pub use checker::Checker;
use cookie::CookieSet;
pub use parameters::{Carrier, SigningParameters};
pub use received::{Flaw, PolicyText, Received};
#[cfg(feature = "cli")]
pub(crate) use verdict::name_of;
pub use verdict::{Check, CheckName, Code, Outcome, Reason, Verdict};

/// A public key of the key group that a distribution trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedKey {
    /// Its ID in CloudFront; `None` for a key that is used for whatever ID a request has.
    pub id: Option<KeyPairId>,
    /// The key.
    pub key: PublicKey,
}

/// A request to verify.
#[derive(Debug, Clone, Copy)]
pub struct SignedRequest<'a> {
    /// The URL as requested, with its signing parameters.
    pub url: &'a SignedUrl,
    /// The client's cookies.
    pub cookies: Option<&'a CookieSet>,
    /// The public keys in the trusted key groups.
    pub keys: &'a [TrustedKey],
    /// The time of the request.
    pub now: Timestamp,
    /// The address of the client, if it is known.
    pub ip: Option<IpAddr>,
    /// The minimum time after `now` for which the policy must stay valid.
    pub valid_for: Duration,
}

/// Evaluates a request as CloudFront would, and finds the cause of a denial.
pub fn verify(request: &SignedRequest<'_>) -> Verdict {
    Checker::default().verify(request)
}

impl Checker {
    /// Evaluates a request, and finds the cause of a denial.
    pub fn verify(&mut self, request: &SignedRequest<'_>) -> Verdict {
        let (mut verdict, parameters) = self.checked(request);
        if !verdict.allowed() {
            cause::explain(&mut verdict, request, &parameters, self);
        }
        verdict
    }

    /// Evaluates a request, without a search for the cause of a denial.
    pub fn evaluate(&mut self, request: &SignedRequest<'_>) -> Verdict {
        self.checked(request).0
    }

    fn checked(&mut self, request: &SignedRequest<'_>) -> (Verdict, SigningParameters) {
        let (mut parameters, url) = SigningParameters::split(request.url.as_str());
        let cookies = request.cookies.filter(|_| parameters.is_empty());
        let sent = cookies.map(|cookies| cookies.sent_to(&url, request.now));
        if let Some(sent) = &sent {
            parameters = sent.assumed.clone();
        }
        let verdict = verdict_on(request, &parameters, &url, sent.as_ref(), self);
        (verdict, parameters)
    }
}

impl SignedRequest<'_> {
    /// The keys that CloudFront would check the signature of a request with this key pair ID with.
    fn keys_of(&self, key_pair_id: &str) -> Vec<&PublicKey> {
        let has_id = |trusted: &&TrustedKey| match &trusted.id {
            Some(id) => id.as_str() == key_pair_id,
            None => true,
        };
        let trusted = self.keys.iter().filter(has_id);
        trusted.map(|trusted| &trusted.key).collect()
    }
}
