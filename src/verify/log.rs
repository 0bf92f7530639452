//! Requests in CloudFront's access logs: standard logs, their second version in all its formats,
//! and real-time logs.
//!
//! Source: Amazon CloudFront Developer Guide, "Standard logging reference", "Use real-time logs".

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::value::RawValue;

use super::cookie::CookieSet;
use crate::error::{Error, ErrorKind, Result, quoted};
use crate::sign::SignedUrl;
use crate::time::{Timestamp, When};
use crate::url::percent;

/// The names of the fields that are read.
const FIELDS: &str = "date time timestamp timestamp(ms) time-taken c-ip cs-protocol x-host-header \
    cs-uri-stem cs-uri-query cs(Cookie) sc-status";

/// The fields of standard logs, for lines without the one that names them.
const STANDARD: &str = "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem \
    sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type \
    x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol \
    ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields \
    c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len \
    sc-range-start sc-range-end";

/// The field with this name, if it is read.
fn field(name: &str) -> Option<&'static str> {
    // Real-time logs write some names with underscores or hyphens in place of parentheses.
    let name = match name.trim_matches('"') {
        "cs-cookie" => "cs(Cookie)",
        "timestamp-ms" => "timestamp(ms)",
        name => name,
    };
    FIELDS.split(' ').find(|known| *known == name)
}

/// The fields of one line that are read.
struct Values<'a>(Vec<(&'static str, Cow<'a, str>)>);

impl Values<'_> {
    /// The value of a field; `None` for `-`, which stands for none.
    fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(own, _)| *own == name)?;
        (!value.is_empty() && value != "-").then_some(value)
    }

    /// The number in a field, without a fraction.
    fn whole_number(&self, name: &str) -> Result<Option<i64>> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let whole = text.split('.').next().unwrap_or(text);
        let number = whole.parse().map_err(|_| unreadable(text))?;
        Ok(Some(number))
    }

    /// The time at which the request was made. Logs have the time of the last byte of the answer.
    fn time(&self) -> Result<Option<Timestamp>> {
        let milliseconds = self.whole_number("timestamp(ms)")?;
        let seconds = milliseconds.map(|milliseconds| milliseconds / 1000);
        let finished = match self.whole_number("timestamp")?.or(seconds) {
            Some(seconds) => Timestamp::from_unix(seconds)?,
            None => match (self.get("date"), self.get("time")) {
                (Some(date), Some(time)) => {
                    let text = format!("{date}T{time}Z");
                    match text.parse() {
                        Ok(When::At(time)) => time,
                        _ => return Err(unreadable(&text)),
                    }
                }
                _ => return Ok(None),
            },
        };
        let taken = self.whole_number("time-taken").ok().flatten();
        let began = finished.unix().saturating_sub(taken.unwrap_or_default());
        Timestamp::from_unix(began).map(Some)
    }
}

fn unreadable(time: &str) -> Error {
    Error::new(format!("the time {} cannot be read", quoted(time)))
}

/// The members of a JSON object, of which numbers are text as well.
fn members(line: &str) -> Result<Vec<(&str, Cow<'_, str>)>> {
    let members: BTreeMap<&str, &RawValue> = serde_json::from_str(line).map_err(|e| {
        let column = e.column();
        Error::new(format!("the line is not a JSON object (column {column})"))
    })?;
    let mut texts = Vec::new();
    for (name, value) in members {
        let text = serde_json::from_str(value.get()).map(Cow::Owned);
        texts.push((name, text.unwrap_or(Cow::Borrowed(value.get()))));
    }
    Ok(texts)
}

/// The layout of an access log.
#[derive(Debug, Clone)]
pub struct LogLayout {
    /// The character between the fields; `None` for a JSON object on each line.
    separator: Option<char>,
    /// The fields in order, `None` for one that is not read.
    fields: Vec<Option<&'static str>>,
    /// The line that names the fields; logs that are read one after the other repeat it.
    header: String,
    /// The scheme and host of all requests, for a log that does not name the host.
    base_url: Option<String>,
}

/// A request as a list or a log has it.
#[derive(Debug)]
pub struct ListedRequest {
    pub reading: Reading,
    /// The same text, percent-decoded once, which is what some logs need. The signature decides
    /// which is right.
    pub decoded: Option<Reading>,
    /// The time at which the request was made, if it is known.
    pub time: Option<Timestamp>,
    pub ip: Option<IpAddr>,
    pub status: Option<u16>,
}

impl ListedRequest {
    /// A request of which nothing else is known.
    pub fn new(url: SignedUrl) -> Self {
        ListedRequest {
            reading: Reading { url, cookies: None },
            decoded: None,
            time: None,
            ip: None,
            status: None,
        }
    }
}

/// A URL with its cookies, if it has cookies of CloudFront.
#[derive(Debug)]
pub struct Reading {
    pub url: SignedUrl,
    pub cookies: Option<CookieSet>,
}

impl LogLayout {
    /// Recognizes a log by its beginning; `None` for other text.
    ///
    /// # Errors
    /// A log of another service, and one that lacks fields.
    pub fn recognize(start: &str, base_url: Option<&str>) -> Result<Option<Self>> {
        for header in start.lines().take(10) {
            if let Some(names) = header.strip_prefix("#Fields:") {
                let separator = if names.contains('\t') { '\t' } else { ' ' };
                let names: Vec<&str> = names.trim().split(separator).collect();
                return Self::new(Some('\t'), &names, header, base_url).map(Some);
            }
        }
        let line = start.lines().next().unwrap_or_default();
        if let Some(service) = other_service(line) {
            let message = format!("is a log of {service}, not of CloudFront");
            return Err(Error::new(message));
        }
        if let Some((before, after)) = line.split_once("cs-uri-stem") {
            if line.starts_with('{') {
                let members = members(line)?;
                let names: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
                return Self::new(None, &names, "", base_url).map(Some);
            }
            let separator = after.chars().next().or(before.chars().next_back());
            let Some(separator) = separator.filter(|c| !c.is_alphanumeric()) else {
                return Ok(None);
            };
            let names: Vec<&str> = line.split(separator).collect();
            return Self::new(Some(separator), &names, line, base_url).map(Some);
        }
        let values: Vec<&str> = line.split('\t').collect();
        if values.len() == STANDARD.split(' ').count() && line.starts_with("20") {
            return Self::of_fields(STANDARD, base_url).map(Some);
        }
        if values.len() > 3 && values[0].parse::<f64>().is_ok() {
            let message = "looks like a real-time log, which does not name its fields";
            return Err(Error::of_kind(ErrorKind::FieldsUnknown, message));
        }
        Ok(None)
    }

    /// The layout of a log without names: fields separated by tabs, as in real-time logs. `names`
    /// are separated by commas or white space.
    ///
    /// # Errors
    /// A log that lacks fields.
    pub fn of_fields(names: &str, base_url: Option<&str>) -> Result<Self> {
        let names = names.split([',', ' ', '\t', '\n']);
        let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
        Self::new(Some('\t'), &names, "", base_url)
    }

    /// Refuses a log without the fields that make a URL.
    fn new(
        separator: Option<char>,
        names: &[&str],
        header: &str,
        base_url: Option<&str>,
    ) -> Result<Self> {
        if names.contains(&"s-ip") {
            return Err(Error::new("is a log of IIS, not of CloudFront"));
        }
        let fields: Vec<Option<&str>> = names.iter().map(|name| field(name)).collect();
        let lacks = |name| !fields.contains(&Some(name));
        let missing = if lacks("cs-uri-stem") {
            Some("cs-uri-stem")
        } else if lacks("cs-uri-query") && lacks("cs(Cookie)") {
            Some("cs-uri-query or cs(Cookie)")
        } else {
            None
        };
        if let Some(name) = missing {
            let hint = "add the field to the log; without it, signatures are not known";
            return Err(Error::new(format!("has no field {name}")).with_hint(hint));
        }
        if base_url.is_none() && lacks("x-host-header") {
            let message = "has no field x-host-header, so the host of the URLs is not known";
            return Err(Error::of_kind(ErrorKind::HostUnknown, message));
        }
        Ok(LogLayout {
            separator,
            fields,
            header: header.to_owned(),
            base_url: base_url.map(str::to_owned),
        })
    }

    /// The request of a line; `None` for a line that names fields or is a comment.
    ///
    /// # Errors
    /// A line that is cut, or has other fields.
    pub fn request(&self, line: &str) -> Result<Option<ListedRequest>> {
        if line.starts_with("#Fields:") && line != self.header {
            return Err(Error::new("the log continues with other fields")
                .with_hint("verify logs with different fields one by one"));
        }
        if line.starts_with('#') || line == self.header {
            return Ok(None);
        }
        let values = self.values(line)?;
        let names = ["cs-uri-stem", "cs-uri-query", "cs(Cookie)"];
        let texts = names.map(|name| values.get(name));
        let reading = self.reading(&values, texts)?;
        let mut decoded = None;
        if texts.iter().flatten().any(|text| text.contains('%')) {
            let texts = texts.map(|text| text.map(percent::decode));
            let texts = texts.each_ref().map(Option::as_deref);
            decoded = self.reading(&values, texts).ok();
        }
        let status = values.get("sc-status");
        Ok(Some(ListedRequest {
            reading,
            decoded,
            time: values.time()?,
            ip: values.get("c-ip").and_then(|ip| ip.parse().ok()),
            status: status.and_then(|status| status.parse().ok()),
        }))
    }

    fn values<'a>(&self, line: &'a str) -> Result<Values<'a>> {
        let mut values = Vec::with_capacity(self.fields.len());
        let Some(separator) = self.separator else {
            for (name, value) in members(line)? {
                values.extend(field(name).map(|name| (name, value)));
            }
            return Ok(Values(values));
        };
        let mut count = 0;
        for value in line.split(separator) {
            if let Some(Some(name)) = self.fields.get(count) {
                values.push((*name, Cow::Borrowed(value.trim_matches('"'))));
            }
            count += 1;
        }
        if count != self.fields.len() {
            let expected = self.fields.len();
            let message = format!("the line has {count} fields; the log has {expected}");
            return Err(Error::new(message));
        }
        Ok(Values(values))
    }

    /// The URL and cookies of a request with this path, query and `Cookie` header.
    fn reading(
        &self,
        values: &Values,
        [stem, query, cookie]: [Option<&str>; 3],
    ) -> Result<Reading> {
        let mut url = match &self.base_url {
            Some(base_url) => base_url.clone(),
            None => {
                let protocol = values.get("cs-protocol").unwrap_or("https");
                let host = values.get("x-host-header").unwrap_or_default();
                // WebSockets begin as a request over http or https.
                format!("{}://{host}", protocol.replace("ws", "http"))
            }
        };
        url += stem.unwrap_or("/");
        if let Some(query) = query {
            url.push('?');
            url += query;
        }
        let cookies = match cookie {
            Some(cookie) if cookie.contains("CloudFront-") => {
                let header = format!("Cookie: {}", cookie.replace(";%20", "; "));
                Some(CookieSet::parse(&header)?)
            }
            _ => None,
        };
        Ok(Reading {
            url: SignedUrl::parse(&url)?,
            cookies,
        })
    }
}

/// The service that writes logs with such lines, if it is not CloudFront.
fn other_service(line: &str) -> Option<&'static str> {
    let words: Vec<&str> = line.split(' ').take(5).collect();
    match words.as_slice() {
        [
            "http" | "https" | "h2" | "grpcs" | "ws" | "wss",
            time,
            elb,
            ..,
        ] if time.contains('T') && elb.contains('/') => Some("an Application Load Balancer"),
        [owner, _, date, ..] if owner.len() == 64 && is_clock(date) => Some("S3"),
        [_, _, _, date, ..] if is_clock(date) => Some("a web server such as nginx or Apache"),
        _ => None,
    }
}

/// Returns whether a word begins like `[15/Nov/2026:10:00:00`.
fn is_clock(word: &str) -> bool {
    word.starts_with('[') && word.matches(':').count() == 3
}
