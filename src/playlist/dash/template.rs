//! Segment templates: `$Number$` and other identifiers that clients fill in.
//!
//! Source: ISO/IEC 23009-1, section 5.3.9.4.4.

/// The identifiers; all but the first may have a width, as in `$Number%05d$`.
const IDENTIFIERS: [&str; 5] = [
    "RepresentationID",
    "Number",
    "SubNumber",
    "Bandwidth",
    "Time",
];

/// The most digits in an example; no number that clients use has more.
const MAX_WIDTH: usize = 20;

/// A template filled in as a client might do it.
pub(super) fn example(template: &str) -> String {
    fill(template, |width| format!("{:0width$}", 1))
}

/// A template with `*` for what clients fill in.
pub(super) fn pattern(template: &str) -> String {
    fill(template, |_| "*".into())
}

fn fill(template: &str, value: impl Fn(usize) -> String) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((literal, after)) = rest.split_once('$') {
        filled.push_str(literal);
        let Some((identifier, next)) = after.split_once('$') else {
            // A $ without a second one is literal.
            filled.push('$');
            rest = after;
            continue;
        };
        let (name, format) = match identifier.split_once('%') {
            Some((name, format)) => (name, Some(format)),
            None => (identifier, None),
        };
        if identifier.is_empty() {
            filled.push('$');
        } else if IDENTIFIERS.contains(&name) {
            let width = format.and_then(|format| format.strip_suffix('d')?.parse().ok());
            filled.push_str(&value(width.unwrap_or(1).min(MAX_WIDTH)));
        } else {
            filled.extend(["$", identifier, "$"]);
        }
        rest = next;
    }
    filled + rest
}
