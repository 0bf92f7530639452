//! CloudFront's base64 alphabet.
//!
//! Standard base64 with padding (RFC 4648, section 4), with the three characters that are special
//! in a URL query replaced: `+` by `-`, `/` by `~`, and the padding `=` by `_`. It is not the
//! URL-safe base64 of RFC 4648, section 5, where `_` replaces `/`.
//!
//! Source: Amazon CloudFront Developer Guide, "Create a signed URL using a canned policy".

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

/// Encodes `bytes` in CloudFront's alphabet, padded, without line breaks.
///
/// ```
/// // +//+/w== in standard base64
/// assert_eq!(cfsign::base64::encode(&[0xfb, 0xff, 0xfe, 0xff]), "-~~-~w__");
/// ```
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

/// Decodes CloudFront's base64; `None` for other text, such as standard base64 with `+`, `/` or
/// `=`.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    if text.contains(['+', '/', '=']) {
        return None;
    }
    let text: Vec<u8> = text.bytes().map(to_standard).collect();
    STANDARD.decode(text).ok()
}

/// Replaces a character of CloudFront's alphabet by that of standard base64.
fn to_standard(byte: u8) -> u8 {
    match byte {
        b'-' => b'+',
        b'_' => b'=',
        b'~' => b'/',
        other => other,
    }
}

/// Encodes `bytes` in standard base64 with padding (RFC 4648, section 4).
pub(crate) fn encode_standard(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Decodes standard base64 with padding; `None` for other text.
pub(crate) fn decode_standard(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Decodes base64 as programs print it: standard or CloudFront's, with or without line breaks and
/// padding; `None` for other text.
pub(crate) fn decode_any(text: &str) -> Option<Vec<u8>> {
    let text: Vec<u8> = text
        .bytes()
        .filter(|byte| !b"\r\n".contains(byte))
        .map(to_standard)
        .collect();
    let end = text
        .iter()
        .rposition(|byte| *byte != b'=')
        .map_or(0, |last| last + 1);
    STANDARD_NO_PAD.decode(&text[..end]).ok()
}
