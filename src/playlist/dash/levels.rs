//! The levels of a manifest that have base URLs, and what each inherits from the levels above it.
//!
//! A base is resolved against each base of the level above; a level without its own inherits those.
//! References to segments above the representations apply to all of them, so they are resolved
//! against the bases of each.
//!
//! Source: ISO/IEC 23009-1, sections 5.3.9.1 (inheritance of segments) and 5.6.

use std::collections::HashMap;
use std::rc::Rc;

use crate::error::{Error, Result};
use crate::playlist::MAX_URL_LEN;
use crate::playlist::base::Base;

/// The level of a manifest's own URL, above all elements.
pub(super) const DOCUMENT: usize = 0;

/// The rank of representations, the innermost level.
const REPRESENTATION: usize = 4;

/// The most bases that a reference may have. A manifest has a few; this bounds the blow-up of a
/// malicious one.
const MAX_BASES: usize = 100;

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
    of_representations: HashMap<usize, Vec<Base>>,
}

#[derive(Debug, Default)]
struct Level {
    /// See [`rank_of`].
    rank: usize,
    above: usize,
    /// The number of elements around this one, itself included.
    depth: usize,
    /// Its own base URLs, unresolved, and the line of the last.
    own: Vec<String>,
    line: usize,
    /// Its own or inherited base URLs, resolved.
    bases: Rc<Vec<Base>>,
    segments: Option<Segments>,
    /// Its own base URLs are the files of a representation.
    is_file: bool,
    /// Players add the query of the manifest's URL, its signature included, to segment requests.
    takes_query: bool,
    /// The same is true of at least one level inside.
    contains_query_takers: bool,
}

impl Levels {
    pub(super) fn new() -> Self {
        Levels {
            levels: vec![Level::default()],
            current: DOCUMENT,
            of_representations: HashMap::new(),
        }
    }

    /// The level that is being read.
    pub(super) fn current(&self) -> usize {
        self.current
    }

    /// Opens a level, if the element has one.
    pub(super) fn open(&mut self, element: &str, depth: usize) {
        let rank = rank_of(element);
        if rank > self.levels[self.current].rank {
            self.levels.push(Level {
                rank,
                depth,
                above: self.current,
                ..Level::default()
            });
            self.current = self.levels.len() - 1;
        }
    }

    /// Closes the level of the element at this depth, if it has one.
    pub(super) fn close(&mut self, depth: usize) {
        if self.current != DOCUMENT && self.levels[self.current].depth == depth {
            self.current = self.levels[self.current].above;
        }
    }

    /// Returns whether no element has been read.
    pub(super) fn is_empty(&self) -> bool {
        self.levels.len() == 1
    }

    /// Adds a base URL to the level that is being read.
    pub(super) fn add_base(&mut self, url: &str, line: usize) {
        let level = &mut self.levels[self.current];
        level.own.push(url.to_owned());
        level.line = line;
    }

    /// Records the segments that an element describes in the level that is being read. It may name a
    /// file, in the attribute `media` or `sourceURL`.
    pub(super) fn add_segments(&mut self, element: &str, names_file: bool) {
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
    pub(super) fn take_query(&mut self) {
        self.levels[self.current].takes_query = true;
    }

    /// Returns whether segment requests of a level, or of one inside it, get the query of the
    /// manifest's URL.
    pub(super) fn takes_query(&self, level: usize) -> bool {
        self.levels[level].takes_query || self.levels[level].contains_query_takers
    }

    /// Resolves the base URLs of all levels, after they have been read.
    pub(super) fn resolve(&mut self, document: &Base) -> Result<()> {
        self.levels[DOCUMENT].bases = Rc::new(vec![document.clone()]);
        for index in 1..self.levels.len() {
            let (before, rest) = self.levels.split_at_mut(index);
            let level = &mut rest[0];
            let above = &before[level.above].bases;
            if level.own.is_empty() {
                level.bases = Rc::clone(above);
                continue;
            }
            let mut bases = Vec::new();
            for url in &level.own {
                let resolved = above.iter().map(|base| Base::new(base.resolve(url)));
                add(&mut bases, resolved)
                    .map_err(|e| e.context(format_args!("line {}:", level.line)))?;
            }
            level.bases = Rc::new(bases);
        }
        self.inherit_query();
        for index in 1..self.levels.len() {
            let is_representation = self.levels[index].rank == REPRESENTATION;
            if is_representation && self.segments_of(index) == Segments::RangesOfFile {
                let with_base = self
                    .upwards(index)
                    .find(|level| !self.levels[*level].own.is_empty());
                self.levels[with_base.unwrap_or(DOCUMENT)].is_file = true;
            }
        }
        Ok(())
    }

    fn inherit_query(&mut self) {
        for index in 1..self.levels.len() {
            let above = self.levels[index].above;
            self.levels[index].takes_query |= self.levels[above].takes_query;
        }
        for index in (1..self.levels.len()).rev() {
            let above = self.levels[index].above;
            self.levels[above].contains_query_takers |= self.takes_query(index);
        }
    }

    /// Returns whether the base URLs of a level are the files of a representation.
    pub(super) fn is_file(&self, level: usize) -> bool {
        self.levels[level].is_file
    }

    /// The bases of a level's references.
    pub(super) fn bases(&self, level: usize) -> &[Base] {
        &self.levels[level].bases
    }

    /// The bases of a level's own base URLs.
    pub(super) fn bases_above(&self, level: usize) -> &[Base] {
        self.bases(self.levels[level].above)
    }

    /// The bases of the representations in a level, or of the level if it is one.
    pub(super) fn bases_of_representations(&mut self, level: usize) -> Result<&[Base]> {
        if !self.of_representations.contains_key(&level) {
            let mut bases = Vec::new();
            for inner in self.inside(level) {
                if inner.rank == REPRESENTATION {
                    add(&mut bases, inner.bases.iter().cloned())?;
                }
            }
            if bases.is_empty() {
                bases.extend_from_slice(&self.levels[level].bases);
            }
            self.of_representations.insert(level, bases);
        }
        Ok(&self.of_representations[&level])
    }

    /// The levels inside a level.
    fn inside(&self, level: usize) -> &[Level] {
        let after = &self.levels[level + 1..];
        let rank = self.levels[level].rank;
        let end = after.iter().position(|other| other.rank <= rank);
        &after[..end.unwrap_or(after.len())]
    }

    /// A level and those above it.
    fn upwards(&self, level: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(level), |level| {
            (*level != DOCUMENT).then(|| self.levels[*level].above)
        })
    }

    /// A representation without segment information is one file.
    fn segments_of(&self, representation: usize) -> Segments {
        self.upwards(representation)
            .find_map(|level| self.levels[level].segments)
            .unwrap_or(Segments::RangesOfFile)
    }
}

/// The rank of an element that has base URLs, from the outside in; 0 for other elements.
fn rank_of(element: &str) -> usize {
    match element {
        "MPD" => 1,
        "Period" => 2,
        "AdaptationSet" | "EmptyAdaptationSet" => 3,
        "Representation" => REPRESENTATION,
        _ => 0,
    }
}

/// Adds bases that are not in the list yet.
fn add(bases: &mut Vec<Base>, more: impl Iterator<Item = Base>) -> Result<()> {
    for base in more {
        if base.as_str().len() > MAX_URL_LEN {
            let message = format!("a base URL is longer than {MAX_URL_LEN} bytes");
            return Err(Error::new(message).with_hint("CloudFront does not accept longer URLs"));
        }
        if !bases.contains(&base) {
            bases.push(base);
        }
    }
    if bases.len() > MAX_BASES {
        return Err(Error::new(format!(
            "the base URLs resolve to more than {MAX_BASES} URLs"
        ))
        .with_hint("remove some; clients use one of a few"));
    }
    Ok(())
}
