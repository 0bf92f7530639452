//! What CloudFront would answer to a signed request, and why.
//!
//! The checks are made on the bytes that travel, never on a policy written anew. They claim no more than they can know: a
//! distribution's settings, its clock and its trusted key group are not here.
//!
//! Source: Amazon CloudFront Developer Guide, "Use signed URLs" ("How CloudFront checks the expiration date and time"),
//! "Specify signers", and the answers that CloudFront gives.

use std::net::Ipv4Addr;

use serde::Serialize;

use crate::credentials::{Credentials, Decoded, Flaw};
use crate::error::quoted;
use crate::key::PublicKey;
use crate::key_pair_id::KeyPairId;
use crate::policy::{Conditions, Policy, PolicyType};
use crate::resource::Resource;
use crate::time::Timestamp;

mod causes;
mod encodings;

/// A public key of the key group that a distribution trusts.
#[derive(Debug, Clone)]
pub struct TrustedKey {
    /// Its ID in CloudFront; `None` for a key that stands for whatever ID a request names.
    pub id: Option<KeyPairId>,
    /// The key.
    pub key: PublicKey,
}

/// A request to be judged.
#[derive(Debug)]
pub struct SignedRequest<'a> {
    /// The URL as requested, without its signing parameters.
    pub url: &'a str,
    /// What the request carries, in its URL or in cookies.
    pub credentials: &'a Credentials,
    /// The key group.
    pub keys: &'a [TrustedKey],
    /// The time of the request.
    pub now: Timestamp,
    /// The address of the client, where it is known.
    pub ip: Option<Ipv4Addr>,
}

/// Why a request is allowed or denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Nothing is in the way.
    Ok,
    /// The end of access has come.
    Expired,
    /// The beginning of access has not.
    NotYetValid,
    /// The policy does not cover the URL.
    Resource,
    /// The client's address is not in the policy's range, or is not known.
    Ip,
    /// The signature does not fit.
    Signature,
    /// No key of the group has the key pair ID.
    KeyPairId,
    /// The policy is none that CloudFront reads.
    Policy,
    /// A value cannot be decoded.
    Encoding,
    /// A value is not there.
    Missing,
    /// A value is there twice, or two that exclude each other are.
    Duplicate,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Passed.
    Pass,
    /// Failed.
    Fail,
    /// Not made, because of an earlier failure or for want of knowledge.
    Unknown,
}

/// One check and how it came out.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What was checked.
    pub name: &'static str,
    /// How it came out.
    pub outcome: Outcome,
    /// What was found, in words.
    pub detail: String,
}

/// A change after which the request would be allowed, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// What is different from what was signed.
    pub cause: String,
    /// What to do.
    pub suggestion: String,
}

/// The answer to a request.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// Why it is allowed or denied: the first check that failed, in CloudFront's order.
    pub reason: Reason,
    /// All checks.
    pub checks: Vec<Check>,
    /// What the request carries, where it could be decoded.
    pub decoded: Option<Decoded>,
    /// The policy, where it could be read.
    pub policy: Option<Policy>,
    /// The likely cause of a denial, where one was found by trying.
    pub cause: Option<Cause>,
}

impl Verdict {
    /// Whether CloudFront would serve the request.
    pub fn allowed(&self) -> bool {
        self.reason == Reason::Ok
    }

    /// CloudFront's answer to a request that it denies, always with status 403.
    pub fn answer(&self) -> Option<&'static str> {
        match self.reason {
            Reason::Ok => None,
            Reason::Missing => Some("MissingKey"),
            Reason::KeyPairId => Some("Unknown Key"),
            Reason::Policy | Reason::Encoding => Some("MalformedPolicy"),
            _ => Some("AccessDenied"),
        }
    }

    fn check(&mut self, name: &'static str, result: Result<String, (Reason, String)>) -> bool {
        let (outcome, detail) = match result {
            Ok(detail) => (Outcome::Pass, detail),
            Err((reason, detail)) => {
                if self.reason == Reason::Ok {
                    self.reason = reason;
                }
                (Outcome::Fail, detail)
            }
        };
        self.checks.push(Check { name, outcome, detail });
        outcome == Outcome::Pass
    }

    fn skip(&mut self, name: &'static str, detail: &str) {
        self.checks.push(Check { name, outcome: Outcome::Unknown, detail: detail.into() });
    }
}

/// Answers as CloudFront would.
pub fn verify(request: &SignedRequest<'_>) -> Verdict {
    let mut verdict = Verdict { reason: Reason::Ok, checks: Vec::new(), decoded: None, policy: None, cause: None };
    let decoded = match request.credentials.decode(request.url) {
        Ok(decoded) => decoded,
        Err(flaw) => {
            verdict.check("parameters", Err(describe(&flaw, request.credentials)));
            return verdict;
        }
    };
    let travelled = match decoded.policy_type {
        PolicyType::Canned => "Expires, Signature and Key-Pair-Id: a canned policy",
        PolicyType::Custom => "Policy, Signature and Key-Pair-Id: a custom policy",
    };
    verdict.check("parameters", Ok(travelled.into()));

    let keys: Vec<&PublicKey> = request
        .keys
        .iter()
        .filter(|trusted| trusted.id.as_ref().is_none_or(|id| id.as_str() == decoded.key_pair_id))
        .map(|trusted| &trusted.key)
        .collect();
    let id = quoted(&decoded.key_pair_id);
    verdict.check(
        "key pair ID",
        match keys.is_empty() {
            false => Ok(format!("{id} is in the key group")),
            true => Err((Reason::KeyPairId, format!("{id} is none of the keys given"))),
        },
    );

    let fits = keys.iter().find(|key| key.verifies(decoded.hash, &decoded.policy, &decoded.signature));
    match fits {
        Some(key) => verdict.check("signature", Ok(format!("fits the {} key with {}", key.key_type(), decoded.hash))),
        None if keys.is_empty() => {
            verdict.skip("signature", "not checked: there is no key to check it with");
            false
        }
        None => verdict.check("signature", Err((Reason::Signature, format!("does not fit with {}", decoded.hash)))),
    };
    check_policy(&mut verdict, request, &decoded);
    if !verdict.allowed() {
        verdict.cause = causes::find(request, &decoded, verdict.reason, verdict.policy.as_ref());
    }
    verdict.decoded = Some(decoded);
    verdict
}

fn describe(flaw: &Flaw, credentials: &Credentials) -> (Reason, String) {
    match flaw {
        Flaw::Missing(_) if credentials.is_empty() => (Reason::Missing, "the request carries no signature".into()),
        Flaw::Missing("Expires") => (Reason::Missing, "neither Expires nor Policy is there".into()),
        Flaw::Missing(name) => (Reason::Missing, format!("{name} is not there, or is empty")),
        Flaw::Repeated(name) => (Reason::Duplicate, format!("{name} is there twice")),
        Flaw::Both => (Reason::Duplicate, "Expires and Policy are both there, and a request has one of them".into()),
        Flaw::Unreadable(name, why) => (Reason::Encoding, format!("{name} cannot be read: {why}")),
    }
}

fn check_policy(verdict: &mut Verdict, request: &SignedRequest<'_>, decoded: &Decoded) {
    let policy = match read_policy(request, decoded) {
        Ok(policy) => policy,
        Err(why) => {
            verdict.check("policy", Err((Reason::Policy, why)));
            return;
        }
    };
    let Conditions { expires, starts, ip } = policy.conditions();
    let now = request.now;
    verdict.check("policy", Ok("is one that CloudFront reads".into()));
    verdict.check(
        "resource",
        match policy.resource().map(Resource::as_str) {
            _ if policy.policy_type() == PolicyType::Canned => Ok("is the URL as requested".into()),
            None => Ok("is not given, which covers every URL".into()),
            Some(pattern) if Resource::verbatim(pattern).covers(request.url) => {
                Ok(format!("{} covers the URL", quoted(pattern)))
            }
            Some(pattern) => {
                Err((Reason::Resource, format!("{} does not cover {}", quoted(pattern), quoted(request.url))))
            }
        },
    );
    match starts {
        None => verdict.check("start", Ok("is not given".into())),
        Some(starts) if now > starts => verdict.check("start", Ok(format!("{starts} was {}", starts.relative_to(now)))),
        Some(starts) => verdict.check(
            "start",
            Err((Reason::NotYetValid, format!("{starts} is still to come ({})", starts.relative_to(now)))),
        ),
    };
    verdict.check(
        "end",
        match now < expires {
            true => Ok(format!("{expires} is {}", expires.relative_to(now))),
            false => Err((Reason::Expired, format!("{expires} has passed ({})", expires.relative_to(now)))),
        },
    );
    match (ip, request.ip) {
        (None, _) => verdict.check("IP", Ok("is not limited".into())),
        (Some(range), Some(address)) if range.contains(address) => {
            verdict.check("IP", Ok(format!("{address} is in {range}")))
        }
        (Some(range), Some(address)) => verdict.check("IP", Err((Reason::Ip, format!("{address} is not in {range}")))),
        (Some(range), None) => verdict
            .check("IP", Err((Reason::Ip, format!("only {range} is allowed, and the client's address is not known")))),
    };
    verdict.policy = Some(policy);
}

fn read_policy(request: &SignedRequest<'_>, decoded: &Decoded) -> Result<Policy, String> {
    match decoded.policy_type {
        PolicyType::Custom => match std::str::from_utf8(&decoded.policy) {
            Ok(text) => Policy::from_travelled(text).map_err(|e| e.to_string()),
            Err(_) => Err("is not UTF-8 text".into()),
        },
        PolicyType::Canned => {
            let seconds =
                request.credentials.get("Expires").and_then(|expires| expires.parse().ok()).unwrap_or(i64::MAX);
            let expires = Timestamp::from_unix(seconds).map_err(|e| format!("has an Expires that cannot be: {e}"))?;
            let url = Resource::verbatim(request.url);
            Policy::canned(&url, expires).map_err(|e| e.to_string())
        }
    }
}
