//! Percent-encoding, and the character classes of RFC 3986.
//!
//! Source: RFC 3986, sections 2.1 to 2.4 and 3.1.

use std::borrow::Cow;

use super::clients;
use super::parts::UrlParts;

use percent_encoding::{
    AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode_byte, utf8_percent_encode,
};

/// All characters that are not `unreserved` in RFC 3986.
const NOT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Percent-encodes the characters that a URL cannot contain, those that some clients encode, and
/// `*`, which is a wildcard in policies.
///
/// Existing escapes and the host are kept; a `%` that starts no escape becomes `%25`.
///
/// ```
/// use cfsign::url::percent::encode;
///
/// assert_eq!(encode("https://cdn.example.com/a b%20c.jpg"), "https://cdn.example.com/a%20b%20c.jpg");
/// ```
pub fn encode(text: &str) -> String {
    encode_bytes(text, |byte, in_query| {
        // Browsers send a backslash in a path as a slash.
        byte == b'*' || UNSAFE[usize::from(byte)] && (byte != b'\\' || in_query)
    })
}

/// [`encode`] for a resource, whose `*` is kept.
pub(crate) fn encode_pattern(text: &str) -> String {
    encode_bytes(text, |byte, _| UNSAFE[usize::from(byte)])
}

fn encode_bytes(text: &str, is_encoded: impl Fn(u8, bool) -> bool) -> String {
    let parts = UrlParts::parse(text);
    let path = parts.authority_range().end;
    let start = if parts.scheme.is_some_and(is_scheme) {
        path
    } else {
        0
    };
    let query = path + parts.path.len();
    let bytes = text.as_bytes();
    let mut encoded = String::with_capacity(text.len());
    encoded.push_str(&text[..start]);
    for (index, byte) in bytes.iter().enumerate().skip(start) {
        let is_bare_percent = *byte == b'%' && !starts_escape(&bytes[index..]);
        let is_encoded_by_some =
            !byte.is_ascii_alphanumeric() && clients::is_encoded_by_some(*byte, index > query);
        if is_encoded(*byte, index > query) || is_bare_percent || is_encoded_by_some {
            encoded.push_str(percent_encode_byte(*byte));
        } else {
            encoded.push(char::from(*byte));
        }
    }
    encoded
}

/// Returns whether `bytes`, the first of which is a `%`, start with an escape (`%XX`).
pub(super) fn starts_escape(bytes: &[u8]) -> bool {
    let digits = bytes.get(1..3);
    digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// Returns whether `text` contains a `%` that is not followed by two hexadecimal digits.
pub fn has_bare_percent(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.match_indices('%')
        .any(|(index, _)| !starts_escape(&bytes[index..]))
}

/// Percent-encodes the characters that every client encodes; `%` is kept.
pub(crate) fn as_sent(url: &str) -> String {
    let mut sent = String::with_capacity(url.len());
    for byte in url.bytes() {
        if UNSAFE[usize::from(byte)] {
            sent.push_str(percent_encode_byte(byte));
        } else {
            sent.push(char::from(byte));
        }
    }
    sent
}

/// Percent-encodes the name or value of a query parameter. What clients decode is left plain,
/// except `*`, which is a wildcard in policies, and what others encode.
///
/// ```
/// use cfsign::url::percent::encode_component;
///
/// assert_eq!(encode_component("https://h/a b&c"), "https://h/a%20b%26c");
/// ```
pub fn encode_component(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let is_unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let is_decoded = clients::is_decoded_by_some(byte);
        let is_encoded = byte == b'*' || clients::is_encoded_by_some(byte, true);
        if is_unreserved || is_decoded && !is_encoded {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(percent_encode_byte(byte));
        }
    }
    encoded
}

/// Percent-encodes the value of a header parameter: everything that is not `attr-char` in RFC 8187.
#[cfg(feature = "cli")]
pub(crate) fn encode_header_value(text: &str) -> String {
    const NOT_ATTR_CHAR: &AsciiSet = &NOT_UNRESERVED
        .remove(b'!')
        .remove(b'#')
        .remove(b'$')
        .remove(b'&')
        .remove(b'+')
        .remove(b'^')
        .remove(b'`')
        .remove(b'|');
    utf8_percent_encode(text, NOT_ATTR_CHAR).to_string()
}

/// The escape (`%XX`) of a byte.
pub(crate) fn escape(byte: u8) -> &'static str {
    percent_encode_byte(byte)
}

/// Decodes every `%XX`. Bytes that are not UTF-8 become U+FFFD.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// The bytes after every `%XX` is decoded.
pub(crate) fn decode_bytes(text: &str) -> Vec<u8> {
    percent_decode_str(text).collect()
}

/// Decodes every `%XX`; `None` if the result is not UTF-8.
pub fn decode_strictly(text: &str) -> Option<String> {
    percent_decode_str(text)
        .decode_utf8()
        .ok()
        .map(|text| text.into_owned())
}

/// The first character of `text` that clients percent-encode or reject.
pub(crate) fn first_unsafe(text: &str) -> Option<char> {
    // Scanning bytes suffices: a non-ASCII character starts with a non-ASCII byte.
    let place = text.bytes().position(|byte| UNSAFE[usize::from(byte)])?;
    text[place..].chars().next()
}

/// By byte: non-ASCII, control characters, and ASCII characters that RFC 3986 does not allow.
const UNSAFE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = !matches!(byte as u8, b'!'..=b'~')
            || matches!(
                byte as u8,
                b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}'
            );
        byte += 1;
    }
    table
};

/// Returns whether `text` is a valid URL scheme (RFC 3986, section 3.1).
pub(crate) fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}
