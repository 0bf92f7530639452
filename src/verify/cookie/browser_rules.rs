//! A cookie, and the browser's rules for keeping and sending it.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use crate::error::quoted;
use crate::time::{Timestamp, When};
use crate::url::UrlParts;
use crate::verify::parameters::after_cookie_prefix;

/// The most bytes of name and value, with the `=`, of a cookie that browsers keep.
pub const LONGEST_COOKIE: usize = 4096;

/// The usual second-level domains of countries.
const REGISTRIES: [&str; 8] = ["ac", "co", "com", "edu", "gov", "ne", "net", "org"];

const RENEW: &str = "set the cookies again, without Max-Age and Expires or with later ones";

/// The reason why a cookie is not sent, and the next step.
pub(super) type Fault = (Cow<'static, str>, &'static str);

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
    pub(super) max_age: Option<i64>,
    pub(super) expires: Option<Timestamp>,
    /// The reason why no server gets it as a cookie, seen in the text.
    pub(super) fault: Option<Fault>,
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

    /// Sets an attribute by its name in `Set-Cookie` or in a browser's list; others are ignored.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "domain" if !value.trim_matches('.').is_empty() => self.domain = Some(value.into()),
            "path" if value.starts_with('/') => self.path = Some(value.into()),
            "hostonly" => self.host_only = value == "true",
            "secure" => self.secure = !value.eq_ignore_ascii_case("false"),
            "samesite" => {
                let value = value.to_ascii_lowercase();
                self.is_cross_site = ["none", "no_restriction"].contains(&value.as_str());
            }
            "max-age" => self.max_age = value.parse().ok().or(self.max_age),
            "expires" | "expirationdate" | "expiry" => self.expires = expiry(value),
            _ => {}
        }
    }

    pub(super) fn pair(&self) -> (&str, &str) {
        (&self.name, &self.value)
    }

    /// Returns whether the name is that of a cookie of CloudFront, in any case.
    pub(super) fn is_cloudfronts(&self) -> bool {
        after_cookie_prefix(&self.name).is_some()
    }

    /// The reason why a browser does not send this cookie with a request for `url` (RFC 6265,
    /// sections 5.1.3, 5.1.4 and 5.4).
    pub(super) fn fault_for(&self, url: &UrlParts<'_>, now: Timestamp) -> Option<Fault> {
        if self.fault.is_some() {
            return self.fault.clone();
        }
        let host = url.host().to_ascii_lowercase();
        let domain = self.domain.as_deref().unwrap_or(&host);
        let shown = quoted(domain);
        let is_same_host = domain.eq_ignore_ascii_case(&host);
        let path = self.path.as_deref().unwrap_or("/");
        let requested = if url.path.is_empty() { "/" } else { url.path };
        // Browsers trust localhost without https.
        let scheme = url.scheme.unwrap_or_default();
        let is_secure = scheme.eq_ignore_ascii_case("https") || host == "localhost";
        let length = self.name.len() + "=".len() + self.value.len();
        // Max-Age has precedence over Expires.
        let expires = self.expires.filter(|_| self.max_age.is_none());
        let rules = [
            (
                self.domain.is_some() && !self.host_only && is_public_suffix(domain),
                format!("Domain {shown} is a public suffix, which browsers reject"),
                "use an alternate domain name, or set the cookies without Domain from the \
                 distribution's own host",
            ),
            (
                !covers_host(domain, &host) || self.host_only && !is_same_host,
                format!("Domain {shown} does not cover the host {}", quoted(&host)),
                "set the cookies without Domain on this host, or with a parent domain of it",
            ),
            (
                !covers_path(path, requested),
                format!("Path {} does not cover the URL", quoted(path)),
                "set the cookies with Path=/ or a folder of the URL",
            ),
            (
                self.secure && !is_secure,
                "the cookies are Secure, but the URL is http".into(),
                "request the URL with https",
            ),
            (
                self.is_cross_site && !self.secure,
                "browsers reject SameSite=None without Secure".into(),
                "set the cookies with Secure, which SameSite=None requires",
            ),
            (
                length > LONGEST_COOKIE,
                format!("{length} bytes; browsers keep at most {LONGEST_COOKIE}"),
                "sign a shorter policy, such as one with a shorter resource",
            ),
            (
                self.max_age.is_some_and(|seconds| seconds <= 0),
                "deleted by Max-Age=0".into(),
                RENEW,
            ),
            (
                expires.is_some_and(|time| time <= now),
                format!("expired {}", expires.unwrap_or(now)),
                RENEW,
            ),
        ];
        let (_, reason, fix) = rules.into_iter().find(|(applies, ..)| *applies)?;
        Some((reason.into(), fix))
    }
}

/// The cookies that a browser stores: of those with the same name, domain and path, the last (RFC
/// 6265, section 5.3).
pub(super) fn stored(mut cookies: Vec<Cookie>) -> Vec<Cookie> {
    let mut seen = HashSet::new();
    cookies.reverse();
    cookies.retain(|own| seen.insert((own.name.clone(), own.domain.clone(), own.path.clone())));
    cookies.reverse();
    cookies
}

/// The time of `Expires`: Unix seconds, often with a fraction, or a date such as `Sun, 31 Jan 2027
/// 10:00:00 GMT`, also with the hyphens of older servers. Seconds that are not positive stand for
/// the end of the session, and browsers ignore what they cannot parse.
fn expiry(value: &str) -> Option<Timestamp> {
    if let Ok(seconds) = value.parse::<f64>() {
        let time = Timestamp::from_unix(seconds as i64).ok();
        return time.filter(|time| time.unix() > 0);
    }
    let time = value
        .parse()
        .or_else(|_| value.replace('-', " ").parse::<When>());
    match time {
        Ok(When::At(time)) => Some(time),
        _ => None,
    }
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
        f.debug_tuple("Cookie").field(&self.name).finish()
    }
}
