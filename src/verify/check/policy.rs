//! The checks of a policy: its form, and each of its conditions.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::Checks;
use crate::policy::{Policy, PolicyType};
use crate::time::Timestamp;
use crate::url::signing_parameters::SigningParameter;
use crate::verify::memory::{Known, Memory};
use crate::verify::received::{Flaw, PolicyText};
use crate::verify::verdict::{CheckName, Outcome, Quoted, Reason, Verdict};

impl Checks<'_> {
    /// Checks that the policy is well-formed, and then its conditions.
    pub(super) fn check_policy(&self, verdict: &mut Verdict, memory: &mut Memory) {
        let name = CheckName::Policy;
        let text = match &self.received.policy {
            Ok(text) => text,
            Err(Flaw::Malformed(parameter, why)) => {
                let fix = match parameter {
                    SigningParameter::Expires => "send Expires in Unix seconds, such as 1801353600",
                    _ => "copy the whole URL or cookie, with the policy in CloudFront's base64",
                };
                let detail = format!("invalid {parameter}: {why}");
                return verdict.fail(name, Reason::Encoding, detail, fix);
            }
            Err(_) => return,
        };
        let policy = match text.parse(self.url) {
            Ok(policy) => Arc::new(policy),
            Err(why) => {
                return verdict.fail(name, Reason::Policy, why, fix_of_malformed(text));
            }
        };
        let deviations = policy.deviations().iter().map(ToString::to_string);
        let deviations: Vec<String> = deviations.collect();
        if deviations.is_empty() {
            verdict.pass(name, "well-formed");
        } else {
            verdict.unknown(name, deviations.join("; "));
        }
        if verdict.outcome(CheckName::Signature) == Some(Outcome::Pass)
            && memory.comes_again(self.parameters)
        {
            self.remember(verdict, &policy, memory);
        }
        let covers = policy.resource().is_none_or(|own| own.covers(self.url));
        self.check_conditions(verdict, &policy, covers);
    }

    /// Remembers the checks up to that of the policy, if all of them passed.
    fn remember(&self, verdict: &Verdict, policy: &Arc<Policy>, memory: &mut Memory) {
        let mut checks = verdict.checks.clone();
        checks.retain(|check| check.name != CheckName::Cookies);
        if checks.iter().any(|check| check.outcome == Outcome::Fail) {
            return;
        }
        let known = Known {
            received: Arc::clone(&self.received),
            policy: Arc::clone(policy),
            checks,
            matcher: OnceLock::new(),
        };
        memory.remember(self.parameters, known);
    }

    /// Checks the conditions of a policy that may cover the URL.
    pub(super) fn check_conditions(
        &self,
        verdict: &mut Verdict,
        policy: &Arc<Policy>,
        covers: bool,
    ) {
        self.check_resource(verdict, policy, covers);
        self.check_start(verdict, policy);
        self.check_expiry(verdict, policy);
        self.check_ip(verdict, policy);
        verdict.policy = Some(Arc::clone(policy));
    }

    fn check_resource(&self, verdict: &mut Verdict, policy: &Policy, covers: bool) {
        let name = CheckName::Resource;
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
        let pattern = Quoted(text);
        let beginnings = ["http://", "https://", "http*://", "*"];
        // The name of a stream has no scheme.
        let is_documented =
            !text.contains("://") || beginnings.iter().any(|start| text.starts_with(start));
        if covers && is_documented {
            return verdict.pass(name, format_args!("{pattern} covers the URL"));
        }
        if covers {
            return verdict.unknown(
                name,
                format_args!(
                    "{pattern} covers the URL, but CloudFront does not document its beginning"
                ),
            );
        }
        let detail = format!("{pattern} does not cover {}", Quoted(self.url));
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
                return verdict.deny(Reason::Ip, None, fix);
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
