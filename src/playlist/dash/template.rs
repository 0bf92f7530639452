//! Templates of segment names: `$Number$` and its like, for clients to fill in.
//!
//! Source: ISO/IEC 23009-1, section 5.3.9.4.4.

/// The identifiers; each but the first may have a width, as in `$Number%05d$`.
const IDENTIFIERS: [&str; 5] = [
    "RepresentationID",
    "Number",
    "SubNumber",
    "Bandwidth",
    "Time",
];

/// The most digits of an example: no number that clients count with has more.
const WIDEST: usize = 20;

/// A template filled in as a client might do it.
pub(super) fn example(template: &str) -> String {
    filled(template, |width| format!("{:0width$}", 1))
}

/// A template with `*` for what clients fill in.
pub(super) fn pattern(template: &str) -> String {
    filled(template, |_| "*".into())
}

fn filled(template: &str, fill: impl Fn(usize) -> String) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((literal, after)) = rest.split_once('$') {
        filled.push_str(literal);
        let Some((identifier, next)) = after.split_once('$') else {
            // A $ that closes nothing stands for itself.
            filled.push('$');
            rest = after;
            continue;
        };
        match identifier
            .split_once('%')
            .map_or((identifier, None), |(name, format)| (name, Some(format)))
        {
            ("", None) => filled.push('$'),
            (name, format) if IDENTIFIERS.contains(&name) => {
                let width = format.and_then(|format| format.strip_suffix('d')?.parse().ok());
                filled.push_str(&fill(width.unwrap_or(1).min(WIDEST)));
            }
            _ => filled.extend(["$", identifier, "$"]),
        }
        rest = next;
    }
    filled + rest
}
