//! Cookies in lines of text: headers, also of whole requests and as `curl -v` prints them, and
//! Netscape cookie jars.

use std::borrow::Cow;

use super::browser_rules::{Cookie, Fault};
use super::request::Request;

const HEADER: Fault = (
    Cow::Borrowed("sent as a header of its own, not in the Cookie header"),
    "send them in one Cookie header, separated by \"; \"",
);
const FOLDED: Fault = (
    Cow::Borrowed("behind another cookie in one Set-Cookie line, of which browsers keep the first"),
    "send a Set-Cookie line for each cookie",
);
const COMMA: Fault = (
    Cow::Borrowed("separated by a comma, which makes it part of the value before"),
    "separate the cookies by \"; \" instead of a comma",
);

/// The beginning of a cookie that a comma separates from the one before it.
const COMMA_BEFORE_NAME: &str = ", CloudFront-";

/// The cookies and requests in lines of text.
pub(super) fn read(text: &str) -> Vec<Request> {
    // What stands outside a request comes first.
    let mut requests = vec![Request::default()];
    for line in text.lines() {
        let Some(request) = requests.last_mut() else {
            continue;
        };
        if let Some(cookie) = jar_line(line) {
            request.set.push(cookie);
            continue;
        }
        // `curl -v` prints `> ` before the lines of a request, and `< ` before those of an answer.
        let line = line.trim_start().trim_start_matches(['>', '<']).trim();
        // A header in code, such as that of "Copy as fetch".
        let code = line.strip_prefix('"').map(|code| code.replace('"', ""));
        let line = code
            .as_ref()
            .map_or(line, |code| code.trim_end_matches(','));
        if let Some(target) = request_target(line) {
            requests.push(Request::to(target.into()));
        } else if let Some((name, value)) = line.split_once(':') {
            read_header(request, name, value);
        }
    }
    if let [own] = requests.as_mut_slice()
        && own.set.is_empty()
        && own.sent.is_empty()
    {
        own.sent = text.lines().flat_map(pairs).collect();
    }
    requests
}

/// The target of a request line such as `GET /a HTTP/1.1`.
fn request_target(line: &str) -> Option<&str> {
    let (method, rest) = line.split_once(' ')?;
    let (target, version) = rest.split_once(' ')?;
    let is_method = method.bytes().all(|byte| byte.is_ascii_uppercase());
    (is_method && version.starts_with("HTTP/")).then_some(target)
}

/// Adds the cookies in a header of a request, or of its answer.
pub(super) fn read_header(request: &mut Request, name: &str, value: &str) {
    let name = name.trim();
    match name.to_ascii_lowercase().as_str() {
        "host" => request.authority = Some(value.trim().into()),
        "cookie" => request.sent.extend(pairs(value)),
        "set-cookie" => request.set.extend(set_cookies(value)),
        _ => {
            let mut cookie = Cookie::new(name, value);
            cookie.fault = request.target.as_ref().map(|_| HEADER);
            if cookie.is_cloudfronts() && is_token(name) {
                request.sent.push(cookie);
            }
        }
    }
}

/// The cookies in the value of a `Cookie` header.
pub(super) fn pairs(value: &str) -> Vec<Cookie> {
    let is_joined = value.contains(COMMA_BEFORE_NAME);
    let mut cookies = Vec::new();
    for pair in value.replace(COMMA_BEFORE_NAME, "; CloudFront-").split(';') {
        if let Some((name, value)) = pair.split_once('=')
            && is_token(name.trim())
        {
            let mut cookie = Cookie::new(name, value);
            cookie.fault = is_joined.then_some(COMMA);
            cookies.push(cookie);
        }
    }
    cookies
}

/// Returns whether a text may be the name of a cookie (RFC 9110, section 5.6.2).
fn is_token(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&byte);
    !name.is_empty() && name.bytes().all(is_allowed)
}

/// The cookies of a `Set-Cookie` line: one, and those that are folded into it.
fn set_cookies(line: &str) -> Vec<Cookie> {
    let line = line.replace(COMMA_BEFORE_NAME, "; CloudFront-");
    let mut parts = line.split(';');
    let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
        return Vec::new();
    };
    let mut cookies = vec![Cookie::new(name, value)];
    for part in parts {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let mut folded = Cookie::new(name, value);
        if folded.is_cloudfronts() {
            folded.fault = Some(FOLDED);
            cookies.push(folded);
        } else {
            cookies[0].set(name, value);
        }
    }
    cookies
}

/// A line of a Netscape jar: domain, whether hosts below it get the cookie, path, secure, expiry,
/// name, value.
fn jar_line(line: &str) -> Option<Cookie> {
    let line = line.strip_prefix("#HttpOnly_").unwrap_or(line);
    // A terminal shows its tabs as spaces.
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [
        domain,
        below @ ("TRUE" | "FALSE"),
        path,
        secure,
        expires,
        name,
        value,
    ] = *fields
    else {
        return None;
    };
    let mut cookie = Cookie::new(name, value);
    cookie.domain = Some(domain.into());
    cookie.host_only = below == "FALSE";
    cookie.set("path", path);
    cookie.set("secure", secure);
    cookie.set("expires", expires);
    Some(cookie)
}
