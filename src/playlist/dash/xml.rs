//! XML as far as manifests need it: namespaces, attributes with byte positions, entities.

use std::borrow::Cow;

use quick_xml::escape::unescape;
use quick_xml::events::BytesStart;
use quick_xml::events::attributes::AttrError;
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
        // An undeclared prefix is a namespace of its own.
        ResolveResult::Unknown(prefix) => Cow::Owned(format!("{prefix}:")),
    }
}

/// An attribute of a tag.
#[derive(Debug)]
pub(super) struct Attribute<'a> {
    pub has_prefix: bool,
    /// The name without its prefix.
    pub name: &'a str,
    /// The escaped value, without its quotes.
    pub value: Span<'a>,
}

/// The attributes of an element in `body`.
pub(super) fn attributes<'a>(
    element: &BytesStart<'_>,
    body: Span<'a>,
) -> Result<Vec<Attribute<'a>>, AttrError> {
    let mut attributes = Vec::new();
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute?;
        let name = body.position_of(attribute.key.local_name().as_ref());
        if let (Some(name), Some(value)) = (name, body.position_of(&attribute.value)) {
            attributes.push(Attribute {
                has_prefix: attribute.key.prefix().is_some(),
                name: name.text,
                value,
            });
        }
    }
    Ok(attributes)
}

/// The escaped value of an attribute without a prefix, without white space around it.
pub(super) fn value_of<'a>(attributes: &[Attribute<'a>], name: &str) -> Option<&'a str> {
    let attribute = attributes
        .iter()
        .find(|attribute| !attribute.has_prefix && attribute.name == name)?;
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
