//! CloudFront's base64 alphabet.
//!
//! Standard base64 with padding (RFC 4648, section 4), with the three characters that are special
//! in a URL query replaced: `+` by `-`, `/` by `~`, and the padding `=` by `_`. It is not the
//! URL-safe base64 of RFC 4648, section 5, where `_` replaces `/`.
//!
//! Source: Amazon CloudFront Developer Guide, "Create a signed URL using a canned policy".

use base64::Engine;
use base64::alphabet::{Alphabet, Symbol};
use base64::engine::general_purpose::{GeneralPurpose, PAD, STANDARD, STANDARD_NO_PAD};

const CLOUDFRONT: GeneralPurpose = {
    let symbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-~";
    let Some(padding) = Symbol::new(b'_') else {
        unreachable!()
    };
    match Alphabet::new_with_padding(symbols, padding) {
        Ok(alphabet) => GeneralPurpose::new(&alphabet, PAD),
        Err(_) => unreachable!(),
    }
};

/// Encodes `bytes` in CloudFront's alphabet, padded, without line breaks.
///
/// ```
/// // +//+/w== in standard base64
/// assert_eq!(cfsign::base64::encode(&[0xfb, 0xff, 0xfe, 0xff]), "-~~-~w__");
/// ```
pub fn encode(bytes: &[u8]) -> String {
    CLOUDFRONT.encode(bytes)
}

/// Decodes CloudFront's base64; `None` for other text, such as standard base64.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    CLOUDFRONT.decode(text).ok()
}

/// Encodes `bytes` in standard base64 with padding.
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
    let standard = text.replace(['\r', '\n'], "").replace('-', "+");
    let standard = standard.replace('~', "/").replace('_', "=");
    STANDARD_NO_PAD.decode(standard.trim_end_matches('=')).ok()
}
