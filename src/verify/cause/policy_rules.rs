//! What the text of a policy may have been when it was signed: other spellings of its JSON, and what else than the text
//! programs sign.

use serde_json::Value;

use super::change::Change;
use crate::base64;
use crate::key::hash::HashAlgorithm;
use crate::policy::minified;
use crate::url::percent;

/// Another spelling of a policy.
pub(super) struct Spelling {
    pub(super) rewrite: fn(&str) -> String,
    pub(super) cause: &'static str,
    pub(super) fix: &'static str,
}

/// What a program signs in place of the text.
pub(super) struct Message {
    pub(super) of: fn(&str) -> Vec<u8>,
    pub(super) cause: &'static str,
    pub(super) fix: &'static str,
}

impl Spelling {
    pub(super) fn change(&self) -> Change {
        Change::new(self.cause, self.fix)
    }
}

impl Message {
    pub(super) fn change(&self) -> Change {
        Change::new(self.cause, self.fix)
    }
}

const COMPACT: &str = "sign the policy without white space and escapes, as cfsign policy prints it";
const AS_SIGNED: &str = "send the exact bytes that were signed";
const NO_LINE_BREAK: &str = "use printf %s instead of echo, which adds a line break";
const DOCUMENTED: &str = "sign the documented form of the policy, as cfsign policy prints it";

const fn spelling(rewrite: fn(&str) -> String, cause: &'static str, fix: &'static str) -> Spelling {
    Spelling {
        rewrite,
        cause,
        fix,
    }
}

/// Spellings, the likeliest first.
pub(super) const SPELLINGS: [Spelling; 38] = [
    spelling(
        |text| spaced(text, ": ", ", "),
        "the policy was signed with spaces after colons and commas",
        COMPACT,
    ),
    spelling(
        |text| format!("{text}\n"),
        "the policy was signed with a line break at its end",
        NO_LINE_BREAK,
    ),
    spelling(
        minified,
        "the policy was sent with white space that was not signed",
        AS_SIGNED,
    ),
    spelling(
        |text| text.trim_end().to_owned(),
        "the policy was sent with white space at its end that was not signed",
        AS_SIGNED,
    ),
    spelling(
        |text| pretty(text, "  "),
        "the policy was signed pretty-printed",
        COMPACT,
    ),
    spelling(
        |text| pretty(text, "    "),
        "the policy was signed pretty-printed",
        COMPACT,
    ),
    spelling(
        |text| text.replace('/', "\\/"),
        "the policy was signed with its slashes escaped as \\/",
        COMPACT,
    ),
    spelling(
        |text| text.replace('&', "\\u0026"),
        "the policy was signed with & escaped as \\u0026",
        COMPACT,
    ),
    spelling(
        sorted,
        "the policy was signed with its keys in another order",
        DOCUMENTED,
    ),
    spelling(
        reversed,
        "the policy was signed with its keys in another order",
        DOCUMENTED,
    ),
    spelling(
        sorted_conditions,
        "the policy was signed with its conditions in another order",
        DOCUMENTED,
    ),
    spelling(
        |text| pretty(text, "\t"),
        "the policy was signed pretty-printed",
        COMPACT,
    ),
    spelling(
        |text| pretty(text, "   "),
        "the policy was signed pretty-printed",
        COMPACT,
    ),
    spelling(
        |text| spaced(text, ": ", ","),
        "the policy was signed with spaces after colons",
        COMPACT,
    ),
    spelling(
        |text| spaced(text, ":", ", "),
        "the policy was signed with spaces after commas",
        COMPACT,
    ),
    spelling(
        |text| spaced(text, " : ", ", "),
        "the policy was signed with spaces around colons",
        COMPACT,
    ),
    spelling(
        |text| spaced(text, " : ", " , "),
        "the policy was signed with spaces around colons",
        COMPACT,
    ),
    spelling(
        |text| spaced(text, " : ", ","),
        "the policy was signed with spaces around colons",
        COMPACT,
    ),
    spelling(
        |text| format!("{text}\r\n"),
        "the policy was signed with a line break at its end",
        NO_LINE_BREAK,
    ),
    spelling(
        |text| format!("{text}\n\n"),
        "the policy was signed with line breaks at its end",
        NO_LINE_BREAK,
    ),
    spelling(
        |text| format!("{text} "),
        "the policy was signed with a space at its end",
        "remove the trailing space before signing",
    ),
    spelling(
        |text| format!("{text}\0"),
        "the policy was signed with a NUL byte at its end",
        "remove the trailing NUL byte before signing",
    ),
    spelling(
        |text| format!("\u{feff}{text}"),
        "the policy was signed with a byte-order mark",
        "save the policy as UTF-8 without a byte-order mark",
    ),
    spelling(
        |text| text.replace('\n', "\r\n"),
        "the policy was signed with CRLF line breaks",
        AS_SIGNED,
    ),
    spelling(
        |text| text.replace("\r\n", "\n"),
        "the policy was signed with LF line breaks",
        AS_SIGNED,
    ),
    spelling(
        escaped_html,
        "the policy was signed with & < > escaped",
        COMPACT,
    ),
    spelling(
        escaped_non_ascii,
        "the policy was signed with \\uXXXX for non-ASCII characters",
        COMPACT,
    ),
    spelling(
        |text| text.replace('"', "'"),
        "the policy was signed with single quotes",
        DOCUMENTED,
    ),
    spelling(
        |text| text.replace("\":", "\" :"),
        "the policy was signed with spaces before colons",
        COMPACT,
    ),
    spelling(
        statement_object,
        "the policy was signed with Statement as an object",
        DOCUMENTED,
    ),
    spelling(
        |text| with_condition(text, "\"IpAddress\":{\"AWS:SourceIp\":\"0.0.0.0/0\"}"),
        "the policy was signed with an IpAddress condition that was not sent",
        DOCUMENTED,
    ),
    spelling(
        |text| with_condition(text, "\"DateGreaterThan\":{\"AWS:EpochTime\":0}"),
        "the policy was signed with a DateGreaterThan condition that was not sent",
        DOCUMENTED,
    ),
    spelling(
        |text| {
            with_condition(
                text,
                "\"IpAddress\":{\"AWS:SourceIp\":\"0.0.0.0/0\"},\"DateGreaterThan\":{\"AWS:EpochTime\":0}",
            )
        },
        "the policy was signed with conditions that were not sent",
        DOCUMENTED,
    ),
    spelling(
        |text| text.replacen('{', "{\"Version\":\"2012-10-17\",", 1),
        "the policy was signed with a Version, as for IAM",
        DOCUMENTED,
    ),
    spelling(
        |text| text.replace("AWS:EpochTime", "aws:EpochTime"),
        "the policy was signed with aws:EpochTime for AWS:EpochTime",
        DOCUMENTED,
    ),
    spelling(
        |text| text.replace("AWS:EpochTime", "AWS:EpochTime "),
        "the policy was signed with a space in AWS:EpochTime",
        DOCUMENTED,
    ),
    spelling(
        |text| format!(" {text}"),
        "the policy was signed with a space before it",
        COMPACT,
    ),
    spelling(
        |text| text.to_ascii_lowercase(),
        "the policy was signed in lower case",
        DOCUMENTED,
    ),
];

const BYTES: &str = "sign the bytes of the policy, and encode only what is sent";
const DIGEST_ONCE: &str =
    "sign the policy, or pass its digest as a digest (--message-type DIGEST, openssl pkeyutl)";
const HEXADECIMAL: &str = "pass the digest as bytes, not as hexadecimal text";

const fn message(of: fn(&str) -> Vec<u8>, cause: &'static str, fix: &'static str) -> Message {
    Message { of, cause, fix }
}

/// Messages, the likeliest first.
pub(super) const MESSAGES: [Message; 16] = [
    message(
        |text| base64::encode(text.as_bytes()).into_bytes(),
        "the base64 of the policy was signed",
        BYTES,
    ),
    message(
        |text| base64::encode_standard(text.as_bytes()).into_bytes(),
        "the base64 of the policy was signed",
        BYTES,
    ),
    message(
        |text| HashAlgorithm::Sha1.digest(text.as_bytes()),
        "the digest of the policy was hashed again",
        DIGEST_ONCE,
    ),
    message(
        |text| HashAlgorithm::Sha256.digest(text.as_bytes()),
        "the digest of the policy was hashed again",
        DIGEST_ONCE,
    ),
    message(
        |text| {
            HashAlgorithm::Sha1
                .hexadecimal(text.as_bytes())
                .into_bytes()
        },
        "the hexadecimal digest of the policy was signed",
        HEXADECIMAL,
    ),
    message(
        |text| {
            HashAlgorithm::Sha256
                .hexadecimal(text.as_bytes())
                .into_bytes()
        },
        "the hexadecimal digest of the policy was signed",
        HEXADECIMAL,
    ),
    message(
        |text| with_line_break(HashAlgorithm::Sha1.hexadecimal(text.as_bytes())),
        "the hexadecimal digest of the policy was signed",
        HEXADECIMAL,
    ),
    message(
        |text| with_line_break(HashAlgorithm::Sha256.hexadecimal(text.as_bytes())),
        "the hexadecimal digest of the policy was signed",
        HEXADECIMAL,
    ),
    message(
        |text| base64::encode_standard(&HashAlgorithm::Sha1.digest(text.as_bytes())).into_bytes(),
        "the base64 of the digest was signed",
        DIGEST_ONCE,
    ),
    message(
        |text| base64::encode_standard(&HashAlgorithm::Sha256.digest(text.as_bytes())).into_bytes(),
        "the base64 of the digest was signed",
        DIGEST_ONCE,
    ),
    message(
        |text| with_line_break(base64::encode_standard(text.as_bytes())),
        "the base64 of the policy was signed",
        BYTES,
    ),
    message(
        |text| percent::encode_component(text).into_bytes(),
        "the percent-encoded policy was signed",
        BYTES,
    ),
    message(
        |text| text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "the policy was signed as UTF-16",
        "sign the policy as UTF-8",
    ),
    message(
        |text| format!("{text:?}").into_bytes(),
        "the policy was signed as a JSON string",
        BYTES,
    ),
    message(
        |_| Vec::new(),
        "nothing was signed: the message was empty",
        "pass the policy to the program that signs",
    ),
    message(
        |text| {
            base64::encode_standard(base64::encode_standard(text.as_bytes()).as_bytes())
                .into_bytes()
        },
        "the base64 of the base64 of the policy was signed",
        BYTES,
    ),
];

fn with_line_break(text: String) -> Vec<u8> {
    (text + "\n").into_bytes()
}

/// JSON with other separators outside its strings.
fn spaced(text: &str, colon: &str, comma: &str) -> String {
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
fn pretty(text: &str, indent: &str) -> String {
    let compact = minified(text);
    let mut pretty = String::with_capacity(compact.len() * 2);
    let mut depth: usize = 0;
    let line = |pretty: &mut String, depth: usize| {
        pretty.push('\n');
        for _ in 0..depth.min(20) {
            pretty.push_str(indent);
        }
    };
    outside_strings(&compact, |c, in_string| match c {
        '{' | '[' if !in_string => {
            depth += 1;
            pretty.push(c);
            line(&mut pretty, depth);
        }
        '}' | ']' if !in_string => {
            depth = depth.saturating_sub(1);
            line(&mut pretty, depth);
            pretty.push(c);
        }
        ',' if !in_string => {
            pretty.push(c);
            line(&mut pretty, depth);
        }
        ':' if !in_string => pretty.push_str(": "),
        c => pretty.push(c),
    });
    pretty
}

/// JSON with the keys of each object in alphabetical order.
fn sorted(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        // Without the feature preserve_order, serde_json sorts keys.
        Ok(value) => value.to_string(),
        Err(_) => text.to_owned(),
    }
}

/// The canonical text with `Condition` before `Resource`, and the conditions as they are.
fn reversed(text: &str) -> String {
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
fn sorted_conditions(text: &str) -> String {
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

fn statement_object(text: &str) -> String {
    text.replacen("\"Statement\":[", "\"Statement\":", 1)
        .replace("}]}", "}}")
}

/// A canned policy with one more condition.
fn with_condition(text: &str, condition: &str) -> String {
    match text.strip_suffix("}}]}") {
        Some(start) => format!("{start},{condition}}}}}]}}"),
        None => text.to_owned(),
    }
}

fn escaped_html(text: &str) -> String {
    text.replace('&', "\\u0026")
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
}

fn escaped_non_ascii(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            escaped.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    escaped
}
