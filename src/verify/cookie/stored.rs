//! A cookie, and the browser's rules for keeping and sending it.

use std::collections::HashSet;
use std::fmt;

use super::withheld::{Fault, LONGEST_COOKIE};
use crate::error::quoted;
use crate::time::Timestamp;
use crate::url::UrlParts;
use crate::verify::parameters::COOKIE_PREFIX;

/// The usual second-level domains of countries.
const REGISTRIES: [&str; 8] = ["ac", "co", "com", "edu", "gov", "ne", "net", "org"];

/// One cookie, with the attributes that limit where a browser sends it.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Cookie {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) is_quoted: bool,
    pub(super) domain: Option<String>,
    /// Hosts below the domain do not get the cookie.
    pub(super) host_only: bool,
    pub(super) path: Option<String>,
    pub(super) secure: bool,
    pub(super) is_cross_site: bool,
    pub(super) lifetime: Lifetime,
    /// The reason why no server gets it as a cookie, seen in the text.
    pub(super) fault: Option<Fault>,
    /// It was seen in a request, so that no browser can have dropped it.
    pub(super) is_sent: bool,
}

/// The time for which a browser keeps a cookie.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// Until the browser is closed.
    #[default]
    Session,
    /// Seconds from when the cookie was set.
    MaxAge(i64),
    Until(Timestamp),
}

impl Lifetime {
    /// The lifetime of a cookie that expires at these Unix seconds; 0 and less stand for the end of
    /// the session.
    pub(super) fn until(seconds: i64) -> Self {
        match Timestamp::from_unix(seconds) {
            Ok(time) if seconds > 0 => Lifetime::Until(time),
            _ => Lifetime::Session,
        }
    }
}

impl Cookie {
    pub(super) fn new(name: &str, value: &str) -> Self {
        let value = value.trim();
        let unquoted = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'));
        Cookie {
            name: name.trim().into(),
            value: unquoted.unwrap_or(value).into(),
            is_quoted: unquoted.is_some(),
            ..Cookie::default()
        }
    }

    pub(super) fn pair(&self) -> (&str, &str) {
        (&self.name, &self.value)
    }

    /// Returns whether the name is that of a cookie of CloudFront, in any case.
    pub(super) fn is_cloudfronts(&self) -> bool {
        let start = self.name.get(..COOKIE_PREFIX.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(COOKIE_PREFIX))
    }

    /// The reason why this cookie is not sent with a request for `url` (RFC 6265, sections 5.1.3,
    /// 5.1.4 and 5.4).
    pub(super) fn fault_for(&self, url: &UrlParts<'_>, now: Timestamp) -> Option<Fault> {
        if self.fault.is_some() {
            return self.fault.clone();
        }
        let host = url.host().to_ascii_lowercase();
        if let Some(domain) = &self.domain {
            if !self.host_only && is_public_suffix(domain) {
                return Some(Fault::of(
                    format!(
                        "Domain {} is a public suffix, which browsers reject",
                        quoted(domain)
                    ),
                    "use an alternate domain name, or set the cookies without Domain from the distribution's own host",
                ));
            }
            if !covers_host(domain, &host) || self.host_only && !domain.eq_ignore_ascii_case(&host)
            {
                return Some(Fault::of(
                    format!(
                        "Domain {} does not cover the host {}",
                        quoted(domain),
                        quoted(&host)
                    ),
                    "set the cookies without Domain on this host, or with a parent domain of it",
                ));
            }
        }
        if self.is_sent {
            return None;
        }
        let requested = if url.path.is_empty() { "/" } else { url.path };
        if let Some(path) = self
            .path
            .as_ref()
            .filter(|path| !covers_path(path, requested))
        {
            return Some(Fault::of(
                format!("Path {} does not cover the URL", quoted(path)),
                "set the cookies with Path=/ or a folder of the URL",
            ));
        }
        // Browsers trust localhost without https.
        let scheme = url.scheme.unwrap_or_default();
        if self.secure && !scheme.eq_ignore_ascii_case("https") && host != "localhost" {
            return Some(Fault::new(
                "the cookies are Secure, but the URL is http",
                "request the URL with https",
            ));
        }
        if self.is_cross_site && !self.secure {
            return Some(Fault::new(
                "browsers reject SameSite=None without Secure",
                "set the cookies with Secure, which SameSite=None requires",
            ));
        }
        let length = self.name.len() + "=".len() + self.value.len();
        if length > LONGEST_COOKIE {
            return Some(Fault::of(
                format!("{length} bytes; browsers keep at most {LONGEST_COOKIE}"),
                "sign a shorter policy, such as one with a shorter resource",
            ));
        }
        let expired = match self.lifetime {
            Lifetime::MaxAge(..=0) => "deleted by Max-Age=0".to_owned(),
            Lifetime::Until(time) if time <= now => format!("expired {time}"),
            _ => return None,
        };
        let fix = "set the cookies again, without Max-Age and Expires or with later ones";
        Some(Fault::of(expired, fix))
    }
}

/// The cookies that a browser stores: of those with the same name, domain and path, the last (RFC
/// 6265, section 5.3).
pub(super) fn stored(mut cookies: Vec<Cookie>) -> Vec<Cookie> {
    let mut seen = HashSet::new();
    cookies.reverse();
    cookies
        .retain(|own| seen.insert([Some(own.name.clone()), own.domain.clone(), own.path.clone()]));
    cookies.reverse();
    cookies
}

/// Returns whether a cookie's `Domain` covers a host, in lower case: the same, or one below it.
pub fn covers_host(domain: &str, host: &str) -> bool {
    let domain = domain.trim_start_matches('.').to_ascii_lowercase();
    host.strip_suffix(&domain)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Returns whether a cookie's `Path` covers a path: the same, or one below it.
fn covers_path(path: &str, requested: &str) -> bool {
    requested
        .strip_prefix(path)
        .is_some_and(|rest| path.ends_with('/') || rest.is_empty() || rest.starts_with('/'))
}

/// Returns whether browsers treat a domain as a public suffix, under which anyone can register
/// names: a top-level domain, the usual second-level domains of countries, or CloudFront's own
/// domain. This is not the whole Public Suffix List.
pub fn is_public_suffix(domain: &str) -> bool {
    let name = domain.trim_start_matches('.').to_ascii_lowercase();
    match name.rsplit_once('.') {
        None => name != "localhost",
        Some((second, top)) => {
            name == "cloudfront.net" || top.len() == 2 && REGISTRIES.contains(&second)
        }
    }
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cookie")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
