//! Rules of percent-encoding and of characters, and the encoders of the world.

use super::Source;
use super::choices::varied;
use super::known_words::{EQUIVALENTS, words};
use crate::url::percent;
use crate::verify::compare::spelling;

/// What an encoder leaves as it is besides letters and digits, and how it writes a space.
pub(super) struct Encoder(&'static str, &'static str);

/// encodeURIComponent.
pub(super) const COMPONENT: Encoder = Encoder("-_.!~*'()", "%20");

/// All that RFC 3986 allows in a query, without and with `=`.
pub(super) const QUERY: Encoder = Encoder("-._~!$'()*,;:@/?", "%20");
pub(super) const QUERY_WITH_EQUALS: Encoder = Encoder("-._~!$'()*+,;:@/?=", "%20");

/// The path of the URL standard, and of java.net.URI.
const PATH: Encoder = Encoder("-_.!~*'();/:@=+$,[]|&%", "%20");

/// The encoders of names, values and segments of paths.
pub(super) const ENCODERS: &[Encoder] = &[
    COMPONENT,
    // rawurlencode, Uri.EscapeDataString, RFC 3986
    Encoder("-_.~", "%20"),
    // URLSearchParams, URLEncoder
    Encoder("-_.*", "+"),
    // urlencode (PHP)
    Encoder("-_.", "+"),
    // quote_plus, url.QueryEscape
    Encoder("-_.~", "+"),
    QUERY,
    QUERY_WITH_EQUALS,
    Encoder("-._~!$'()*+,;:@/?=[]", "%20"),
    // quote(safe="/:@,"), quote
    Encoder("-._~/:@,", "%20"),
    Encoder("-._~/", "%20"),
    // encodeURI
    Encoder("-_.!~*'();/?:@=+$,", "%20"),
    PATH,
];

/// Encodes all but letters and digits.
const EVERYTHING: Encoder = Encoder("", "%20");

impl Encoder {
    /// Writes a decoded text.
    pub(super) fn encode(&self, text: &[u8]) -> String {
        let mut encoded = String::with_capacity(text.len() * 2);
        for byte in text {
            if byte.is_ascii_alphanumeric() || self.0.as_bytes().contains(byte) {
                encoded.push(char::from(*byte));
            } else if *byte == b' ' {
                encoded += self.1;
            } else {
                encoded += percent::escape(*byte);
            }
        }
        encoded
    }
}

/// The bytes that a text stands for; `+` is a space in forms.
pub(super) fn decoded(text: &str, is_form: bool) -> Vec<u8> {
    let space = if is_form { " " } else { "+" };
    percent::decode_bytes(&text.replace('+', space))
}

/// Each segment or value of a text, between separators, in another encoding.
fn pieces(text: &str, separators: &[char], encode: impl Fn(&str) -> String) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for piece in text.split_inclusive(separators) {
        let end = piece.trim_end_matches(separators).len();
        encoded += &encode(&piece[..end]);
        encoded += &piece[end..];
    }
    encoded
}

const PARTS: &[char] = &['/', '?', '&', '='];

/// Path and query decoded, decoded but for ASCII (RFC 3987), with escapes in small letters, and by
/// each encoder.
pub(super) fn recoded(source: &Source<'_>) -> Vec<String> {
    let mut found = source.rewritten(|text| vec![percent::decode(text).into_owned()]);
    found.extend(source.rewritten(|text| {
        let small = spelling::with_hex_digits(text, char::to_ascii_lowercase);
        vec![pieces(text, PARTS, non_ascii_decoded), small]
    }));
    for encoder in ENCODERS.iter().chain([&EVERYTHING]) {
        let encode = |piece: &str| encoder.encode(&decoded(piece, false));
        found.extend(source.rewritten(|text| vec![pieces(text, PARTS, encode)]));
        found.push(source.with_path(&pieces(source.parts.path, &['/'], encode)));
    }
    // The name of the file as it is, behind folders that are encoded.
    let path = source.parts.path;
    let (folder, name) = path.split_at(path.rfind('/').map_or(0, |place| place + 1));
    found.push(source.with_path(&format!("{folder}{}", percent::decode(name))));
    found
}

fn non_ascii_decoded(piece: &str) -> String {
    let mut decoded = String::with_capacity(piece.len());
    for c in percent::decode(piece).chars() {
        if c.is_ascii() {
            decoded += &PATH.encode(&[c as u8]);
        } else {
            decoded.push(c);
        }
    }
    decoded
}

/// Each `+`, `%20` and `%2B` as any of them or a space.
pub(super) fn plus_and_space(source: &Source<'_>) -> Vec<String> {
    let most = source.most(256, 16);
    let forms = ["+", "%20", "%2B", " "];
    source.with_paths(&varied(source.parts.path, &forms, most))
}

/// Each of some characters encoded or not.
pub(super) fn characters(source: &Source<'_>) -> Vec<String> {
    let most = source.most(28, 7);
    let mut found = Vec::new();
    for c in "'()~!,@*:;$[]+&=-_.{}|^\"<>` \\".chars().take(most) {
        let (plain, escape) = (c.to_string(), format!("%{:02X}", u32::from(c)));
        let forms = [plain.as_str(), &escape, &escape.to_lowercase()];
        found.extend(source.rewritten(|text| varied(text, &forms, 0)));
    }
    found
}

/// Each of the texts that programs exchange in place of the others: separators, levels of encoding.
pub(super) fn other_texts(source: &Source<'_>) -> Vec<String> {
    let most = source.most(128, 0);
    let mut found = Vec::new();
    for forms in EQUIVALENTS {
        let forms: Vec<&str> = words(forms).collect();
        found.extend(source.rewritten(|text| varied(text, &forms, most)));
    }
    found
}

/// Gives the same characters in another form.
type Form = fn(&str) -> String;

/// Other forms and encodings of the same characters, and those that mail programs and word
/// processors set.
pub(super) fn unicode(source: &Source<'_>) -> Vec<String> {
    const FORMS: &[Form] = &[
        spelling::normalized,
        spelling::decomposed,
        spelling::without_mojibake,
        |text| spelling::decoded(text).bytes().map(char::from).collect(),
        spelling::visible,
        spelling::straight,
        |text| spelling::straight(&spelling::visible(text)),
        spelling::trimmed,
    ];
    if !source.url.contains(['%', '+']) && source.url.is_ascii() {
        return Vec::new();
    }
    let encode = |text: String| QUERY_WITH_EQUALS.encode(text.as_bytes());
    let mut found = Vec::new();
    for form in FORMS {
        found.extend(
            source.rewritten(|text| vec![pieces(text, PARTS, |piece| encode(form(piece)))]),
        );
    }
    found.extend(source.rewritten(|text| vec![pieces(text, PARTS, latin_1)]));
    found
}

fn latin_1(piece: &str) -> String {
    let text = spelling::decoded(piece);
    let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
    bytes.map_or_else(
        |_| piece.to_owned(),
        |bytes| QUERY_WITH_EQUALS.encode(&bytes),
    )
}
