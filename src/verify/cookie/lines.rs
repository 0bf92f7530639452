//! Cookies in lines of text: headers, also of whole requests and as `curl -v` prints them, and
//! Netscape cookie jars.

use super::request::Request;
use super::stored::{Cookie, Lifetime, stored};
use super::withheld::Fault;
use crate::time::When;
use crate::verify::parameters::COOKIE_PREFIX;

pub(super) const HEADER: Fault = Fault::new(
    "sent as a header of its own, not in the Cookie header",
    "send them in one Cookie header, separated by \"; \"",
);
const FOLDED: Fault = Fault::new(
    "behind another cookie in one Set-Cookie line, of which browsers keep the first",
    "send a Set-Cookie line for each cookie",
);
const COMMA: Fault = Fault::new(
    "separated by a comma, which makes it part of the value before",
    "separate the cookies by \"; \" instead of a comma",
);

/// The stored cookies and the requests in lines of text.
pub(super) fn read(text: &str) -> (Vec<Cookie>, Vec<Request>) {
    if text.lines().any(|line| line.split('\t').count() >= 7) {
        return (
            stored(text.lines().filter_map(jar_line).collect()),
            Vec::new(),
        );
    }
    let mut requests: Vec<Request> = Vec::new();
    // What stands outside a request.
    let mut own = Request::default();
    for line in text.lines() {
        // `curl -v` prints `> ` before the lines of a request, and `< ` before those of an answer.
        let line = line.trim_start().trim_start_matches(['>', '<']).trim();
        if let Some(target) = request_target(line) {
            requests.push(Request {
                target: target.into(),
                ..Request::default()
            });
            continue;
        }
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let is_in_request = !requests.is_empty();
        let request = requests.last_mut().unwrap_or(&mut own);
        match name.trim().to_ascii_lowercase().as_str() {
            "host" => request.authority = Some(value.trim().into()),
            "cookie" => request.sent.extend(pairs(value)),
            "set-cookie" => request.set.extend(set_cookies(value)),
            name if name.starts_with("cloudfront-") => {
                let mut cookie = Cookie::new(&line[..name.len()], value);
                cookie.fault = is_in_request.then_some(HEADER);
                request.sent.push(cookie);
            }
            _ => {}
        }
    }
    let mut cookies = stored(own.set);
    if own.sent.iter().any(Cookie::is_cloudfronts) || cookies.is_empty() {
        cookies = own.sent;
    }
    if cookies.is_empty() && requests.is_empty() {
        cookies = text.lines().flat_map(pairs).collect();
    }
    (
        cookies,
        requests.into_iter().map(Request::with_host).collect(),
    )
}

/// The target of a request line such as `GET /a HTTP/1.1`.
fn request_target(line: &str) -> Option<&str> {
    let (method, rest) = line.split_once(' ')?;
    let (target, version) = rest.split_once(' ')?;
    let is_method = method.bytes().all(|byte| byte.is_ascii_uppercase());
    (is_method && version.starts_with("HTTP/")).then_some(target)
}

/// The cookies in the value of a `Cookie` header.
pub(super) fn pairs(value: &str) -> Vec<Cookie> {
    let mut cookies = Vec::new();
    for pair in value.split(';') {
        let separator = format!(", {COOKIE_PREFIX}");
        let is_joined = pair.contains(&separator);
        for part in pair.split(if is_joined { ", " } else { ";" }) {
            if let Some((name, value)) = part.split_once('=')
                && is_token(name.trim())
            {
                let mut cookie = Cookie::new(name, value);
                cookie.fault = is_joined.then_some(COMMA);
                cookies.push(cookie);
            }
        }
    }
    cookies
}

/// Returns whether a text may be the name of a cookie (RFC 9110, section 5.6.2).
fn is_token(name: &str) -> bool {
    const SEPARATORS: &[u8] = b"()<>@,;:\\\"/[]?={}";
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !SEPARATORS.contains(&byte))
}

/// The cookies of a `Set-Cookie` line: one, and those that are folded into it.
pub(super) fn set_cookies(line: &str) -> Vec<Cookie> {
    let line = line.replace(", CloudFront-", "; CloudFront-");
    let mut parts = line.split(';');
    let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
        return Vec::new();
    };
    let mut cookie = Cookie::new(name, value);
    let mut folded = Vec::new();
    for part in parts {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "domain" if !value.trim_matches('.').is_empty() => cookie.domain = Some(value.into()),
            "path" if value.starts_with('/') => cookie.path = Some(value.into()),
            "secure" => cookie.secure = true,
            "samesite" => cookie.is_cross_site = value.eq_ignore_ascii_case("none"),
            // Max-Age has precedence over Expires.
            "max-age" => {
                if let Ok(seconds) = value.parse() {
                    cookie.lifetime = Lifetime::MaxAge(seconds);
                }
            }
            "expires" if !matches!(cookie.lifetime, Lifetime::MaxAge(_)) => {
                cookie.lifetime = expires(value);
            }
            name if name.starts_with("cloudfront-") => folded.extend(pairs(part)),
            _ => {}
        }
    }
    for cookie in &mut folded {
        cookie.fault = Some(FOLDED);
    }
    let mut cookies = vec![cookie];
    cookies.append(&mut folded);
    cookies
}

/// A date such as `Sun, 31 Jan 2027 10:00:00 GMT`, also with the hyphens of older servers; browsers
/// ignore what they cannot parse.
pub(super) fn expires(value: &str) -> Lifetime {
    let time = value
        .parse::<When>()
        .or_else(|_| value.replace('-', " ").parse());
    match time {
        Ok(When::At(time)) => Lifetime::Until(time),
        _ => Lifetime::Session,
    }
}

/// A line of a Netscape jar: domain, whether hosts below it get the cookie, path, secure, expiry,
/// name, value.
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
        lifetime: Lifetime::until(expires.parse().unwrap_or(0)),
        ..Cookie::new(name, value)
    })
}
