//! The verdict on a request, and the checks that it rests on.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use super::compare::Change;
use super::received::Received;
use crate::policy::Policy;

/// The reason why a request is allowed or denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// All checks passed.
    Ok,
    /// The policy has expired, or expires sooner than required.
    Expired,
    /// The start time is in the future.
    NotYetValid,
    /// The policy does not cover the URL.
    Resource,
    /// The client's address is not in the policy's range, or is unknown.
    Ip,
    /// The signature is invalid.
    Signature,
    /// The key pair ID is not in the key group.
    KeyPairId,
    /// The policy is malformed.
    Policy,
    /// A parameter cannot be decoded.
    Encoding,
    /// A required parameter is missing.
    Missing,
    /// A parameter is duplicated.
    Duplicate,
    /// The cookies exist, but a browser would not send them.
    Cookie,
}

/// The `Code` in the body of CloudFront's 403.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Code {
    /// No signature in the request.
    MissingKey,
    /// The key pair ID is in no trusted key group.
    InvalidKey,
    /// The signature cannot be decoded.
    MalformedSignature,
    /// The policy cannot be parsed.
    MalformedPolicy,
    /// Everything else.
    AccessDenied,
}

impl Code {
    /// The `Message` beside the code.
    pub fn message(self) -> &'static str {
        match self {
            Code::MissingKey => "Missing Key-Pair-Id query parameter or cookie value",
            Code::InvalidKey => "Unknown Key",
            Code::MalformedSignature => "Could not unencode Signature",
            Code::MalformedPolicy => "Malformed Policy",
            Code::AccessDenied => "Access denied",
        }
    }
}

/// The name, as the body has it.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The checks, in the order in which they are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CheckName {
    /// A browser sends the cookies.
    Cookies,
    /// The signing parameters are complete.
    Parameters,
    /// The key pair ID is in the key group.
    KeyPairId,
    /// The signature is valid for the policy.
    Signature,
    /// The policy is well-formed.
    Policy,
    /// The policy covers the URL.
    Resource,
    /// The start time has passed.
    Start,
    /// The policy has not expired.
    Expiry,
    /// The client's address is allowed.
    Ip,
}

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Passed.
    Pass,
    /// Failed.
    Fail,
    /// Not checked, or not known.
    Unknown,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The check.
    pub name: CheckName,
    /// Its outcome.
    pub outcome: Outcome,
    /// The finding, in words; empty from [`Checker::without_details`](super::Checker).
    pub detail: String,
}

/// The verdict on a request.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The first check that failed, as a reason.
    pub reason: Reason,
    /// CloudFront's code for a denial, if it is documented; `None` if the request is allowed,
    /// undetermined or valid for too short a time.
    pub code: Option<Code>,
    /// All checks.
    pub checks: Vec<Check>,
    /// The decoded parameters.
    pub received: Arc<Received>,
    /// The policy, if it is well-formed.
    pub policy: Option<Arc<Policy>>,
    /// The exact text that the signature was made over, if it is known and UTF-8: proved, or the
    /// policy itself.
    pub signed_policy: Option<String>,
    /// Every change that happened to the request, as far as the signature proves it.
    pub changes: Vec<Change>,
    /// The changes as one sentence; `None` if nothing is proved.
    pub cause: Option<String>,
    /// The next step, on every denial.
    pub fix: Option<String>,
    /// A URL with the same signature that is allowed, if there is one.
    pub working_url: Option<String>,
    /// The cookies to send in place of the received ones, as in a `Cookie` header, if that works.
    pub working_cookies: Option<String>,
    /// The next step of each check that denies the request.
    pub(super) fixes: Vec<(CheckName, String)>,
    has_details: bool,
}

impl Verdict {
    pub(super) fn new(received: Arc<Received>, has_details: bool) -> Self {
        Verdict {
            reason: Reason::Ok,
            code: None,
            checks: Vec::with_capacity(9),
            received,
            policy: None,
            signed_policy: None,
            changes: Vec::new(),
            cause: None,
            fix: None,
            working_url: None,
            working_cookies: None,
            fixes: Vec::new(),
            has_details,
        }
    }

    /// Returns whether CloudFront would serve the request, for as long as required.
    pub fn allowed(&self) -> bool {
        self.reason == Reason::Ok
    }

    /// Returns whether the request is valid now, but expires before the required time.
    pub fn expires_too_soon(&self) -> bool {
        self.reason == Reason::Expired && self.code.is_none()
    }

    /// Returns whether a check has failed; otherwise a denial rests on something unknown.
    pub fn has_failed(&self) -> bool {
        let mut checks = self.checks.iter();
        checks.any(|check| check.outcome == Outcome::Fail)
    }

    /// Returns whether the verdict rests on something that is not known or not documented.
    pub fn has_doubt(&self) -> bool {
        let mut checks = self.checks.iter();
        checks.any(|check| check.outcome == Outcome::Unknown && check.name != CheckName::Cookies)
    }

    /// The fix and what works, as one text; `None` if the request is allowed.
    pub fn next_step(&self) -> Option<String> {
        let mut step = self.fix.clone()?;
        if let Some(cookies) = &self.working_cookies {
            step += &format!("; these cookies work: {cookies}");
        }
        if let Some(url) = &self.working_url {
            step += &format!("; this URL works: {url}");
        }
        Some(step)
    }

    /// The outcome of a check; `None` if it was not made.
    pub fn outcome(&self, name: CheckName) -> Option<Outcome> {
        let check = self.checks.iter().find(|check| check.name == name);
        check.map(|check| check.outcome)
    }

    pub(super) fn pass(&mut self, name: CheckName, detail: impl fmt::Display) {
        self.add(name, Outcome::Pass, detail);
    }

    pub(super) fn unknown(&mut self, name: CheckName, detail: impl fmt::Display) {
        self.add(name, Outcome::Unknown, detail);
    }

    /// Fails a check.
    pub(super) fn fail(
        &mut self,
        name: CheckName,
        reason: Reason,
        detail: impl fmt::Display,
        fix: impl Into<String>,
    ) {
        self.deny(name, reason, self.code_of(name, reason), fix);
        self.add(name, Outcome::Fail, detail);
    }

    /// CloudFront's code for a check that failed; `None` where it documents none.
    fn code_of(&self, name: CheckName, reason: Reason) -> Option<Code> {
        let has_no_id = self.received.key_pair_id.is_err();
        match (reason, name) {
            (Reason::Missing, _) => has_no_id.then_some(Code::MissingKey),
            (Reason::Duplicate, _) => None,
            (Reason::KeyPairId, _) => Some(Code::InvalidKey),
            (Reason::Encoding, CheckName::Signature) => Some(Code::MalformedSignature),
            (Reason::Encoding, CheckName::Policy) | (Reason::Policy, _) => {
                Some(Code::MalformedPolicy)
            }
            _ => Some(Code::AccessDenied),
        }
    }

    /// Denies the request, unless an earlier check did, and adds to the next steps. One that
    /// expires too soon may be denied today as well.
    pub(super) fn deny(
        &mut self,
        name: CheckName,
        reason: Reason,
        code: Option<Code>,
        fix: impl Into<String>,
    ) {
        let only_expires_too_soon = self.expires_too_soon() && code.is_some();
        if self.allowed() || only_expires_too_soon {
            self.reason = reason;
            self.code = code;
        }
        self.fixes.push((name, fix.into()));
    }

    fn add(&mut self, name: CheckName, outcome: Outcome, detail: impl fmt::Display) {
        let detail = if self.has_details {
            detail.to_string()
        } else {
            String::new()
        };
        self.checks.push(Check {
            name,
            outcome,
            detail,
        });
    }
}

/// The name of an enum's variant, as JSON has it.
pub(crate) fn name_of(value: &impl Serialize) -> String {
    let name = serde_json::to_value(value).unwrap_or_default();
    name.as_str().unwrap_or_default().to_owned()
}
