//! Dates, with or without a time of day (RFC 3339, RFC 2822, and what `date` and the AWS CLI
//! accept).

use chrono::DateTime;

use super::{Timestamp, before_1970, too_late};
use crate::error::{Error, Result, quoted};

/// Parses a date, or a date and time; without an offset it is UTC. `None` if the text does not
/// begin with a date.
pub(super) fn parse(text: &str) -> Option<Result<Timestamp>> {
    if let Ok(time) = DateTime::parse_from_rfc2822(text) {
        return Some(timestamp(time.timestamp(), text));
    }
    let (date, rest) = text.split_at_checked(10)?;
    // chrono also accepts years of any length, and months and days of one digit.
    if date.replace(|c: char| c.is_ascii_digit(), "0") != "0000-00-00" {
        return None;
    }
    let time = match rest {
        "" => "00:00",
        _ => rest.strip_prefix(['T', 't', ' '])?,
    };
    Some(match seconds(date, time) {
        Some(seconds) => timestamp(seconds, text),
        None => Err(Error::new(format!(
            "{} is not a valid date, time of day or time zone",
            quoted(text)
        ))
        .with_hint(
            "use 2027-01-31, 2027-01-31T10:00:00Z, 2027-01-31 10:00, or 2027-01-31 10:00 +05:00",
        )),
    })
}

/// Unix seconds of a date and a time of day, which may end in an offset, `Z`, `UTC` or `GMT`.
fn seconds(date: &str, time: &str) -> Option<i64> {
    let names = ["UTC", "GMT", "Z", "z"].into_iter();
    let utc = names.filter_map(|zone| time.strip_suffix(zone)).next();
    let text = if utc.is_some() || !time.contains(['+', '-']) {
        format!("{date}T{}+0000", utc.unwrap_or(time))
    } else {
        format!("{date}T{time}")
    };
    // `%z` accepts +0000 and +00:00, the space in front of it any white space or none.
    let formats = ["%Y-%m-%dT%H:%M:%S%.f %z", "%Y-%m-%dT%H:%M %z"].into_iter();
    let times = formats.filter_map(|format| DateTime::parse_from_str(&text, format).ok());
    times.map(|time| time.timestamp()).next()
}

fn timestamp(seconds: i64, text: &str) -> Result<Timestamp> {
    if seconds < 0 {
        return Err(before_1970(text));
    }
    Timestamp::from_unix(seconds).map_err(|_| too_late(text))
}
