//! Attribute lists of HLS tags: `NAME=value,NAME="value"`.
//!
//! Real playlists contain names that the standard does not allow, words without a value and empty
//! items, which players pass over. They are read here too, so that no URI after them is missed.
//!
//! Source: RFC 8216, section 4.2.

#[derive(Debug, Clone, Copy)]
pub(super) struct Attribute<'a> {
    pub name: &'a str,
    /// The value, with its quotes.
    pub value: &'a str,
}

impl<'a> Attribute<'a> {
    /// The value without its quotes; `None` for a value that has none.
    pub fn unquoted(&self) -> Option<&'a str> {
        self.value.strip_prefix('"')?.strip_suffix('"')
    }
}

/// The attributes in `list`, the text after a tag's colon, up to a quotation mark in a wrong place;
/// and the text from there.
pub(super) fn attributes(list: &str) -> (Vec<Attribute<'_>>, &str) {
    let mut attributes = Vec::new();
    let mut rest = list;
    while let Some(end) = rest.find(['=', ',', '"']) {
        let name = rest[..end].trim();
        let value = match rest.as_bytes()[end] {
            b',' => {
                rest = &rest[end + 1..];
                continue;
            }
            b'=' => &rest[end + 1..],
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
fn split_value(text: &str) -> Option<(&str, &str)> {
    let quoted_len = match text.strip_prefix('"') {
        Some(text) => text.find('"')? + 2,
        None => 0,
    };
    // A comma inside the quotes is part of the value.
    let after_quotes = &text[quoted_len..];
    let (more, after) = after_quotes.split_once(',').unwrap_or((after_quotes, ""));
    if more.contains('"') || quoted_len > 0 && !more.trim().is_empty() {
        return None;
    }
    Some((text[..quoted_len + more.len()].trim(), after))
}

/// The value of a quoted attribute, without its quotes.
pub(super) fn quoted<'a>(attributes: &[Attribute<'a>], name: &str) -> Option<&'a str> {
    let attribute = attributes.iter().find(|attribute| attribute.name == name)?;
    attribute.unquoted()
}
