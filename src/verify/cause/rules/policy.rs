//! Rules of the policy text: what JSON writers and editors make of it.

use serde_json::Value;

use super::choices::permutations;
use super::known_words::replaced;
use crate::policy::json::{is_space, tokens};
use crate::policy::minified;

/// Gives texts that may have been signed, as bytes, from the text that arrived or was rebuilt.
type PolicyRule = fn(&str) -> Vec<Vec<u8>>;

/// All rules of policy texts, in the order in which programs compose them: a rule applies to the
/// result of an earlier one, never of a later one.
pub(in crate::verify::cause) const POLICY_RULES: &[PolicyRule] = &[
    |text| with_replacements(text, STATEMENTS),
    names,
    |text| with_replacements(text, MORE_KEYS),
    key_order,
    single_quotes,
    |text| with_layouts(text, &[ONE_LINE]),
    |text| {
        bytes([
            minified(text),
            text.replace("\r\n", "\n"),
            text.replace('\n', "\r\n"),
        ])
    },
    |text| with_layouts(text, INDENTS),
    |text| with_replacements(text, SLASHES),
    unicode_escapes,
    json_string,
    |text| bytes([format!("\u{feff}{text}"), text.replace('\u{feff}', "")]),
    ends,
    utf_16,
];

/// `Statement` as an object, and the reverse.
const STATEMENTS: &[&str] = &["[{ { }] }", r#""Statement":{ "Statement":[{ }}} }}]}"#];

/// Other names of the keys.
const NAMES: &[&str] = &[
    "\"AWS: \"aws:",
    "\"AWS: \"Aws:",
    "\"AWS:E \"E",
    ":EpochTime :epochTime",
    ":EpochTime :Epochtime",
    ":EpochTime :epochtime",
    "\"DateL \"dateL \"DateG \"dateG \"IpA \"ipA",
    "LessThan\" LessThanEquals\"",
    "LessThan\" Lessthan\"",
    "SourceIp\" SourceIP\"",
    "\"Condition\" \"Conditions\"",
    "\"Resource\" \"Resources\"",
    "\"Statement\" \"Statements\"",
    "\"Statement \"statement \"Resource \"resource \"Condition \"condition",
];

/// Keys of IAM policies, and conditions that were not sent.
const MORE_KEYS: &[&str] = &[
    r#"{"S {"Version":"2012-10-17","S"#,
    r#"{"S {"Version":"2008-10-17","S"#,
    r#"}}]} }}],"Version":"2012-10-17"}"#,
    r#"{"S {"Id":"","S"#,
    r#"{"S {"Id":"1","S"#,
    r#"{"R {"Effect":"Allow","R"#,
    r#"{"R {"Sid":"","R"#,
    r#"{"R {"Sid":"1","R"#,
    r#"{"R {"Action":"*","R"#,
    r#"{"R {"Effect":"Allow","Principal":"*","R"#,
    r#"}}}]} },"IpAddress":{"AWS:SourceIp":"0.0.0.0/0"}}}]}"#,
    r#"}}}]} },"DateGreaterThan":{"AWS:EpochTime":0}}}]}"#,
];

const SLASHES: &[&str] = &[r"\/ /", r"\/ / / \/"];

const INDENTS: &[&str] = &["  ", "    ", "\t", " ", "   ", ""];

fn with_replacements(text: &str, alternatives: &[&str]) -> Vec<Vec<u8>> {
    bytes(alternatives.iter().map(|pairs| replaced(text, pairs)))
}

fn bytes(texts: impl IntoIterator<Item = String>) -> Vec<Vec<u8>> {
    texts.into_iter().map(String::into_bytes).collect()
}

/// One or two keys with other names.
fn names(text: &str) -> Vec<Vec<u8>> {
    let mut found = with_replacements(text, NAMES);
    for (place, first) in NAMES.iter().enumerate() {
        found.extend(with_replacements(
            &replaced(text, first),
            &NAMES[place + 1..],
        ));
    }
    found
}

/// `Condition` before `Resource`, and the conditions in each order.
fn key_order(text: &str) -> Vec<Vec<u8>> {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    let statement = &value["Statement"][0];
    let resource = format!("\"Resource\":{}", statement["Resource"]);
    let conditions = statement["Condition"].as_object().into_iter().flatten();
    let conditions = conditions.map(|(name, value)| format!("\"{name}\":{value}"));
    let conditions: Vec<String> = conditions.take(3).collect();
    let mut found = Vec::new();
    for order in permutations(conditions.len()) {
        let ordered: Vec<&str> = order
            .iter()
            .map(|place| conditions[*place].as_str())
            .collect();
        let condition = format!("\"Condition\":{{{}}}", ordered.join(","));
        for [first, second] in [[&condition, &resource], [&resource, &condition]] {
            found.push(format!("{{\"Statement\":[{{{first},{second}}}]}}"));
        }
    }
    bytes(found)
}

fn single_quotes(text: &str) -> Vec<Vec<u8>> {
    let python = laid_out(text, ": ", ", ", ONE_LINE).replace('"', "'");
    let unquoted = replaced(text, "\": : {\" { ,\" ,");
    bytes([text.replace('"', "'"), python, unquoted])
}

/// The indent of a text on one line.
const ONE_LINE: &str = "-";

/// What writers set for `:` and `,`, in pairs; `_` is a space.
const SEPARATORS: &str = ":_ ,_ :_ , : ,_ _:_ ,_ _:_ , _:_ _,_ _: , :__ , : ,";

/// The text as the writers of the world lay it out.
fn with_layouts(text: &str, indents: &[&str]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for pair in SEPARATORS.split(' ').collect::<Vec<_>>().chunks(2) {
        let [colon, comma] = [pair[0], pair[1]].map(|separator| separator.replace('_', " "));
        for indent in indents {
            let lines = laid_out(text, &colon, &comma, indent);
            if *indent != ONE_LINE {
                found.push(lines.replace('\n', "\r\n"));
            }
            found.push(lines);
        }
    }
    bytes(found)
}

fn laid_out(text: &str, colon: &str, comma: &str, indent: &str) -> String {
    let mut written = String::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    for token in tokens(text).filter(|token| !is_space(token)) {
        match token {
            "{" | "[" => depth += 1,
            "}" | "]" => {
                depth = depth.saturating_sub(1);
                break_line(&mut written, indent, depth);
            }
            _ => {}
        }
        written += match token {
            ":" => colon,
            "," => comma,
            other => other,
        };
        if ["{", "[", ","].contains(&token) {
            break_line(&mut written, indent, depth);
        }
    }
    written
}

fn break_line(written: &mut String, indent: &str, depth: usize) {
    if indent != ONE_LINE {
        written.truncate(written.trim_end_matches(' ').len());
        written.push('\n');
        *written += &indent.repeat(depth.min(20));
    }
}

/// Characters as `\uXXXX`, as writers do that think of HTML.
fn unicode_escapes(text: &str) -> Vec<Vec<u8>> {
    let mut found = vec![text.replace("\\u0026", "&")];
    for chosen in ["&", "&<>", "&<>='", "&<>+'", "&<>'", "/", ""] {
        for is_ascii in [false, true] {
            found.extend([false, true].map(|is_upper| escaped(text, chosen, is_ascii, is_upper)));
        }
    }
    bytes(found)
}

/// The text with the chosen characters, and those beyond ASCII if they are not left, escaped.
fn escaped(text: &str, chosen: &str, is_ascii: bool, is_upper: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if !chosen.contains(c) && (c.is_ascii() || !is_ascii) {
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

fn json_string(text: &str) -> Vec<Vec<u8>> {
    let literal = Value::from(text).to_string();
    let inside = literal[1..literal.len() - 1].to_owned();
    let unescaped = serde_json::from_str::<String>(text).unwrap_or_default();
    bytes([literal, inside, unescaped])
}

/// Characters in front or behind.
fn ends(text: &str) -> Vec<Vec<u8>> {
    const ENDS: &[&str] = &[
        "\n", "\r\n", "\r", "\n\n", " ", "\0", "\\n", ";", ",", "\t", "\"", " \n",
    ];
    let mut found: Vec<String> = ENDS.iter().map(|end| format!("{text}{end}")).collect();
    found.extend([format!(" {text}"), format!("\n{text}"), format!("'{text}'")]);
    found.push(text.trim().to_owned());
    bytes(found)
}

fn utf_16(text: &str) -> Vec<Vec<u8>> {
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let with_mark = [&[0xff, 0xfe], little.as_slice()].concat();
    vec![with_mark, little, big]
}
