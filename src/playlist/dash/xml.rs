//! XML as far as manifests need it: namespaces, attributes with byte positions, fragments.

use quick_xml::escape::unescape;
use quick_xml::name::ResolveResult;

use crate::playlist::span::Span;

/// The name of an element's namespace; empty if it has none.
pub(super) fn namespace_name(resolved: &ResolveResult<'_>) -> String {
    match resolved {
        ResolveResult::Bound(namespace) => namespace.into_inner().to_owned(),
        ResolveResult::Unbound => String::new(),
        // An undeclared prefix is a namespace of its own.
        ResolveResult::Unknown(prefix) => format!("{prefix}:"),
    }
}

#[derive(Debug)]
pub(super) struct Attribute<'a> {
    /// The name; of one with a prefix, from its colon on.
    pub name: &'a str,
    /// The escaped value, without its quotes.
    pub value: Span<'a>,
}

/// The attributes of a start tag; `None` if a value is not in quotes.
pub(super) fn attributes(tag: Span<'_>) -> Option<Vec<Attribute<'_>>> {
    let mut attributes = Vec::new();
    // The name of the element.
    let mut rest = tag.skip(tag.text.find(char::is_whitespace).unwrap_or(usize::MAX));
    while let Some((name, after)) = rest.split_once('=') {
        let after = after.trim();
        let quote = after.text.chars().next()?;
        if !matches!(quote, '"' | '\'') {
            return None;
        }
        let (value, next) = after.skip(1).split_once(quote)?;
        let name = name.trim().text;
        let name = &name[name.find(':').unwrap_or(0)..];
        attributes.push(Attribute { name, value });
        rest = next;
    }
    Some(attributes)
}

/// The escaped value of an attribute without a prefix, without white space around it.
pub(super) fn value_of<'a>(attributes: &[Attribute<'a>], name: &str) -> Option<&'a str> {
    let attribute = attributes.iter().find(|attribute| attribute.name == name)?;
    Some(attribute.value.trim().text)
}

/// The part of an escaped text before its fragment; the `#` of a character reference does not begin
/// one.
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
