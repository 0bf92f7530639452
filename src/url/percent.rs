//! Percent-encoding, and which characters stand where in a URL.
//!
//! Source: RFC 3986, sections 2.1 to 2.4 and 3.1.

use std::borrow::Cow;

use percent_encoding::{
    AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode_byte, utf8_percent_encode,
};

/// What RFC 3986 does not call `unreserved`.
const NOT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// `text` with everything percent-encoded that may not stand in a URL.
///
/// A `%XX` that is there already stays; a `%` that begins none is encoded. The host of a URL stays as it is: a host that
/// is not ASCII has another form (`xn--`), and what else does not belong there is no host.
pub fn encode(text: &str) -> String {
    let host = text
        .find("://")
        .filter(|place| is_scheme(&text[..*place]))
        .map_or(0, |place| place + 3);
    let start = if host == 0 {
        0
    } else {
        text[host..]
            .find(['/', '?', '#'])
            .map_or(text.len(), |end| host + end)
    };
    let bytes = text.as_bytes();
    let escape = |index: usize| {
        bytes
            .get(index + 1..index + 3)
            .is_some_and(|next| next.iter().all(u8::is_ascii_hexdigit))
    };
    let mut encoded = String::with_capacity(text.len());
    encoded.push_str(&text[..start]);
    for (index, byte) in bytes.iter().enumerate().skip(start) {
        if is_unsafe(char::from(*byte)) || *byte == b'%' && !escape(index) {
            encoded.push_str(percent_encode_byte(*byte));
        } else {
            encoded.push(char::from(*byte));
        }
    }
    encoded
}

/// Whether a `%` stands in front of something else than two hexadecimal digits.
pub fn has_bare_percent(text: &str) -> bool {
    text.split('%').skip(1).any(|rest| {
        !rest
            .as_bytes()
            .get(..2)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

/// A URL as clients send it: what no client leaves as it is, percent-encoded. A `%` stays.
pub(crate) fn as_sent(url: &str) -> String {
    let mut sent = String::with_capacity(url.len());
    for c in url.chars() {
        match is_unsafe(c) {
            true => sent.extend(c.encode_utf8(&mut [0; 4]).bytes().map(percent_encode_byte)),
            false => sent.push(c),
        }
    }
    sent
}

/// The name or value of a query parameter with everything percent-encoded that is not `unreserved`.
pub(crate) fn encode_component(text: &str) -> String {
    utf8_percent_encode(text, NOT_UNRESERVED).to_string()
}

/// `text` with every `%XX` replaced by what it stands for.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// `text` with every `%XX` replaced; `None` where that is not UTF-8.
pub fn decode_strictly(text: &str) -> Option<String> {
    percent_decode_str(text)
        .decode_utf8()
        .ok()
        .map(|text| text.into_owned())
}

/// The first character of `text` that a client would encode or refuse.
pub(crate) fn first_unsafe(text: &str) -> Option<char> {
    // What is not ASCII begins with a byte that is not ASCII, so the bytes will do.
    let place = text.bytes().position(|byte| UNSAFE[usize::from(byte)])?;
    text[place..].chars().next()
}

/// Whether clients percent-encode, or refuse, this character when they find it in a URL.
fn is_unsafe(c: char) -> bool {
    u8::try_from(c).map_or(true, |byte| UNSAFE[usize::from(byte)])
}

/// By byte: what is not ASCII, controls, and what RFC 3986 has no place for.
const UNSAFE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = !matches!(byte as u8, b'!'..=b'~')
            || matches!(
                byte as u8,
                b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}'
            );
        byte += 1;
    }
    table
};

/// Whether a text could be the protocol of a URL (RFC 3986, section 3.1).
pub(crate) fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}
