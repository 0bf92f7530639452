//! Cookies in the forms in which people have them: a `Cookie:` header, `Set-Cookie:` lines, a cookie jar, JSON.
//!
//! Source: RFC 6265; the Netscape jar as curl and wget write it.

use std::fmt;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::sign::parameters::SigningParameters;

/// What the names of CloudFront's cookies begin with.
pub(crate) const PREFIX: &str = "CloudFront-";

/// One cookie, with what limits where a browser sends it.
#[derive(Clone, PartialEq, Eq)]
pub struct Cookie {
    name: String,
    value: String,
    domain: Option<String>,
    /// Whether the domain is that of one host, and hosts below it do not count.
    host_only: bool,
    path: Option<String>,
    secure: bool,
}

/// Cookies that were read, signed ones among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieSet(Vec<Cookie>);

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cookie")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Cookie {
    fn new(name: &str, value: &str) -> Self {
        let value = value.trim();
        let value = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'))
            .unwrap_or(value);
        Cookie {
            name: name.trim().into(),
            value: value.into(),
            domain: None,
            host_only: false,
            path: None,
            secure: false,
        }
    }

    /// Whether a browser sends this cookie with a request for `url` (RFC 6265, sections 5.1.3 and 5.1.4).
    fn is_sent_to(&self, url: &str) -> bool {
        let (protocol, rest) = url.split_once("://").unwrap_or(("", url));
        let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let host = authority
            .split(':')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let path = rest
            .split(['?', '#'])
            .next()
            .filter(|path| !path.is_empty())
            .unwrap_or("/");
        // Browsers drop a cookie for a public suffix, and trust localhost without https.
        let domain_matches = self
            .domain
            .as_ref()
            .is_none_or(|domain| match self.host_only {
                true => domain.eq_ignore_ascii_case(&host),
                false => {
                    covers_host(domain, &host)
                        && !domain
                            .trim_start_matches('.')
                            .eq_ignore_ascii_case("cloudfront.net")
                }
            });
        let protocol_matches =
            !self.secure || protocol.eq_ignore_ascii_case("https") || host == "localhost";
        let path_matches = self.path.as_ref().is_none_or(|own| {
            path.strip_prefix(own.as_str())
                .is_some_and(|rest| own.ends_with('/') || rest.is_empty() || rest.starts_with('/'))
        });
        domain_matches && path_matches && protocol_matches
    }
}

/// Whether a cookie's `Domain` covers a host, in lower case: the same, or one below it.
pub fn covers_host(domain: &str, host: &str) -> bool {
    let domain = domain.trim_start_matches('.').to_ascii_lowercase();
    host.strip_suffix(&domain)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

impl CookieSet {
    /// Reads cookies in any of the forms.
    ///
    /// # Errors
    /// JSON that is no object of names and values, and text that holds no cookie at all.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text
            .trim_start_matches('\u{feff}')
            .trim_matches(['\n', '\r', ' ']);
        let cookies = if text.starts_with('{') {
            json(text)?
        } else if text.lines().any(|line| line.split('\t').count() >= 7) {
            latest(text.lines().filter_map(jar_line))
        } else if text
            .lines()
            .any(|line| header(line, "set-cookie:").is_some())
        {
            latest(
                text.lines()
                    .filter_map(|line| header(line, "set-cookie:"))
                    .filter_map(set_cookie),
            )
        } else {
            let pairs = text
                .lines()
                .map(|line| header(line, "cookie:").unwrap_or(line))
                .flat_map(|line| line.split(';'));
            pairs
                .filter_map(|pair| pair.split_once('='))
                .map(|(name, value)| Cookie::new(name, value))
                .collect()
        };
        if cookies.is_empty() {
            return Err(Error::new("holds no cookies").with_hint(
                "cookies are a Cookie: header, Set-Cookie: lines, a Netscape cookie jar, or JSON of names and values",
            ));
        }
        Ok(CookieSet(cookies))
    }

    /// What a request for `url` carries of them, as far as signatures are concerned; `None` for any URL.
    pub fn credentials(&self, url: Option<&str>) -> SigningParameters {
        let sent = self
            .0
            .iter()
            .filter(|cookie| url.is_none_or(|url| cookie.is_sent_to(url)));
        SigningParameters::of(sent.filter_map(|cookie| {
            Some((
                cookie.name.strip_prefix(PREFIX)?.to_owned(),
                cookie.value.clone(),
            ))
        }))
    }
}

/// As a browser keeps them: of cookies with the same name, domain and path, the last (RFC 6265, section 5.3).
fn latest(cookies: impl Iterator<Item = Cookie>) -> Vec<Cookie> {
    let mut kept: Vec<Cookie> = Vec::new();
    for cookie in cookies {
        kept.retain(|own| {
            (&own.name, &own.domain, &own.path) != (&cookie.name, &cookie.domain, &cookie.path)
        });
        kept.push(cookie);
    }
    kept
}

/// What follows the name of a header, in any case.
fn header<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let start = line.trim_start();
    start
        .get(..name.len())
        .filter(|start| start.eq_ignore_ascii_case(name))
        .map(|_| &start[name.len()..])
}

fn set_cookie(line: &str) -> Option<Cookie> {
    let mut parts = line.split(';');
    let (name, value) = parts.next()?.split_once('=')?;
    let mut cookie = Cookie::new(name, value);
    for part in parts {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "domain" if !value.trim_matches('.').is_empty() => cookie.domain = Some(value.into()),
            "path" if value.starts_with('/') => cookie.path = Some(value.into()),
            "secure" => cookie.secure = true,
            _ => {}
        }
    }
    Some(cookie)
}

/// A line of a Netscape jar: domain, whether hosts below count, path, secure, end, name, value.
fn jar_line(line: &str) -> Option<Cookie> {
    let line = line.strip_prefix("#HttpOnly_").unwrap_or(line);
    let fields: Vec<&str> = line.split('\t').collect();
    let [domain, below, path, secure, _, name, value] = *fields.as_slice() else {
        return None;
    };
    let comment = line.starts_with('#');
    (!comment).then(|| Cookie {
        domain: Some(domain.into()),
        host_only: below == "FALSE",
        path: Some(path.into()),
        secure: secure == "TRUE",
        ..Cookie::new(name, value)
    })
}

fn json(text: &str) -> Result<Vec<Cookie>> {
    let hint = "cookies as JSON are {\"CloudFront-Policy\":\"...\",\"CloudFront-Signature\":\"...\",\"CloudFront-Key-Pair-Id\":\"...\"}";
    let value: Value = serde_json::from_str(text).map_err(|e| {
        Error::new(format!(
            "is not JSON at line {}, column {}",
            e.line(),
            e.column()
        ))
        .with_hint(hint)
    })?;
    let Value::Object(object) = value else {
        return Err(Error::new("is not a JSON object").with_hint(hint));
    };
    let cookie = |(name, value): (String, Value)| match value {
        Value::String(value) => Ok(Cookie::new(&name, &value)),
        Value::Number(value) => Ok(Cookie::new(&name, &value.to_string())),
        _ => Err(
            Error::new(format!("has no text for {}", crate::error::quoted(&name))).with_hint(hint),
        ),
    };
    object.into_iter().map(cookie).collect()
}
