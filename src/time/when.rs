//! Times and durations as written by people and by other programs.

use std::str::FromStr;
use std::time::Duration;

use super::{DURATION_HINT, Timestamp, before_1970, calendar, too_late};
use crate::error::{Error, Result, quoted};

/// A time as given on a command line or in a table: absolute, or relative to now.
///
/// ```
/// use cfsign::{Timestamp, When};
///
/// let now = Timestamp::from_unix(1_800_000_000)?;
/// let in_an_hour: When = "1h".parse()?;
/// assert_eq!(in_an_hour.resolve(now)?.unix(), 1_800_003_600);
/// # Ok::<(), cfsign::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum When {
    /// An absolute time.
    At(Timestamp),
    /// A duration from now.
    FromNow(Duration),
}

impl When {
    /// The absolute time; a duration is counted from `now`.
    ///
    /// # Errors
    /// A time after 9999-12-31.
    pub fn resolve(self, now: Timestamp) -> Result<Timestamp> {
        match self {
            When::At(time) => Ok(time),
            When::FromNow(duration) => now.plus(duration),
        }
    }
}

/// Parses `1h30m`, `+2d`, `2 weeks`; RFC 3339 and RFC 2822; `2027-01-31`, `2027-01-31T10:00:00` and
/// `2027-01-31 10:00`, which are UTC, also with an offset such as `+0000` or a trailing `UTC`; Unix
/// seconds, also as `@1800000000`; `now` and `tomorrow` (24 hours from now).
///
/// # Errors
/// Anything else, and ambiguous values: milliseconds, eight digits (a date or Unix seconds) and
/// small integers (a duration or Unix seconds).
impl FromStr for When {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        match text {
            "now" => return Ok(When::FromNow(Duration::ZERO)),
            "tomorrow" => return Ok(When::FromNow(Duration::from_secs(86_400))),
            _ => {}
        }
        let number = text.strip_prefix('@').unwrap_or(text);
        if let Some(time) = unix_seconds(number, text) {
            let time = time?;
            if number == text {
                check_unambiguous(number)?;
            }
            return Ok(When::At(time));
        }
        if let Some(time) = calendar::parse(text) {
            return time.map(When::At);
        }
        let duration = with_units(text.strip_prefix('+').unwrap_or(text));
        duration.map(When::FromNow).ok_or_else(|| not_a_time(text))
    }
}

/// Parses a duration: `1h30m`, `2 weeks`, or a plain number of seconds.
///
/// # Errors
/// Anything else.
pub fn parse_duration(text: &str) -> Result<Duration> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(seconds) = text.parse()
    {
        return Ok(Duration::from_secs(seconds));
    }
    with_units(text).ok_or_else(|| {
        Error::new(format!("{} is not a duration", quoted(text))).with_hint(DURATION_HINT)
    })
}

/// Parses a duration with units; `None` for other text, and for the unit `M`: humantime reads
/// months, but the writer may mean minutes.
fn with_units(text: &str) -> Option<Duration> {
    let mut units = text.split(|c: char| !c.is_ascii_alphabetic());
    if units.any(|unit| unit == "M") {
        return None;
    }
    humantime::parse_duration(text).ok()
}

/// Parses an integer as Unix seconds; `typed` is shown in messages. `None` if the text is not an
/// integer.
fn unix_seconds(number: &str, typed: &str) -> Option<Result<Timestamp>> {
    let digits = number.strip_prefix('-').unwrap_or(number);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(match number.parse() {
        Ok(..0) => Err(before_1970(typed)),
        Ok(seconds) => Timestamp::from_unix(seconds).map_err(|_| too_late(typed)),
        Err(_) => Err(too_late(typed)),
    })
}

/// Checks that an integer without an `@` can only be Unix seconds: at least nine digits, from 1973,
/// and no date such as 20270131 or 202701311000.
fn check_unambiguous(number: &str) -> Result<()> {
    let may_be_date = number.len() == 12 && number.starts_with("20");
    if number.len() >= 9 && !may_be_date {
        return Ok(());
    }
    let shown = quoted(number);
    let message = format!("{shown} is ambiguous: Unix seconds, a duration in seconds, or a date");
    Err(Error::new(message).with_hint(format!(
        "@{number} is Unix seconds, {number}s is a duration from now, 2027-01-31 is a date"
    )))
}

fn not_a_time(text: &str) -> Error {
    Error::new(format!("{} is not a time", quoted(text))).with_hint(
        "use a time such as 90m, 2d or 1h30m (from now), 2027-01-31, 2027-01-31T10:00:00Z \
         or @1800000000 (Unix seconds)",
    )
}
