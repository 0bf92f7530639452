//! What XML does to a text: namespaces around it, entities in it.

use std::borrow::Cow;

use quick_xml::escape::{escape, unescape};
use quick_xml::name::ResolveResult;

/// A text as it stands in XML, in an attribute with either quotes or in an element.
pub fn escaped(text: &str) -> Cow<'_, str> {
    escape(text)
}

/// The name of an element's namespace, empty for one that has none.
pub(super) fn name_of<'a>(resolved: &ResolveResult<'a>) -> Cow<'a, str> {
    match resolved {
        ResolveResult::Bound(namespace) => Cow::Borrowed(namespace.into_inner()),
        ResolveResult::Unbound => Cow::Borrowed(""),
        // A prefix that is declared nowhere makes a name like any other.
        ResolveResult::Unknown(prefix) => Cow::Owned(format!("{prefix}:")),
    }
}

/// The part of a text in XML before its fragment; the `#` of an entity begins none.
pub(super) fn without_fragment(raw: &str) -> &str {
    let mut place = 0;
    while let Some(next) = raw[place..].find(['#', '&']) {
        let rest = &raw[place + next..];
        let end = if rest.starts_with('#') {
            0
        } else {
            rest.find(';').unwrap_or(rest.len() - 1)
        };
        if unescape(&rest[..=end]).is_ok_and(|text| text == "#") {
            return &raw[..place + next];
        }
        place += next + end + 1;
    }
    raw
}
