//! The answer to a request, and what it rests on.

use serde::Serialize;

use crate::policy::Policy;
use crate::sign::parameters::Decoded;

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

    pub(super) fn check(
        &mut self,
        name: &'static str,
        result: Result<String, (Reason, String)>,
    ) -> bool {
        let (outcome, detail) = match result {
            Ok(detail) => (Outcome::Pass, detail),
            Err((reason, detail)) => {
                if self.reason == Reason::Ok {
                    self.reason = reason;
                }
                (Outcome::Fail, detail)
            }
        };
        self.checks.push(Check {
            name,
            outcome,
            detail,
        });
        outcome == Outcome::Pass
    }

    pub(super) fn skip(&mut self, name: &'static str, detail: &str) {
        self.checks.push(Check {
            name,
            outcome: Outcome::Unknown,
            detail: detail.into(),
        });
    }
}
