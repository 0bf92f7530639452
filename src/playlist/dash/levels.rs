//! The levels of a manifest that have base URLs, and what each inherits from those above it.
//!
//! A base is resolved against each base of the level above, and a level without any has those. References to segments that
//! stand above the representations hold for all of them, so they start from the bases of each.
//!
//! Source: ISO/IEC 23009-1, sections 5.3.9.1 (inheritance of segments) and 5.6.

use std::collections::HashMap;
use std::rc::Rc;

use crate::error::{Error, Result};
use crate::playlist::base::Base;
use crate::sign::signed_url::SignedUrl;

/// The elements that have base URLs, from the outside in.
const NAMES: [&str; 4] = ["MPD", "Period", "AdaptationSet", "Representation"];

/// The level of a manifest's own URL, above all elements.
pub(super) const DOCUMENT: usize = 0;

/// The most bases that a reference may have. A manifest has a few; this ends the product of one that means harm.
const MOST_BASES: usize = 100;

/// Where the segments of a representation are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Segments {
    /// In files of their own.
    Files,
    /// In the file that the base URL names, at least one of them.
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
    /// 0 for the document, and from 1 the place in [`NAMES`].
    rank: usize,
    above: usize,
    /// How deep in the document the element is.
    depth: usize,
    /// Its own base URLs as they stand, and the line of the last.
    own: Vec<String>,
    line: usize,
    /// Its own and those it inherits, whole.
    bases: Rc<Vec<Base>>,
    segments: Option<Segments>,
    /// Whether its own base URLs are files.
    has_file: bool,
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
        let rank = NAMES
            .iter()
            .position(|name| *name == element)
            .map_or(0, |place| place + 1);
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

    /// Whether there is any.
    pub(super) fn is_empty(&self) -> bool {
        self.levels.len() == 1
    }

    /// A base URL of the level that is being read.
    pub(super) fn add_base(&mut self, url: &str, line: usize) {
        let level = &mut self.levels[self.current];
        level.own.push(url.to_owned());
        level.line = line;
    }

    /// Says where the level that is being read has its segments.
    pub(super) fn add_segments(&mut self, segments: Segments) {
        let level = &mut self.levels[self.current];
        level.segments = level.segments.max(Some(segments));
    }

    /// Resolves the base URLs of all levels, once they have been read.
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
        for index in 1..self.levels.len() {
            if self.levels[index].rank == NAMES.len()
                && self.segments_of(index) == Segments::RangesOfFile
            {
                let named = self
                    .upwards(index)
                    .find(|level| !self.levels[*level].own.is_empty());
                self.levels[named.unwrap_or(DOCUMENT)].has_file = true;
            }
        }
        Ok(())
    }

    /// Whether the base URLs of a level are the files of a representation.
    pub(super) fn has_file(&self, level: usize) -> bool {
        self.levels[level].has_file
    }

    /// What a level's references start from.
    pub(super) fn bases(&self, level: usize) -> &[Base] {
        &self.levels[level].bases
    }

    /// What a level's own base URLs start from.
    pub(super) fn bases_above(&self, level: usize) -> &[Base] {
        self.bases(self.levels[level].above)
    }

    /// What the representations start from that are in a level, or are the level.
    pub(super) fn bases_of_representations(&mut self, level: usize) -> Result<&[Base]> {
        if !self.of_representations.contains_key(&level) {
            let rank = self.levels[level].rank;
            let inside = self.levels[level + 1..]
                .iter()
                .take_while(|inner| inner.rank > rank);
            let mut bases = Vec::new();
            for representation in inside.filter(|inner| inner.rank == NAMES.len()) {
                add(&mut bases, representation.bases.iter().cloned())?;
            }
            if bases.is_empty() {
                bases.extend_from_slice(&self.levels[level].bases);
            }
            self.of_representations.insert(level, bases);
        }
        Ok(&self.of_representations[&level])
    }

    /// A level and those above it.
    fn upwards(&self, level: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(level), |level| {
            (*level != DOCUMENT).then(|| self.levels[*level].above)
        })
    }

    /// A representation of which nothing is said is one file.
    fn segments_of(&self, representation: usize) -> Segments {
        self.upwards(representation)
            .find_map(|level| self.levels[level].segments)
            .unwrap_or(Segments::RangesOfFile)
    }
}

/// Adds bases that are not there yet.
fn add(bases: &mut Vec<Base>, more: impl Iterator<Item = Base>) -> Result<()> {
    for base in more {
        if base.as_str().len() > SignedUrl::LONGEST {
            return Err(
                Error::new(format!("a base URL has over {} bytes", SignedUrl::LONGEST))
                    .with_hint("CloudFront takes no longer URLs"),
            );
        }
        if !bases.contains(&base) {
            bases.push(base);
        }
    }
    match bases.len() > MOST_BASES {
        true => Err(Error::new(format!(
            "more than {MOST_BASES} base URLs come together here"
        ))
        .with_hint("clients take one of a few; leave some out")),
        false => Ok(()),
    }
}
