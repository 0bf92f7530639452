//! Two spellings of the same text in a URL: percent-encoding, Unicode forms, letter case.

use unicode_normalization::UnicodeNormalization;

use crate::url::percent;

/// A kind of spelling, in which two texts may differ.
#[derive(Debug)]
pub(super) struct Spelling {
    pub(super) notes: &'static [&'static str],
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
const SPELLINGS: [Spelling; 13] = [
    Spelling::new(
        &["hexadecimal digits in another case"],
        Effect::Encoding,
        hex_case,
    ),
    Spelling::new(&["percent-encoding"], Effect::Encoding, decoded_bytes),
    Spelling::new(&["spaces as + or %20"], Effect::Encoding, |text| {
        hex_case(&text.replace(['+', ' '], "%20"))
    }),
    Spelling::new(&["Latin-1 or UTF-8"], Effect::Encoding, decoded),
    Spelling::new(
        &["spaces as + or %20", "percent-encoding"],
        Effect::Encoding,
        |text| decoded(text).replace('+', " "),
    ),
    Spelling::new(&["Unicode normalization"], Effect::Encoding, |text| {
        decoded(text).nfc().collect()
    }),
    Spelling::new(&["percent-encoded twice"], Effect::Encoding, fully_decoded),
    Spelling::new(&["UTF-8 read as Latin-1"], Effect::Encoding, |text| {
        without_mojibake(decoded(text))
    }),
    Spelling::new(&["backslashes"], Effect::Encoding, |text| {
        decoded(text).replace('\\', "/")
    }),
    Spelling::new(&["invisible characters"], Effect::Text, |text| {
        visible(&decoded(text))
    }),
    Spelling::new(&["white space"], Effect::Text, |text| {
        trimmed(&decoded(text))
    }),
    Spelling::new(&["typographic quotes or dashes"], Effect::Text, |text| {
        straight(&decoded(text))
    }),
    Spelling::new(&["upper and lower case"], Effect::Case, |text| {
        decoded(text).to_lowercase()
    }),
];

impl Spelling {
    const fn new(notes: &'static [&'static str], effect: Effect, form: fn(&str) -> String) -> Self {
        Spelling {
            notes,
            effect,
            form,
        }
    }

    /// The first kind of spelling that explains the difference between two texts.
    pub(super) fn between(signed: &str, received: &str) -> Option<&'static Spelling> {
        const SEVERAL: &Spelling = &Spelling::new(&["several spellings"], Effect::Encoding, folded);
        const ALL: &[Spelling] = &SPELLINGS;
        if folded(signed) != folded(received) {
            return None;
        }
        let explains = |spelling: &&Spelling| (spelling.form)(signed) == (spelling.form)(received);
        Some(ALL.iter().find(explains).unwrap_or(SEVERAL))
    }
}

/// The form that is the same in all spellings.
pub(super) fn folded(text: &str) -> String {
    let text = without_mojibake(fully_decoded(text).replace('+', " "));
    let text: String = straight(&trimmed(&visible(&text.replace('\\', "/"))))
        .nfc()
        .collect();
    text.to_lowercase()
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
    match String::from_utf8(percent::decode_bytes(text)) {
        Ok(text) => text,
        Err(not_utf8) => not_utf8.into_bytes().into_iter().map(char::from).collect(),
    }
}

/// The text after as many as three rounds of percent-decoding.
fn fully_decoded(text: &str) -> String {
    let once = decoded(text);
    decoded(&decoded(&once))
}

/// The text without UTF-8 that was read as Latin-1 and encoded again.
fn without_mojibake(text: String) -> String {
    let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
    match bytes.map(String::from_utf8) {
        Ok(Ok(repaired)) => repaired,
        _ => text,
    }
}

/// Returns whether a character takes no room, or is a control character.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn visible(text: &str) -> String {
    text.chars().filter(|c| !is_invisible(*c)).collect()
}

/// The text without white space at the ends of its path segments.
fn trimmed(text: &str) -> String {
    let segments: Vec<&str> = text.split('/').map(str::trim).collect();
    segments.join("/")
}

/// The text with typewriter quotes and dashes, and a dash for each two of them.
fn straight(text: &str) -> String {
    let plain = |c| match c {
        '\u{2018}'..='\u{201b}' | '\u{2032}' => '\'',
        '\u{201c}'..='\u{201f}' | '\u{2033}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' => ' ',
        other => other,
    };
    let text: String = text.chars().map(plain).collect();
    text.replace("--", "-").replace('\u{2026}', "...")
}
