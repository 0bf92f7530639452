//! The levels of a manifest that have base URLs, and what each inherits from the levels above it.
//!
//! A base is resolved against each base of the level above; a level without its own inherits those.
//! References to segments above the representations apply to all of them, so they are resolved
//! against the bases of each.
//!
//! Source: ISO/IEC 23009-1, sections 5.3.9.1 (inheritance of segments) and 5.6.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::query_levels::{Insertion, QueryLevel, QueryLevels};
use crate::error::{Error, Result};
use crate::playlist::MAX_URL_LEN;
use crate::playlist::base::Base;
use crate::playlist::span::Span;

/// The level of a manifest's own URL, above all elements.
pub(super) const DOCUMENT: usize = 0;

/// The rank of adaptation sets.
const SET: usize = 3;

/// The rank of representations, the innermost level.
const REPRESENTATION: usize = 4;

/// The most bytes of URLs that references and base URLs resolve to: a bound for time and memory,
/// since a few bytes can stand for many combinations.
const MAX_RESOLVED: usize = 256 << 20;

/// Base URLs are kept in memory, and count as many times.
const KEPT: usize = 16;

/// The place of a representation's segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Segments {
    /// In files of their own.
    Files,
    /// At least one of them in the file that the base URL names.
    RangesOfFile,
}

/// All levels, in the order of the document.
#[derive(Debug)]
pub(super) struct Levels {
    levels: Vec<Level>,
    current: usize,
}

#[derive(Debug, Default)]
struct Level {
    /// See [`rank_of`].
    rank: usize,
    /// The number of elements around this one, itself included.
    depth: usize,
    /// Its own base URLs, unresolved, and the byte offset of the last.
    own: Vec<String>,
    position: usize,
    segments: Option<Segments>,
    /// Players add the query of the manifest's URL, its signature included, to segment requests.
    takes_query: bool,
    query: QueryLevel,
}

impl Levels {
    pub fn new() -> Self {
        Levels {
            levels: vec![Level::default()],
            current: DOCUMENT,
        }
    }

    /// The level that is being read.
    pub fn current(&self) -> usize {
        self.current
    }

    /// Opens a level, if the element has one.
    pub fn open(&mut self, element: &str, depth: usize) {
        let rank = rank_of(element);
        let above = &self.levels[self.current];
        if rank <= above.rank {
            return;
        }
        let index = self.levels.len();
        let query = QueryLevel {
            above: self.current,
            set: if rank == SET {
                Some(index)
            } else {
                above.query.set
            },
            insertion: None,
        };
        self.levels.push(Level {
            rank,
            depth,
            query,
            ..Level::default()
        });
        self.current = index;
    }

    /// Closes the level of the element at this depth, if it has one.
    pub fn close(&mut self, depth: usize) {
        let level = &self.levels[self.current];
        if self.current != DOCUMENT && level.depth == depth {
            self.current = level.query.above;
        }
    }

    /// Adds a base URL to the level that is being read.
    pub fn add_base(&mut self, url: &str, position: usize) {
        let level = &mut self.levels[self.current];
        level.own.push(url.to_owned());
        level.position = position;
    }

    /// Records the segments that an element describes in the level that is being read. It may name a
    /// file, in the attribute `media` or `sourceURL`.
    pub fn add_segments(&mut self, element: &str, names_file: bool) {
        let segments = match element {
            "SegmentBase" => Segments::RangesOfFile,
            "SegmentTemplate" if names_file => Segments::Files,
            "SegmentList" => Segments::Files,
            "SegmentURL" | "Initialization" | "RepresentationIndex" if !names_file => {
                Segments::RangesOfFile
            }
            _ => return,
        };
        let level = &mut self.levels[self.current];
        level.segments = level.segments.max(Some(segments));
    }

    /// Records that segment requests of the level that is being read get the query of the
    /// manifest's URL.
    pub fn take_query(&mut self) {
        self.levels[self.current].takes_query = true;
    }

    /// Sets the place for a descriptor in the level that is being read.
    pub fn set_insertion(&mut self, insertion: Insertion) {
        self.levels[self.current].query.insertion = Some(insertion);
    }

    /// Moves the place for a descriptor to after a child, which precedes descriptors in the schema,
    /// of the element at this depth.
    pub fn move_insertion(&mut self, depth: usize, position: usize) {
        let level = &mut self.levels[self.current];
        if level.depth == depth
            && let Some(insertion) = &mut level.query.insertion
        {
            insertion.position = position;
        }
    }

    /// Resolves the base URLs of all levels, after they have been read, against those of the
    /// document.
    pub fn resolve(self, document: Arc<[Base]>, body: Span<'_>) -> Result<ResolvedLevels> {
        let mut resolved = ResolvedLevels {
            bases: vec![document],
            is_file: vec![false; self.levels.len()],
            takes_query: Vec::new(),
            of_representations: HashMap::new(),
            resolved_len: 0,
            levels: self.levels,
        };
        for index in 1..resolved.levels.len() {
            let bases = resolved.bases_at(index);
            let position = resolved.levels[index].position;
            let bases = bases.map_err(|e| in_line(e, body, position))?;
            resolved.bases.push(bases);
        }
        resolved.find_files();
        resolved.inherit_query();
        Ok(resolved)
    }
}

/// The levels with what they inherit.
#[derive(Debug)]
pub(super) struct ResolvedLevels {
    levels: Vec<Level>,
    /// The own or inherited base URLs of each level.
    pub bases: Vec<Arc<[Base]>>,
    /// Whether the own base URLs of a level are the files of a representation.
    pub is_file: Vec<bool>,
    /// Whether segment requests of a level, or of one inside it, get the query of the manifest's
    /// URL.
    pub takes_query: Vec<bool>,
    of_representations: HashMap<usize, Arc<[Base]>>,
    /// The bytes of all URLs that have been resolved.
    resolved_len: usize,
}

impl ResolvedLevels {
    /// The level around a level.
    pub fn above(&self, level: usize) -> usize {
        self.levels[level].query.above
    }

    fn bases_at(&mut self, index: usize) -> Result<Arc<[Base]>> {
        let above = Arc::clone(&self.bases[self.above(index)]);
        let level = &self.levels[index];
        if level.own.is_empty() {
            return Ok(above);
        }
        let mut bases = Vec::new();
        let mut seen = HashSet::new();
        for own in 0..self.levels[index].own.len() {
            let len = self.levels[index].own[own].len();
            self.count(&above, len, KEPT)?;
            for base in above.iter() {
                let url = base.resolve(&self.levels[index].own[own]);
                if url.len() > MAX_URL_LEN {
                    let message = format!("a base URL is longer than {MAX_URL_LEN} bytes");
                    return Err(
                        Error::new(message).with_hint("CloudFront does not accept longer URLs")
                    );
                }
                if seen.insert(url.clone()) {
                    bases.push(Base::new(url));
                }
            }
        }
        Ok(bases.into())
    }

    /// Counts the bytes of a URL that is resolved against each of `bases`, `times` times.
    ///
    /// # Errors
    /// More than are accepted of a manifest.
    pub fn count(&mut self, bases: &[Base], len: usize, times: usize) -> Result<()> {
        let base_len: usize = bases.iter().map(|base| base.as_str().len()).sum();
        self.resolved_len += times * (base_len + bases.len() * len);
        if self.resolved_len <= MAX_RESOLVED {
            return Ok(());
        }
        let count = bases.len();
        let message = format!("with {count} base URLs, the references resolve to too many URLs");
        Err(Error::new(message).with_hint("remove some; clients use one of a few"))
    }

    /// A representation is a file if its segments are ranges of one, or if nothing is said of them.
    /// Its URL is the nearest base URL.
    fn find_files(&mut self) {
        let mut segments: Vec<Option<Segments>> = Vec::with_capacity(self.levels.len());
        let mut files: Vec<usize> = Vec::with_capacity(self.levels.len());
        for (index, level) in self.levels.iter().enumerate() {
            let above = level.query.above;
            let inherited = segments.get(above).copied().flatten();
            segments.push(level.segments.or(inherited));
            let inherits = level.own.is_empty() && index != DOCUMENT;
            files.push(if inherits { files[above] } else { index });
            if level.rank == REPRESENTATION && segments[index] != Some(Segments::Files) {
                self.is_file[files[index]] = true;
            }
        }
    }

    fn inherit_query(&mut self) {
        let takes_query = self.levels.iter().map(|level| level.takes_query);
        self.takes_query = takes_query.collect();
        for index in 1..self.levels.len() {
            self.takes_query[index] |= self.takes_query[self.above(index)];
        }
        for index in (1..self.levels.len()).rev() {
            let above = self.above(index);
            self.takes_query[above] |= self.takes_query[index];
        }
    }

    /// The bases of the representations in a level, or of the level if it is one.
    pub fn bases_of_representations(&mut self, level: usize) -> Arc<[Base]> {
        if let Some(bases) = self.of_representations.get(&level) {
            return Arc::clone(bases);
        }
        let mut bases = Vec::new();
        let mut seen = HashSet::new();
        for inner in self.inside(level) {
            if self.levels[inner].rank == REPRESENTATION {
                let own = self.bases[inner].iter();
                bases.extend(own.filter(|base| seen.insert(base.as_str())).cloned());
            }
        }
        let bases = if bases.is_empty() {
            Arc::clone(&self.bases[level])
        } else {
            bases.into()
        };
        self.of_representations.insert(level, Arc::clone(&bases));
        bases
    }

    /// The levels as far as the query of the manifest's URL is concerned, without those where
    /// players add it anyway.
    pub fn into_query_levels(mut self) -> QueryLevels {
        for (level, takes_query) in self.levels.iter_mut().zip(&self.takes_query) {
            if *takes_query {
                level.query.insertion = None;
            }
        }
        QueryLevels(self.levels.into_iter().map(|level| level.query).collect())
    }

    /// The levels inside a level.
    fn inside(&self, level: usize) -> impl Iterator<Item = usize> {
        let rank = self.levels[level].rank;
        let after = level + 1..self.levels.len();
        after.take_while(move |other| self.levels[*other].rank > rank)
    }
}

/// An error about what is at a byte offset.
pub(super) fn in_line(error: Error, body: Span<'_>, position: usize) -> Error {
    error.context(format_args!("line {}:", body.line_of(position)))
}

/// The rank of an element that has base URLs, from the outside in; 0 for other elements.
fn rank_of(element: &str) -> usize {
    match element {
        "MPD" => 1,
        "Period" => 2,
        "AdaptationSet" | "EmptyAdaptationSet" => SET,
        "Representation" => REPRESENTATION,
        _ => 0,
    }
}
