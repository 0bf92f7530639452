//! Requests in CloudFront's access logs: standard logs, their second version in all its formats,
//! and real-time logs.
//!
//! Source: Amazon CloudFront Developer Guide, "Standard logging reference" and "Use real-time logs".

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::value::RawValue;

use super::cookie::CookieSet;
use crate::error::{Error, ErrorKind, Result, quoted};
use crate::sign::SignedUrl;
use crate::time::{Timestamp, When};
use crate::url::percent;

/// The fields that are read, by their names in all versions.
const FIELDS: [(&str, Field); 12] = [
    ("date", Field::Date),
    ("time", Field::Time),
    ("timestamp", Field::Seconds),
    ("timestamp(ms)", Field::Milliseconds),
    ("time-taken", Field::TimeTaken),
    ("c-ip", Field::Ip),
    ("cs-protocol", Field::Protocol),
    ("x-host-header", Field::Host),
    ("cs-uri-stem", Field::Stem),
    ("cs-uri-query", Field::Query),
    ("cs(Cookie)", Field::Cookie),
    ("sc-status", Field::Status),
];

/// The fields of standard logs, for lines without the one that names them.
const STANDARD: &str = "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem \
    sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type \
    x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol \
    ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields \
    c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len \
    sc-range-start sc-range-end";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Date,
    Time,
    Seconds,
    Milliseconds,
    TimeTaken,
    Ip,
    Protocol,
    Host,
    Stem,
    Query,
    Cookie,
    Status,
}

impl Field {
    fn named(name: &str) -> Option<Self> {
        // Real-time logs write some names with underscores or hyphens in place of parentheses.
        let name = match name {
            "cs-cookie" => "cs(Cookie)",
            "timestamp-ms" => "timestamp(ms)",
            name => name,
        };
        let known = FIELDS.iter().find(|(known, _)| *known == name);
        known.map(|(_, field)| *field)
    }
}

/// The values of one line, empty where there is none.
#[derive(Default)]
struct Values<'a>([Cow<'a, str>; FIELDS.len()]);

impl<'a> Values<'a> {
    /// The members of a JSON object, of which numbers are text as well.
    fn of_object(line: &'a str) -> Result<Self> {
        let members: BTreeMap<&str, &RawValue> = serde_json::from_str(line).map_err(|e| {
            Error::new(format!(
                "the line is not a JSON object (column {})",
                e.column()
            ))
        })?;
        let mut values = Values::default();
        for (name, value) in members {
            let Some(field) = Field::named(name) else {
                continue;
            };
            let text = serde_json::from_str(value.get()).map(Cow::Owned);
            values.0[field as usize] = text.unwrap_or(Cow::Borrowed(value.get()));
        }
        Ok(values)
    }

    /// The value of a field; `None` for `-`, which stands for none.
    fn get(&self, field: Field) -> Option<&str> {
        let value = &*self.0[field as usize];
        (!value.is_empty() && value != "-").then_some(value)
    }

    /// The time at which the request was made. Logs have the time of the last byte of the answer.
    fn time(&self) -> Result<Option<Timestamp>> {
        let seconds = self.get(Field::Seconds).map(|text| (text, 1));
        let milliseconds = self.get(Field::Milliseconds).map(|text| (text, 1000));
        let finished = if let Some((text, unit)) = seconds.or(milliseconds) {
            let whole = text.split('.').next().unwrap_or(text);
            let number: i64 = whole.parse().map_err(|_| unreadable("time", text))?;
            Timestamp::from_unix(number / unit)?
        } else {
            let (Some(date), Some(time)) = (self.get(Field::Date), self.get(Field::Time)) else {
                return Ok(None);
            };
            let text = format!("{date}T{time}Z");
            match text.parse() {
                Ok(When::At(time)) => time,
                _ => return Err(unreadable("time", &text)),
            }
        };
        let taken = self.get(Field::TimeTaken).unwrap_or_default();
        let taken: i64 = taken
            .split('.')
            .next()
            .unwrap_or_default()
            .parse()
            .unwrap_or(0);
        Timestamp::from_unix(finished.unix().saturating_sub(taken)).map(Some)
    }
}

/// The way in which the lines of a log hold its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// An object on each line.
    Json,
    /// Fields in this order, separated by this character.
    Fields(char, Vec<Option<Field>>),
}

/// The layout of an access log.
#[derive(Debug, Clone)]
pub struct LogLayout {
    form: Form,
    /// The line that names the fields; logs that are read one after the other repeat it.
    header: String,
    /// The scheme and host of all requests, for a log that does not name the host.
    base_url: Option<String>,
}

/// A request as a list or a log has it.
#[derive(Debug)]
pub struct ListedRequest {
    /// The text as it is.
    pub reading: Reading,
    /// The same text, percent-decoded once, which is what some logs need. The signature decides
    /// which is right.
    pub decoded: Option<Reading>,
    /// The time at which the request was made, if it is known.
    pub time: Option<Timestamp>,
    /// The address of the client.
    pub ip: Option<IpAddr>,
    /// The status of the answer.
    pub status: Option<u16>,
}

/// A URL with its cookies, if it has cookies of CloudFront.
#[derive(Debug)]
pub struct Reading {
    /// The URL as requested.
    pub url: SignedUrl,
    /// The cookies of the request.
    pub cookies: Option<CookieSet>,
}

impl LogLayout {
    /// Recognizes a log by its beginning; `None` for other text.
    ///
    /// # Errors
    /// A log of another service, and one that lacks fields.
    pub fn recognize(start: &str, base_url: Option<&str>) -> Result<Option<Self>> {
        let named = start
            .lines()
            .take(10)
            .find_map(|line| line.strip_prefix("#Fields:"));
        if let Some(names) = named {
            let separator = if names.contains('\t') { '\t' } else { ' ' };
            let names = names.trim().split(separator).collect();
            let header = start.lines().find(|line| line.starts_with("#Fields:"));
            return Self::new('\t', names, header, base_url).map(Some);
        }
        let line = start.lines().next().unwrap_or_default();
        if let Some(service) = other_service(line) {
            return Err(Error::new(format!(
                "is a log of {service}, not of CloudFront"
            )));
        }
        let Some(place) = line.find("cs-uri-stem") else {
            let fields: Vec<&str> = line.split('\t').collect();
            if fields.len() == STANDARD.split(' ').count() && fields[0].starts_with("20") {
                return Self::of_fields(STANDARD, base_url).map(Some);
            }
            if fields.len() > 3 && fields[0].parse::<f64>().is_ok() {
                let message = "looks like a real-time log, which does not name its fields";
                return Err(Error::of_kind(ErrorKind::FieldsUnknown, message));
            }
            return Ok(None);
        };
        if line.starts_with('{') {
            let layout = LogLayout {
                form: Form::Json,
                header: String::new(),
                base_url: base_url.map(str::to_owned),
            };
            let Values(values) = Values::of_object(line)?;
            layout.check(|field| !values[field as usize].is_empty())?;
            return Ok(Some(layout));
        }
        let after = line[place + "cs-uri-stem".len()..].chars().next();
        let separator = after.or_else(|| line[..place].chars().next_back());
        let Some(separator) = separator.filter(|c| !c.is_alphanumeric()) else {
            return Ok(None);
        };
        let names = line.split(separator).collect();
        Self::new(separator, names, Some(line), base_url).map(Some)
    }

    /// The layout of a log without names: fields separated by tabs, as in real-time logs. `names`
    /// are separated by commas or white space.
    ///
    /// # Errors
    /// A log that lacks fields.
    pub fn of_fields(names: &str, base_url: Option<&str>) -> Result<Self> {
        let names = names.split([',', ' ', '\t', '\n']);
        let names = names.filter(|name| !name.is_empty()).collect();
        Self::new('\t', names, None, base_url)
    }

    fn new(
        separator: char,
        names: Vec<&str>,
        header: Option<&str>,
        base_url: Option<&str>,
    ) -> Result<Self> {
        let named = names
            .iter()
            .map(|name| Field::named(name.trim_matches('"')));
        let fields: Vec<Option<Field>> = named.collect();
        if names.contains(&"s-ip") {
            return Err(Error::new("is a log of IIS, not of CloudFront"));
        }
        let layout = LogLayout {
            form: Form::Fields(separator, fields.clone()),
            header: header.unwrap_or_default().to_owned(),
            base_url: base_url.map(str::to_owned),
        };
        layout.check(|field| fields.contains(&Some(field)))?;
        Ok(layout)
    }

    /// Refuses a log without the fields that make a URL.
    fn check(&self, has: impl Fn(Field) -> bool) -> Result<()> {
        let needed = [
            ("cs-uri-stem", has(Field::Stem)),
            (
                "cs-uri-query or cs(Cookie)",
                has(Field::Query) || has(Field::Cookie),
            ),
        ];
        if let Some((name, _)) = needed.iter().find(|(_, has)| !has) {
            let hint = "add the field to the log; without it, signatures are not known";
            return Err(Error::new(format!("has no field {name}")).with_hint(hint));
        }
        if self.base_url.is_none() && !has(Field::Host) {
            let message = "has no field x-host-header, so the host of the URLs is not known";
            return Err(Error::of_kind(ErrorKind::HostUnknown, message));
        }
        Ok(())
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
        let texts = [Field::Stem, Field::Query, Field::Cookie].map(|field| values.get(field));
        let reading = self.reading(&values, texts)?;
        let mut decoded = None;
        if texts.iter().flatten().any(|text| text.contains('%')) {
            let texts = texts.map(|text| text.map(percent::decode));
            let texts = texts.each_ref().map(Option::as_deref);
            decoded = self.reading(&values, texts).ok();
        }
        Ok(Some(ListedRequest {
            reading,
            decoded,
            time: values.time()?,
            ip: values.get(Field::Ip).and_then(|ip| ip.parse().ok()),
            status: values
                .get(Field::Status)
                .and_then(|status| status.parse().ok()),
        }))
    }

    fn values<'a>(&self, line: &'a str) -> Result<Values<'a>> {
        let Form::Fields(separator, fields) = &self.form else {
            return Values::of_object(line);
        };
        let mut values = Values::default();
        let mut count = 0;
        for value in line.split(*separator) {
            let field = fields.get(count).copied().flatten();
            if let Some(field) = field {
                values.0[field as usize] = Cow::Borrowed(value.trim_matches('"'));
            }
            count += 1;
        }
        if count != fields.len() {
            let message = format!("the line has {count} fields; the log has {}", fields.len());
            return Err(Error::new(message));
        }
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
                let protocol = values.get(Field::Protocol).unwrap_or("https");
                let host = values.get(Field::Host).unwrap_or_default();
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

fn unreadable(what: &str, value: &str) -> Error {
    Error::new(format!("the {what} {} cannot be read", quoted(value)))
}

/// The service that writes logs with such lines, if it is not CloudFront.
fn other_service(line: &str) -> Option<&'static str> {
    let words: Vec<&str> = line.split(' ').take(5).collect();
    let has_clock = |word: &str| word.starts_with('[') && word.matches(':').count() == 3;
    match words.as_slice() {
        [
            "http" | "https" | "h2" | "grpcs" | "ws" | "wss",
            time,
            elb,
            ..,
        ] if time.contains('T') && elb.contains('/') => Some("an Application Load Balancer"),
        [owner, _, date, ..] if owner.len() == 64 && has_clock(date) => Some("S3"),
        [_, _, _, date, ..] if has_clock(date) => Some("a web server such as nginx or Apache"),
        _ => None,
    }
}
