//! Cookies that are not sent, each with its reason.

use std::fmt;

use crate::error::quoted;
use crate::time::Timestamp;

/// The most bytes of name and value, with the `=`, of a cookie that browsers keep.
pub const LONGEST_COOKIE: usize = 4096;

/// The most reasons, and the most names for each, that a sentence lists.
const LISTED: usize = 5;

/// A cookie that is not sent with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    pub(super) name: String,
    pub(in crate::verify) why: Withholding,
}

/// The reason why a cookie is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::verify) enum Withholding {
    Domain {
        domain: String,
        host: String,
    },
    PublicSuffix {
        domain: String,
    },
    Path {
        path: String,
    },
    Secure,
    SameSite,
    /// Name and value have this many bytes.
    Length(usize),
    MaxAge,
    Expires(Timestamp),
    /// An earlier answer set it, but the recorded request is without it.
    NotSent,
    /// Its name is that of a header.
    Header,
    /// It stands behind another cookie in one `Set-Cookie` line.
    Folded,
    /// A comma separates it from another cookie.
    Comma,
}

impl Withheld {
    pub(super) fn new(name: &str, why: Withholding) -> Self {
        Withheld {
            name: name.into(),
            why,
        }
    }
}

impl Withholding {
    /// The reason in words, and the next step.
    fn words(&self) -> (String, &str) {
        let words = match self {
            Withholding::Domain { domain, host } => {
                let reason = format!(
                    "Domain {} does not cover the host {}",
                    quoted(domain),
                    quoted(host)
                );
                return (
                    reason,
                    "set the cookies with the URL's host or a parent domain of it as Domain",
                );
            }
            Withholding::PublicSuffix { domain } => {
                let reason = format!(
                    "Domain {} is a public suffix, which browsers reject",
                    quoted(domain)
                );
                return (
                    reason,
                    "use an alternate domain name, or set the cookies without Domain from the distribution's own host",
                );
            }
            Withholding::Path { path } => {
                let reason = format!("Path {} does not cover the URL", quoted(path));
                return (reason, "set the cookies with Path=/ or a folder of the URL");
            }
            Withholding::Length(length) => {
                let reason = format!("{length} bytes; browsers keep at most {LONGEST_COOKIE}");
                return (
                    reason,
                    "sign a shorter policy, such as one with a shorter resource",
                );
            }
            Withholding::Expires(time) => {
                return (
                    format!("expired {time}"),
                    "set the cookies again, without Expires or with a later one",
                );
            }
            Withholding::Secure => (
                "the cookies are Secure, but the URL is http",
                "request the URL with https",
            ),
            Withholding::SameSite => (
                "browsers reject SameSite=None without Secure",
                "set the cookies with Secure, which SameSite=None requires",
            ),
            Withholding::MaxAge => (
                "deleted by Max-Age=0",
                "set the cookies again, without Max-Age or with a later one",
            ),
            Withholding::NotSent => (
                "an earlier response set them, but the request has no such cookies",
                "let the client send cookies: credentials: \"include\" for fetch, withCredentials for XMLHttpRequest and players such as hls.js; Chrome also leaves cookies out of a HAR file unless asked to include sensitive data",
            ),
            Withholding::Header => (
                "sent as a header of its own, not in the Cookie header",
                "send them in one Cookie header, separated by \"; \"",
            ),
            Withholding::Folded => (
                "behind another cookie in one Set-Cookie line, of which browsers keep the first",
                "send a Set-Cookie line for each cookie",
            ),
            Withholding::Comma => (
                "separated by a comma, which makes it part of the value before",
                "separate the cookies by \"; \" instead of a comma",
            ),
        };
        (words.0.to_owned(), words.1)
    }

    /// The next step.
    pub(in crate::verify) fn fix(&self) -> String {
        self.words().1.to_owned()
    }
}

/// The cookies that are not sent, by reason.
pub(in crate::verify) fn summary(withheld: &[Withheld]) -> String {
    let mut groups: Vec<(&Withholding, Vec<&str>)> = Vec::new();
    let mut others = 0;
    for cookie in withheld {
        let group = groups.iter().position(|(why, _)| **why == cookie.why);
        match group {
            Some(group) if groups[group].1.len() < LISTED => groups[group].1.push(&cookie.name),
            None if groups.len() < LISTED => groups.push((&cookie.why, vec![&cookie.name])),
            _ => others += 1,
        }
    }
    let reasons = groups
        .iter()
        .map(|(why, names)| format!("{} not sent: {}", names.join(", "), why.words().0));
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
