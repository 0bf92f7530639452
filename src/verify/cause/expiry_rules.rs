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
    (3, clocks),
    (3, rounded),
    (3, offsets),
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
            let fix = "compute the expiry once, and sign and send the same number";
            variants.push_with(signed.to_string(), fix, || {
                differs(signed, seconds, "").into()
            });
        }
    }
}

/// The smallest differences first.
fn rounded(seconds: i64, variants: &mut Variants<'_>) {
    let slots = [
        MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        DAY,
    ];
    let rounded = slots.into_iter().flat_map(|slot| {
        let down = seconds - seconds.rem_euclid(slot);
        [down, down + slot, down + slot - 1]
    });
    let mut rounded: Vec<i64> = rounded.collect();
    rounded.sort_by_key(|signed| signed.abs_diff(seconds));
    for signed in rounded {
        variants.push_with(signed.to_string(), SAME, || {
            differs(signed, seconds, " (rounded?)").into()
        });
    }
}

/// Offsets of time zones, in quarters of an hour: whole hours, then the others that are in use.
fn offsets(seconds: i64, variants: &mut Variants<'_>) {
    let whole_hours = (1..=14).map(|hours| 4 * hours);
    let others = [22, 38, 14, 18, 23, 26, 35, 42, 51];
    for quarters in whole_hours.chain(others) {
        for offset in [quarters * 15 * MINUTE, -quarters * 15 * MINUTE] {
            let signed = seconds + offset;
            variants.push_with(signed.to_string(), SAME, || {
                differs(signed, seconds, " (a time zone?)").into()
            });
        }
    }
}

fn days(seconds: i64, variants: &mut Variants<'_>) {
    for days in [1, 7, 30, 2, 3, 4, 5, 6, 14, 31, 60, 90, 180, 365, 366] {
        for signed in [seconds - days * DAY, seconds + days * DAY] {
            variants.push_with(signed.to_string(), SAME, || {
                differs(signed, seconds, "").into()
            });
        }
    }
}

/// The cause for an expiry that was signed, and another that was sent.
fn differs(signed: i64, sent: i64, guess: &str) -> String {
    let side = if sent > signed { "later" } else { "earlier" };
    let difference = duration(sent.abs_diff(signed));
    format!("the expiry {signed} was signed, but {sent} was sent ({difference} {side}){guess}")
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
