//! A cookie, and the browser's rules for keeping and sending it.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use crate::error::quoted;
use crate::time::{Timestamp, When};
use crate::url::UrlParts;
use crate::verify::parameters::COOKIE_PREFIX;

/// The most bytes of name and value, with the `=`, of a cookie that browsers keep.
pub const LONGEST_COOKIE: usize = 4096;

/// The usual second-level domains of countries.
const REGISTRIES: [&str; 8] = ["ac", "co", "com", "edu", "gov", "ne", "net", "org"];

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
    /// It was seen in a request, so that no browser can have dropped it.
    pub(super) is_sent: bool,
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
        let start = self.name.get(..COOKIE_PREFIX.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(COOKIE_PREFIX))
    }

    /// The reason why this cookie is not sent with a request for `url` (RFC 6265, sections 5.1.3,
    /// 5.1.4 and 5.4).
    pub(super) fn fault_for(&self, url: &UrlParts<'_>, now: Timestamp) -> Option<Fault> {
        let host = url.host().to_ascii_lowercase();
        let by_host = self.fault.clone().or_else(|| self.fault_of_domain(&host));
        if by_host.is_some() || self.is_sent {
            return by_host;
        }
        let requested = if url.path.is_empty() { "/" } else { url.path };
        if let Some(path) = &self.path
            && !covers_path(path, requested)
        {
            let reason = format!("Path {} does not cover the URL", quoted(path));
            let fix = "set the cookies with Path=/ or a folder of the URL";
            return Some((reason.into(), fix));
        }
        // Browsers trust localhost without https.
        let scheme = url.scheme.unwrap_or_default();
        if self.secure && !scheme.eq_ignore_ascii_case("https") && host != "localhost" {
            let reason = "the cookies are Secure, but the URL is http";
            return Some((reason.into(), "request the URL with https"));
        }
        if self.is_cross_site && !self.secure {
            let reason = "browsers reject SameSite=None without Secure";
            let fix = "set the cookies with Secure, which SameSite=None requires";
            return Some((reason.into(), fix));
        }
        let length = self.name.len() + "=".len() + self.value.len();
        if length > LONGEST_COOKIE {
            let reason = format!("{length} bytes; browsers keep at most {LONGEST_COOKIE}");
            let fix = "sign a shorter policy, such as one with a shorter resource";
            return Some((reason.into(), fix));
        }
        // Max-Age has precedence over Expires.
        let reason = match (self.max_age, self.expires) {
            (Some(..=0), _) => "deleted by Max-Age=0".into(),
            (None, Some(time)) if time <= now => format!("expired {time}").into(),
            _ => return None,
        };
        let fix = "set the cookies again, without Max-Age and Expires or with later ones";
        Some((reason, fix))
    }

    fn fault_of_domain(&self, host: &str) -> Option<Fault> {
        let domain = self.domain.as_ref()?;
        let shown = quoted(domain);
        if !self.host_only && is_public_suffix(domain) {
            let reason = format!("Domain {shown} is a public suffix, which browsers reject");
            let fix = "use an alternate domain name, or set the cookies without Domain from the \
                distribution's own host";
            return Some((reason.into(), fix));
        }
        if !covers_host(domain, host) || self.host_only && !domain.eq_ignore_ascii_case(host) {
            let reason = format!("Domain {shown} does not cover the host {}", quoted(host));
            let fix = "set the cookies without Domain on this host, or with a parent domain of it";
            return Some((reason.into(), fix));
        }
        None
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
