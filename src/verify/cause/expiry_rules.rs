//! What the expiry of a policy may have been when it was signed.

use super::change::{Change, Variant, Variants};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

type Rule = fn(i64, &mut Variants<'_>);

/// The rules, each with its weight: a rule with a higher weight is less likely.
const RULES: [(usize, Rule); 6] = [
    (0, units),
    (2, spellings),
    (3, rounded),
    (3, offsets),
    (3, clocks),
    (5, days),
];

/// The alternatives of an expiry as it is written in the policy, the likeliest first.
pub(super) fn alternatives(written: &str) -> Vec<Variant> {
    collect(written, None).found()
}

/// The change that an alternative stands for.
pub(super) fn change(written: &str, alternative: &str) -> Option<Change> {
    collect(written, Some(alternative)).change()
}

fn collect<'a>(written: &str, wanted: Option<&'a str>) -> Variants<'a> {
    let mut variants = Variants::of(written, wanted);
    if let Ok(seconds) = written.parse::<i64>() {
        for (weight, rule) in RULES {
            variants.start_rule(weight);
            rule(seconds, &mut variants);
        }
    }
    variants
}

const SAME: &str = "sign and send the same expiry, in seconds since 1970 (UTC)";

fn units(seconds: i64, variants: &mut Variants<'_>) {
    let units = [
        (1_000, "milliseconds"),
        (1_000_000, "microseconds"),
        (1_000_000_000, "nanoseconds"),
    ];
    for (factor, unit) in units {
        let cause = || format!("the expiry was signed in {unit}");
        if let Some(number) = seconds.checked_mul(factor) {
            variants.push_with(number.to_string(), SAME, || cause().into());
        }
        variants.push_with((seconds / factor).to_string(), SAME, || {
            format!("the expiry was sent in {unit}").into()
        });
    }
    variants.push(
        (seconds / MINUTE).to_string(),
        "the expiry was signed in minutes",
        SAME,
    );
}

fn spellings(seconds: i64, variants: &mut Variants<'_>) {
    let quoted = format!("\"{seconds}\"");
    variants.push(
        quoted,
        "the expiry was signed as a quoted string",
        "sign the expiry as a number without quotes",
    );
    for fraction in [".0", ".000000", ".00"] {
        let cause = "the expiry was signed with a fraction";
        variants.push(
            format!("{seconds}{fraction}"),
            cause,
            "sign the expiry as a whole number",
        );
    }
}

/// Two readings of the clock, for the signature and for the URL.
fn clocks(seconds: i64, variants: &mut Variants<'_>) {
    for difference in 1..=10 {
        for signed in [seconds - difference, seconds + difference] {
            let cause = || {
                format!("the expiry {signed} was signed, {difference} s from the one that was sent")
            };
            variants.push_with(
                signed.to_string(),
                "compute the expiry once, and sign and send the same number",
                || cause().into(),
            );
        }
    }
}

fn rounded(seconds: i64, variants: &mut Variants<'_>) {
    for slot in [
        MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        DAY,
    ] {
        let down = seconds - seconds.rem_euclid(slot);
        for signed in [down, down + slot, down + slot - 1] {
            let cause = || {
                format!(
                    "the expiry {signed} was signed: rounded to {}",
                    duration(slot)
                )
            };
            variants.push_with(signed.to_string(), SAME, || cause().into());
        }
    }
}

/// Offsets of time zones, in quarters of an hour: whole hours, then the others that are in use.
fn offsets(seconds: i64, variants: &mut Variants<'_>) {
    let whole_hours = (1..=14).map(|hours| 4 * hours);
    let others = [22, 38, 14, 18, 23, 26, 35, 42, 51];
    for quarters in whole_hours.chain(others) {
        for offset in [quarters * 15 * MINUTE, -quarters * 15 * MINUTE] {
            let signed = seconds + offset;
            let side = if offset > 0 { "later" } else { "earlier" };
            let cause = || {
                format!(
                    "the expiry {signed} was signed, {} {side} than the one that was sent (a time zone?)",
                    duration(offset.abs())
                )
            };
            variants.push_with(signed.to_string(), SAME, || cause().into());
        }
    }
}

fn days(seconds: i64, variants: &mut Variants<'_>) {
    for days in [1, 7, 30, 2, 3, 4, 5, 6, 14, 31, 60, 90, 180, 365, 366] {
        for signed in [seconds - days * DAY, seconds + days * DAY] {
            let cause =
                || format!("the expiry {signed} was signed, {days} d from the one that was sent");
            variants.push_with(signed.to_string(), SAME, || cause().into());
        }
    }
}

fn duration(seconds: i64) -> String {
    match (seconds / HOUR, seconds % HOUR / MINUTE) {
        (0, minutes) => format!("{minutes} min"),
        (24, 0) => "1 d".into(),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
