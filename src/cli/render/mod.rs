//! Results as text for people and as JSON for programs.
//!
//! Rendering is pure: a model in, text out.

pub mod cookies;
pub mod inspection;
pub mod signed_url;
pub mod summary;
pub mod verdict;

use serde::Serialize;

/// A value as a JSON object on one line, with characters escaped that terminals do not show.
pub fn json_line(value: &impl Serialize) -> String {
    let object = json(value);
    let mut line = String::with_capacity(object.len() + 1);
    for c in object.chars() {
        if c.is_ascii() || c.escape_debug().len() == 1 {
            line.push(c);
        } else {
            line.extend(
                c.encode_utf16(&mut [0; 2])
                    .iter()
                    .map(|unit| format!("\\u{unit:04x}")),
            );
        }
    }
    line.push('\n');
    line
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value)
        .unwrap_or_else(|_| unreachable!("results have fields with names, and no maps"))
}
