//! Other spellings of the JSON of a policy.

use serde_json::Value;

use crate::policy::minified;

/// JSON with other separators outside its strings.
pub(super) fn spaced(text: &str, colon: &str, comma: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + 20);
    outside_strings(text, |c, in_string| match c {
        ':' if !in_string => spaced.push_str(colon),
        ',' if !in_string => spaced.push_str(comma),
        c => spaced.push(c),
    });
    spaced
}

/// Calls `visit` with each character, and whether it is in a string.
fn outside_strings(text: &str, mut visit: impl FnMut(char, bool)) {
    let mut in_string = false;
    let mut is_escaped = false;
    for c in text.chars() {
        visit(c, in_string);
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' {
            is_escaped = in_string;
        } else if c == '"' {
            in_string = !in_string;
        }
    }
}

/// JSON on several lines, as most libraries print it.
pub(super) fn pretty(text: &str, indent: &str) -> String {
    let compact = minified(text);
    let mut pretty = String::with_capacity(compact.len() * 2);
    let mut depth: usize = 0;
    let line = |depth: usize| format!("\n{}", indent.repeat(depth.min(20)));
    outside_strings(&compact, |c, in_string| match c {
        '{' | '[' if !in_string => {
            depth += 1;
            pretty.push(c);
            pretty += &line(depth);
        }
        '}' | ']' if !in_string => {
            depth = depth.saturating_sub(1);
            pretty += &line(depth);
            pretty.push(c);
        }
        ',' if !in_string => {
            pretty.push(c);
            pretty += &line(depth);
        }
        ':' if !in_string => pretty.push_str(": "),
        c => pretty.push(c),
    });
    pretty
}

/// JSON with the keys of each object in alphabetical order, as serde_json has them without its feature `preserve_order`.
pub(super) fn sorted(text: &str) -> String {
    let value: Option<Value> = serde_json::from_str(text).ok();
    value.map_or_else(|| text.to_owned(), |value| value.to_string())
}

/// The canonical text with `Condition` before `Resource`, and the conditions as they are.
pub(super) fn reversed(text: &str) -> String {
    let swapped = || {
        let (start, rest) = text.split_once("\"Resource\":")?;
        let (resource, condition) = rest.split_once(",\"Condition\":")?;
        let condition = condition.strip_suffix("}]}")?;
        Some(format!(
            "{start}\"Condition\":{condition},\"Resource\":{resource}}}]}}"
        ))
    };
    swapped().unwrap_or_else(|| text.to_owned())
}

/// The text with `Resource` before `Condition`, and the conditions in alphabetical order.
pub(super) fn sorted_conditions(text: &str) -> String {
    let rewritten = || {
        let value: Value = serde_json::from_str(text).ok()?;
        let statement = value.pointer("/Statement/0")?;
        let (resource, condition) = (&statement["Resource"], &statement["Condition"]);
        Some(format!(
            r#"{{"Statement":[{{"Resource":{resource},"Condition":{condition}}}]}}"#
        ))
    };
    rewritten().unwrap_or_else(|| text.to_owned())
}

pub(super) fn statement_object(text: &str) -> String {
    text.replacen("\"Statement\":[", "\"Statement\":", 1)
        .replace("}]}", "}}")
}

/// A canned policy with one more condition.
pub(super) fn with_condition(text: &str, condition: &str) -> String {
    match text.strip_suffix("}}]}") {
        Some(start) => format!("{start},{condition}}}}}]}}"),
        None => text.to_owned(),
    }
}

/// The text with the chosen characters as `\uXXXX`.
pub(super) fn escaped(text: &str, chosen: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if chosen(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped += &format!("\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}
