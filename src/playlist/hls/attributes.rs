//! Attribute lists of HLS tags: `NAME=value,NAME="value"`.
//!
//! Real playlists contain names that the standard does not allow, words without a value and empty
//! items, which players pass over. They are read here too, so that no URI after them is missed.
//!
//! Source: RFC 8216, section 4.2.

use crate::playlist::span::Span;

/// An attribute of a tag.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attribute<'a> {
    pub name: &'a str,
    /// The value, with its quotes.
    pub value: Span<'a>,
}

/// Iterates over the attributes of a tag, up to a quotation mark in a wrong place.
#[derive(Debug, Clone, Copy)]
pub(super) struct AttributeList<'a> {
    rest: Span<'a>,
    is_malformed: bool,
}

impl<'a> AttributeList<'a> {
    /// The attributes in `list`, the text after the tag's colon.
    pub fn new(list: Span<'a>) -> Self {
        AttributeList {
            rest: list,
            is_malformed: false,
        }
    }

    /// The value of a quoted attribute, without its quotes.
    pub fn quoted(mut self, name: &str) -> Option<&'a str> {
        let attribute = self.find(|attribute| attribute.name == name)?;
        attribute.unquoted().map(|value| value.text)
    }

    /// Returns whether the iteration ended before the end of the list.
    pub fn is_malformed(&self) -> bool {
        self.is_malformed
    }

    /// Takes a value off the list, with the comma after it; `None` if its quotes are misplaced.
    fn value(&mut self) -> Option<Span<'a>> {
        let value = self.rest.trim();
        let quoted_len = match value.text.strip_prefix('"') {
            Some(text) => text.find('"')? + 2,
            None => 0,
        };
        // A comma inside the quotes is part of the value.
        let after = value.skip(quoted_len).before(',');
        if after.text.contains('"') || quoted_len > 0 && !after.trim().is_empty() {
            return None;
        }
        let end = quoted_len + after.text.len();
        self.rest = value.skip(end + 1);
        Some(value.up_to(end).trim())
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
        while let Some(end) = self.rest.text.find(['=', ',', '"']) {
            let name = self.rest.up_to(end).trim();
            let delimiter = self.rest.text.as_bytes()[end];
            match delimiter {
                b',' => self.rest = self.rest.skip(end + 1),
                b'"' if name.is_empty() => match self.value() {
                    Some(_) => {}
                    None => break,
                },
                b'=' => {
                    self.rest = self.rest.skip(end + 1);
                    match self.value() {
                        Some(value) => {
                            return Some(Attribute {
                                name: name.text,
                                value,
                            });
                        }
                        None => break,
                    }
                }
                _ => break,
            }
        }
        self.is_malformed = self.rest.text.contains('"');
        self.rest = self.rest.skip(usize::MAX);
        None
    }
}
