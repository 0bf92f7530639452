//! Rules of the policy text: what JSON writers and editors make of it.

use serde_json::Value;

use super::permutations;
use crate::policy::minified;

/// Gives texts that may have been signed, as bytes, from the text that arrived or was rebuilt.
pub(in crate::verify::cause) type PolicyRule = fn(&str) -> Vec<Vec<u8>>;

/// All rules of policy texts, in the order in which programs compose them: a rule applies to the
/// result of an earlier one, never of a later one.
pub(in crate::verify::cause) const POLICY_RULES: &[PolicyRule] = &[
    statement_object,
    names,
    more_keys,
    key_order,
    single_quotes,
    spaces,
    compact,
    pretty,
    slashes,
    unicode_escapes,
    json_string,
    byte_order_mark,
    ends,
    utf_16,
];

/// The texts of the most usual writers.
pub(in crate::verify::cause) const COMMON: &[PolicyRule] = &[common];

fn common(text: &str) -> Vec<Vec<u8>> {
    bytes([
        spaced(text, ": ", ", "),
        text.replace('/', r"\/"),
        text.replace('&', r"\u0026"),
        format!("{text}\n"),
    ])
}

fn bytes(texts: impl IntoIterator<Item = String>) -> Vec<Vec<u8>> {
    texts.into_iter().map(String::into_bytes).collect()
}

fn statement_object(text: &str) -> Vec<Vec<u8>> {
    let object = text
        .replacen("\"Statement\":[", "\"Statement\":", 1)
        .replace("}]}", "}}");
    let list = text.replacen("\"Statement\":{", "\"Statement\":[{", 1);
    let list = match list.strip_suffix('}') {
        Some(start) if list != text => format!("{start}]}}"),
        _ => list,
    };
    bytes([object, list])
}

fn names(text: &str) -> Vec<Vec<u8>> {
    const TIMES: [&str; 9] = [
        "AWS:EpochTime",
        "aws:EpochTime",
        "aws:epochTime",
        "AWS:Epochtime",
        "AWS:epochTime",
        "Aws:EpochTime",
        "AWS:EpochTime ",
        "EpochTime",
        "AWS:epochtime",
    ];
    const DATES: [&str; 6] = [
        "DateLessThan",
        "dateLessThan",
        "DateLessthan",
        "DateLessThanEquals",
        "datelessthan",
        "DateLess",
    ];
    const OTHERS: [(&str, &str); 8] = [
        ("AWS:SourceIp", "aws:SourceIp"),
        ("AWS:SourceIp", "AWS:SourceIP"),
        ("Condition", "condition"),
        ("Condition", "Conditions"),
        ("Resource", "resource"),
        ("Resource", "Resources"),
        ("Statement", "statement"),
        ("Statement", "Statements"),
    ];
    let quoted = |name: &str| format!("\"{name}\"");
    let mut found = Vec::new();
    for time in TIMES {
        let text = text.replace(&quoted(TIMES[0]), &quoted(time));
        for date in DATES {
            found.push(text.replace(&quoted(DATES[0]), &quoted(date)));
        }
    }
    for (name, other) in OTHERS {
        found.push(text.replace(&quoted(name), &quoted(other)));
    }
    let mut lower = text.replace("\"AWS:", "\"aws:");
    found.push(lower.clone());
    for name in ["DateLessThan", "DateGreaterThan", "IpAddress"] {
        let (first, rest) = name.split_at(1);
        lower = lower.replace(&quoted(name), &quoted(&(first.to_ascii_lowercase() + rest)));
    }
    found.push(lower.clone());
    for name in ["Statement", "Resource", "Condition"] {
        lower = lower.replace(&quoted(name), &quoted(&name.to_ascii_lowercase()));
    }
    found.push(lower);
    found.push(text.to_ascii_lowercase());
    bytes(found)
}

/// Keys of IAM policies, and conditions that were not sent.
fn more_keys(text: &str) -> Vec<Vec<u8>> {
    const KEYS: [&str; 5] = [
        r#""Effect":"Allow","#,
        r#""Sid":"","#,
        r#""Sid":"1","#,
        r#""Action":"*","#,
        r#""Effect":"Allow","Principal":"*","#,
    ];
    const ANY_IP: &str = r#""IpAddress":{"AWS:SourceIp":"0.0.0.0/0"}"#;
    const ANY_START: &str = r#""DateGreaterThan":{"AWS:EpochTime":0}"#;
    let mut found = Vec::new();
    for version in ["2012-10-17", "2008-10-17"] {
        let first = format!("{{\"Version\":\"{version}\",");
        found.push(text.replacen('{', &first, 1));
        if let Some(start) = text.strip_suffix('}') {
            found.push(format!("{start},\"Version\":\"{version}\"}}"));
        }
    }
    found.push(text.replacen('{', r#"{"Id":"","#, 1));
    found.push(text.replacen('{', r#"{"Id":"1","#, 1));
    for key in KEYS {
        found.push(text.replacen("{\"Resource\"", &format!("{{{key}\"Resource\""), 1));
    }
    if let Some(start) = text.strip_suffix("}}]}") {
        for more in [
            ANY_IP.to_owned(),
            ANY_START.to_owned(),
            format!("{ANY_IP},{ANY_START}"),
            format!("{ANY_START},{ANY_IP}"),
        ] {
            found.push(format!("{start},{more}}}}}]}}"));
        }
    }
    bytes(found)
}

/// `Condition` before `Resource`, and the conditions in each order.
fn key_order(text: &str) -> Vec<Vec<u8>> {
    let Some((resource, conditions)) = members(text) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for order in permutations(conditions.len()) {
        let ordered: Vec<&str> = order
            .iter()
            .map(|place| conditions[*place].as_str())
            .collect();
        let condition = ordered.join(",");
        found.push(format!(
            "{{\"Statement\":[{{\"Condition\":{{{condition}}},\"Resource\":{resource}}}]}}"
        ));
        found.push(format!(
            "{{\"Statement\":[{{\"Resource\":{resource},\"Condition\":{{{condition}}}}}]}}"
        ));
    }
    bytes(found)
}

/// The resource and each condition of a policy, as JSON.
fn members(text: &str) -> Option<(String, Vec<String>)> {
    let value: Value = serde_json::from_str(text).ok()?;
    let statement = value.pointer("/Statement/0")?;
    let resource = statement.get("Resource")?.to_string();
    let conditions = statement.get("Condition")?.as_object()?.iter();
    let conditions = conditions.map(|(name, value)| format!("\"{name}\":{value}"));
    let conditions: Vec<String> = conditions.take(3).collect();
    Some((resource, conditions))
}

fn single_quotes(text: &str) -> Vec<Vec<u8>> {
    let quoted = text.replace('"', "'");
    let python = spaced(text, ": ", ", ").replace('"', "'");
    let unquoted = text
        .replace("\":", ":")
        .replace("{\"", "{")
        .replace(",\"", ",");
    bytes([quoted, python, unquoted])
}

fn spaces(text: &str) -> Vec<Vec<u8>> {
    let separators = [
        (": ", ", "),
        (": ", ","),
        (":", ", "),
        (" : ", ", "),
        (" : ", ","),
        (" : ", " , "),
        (" :", ","),
    ];
    bytes(separators.map(|(colon, comma)| spaced(text, colon, comma)))
}

fn compact(text: &str) -> Vec<Vec<u8>> {
    let line_ends = [text.replace('\n', "\r\n"), text.replace("\r\n", "\n")];
    bytes(
        [minified(text), text.trim().to_owned()]
            .into_iter()
            .chain(line_ends),
    )
}

fn pretty(text: &str) -> Vec<Vec<u8>> {
    let compact = minified(text);
    let mut found = Vec::new();
    for colon in [": ", ":  ", ":", " : "] {
        for indent in ["  ", "    ", "\t", " ", "   ", ""] {
            let lines = indented(&compact, indent, colon);
            found.push(lines.replace('\n', "\r\n"));
            found.push(lines);
        }
    }
    bytes(found)
}

fn slashes(text: &str) -> Vec<Vec<u8>> {
    bytes([
        text.replace("\\/", "/"),
        text.replace("\\/", "/").replace('/', "\\/"),
    ])
}

/// Characters as `\uXXXX`, as writers do that think of HTML.
fn unicode_escapes(text: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for chosen in ["&", "&<>", "&<>='", "&<>+'", "&<>'", "/"] {
        for is_upper in [false, true] {
            found.push(escaped(text, is_upper, |c| chosen.contains(c)));
            found.push(escaped(text, is_upper, |c| {
                chosen.contains(c) || !c.is_ascii()
            }));
        }
    }
    found.push(escaped(text, false, |c| !c.is_ascii()));
    found.push(escaped(text, true, |c| !c.is_ascii()));
    found.push(text.replace("\\u0026", "&"));
    bytes(found)
}

fn json_string(text: &str) -> Vec<Vec<u8>> {
    let literal = Value::from(text).to_string();
    let inside = literal[1..literal.len() - 1].to_owned();
    let unescaped = serde_json::from_str::<String>(text).unwrap_or_default();
    bytes([literal, inside, unescaped])
}

fn byte_order_mark(text: &str) -> Vec<Vec<u8>> {
    bytes([match text.strip_prefix('\u{feff}') {
        Some(bare) => bare.to_owned(),
        None => format!("\u{feff}{text}"),
    }])
}

/// Characters in front or behind.
fn ends(text: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for end in [
        "\n", "\r\n", "\r", "\n\n", " ", "\0", "\\n", ";", ",", "\t", "\"", " \n",
    ] {
        found.push(format!("{text}{end}"));
    }
    found.extend([format!(" {text}"), format!("\n{text}"), format!("'{text}'")]);
    bytes(found)
}

fn utf_16(text: &str) -> Vec<Vec<u8>> {
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let with_mark = [&[0xff, 0xfe], little.as_slice()].concat();
    vec![with_mark, little, big]
}

/// JSON with other separators outside its strings.
fn spaced(text: &str, colon: &str, comma: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + 20);
    for (c, in_string) in characters(text) {
        match c {
            ':' if !in_string => spaced.push_str(colon),
            ',' if !in_string => spaced.push_str(comma),
            c => spaced.push(c),
        }
    }
    spaced
}

/// JSON on several lines, as most libraries print it.
fn indented(compact: &str, indent: &str, colon: &str) -> String {
    let mut lines = String::with_capacity(compact.len() * 2);
    let mut depth: usize = 0;
    for (c, in_string) in characters(compact) {
        if in_string || !"{}[],:".contains(c) {
            lines.push(c);
            continue;
        }
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                lines += &format!("\n{}", indent.repeat(depth.min(20)));
            }
            _ => {}
        }
        if c == ':' {
            lines += colon;
        } else {
            lines.push(c);
        }
        if "{[,".contains(c) {
            lines += &format!("\n{}", indent.repeat(depth.min(20)));
        }
    }
    lines
}

/// The text with the chosen characters as `\uXXXX`.
fn escaped(text: &str, is_upper: bool, is_chosen: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if !is_chosen(c) {
            escaped.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            escaped += &if is_upper {
                format!("\\u{unit:04X}")
            } else {
                format!("\\u{unit:04x}")
            };
        }
    }
    escaped
}

/// The characters of JSON text, and whether each is inside a string or its delimiter.
fn characters(text: &str) -> Vec<(char, bool)> {
    let mut characters = Vec::with_capacity(text.len());
    let (mut in_string, mut is_escaped) = (false, false);
    for c in text.chars() {
        if c == '"' && !is_escaped {
            in_string = !in_string;
            characters.push((c, true));
            continue;
        }
        characters.push((c, in_string));
        is_escaped = in_string && c == '\\' && !is_escaped;
    }
    characters
}
