//! Attribute lists of HLS tags: `NAME=value,NAME="value"`.
//!
//! Source: RFC 8216, section 4.2.

use crate::playlist::span::Span;

/// An attribute of a tag.
#[derive(Debug, Clone, Copy)]
pub(in crate::playlist) struct Attribute<'a> {
    pub name: &'a str,
    /// The value, with its quotes.
    pub value: Span<'a>,
}

/// Iterates over the attributes of a tag, up to the first text that is not an attribute.
#[derive(Debug, Clone, Copy)]
pub(in crate::playlist) struct AttributeList<'a> {
    rest: Span<'a>,
}

impl<'a> AttributeList<'a> {
    /// The attributes in `list`, the text after the tag's colon.
    pub fn new(list: Span<'a>) -> Self {
        AttributeList { rest: list }
    }

    /// The value of a quoted attribute, without its quotes.
    pub fn quoted(mut self, name: &str) -> Option<&'a str> {
        let attribute = self.find(|attribute| attribute.name == name)?;
        attribute.unquoted().map(|value| value.text)
    }
}

impl<'a> Attribute<'a> {
    /// The value without its quotes; `None` for a value that has none.
    pub fn unquoted(&self) -> Option<Span<'a>> {
        self.value.between("\"", "\"")
    }
}

impl<'a> Iterator for AttributeList<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = self.rest.split_once('=')?;
        let name = name.text.trim();
        if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return None;
        }
        // A comma inside the quotes is part of the value.
        let closing_quote = value.text.strip_prefix('"').and_then(|text| text.find('"'));
        let quoted_len = closing_quote.map_or(0, |quote| quote + 2);
        let comma = value.text[quoted_len..].find(',');
        let end = comma.map_or(value.text.len(), |comma| quoted_len + comma);
        self.rest = value.skip(end + 1);
        Some(Attribute {
            name,
            value: value.up_to(end).trim(),
        })
    }
}
