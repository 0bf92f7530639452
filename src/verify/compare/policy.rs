//! The differences between two policy texts: as bytes, then as JSON.

use super::change::{Change, ChangeKind};
use crate::error::quoted;
use crate::policy::json::{is_space, tokens};

/// Compares a signed policy with the one that CloudFront received or rebuilt, for the same URL and
/// the same times: their JSON may be written in another way.
///
/// The list is empty only if the policies are equal, and each piece of a change stands in its text.
pub fn policy(signed: &[u8], received: &[u8]) -> Vec<Change> {
    if signed == received {
        return Vec::new();
    }
    let mut was = Text::read(signed);
    let mut is = Text::read(received);
    was.compare(&mut is);
    let text = match (was.words().as_str(), is.words().as_str()) {
        ("", "") => "another policy text was signed".to_owned(),
        (was, "") => format!("the policy was signed {was}"),
        ("", is) => format!("the signed policy was received {is}"),
        (was, is) => format!("the policy was signed {was}, and received {is}"),
    };
    let signed = was.forms.into_iter().map(|(_, piece)| (piece, None));
    let received = is.forms.into_iter().map(|(_, piece)| (None, piece));
    let mut pieces: Vec<_> = signed.chain(received).collect();
    if pieces.is_empty() {
        pieces.push((None, None));
    }
    let changes = pieces.into_iter().map(|(signed, received)| Change {
        kind: ChangeKind::PolicyText,
        signed,
        received,
        text: text.clone(),
    });
    changes.collect()
}

/// The text of a policy, decoded as far as JSON.
struct Text {
    raw: String,
    json: String,
    /// The ways in which it is written, in words that continue "the policy was signed", each with a
    /// piece that shows it.
    forms: Vec<(String, Option<String>)>,
}

impl Text {
    fn read(bytes: &[u8]) -> Self {
        let raw = String::from_utf8_lossy(bytes).into_owned();
        let decoded = utf16(bytes);
        let is_utf16 = decoded.is_some();
        let mut text = Text {
            json: decoded.unwrap_or_else(|| raw.clone()),
            raw,
            forms: Vec::new(),
        };
        if is_utf16 {
            text.add("in UTF-16", "");
        }
        if let Some(rest) = text.json.strip_prefix('\u{feff}') {
            text.json = rest.to_owned();
            text.add("with a byte-order mark", "\u{feff}");
        }
        if let Some(inner) = unescaped(&text.json) {
            text.json = inner;
            text.add("as a JSON string", "\\\"");
        }
        let end = text
            .json
            .rfind('}')
            .map_or(text.json.len(), |last| last + 1);
        let tail = text.json.split_off(end);
        match tail.as_str() {
            "" => {}
            "\n" => text.add("with a line break at the end", &tail),
            more => text.add(&format!("with {} at the end", quoted(more)), more),
        }
        if !text.json.contains('"') && text.json.contains('\'') {
            text.json = text.json.replace('\'', "\"");
            text.add("with single quotes", "'");
        }
        // Escapes that JSON does not need, by an example.
        for (start, length) in [("\\/", 2), ("\\u", 6)] {
            let at = text.json.find(start).unwrap_or(text.json.len());
            if let Some(escape) = text.json.get(at..at + length) {
                let escape = escape.to_owned();
                let character = unescaped(&format!("\"{escape}\"")).unwrap_or_default();
                text.add(&format!("with {escape} for {character}"), &escape);
            }
        }
        let spaces = text.spaces();
        let kinds = [
            ("\r\n", "with CRLF line breaks"),
            ("\n", "with line breaks"),
            (" ", "with spaces"),
            ("\t", "with tabs"),
        ];
        if let Some((space, words)) = kinds.iter().find(|(space, _)| spaces.contains(space)) {
            text.add(words, space);
        }
        if text.json.contains('{') && !text.json.contains('[') {
            text.add("with Statement as an object", "");
        }
        text
    }

    /// Adds a form. A piece of the decoded text need not be one of the bytes.
    fn add(&mut self, words: &str, piece: &str) {
        let is_piece = !piece.is_empty() && self.raw.contains(piece);
        let piece = is_piece.then(|| piece.to_owned());
        self.forms.push((words.to_owned(), piece));
    }

    fn words(&self) -> String {
        let words: Vec<&str> = self.forms.iter().map(|(words, _)| words.as_str()).collect();
        words.join(", ")
    }

    /// All white space outside strings.
    fn spaces(&self) -> String {
        tokens(&self.json).filter(|token| is_space(token)).collect()
    }

    /// The keys of all objects, in their order.
    fn keys(&self) -> Vec<String> {
        let tokens = tokens(&self.json).filter(|token| !is_space(token));
        let tokens: Vec<&str> = tokens.collect();
        let keys = tokens.windows(2).filter(|pair| pair[1] == ":");
        keys.map(|pair| unescaped(pair[0]).unwrap_or_else(|| pair[0].to_owned()))
            .collect()
    }

    /// Leaves the forms that only one of two texts has, and adds those that a comparison shows.
    fn compare(&mut self, other: &mut Text) {
        let (spaces, other_spaces) = (self.spaces(), other.spaces());
        let own = self.forms.clone();
        self.forms.retain(|form| !other.forms.contains(form));
        other.forms.retain(|form| !own.contains(form));
        if self.forms.is_empty() && other.forms.is_empty() && spaces != other_spaces {
            self.add("with other white space", "");
        }
        let (keys, other_keys) = (self.keys(), other.keys());
        let (more, fewer) = (without(&keys, &other_keys), without(&other_keys, &keys));
        if more.is_empty() && fewer.is_empty() && keys != other_keys {
            self.add("with its keys in another order", "");
        }
        for place in 0..more.len().max(fewer.len()) {
            match (more.get(place), fewer.get(place)) {
                (Some(key), Some(other)) => {
                    self.add(&format!("with {} for {}", quoted(key), quoted(other)), key);
                }
                (Some(key), None) => self.add(&format!("with {}", quoted(key)), key),
                (None, Some(key)) => self.add(&format!("without {}", quoted(key)), ""),
                (None, None) => {}
            }
        }
    }
}

/// Text in UTF-16, recognized by its byte-order mark or by its first character.
fn utf16(bytes: &[u8]) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] | [b'{', 0, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] | [0, b'{', ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| unit([pair[0], pair[1]]))
        .collect();
    Some(String::from_utf16_lossy(&units))
}

/// The content of a JSON string with its quotes.
fn unescaped(token: &str) -> Option<String> {
    serde_json::from_str(token).ok()
}

/// The elements of `list` that are not in `others`, which may contain them several times.
fn without(list: &[String], others: &[String]) -> Vec<String> {
    let mut left = list.to_vec();
    for other in others {
        if let Some(at) = left.iter().position(|own| own == other) {
            left.remove(at);
        }
    }
    left
}
