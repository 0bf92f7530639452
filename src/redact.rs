//! Telling a key from the name of a key.
//!
//! People put the key itself where the name of its file belongs, and two CI variables get swapped. What looks like a key
//! must not be repeated in a message.

use crate::base64;

/// Whether `text` is a private key or the beginning of one: PEM, or the base64 of PEM or of a DER structure that begins
/// as keys do.
pub fn looks_like_key(text: &str) -> bool {
    let text = text.trim_start_matches(['"', '\'', ' ', '\n', '\u{feff}']);
    if let Some((_, body)) = text.split_once("PRIVATE KEY-----") {
        return is_base64(body);
    }
    if text.starts_with("LS0tLS1CRUdJTi") {
        return is_base64(text);
    }
    // The first 12 characters are 9 bytes: a SEQUENCE, its length, and a version number or a second SEQUENCE.
    let Some(head) = text
        .get(..12)
        .filter(|head| head.starts_with('M') && is_base64(text))
    else {
        return false;
    };
    match base64::decode_standard(head).as_deref() {
        Some([0x30, 0x82, _, _, tag, ..] | [0x30, 0x81, _, tag, ..] | [0x30, ..=0x7f, tag, ..]) => {
            matches!(tag, 0x02 | 0x30)
        }
        _ => false,
    }
}

/// Whether `text` begins with a line's worth of base64, white space and escaped line breaks left out.
fn is_base64(text: &str) -> bool {
    let mut characters = text.bytes().filter(|b| !b.is_ascii_whitespace()).take(40);
    text.len() >= 40 && characters.all(|b| b.is_ascii_alphanumeric() || b"+/=\\".contains(&b))
}
