//! Cookies as JSON: an object of names and values, a browser's list, a storage state, a HAR file (HTTP Archive 1.2).

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::header::{pairs, unix_expiry};
use super::{Cookie, stored};
use crate::error::{Error, Result, quoted};
use crate::url::UrlParts;

const HINT: &str = "cookies as JSON are {\"CloudFront-Policy\":\"...\",\"CloudFront-Signature\":\"...\",\"CloudFront-Key-Pair-Id\":\"...\"}, or a browser's list of {\"name\":...,\"value\":...}";

/// Reads any of the JSON forms.
pub(super) fn read(text: &str) -> Result<Vec<Cookie>> {
    let value: Value = serde_json::from_str(text).map_err(|e| {
        let (line, column) = (e.line(), e.column());
        Error::new(format!("is not JSON at line {line}, column {column}")).with_hint(HINT)
    })?;
    if let Some(entries) = value.pointer("/log/entries").and_then(Value::as_array) {
        return Ok(stored(entries.iter().flat_map(har_entry)));
    }
    let list = value.as_array().or_else(|| value["cookies"].as_array());
    if let Some(list) = list {
        return list.iter().map(browser_cookie).collect();
    }
    object(text)
}

/// An object of names and values. A name that occurs twice gives two cookies.
fn object(text: &str) -> Result<Vec<Cookie>> {
    let Members(members) = serde_json::from_str(text)
        .map_err(|_| Error::new("is not a JSON object").with_hint(HINT))?;
    let cookie = |(name, value): (String, Value)| match value {
        Value::String(value) => Ok(Cookie::new(&name, &value)),
        Value::Number(value) => Ok(Cookie::new(&name, &value.to_string())),
        _ => Err(Error::new(format!("has no text for {}", quoted(&name))).with_hint(HINT)),
    };
    members.into_iter().map(cookie).collect()
}

/// The members of a JSON object in their order, duplicates included.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

/// A cookie as browsers, their extensions and test tools list it.
fn browser_cookie(value: &Value) -> Result<Cookie> {
    let text = |name: &str| value[name].as_str();
    let (Some(name), Some(content)) = (text("name"), text("value")) else {
        return Err(Error::new("has a cookie without name and value").with_hint(HINT));
    };
    // Seconds, often with a fraction.
    let expires = ["expirationDate", "expires", "expiry"]
        .into_iter()
        .find_map(|name| value[name].as_f64());
    let domain = text("domain").filter(|domain| !domain.is_empty());
    let host_only = value["hostOnly"]
        .as_bool()
        .unwrap_or_else(|| domain.is_some_and(|domain| !domain.starts_with('.')));
    Ok(Cookie {
        domain: domain.map(str::to_owned),
        host_only,
        path: text("path").map(str::to_owned),
        secure: value["secure"].as_bool().unwrap_or(false),
        lifetime: unix_expiry(expires.unwrap_or(0.0) as i64),
        ..Cookie::new(name, content)
    })
}

/// The cookies that an entry of a HAR file was requested with.
fn har_entry(entry: &Value) -> Vec<Cookie> {
    let request = &entry["request"];
    let url = request["url"].as_str().unwrap_or_default();
    let host = UrlParts::parse(url).host().to_owned();
    let no_values = Vec::new();
    let values = |name: &str| request[name].as_array().unwrap_or(&no_values);
    let mut cookies: Vec<Cookie> = values("cookies")
        .iter()
        .filter_map(|cookie| {
            let (name, value) = (cookie["name"].as_str()?, cookie["value"].as_str()?);
            Some(Cookie::new(name, value))
        })
        .collect();
    if cookies.is_empty() {
        let is_cookie = |header: &&Value| {
            let name = header["name"].as_str();
            name.is_some_and(|name| name.eq_ignore_ascii_case("cookie"))
        };
        let headers = values("headers").iter().filter(is_cookie);
        cookies = headers
            .filter_map(|header| header["value"].as_str())
            .flat_map(pairs)
            .collect();
    }
    for cookie in &mut cookies {
        cookie.domain = Some(host.clone());
        cookie.host_only = true;
    }
    cookies
}
