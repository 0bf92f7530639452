//! XML as far as manifests need it: namespaces, attributes, fragments.

use quick_xml::events::BytesStart;
use quick_xml::name::ResolveResult;

use crate::playlist::position::range_of;

/// The name of an element's namespace; empty if it has none.
pub(super) fn namespace_name(resolved: &ResolveResult<'_>) -> String {
    match resolved {
        ResolveResult::Bound(namespace) => namespace.into_inner().to_owned(),
        ResolveResult::Unbound => String::new(),
        // An undeclared prefix is a namespace of its own.
        ResolveResult::Unknown(prefix) => format!("{prefix}:"),
    }
}

/// An attribute, as slices of the manifest.
#[derive(Debug)]
pub(super) struct Attribute<'a> {
    /// The name; of one with a prefix, from its colon on.
    pub name: &'a str,
    /// The escaped value, without its quotes and white space around it.
    pub value: &'a str,
}

/// The attributes of an element of the manifest in `body`; `None` if a value is not in quotes.
pub(super) fn attributes<'a>(
    element: &BytesStart<'_>,
    body: &'a str,
) -> Option<Vec<Attribute<'a>>> {
    let mut attributes = Vec::new();
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.ok()?;
        // The element borrows from the body, but not for as long.
        let name = body.get(range_of(body, attribute.key.into_inner()))?;
        attributes.push(Attribute {
            name: &name[name.find(':').unwrap_or(0)..],
            value: body.get(range_of(body, &attribute.value))?.trim(),
        });
    }
    Some(attributes)
}

/// The escaped value of an attribute without a prefix.
pub(super) fn value_of<'a>(attributes: &[Attribute<'a>], name: &str) -> Option<&'a str> {
    let attribute = attributes.iter().find(|attribute| attribute.name == name)?;
    Some(attribute.value)
}

/// The part of an escaped text before its fragment. A `#` after `&` belongs to the number of a
/// character.
pub(super) fn without_fragment(raw: &str) -> &str {
    let mut hashes = raw.match_indices('#').map(|(place, _)| place);
    let fragment = hashes.find(|place| !raw[..*place].ends_with('&'));
    &raw[..fragment.unwrap_or(raw.len())]
}
