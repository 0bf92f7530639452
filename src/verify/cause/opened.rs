//! Signatures, opened with the given keys, in whatever form they were sent.

use crate::base64;
use crate::key::{KeyType, SignedDigest, p256_signature};
use crate::verify::TrustedKey;
use crate::verify::memory::Memory;

/// A signature that one of the keys made, or may have made.
pub(super) struct Opened<'a> {
    pub(super) key: &'a TrustedKey,
    pub(super) digest: SignedDigest,
    /// The signature in the form that CloudFront expects.
    pub(super) signature: Vec<u8>,
    /// The form in which it was sent, in words; `None` for the expected one.
    pub(super) form: Option<String>,
}

/// Bytes that a text may stand for, and how it was written; empty for the expected way.
struct Reading {
    bytes: Vec<u8>,
    how: String,
}

/// Opens the value of `Signature` with the keys. An RSA key shows by itself whether it made a
/// signature; with P-256, every signature may be of the key.
pub(super) fn open<'a>(
    value: &str,
    keys: &[&'a TrustedKey],
    memory: &mut Memory,
) -> Vec<Opened<'a>> {
    let readings = readings(value);
    let mut opened = Vec::new();
    for key in keys {
        let is_p256 = key.key.key_type() == KeyType::P256;
        for reading in &readings {
            let (signature, how) = if is_p256 {
                let Some((signature, how)) = ecdsa(reading) else {
                    continue;
                };
                (signature, how)
            } else {
                (reading.bytes.clone(), reading.how.clone())
            };
            let digest = memory.open(&key.key, &signature);
            let is_made = match &digest {
                SignedDigest::P256(_) | SignedDigest::Pss(_) => true,
                digest => digest.proves_key(),
            };
            if is_made {
                opened.push(Opened {
                    key,
                    digest,
                    signature,
                    form: (!how.is_empty()).then_some(how),
                });
                break;
            }
        }
    }
    opened
}

/// The ASN.1 DER of a reading that is an ECDSA signature in some form.
fn ecdsa(reading: &Reading) -> Option<(Vec<u8>, String)> {
    let (signature, what) = match p256_signature(&reading.bytes) {
        Some(signature) if signature == reading.bytes => {
            return Some((signature, reading.how.clone()));
        }
        Some(signature) => (signature, "as r and s (IEEE P1363) in place of ASN.1 DER"),
        None => (
            from_lenient_der(&reading.bytes)?,
            "in ASN.1 DER that is not minimal",
        ),
    };
    let how = if reading.how.is_empty() {
        what.to_owned()
    } else {
        format!("{what}, {}", reading.how)
    };
    Some((signature, how))
}

/// Two integers of a DER sequence whose zeros in front are missing or too many.
fn from_lenient_der(bytes: &[u8]) -> Option<Vec<u8>> {
    let (_, mut content) = element(bytes, 0x30)?;
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let (rest, number) = element(content, 0x02)?;
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        let number = &number[zeros..];
        numbers.extend(vec![0; 32_usize.checked_sub(number.len())?]);
        numbers.extend_from_slice(number);
        content = rest;
    }
    p256_signature(&numbers)
}

/// What follows an element of a tag, and its content; the length may be in the long form.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match bytes {
        [own, 0x81, length, rest @ ..] if *own == tag => (*length, rest),
        [own, 0x82, 0, length, rest @ ..] if *own == tag => (*length, rest),
        [own, length, rest @ ..] if *own == tag && *length < 0x80 => (*length, rest),
        _ => return None,
    };
    let (content, rest) = rest.split_at(usize::from(length).min(rest.len()));
    Some((rest, content))
}

/// The bytes that a value may stand for; as CloudFront reads it first.
fn readings(value: &str) -> Vec<Reading> {
    let bare = without_wrapping(value);
    let mut readings = Vec::new();
    let mut add = |bytes: Option<Vec<u8>>, how: &str| {
        if let Some(bytes) = bytes.filter(|bytes| bytes.len() >= 64) {
            let how = how.to_owned();
            readings.push(Reading { bytes, how });
        }
    };
    add(base64::decode(value), "");
    add(from_hexadecimal(bare), "in hexadecimal");
    if bare != value {
        add(
            base64::decode_any(bare),
            "with a prefix or quotes around it",
        );
    } else if value.contains(['\n', '\r']) {
        add(base64::decode_any(bare), "with line breaks in its base64");
    } else if !value.contains(['+', '/', '=', ' ']) {
        add(base64::decode_any(bare), "in base64 without its padding");
    }
    for (bytes, alphabet) in alphabets(bare) {
        add(Some(bytes), alphabet);
    }
    for place in 0..readings.len() {
        let Ok(text) = std::str::from_utf8(&readings[place].bytes) else {
            continue;
        };
        let (bytes, how) = match from_hexadecimal(text.trim()) {
            Some(bytes) => (Some(bytes), "as the base64 of its hexadecimal form"),
            None => (base64::decode_any(text.trim()), "in base64 twice"),
        };
        let how = how.to_owned();
        readings.extend(bytes.map(|bytes| Reading { bytes, how }));
    }
    if let Some(first) = readings.first() {
        let mut reversed = first.bytes.clone();
        reversed.reverse();
        let how = "in little-endian byte order, as Windows CryptoAPI gives it".to_owned();
        let bytes = [&[0], first.bytes.as_slice()].concat();
        readings.push(Reading {
            bytes: reversed,
            how,
        });
        let how = "without its leading zero byte".to_owned();
        readings.push(Reading { bytes, how });
    }
    readings
}

/// What a text stands for in other alphabets of base64 than CloudFront's, each with its name: the
/// readings of `-`, `_` and `~` as `+`, `/` and `=` in each order.
pub(super) fn alphabets(text: &str) -> Vec<(Vec<u8>, &'static str)> {
    const ORDERS: [[&str; 3]; 6] = [
        ["+", "/", "="],
        ["+", "=", "/"],
        ["/", "=", "+"],
        ["=", "+", "/"],
        ["/", "+", "="],
        ["=", "/", "+"],
    ];
    let is_standard = text.contains(['+', '/', '=', ' ']);
    let mut found = Vec::new();
    for [dash, underscore, tilde] in ORDERS {
        let standard = text.replace('-', dash).replace(' ', "+");
        let standard = standard.replace('_', underscore).replace('~', tilde);
        let name = match (dash, underscore) {
            _ if is_standard => "in standard base64",
            ("+", "/") if !text.contains('~') => "in base64url (RFC 4648)",
            _ => "in another alphabet of base64 than CloudFront's",
        };
        found.extend(base64::decode_any(&standard).map(|bytes| (bytes, name)));
    }
    found
}

/// A value without what programs print around it: `b'...'`, quotes, `vault:v1:`, `sha256=`.
fn without_wrapping(value: &str) -> &str {
    let value = value.trim();
    let quotes = ['"', '\'', '`', '<', '>', '[', ']'];
    let value = match value.strip_prefix('b') {
        Some(rest) if rest.starts_with(quotes) => rest,
        _ => value,
    };
    let value = value.trim_matches(quotes);
    let prefix = value.rfind([':', ',']).filter(|place| *place < 40);
    let value = prefix.map_or(value, |place| &value[place + 1..]);
    match value.split_once('=') {
        Some((name, rest)) if name.len() < 16 && rest.len() > 40 => rest,
        _ => value,
    }
}

fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b':').collect();
    if !digits.len().is_multiple_of(2) || digits.len() < 128 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    for pair in digits.chunks(2) {
        let pair = std::str::from_utf8(pair).ok()?;
        bytes.push(u8::from_str_radix(pair, 16).ok()?);
    }
    Some(bytes)
}
