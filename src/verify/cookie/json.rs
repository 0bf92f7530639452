//! Cookies as JSON: an object of names and values, a browser's list, a storage state, a HAR file
//! (HTTP Archive 1.2).

use serde_json::{Map, Value};

use super::browser::Cookie;
use super::request::{Request, pairs, target};
use crate::error::{Error, Result, quoted};
use crate::policy::json::has_duplicate_keys;
use crate::url::UrlParts;

const HINT: &str = "cookies as JSON are {\"CloudFront-Policy\":\"...\",\"CloudFront-Signature\":\"...\",\"CloudFront-Key-Pair-Id\":\"...\"}, or a browser's list of {\"name\":...,\"value\":...}";

/// The cookies and requests in any of the JSON forms, also with Python's quotes.
pub(super) fn read(text: &str) -> Result<Vec<Request>> {
    let is_python = !text.contains('"');
    let text = if is_python {
        text.replace('\'', "\"")
    } else {
        text.to_owned()
    };
    let value: Value = serde_json::from_str(&text).map_err(|e| {
        let (line, column) = (e.line(), e.column());
        invalid(format!("is not JSON at line {line}, column {column}"))
    })?;
    if has_duplicate_keys(&text, &value) {
        return Err(invalid("has an object with a key more than once"));
    }
    if let Some(entries) = value.pointer("/log/entries").and_then(Value::as_array) {
        return Ok(entries.iter().map(har_entry).collect());
    }
    let list = value.as_array().or_else(|| value["cookies"].as_array());
    let cookies = match (list, value.as_object()) {
        (Some(list), _) => list.iter().map(listed).collect::<Option<Vec<Cookie>>>(),
        (None, Some(object)) => Some(members(object)?),
        (None, None) => None,
    };
    let cookies = cookies.ok_or_else(|| invalid("has a cookie without name and value"))?;
    let stored = Request {
        set: cookies,
        ..Request::default()
    };
    Ok(vec![stored.finished()])
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(message).with_hint(HINT)
}

/// The members of an object: values, cookies with attributes, a `Cookie` header, or objects of
/// these.
fn members(object: &Map<String, Value>) -> Result<Vec<Cookie>> {
    let mut cookies = Vec::new();
    for (name, value) in object {
        match value {
            Value::String(value) if name.eq_ignore_ascii_case("cookie") => {
                cookies.extend(pairs(value));
            }
            Value::String(_) | Value::Number(_) => cookies.push(Cookie::new(name, &text(value))),
            Value::Object(inner) => match inner.get("value").and_then(Value::as_str) {
                Some(text) => cookies.push(with_attributes(name, text, value)),
                None => cookies.extend(members(inner)?),
            },
            _ => return Err(invalid(format!("has no text for {}", quoted(name)))),
        }
    }
    Ok(cookies)
}

/// A string, or another value as JSON has it.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A cookie as browsers, their extensions and test tools list it.
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
            cookie.set(name, &text(value));
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
            recorded.read_header(name, line);
        }
    }
    if recorded.sent.is_empty() {
        recorded.sent = items(request, "cookies").filter_map(listed).collect();
    }
    if recorded.set.is_empty() {
        recorded.set = items(response, "cookies").filter_map(listed).collect();
    }
    recorded.finished()
}

fn items<'a>(message: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    message[name].as_array().into_iter().flatten()
}
