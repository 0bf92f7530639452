//! Cookies as JSON: an object of names and values, a browser's list, a storage state, a HAR file
//! (HTTP Archive 1.2).

use serde_json::{Map, Value};

use super::lines::{expires, pairs, set_cookies};
use super::request::Request;
use super::stored::{Cookie, Lifetime, stored};
use crate::error::{Error, Result, quoted};
use crate::policy::json::has_duplicate_keys;
use crate::url::UrlParts;

const HINT: &str = "cookies as JSON are {\"CloudFront-Policy\":\"...\",\"CloudFront-Signature\":\"...\",\"CloudFront-Key-Pair-Id\":\"...\"}, or a browser's list of {\"name\":...,\"value\":...}";

/// The stored cookies and the requests in any of the JSON forms, also with Python's quotes.
pub(super) fn read(text: &str) -> Result<(Vec<Cookie>, Vec<Request>)> {
    let is_python = !text.contains('"');
    let text = if is_python {
        text.replace('\'', "\"")
    } else {
        text.to_owned()
    };
    let value: Value = serde_json::from_str(&text).map_err(|e| {
        let (line, column) = (e.line(), e.column());
        Error::new(format!("is not JSON at line {line}, column {column}")).with_hint(HINT)
    })?;
    if has_duplicate_keys(&text, &value) {
        let message = "has an object with a key more than once";
        return Err(Error::new(message).with_hint(HINT));
    }
    if let Some(entries) = value.pointer("/log/entries").and_then(Value::as_array) {
        return Ok((Vec::new(), entries.iter().map(har_entry).collect()));
    }
    let list = value.as_array().or_else(|| value["cookies"].as_array());
    let cookies = match (list, value.as_object()) {
        (Some(list), _) => list
            .iter()
            .map(browser_cookie)
            .collect::<Option<Vec<Cookie>>>(),
        (None, Some(object)) => Some(members(object)?),
        (None, None) => None,
    };
    let cookies =
        cookies.ok_or_else(|| Error::new("has a cookie without name and value").with_hint(HINT))?;
    Ok((stored(cookies), Vec::new()))
}

/// The members of an object: values, cookies with attributes, a `Cookie` header, or objects of
/// these.
fn members(object: &Map<String, Value>) -> Result<Vec<Cookie>> {
    let mut cookies = Vec::new();
    for (name, value) in object {
        match value {
            Value::String(value) if name.eq_ignore_ascii_case("cookie") => {
                cookies.extend(pairs(value))
            }
            Value::String(value) => cookies.push(Cookie::new(name, value)),
            Value::Number(value) => cookies.push(Cookie::new(name, &value.to_string())),
            Value::Object(inner) => match inner.get("value").and_then(Value::as_str) {
                Some(text) => cookies.push(with_attributes(Cookie::new(name, text), value)),
                None => cookies.extend(members(inner)?),
            },
            _ => {
                let message = format!("has no text for {}", quoted(name));
                return Err(Error::new(message).with_hint(HINT));
            }
        }
    }
    Ok(cookies)
}

/// A cookie as browsers, their extensions and test tools list it.
fn browser_cookie(value: &Value) -> Option<Cookie> {
    let name = value["name"].as_str().or(value["key"].as_str())?;
    Some(with_attributes(
        Cookie::new(name, value["value"].as_str()?),
        value,
    ))
}

fn with_attributes(cookie: Cookie, value: &Value) -> Cookie {
    let domain = value["domain"].as_str().filter(|domain| !domain.is_empty());
    let host_only = domain.is_some_and(|domain| !domain.starts_with('.'));
    let same_site = value["sameSite"]
        .as_str()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let mut lifetime = Lifetime::Session;
    for name in ["expirationDate", "expires", "expiry"] {
        // Seconds, often with a fraction, or a date.
        match &value[name] {
            Value::Number(seconds) => {
                lifetime = Lifetime::until(seconds.as_f64().unwrap_or(0.0) as i64)
            }
            Value::String(date) => lifetime = expires(date),
            _ => {}
        }
    }
    Cookie {
        domain: domain.map(str::to_owned),
        host_only: value["hostOnly"].as_bool().unwrap_or(host_only),
        path: value["path"].as_str().map(str::to_owned),
        secure: value["secure"].as_bool().unwrap_or(false),
        is_cross_site: matches!(same_site.as_str(), "none" | "no_restriction"),
        lifetime,
        ..cookie
    }
}

/// An entry of a HAR file.
fn har_entry(entry: &Value) -> Request {
    let url = entry["request"]["url"].as_str().unwrap_or_default();
    let parts = UrlParts::parse(url);
    let query = parts
        .query
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    Request {
        authority: Some(parts.authority.to_owned()),
        target: format!("{}{query}", parts.path),
        sent: cookies(&entry["request"], "cookie", pairs),
        set: cookies(&entry["response"], "set-cookie", set_cookies),
    }
    .with_host()
}

/// The cookies of a request or an answer in a HAR file: in its headers, else in its list.
fn cookies(message: &Value, header: &str, parse: fn(&str) -> Vec<Cookie>) -> Vec<Cookie> {
    let mut cookies = Vec::new();
    for own in message["headers"].as_array().into_iter().flatten() {
        let name = own["name"].as_str().unwrap_or_default();
        if name.eq_ignore_ascii_case(header) {
            let lines = own["value"].as_str().unwrap_or_default().lines();
            cookies.extend(lines.flat_map(parse));
        }
    }
    if cookies.is_empty() {
        let listed = message["cookies"].as_array().into_iter().flatten();
        cookies = listed.filter_map(browser_cookie).collect();
    }
    cookies
}
