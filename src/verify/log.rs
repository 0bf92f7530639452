//! Requests in CloudFront's access logs: standard logs, their second version in all its formats,
//! and real-time logs.
//!
//! Source: Amazon CloudFront Developer Guide, "Standard logging reference", "Use real-time logs".

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;

use super::cookie::CookieSet;
use crate::error::{Error, ErrorKind, Result, quoted};
use crate::policy::json::text_of;
use crate::sign::SignedUrl;
use crate::time::{Timestamp, When};
use crate::url::percent;
use crate::url::signing_parameters::letters;

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

/// The field with this name, if it is read. Real-time logs and tables of Amazon Athena have hyphens
/// or underscores in place of other punctuation.
fn field(name: &str) -> Option<&'static str> {
    let mut known = FIELDS.split(' ');
    known.find(|known| letters(known).eq(letters(name)))
}

/// The texts between separators, of which those in quotation marks do not count.
fn split(line: &str, separator: char) -> Vec<&str> {
    if !line.starts_with('"') {
        return line.split(separator).collect();
    }
    let mut is_quoted = false;
    let texts = line.split(|c| {
        is_quoted ^= c == '"';
        c == separator && !is_quoted
    });
    texts.collect()
}

/// Returns whether a character may be in the name of a field.
fn is_in_name(c: char) -> bool {
    c.is_alphanumeric() || "-_()".contains(c)
}

/// The fields of one line that are read, without those that are empty or `-`, which stands for
/// none.
type Values<'a> = BTreeMap<&'static str, Cow<'a, str>>;

/// The number in a field, in seconds or milliseconds.
fn number(values: &Values, name: &str) -> Result<Option<f64>> {
    let number = values.get(name).map(|text| {
        let number = text.parse();
        number.map_err(|_| unreadable(text))
    });
    number.transpose()
}

/// The time at which the request was made. Logs have the time of the last byte of the answer.
fn time(values: &Values) -> Result<Option<Timestamp>> {
    let milliseconds = number(values, "timestamp(ms)")?;
    let seconds = milliseconds.map(|milliseconds| milliseconds / 1000.0);
    let seconds = number(values, "timestamp")?.or(seconds);
    let finished = if let Some(seconds) = seconds {
        seconds as i64
    } else if let (Some(date), Some(time)) = (values.get("date"), values.get("time")) {
        let text = format!("{date}T{time}Z");
        let Ok(When::At(time)) = text.parse() else {
            return Err(unreadable(&text));
        };
        time.unix()
    } else {
        return Ok(None);
    };
    let taken = number(values, "time-taken").ok().flatten();
    let taken = taken.unwrap_or_default() as i64;
    Timestamp::from_unix(finished.saturating_sub(taken)).map(Some)
}

fn unreadable(time: &str) -> Error {
    Error::new(format!("the time {} cannot be read", quoted(time)))
}

/// The members of a JSON object.
fn members(line: &str) -> Result<BTreeMap<String, Value>> {
    serde_json::from_str(line).map_err(|e| {
        let column = e.column();
        Error::new(format!("the line is not a JSON object (column {column})"))
    })
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
            let names = header.strip_prefix("#Fields:");
            if names.is_none() && !header.replace('_', "-").contains("cs-uri-stem") {
                continue;
            }
            if header.starts_with('{') {
                let names: Vec<String> = members(header)?.into_keys().collect();
                return Self::new(None, &names.join(" "), "", base_url).map(Some);
            }
            let separator = match names {
                Some(_) => Some('\t'),
                None => header.chars().find(|c| !is_in_name(*c) && *c != '"'),
            };
            let Some(separator) = separator else {
                return Ok(None);
            };
            let names = names.unwrap_or(header);
            return Self::new(Some(separator), names, header, base_url).map(Some);
        }
        let line = start.lines().next().unwrap_or_default();
        let values: Vec<&str> = line.split('\t').collect();
        if values.len() == STANDARD.split(' ').count() && line.starts_with("20") {
            return Self::of_fields(STANDARD, base_url).map(Some);
        }
        if values.len() > 3 && values[0].parse::<f64>().is_ok() {
            let message = "looks like a real-time log, which does not name its fields";
            return Err(Error::of_kind(ErrorKind::FieldsUnknown, message));
        }
        // Logs of web servers, load balancers and S3 quote the first line of the request.
        if line.contains(" HTTP/") && line.contains('"') {
            return Err(Error::new(
                "is the log of another server, not of CloudFront",
            ));
        }
        Ok(None)
    }

    /// The layout of a log without names: fields separated by tabs, as in real-time logs. `names`
    /// are separated by commas or white space.
    ///
    /// # Errors
    /// A log that lacks fields.
    pub fn of_fields(names: &str, base_url: Option<&str>) -> Result<Self> {
        Self::new(Some('\t'), names, "", base_url)
    }

    /// Refuses a log without the fields that make a URL.
    fn new(
        separator: Option<char>,
        names: &str,
        header: &str,
        base_url: Option<&str>,
    ) -> Result<Self> {
        let names = names.split(|c| !is_in_name(c));
        let fields: Vec<Option<&str>> = names.filter(|name| !name.is_empty()).map(field).collect();
        let has = |name| fields.contains(&Some(name));
        if !has("cs-uri-stem") {
            return Err(lacks("cs-uri-stem"));
        }
        if !has("cs-uri-query") && !has("cs(Cookie)") {
            return Err(lacks("cs-uri-query or cs(Cookie)"));
        }
        if base_url.is_none() && !has("x-host-header") {
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
        let texts = names.map(|name| values.get(name).map(Cow::as_ref));
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
            time: time(&values)?,
            ip: values.get("c-ip").and_then(|ip| ip.parse().ok()),
            status: status.and_then(|status| status.parse().ok()),
        }))
    }

    fn values<'a>(&self, line: &'a str) -> Result<Values<'a>> {
        let mut values = Values::new();
        if let Some(separator) = self.separator {
            let texts = split(line, separator);
            if texts.len() != self.fields.len() {
                let (count, expected) = (texts.len(), self.fields.len());
                let message = format!("the line has {count} fields; the log has {expected}");
                return Err(Error::new(message));
            }
            for (name, text) in self.fields.iter().zip(texts) {
                values.extend(name.map(|name| (name, text.trim_matches('"').into())));
            }
        } else {
            for (name, value) in members(line)? {
                values.extend(field(&name).map(|name| (name, text_of(&value).into())));
            }
        }
        values.retain(|_, value| !["", "-"].contains(&value.as_ref()));
        Ok(values)
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
                let protocol = values.get("cs-protocol").map_or("https", Cow::as_ref);
                let host = values.get("x-host-header").map_or("", Cow::as_ref);
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

fn lacks(field: &str) -> Error {
    let hint = "add the field to the log; without it, signatures are not known";
    Error::new(format!("has no field {field}")).with_hint(hint)
}
