//! Cookies as JSON: an object of names and values, a browser's list, a storage state, a HAR file
//! (HTTP Archive 1.2).

use serde_json::Value;

use super::browser_rules::Cookie;
use super::lines::{pairs, read_header};
use super::request::{Request, target};
use crate::error::{Error, Result};
use crate::policy::json::{has_duplicate_keys, text_of};
use crate::url::UrlParts;

const HINT: &str = "cookies as JSON are {\"CloudFront-Policy\":\"...\",\"CloudFront-Signature\":\"...\",\"CloudFront-Key-Pair-Id\":\"...\"}, or a browser's list of {\"name\":...,\"value\":...}";

/// The cookies and requests in any of the JSON forms, also with Python's quotes.
pub(super) fn read(text: &str) -> Result<Vec<Request>> {
    let quotes = if text.contains('"') { "\"" } else { "'" };
    let text = text.replace(quotes, "\"");
    let value: Value = serde_json::from_str(&text).map_err(|e| {
        let (line, column) = (e.line(), e.column());
        invalid(format!("is not JSON at line {line}, column {column}"))
    })?;
    if has_duplicate_keys(&text, &value) {
        return Err(invalid("has an object with a key more than once".into()));
    }
    if let Some(entries) = value.pointer("/log/entries").and_then(Value::as_array) {
        return Ok(entries.iter().map(har_entry).collect());
    }
    let mut stored = Request::default();
    add_cookies(&value, &mut stored.set);
    Ok(vec![stored])
}

fn invalid(message: String) -> Error {
    Error::new(message).with_hint(HINT)
}

/// Adds the cookies anywhere in a value: objects with a name and a value, as browsers, their
/// extensions and test tools list them; members whose value is a text, or an object that has one;
/// a `Cookie` header.
fn add_cookies(value: &Value, cookies: &mut Vec<Cookie>) {
    if let Some(cookie) = listed(value) {
        cookies.push(cookie);
        return;
    }
    for element in value.as_array().into_iter().flatten() {
        add_cookies(element, cookies);
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        let inner = member["value"].as_str();
        match (member, inner) {
            (Value::String(header), _) if name.eq_ignore_ascii_case("cookie") => {
                cookies.extend(pairs(header));
            }
            (Value::String(_) | Value::Number(_), _) => {
                cookies.push(Cookie::new(name, &text_of(member)));
            }
            (_, Some(value)) => cookies.push(with_attributes(name, value, member)),
            _ => add_cookies(member, cookies),
        }
    }
}

/// The cookie of an object with a name and a value.
fn listed(value: &Value) -> Option<Cookie> {
    let name = value["name"].as_str().or(value["key"].as_str())?;
    Some(with_attributes(name, value["value"].as_str()?, value))
}

fn with_attributes(name: &str, value: &str, attributes: &Value) -> Cookie {
    let mut cookie = Cookie::new(name, value);
    let domain = attributes["domain"].as_str().unwrap_or_default();
    cookie.host_only = !domain.is_empty() && !domain.starts_with('.');
    for (name, value) in attributes.as_object().into_iter().flatten() {
        if !value.is_null() {
            cookie.set(name, &text_of(value));
        }
    }
    cookie
}

/// An entry of a HAR file, whose cookies stand in the headers, or in a list of their own.
fn har_entry(entry: &Value) -> Request {
    let (request, response) = (&entry["request"], &entry["response"]);
    let url = UrlParts::parse(request["url"].as_str().unwrap_or_default());
    let mut recorded = Request::to(target(&url));
    recorded.authority = Some(url.authority.to_owned());
    for header in items(request, "headers").chain(items(response, "headers")) {
        let name = header["name"].as_str().unwrap_or_default();
        for line in header["value"].as_str().unwrap_or_default().lines() {
            read_header(&mut recorded, name, line);
        }
    }
    if recorded.sent.is_empty() {
        recorded.sent = items(request, "cookies").filter_map(listed).collect();
    }
    if recorded.set.is_empty() {
        recorded.set = items(response, "cookies").filter_map(listed).collect();
    }
    recorded
}

fn items<'a>(message: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    message[name].as_array().into_iter().flatten()
}
