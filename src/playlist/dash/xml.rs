//! XML as far as manifests need it: namespaces, tags with byte positions, entities.

use std::borrow::Cow;

use quick_xml::escape::unescape;
use quick_xml::name::ResolveResult;

use crate::playlist::span::Span;

/// `text` escaped for an element or for an attribute with either kind of quote.
pub(in crate::playlist) fn escape(text: &str) -> Cow<'_, str> {
    quick_xml::escape::escape(text)
}

/// The name of an element's namespace; empty if it has none.
pub(super) fn namespace_name<'a>(resolved: &ResolveResult<'a>) -> Cow<'a, str> {
    match resolved {
        ResolveResult::Bound(namespace) => Cow::Borrowed(namespace.into_inner()),
        ResolveResult::Unbound => Cow::Borrowed(""),
        // An undeclared prefix makes a name of its own.
        ResolveResult::Unknown(prefix) => Cow::Owned(format!("{prefix}:")),
    }
}

/// A start tag.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag<'a> {
    /// The tag from behind its `<` up to its `>` or `/>`.
    span: Span<'a>,
}

/// An attribute of a tag.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attribute<'a> {
    /// The text before the colon of the name, if there is one.
    pub prefix: Option<&'a str>,
    pub name: &'a str,
    /// The escaped value, without its quotes.
    pub value: Span<'a>,
}

impl<'a> Tag<'a> {
    /// A tag from `markup`, all of it from `<` to `>`.
    pub fn new(markup: Span<'a>) -> Self {
        let inner = markup.between("<", ">").unwrap_or(markup);
        let span = inner.between("", "/").unwrap_or(inner);
        Tag { span }
    }

    /// The prefix of the element's name with its colon, or an empty text.
    pub fn prefix(self) -> &'a str {
        let name = self.span.up_to(self.name_len()).text;
        name.find(':').map_or("", |colon| &name[..=colon])
    }

    /// The attributes, up to the first text that is not one.
    pub fn attributes(self) -> Attributes<'a> {
        Attributes {
            rest: self.span.skip(self.name_len()),
        }
    }

    /// The value of an attribute without a prefix, still escaped.
    pub fn attribute(self, name: &str) -> Option<Span<'a>> {
        let mut attributes = self.attributes();
        let attribute = attributes.find(|found| found.prefix.is_none() && found.name == name)?;
        Some(attribute.value)
    }

    fn name_len(self) -> usize {
        let text = self.span.text;
        text.find(|c: char| c.is_ascii_whitespace())
            .unwrap_or(text.len())
    }
}

/// Iterates over the attributes of a tag.
#[derive(Debug)]
pub(super) struct Attributes<'a> {
    rest: Span<'a>,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = self.rest.split_once('=')?;
        let quote = value.text.find(['"', '\''])?;
        let delimiter = if value.text[quote..].starts_with('"') {
            '"'
        } else {
            '\''
        };
        let (value, rest) = value.skip(quote + 1).split_once(delimiter)?;
        self.rest = rest;
        let name = name.text.trim();
        let (prefix, name) = match name.split_once(':') {
            Some((prefix, local)) => (Some(prefix), local),
            None => (None, name),
        };
        Some(Attribute {
            prefix,
            name,
            value,
        })
    }
}

/// The part of an escaped text before its fragment; the `#` of a character reference does not begin one.
pub(super) fn without_fragment(raw: Span<'_>) -> Span<'_> {
    let mut position = 0;
    while let Some(next) = raw.text[position..].find(['#', '&']) {
        let start = position + next;
        let rest = &raw.text[start..];
        let end = if rest.starts_with('#') {
            0
        } else {
            rest.find(';').unwrap_or(rest.len() - 1)
        };
        if unescape(&rest[..=end]).is_ok_and(|text| text == "#") {
            return raw.up_to(start);
        }
        position = start + end + 1;
    }
    raw
}
