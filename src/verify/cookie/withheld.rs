//! Cookies that a browser does not send, each with its reason.

use std::fmt;

use crate::error::quoted;
use crate::time::Timestamp;

/// A cookie that a browser does not send with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    pub(super) name: String,
    pub(in crate::verify) why: Withholding,
}

/// The attribute that keeps a browser from sending a cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::verify) enum Withholding {
    Domain { domain: String, host: String },
    PublicSuffix { domain: String },
    Path { path: String },
    Secure,
    MaxAge,
    Expires(Timestamp),
}

impl Withholding {
    /// The next step.
    pub(in crate::verify) fn fix(&self) -> String {
        match self {
            Withholding::Domain { host, .. } => {
                format!("set the cookies with Domain={host} or a parent domain of it")
            }
            Withholding::PublicSuffix { .. } => {
                "use an alternate domain name, or set the cookies without Domain from the distribution's own host".into()
            }
            Withholding::Path { .. } => "set the cookies with Path=/ or a folder of the URL".into(),
            Withholding::Secure => "request the URL with https".into(),
            Withholding::MaxAge | Withholding::Expires(_) => {
                "set the cookies again, without Max-Age and Expires or with later ones".into()
            }
        }
    }
}

/// The cookies that are not sent, by reason.
pub(in crate::verify) fn summary(withheld: &[Withheld]) -> String {
    let mut reasons: Vec<String> = Vec::new();
    for (index, cookie) in withheld.iter().enumerate() {
        let same = |other: &&Withheld| other.why == cookie.why;
        if withheld[..index].iter().any(|other| same(&other)) {
            continue;
        }
        let names: Vec<&str> = withheld
            .iter()
            .filter(same)
            .map(|cookie| cookie.name.as_str())
            .collect();
        reasons.push(format!("{} not sent: {}", names.join(", "), cookie.why));
    }
    reasons.join("; ")
}

impl fmt::Display for Withholding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Withholding::Domain { domain, host } => {
                write!(
                    f,
                    "Domain {} does not cover the host {}",
                    quoted(domain),
                    quoted(host)
                )
            }
            Withholding::PublicSuffix { domain } => {
                write!(
                    f,
                    "Domain {} is a public suffix, which browsers reject",
                    quoted(domain)
                )
            }
            Withholding::Path { path } => write!(f, "Path {} does not cover the URL", quoted(path)),
            Withholding::Secure => f.write_str("the cookies are Secure, but the URL is http"),
            Withholding::MaxAge => f.write_str("deleted by Max-Age=0"),
            Withholding::Expires(time) => write!(f, "expired {time}"),
        }
    }
}

impl fmt::Display for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&summary(std::slice::from_ref(self)))
    }
}
