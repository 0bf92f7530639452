//! A scanner for JSON text that keeps every byte.
//!
//! Source: RFC 8259, section 2.

use serde_json::Value;

/// Splits JSON text into its tokens, of which it consists without gaps: strings with their quotes,
/// runs of white space, single structural characters, and runs of anything else.
pub(crate) fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let length = match rest.as_bytes().first()? {
            b'"' => string_length(rest),
            b'{' | b'}' | b'[' | b']' | b':' | b',' => 1,
            _ => run_length(rest),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        Some(token)
    })
}

/// Returns whether a token is white space.
pub(crate) fn is_space(token: &str) -> bool {
    token.starts_with([' ', '\t', '\n', '\r'])
}

/// The length of the string that the text begins with, which may be cut off.
fn string_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        if is_escaped {
            is_escaped = false;
        } else if byte == b'\\' {
            is_escaped = true;
        } else if byte == b'"' {
            return index + 1;
        }
    }
    text.len()
}

/// The length of the white space, number or word that the text begins with.
fn run_length(text: &str) -> usize {
    let is_space = is_space(text);
    let ends = |c: char| {
        matches!(c, '"' | '{' | '}' | '[' | ']' | ':' | ',')
            || matches!(c, ' ' | '\t' | '\n' | '\r') != is_space
    };
    text.find(ends).unwrap_or(text.len())
}

/// A string, or the JSON of another value.
pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Removes the white space outside strings.
pub(crate) fn minified(text: &str) -> String {
    tokens(text).filter(|token| !is_space(token)).collect()
}

/// Returns whether an object in JSON text has a key more than once. serde_json keeps only the last
/// one, so `value`, what it read, has fewer members than the text has colons.
pub(crate) fn has_duplicate_keys(text: &str, value: &Value) -> bool {
    tokens(text).filter(|token| *token == ":").count() > members(value)
}

/// The number of members of all objects in `value`.
fn members(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields.len() + fields.values().map(members).sum::<usize>(),
        Value::Array(values) => values.iter().map(members).sum(),
        _ => 0,
    }
}
