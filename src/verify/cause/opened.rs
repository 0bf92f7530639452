//! Signatures, opened with the given keys, in whatever form they were sent.

use super::finding::Finding;
use crate::base64;
use crate::error::quoted;
use crate::key::key_pair_id::KeyPairId;
use crate::key::{KeyType, SignedDigest, p256_signature};
use crate::verify::TrustedKey;
use crate::verify::checker::Checker;
use crate::verify::compare::ChangeKind;

/// A signature that one of the keys made, or may have made.
pub(super) struct Opened {
    pub(super) digest: SignedDigest,
    /// The signature in the form that CloudFront expects.
    pub(super) signature: Vec<u8>,
    /// The ID of its key: as known, or else as sent.
    pub(super) key_pair_id: String,
    /// What is wrong with its form, its padding and its ID.
    pub(super) findings: Vec<Finding>,
}

/// Opens the value of `Signature` with the keys. An RSA key shows by itself whether it made a
/// signature; with P-256, every signature may be of the key.
pub(super) fn open(
    value: &str,
    sent_id: &str,
    keys: &[&TrustedKey],
    checker: &mut Checker,
) -> Vec<Opened> {
    let readings = readings(value);
    let mut opened = Vec::new();
    for key in keys {
        for (bytes, how) in &readings {
            let read = match key.key.key_type() {
                KeyType::P256 => ecdsa(bytes, how),
                KeyType::Rsa(_) => Some((bytes.clone(), (*how).to_owned())),
            };
            let Some((signature, how)) = read else {
                continue;
            };
            let digest = checker.open(&key.key, &signature);
            let is_possible = matches!(digest, SignedDigest::P256(_) | SignedDigest::Pss(_));
            if is_possible || digest.proves_key() {
                let key_pair_id = key.id.as_ref().map_or(sent_id, KeyPairId::as_str);
                let mut findings = findings(&how, &digest);
                if key_pair_id != sent_id {
                    findings.push(of_another_id(key_pair_id, sent_id, keys));
                }
                opened.push(Opened {
                    findings,
                    digest,
                    signature,
                    key_pair_id: key_pair_id.to_owned(),
                });
                break;
            }
        }
    }
    opened
}

fn findings(how: &str, digest: &SignedDigest) -> Vec<Finding> {
    let padding = match digest {
        SignedDigest::Pss(_) => Some((
            "the signature was made with RSA PSS, but CloudFront accepts only PKCS#1 v1.5",
            "sign with RSASSA_PKCS1_V1_5_SHA_256 (AWS KMS), -pkeyopt rsa_padding_mode:pkcs1 \
             (openssl) or SHA256-RSA-PKCS (PKCS#11)",
        )),
        SignedDigest::Bare { .. } => Some((
            "the digest was signed without the name of its hash (DigestInfo)",
            "sign with openssl dgst -sha1 -sign, openssl pkeyutl -sign -pkeyopt digest:sha1 or \
             SHA1-RSA-PKCS (PKCS#11)",
        )),
        _ => None,
    };
    let padding = padding.map(|(text, fix)| Finding::new(ChangeKind::Padding, text, fix));
    let mut findings: Vec<Finding> = padding.into_iter().collect();
    if !how.is_empty() {
        let text = format!("the signature was sent {how}");
        let kind = ChangeKind::SignatureEncoding;
        findings.push(Finding::new(kind, text, fix_of(how)));
    }
    findings
}

/// The finding that a key with another ID than the sent one signed: another key of the group, or
/// one whose ID was changed.
fn of_another_id(id: &str, sent: &str, keys: &[&TrustedKey]) -> Finding {
    let mut ids = keys.iter().filter_map(|key| key.id.as_ref());
    let kind = if ids.any(|own| own.as_str() == sent) {
        ChangeKind::Key
    } else {
        ChangeKind::KeyPairId
    };
    let said = if sent.is_empty() {
        "names none".to_owned()
    } else {
        format!("says {}", quoted(sent))
    };
    let text = format!("the signature was made with the key {id}, but the request {said}");
    let fix =
        format!("send Key-Pair-Id={id}, the ID of the key that signed; no new signature is needed");
    Finding::new(kind, text, fix)
}

/// The fix for a form in which a signature was sent.
fn fix_of(how: &str) -> &'static str {
    if how.contains("DER") {
        "convert the signature to ASN.1 DER, and encode that in CloudFront's base64"
    } else if how.contains("little-endian") {
        "reverse the bytes of the signature"
    } else {
        "send the signature in CloudFront's base64, encoded once: with - for +, _ for = and ~ for /"
    }
}

/// The ASN.1 DER of bytes that are an ECDSA signature in some form.
fn ecdsa(bytes: &[u8], how: &str) -> Option<(Vec<u8>, String)> {
    let (signature, what) = match p256_signature(bytes) {
        Some(signature) if signature == bytes => return Some((signature, how.to_owned())),
        Some(signature) => (signature, "as r and s (IEEE P1363) in place of ASN.1 DER"),
        None => (from_lenient_der(bytes)?, "in ASN.1 DER that is not minimal"),
    };
    let separator = if how.is_empty() { "" } else { ", " };
    Some((signature, format!("{what}{separator}{how}")))
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

/// The bytes that a value may stand for, each with the way in which they were written, which is
/// empty for what CloudFront reads.
fn readings(value: &str) -> Vec<(Vec<u8>, &'static str)> {
    let bare = without_wrapping(value);
    let how = if bare != value {
        "with a prefix, quotes or punctuation around it"
    } else if value.contains(['\n', '\r']) {
        "with line breaks in its base64"
    } else {
        "in base64 without its padding"
    };
    let mut all = vec![
        (base64::decode(value), ""),
        (from_hexadecimal(bare), "in hexadecimal"),
    ];
    if bare != value || value.contains('\n') || !value.contains(['+', '/', '=', ' ']) {
        all.push((base64::decode_any(bare), how));
    }
    for (bytes, alphabet) in alphabets(bare) {
        all.push((Some(bytes), alphabet));
    }
    let mut readings = Vec::new();
    for (bytes, how) in all {
        let Some(bytes) = bytes.filter(|bytes| bytes.len() >= 64) else {
            continue;
        };
        let text = str::from_utf8(&bytes).unwrap_or_default().trim().to_owned();
        readings.push((bytes, how));
        if let Some(bytes) = from_hexadecimal(&text) {
            readings.push((bytes, "as the base64 of its hexadecimal form"));
        } else if let Some(bytes) = base64::decode_any(&text) {
            readings.push((bytes, "in base64 twice"));
        }
    }
    if let Some((first, _)) = readings.first() {
        let reversed = first.iter().rev().copied().collect();
        let how = "in little-endian byte order, as Windows CryptoAPI gives it";
        readings.push((reversed, how));
    }
    readings
}

/// What a text stands for in other alphabets of base64 than CloudFront's, each with its name: the
/// readings of `-`, `_` and `~` as `+`, `/` and `=` in each order.
pub(super) fn alphabets(text: &str) -> Vec<(Vec<u8>, &'static str)> {
    let is_standard = text.contains(['+', '/', '=', ' ']);
    let mut found = Vec::new();
    for order in ["+/=", "+=/", "/=+", "=+/", "/+=", "=/+"] {
        let mut standard = text.replace(' ', "+");
        for (own, other) in ["-", "_", "~"].iter().zip(order.split_inclusive(|_| true)) {
            standard = standard.replace(own, other);
        }
        let name = if is_standard {
            "in standard base64"
        } else if order == "+/=" && !text.contains('~') {
            "in base64url (RFC 4648)"
        } else {
            "in another alphabet of base64 than CloudFront's"
        };
        found.extend(base64::decode_any(&standard).map(|bytes| (bytes, name)));
    }
    found
}

/// A value without what programs print around it: `b'...'`, quotes, `vault:v1:`, `sha256=`.
fn without_wrapping(value: &str) -> &str {
    let value = value.trim();
    let quotes = ['"', '\'', '`', '<', '>', '[', ']', '(', ')', '.', ',', ';'];
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
    let pairs = digits
        .chunks(2)
        .map(|pair| str::from_utf8(pair).unwrap_or_default());
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).ok())
        .collect()
}
