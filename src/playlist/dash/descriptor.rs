//! The descriptor that makes players add the query of the manifest's own URL, its signature
//! included, to segment requests.
//!
//! Players add it whatever the host of a segment is. So it is inserted only into adaptation sets
//! all of whose requests are covered. Sets after them get one that adds nothing: Shaka Player 5.2
//! applies a descriptor to all sets after it that have none.
//!
//! Source: ISO/IEC 23009-1, annex I.2.

use crate::playlist::reference::Edit;

const NAMESPACE: &str = "urn:mpeg:dash:schema:urlparam:2014";

const QUERY: &str = "queryTemplate=\"$querypart$\" useMPDUrlQuery=\"true\"";

/// An unknown identifier stands for nothing.
const EMPTY_QUERY: &str = "queryTemplate=\"$none$\" queryString=\"none\"";

/// A place for a descriptor in an adaptation set.
#[derive(Debug, Clone)]
pub(in crate::playlist) struct Descriptor<'a> {
    /// The empty slice of the manifest at the place.
    pub place: &'a str,
    /// The prefix of the manifest's namespace with its colon, or an empty text.
    pub prefix: String,
}

impl<'a> Descriptor<'a> {
    /// The insertion of a descriptor that adds the query, or adds nothing.
    pub fn inserted(&self, adds_query: bool) -> Edit<'a> {
        let (name, attributes) = if adds_query {
            ("EssentialProperty", QUERY)
        } else {
            ("SupplementalProperty", EMPTY_QUERY)
        };
        let element = format!("{}{name}", self.prefix);
        let text = format!(
            "<{element} schemeIdUri=\"urn:mpeg:dash:urlparam:2014\"><up:UrlQueryInfo \
             xmlns:up=\"{NAMESPACE}\" {attributes}/></{element}>"
        );
        let replaced = self.place;
        Edit { replaced, text }
    }
}
