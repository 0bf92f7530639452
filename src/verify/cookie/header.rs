//! Cookies as text: `Cookie:` and `Set-Cookie:` headers, also as `curl -v` prints them, and Netscape cookie jars.

use super::{Cookie, Lifetime, stored};
use crate::time::{Timestamp, When};
use crate::verify::parameters::COOKIE_PREFIX;

/// The cookies in lines of text.
pub(super) fn read(text: &str) -> Vec<Cookie> {
    if text.lines().any(|line| line.split('\t').count() >= 7) {
        return stored(text.lines().filter_map(jar_line));
    }
    let sent: Vec<&str> = values(text, "cookie:").collect();
    if sent.iter().any(|value| value.contains(COOKIE_PREFIX)) {
        return sent.into_iter().flat_map(pairs).collect();
    }
    let set: Vec<&str> = values(text, "set-cookie:").collect();
    if !set.is_empty() {
        return stored(set.into_iter().filter_map(set_cookie));
    }
    if sent.is_empty() {
        return text.lines().flat_map(pairs).collect();
    }
    sent.into_iter().flat_map(pairs).collect()
}

/// The values of the headers called `name`, in any case. `curl -v` prints `> ` before those of the request and `< `
/// before those of the response.
fn values<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines().filter_map(move |line| {
        let line = line
            .trim_start()
            .trim_start_matches(['>', '<'])
            .trim_start();
        let start = line.get(..name.len())?;
        start
            .eq_ignore_ascii_case(name)
            .then(|| &line[name.len()..])
    })
}

/// The cookies in the value of a `Cookie:` header.
pub(super) fn pairs(value: &str) -> impl Iterator<Item = Cookie> {
    value
        .split(';')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| Cookie::new(name, value))
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
            // Max-Age has precedence over Expires.
            "max-age" => {
                if let Ok(seconds) = value.parse() {
                    cookie.lifetime = Lifetime::MaxAge(seconds);
                }
            }
            "expires" if !matches!(cookie.lifetime, Lifetime::MaxAge(_)) => {
                cookie.lifetime = expires(value);
            }
            _ => {}
        }
    }
    Some(cookie)
}

/// A date such as `Sun, 31 Jan 2027 10:00:00 GMT`, also with the hyphens of older servers; browsers ignore what they
/// cannot parse.
fn expires(value: &str) -> Lifetime {
    match value.replace('-', " ").parse::<When>() {
        Ok(When::At(time)) => Lifetime::Until(time),
        _ => Lifetime::Session,
    }
}

/// A line of a Netscape jar: domain, whether hosts below it get the cookie, path, secure, expiry, name, value.
fn jar_line(line: &str) -> Option<Cookie> {
    let line = line.strip_prefix("#HttpOnly_").unwrap_or(line);
    let fields: Vec<&str> = line.split('\t').collect();
    let [domain, below, path, secure, expires, name, value] = *fields.as_slice() else {
        return None;
    };
    if line.starts_with('#') {
        return None;
    }
    Some(Cookie {
        domain: Some(domain.into()),
        host_only: below == "FALSE",
        path: Some(path.into()),
        secure: secure == "TRUE",
        lifetime: unix_expiry(expires.parse().unwrap_or(0)),
        ..Cookie::new(name, value)
    })
}

/// The lifetime of a cookie that expires at these Unix seconds; 0 and less stand for the end of the session.
pub(super) fn unix_expiry(seconds: i64) -> Lifetime {
    match Timestamp::from_unix(seconds) {
        Ok(time) if seconds > 0 => Lifetime::Until(time),
        _ => Lifetime::Session,
    }
}
