//! Text from outside in messages: what may be shown of it, and how.
//!
//! Any value may be a secret: a key in place of the name of its file, two CI variables that were
//! swapped. Keys in a known encoding are recognized by [`contains_key`]; of everything else,
//! [`is_showable`] hides what looks like a part of one.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::base64;

/// The most characters of a value that is shown.
const LONGEST: usize = 300;

/// The longest run of letters and digits that is shown: a Git hash. P-256 keys have 64 digits.
const LONGEST_RUN: usize = 40;

/// The longest run that is shown if it mixes small letters, capitals and digits as base64 does. The
/// IDs of videos, objects and temporary files are shorter.
const LONGEST_MIXED_RUN: usize = 16;

/// Returns whether a message may repeat `text`: at most 300 characters on one line, without the
/// frame of a PEM file, without a run of more than 40 letters and digits, and without one of more
/// than 16 that mixes small letters, capitals and digits. Percent-encoding is decoded first.
///
/// ```
/// use cfsign::is_showable;
///
/// assert!(is_showable("keys/cloudfront-2026.pem"));
/// assert!(is_showable("https://d111111abcdef8.cloudfront.net/videos/intro.mp4?size=large"));
/// assert!(is_showable("key/1234abcd-12ab-34cd-56ef-1234567890ab"));
/// assert!(!is_showable("c2VjcmV0IGtleSBtYXRlcmlhbA8Kq1Zx"));
/// assert!(!is_showable("-----BEGIN PRIVATE KEY-----"));
/// ```
pub fn is_showable(text: &str) -> bool {
    let text = text.trim_matches(['\r', '\n']);
    text.chars().nth(LONGEST).is_none() && is_plain(text)
}

/// The rule of [`is_showable`] without the limit on the length.
fn is_plain(text: &str) -> bool {
    let text = percent_decoded(text);
    !["\r", "\n", "-----", "PRIVATE KEY"]
        .iter()
        .any(|mark| text.contains(mark))
        && !has_secret_run(&text)
}

fn has_secret_run(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|run| {
        let run = run.as_bytes();
        let is_mixed = run.iter().any(u8::is_ascii_lowercase)
            && run.iter().any(u8::is_ascii_uppercase)
            && run.iter().any(u8::is_ascii_digit);
        run.len() > LONGEST_RUN || run.len() > LONGEST_MIXED_RUN && is_mixed
    })
}

/// `text` in double quotes for a message, with control, bidirectional and zero-width characters
/// escaped. Of a URL that is not [showable](is_showable) the beginning is shown, of any other text
/// the length, as in `a value of 32 characters`.
pub(crate) fn quoted(text: &str) -> String {
    if is_showable(text) {
        return shown_in_quotes(text);
    }
    let lower = text.get(..8).unwrap_or_default().to_ascii_lowercase();
    if lower.starts_with("http://") || lower == "https://" {
        return shown_in_quotes(&format!("{}...", showable_start(text)));
    }
    format!("a value of {} characters", text.chars().count())
}

/// `text` in double quotes, whatever it is: the name of a file that exists, or words of a few
/// letters.
pub(crate) fn shown_in_quotes(text: &str) -> String {
    format!("\"{}\"", escaped(text).replace('"', "\\\""))
}

/// The longest beginning of `text` that may be shown.
fn showable_start(text: &str) -> &str {
    let ends = text.char_indices().take(LONGEST).map(|(end, _)| end);
    let longest = ends.filter(|end| is_showable(&text[..*end])).last();
    // This includes the beginning of a run that is too long, or a line break at the end.
    text[..longest.unwrap_or(0)]
        .trim_end_matches(|c: char| c.is_ascii_alphanumeric() || "%\r\n".contains(c))
}

/// A line of text from outside, such as the output of another program: as [`quoted`] shows it,
/// without quotes, and cut if it is long.
pub(crate) fn printable(text: &str) -> String {
    let length = text.chars().count();
    if !is_plain(text) {
        return format!("({length} characters, not shown because they may contain a secret)");
    }
    let start: String = text.chars().take(LONGEST).collect();
    escaped(&start) + if length > LONGEST { "..." } else { "" }
}

/// Escapes a hint; `None` if it contains something that looks like a part of a key.
pub(crate) fn hint(text: &str) -> Option<String> {
    (!has_secret_run(&percent_decoded(text))).then(|| escaped(text))
}

/// `text` in full, with control, bidirectional and zero-width characters escaped.
pub(crate) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\'' | '\\' => shown.push(c),
            c => shown.extend(c.escape_debug()),
        }
    }
    shown
}

/// Returns whether `bytes` contain a private key: PEM, DER, base64 or hexadecimal of them, or a
/// JWK.
pub(crate) fn contains_key(bytes: &[u8]) -> bool {
    if is_private_der(bytes) {
        return true;
    }
    // In UTF-16 there is a zero byte beside each character of a key.
    let bytes: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    let text = String::from_utf8_lossy(&bytes);
    let text = percent_decoded(&text);
    if text.contains("PRIVATE KEY-----") || text.contains("\"kty\"") && text.contains("\"d\"") {
        return true;
    }
    text.split(|c: char| !c.is_ascii_alphanumeric() && !"+/-~".contains(c))
        .any(|word| encodes_key(word.trim_start_matches(['-', '/'])))
}

/// Returns whether `word` begins like base64 or hexadecimal of a key, which may be encoded again.
fn encodes_key(word: &str) -> bool {
    // Enough for the first line of a PEM file in base64 of base64.
    const START: usize = 128;
    if word.len() < 24 {
        return false;
    }
    let start = &word[..word.len().min(START) / 4 * 4];
    let hexadecimal: Option<Vec<u8>> = (0..start.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&start[at..at + 2], 16).ok())
        .collect();
    let decoded = [hexadecimal, base64::decode_any(start)];
    decoded.iter().flatten().any(|bytes| contains_key(bytes))
}

/// Returns whether `bytes` begin like a private key in DER: with the version of PKCS#1, PKCS#8,
/// SEC1 and PKCS#12, or with an encryption of PKCS#5 or PKCS#12 (RFC 8018, RFC 7292).
fn is_private_der(bytes: &[u8]) -> bool {
    const PKCS5: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05";
    const PKCS12: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c";
    match sequence_content(bytes) {
        // A P-256 signature is two numbers of at most 33 bytes; the modulus of RSA is longer.
        [2, 1, 0..=3, 2, ..=33, ..] => false,
        [2, 1, 0..=3, ..] => true,
        [0x30, _, 6, _, oid @ ..] => oid.starts_with(PKCS5) || oid.starts_with(PKCS12),
        _ => false,
    }
}

/// The bytes after the header of a DER SEQUENCE; none for other bytes.
pub(crate) fn sequence_content(bytes: &[u8]) -> &[u8] {
    match bytes {
        [0x30, 0x82, _, _, content @ ..]
        | [0x30, 0x83, _, _, _, content @ ..]
        | [0x30, 0x81, _, content @ ..]
        | [0x30, ..=0x80, content @ ..] => content,
        _ => &[],
    }
}

/// `text` with its `%XX` decoded, as often as it is encoded; as it is where that is not UTF-8.
pub(crate) fn percent_decoded(text: &str) -> Cow<'_, str> {
    let mut decoded = Cow::Borrowed(text);
    for _ in 0..3 {
        let plain = match percent_decode_str(&decoded).decode_utf8() {
            Ok(Cow::Owned(plain)) => plain,
            _ => break,
        };
        decoded = Cow::Owned(plain);
    }
    decoded
}
