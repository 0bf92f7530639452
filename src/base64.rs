//! CloudFront's base64 alphabet.
//!
//! Standard base64 with padding (RFC 4648, section 4), in which the three characters that mean something else in a
//! URL query are replaced: `+` by `-`, `/` by `~`, and the padding `=` by `_`. This is not the "URL-safe" base64 of
//! RFC 4648, section 5, which has `_` where CloudFront has `~` and gives `_` no role as padding.
//!
//! Source: Amazon CloudFront Developer Guide, "Create a signed URL using a canned policy".

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

/// `bytes` in CloudFront's alphabet, padded, without line breaks.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = STANDARD.encode(bytes).into_bytes();
    for byte in &mut text {
        *byte = match *byte {
            b'+' => b'-',
            b'=' => b'_',
            b'/' => b'~',
            other => other,
        };
    }
    text.into_iter().map(char::from).collect()
}

/// The bytes behind CloudFront's base64; `None` where the text is not that, `+`, `/` and `=` included.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let standard = |byte| match byte {
        b'-' => Some(b'+'),
        b'_' => Some(b'='),
        b'~' => Some(b'/'),
        b'+' | b'=' | b'/' => None,
        other => Some(other),
    };
    STANDARD
        .decode(text.bytes().map(standard).collect::<Option<Vec<u8>>>()?)
        .ok()
}

/// `bytes` in standard base64 with padding (RFC 4648, section 4).
pub(crate) fn encode_standard(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes behind standard base64 with padding; `None` where the text is not that.
pub(crate) fn decode_standard(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// The bytes behind base64 as programs print it: standard or CloudFront's, with or without line breaks and padding;
/// `None` where the text is not that.
pub(crate) fn decode_any(text: &str) -> Option<Vec<u8>> {
    let standard = |byte| match byte {
        b'-' => b'+',
        b'_' => b'=',
        b'~' => b'/',
        other => other,
    };
    let text: Vec<u8> = text
        .bytes()
        .filter(|byte| !b"\r\n".contains(byte))
        .map(standard)
        .collect();
    let end = text
        .iter()
        .rposition(|byte| *byte != b'=')
        .map_or(0, |last| last + 1);
    STANDARD_NO_PAD.decode(&text[..end]).ok()
}
