//! Two spellings of the same text in a URL: percent-encoding, Unicode forms, letter case.

use unicode_normalization::UnicodeNormalization;

use crate::url::percent;
use Effect::{Case, Encoding, Text};

/// A kind of spelling, in which two texts may differ.
#[derive(Debug)]
pub(super) struct Spelling {
    pub(super) note: &'static str,
    pub(super) effect: Effect,
    /// A form that is the same for all texts that differ in this only.
    form: fn(&str) -> String,
}

/// The part of a URL that a difference in spelling concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// The encoding of characters.
    Encoding,
    /// The characters themselves, as text systems change them.
    Text,
    /// The case of letters.
    Case,
}

/// The spellings in the order in which they are tried: what explains less comes first.
const SPELLINGS: &[Spelling] = &[
    spelling("hexadecimal digits in another case", Encoding, hex_case),
    spelling("percent-encoding", Encoding, decoded_bytes),
    spelling("spaces as + or %20", Encoding, encoded_spaces),
    spelling("Latin-1 or UTF-8", Encoding, decoded),
    spelling(
        "spaces as + or %20, percent-encoding",
        Encoding,
        decoded_spaces,
    ),
    spelling("Unicode normalization", Encoding, normalized),
    spelling("percent-encoded twice", Encoding, fully_decoded),
    spelling("UTF-8 read as Latin-1", Encoding, without_mojibake),
    spelling("backslashes", Encoding, with_slashes),
    spelling("invisible characters", Text, visible),
    spelling("white space", Text, trimmed),
    spelling("typographic quotes or dashes", Text, straight),
    spelling("upper and lower case", Case, lower),
    spelling("several spellings", Encoding, folded),
];

const fn spelling(note: &'static str, effect: Effect, form: fn(&str) -> String) -> Spelling {
    Spelling { note, effect, form }
}

impl Spelling {
    /// The first kind of spelling that explains the difference between two texts.
    pub(super) fn between(signed: &str, received: &str) -> Option<&'static Spelling> {
        if folded(signed) != folded(received) {
            return None;
        }
        SPELLINGS
            .iter()
            .find(|spelling| (spelling.form)(signed) == (spelling.form)(received))
    }
}

/// The form that is the same in all spellings.
pub(super) fn folded(text: &str) -> String {
    let forms = [
        fully_decoded,
        without_mojibake,
        with_slashes,
        visible,
        trimmed,
        straight,
    ];
    let mut text = text.to_owned();
    for form in forms {
        text = form(&text);
    }
    lower(&normalized(&text.replace('+', " ")))
}

fn hex_case(text: &str) -> String {
    with_hex_digits(text, char::to_ascii_uppercase)
}

/// The text with the hexadecimal digits of all escapes in one case.
pub(in crate::verify) fn with_hex_digits(text: &str, case: fn(&char) -> char) -> String {
    let mut written = String::with_capacity(text.len());
    let mut digits = 0;
    for c in text.chars() {
        written.push(if digits > 0 { case(&c) } else { c });
        digits = if c == '%' { 2 } else { digits.max(1) - 1 };
    }
    written
}

/// The percent-decoded bytes, as a character each.
fn decoded_bytes(text: &str) -> String {
    percent::decode_bytes(text)
        .into_iter()
        .map(char::from)
        .collect()
}

/// The percent-decoded text, read as UTF-8 or else as Latin-1.
pub(in crate::verify) fn decoded(text: &str) -> String {
    String::from_utf8(percent::decode_bytes(text)).unwrap_or_else(|_| decoded_bytes(text))
}

/// The text after as many as three rounds of percent-decoding.
fn fully_decoded(text: &str) -> String {
    decoded(&decoded(&decoded(text)))
}

fn encoded_spaces(text: &str) -> String {
    hex_case(&text.replace(['+', ' '], "%20"))
}

fn decoded_spaces(text: &str) -> String {
    decoded(text).replace('+', " ")
}

fn with_slashes(text: &str) -> String {
    decoded(text).replace('\\', "/")
}

fn lower(text: &str) -> String {
    decoded(text).to_lowercase()
}

pub(in crate::verify) fn normalized(text: &str) -> String {
    decoded(text).nfc().collect()
}

pub(in crate::verify) fn decomposed(text: &str) -> String {
    decoded(text).nfd().collect()
}

/// The text without UTF-8 that was read as Latin-1 and encoded again.
pub(in crate::verify) fn without_mojibake(text: &str) -> String {
    let text = decoded(text);
    let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
    match bytes.map(String::from_utf8) {
        Ok(Ok(repaired)) => repaired,
        _ => text,
    }
}

/// The text without control characters and characters that take no room.
pub(in crate::verify) fn visible(text: &str) -> String {
    const ZERO_WIDTH: &str = "\u{ad}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2060}\u{feff}";
    decoded(text).replace(|c: char| c.is_control() || ZERO_WIDTH.contains(c), "")
}

/// The text without white space at the ends of its path segments.
pub(in crate::verify) fn trimmed(text: &str) -> String {
    let text = decoded(text);
    let segments: Vec<&str> = text.split('/').map(str::trim).collect();
    segments.join("/")
}

/// The text with typewriter quotes and dashes, and a dash for each two of them.
pub(in crate::verify) fn straight(text: &str) -> String {
    let text: String = decoded(text).chars().map(typewriter).collect();
    text.replace("--", "-").replace('\u{2026}', "...")
}

fn typewriter(c: char) -> char {
    match c {
        '\u{2018}'..='\u{201b}' | '\u{2032}' => '\'',
        '\u{201c}'..='\u{201f}' | '\u{2033}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' => ' ',
        other => other,
    }
}
