//! Rules of the expiry: units, clocks, time zones and number formats.

use super::known_words::LIFETIMES;

/// Gives expiries that may have been signed, from the one that arrived.
type ExpiryRule = fn(i64) -> Vec<String>;

/// All rules of expiries, the usual ones first.
pub(in crate::verify::cause) const EXPIRY_RULES: &[ExpiryRule] = &[
    text,
    units,
    // Time zones.
    |sent| moved(sent, (1..=14).map(|hours| hours * HOUR)),
    |sent| moved(sent, (1..56).map(|quarters| quarters * HOUR / 4)),
    rounded,
    lifetimes,
    // Two readings of the clock.
    |sent| moved(sent, 1..=300),
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
    for end in [
        ".0", ".00", ".000", ".0000", ".00000", ".000000", ".", " ", "L",
    ] {
        found.push(format!("{sent}{end}"));
    }
    found.extend([
        format!("\"{sent}.0\""),
        format!("0{sent}"),
        format!("+{sent}"),
    ]);
    let digits = sent.to_string();
    let (first, rest) = digits.split_at(1);
    for mantissa in [rest.trim_end_matches('0'), rest] {
        let point = if mantissa.is_empty() { "" } else { "." };
        for e in ["e", "E", "e+", "E+", "e+0", "E+0"] {
            found.push(format!("{first}{point}{mantissa}{e}{}", rest.len()));
        }
    }
    found
}

/// Milliseconds, microseconds, nanoseconds and minutes, in place of seconds and the reverse.
fn units(sent: i64) -> Vec<String> {
    let mut found = Vec::new();
    for factor in [1_000, 1_000_000, 1_000_000_000, 60] {
        found.push(sent.saturating_mul(factor).to_string());
        found.push((sent / factor).to_string());
        found.push((sent / factor + 1).to_string());
    }
    found.push(format!("\"{}\"", sent.saturating_mul(1_000)));
    found.push(format!("{}.{:03}", sent / 1_000, sent.rem_euclid(1_000)));
    found.push((sent as f64 / 1_000.0).to_string());
    found
}

/// Down and up to round numbers.
fn rounded(sent: i64) -> Vec<String> {
    let mut found = Vec::new();
    for slot in [
        10, 30, 60, 300, 600, 900, 1_800, 3_600, 21_600, 43_200, 86_400,
    ] {
        let down = sent.saturating_sub(sent.rem_euclid(slot));
        for more in [0, slot, slot - 1] {
            found.push(down.saturating_add(more).to_string());
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
    moved(sent, differences)
}

/// A fraction of a second that was cut off, and milliseconds that are no whole seconds.
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
    let seconds = -3..=5_i64;
    let differences = seconds.flat_map(|seconds| (1..=14).map(move |hours| hours * HOUR + seconds));
    moved(sent, differences)
}

/// Later and earlier expiries.
fn moved(sent: i64, differences: impl IntoIterator<Item = i64>) -> Vec<String> {
    let mut found = Vec::new();
    for difference in differences {
        found.push(sent.saturating_add(difference).to_string());
        found.push(sent.saturating_sub(difference).to_string());
    }
    found
}
