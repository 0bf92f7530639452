//! Two spellings of the same text in a URL: percent-encoding, Unicode forms, letter case.

use unicode_normalization::UnicodeNormalization;

use crate::url::percent;

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
    Spelling::new(
        "hexadecimal digits in another case",
        Effect::Encoding,
        hex_case,
    ),
    Spelling::new("percent-encoding", Effect::Encoding, decoded_bytes),
    Spelling::new("spaces as + or %20", Effect::Encoding, encoded_spaces),
    Spelling::new("Latin-1 or UTF-8", Effect::Encoding, decoded),
    Spelling::new(
        "spaces as + or %20, percent-encoding",
        Effect::Encoding,
        decoded_spaces,
    ),
    Spelling::new("Unicode normalization", Effect::Encoding, normalized),
    Spelling::new("percent-encoded twice", Effect::Encoding, fully_decoded),
    Spelling::new("UTF-8 read as Latin-1", Effect::Encoding, without_mojibake),
    Spelling::new("backslashes", Effect::Encoding, with_slashes),
    Spelling::new("invisible characters", Effect::Text, visible),
    Spelling::new("white space", Effect::Text, trimmed),
    Spelling::new("typographic quotes or dashes", Effect::Text, straight),
    Spelling::new("upper and lower case", Effect::Case, lower),
    Spelling::new("several spellings", Effect::Encoding, folded),
];

impl Spelling {
    const fn new(note: &'static str, effect: Effect, form: fn(&str) -> String) -> Self {
        Spelling { note, effect, form }
    }

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

/// The text with the hexadecimal digits of all escapes in capitals.
fn hex_case(text: &str) -> String {
    let mut upper = String::with_capacity(text.len());
    let mut digits = 0;
    for c in text.chars() {
        if c == '%' {
            digits = 2;
            upper.push(c);
        } else if digits > 0 {
            digits -= 1;
            upper.push(c.to_ascii_uppercase());
        } else {
            upper.push(c);
        }
    }
    upper
}

/// The percent-decoded bytes, as a character each.
fn decoded_bytes(text: &str) -> String {
    percent::decode_bytes(text)
        .into_iter()
        .map(char::from)
        .collect()
}

/// The percent-decoded text, read as UTF-8 or else as Latin-1.
pub(super) fn decoded(text: &str) -> String {
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

fn normalized(text: &str) -> String {
    decoded(text).nfc().collect()
}

/// The text without UTF-8 that was read as Latin-1 and encoded again.
fn without_mojibake(text: &str) -> String {
    let text = decoded(text);
    let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
    match bytes.map(String::from_utf8) {
        Ok(Ok(repaired)) => repaired,
        _ => text,
    }
}

/// The text without control characters and characters that take no room.
fn visible(text: &str) -> String {
    const ZERO_WIDTH: &str = "\u{ad}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2060}\u{feff}";
    decoded(text).replace(|c: char| c.is_control() || ZERO_WIDTH.contains(c), "")
}

/// The text without white space at the ends of its path segments.
fn trimmed(text: &str) -> String {
    let text = decoded(text);
    let segments: Vec<&str> = text.split('/').map(str::trim).collect();
    segments.join("/")
}

/// The text with typewriter quotes and dashes, and a dash for each two of them.
fn straight(text: &str) -> String {
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
