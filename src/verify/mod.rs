//! CloudFront's verdict on a signed request, and the cause of a denial.
//!
//! The checks are made on the bytes of the request, never on a policy that was serialized again. They know neither the
//! settings of a distribution nor its clock nor its key groups, and CloudFront does not document the order of its checks.
//!
//! ```text
//! SignedUrl, CookieSet -> SigningParameters -> Received -> checks -> Verdict <- search for the cause
//! ```
//!
//! Source: Amazon CloudFront Developer Guide, "Use signed URLs" ("How CloudFront checks the expiration date and time"),
//! "Specify signers", and the bodies of CloudFront's 403 responses.

use std::net::IpAddr;
use std::time::Duration;

use crate::key::PublicKey;
use crate::key::key_pair_id::KeyPairId;
use crate::sign::SignedUrl;
use crate::time::Timestamp;

pub mod answer;
mod cause;
mod check;
pub mod compare;
pub mod cookie;
pub mod log;
mod memory;
mod parameters;
mod received;
pub mod summary;
mod verdict;

use check::Checks;
use cookie::CookieSet;
use memory::Memory;
pub use parameters::{Carrier, SigningParameters};
pub use received::{Flaw, PolicyText, Received, Undocumented};
pub use verdict::{Check, CheckName, Code, Outcome, Reason, Verdict};

/// A public key of the key group that a distribution trusts.
#[derive(Debug, Clone)]
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

/// Evaluates a request as CloudFront would, without a search for the cause of a denial.
pub fn evaluate(request: &SignedRequest<'_>) -> Verdict {
    Checker::default().evaluate(request)
}

/// Evaluates many requests, one after the other, and remembers what the next may have in common:
/// a valid signature, and what explained a denial.
#[derive(Debug, Default)]
pub struct Checker(Memory);

impl Checker {
    /// A checker that tries at most this number of texts to find the one that was signed.
    #[must_use]
    pub fn with_guesses(guesses: usize) -> Self {
        let mut memory = Memory::default();
        memory.guesses = guesses;
        Checker(memory)
    }

    /// Evaluates a request, and finds the cause of a denial.
    pub fn verify(&mut self, request: &SignedRequest<'_>) -> Verdict {
        let (mut verdict, parameters) = checked(request, &mut self.0);
        if !verdict.allowed() {
            cause::explain(&mut verdict, request, &parameters, &mut self.0);
        }
        verdict
    }

    /// Evaluates a request, without a search for the cause of a denial.
    pub fn evaluate(&mut self, request: &SignedRequest<'_>) -> Verdict {
        checked(request, &mut self.0).0
    }
}

fn checked(request: &SignedRequest<'_>, memory: &mut Memory) -> (Verdict, SigningParameters) {
    let url = request.url.unsigned();
    let in_url = SigningParameters::of_url(request.url.as_str());
    let sent = match request.cookies {
        Some(cookies) if in_url.is_empty() => Some(cookies.sent_to(&url, request.now)),
        _ => None,
    };
    let parameters = match &sent {
        Some(sent) => sent.parameters.clone(),
        None => in_url,
    };
    let mut verdict = Verdict::new(Received::decode(&parameters, &url));
    if let Some(sent) = &sent {
        check::check_cookies(&mut verdict, sent);
    } else if request.cookies.is_some() {
        let detail = "ignored: the URL contains signing parameters";
        verdict.unknown(CheckName::Cookies, detail);
    }
    check(request, &parameters, &url, &mut verdict, memory);
    (verdict, parameters)
}

/// The verdict on a request with other signing parameters than its own.
fn judge(
    request: &SignedRequest<'_>,
    parameters: &SigningParameters,
    memory: &mut Memory,
) -> Verdict {
    let url = request.url.unsigned();
    let mut verdict = Verdict::new(Received::decode(parameters, &url));
    check(request, parameters, &url, &mut verdict, memory);
    verdict
}

fn check(
    request: &SignedRequest<'_>,
    parameters: &SigningParameters,
    url: &str,
    verdict: &mut Verdict,
    memory: &mut Memory,
) {
    let received = verdict.received.clone();
    let checks = Checks {
        request,
        parameters,
        received: &received,
        url,
    };
    checks.run(verdict, memory);
    let is_valid = verdict.outcome(CheckName::Signature) == Some(Outcome::Pass);
    if let Ok(policy) = &received.policy
        && is_valid
    {
        verdict.signed_policy = String::from_utf8(policy.bytes.clone()).ok();
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
