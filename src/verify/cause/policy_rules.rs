//! The other spellings of a policy that may have been signed, and the other messages that programs sign in its place.

use super::change::Change;
use super::policy_text::{
    escaped, pretty, reversed, sorted, sorted_conditions, spaced, statement_object, with_condition,
};
use crate::base64;
use crate::key::hash::HashAlgorithm::{self, Sha1, Sha256};
use crate::policy::minified;
use crate::url::percent;

/// Another spelling of a policy.
pub(super) struct Spelling {
    /// Completes the sentence "the policy was signed ...".
    how: &'static str,
    fix: &'static str,
    pub(super) rewrite: fn(&str) -> String,
}

/// A message that a program signs in place of the policy.
pub(super) struct Message {
    cause: &'static str,
    fix: &'static str,
    pub(super) of: fn(&str) -> Vec<u8>,
}

impl Spelling {
    pub(super) fn change(&self) -> Change {
        Change::new(format!("the policy was signed {}", self.how), self.fix)
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

const fn spelling(how: &'static str, fix: &'static str, rewrite: fn(&str) -> String) -> Spelling {
    Spelling { how, fix, rewrite }
}

const ANY_IP: &str = r#""IpAddress":{"AWS:SourceIp":"0.0.0.0/0"}"#;
const ANY_START: &str = r#""DateGreaterThan":{"AWS:EpochTime":0}"#;

/// Spellings, the likeliest first.
pub(super) const SPELLINGS: [Spelling; 38] = [
    spelling("with spaces after colons and commas", COMPACT, |text| {
        spaced(text, ": ", ", ")
    }),
    spelling("with a line break at its end", NO_LINE_BREAK, |text| {
        format!("{text}\n")
    }),
    spelling("without the white space that was sent", AS_SIGNED, minified),
    spelling(
        "without the white space that was sent at its end",
        AS_SIGNED,
        |text| text.trim_end().to_owned(),
    ),
    spelling("pretty-printed", COMPACT, |text| pretty(text, "  ")),
    spelling("pretty-printed", COMPACT, |text| pretty(text, "    ")),
    spelling("with its slashes escaped as \\/", COMPACT, |text| {
        text.replace('/', "\\/")
    }),
    spelling("with & escaped as \\u0026", COMPACT, |text| {
        text.replace('&', "\\u0026")
    }),
    spelling("with its keys in another order", DOCUMENTED, sorted),
    spelling("with its keys in another order", DOCUMENTED, reversed),
    spelling(
        "with its conditions in another order",
        DOCUMENTED,
        sorted_conditions,
    ),
    spelling("pretty-printed", COMPACT, |text| pretty(text, "\t")),
    spelling("pretty-printed", COMPACT, |text| pretty(text, "   ")),
    spelling("with spaces after colons", COMPACT, |text| {
        spaced(text, ": ", ",")
    }),
    spelling("with spaces after commas", COMPACT, |text| {
        spaced(text, ":", ", ")
    }),
    spelling("with spaces around colons", COMPACT, |text| {
        spaced(text, " : ", ", ")
    }),
    spelling("with spaces around colons", COMPACT, |text| {
        spaced(text, " : ", " , ")
    }),
    spelling("with spaces around colons", COMPACT, |text| {
        spaced(text, " : ", ",")
    }),
    spelling("with a line break at its end", NO_LINE_BREAK, |text| {
        format!("{text}\r\n")
    }),
    spelling("with line breaks at its end", NO_LINE_BREAK, |text| {
        format!("{text}\n\n")
    }),
    spelling(
        "with a space at its end",
        "remove the trailing space before signing",
        |text| format!("{text} "),
    ),
    spelling(
        "with a NUL byte at its end",
        "remove the trailing NUL byte before signing",
        |text| format!("{text}\0"),
    ),
    spelling(
        "with a byte-order mark",
        "save the policy without a byte-order mark",
        |text| format!("\u{feff}{text}"),
    ),
    spelling("with CRLF line breaks", AS_SIGNED, |text| {
        text.replace('\n', "\r\n")
    }),
    spelling("with LF line breaks", AS_SIGNED, |text| {
        text.replace("\r\n", "\n")
    }),
    spelling("with & < > escaped", COMPACT, |text| {
        escaped(text, |c| "&<>".contains(c))
    }),
    spelling("with \\uXXXX for non-ASCII characters", COMPACT, |text| {
        escaped(text, |c| !c.is_ascii())
    }),
    spelling("with single quotes", DOCUMENTED, |text| {
        text.replace('"', "'")
    }),
    spelling("with spaces before colons", COMPACT, |text| {
        text.replace("\":", "\" :")
    }),
    spelling("with Statement as an object", DOCUMENTED, statement_object),
    spelling(
        "with an IpAddress condition that was not sent",
        DOCUMENTED,
        |text| with_condition(text, ANY_IP),
    ),
    spelling(
        "with a DateGreaterThan condition that was not sent",
        DOCUMENTED,
        |text| with_condition(text, ANY_START),
    ),
    spelling("with conditions that were not sent", DOCUMENTED, |text| {
        with_condition(text, &[ANY_IP, ANY_START].join(","))
    }),
    spelling("with a Version, as for IAM", DOCUMENTED, |text| {
        text.replacen('{', "{\"Version\":\"2012-10-17\",", 1)
    }),
    spelling("with aws:EpochTime for AWS:EpochTime", DOCUMENTED, |text| {
        text.replace("AWS:EpochTime", "aws:EpochTime")
    }),
    spelling("with a space in AWS:EpochTime", DOCUMENTED, |text| {
        text.replace("AWS:EpochTime", "AWS:EpochTime ")
    }),
    spelling("with a space before it", COMPACT, |text| format!(" {text}")),
    spelling("in lower case", DOCUMENTED, |text| {
        text.to_ascii_lowercase()
    }),
];

const BYTES: &str = "sign the bytes of the policy, and encode only what is sent";
const DIGEST_ONCE: &str =
    "sign the policy, or pass its digest as a digest (--message-type DIGEST, openssl pkeyutl)";
const HEXADECIMAL: &str = "pass the digest as bytes, not as hexadecimal text";

const AS_BASE64: &str = "the base64 of the policy was signed";
const HASHED_TWICE: &str = "the digest of the policy was hashed again";
const HEXADECIMAL_DIGEST: &str = "the hexadecimal digest of the policy was signed";
const BASE64_DIGEST: &str = "the base64 of the digest was signed";

const fn message(cause: &'static str, fix: &'static str, of: fn(&str) -> Vec<u8>) -> Message {
    Message { cause, fix, of }
}

/// Messages, the likeliest first.
pub(super) const MESSAGES: [Message; 16] = [
    message(AS_BASE64, BYTES, |text| {
        base64::encode(text.as_bytes()).into_bytes()
    }),
    message(AS_BASE64, BYTES, |text| {
        standard_base64(text.as_bytes()).into_bytes()
    }),
    message(HASHED_TWICE, DIGEST_ONCE, |text| {
        Sha1.digest(text.as_bytes())
    }),
    message(HASHED_TWICE, DIGEST_ONCE, |text| {
        Sha256.digest(text.as_bytes())
    }),
    message(HEXADECIMAL_DIGEST, HEXADECIMAL, |text| {
        hexadecimal(Sha1, text).into_bytes()
    }),
    message(HEXADECIMAL_DIGEST, HEXADECIMAL, |text| {
        hexadecimal(Sha256, text).into_bytes()
    }),
    message(HEXADECIMAL_DIGEST, HEXADECIMAL, |text| {
        (hexadecimal(Sha1, text) + "\n").into_bytes()
    }),
    message(HEXADECIMAL_DIGEST, HEXADECIMAL, |text| {
        (hexadecimal(Sha256, text) + "\n").into_bytes()
    }),
    message(BASE64_DIGEST, DIGEST_ONCE, |text| {
        standard_base64(&Sha1.digest(text.as_bytes())).into_bytes()
    }),
    message(BASE64_DIGEST, DIGEST_ONCE, |text| {
        standard_base64(&Sha256.digest(text.as_bytes())).into_bytes()
    }),
    message(AS_BASE64, BYTES, |text| {
        (standard_base64(text.as_bytes()) + "\n").into_bytes()
    }),
    message("the percent-encoded policy was signed", BYTES, |text| {
        percent::encode_component(text).into_bytes()
    }),
    message(
        "the policy was signed as UTF-16",
        "sign the policy as UTF-8",
        |text| text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ),
    message("the policy was signed as a JSON string", BYTES, |text| {
        format!("{text:?}").into_bytes()
    }),
    message(
        "nothing was signed: the message was empty",
        "pass the policy to the program that signs",
        |_| Vec::new(),
    ),
    message(
        "the base64 of the base64 of the policy was signed",
        BYTES,
        |text| standard_base64(standard_base64(text.as_bytes()).as_bytes()).into_bytes(),
    ),
];

fn standard_base64(bytes: &[u8]) -> String {
    base64::encode_standard(bytes)
}

fn hexadecimal(hash: HashAlgorithm, text: &str) -> String {
    hash.hexadecimal(text.as_bytes())
}
