//! Points in time as CloudFront counts them, and the ways in which people write them.
//!
//! Nothing here reads the clock: what is relative to now is read into a [`When`] and resolved against a `now` that the
//! caller passes down.
//!
//! Source: Amazon CloudFront Developer Guide, "Values that you specify in the policy statement for a signed URL that uses a
//! custom policy" (Unix seconds, UTC); RFC 3339.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta};
use chrono_humanize::HumanTime;
use serde::Serialize;

use crate::error::{Error, Result, quoted};

/// Seconds since 1970-01-01T00:00:00Z, up to the end of the year 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Timestamp(i64);

/// 10000-01-01T00:00:00Z, the first time that RFC 3339 cannot write.
const END: i64 = 253_402_300_800;

impl Timestamp {
    /// The time that many seconds after the beginning of 1970, in UTC.
    ///
    /// # Errors
    /// A time before 1970 or after 9999; thirteen digits are a time in milliseconds.
    pub fn from_unix(seconds: i64) -> Result<Self> {
        match seconds {
            ..0 => Err(before_1970(&seconds.to_string())),
            0..END => Ok(Timestamp(seconds)),
            END.. => Err(too_many_digits(&seconds.to_string(), &seconds.to_string())),
        }
    }

    /// Unix seconds.
    pub fn unix(self) -> i64 {
        self.0
    }

    /// The time a duration later. CloudFront counts whole seconds, so a fraction of one is dropped.
    ///
    /// # Errors
    /// A time after the year 9999.
    pub fn plus(self, duration: Duration) -> Result<Self> {
        let seconds = i64::try_from(duration.as_secs())
            .ok()
            .and_then(|seconds| self.0.checked_add(seconds));
        seconds
            .filter(|seconds| *seconds < END)
            .map(Timestamp)
            .ok_or_else(|| {
                Error::new(format!(
                    "is {} seconds from now, after the year 9999",
                    duration.as_secs()
                ))
                .with_hint("a duration is written 3600 (seconds), 90m, 1h30m or 2d")
            })
    }

    /// The form of HTTP headers (RFC 9110, section 5.6.7), such as `Sun, 31 Jan 2027 10:00:00 GMT`.
    pub fn http_date(self) -> String {
        DateTime::from_timestamp(self.0, 0)
            .unwrap_or_default()
            .format("%a, %d %b %Y %H:%M:%S GMT")
            .to_string()
    }

    /// The distance from `now` in words, such as `in 3 hours` or `2 days ago`.
    pub fn relative_to(self, now: Timestamp) -> String {
        HumanTime::from(TimeDelta::seconds(self.0 - now.0)).to_string()
    }
}

impl TryFrom<SystemTime> for Timestamp {
    type Error = Error;

    /// Converts a system time, rounded down to the second.
    ///
    /// # Errors
    /// A time before 1970 or after the year 9999.
    fn try_from(time: SystemTime) -> Result<Self> {
        let since_1970 = time
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_err(|_| Error::new("the system time is before 1970"))?;
        Timestamp(0).plus(since_1970)
    }
}

impl From<Timestamp> for SystemTime {
    fn from(time: Timestamp) -> Self {
        SystemTime::UNIX_EPOCH + Duration::from_secs(time.0.unsigned_abs())
    }
}

/// RFC 3339 in UTC, such as `2027-01-31T10:00:00Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}",
            DateTime::from_timestamp(self.0, 0)
                .unwrap_or_default()
                .format("%Y-%m-%dT%H:%M:%SZ")
        )
    }
}

/// A time as a person wrote it: a fixed one, or one counted from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum When {
    /// A fixed time.
    At(Timestamp),
    /// So long after now.
    FromNow(Duration),
}

impl When {
    /// The time meant, where the clock says `now`.
    ///
    /// # Errors
    /// A time after the year 9999.
    pub fn resolve(self, now: Timestamp) -> Result<Timestamp> {
        match self {
            When::At(time) => Ok(time),
            When::FromNow(duration) => now.plus(duration),
        }
    }
}

/// Reads `1h30m`, `+2d`, `2 weeks`; RFC 3339; `2027-01-31`, `2027-01-31T10:00:00` and `2027-01-31 10:00` (UTC); Unix
/// seconds, also as `@1800000000`; `now` and `tomorrow` (24 hours from now).
///
/// # Errors
/// Everything else, and three things that are probably not what was meant: milliseconds, eight digits (a date or Unix
/// seconds?) and a small plain number (a duration or Unix seconds?).
impl FromStr for When {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        match text {
            "now" => return Ok(When::FromNow(Duration::ZERO)),
            "tomorrow" => return Ok(When::FromNow(Duration::from_secs(86_400))),
            _ => {}
        }
        if let Some(seconds) = text.strip_prefix('@') {
            return unix_seconds(seconds, text)
                .unwrap_or_else(|| Err(not_a_time(text)))
                .map(When::At);
        }
        if let Some(time) = unix_seconds(text, text) {
            let time = time?;
            return unambiguous(text).map(|()| When::At(time));
        }
        if let Some(seconds) = calendar(text) {
            return match seconds {
                ..0 => Err(before_1970(text)),
                END.. => Err(Error::new(format!(
                    "{} is after the year 9999 in UTC",
                    quoted(text)
                ))),
                _ => Timestamp::from_unix(seconds).map(When::At),
            };
        }
        let duration = text.strip_prefix('+').unwrap_or(text);
        check_minutes(duration)?;
        duration_words(duration)
            .map(When::FromNow)
            .ok_or_else(|| not_a_time(text))
    }
}

/// Reads a duration: `1h30m`, `2 weeks`, or a plain number of seconds.
///
/// # Errors
/// Text that is neither.
pub fn parse_duration(text: &str) -> Result<Duration> {
    let text = text.trim();
    match text.parse() {
        Ok(seconds) if text.bytes().all(|b| b.is_ascii_digit()) => Ok(Duration::from_secs(seconds)),
        _ => check_minutes(text)
            .map(|()| duration_words(text))?
            .ok_or_else(|| {
                Error::new(format!("{} is not a duration", quoted(text)))
                    .with_hint("a duration is written 3600 (seconds), 90m, 1h30m or 2d")
            }),
    }
}

/// Refuses the unit `M`, which would be a month: who writes it may mean minutes, and get access for half a year.
fn check_minutes(text: &str) -> Result<()> {
    let units = || text.split(|c: char| !c.is_ascii_alphabetic());
    match units().any(|unit| unit == "M") && duration_words(text).is_some() {
        true => Err(
            Error::new(format!("{} could be months or minutes", quoted(text))).with_hint(format!(
                "{} is minutes, {} months of 30.44 days",
                text.replace('M', "m"),
                text.replace('M', "months")
            )),
        ),
        false => Ok(()),
    }
}

/// A duration with units.
fn duration_words(text: &str) -> Option<Duration> {
    humantime::parse_duration(text).ok()
}

/// Unix seconds of a date, or of a date and time; without an offset the time is UTC.
fn calendar(text: &str) -> Option<i64> {
    const WITHOUT_OFFSET: [&str; 4] = [
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
    ];
    // chrono also reads a year of any length and sign, and months and days of one digit.
    let is_date = |start: &[u8]| {
        start.iter().zip(b"dddd-dd-dd").all(|(byte, shape)| {
            if *shape == b'd' {
                byte.is_ascii_digit()
            } else {
                byte == shape
            }
        })
    };
    text.as_bytes().get(..10).filter(|start| is_date(start))?;
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp());
    }
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp());
    }
    WITHOUT_OFFSET
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|time| time.and_utc().timestamp())
}

/// A whole number of seconds, `typed` in messages; `None` where the text is no number.
fn unix_seconds(number: &str, typed: &str) -> Option<Result<Timestamp>> {
    let digits = number.strip_prefix('-').unwrap_or(number);
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| match number.parse() {
        Ok(..0) => Err(before_1970(typed)),
        Ok(seconds) => Timestamp::from_unix(seconds).map_err(|_| too_many_digits(number, typed)),
        Err(_) => Err(too_many_digits(number, typed)),
    })
}

/// Whether a number without an `@` can only be Unix seconds: nine to eleven digits, from 1973 to 5138.
fn unambiguous(number: &str) -> Result<()> {
    match number.len() {
        8 if NaiveDate::parse_from_str(number, "%Y%m%d").is_ok() => {
            Err(Error::new(format!("{} could be a date or Unix seconds", quoted(number))).with_hint(format!(
                "{}-{}-{} is the date, @{number} Unix seconds",
                &number[..4],
                &number[4..6],
                &number[6..]
            )))
        }
        ..=8 => Err(Error::new(format!("{} could be a duration or Unix seconds of 1970", quoted(number))).with_hint(
            format!("{number}s counts from now, and so does --expires-in {number}; @{number} is Unix seconds"),
        )),
        9..=11 => Ok(()),
        _ => Err(too_many_digits(number, number)),
    }
}

fn too_many_digits(number: &str, typed: &str) -> Error {
    let digits = number.len();
    let (unit, extra) = match digits {
        13 => ("a time in milliseconds", 3),
        16 => ("a time in microseconds", 6),
        19 => ("a time in nanoseconds", 9),
        _ => {
            return Error::new(format!(
                "{} has {digits} digits, too many for Unix seconds",
                quoted(typed)
            ))
            .with_hint("a date and time is written 2027-01-31T10:00:00Z");
        }
    };
    Error::new(format!(
        "{} has {digits} digits, which is {unit}",
        quoted(typed)
    ))
    .with_hint(format!(
        "CloudFront counts seconds: {}",
        &number[..digits - extra]
    ))
}

fn before_1970(time: &str) -> Error {
    Error::new(format!(
        "{} is before 1970, where CloudFront's clock starts",
        quoted(time)
    ))
    .with_hint("a time from now is written 90m or 2d, a date 2027-01-31")
}

fn not_a_time(text: &str) -> Error {
    Error::new(format!("{} is not a time", quoted(text))).with_hint(
        "a time is written 90m, 2d or 1h30m (from now), 2027-01-31, 2027-01-31T10:00:00Z or @1800000000 (Unix seconds)",
    )
}
