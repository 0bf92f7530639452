//! The checks, each of which adds a row to the verdict.

use std::fmt::Display;
use std::net::IpAddr;

use serde_json::Value;

use super::cause::Origin;
use super::cookie::Sent;
use super::parameters::{Carrier, SigningParameters};
use super::received::{Flaw, PolicyText, Received, Undocumented};
use super::verdict::{CheckName, Code, Denial, Outcome, Reason, Verdict};
use super::{SignedRequest, cause};
use crate::error::quoted;
use crate::key::SignedHash;
use crate::key::key_pair_id::KeyPairId;
use crate::policy::{Policy, PolicyType};
use crate::url::UrlParts;
use crate::url::signing_parameters::SigningParameter;

/// Checks whether a browser sends the cookies.
pub(super) fn cookies(verdict: &mut Verdict, sent: &Sent) {
    let Some(first) = sent.withheld.first() else {
        if !sent.parameters.is_empty() {
            verdict.pass(CheckName::Cookies, "sent with a request for this URL");
        }
        return;
    };
    let detail = super::cookie::summary(&sent.withheld);
    // CloudFront documents no code for a request that has the ID but not the rest.
    let has_id = sent.parameters.get(SigningParameter::KeyPairId).is_some();
    let code = (!has_id).then_some(Code::MissingKey);
    let denial = Denial::new(Reason::Cookie, code, detail, first.why.fix());
    verdict.fail(CheckName::Cookies, denial);
}

/// Checks whether the signing parameters are complete; without them there is nothing else to check.
pub(super) fn parameters(
    verdict: &mut Verdict,
    parameters: &SigningParameters,
    received: &Received,
    url: &str,
) -> bool {
    match received.flaw() {
        Some(Flaw::Missing(_)) => {
            verdict.fail(CheckName::Parameters, missing(parameters, received, url));
            return false;
        }
        Some(Flaw::Duplicate(name)) => {
            let name = parameters.spelling(*name);
            let detail = format!("{name} is duplicated");
            let fix = format!("send {name} once; which value CloudFront uses is not documented");
            let denial = Denial::new(Reason::Duplicate, Code::AccessDenied, detail, fix);
            verdict.fail(CheckName::Parameters, denial);
            return false;
        }
        _ => {}
    }
    let is_canned = match &received.policy {
        Ok(policy) => policy.policy_type == PolicyType::Canned,
        Err(_) => parameters.get(SigningParameter::Policy).is_none(),
    };
    let found = if is_canned {
        "Expires, Signature and Key-Pair-Id (canned policy)"
    } else {
        "Policy, Signature and Key-Pair-Id (custom policy)"
    };
    let undocumented = received.undocumented.first().map(|form| match form {
        Undocumented::ExpiresWithPolicy => {
            "Expires and Policy in one request are not documented; evaluated by Policy"
        }
        Undocumented::HashSpelling => {
            "Hash-Algorithm is documented as SHA1 or SHA256, in capitals and without a hyphen"
        }
    });
    match (undocumented, &received.hash) {
        (_, Err(Flaw::Malformed(name, why))) => {
            let fix = "use Hash-Algorithm=SHA256 for SHA-256 and no Hash-Algorithm for SHA-1";
            let detail = format!("invalid {name}: {why}");
            let denial = Denial::new(Reason::Encoding, Code::AccessDenied, detail, fix);
            verdict.fail(CheckName::Parameters, denial);
        }
        (Some(undocumented), _) => verdict.unknown(CheckName::Parameters, undocumented),
        (None, _) => verdict.pass(CheckName::Parameters, found),
    }
    true
}

fn missing(parameters: &SigningParameters, received: &Received, url: &str) -> Denial {
    let flaws = [
        received.policy.as_ref().err(),
        received.signature.as_ref().err(),
        received.key_pair_id.as_ref().err(),
    ];
    let names: Vec<SigningParameter> = flaws
        .into_iter()
        .filter_map(|flaw| match flaw {
            Some(Flaw::Missing(name)) => Some(*name),
            _ => None,
        })
        .collect();
    // CloudFront documents no code for a request that has the ID but not the rest.
    let code = received.key_pair_id.is_err().then_some(Code::MissingKey);
    let deny =
        |detail: String, fix: &str| Denial::new(Reason::Missing, code, detail, fix.to_owned());
    for name in &names {
        if let Some(found) = parameters.misspelt_name(*name) {
            let exact = parameters.spelling(*name);
            let detail = format!("{exact} is missing: {} is misspelt", quoted(found));
            return deny(detail, &format!("rename it to {exact}"));
        }
    }
    if parameters.is_empty() {
        return match (parameters.carrier(), presigned_by_s3(url)) {
            (_, true) => deny(
                "no CloudFront signature: the URL is presigned for S3".into(),
                "request it from S3, or sign the CloudFront URL with a CloudFront key",
            ),
            (Carrier::Cookies, _) => deny(
                "no signing parameters in the URL, and no CloudFront cookies sent with it".into(),
                "set the cookies CloudFront-Policy (or -Expires), CloudFront-Signature and CloudFront-Key-Pair-Id",
            ),
            _ => deny(
                "no signing parameters".into(),
                "request the signed URL, or send the signed cookies",
            ),
        };
    }
    let spelt: Vec<String> = names
        .iter()
        .map(|name| match name {
            SigningParameter::Expires => {
                let policy = parameters.spelling(SigningParameter::Policy);
                format!("{} or {policy}", parameters.spelling(*name))
            }
            name => parameters.spelling(*name),
        })
        .collect();
    let verb = if spelt.len() == 1 { "is" } else { "are" };
    let detail = format!("{} {verb} missing or empty", spelt.join(" and "));
    let is_cut = names == [SigningParameter::Signature, SigningParameter::KeyPairId];
    let fix = match parameters.carrier() {
        Carrier::Cookies => "send all cookies of the set: policy or expiry, signature, key pair ID",
        Carrier::Query if is_cut => "quote the URL: an unquoted & ends the command in a shell",
        Carrier::Query => "copy the whole signed URL, or sign it again",
    };
    deny(detail, fix)
}

fn presigned_by_s3(url: &str) -> bool {
    UrlParts::parse(url).parameters().any(|parameter| {
        parameter.starts_with("X-Amz-Signature=") || parameter.starts_with("AWSAccessKeyId=")
    })
}

/// Checks whether the key pair ID is in the key group.
pub(super) fn key_pair_id(verdict: &mut Verdict, request: &SignedRequest<'_>, received: &Received) {
    let Ok(text) = &received.key_pair_id else {
        return;
    };
    let id = quoted(text);
    let deny = |detail: String, fix: &str| {
        Denial::new(Reason::KeyPairId, Code::InvalidKey, detail, fix.to_owned())
    };
    let list = "use the ID of a public key in the key group; aws cloudfront list-public-keys shows the IDs";
    let parsed = match text.parse::<KeyPairId>() {
        Ok(parsed) => parsed,
        Err(reason) => return verdict.fail(CheckName::KeyPairId, deny(reason.to_string(), list)),
    };
    if request.keys_of(text).is_empty() {
        let detail = format!("{id} is not the ID of any key given");
        return verdict.fail(CheckName::KeyPairId, deny(detail, list));
    }
    let is_named = request
        .keys
        .iter()
        .any(|trusted| trusted.id.as_ref() == Some(&parsed));
    if is_named {
        return verdict.pass(CheckName::KeyPairId, format!("{id} is in the key group"));
    }
    if let Some(other) = parsed.other_kind() {
        let oddity = parsed.oddity().unwrap_or_default();
        let fix = format!("use the public key's ID (K...), not the {other}'s");
        return verdict.fail(CheckName::KeyPairId, deny(format!("{id} {oddity}"), &fix));
    }
    match parsed.oddity() {
        Some(oddity) => {
            let cut = if looks_cut(text) { " (truncated?)" } else { "" };
            verdict.unknown(CheckName::KeyPairId, format!("{id} {oddity}{cut}"));
        }
        None => verdict.pass(
            CheckName::KeyPairId,
            format!("{id}, assumed to be the ID of the given key"),
        ),
    }
}

/// Whether an ID may be the beginning of one.
fn looks_cut(id: &str) -> bool {
    let capitals = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    id.starts_with('K') && id.len() < 14 && id.bytes().all(capitals)
}

/// Checks the signature against the exact bytes of the policy.
pub(super) fn signature(
    verdict: &mut Verdict,
    request: &SignedRequest<'_>,
    received: &Received,
    url: &str,
) {
    let signature = match &received.signature {
        Ok(signature) => signature,
        Err(Flaw::Malformed(_, why)) => {
            let fix = "copy the whole URL or cookie, with the signature in CloudFront's base64";
            let detail = format!("not decodable: {why}");
            let denial = Denial::new(Reason::Encoding, Code::MalformedSignature, detail, fix);
            return verdict.fail(CheckName::Signature, denial);
        }
        Err(_) => return,
    };
    let (Ok(policy), Ok(hash), Ok(id)) = (
        &received.policy,
        received.hash.as_ref(),
        &received.key_pair_id,
    ) else {
        let flaws = [received.policy.as_ref().err(), received.hash.as_ref().err()];
        let why = match flaws.into_iter().flatten().next() {
            Some(Flaw::Malformed(SigningParameter::Policy, _)) => {
                "the policy cannot be decoded".into()
            }
            Some(Flaw::Malformed(name, _)) => format!("{name} is invalid"),
            _ => "a parameter is missing".into(),
        };
        return verdict.unknown(CheckName::Signature, format!("not checked: {why}"));
    };
    let keys = request.keys_of(id);
    if keys.is_empty() {
        let detail = "not checked: no key with this ID is given";
        return verdict.unknown(CheckName::Signature, detail);
    }
    let valid = keys
        .iter()
        .find(|key| key.verifies(*hash, &policy.bytes, signature));
    match valid {
        Some(key) => {
            let hash = SignedHash::of(*hash).name();
            let detail = format!("valid for the {} key ({hash})", key.key_type());
            verdict.pass(CheckName::Signature, detail);
        }
        None => {
            let invalid = cause::invalid_signature(&keys, *hash, &policy.bytes, signature);
            let is_malformed = policy.parse(url).is_err();
            let fix = match (invalid.origin, policy.policy_type) {
                (Origin::Truncated, _) => "copy the whole URL: the signature is truncated".into(),
                (Origin::OtherKey, _) => {
                    "sign with the private key of this public key, or add the signing key's public key to the key group; compare the fingerprints that cfsign key inspect prints".into()
                }
                (Origin::Key, _) if is_malformed => fix_of_malformed(policy),
                (Origin::Key, PolicyType::Canned) => {
                    "compare the policy text that CloudFront rebuilds from this URL with the text that was signed, byte by byte".into()
                }
                (Origin::Key, PolicyType::Custom) => {
                    "compare the policy text in the request with the text that was signed, byte by byte".into()
                }
            };
            let detail = invalid.detail;
            let denial = Denial::new(Reason::Signature, Code::AccessDenied, detail, fix);
            verdict.fail(CheckName::Signature, denial);
        }
    }
}

/// Checks whether the policy is well-formed, and then what it says.
pub(super) fn policy(
    verdict: &mut Verdict,
    request: &SignedRequest<'_>,
    received: &Received,
    url: &str,
) {
    let text = match &received.policy {
        Ok(text) => text,
        Err(Flaw::Malformed(name, why)) => {
            let fix = match name {
                SigningParameter::Expires => "send Expires in Unix seconds, such as 1801353600",
                _ => "copy the whole URL or cookie, with the policy in CloudFront's base64",
            };
            let detail = format!("invalid {name}: {why}");
            let denial = Denial::new(Reason::Encoding, Code::MalformedPolicy, detail, fix);
            return verdict.fail(CheckName::Policy, denial);
        }
        Err(_) => return,
    };
    let policy = match text.parse(url) {
        Ok(policy) => policy,
        Err(why) => {
            let fix = fix_of_malformed(text);
            let denial = Denial::new(Reason::Policy, Code::MalformedPolicy, why, fix);
            return verdict.fail(CheckName::Policy, denial);
        }
    };
    if has_statement_object(&text.bytes) {
        let detail = "Statement is an object; CloudFront documents a list with one statement";
        verdict.unknown(CheckName::Policy, detail);
    } else {
        verdict.pass(CheckName::Policy, "well-formed");
    }
    resource(verdict, &policy, url);
    start(verdict, request, &policy);
    expiry(verdict, request, &policy);
    ip(verdict, request, &policy);
    verdict.policy = Some(policy);
}

/// The next step for a policy that CloudFront cannot parse.
fn fix_of_malformed(policy: &PolicyText) -> String {
    let value = serde_json::from_slice::<Value>(&policy.bytes);
    if value.as_ref().is_err_and(serde_json::Error::is_eof) {
        return "copy the whole URL or cookie: the policy is truncated".into();
    }
    let condition = "/Statement/0/Condition/DateLessThan/AWS:EpochTime";
    let value = value.unwrap_or_default();
    let expiry = value.pointer(condition).and_then(Value::as_i64);
    match expiry.and_then(seconds_of) {
        Some(seconds) => format!("sign again with the expiry in seconds: {seconds}"),
        None => "sign a policy in the documented form: one statement, epoch seconds without quotes"
            .into(),
    }
}

/// The seconds in a time in milliseconds, microseconds or nanoseconds, if those have ten digits, as from 2001 to 2286.
fn seconds_of(time: i64) -> Option<i64> {
    let units = [1_000, 1_000_000, 1_000_000_000];
    let mut seconds = units.into_iter().map(|unit| time / unit);
    seconds.find(|seconds| (1_000_000_000..10_000_000_000).contains(seconds))
}

fn has_statement_object(policy: &[u8]) -> bool {
    let value: Option<Value> = serde_json::from_slice(policy).ok();
    value.is_some_and(|value| value["Statement"].is_object())
}

fn resource(verdict: &mut Verdict, policy: &Policy, url: &str) {
    let name = CheckName::Resource;
    if policy.policy_type() == PolicyType::Canned {
        return match verdict.outcome(CheckName::Signature) {
            Some(Outcome::Pass) => verdict.pass(name, "the URL as requested"),
            Some(Outcome::Fail) => verdict.unknown(name, "not checked: the signature is invalid"),
            _ => verdict.unknown(name, "not checked: the signature is not checked"),
        };
    }
    let Some(resource) = policy.resource() else {
        return verdict.pass(name, "no resource: the policy covers every URL");
    };
    let pattern = quoted(resource.as_str());
    if resource.covers(url) {
        return verdict.pass(name, format!("{pattern} covers the URL"));
    }
    let detail = format!("{pattern} does not cover {}", quoted(url));
    let fix = "sign a resource that covers the URL as requested";
    verdict.fail(
        name,
        Denial::new(Reason::Resource, Code::AccessDenied, detail, fix),
    );
}

fn start(verdict: &mut Verdict, request: &SignedRequest<'_>, policy: &Policy) {
    let Some(starts) = policy.conditions().starts else {
        return verdict.pass(CheckName::Start, "no start time");
    };
    let detail = format!("{starts}, {}", starts.relative_to(request.now));
    if request.now > starts {
        return verdict.pass(CheckName::Start, detail);
    }
    let fix = "wait for the start time, or sign with an earlier one; compare the signer's clock and time zone with UTC";
    let denial = Denial::new(Reason::NotYetValid, Code::AccessDenied, detail, fix);
    verdict.fail(CheckName::Start, denial);
}

fn expiry(verdict: &mut Verdict, request: &SignedRequest<'_>, policy: &Policy) {
    let expires = policy.conditions().expires;
    let detail = format!("{expires}, {}", expires.relative_to(request.now));
    if request.now >= expires {
        let fix = "sign the URL again with a later expiry";
        let denial = Denial::new(Reason::Expired, Code::AccessDenied, detail, fix);
        return verdict.fail(CheckName::Expiry, denial);
    }
    let is_valid_for = |until: crate::time::Timestamp| until < expires;
    let lasts =
        request.valid_for.is_zero() || request.now.plus(request.valid_for).is_ok_and(is_valid_for);
    if lasts {
        return verdict.pass(CheckName::Expiry, detail);
    }
    let detail = format!("{detail}, sooner than required");
    let fix = "sign the URL again with an expiry after the required time";
    let denial = Denial::new(Reason::Expired, None, detail, fix);
    verdict.fail(CheckName::Expiry, denial);
}

fn ip(verdict: &mut Verdict, request: &SignedRequest<'_>, policy: &Policy) {
    let name = CheckName::Ip;
    let Some(range) = policy.conditions().ip else {
        return verdict.pass(name, "any IP address allowed");
    };
    let deny = |detail: String, fix: &str| {
        Denial::new(Reason::Ip, Code::AccessDenied, detail, fix.to_owned())
    };
    let outside = |address: &dyn Display| format!("{address} is not in {range}");
    match request.ip {
        Some(IpAddr::V4(address)) if range.contains(address) => {
            verdict.pass(name, format!("{address} is in {range}"));
        }
        Some(IpAddr::V4(address)) => {
            let fix = "request it from an address in the range, or sign for the client's address; CloudFront sees the proxy's or NAT's address";
            verdict.fail(name, deny(outside(&address), fix));
        }
        Some(IpAddr::V6(address)) => {
            let fix = "disable IPv6 on the distribution, or sign without an IP address: a policy cannot contain an IPv6 address";
            verdict.fail(name, deny(outside(&address), fix));
        }
        None => {
            verdict.unknown(
                name,
                format!("only {range} is allowed; the client's address is unknown"),
            );
            // An unknown address counts as denied.
            let fix = format!("find out whether the client's address is in {range}");
            verdict.deny(Reason::Ip, None, fix);
        }
    }
}
