//! The other expiries that may have been signed.

use super::change::{Change, Variant, Variants};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

type Rule = fn(i64, &mut Variants<'_>);

/// The rules, each with its weight.
const RULES: [(usize, Rule); 6] = [
    (0, units),
    (2, spellings),
    (3, clocks),
    (3, rounded),
    (3, offsets),
    (5, days),
];

/// The alternatives of an expiry as it is written in the policy, the likeliest first.
pub(super) fn alternatives(written: &str) -> Vec<Variant> {
    collect(written, Variants::up_to(usize::MAX, written)).found()
}

/// The change that an alternative stands for.
pub(super) fn change(written: &str, alternative: &str) -> Option<Change> {
    collect(written, Variants::wanting(alternative, written)).change
}

fn collect<'a>(written: &str, mut variants: Variants<'a>) -> Variants<'a> {
    if let Some(seconds) = seconds(written) {
        for (weight, rule) in RULES {
            if variants.start_rule(weight) {
                rule(seconds, &mut variants);
            }
        }
    }
    variants
}

/// The number, if it is so small that the rules can add to it.
fn seconds(written: &str) -> Option<i64> {
    let seconds: i64 = written.parse().ok()?;
    (seconds.unsigned_abs() < 1 << 62).then_some(seconds)
}

const SAME: &str = "sign and send the same expiry, in seconds since 1970 (UTC)";

fn units(seconds: i64, variants: &mut Variants<'_>) {
    let units = [
        (1_000, "milliseconds"),
        (1_000_000, "microseconds"),
        (1_000_000_000, "nanoseconds"),
    ];
    for (factor, unit) in units {
        if let Some(number) = seconds.checked_mul(factor) {
            let cause = || format!("the expiry was signed in {unit}");
            variants.push(number.to_string(), cause, SAME);
        }
        let cause = || format!("the expiry was sent in {unit}");
        variants.push((seconds / factor).to_string(), cause, SAME);
    }
    let cause = "the expiry was signed in minutes";
    variants.push((seconds / MINUTE).to_string(), cause, SAME);
}

fn spellings(seconds: i64, variants: &mut Variants<'_>) {
    let cause = "the expiry was signed as a quoted string";
    let fix = "sign the expiry as a number without quotes";
    variants.push(format!("\"{seconds}\""), cause, fix);
    for fraction in [".0", ".000000", ".00"] {
        let cause = "the expiry was signed with a fraction";
        let fix = "sign the expiry as a whole number";
        variants.push(format!("{seconds}{fraction}"), cause, fix);
    }
}

/// Two readings of the clock, for the signature and for the URL.
fn clocks(seconds: i64, variants: &mut Variants<'_>) {
    let fix = "compute the expiry once, and sign and send the same number";
    for difference in 1..=10 {
        for signed in [seconds - difference, seconds + difference] {
            push(variants, signed, seconds, "", fix);
        }
    }
}

/// The smallest differences first.
fn rounded(seconds: i64, variants: &mut Variants<'_>) {
    let slots = [1, 5, 10, 15, 30, 60, 24 * 60].map(|minutes| minutes * MINUTE);
    let rounded = slots.into_iter().flat_map(|slot| {
        let down = seconds - seconds.rem_euclid(slot);
        [down, down + slot, down + slot - 1]
    });
    let mut rounded: Vec<i64> = rounded.collect();
    rounded.sort_by_key(|signed| signed.abs_diff(seconds));
    for signed in rounded {
        push(variants, signed, seconds, " (rounded?)", SAME);
    }
}

/// Offsets of time zones, in quarters of an hour: whole hours, then the others that are in use.
fn offsets(seconds: i64, variants: &mut Variants<'_>) {
    let whole_hours = (1..=14).map(|hours| 4 * hours);
    let others = [22, 38, 14, 18, 23, 26, 35, 42, 51];
    for quarters in whole_hours.chain(others) {
        for offset in [quarters * 15 * MINUTE, -quarters * 15 * MINUTE] {
            push(variants, seconds + offset, seconds, " (a time zone?)", SAME);
        }
    }
}

fn days(seconds: i64, variants: &mut Variants<'_>) {
    for days in [1, 7, 30, 2, 3, 4, 5, 6, 14, 31, 60, 90, 180, 365, 366] {
        for signed in [seconds - days * DAY, seconds + days * DAY] {
            push(variants, signed, seconds, "", SAME);
        }
    }
}

/// Adds an expiry that may have been signed, where another was sent.
fn push(
    variants: &mut Variants<'_>,
    signed: i64,
    sent: i64,
    guess: &'static str,
    fix: &'static str,
) {
    let cause = || {
        let side = if sent > signed { "later" } else { "earlier" };
        let difference = duration(sent.abs_diff(signed));
        format!("the expiry {signed} was signed, but {sent} was sent ({difference} {side}){guess}")
    };
    variants.push(signed.to_string(), cause, fix);
}

fn duration(seconds: u64) -> String {
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
    let day = if days == 1 { "day" } else { "days" };
    let parts = [(days, day), (hours, "h"), (minutes, "min"), (seconds, "s")];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts
        .map(|(number, unit)| format!("{number} {unit}"))
        .collect();
    parts.join(" ")
}
