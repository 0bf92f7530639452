//! Times: Unix timestamps, and the formats accepted on the command line.
//!
//! Nothing here reads the clock: a relative time is parsed into a [`When`] and resolved against a
//! `now` that the caller passes.
//!
//! Source: Amazon CloudFront Developer Guide, "Values that you specify in the policy statement for
//! a signed URL that uses a custom policy" (Unix seconds, UTC).

mod calendar;
mod when;

use std::fmt;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_humanize::HumanTime;
use serde::Serialize;

use crate::error::{Error, Result, quoted};

pub use when::{When, parse_duration};

/// Seconds since 1970-01-01T00:00:00Z, up to 9999-12-31T23:59:59Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Timestamp(i64);

/// 9999-12-31T23:59:59Z. Services sign with expiries in that year.
const LATEST: i64 = 253_402_300_799;

/// 2262-04-11T23:47:16Z, the latest expiry in CloudFront's documentation: 2^63 nanoseconds.
const LATEST_DOCUMENTED: i64 = 9_223_372_036;

const DURATION_HINT: &str = "use a duration such as 90m, 1h30m or 2d";

impl Timestamp {
    /// Converts Unix seconds.
    ///
    /// # Errors
    /// A time before 1970 or after 9999-12-31; thirteen digits are a time in milliseconds.
    pub fn from_unix(seconds: i64) -> Result<Self> {
        match seconds {
            ..0 => Err(before_1970(&seconds.to_string())),
            0..=LATEST => Ok(Timestamp(seconds)),
            _ => Err(too_late(&seconds.to_string())),
        }
    }

    /// Unix seconds.
    pub fn unix(self) -> i64 {
        self.0
    }

    /// Returns whether CloudFront documents that an expiry may be as late as this: until
    /// 2262-04-11.
    pub fn is_documented(self) -> bool {
        self.0 <= LATEST_DOCUMENTED
    }

    /// Adds a duration. CloudFront counts whole seconds, so a fraction of a second is dropped.
    ///
    /// # Errors
    /// A time after 9999-12-31.
    pub fn plus(self, duration: Duration) -> Result<Self> {
        let seconds = duration.as_secs();
        let time = self.0.saturating_add_unsigned(seconds);
        if time <= LATEST {
            return Ok(Timestamp(time));
        }
        let message = format!(
            "is {seconds} seconds from now, after 9999-12-31, the latest time that is supported"
        );
        Err(Error::new(message).with_hint("use an earlier time"))
    }

    /// The time rounded up to a multiple of `slot` since 1970, in whole seconds.
    ///
    /// ```
    /// use std::time::Duration;
    /// use cfsign::Timestamp;
    ///
    /// let time = Timestamp::from_unix(1_800_000_001)?;
    /// assert_eq!(time.round_up(Duration::from_secs(900))?.unix(), 1_800_000_900);
    /// assert_eq!(time.round_down(Duration::from_secs(900)).unix(), 1_800_000_000);
    /// # Ok::<(), cfsign::Error>(())
    /// ```
    ///
    /// # Errors
    /// A result after 9999-12-31.
    pub fn round_up(self, slot: Duration) -> Result<Self> {
        let rounded = self.round_down(slot);
        if rounded == self {
            return Ok(self);
        }
        rounded.plus(slot)
    }

    /// The time rounded down to a multiple of `slot` since 1970, in whole seconds. A slot under a
    /// second changes nothing.
    #[must_use]
    pub fn round_down(self, slot: Duration) -> Self {
        let slot = i64::try_from(slot.as_secs()).unwrap_or(i64::MAX).max(1);
        Timestamp(self.0 - self.0 % slot)
    }

    fn date_time(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0, 0).unwrap_or_default()
    }

    /// The format of HTTP headers (RFC 9110, section 5.6.7), such as `Sun, 31 Jan 2027 10:00:00
    /// GMT`.
    pub fn http_date(self) -> String {
        self.date_time()
            .format("%a, %d %b %Y %H:%M:%S GMT")
            .to_string()
    }

    /// The time relative to `now`, such as `in 3 hours` or `2 days ago`.
    pub fn relative_to(self, now: Timestamp) -> String {
        HumanTime::from(TimeDelta::seconds(self.0 - now.0)).to_string()
    }
}

impl TryFrom<SystemTime> for Timestamp {
    type Error = Error;

    /// Converts a system time, rounded down to the second.
    ///
    /// # Errors
    /// A time before 1970 or after 9999-12-31.
    fn try_from(time: SystemTime) -> Result<Self> {
        let since_1970 = time
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_err(|_| Error::new("the system time is before 1970"))?;
        Timestamp(0).plus(since_1970)
    }
}

/// RFC 3339 in UTC, such as `2027-01-31T10:00:00Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date_time().format("%Y-%m-%dT%H:%M:%SZ"))
    }
}

/// The error for a number of seconds after 9999-12-31. Most such numbers are milliseconds.
fn too_late(number: &str) -> Error {
    let digits = number.trim_start_matches('@');
    let shown = quoted(number);
    if digits.len() == 13 {
        let message = format!("{shown} has 13 digits: it looks like milliseconds");
        let seconds = &digits[..10];
        return Error::new(message).with_hint(format!("CloudFront uses seconds: {seconds}"));
    }
    let message = format!("{shown} is after 9999-12-31, the latest time that is supported");
    Error::new(message).with_hint("use an earlier time")
}

fn before_1970(time: &str) -> Error {
    Error::new(format!("{} is before 1970", quoted(time)))
        .with_hint("use a time from now such as 90m or 2d, or a date such as 2027-01-31")
}
