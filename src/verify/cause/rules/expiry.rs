//! Rules of the expiry: units, clocks, time zones and number formats.

use super::words::LIFETIMES;

/// Gives expiries that may have been signed, from the one that arrived.
pub(in crate::verify::cause) type ExpiryRule = fn(i64) -> Vec<String>;

pub(in crate::verify::cause) const TEXT: usize = 0;
pub(in crate::verify::cause) const MILLISECONDS: usize = 1;
pub(in crate::verify::cause) const HOURS: usize = 2;

/// All rules of expiries.
pub(in crate::verify::cause) const EXPIRY_RULES: &[ExpiryRule] = &[
    text,
    milliseconds,
    hours,
    quarters,
    rounded,
    lifetimes,
    seconds,
    fraction,
    zone_and_seconds,
];

const HOUR: i64 = 3_600;

/// Quotes, floating point, exponents.
fn text(sent: i64) -> Vec<String> {
    let mut found = Vec::new();
    for quote in ["\"", "'", "\\\""] {
        found.push(format!("{quote}{sent}{quote}"));
    }
    for fraction in [".0", ".00", ".000", ".0000", ".00000", ".000000", "."] {
        found.push(format!("{sent}{fraction}"));
    }
    found.extend([
        format!("\"{sent}.0\""),
        format!("0{sent}"),
        format!("+{sent}"),
    ]);
    found.push(format!("{sent} "));
    found.push(format!("{sent}L"));
    let digits = sent.to_string();
    let Some(first) = digits.get(..1).filter(|_| sent > 0) else {
        return found;
    };
    let short = digits[1..].trim_end_matches('0');
    let exponent = digits.len() - 1;
    for mantissa in [short, &digits[1..]] {
        let point = if mantissa.is_empty() { "" } else { "." };
        for e in ["e", "E", "e+", "E+", "e+0", "E+0"] {
            found.push(format!("{first}{point}{mantissa}{e}{exponent}"));
        }
    }
    found
}

fn milliseconds(sent: i64) -> Vec<String> {
    let mut found = Vec::new();
    for factor in [1_000, 1_000_000, 1_000_000_000, 60] {
        found.extend(sent.checked_mul(factor).map(|signed| signed.to_string()));
        found.push((sent / factor).to_string());
        found.push((sent / factor + 1).to_string());
    }
    found.push(format!("{}.{:03}", sent / 1_000, sent.rem_euclid(1_000)));
    let fraction = sent as f64 / 1_000.0;
    found.push(fraction.to_string());
    found
}

/// Whole hours of time zones.
fn hours(sent: i64) -> Vec<String> {
    moved(sent, (1..=14).map(|hours| hours * HOUR))
}

fn quarters(sent: i64) -> Vec<String> {
    moved(sent, (1..56).map(|quarters| quarters * HOUR / 4))
}

/// Down and up to round numbers.
fn rounded(sent: i64) -> Vec<String> {
    let mut found = Vec::new();
    for slot in [
        10,
        30,
        60,
        300,
        600,
        900,
        1_800,
        HOUR,
        6 * HOUR,
        12 * HOUR,
        24 * HOUR,
    ] {
        let down = sent - sent.rem_euclid(slot);
        for more in [0, slot, slot - 1] {
            found.extend(down.checked_add(more).map(|signed| signed.to_string()));
        }
    }
    found
}

/// Two lifetimes from one clock.
fn lifetimes(sent: i64) -> Vec<String> {
    let mut differences = Vec::new();
    for (place, longer) in LIFETIMES.iter().enumerate() {
        differences.extend(LIFETIMES[..place].iter().map(|shorter| longer - shorter));
    }
    moved(sent, differences.into_iter())
}

/// Two readings of the clock.
fn seconds(sent: i64) -> Vec<String> {
    moved(sent, 1..=300)
}

fn fraction(sent: i64) -> Vec<String> {
    let mut found = Vec::new();
    for thousandth in 1..1_000 {
        let decimals = format!("{thousandth:03}");
        found.push(format!("{sent}.{}", decimals.trim_end_matches('0')));
        found.push(format!("{sent}{decimals}"));
    }
    found
}

fn zone_and_seconds(sent: i64) -> Vec<String> {
    let mut found = Vec::new();
    for hours in -14..=14_i64 {
        for seconds in -3..=5 {
            let signed = sent.checked_add(hours * HOUR + seconds);
            found.extend(signed.map(|signed| signed.to_string()));
        }
    }
    found
}

fn moved(sent: i64, differences: impl Iterator<Item = i64>) -> Vec<String> {
    let mut found = Vec::new();
    for difference in differences {
        let signed = [sent.checked_add(difference), sent.checked_sub(difference)];
        found.extend(signed.iter().flatten().map(i64::to_string));
    }
    found
}
