//! The levels of a manifest that have base URLs, and what each inherits from the levels above it.
//!
//! A base is resolved against each base of the level above; a level without its own inherits those.
//! References to segments above the representations apply to all of them, so they are resolved
//! against the bases of each.
//!
//! Source: ISO/IEC 23009-1, sections 5.3.9.1 (inheritance of segments) and 5.6.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::descriptor::Descriptor;
use super::roles::Start;
use crate::error::{Error, Result};
use crate::playlist::base::Base;
use crate::playlist::in_line;
use crate::playlist::position::line_of;
use crate::playlist::reference::{Kind, Reference};

/// The level of a manifest's own URL, above all elements.
const DOCUMENT: usize = 0;

/// The ranks of adaptation sets and of representations, the innermost level.
const SET: usize = 3;
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
#[derive(Debug, Default)]
pub(super) struct Levels<'a> {
    levels: Vec<Level<'a>>,
    /// The level that is being read.
    pub current: usize,
    /// For each adaptation set, the place for a descriptor, if it has one.
    pub descriptors: Vec<Option<Descriptor<'a>>>,
    /// The bytes of all URLs that have been resolved.
    resolved: usize,
}

/// A URL that has been read.
pub(super) struct FoundUrl<'a> {
    /// The reference, without what it has from its level.
    pub reference: Reference<'a>,
    pub start: Start,
    pub level: usize,
}

#[derive(Debug, Default)]
pub(super) struct Level<'a> {
    /// The index of the level around this one.
    above: usize,
    /// See [`rank_of`].
    rank: usize,
    /// Its own base URLs, unresolved.
    pub own: Vec<Cow<'a, str>>,
    /// The last of them in the manifest.
    pub last: &'a str,
    segments: Option<Segments>,
    /// Players add the query of the manifest's URL, its signature included, to segment requests of
    /// the level, or of one inside it.
    pub takes_query: bool,
    /// The indices of the adaptation sets in the level, or of the one that it is in.
    sets: Range<usize>,
    /// The own or inherited base URLs.
    bases: Arc<[Base]>,
    /// The level that these are from.
    owner: usize,
    /// The own base URLs are the files of representations.
    is_file: bool,
    /// The bases of the representations in the level, once they have been asked for.
    representations: Option<Arc<[Base]>>,
}

impl<'a> Levels<'a> {
    /// The levels of a document that clients get from one of these URLs.
    pub fn new(document: &Arc<[Base]>) -> Self {
        let document = Level {
            bases: Arc::clone(document),
            ..Level::default()
        };
        Levels {
            levels: vec![document],
            ..Levels::default()
        }
    }

    /// Opens a level, if the element has one.
    pub fn open(&mut self, element: &str) {
        let above = &self.levels[self.current];
        let rank = rank_of(element);
        if rank <= above.rank {
            return;
        }
        let next = self.descriptors.len();
        let mut sets = next..next;
        if rank == SET {
            sets.end += 1;
            self.descriptors.push(None);
        } else if rank == REPRESENTATION {
            sets = above.sets.clone();
        }
        self.levels.push(Level {
            above: self.current,
            rank,
            sets,
            ..Level::default()
        });
        self.current = self.levels.len() - 1;
    }

    /// Closes the level of an element, if it has one.
    pub fn close(&mut self, element: &str) {
        let level = &self.levels[self.current];
        if self.current != DOCUMENT && rank_of(element) == level.rank {
            self.current = level.above;
        }
    }

    pub fn level(&mut self) -> &mut Level<'a> {
        &mut self.levels[self.current]
    }

    /// Records the segments that an element describes in the level that is being read. It may name
    /// a file, in the attribute `media` or `sourceURL`.
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
        let level = self.level();
        level.segments = level.segments.max(Some(segments));
    }

    /// The place for a descriptor in the adaptation set that is being read.
    pub fn descriptor(&mut self) -> Option<&mut Option<Descriptor<'a>>> {
        let level = &self.levels[self.current];
        let set = Some(level.sets.start).filter(|_| level.rank == SET)?;
        self.descriptors.get_mut(set)
    }

    /// Finds what levels inherit, and what is in them, after all have been read.
    pub fn resolve(&mut self, body: &str) -> Result<()> {
        for index in DOCUMENT + 1..self.levels.len() {
            let (before, level) = self.levels.split_at_mut(index);
            let level = &mut level[0];
            let above = &before[level.above];
            level.segments = level.segments.or(above.segments);
            level.takes_query |= above.takes_query;
            level.bases = Arc::clone(&above.bases);
            level.owner = above.owner;
            if !level.own.is_empty() {
                for own in &level.own {
                    count(&mut self.resolved, KEPT, &above.bases, own)
                        .map_err(|e| in_line(e, line_of(body, level.last)))?;
                }
                let own = level.own.iter();
                level.bases = distinct(own.flat_map(|own| {
                    let urls = above.bases.iter().map(|base| base.resolve(own));
                    urls.map(Base::new)
                }));
                level.owner = index;
            }
            // A representation is a file if its segments are ranges of one, or if nothing is said
            // of them. Its URL is the nearest base URL.
            if level.rank == REPRESENTATION && level.segments != Some(Segments::Files) {
                let owner = level.owner;
                self.levels[owner].is_file = true;
            }
        }
        for index in (DOCUMENT + 1..self.levels.len()).rev() {
            let (before, level) = self.levels.split_at_mut(index);
            let level = &level[0];
            let above = &mut before[level.above];
            above.takes_query |= level.takes_query;
            above.sets.end = above.sets.end.max(level.sets.end);
            if level.rank == SET && level.takes_query {
                self.descriptors[level.sets.start] = None;
            }
        }
        Ok(())
    }

    /// Sets what a reference has from its level; `None` if clients do not request it.
    pub fn placed(&mut self, found: FoundUrl<'a>) -> Result<Option<Reference<'a>>> {
        let level = &self.levels[found.level];
        let mut reference = found.reference;
        let takes_query = level.takes_query;
        reference.carries_signature = takes_query && reference.kind() == Kind::Media;
        reference.sets = level.sets.clone();
        reference.bases = match found.start {
            Start::Base if !level.is_file => return Ok(None),
            Start::Base | Start::Above => Arc::clone(&self.levels[level.above].bases),
            Start::Document => Arc::clone(&self.levels[DOCUMENT].bases),
            Start::Level => Arc::clone(&level.bases),
            Start::Representations | Start::Template => self.bases_of_representations(found.level),
        };
        count(&mut self.resolved, 1, &reference.bases, &reference.written)?;
        Ok(reference.is_fetched().then_some(reference))
    }

    /// The bases of the representations in a level, or of the level if it is one.
    fn bases_of_representations(&mut self, index: usize) -> Arc<[Base]> {
        let level = &self.levels[index];
        if let Some(bases) = &level.representations {
            return Arc::clone(bases);
        }
        let inside = self.levels[index + 1..].iter();
        let inside = inside.take_while(|inner| inner.rank > level.rank);
        let representations = inside.filter(|inner| inner.rank == REPRESENTATION);
        let mut bases = distinct(representations.flat_map(|inner| inner.bases.iter().cloned()));
        if bases.is_empty() {
            bases = Arc::clone(&level.bases);
        }
        self.levels[index].representations = Some(Arc::clone(&bases));
        bases
    }
}

/// Counts the bytes of a reference that is resolved against each of `bases`, `times` times.
fn count(resolved: &mut usize, times: usize, bases: &[Base], reference: &str) -> Result<()> {
    let base_len: usize = bases.iter().map(|base| base.as_str().len()).sum();
    *resolved += times * (base_len + bases.len() * reference.len());
    if *resolved <= MAX_RESOLVED {
        return Ok(());
    }
    let count = bases.len();
    let message = format!("with {count} base URLs, the references resolve to too many URLs");
    Err(Error::new(message).with_hint("remove some; clients use one of a few"))
}

fn distinct(bases: impl Iterator<Item = Base>) -> Arc<[Base]> {
    let mut seen = HashSet::new();
    bases.filter(|base| seen.insert(base.clone())).collect()
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
