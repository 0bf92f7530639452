//! Segment templates: `$Number$` and other identifiers that clients fill in.
//!
//! Source: ISO/IEC 23009-1, section 5.3.9.4.4.

use crate::playlist::reference::Filled;

/// The identifiers; all but the first may have a width, as in `$Number%05d$`.
const IDENTIFIERS: [&str; 5] = [
    "RepresentationID",
    "Number",
    "SubNumber",
    "Bandwidth",
    "Time",
];

/// A template filled in as a client might do it, and with `*` for what clients fill in.
pub(super) fn filled(template: &str) -> Filled {
    let mut text = String::with_capacity(template.len());
    let mut pattern = String::with_capacity(template.len());
    let parts: Vec<&str> = template.split('$').collect();
    for (index, part) in parts.iter().enumerate() {
        let name = part.split('%').next().unwrap_or_default();
        let is_closed = index + 1 < parts.len();
        let literal = if index % 2 == 0 {
            (*part).to_owned()
        } else if !is_closed {
            format!("${part}")
        } else if part.is_empty() {
            "$".to_owned()
        } else if !IDENTIFIERS.contains(&name) {
            format!("${part}$")
        } else {
            text += "1";
            pattern += "*";
            continue;
        };
        text += &literal;
        pattern += &literal;
    }
    let pattern = Some(pattern);
    Filled { text, pattern }
}
