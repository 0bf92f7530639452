//! Attribute lists of HLS tags: `NAME=value,NAME="value"`.
//!
//! Real playlists contain names that the standard does not allow, words without a value and empty
//! items, which players pass over. They are read here too, so that no URI after them is missed.
//!
//! Source: RFC 8216, section 4.2.

use crate::playlist::span::Span;

#[derive(Debug, Clone, Copy)]
pub(super) struct Attribute<'a> {
    pub name: &'a str,
    /// The value, with its quotes.
    pub value: Span<'a>,
}

impl<'a> Attribute<'a> {
    /// The value without its quotes; `None` for a value that has none.
    pub fn unquoted(&self) -> Option<Span<'a>> {
        self.value.between("\"", "\"")
    }
}

/// The attributes in `list`, the text after a tag's colon, up to a quotation mark in a wrong place;
/// and the text from there.
pub(super) fn attributes(list: Span<'_>) -> (Vec<Attribute<'_>>, Span<'_>) {
    let mut attributes = Vec::new();
    let mut rest = list;
    while let Some(end) = rest.text.find(['=', ',', '"']) {
        let name = rest.up_to(end).trim().text;
        let value = match rest.text.as_bytes()[end] {
            b',' => {
                rest = rest.skip(end + 1);
                continue;
            }
            b'=' => rest.skip(end + 1),
            // A value without a name.
            _ if name.is_empty() => rest,
            _ => break,
        };
        let Some((value, after)) = split_value(value.trim()) else {
            break;
        };
        attributes.push(Attribute { name, value });
        rest = after;
    }
    (attributes, rest)
}

/// A value and the text after its comma; `None` if its quotes are misplaced.
fn split_value(text: Span<'_>) -> Option<(Span<'_>, Span<'_>)> {
    let quoted_len = match text.text.strip_prefix('"') {
        Some(text) => text.find('"')? + 2,
        None => 0,
    };
    // A comma inside the quotes is part of the value.
    let after = text.skip(quoted_len).before(&[',']);
    if after.text.contains('"') || quoted_len > 0 && !after.trim().is_empty() {
        return None;
    }
    let end = quoted_len + after.text.len();
    Some((text.up_to(end).trim(), text.skip(end + 1)))
}

/// The value of a quoted attribute, without its quotes.
pub(super) fn quoted<'a>(attributes: &[Attribute<'a>], name: &str) -> Option<&'a str> {
    let attribute = attributes.iter().find(|attribute| attribute.name == name)?;
    Some(attribute.unquoted()?.text)
}
