//! The elements of a manifest that make players add the query of the manifest's own URL, its
//! signature included, to segment requests.
//!
//! Players add it whatever the host of a segment is. So the descriptor for it is inserted only into
//! adaptation sets all of whose requests are covered. Sets after them get one that adds nothing:
//! Shaka Player 5.2 applies a descriptor to all sets after it that have none.
//!
//! Source: ISO/IEC 23009-1, annex I.2.

const NAMESPACE: &str = "urn:mpeg:dash:schema:urlparam:2014";

const QUERY: &str = "queryTemplate=\"$querypart$\" useMPDUrlQuery=\"true\"";

/// An unknown identifier stands for nothing.
const EMPTY_QUERY: &str = "queryTemplate=\"$none$\" queryString=\"none\"";

/// The levels of a manifest, in the order of the document.
#[derive(Debug, Default)]
pub(in crate::playlist) struct QueryLevels(pub(super) Vec<QueryLevel>);

/// An element with segments, or with other elements that have some.
#[derive(Debug, Clone, Default)]
pub(super) struct QueryLevel {
    /// The index of the level around this one.
    pub above: usize,
    /// The index of the adaptation set that it is in, or is.
    pub set: Option<usize>,
    /// The place for the descriptor, in an adaptation set.
    pub insertion: Option<Insertion>,
}

/// A place for a descriptor.
#[derive(Debug, Clone)]
pub(in crate::playlist) struct Insertion {
    /// The byte offset in the file.
    pub position: usize,
    /// The prefix of the manifest's namespace with its colon, or an empty text.
    pub prefix: String,
    /// The descriptor adds nothing.
    pub is_empty: bool,
}

impl Insertion {
    /// The descriptor.
    pub fn text(&self) -> String {
        let (name, attributes) = if self.is_empty {
            ("SupplementalProperty", EMPTY_QUERY)
        } else {
            ("EssentialProperty", QUERY)
        };
        let element = format!("{}{name}", self.prefix);
        format!(
            "<{element} schemeIdUri=\"urn:mpeg:dash:urlparam:2014\"><up:UrlQueryInfo xmlns:up=\"{NAMESPACE}\" {attributes}/></{element}>"
        )
    }
}

/// The insertions into a manifest.
#[derive(Debug, Default)]
pub(in crate::playlist) struct Insertions {
    /// Their places, in the order of the document.
    pub places: Vec<Insertion>,
    /// For each level, whether they make players add the query to all its requests.
    pub gets_query: Vec<bool>,
}

impl QueryLevels {
    /// The insertions into those adaptation sets of which no request leaves the covered URLs;
    /// `outside` are the levels with a reference that does.
    pub fn insertions(&self, outside: &[usize]) -> Insertions {
        let levels = &self.0;
        let mut is_outside = vec![false; levels.len()];
        for level in outside {
            is_outside[levels[*level].set.unwrap_or(*level)] = true;
        }
        // A reference above adaptation sets is requested by each of them.
        for (index, level) in levels.iter().enumerate() {
            is_outside[index] |= is_outside[level.above];
        }
        let mut has_sets = vec![false; levels.len()];
        let mut has_others = vec![false; levels.len()];
        for (index, level) in levels.iter().enumerate().rev() {
            if level.set == Some(index) {
                has_sets[index] = level.insertion.is_some() && !is_outside[index];
                has_others[index] = !has_sets[index];
            }
            has_sets[level.above] |= has_sets[index];
            has_others[level.above] |= has_others[index];
        }
        let mut places: Vec<Insertion> = Vec::new();
        for (index, level) in levels.iter().enumerate() {
            let is_empty = !has_sets[index];
            if let Some(insertion) = &level.insertion
                && (!is_empty || !places.is_empty())
            {
                places.push(Insertion {
                    is_empty,
                    ..insertion.clone()
                });
            }
        }
        let gets_query = levels.iter().enumerate().map(|(index, level)| {
            let level = level.set.unwrap_or(index);
            has_sets[level] && !has_others[level]
        });
        Insertions {
            gets_query: gets_query.collect(),
            places,
        }
    }
}
