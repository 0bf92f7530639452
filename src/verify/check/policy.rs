//! The checks of a policy: its form, and each of its conditions.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use serde_json::Value;

use super::{Checks, fail_malformed};
use crate::error::quoted;
use crate::key::KeyType;
use crate::policy::{Policy, PolicyType};
use crate::time::Timestamp;
use crate::verify::checker::{Checker, Known};
use crate::verify::received::PolicyText;
use crate::verify::verdict::{CheckName, Outcome, Reason, Verdict};

impl Checks<'_> {
    /// Checks that the policy is well-formed, and then its conditions.
    pub(super) fn check_policy(
        &self,
        verdict: &mut Verdict,
        signer: Option<KeyType>,
        checker: &mut Checker,
    ) {
        let name = CheckName::Policy;
        let text = match &self.received.policy {
            Ok(text) => text,
            Err(flaw) => return fail_malformed(verdict, name, flaw),
        };
        let known = match &self.known {
            Some(known) => Arc::clone(known),
            None => match text.parse(self.url) {
                Ok(policy) => Arc::new(Known::new(&self.received, policy, signer)),
                Err(why) => {
                    return verdict.fail(name, Reason::Policy, why, fix_of_malformed(text));
                }
            },
        };
        let policy = &known.policy;
        let deviations = policy.deviations().iter().map(ToString::to_string);
        let deviations: Vec<String> = deviations.collect();
        if deviations.is_empty() {
            verdict.pass(name, "well-formed");
        } else {
            verdict.unknown(name, deviations.join("; "));
        }
        if signer.is_some() && self.known.is_none() {
            checker.remember(self.parameters, &known);
        }
        self.check_resource(verdict, &known);
        self.check_start(verdict, policy);
        self.check_expiry(verdict, policy);
        self.check_ip(verdict, policy);
        verdict.policy = Some(Arc::clone(policy));
    }

    fn check_resource(&self, verdict: &mut Verdict, known: &Known) {
        let name = CheckName::Resource;
        let policy = &known.policy;
        if policy.policy_type() == PolicyType::Canned {
            return match verdict.outcome(CheckName::Signature) {
                Some(Outcome::Pass) => verdict.pass(name, "the URL as requested"),
                Some(Outcome::Fail) => {
                    verdict.unknown(name, "not checked: the signature is invalid");
                }
                _ => verdict.unknown(name, "not checked: the signature is not checked"),
            };
        }
        let Some(resource) = policy.resource() else {
            return verdict.pass(name, "no resource: the policy covers every URL");
        };
        let text = resource.as_str();
        let pattern = quoted(text);
        // The name of a stream has no scheme.
        let is_documented = !text.contains("://") || resource.has_documented_beginning();
        if known.covers(self.url) {
            if is_documented {
                return verdict.pass(name, format_args!("{pattern} covers the URL"));
            }
            let doubt = "but CloudFront does not document its beginning";
            return verdict.unknown(name, format_args!("{pattern} covers the URL, {doubt}"));
        }
        let detail = format!("{pattern} does not cover {}", quoted(self.url));
        let fix = "sign a resource that covers the URL as requested";
        verdict.fail(name, Reason::Resource, detail, fix);
    }

    fn check_start(&self, verdict: &mut Verdict, policy: &Policy) {
        let name = CheckName::Start;
        let now = self.request.now;
        let Some(starts) = policy.conditions().starts else {
            return verdict.pass(name, "no start time");
        };
        let detail = Relative(starts, now);
        if now > starts {
            return verdict.pass(name, detail);
        }
        let fix = "wait for the start time, or sign with an earlier one; compare the signer's \
            clock and time zone with UTC";
        verdict.fail(name, Reason::NotYetValid, detail, fix);
    }

    fn check_expiry(&self, verdict: &mut Verdict, policy: &Policy) {
        let name = CheckName::Expiry;
        let now = self.request.now;
        let expires = policy.conditions().expires;
        let detail = Relative(expires, now);
        if now >= expires {
            // Not longer ago than a time zone is wide.
            let is_recent = now.unix() - expires.unix() < 14 * 3_600;
            let fix = if is_recent {
                "sign the URL again with a later expiry; if it was signed just now, compare the \
                 signer's clock and time zone with UTC"
            } else {
                "sign the URL again with a later expiry"
            };
            return verdict.fail(name, Reason::Expired, detail, fix);
        }
        let required = now.plus(self.request.valid_for);
        if required.is_ok_and(|required| required < expires) {
            return verdict.pass(name, detail);
        }
        let detail = format!("{detail}, sooner than required");
        let fix = "sign the URL again with an expiry after the required time";
        verdict.fail(name, Reason::Expired, detail, fix);
        if verdict.reason == Reason::Expired {
            // CloudFront still allows the request.
            verdict.code = None;
        }
    }

    fn check_ip(&self, verdict: &mut Verdict, policy: &Policy) {
        let name = CheckName::Ip;
        let Some(range) = policy.conditions().ip else {
            return verdict.pass(name, "any IP address allowed");
        };
        let address = self.request.ip.map(|address| address.to_canonical());
        let fix = match address {
            None | Some(IpAddr::V4(_)) if range.is_any() => {
                return verdict.pass(name, format_args!("{range} contains every IPv4 address"));
            }
            Some(IpAddr::V4(address)) if range.contains(address) => {
                return verdict.pass(name, format_args!("{address} is in {range}"));
            }
            Some(IpAddr::V4(_)) => {
                "request it from an address in the range, or sign for the client's address; \
                 CloudFront sees the proxy's or NAT's address"
            }
            Some(IpAddr::V6(_)) => {
                "disable IPv6 on the distribution, or sign without an IP address: a policy cannot \
                 contain an IPv6 address"
            }
            None => {
                let detail = format!("only {range} is allowed; the client's address is unknown");
                verdict.unknown(name, detail);
                // An unknown address counts as denied.
                let fix = format!("find out whether the client's address is in {range}");
                return verdict.deny(name, Reason::Ip, None, fix);
            }
        };
        let address = address.map(|address| address.to_string());
        let detail = format!("{} is not in {range}", address.unwrap_or_default());
        verdict.fail(name, Reason::Ip, detail, fix);
    }
}

/// A time, also as seen from another.
struct Relative(Timestamp, Timestamp);

impl fmt::Display for Relative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Relative(time, now) = self;
        write!(f, "{time}, {}", time.relative_to(*now))
    }
}

/// The next step for a policy that CloudFront cannot parse.
pub(super) fn fix_of_malformed(policy: &PolicyText) -> String {
    if std::str::from_utf8(&policy.bytes).is_err() {
        return "copy the whole URL or cookie again: the policy was changed after signing".into();
    }
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

/// The seconds in a time in a smaller unit, if they have ten digits, as from 2001 to 2286.
fn seconds_of(time: i64) -> Option<i64> {
    let units = [1_000, 1_000_000, 1_000_000_000];
    let mut seconds = units.into_iter().map(|unit| time / unit);
    seconds.find(|seconds| (1_000_000_000..10_000_000_000).contains(seconds))
}
