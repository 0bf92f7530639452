//! The differences between two expiries, by arithmetic.

use super::change::{Change, ChangeKind};
use crate::error::printable;

/// Steps to which expiries are rounded, in seconds and in words.
const STEPS: [(i64, &str); 7] = [
    (86_400, "a day"),
    (43_200, "12 hours"),
    (3_600, "an hour"),
    (1_800, "30 minutes"),
    (900, "15 minutes"),
    (60, "a minute"),
    (10, "10 seconds"),
];

/// Units of durations, in seconds and in words.
const UNITS: [(i64, &str); 4] = [
    (86_400, "day"),
    (3_600, "hour"),
    (60, "minute"),
    (1, "second"),
];

/// The longest time, in seconds, between two readings of the clock for one signature.
const COMPUTED_TWICE: i64 = 300;

/// The time zone that is farthest from UTC, in seconds.
const LARGEST_OFFSET: i64 = 14 * 3_600;

/// Compares a signed expiry with the one that was received, each as it stands in its policy or in
/// `Expires`. The list is empty only if they are equal. Where several explanations fit, all are
/// named.
pub fn expiry(signed: &str, received: &str) -> Vec<Change> {
    if signed == received {
        return Vec::new();
    }
    let (was, is) = (printable(signed), printable(received));
    let mut text = format!("the expiry {was} was signed, but {is} was received");
    let forms = [("signed", form(signed)), ("received", form(received))];
    for (verb, form) in forms {
        if let Some(form) = form {
            text += &format!(" ({verb} {form})");
        }
    }
    if let (Some(was), Some(is)) = (seconds(signed), seconds(received)) {
        text += &difference(was, is);
    }
    vec![Change::new(ChangeKind::Expiry, signed, received, text)]
}

/// The way in which a number is no plain integer.
fn form(number: &str) -> Option<&'static str> {
    let (_, fraction) = number.split_once('.').unwrap_or_default();
    if number.contains(['"', '\'']) {
        Some("in quotes")
    } else if number.contains(['e', 'E']) {
        Some("with an exponent")
    } else if fraction.contains(|c| c != '0') {
        Some("with a fraction of a second")
    } else if number.contains('.') {
        Some("as a floating-point number")
    } else {
        None
    }
}

/// The integer part of a number: `1800000000`, `"1800000000"`, `1800000000.5`, `1.8e9`.
fn seconds(number: &str) -> Option<i64> {
    let number = number.trim_matches(['"', '\'', ' ']);
    if number.contains(['e', 'E']) {
        let value: f64 = number.parse().ok()?;
        return Some(value as i64);
    }
    number.split('.').next()?.parse().ok()
}

/// The difference between two times, in words that continue a sentence.
fn difference(was: i64, is: i64) -> String {
    if was == is {
        return String::new();
    }
    if was / 1000 == is {
        return ": milliseconds were signed".into();
    }
    if is / 1000 == was {
        return ": milliseconds were received".into();
    }
    let gap = is.saturating_sub(was).saturating_abs();
    let mut alternatives = Vec::new();
    if gap % 900 == 0 && gap <= LARGEST_OFFSET {
        alternatives.push("another time zone".to_owned());
    }
    let is_rounded =
        |time: i64, other: i64, step: i64| time % step == 0 && other % step != 0 && gap < step;
    for (step, name) in STEPS {
        if is_rounded(was, is, step) || is_rounded(is, was, step) {
            alternatives.push(format!("rounded to {name}"));
            break;
        }
    }
    if gap <= COMPUTED_TWICE {
        alternatives.push("computed twice".to_owned());
    }
    let direction = if is > was { "later" } else { "earlier" };
    let mut words = format!(", {} {direction}", duration(gap));
    if !alternatives.is_empty() {
        words += &format!(": {}?", alternatives.join(" or "));
    }
    words
}

/// Seconds in words, such as `5 hours 45 minutes`.
fn duration(seconds: i64) -> String {
    let mut rest = seconds;
    let mut words = Vec::new();
    for (unit, name) in UNITS {
        let count = rest / unit;
        rest %= unit;
        match count {
            0 => {}
            1 => words.push(format!("1 {name}")),
            _ => words.push(format!("{count} {name}s")),
        }
    }
    words.join(" ")
}
