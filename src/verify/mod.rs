//! What CloudFront would answer to a signed request, and why.
//!
//! The checks are made on the bytes that travel, never on a policy written anew. They claim no more than they can know: a
//! distribution's settings, its clock and its trusted key group are not here.
//!
//! Source: Amazon CloudFront Developer Guide, "Use signed URLs" ("How CloudFront checks the expiration date and time"),
//! "Specify signers", and the answers that CloudFront gives.

use std::net::Ipv4Addr;

use crate::error::quoted;
use crate::key::key_pair_id::KeyPairId;
use crate::key::{KeyType, PublicKey, p256_signature};
use crate::policy::{Conditions, Policy, PolicyType};
use crate::sign::parameters::{Decoded, Flaw, SigningParameters};
use crate::time::Timestamp;
use crate::url::resource::Resource;

mod causes;
pub mod cookie;
mod encodings;
mod verdict;

pub use verdict::{Cause, Check, Outcome, Reason, Verdict};

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
    pub credentials: &'a SigningParameters,
    /// The key group.
    pub keys: &'a [TrustedKey],
    /// The time of the request.
    pub now: Timestamp,
    /// The address of the client, where it is known.
    pub ip: Option<Ipv4Addr>,
}

/// Answers as CloudFront would.
pub fn verify(request: &SignedRequest<'_>) -> Verdict {
    let mut verdict = Verdict {
        reason: Reason::Ok,
        checks: Vec::new(),
        decoded: None,
        policy: None,
        cause: None,
    };
    let decoded = match request.credentials.decode(request.url) {
        Ok(decoded) => decoded,
        Err(flaw) => {
            verdict.check("parameters", Err(describe(&flaw, request.credentials)));
            verdict.cause = causes::of_flaw(request);
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
        .filter(|trusted| {
            trusted
                .id
                .as_ref()
                .is_none_or(|id| id.as_str() == decoded.key_pair_id)
        })
        .map(|trusted| &trusted.key)
        .collect();
    let id = quoted(&decoded.key_pair_id);
    let is_named = request.keys.iter().any(|trusted| trusted.id.is_some());
    verdict.check(
        "key pair ID",
        match decoded.key_pair_id.parse::<KeyPairId>() {
            Err(reason) => Err((Reason::KeyPairId, reason.to_string())),
            Ok(_) if keys.is_empty() => {
                Err((Reason::KeyPairId, format!("{id} is none of the keys given")))
            }
            Ok(_) if is_named => Ok(format!("{id} is in the key group")),
            Ok(_) => Ok(format!("{id} is taken for that of the key given")),
        },
    );

    let fits = keys
        .iter()
        .find(|key| key.verifies(decoded.hash, &decoded.policy, &decoded.signature));
    match fits {
        Some(key) => verdict.check(
            "signature",
            Ok(format!(
                "fits the {} key with {}",
                key.key_type(),
                decoded.hash
            )),
        ),
        None if keys.is_empty() => {
            verdict.skip("signature", "not checked: there is no key to check it with");
            false
        }
        None => {
            let other = of_another_kind(&decoded.signature, &keys);
            let other = other
                .map(|kind| format!("; it looks like one of an {kind} key, and none is given"));
            let detail = format!(
                "does not fit with {}{}",
                decoded.hash,
                other.unwrap_or_default()
            );
            verdict.check("signature", Err((Reason::Signature, detail)))
        }
    };
    check_policy(&mut verdict, request, &decoded);
    if !verdict.allowed() {
        verdict.cause = causes::find(request, &decoded, verdict.reason, verdict.policy.as_ref());
    }
    verdict.decoded = Some(decoded);
    verdict
}

/// The kind of key that a signature looks like, where none of the keys is of it.
fn of_another_kind(signature: &[u8], keys: &[&PublicKey]) -> Option<KeyType> {
    let kind = match signature.len() {
        length @ (128 | 256 | 384 | 512) => KeyType::Rsa(8 * length),
        _ if p256_signature(signature).is_some() => KeyType::P256,
        _ => return None,
    };
    keys.iter()
        .all(|key| key.key_type() != kind)
        .then_some(kind)
}

fn describe(flaw: &Flaw, credentials: &SigningParameters) -> (Reason, String) {
    match flaw {
        Flaw::Missing(_) if credentials.is_empty() => {
            (Reason::Missing, "the request carries no signature".into())
        }
        Flaw::Missing("Expires") => (
            Reason::Missing,
            "neither Expires nor Policy is there".into(),
        ),
        Flaw::Missing("Signature") if credentials.get("Key-Pair-Id").is_none() => {
            let cut = "a shell ends a URL at its first & where it is not in quotes";
            (
                Reason::Missing,
                format!("neither Signature nor Key-Pair-Id is there; {cut}"),
            )
        }
        Flaw::Missing(name) => (Reason::Missing, format!("{name} is not there, or is empty")),
        Flaw::Repeated(name) => (Reason::Duplicate, format!("{name} is there twice")),
        Flaw::Both => (
            Reason::Duplicate,
            "Expires and Policy are both there, and a request has one of them".into(),
        ),
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
    let Conditions {
        expires,
        starts,
        ip,
    } = policy.conditions();
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
            Some(pattern) => Err((
                Reason::Resource,
                format!("{} does not cover {}", quoted(pattern), quoted(request.url)),
            )),
        },
    );
    match starts {
        None => verdict.check("start", Ok("is not given".into())),
        Some(starts) if now > starts => verdict.check(
            "start",
            Ok(format!("{starts} was {}", starts.relative_to(now))),
        ),
        Some(starts) => verdict.check(
            "start",
            Err((
                Reason::NotYetValid,
                format!("{starts} is still to come ({})", starts.relative_to(now)),
            )),
        ),
    };
    verdict.check(
        "end",
        match now < expires {
            true => Ok(format!("{expires} is {}", expires.relative_to(now))),
            false => Err((
                Reason::Expired,
                format!("{expires} has passed ({})", expires.relative_to(now)),
            )),
        },
    );
    match (ip, request.ip) {
        (None, _) => verdict.check("IP", Ok("is not limited".into())),
        (Some(range), Some(address)) if range.contains(address) => {
            verdict.check("IP", Ok(format!("{address} is in {range}")))
        }
        (Some(range), Some(address)) => verdict.check(
            "IP",
            Err((Reason::Ip, format!("{address} is not in {range}"))),
        ),
        (Some(range), None) => {
            // Not known is not allowed.
            if verdict.allowed() {
                verdict.reason = Reason::Ip;
            }
            verdict.skip(
                "IP",
                &format!(
                    "only {range} is allowed, and the client's address is not known (--ip ADDRESS)"
                ),
            );
            false
        }
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
            let seconds = request
                .credentials
                .get("Expires")
                .and_then(|expires| expires.parse().ok())
                .unwrap_or(i64::MAX);
            let expires = Timestamp::from_unix(seconds)
                .map_err(|e| format!("has an Expires that cannot be: {e}"))?;
            let url = Resource::verbatim(request.url);
            Policy::canned(&url, expires).map_err(|e| e.to_string())
        }
    }
}
