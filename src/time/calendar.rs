//! Dates, with or without a time of day (RFC 3339, RFC 2822, and what `date` and the AWS CLI
//! accept).

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

use super::{Timestamp, before_1970, too_late};
use crate::error::{Error, Result, quoted};

/// The forms after a date and a `T`, without and with an offset.
const TIMES: [&str; 3] = ["%H:%M:%S", "%H:%M", "%H:%M:%S%.f"];

/// Parses a date, or a date and time; without an offset it is UTC. `None` if the text does not
/// begin with a date.
pub(super) fn parse(text: &str) -> Option<Result<Timestamp>> {
    if let Ok(time) = DateTime::parse_from_rfc2822(text) {
        return Some(timestamp(time.timestamp(), text));
    }
    // chrono also accepts years of any length, and months and days of one digit.
    let (date, rest) = text.split_at_checked(10)?;
    let has_shape = date.bytes().enumerate().all(|(index, byte)| match index {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    if !has_shape {
        return None;
    }
    let Ok(date) = NaiveDate::parse_from_str(date, "%Y-%m-%d") else {
        let message = format!("{} is not a valid date", quoted(date));
        return Some(Err(
            Error::new(message).with_hint("use YYYY-MM-DD, such as 2027-01-31")
        ));
    };
    if rest.is_empty() {
        let midnight = date.and_time(NaiveTime::MIN).and_utc();
        return Some(timestamp(midnight.timestamp(), text));
    }
    let time = rest.strip_prefix(['T', 't', ' '])?;
    match seconds(date, time) {
        Some(seconds) => Some(timestamp(seconds, text)),
        None => Some(Err(Error::new(format!(
            "{} has an invalid time of day or time zone",
            quoted(text)
        ))
        .with_hint(
            "use 2027-01-31T10:00:00Z, 2027-01-31 10:00, or an offset: 2027-01-31 10:00 +05:00",
        ))),
    }
}

/// Unix seconds of a date and a time of day, which may end in an offset, `Z`, `UTC` or `GMT`.
fn seconds(date: NaiveDate, time: &str) -> Option<i64> {
    let utc = ["UTC", "GMT", "Z", "z"]
        .into_iter()
        .find_map(|zone| time.strip_suffix(zone));
    let without_zone = utc.unwrap_or(time).trim_end();
    for format in TIMES {
        if let Ok(time) = NaiveTime::parse_from_str(without_zone, format) {
            return Some(NaiveDateTime::new(date, time).and_utc().timestamp());
        }
    }
    if utc.is_some() {
        return None;
    }
    for format in TIMES {
        let text = format!("{date}T{time}");
        // `%z` accepts +0000 and +00:00.
        for zone in ["%z", " %z"] {
            if let Ok(time) = DateTime::parse_from_str(&text, &format!("%Y-%m-%dT{format}{zone}")) {
                return Some(time.timestamp());
            }
        }
    }
    None
}

fn timestamp(seconds: i64, text: &str) -> Result<Timestamp> {
    if seconds < 0 {
        return Err(before_1970(text));
    }
    Timestamp::from_unix(seconds).map_err(|_| too_late(text))
}
