//! Cookies as a client stores or sends them, and the requests that a browser sends them with.
//!
//! Source: RFC 6265.

use std::collections::HashSet;
use std::fmt;

use crate::error::{Error, Result};
use crate::time::Timestamp;
use crate::url::UrlParts;
use crate::verify::parameters::{COOKIE_PREFIX, SigningParameters};

mod curl;
mod header;
mod json;
mod withheld;

pub use withheld::Withheld;
use withheld::Withholding;
pub(super) use withheld::summary;

/// A public suffix, for which browsers reject cookies.
const PUBLIC_SUFFIX: &str = "cloudfront.net";

const FORMS: &str = "cookies are read from a Cookie: header, Set-Cookie: lines, a Netscape cookie jar, a JSON object or a browser's JSON list, a HAR file, curl -v lines or a curl command";

/// One cookie, with the attributes that limit where a browser sends it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Cookie {
    name: String,
    value: String,
    domain: Option<String>,
    /// Hosts below the domain do not get the cookie.
    host_only: bool,
    path: Option<String>,
    secure: bool,
    lifetime: Lifetime,
}

/// The time for which a browser keeps a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// Until the browser is closed.
    Session,
    /// Seconds from when the cookie was set.
    MaxAge(i64),
    Until(Timestamp),
}

/// The cookies of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieSet(Vec<Cookie>);

/// The signing parameters that a request carries in its cookies.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Those of the cookies that a browser sends.
    pub parameters: SigningParameters,
    /// CloudFront's cookies that a browser does not send.
    pub withheld: Vec<Withheld>,
}

impl Cookie {
    fn new(name: &str, value: &str) -> Self {
        let value = value.trim();
        let unquoted = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'));
        Cookie {
            name: name.trim().into(),
            value: unquoted.unwrap_or(value).into(),
            domain: None,
            host_only: false,
            path: None,
            secure: false,
            lifetime: Lifetime::Session,
        }
    }

    /// The attribute for which a browser does not send this cookie with a request for `url` (RFC 6265, sections 5.1.3,
    /// 5.1.4 and 5.4).
    fn withheld_from(&self, url: &UrlParts<'_>, now: Timestamp) -> Option<Withholding> {
        let host = url.host().to_ascii_lowercase();
        if let Some(domain) = &self.domain {
            let is_covered = if self.host_only {
                domain.eq_ignore_ascii_case(&host)
            } else {
                covers_host(domain, &host)
            };
            let domain = domain.clone();
            let bare = domain.trim_start_matches('.');
            if !self.host_only && bare.eq_ignore_ascii_case(PUBLIC_SUFFIX) {
                return Some(Withholding::PublicSuffix { domain });
            }
            if !is_covered {
                return Some(Withholding::Domain { domain, host });
            }
        }
        if let Some(path) = &self.path {
            let requested = if url.path.is_empty() { "/" } else { url.path };
            let is_below = requested.strip_prefix(path.as_str()).is_some_and(|rest| {
                path.ends_with('/') || rest.is_empty() || rest.starts_with('/')
            });
            if !is_below {
                return Some(Withholding::Path { path: path.clone() });
            }
        }
        // Browsers trust localhost without https.
        let is_https = url
            .scheme
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
        if self.secure && !is_https && host != "localhost" {
            return Some(Withholding::Secure);
        }
        match self.lifetime {
            Lifetime::MaxAge(..=0) => Some(Withholding::MaxAge),
            Lifetime::Until(time) if time <= now => Some(Withholding::Expires(time)),
            _ => None,
        }
    }

    fn is_cloudfronts(&self) -> bool {
        self.name.starts_with(COOKIE_PREFIX)
    }
}

/// Returns whether a cookie's `Domain` covers a host, in lower case: the same, or one below it.
pub fn covers_host(domain: &str, host: &str) -> bool {
    let domain = domain.trim_start_matches('.').to_ascii_lowercase();
    host.strip_suffix(&domain)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

impl CookieSet {
    /// Parses cookies in any of the forms in which clients store, send or print them.
    ///
    /// # Errors
    /// Malformed JSON, and text without a cookie.
    ///
    /// ```
    /// use cfsign::Timestamp;
    /// use cfsign::SigningParameter;
    /// use cfsign::verify::cookie::CookieSet;
    ///
    /// let cookies = CookieSet::parse("Set-Cookie: CloudFront-Key-Pair-Id=K1; Path=/videos; Secure")?;
    /// let now = Timestamp::from_unix(1_800_000_000)?;
    /// let sent = cookies.sent_to("https://cdn.example.com/videos/a.mp4", now);
    /// assert_eq!(sent.parameters.get(SigningParameter::KeyPairId), Some("K1"));
    ///
    /// let sent = cookies.sent_to("http://cdn.example.com/videos/a.mp4", now);
    /// let reason = "CloudFront-Key-Pair-Id not sent: the cookies are Secure, but the URL is http";
    /// assert_eq!(sent.withheld[0].to_string(), reason);
    /// # Ok::<(), cfsign::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self> {
        let text = text
            .trim_start_matches('\u{feff}')
            .trim_matches(['\n', '\r', ' ']);
        let cookies = if text.starts_with(['{', '[']) {
            json::read(text)?
        } else if curl::is_command(text) {
            curl::read(text)
        } else {
            header::read(text)
        };
        if cookies.is_empty() {
            return Err(Error::new("contains no cookies").with_hint(FORMS));
        }
        Ok(CookieSet(cookies))
    }

    /// The signing parameters that a browser sends with a request for `url`.
    pub fn sent_to(&self, url: &str, now: Timestamp) -> Sent {
        let parts = UrlParts::parse(url);
        let mut sent = Vec::new();
        let mut withheld: Vec<Withheld> = Vec::new();
        for cookie in &self.0 {
            match cookie.withheld_from(&parts, now) {
                None => sent.push((cookie.name.as_str(), cookie.value.as_str())),
                Some(why) if cookie.is_cloudfronts() => withheld.push(Withheld {
                    name: cookie.name.clone(),
                    why,
                }),
                Some(_) => {}
            }
        }
        let names: HashSet<&str> = sent.iter().map(|(name, _)| *name).collect();
        withheld.retain(|cookie| !names.contains(cookie.name.as_str()));
        Sent {
            parameters: SigningParameters::of_cookies(sent.into_iter()),
            withheld,
        }
    }

    /// The signing parameters of all cookies, wherever a browser would send them.
    pub fn parameters(&self) -> SigningParameters {
        let pairs = self.0.iter();
        SigningParameters::of_cookies(
            pairs.map(|cookie| (cookie.name.as_str(), cookie.value.as_str())),
        )
    }
}

/// The cookies that a browser stores: of those with the same name, domain and path, the last (RFC 6265, section 5.3).
fn stored(cookies: impl Iterator<Item = Cookie>) -> Vec<Cookie> {
    let mut cookies: Vec<Cookie> = cookies.collect();
    let mut seen = HashSet::new();
    cookies.reverse();
    cookies.retain(|cookie| {
        seen.insert((
            cookie.name.clone(),
            cookie.domain.clone(),
            cookie.path.clone(),
        ))
    });
    cookies.reverse();
    cookies
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cookie")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
