//! The other forms of a signature that may have been meant.

use super::change::Change;
use crate::base64;
use crate::key::p256_signature;

/// The signature as it is, then what it may have been, with the change that this stands for.
pub(super) fn of(signature: &[u8]) -> Vec<(Vec<u8>, Option<Change>)> {
    let mut forms = vec![(signature.to_vec(), None)];
    let mut add = |bytes: Vec<u8>, cause: &'static str, fix: &'static str| {
        if bytes != signature {
            forms.push((bytes, Some(Change::new(cause, fix))));
        }
    };
    if let Some(der) = p256_signature(signature) {
        let cause = "the ECDSA signature is r and s (IEEE P1363), but CloudFront expects ASN.1 DER";
        add(der, cause, "convert the signature to ASN.1 DER");
    }
    if let Ok(text) = std::str::from_utf8(signature) {
        let cause = "the signature was encoded in base64 twice";
        add(
            base64::decode_any(text.trim()).unwrap_or_default(),
            cause,
            "encode the signature once",
        );
        let cause = "the base64 of the hexadecimal signature was sent";
        add(
            from_hexadecimal(text.trim()).unwrap_or_default(),
            cause,
            "encode the bytes of the signature",
        );
    }
    let reversed: Vec<u8> = signature.iter().rev().copied().collect();
    let cause = "the signature was sent in little-endian byte order, as Windows CryptoAPI gives it";
    add(reversed, cause, "reverse the bytes of the signature");
    let cause = "the signature was sent without its leading zero byte";
    add(
        [&[0], signature].concat(),
        cause,
        "send as many bytes as the key has",
    );
    if let Some(rest) = signature.strip_prefix(&[0]) {
        let cause = "the signature was sent with a zero byte before it";
        add(rest.to_vec(), cause, "send as many bytes as the key has");
    }
    forms
}

fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    let digit = |place: usize| u8::from_str_radix(text.get(place..place + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(digit).collect()
}
