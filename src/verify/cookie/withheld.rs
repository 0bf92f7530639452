//! Cookies that are not sent, each with its reason.

use std::borrow::Cow;
use std::fmt;

/// The most bytes of name and value, with the `=`, of a cookie that browsers keep.
pub const LONGEST_COOKIE: usize = 4096;

/// The most reasons, and the most names for each, that a sentence lists.
const LISTED: usize = 5;

/// A cookie that is not sent with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    pub(super) name: String,
    pub(in crate::verify) fault: Fault,
}

/// The reason why a cookie is not sent, and the next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::verify) struct Fault {
    reason: Cow<'static, str>,
    pub(in crate::verify) fix: &'static str,
}

impl Fault {
    pub(super) const fn new(reason: &'static str, fix: &'static str) -> Self {
        Fault {
            reason: Cow::Borrowed(reason),
            fix,
        }
    }

    pub(super) fn of(reason: String, fix: &'static str) -> Self {
        Fault {
            reason: Cow::Owned(reason),
            fix,
        }
    }
}

/// The cookies that are not sent, by reason.
pub(in crate::verify) fn summary(withheld: &[Withheld]) -> String {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut others = 0;
    for cookie in withheld {
        let group = groups
            .iter()
            .position(|(reason, _)| *reason == cookie.fault.reason);
        match group {
            Some(group) if groups[group].1.len() < LISTED => groups[group].1.push(&cookie.name),
            None if groups.len() < LISTED => {
                groups.push((&cookie.fault.reason, vec![&cookie.name]))
            }
            _ => others += 1,
        }
    }
    let reasons = groups
        .iter()
        .map(|(reason, names)| format!("{} not sent: {reason}", names.join(", ")));
    let mut reasons: Vec<String> = reasons.collect();
    if others > 0 {
        reasons.push(format!("{others} more not sent"));
    }
    reasons.join("; ")
}

impl fmt::Display for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&summary(std::slice::from_ref(self)))
    }
}
