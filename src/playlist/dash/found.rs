//! The URLs of a manifest, before they are resolved, and the places for insertions.

use std::borrow::Cow;

use super::Insertion;
use super::levels::Levels;
use crate::playlist::reference::{Kind, Notation};
use crate::playlist::span::Span;

/// A URL in the manifest.
pub(super) struct FoundUrl<'a> {
    pub line: usize,
    /// The unescaped URL, without its fragment.
    pub text: Cow<'a, str>,
    /// The escaped text that it was read from.
    pub written: Span<'a>,
    pub notation: Notation,
    pub start: Start,
    pub kind: Kind,
}

/// The bases that a URL is resolved against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// The bases of a level.
    Level(usize),
    /// The bases of the representations of a level, which inherit the reference.
    Representations(usize),
    /// The same, for a template.
    Template(usize),
    /// The bases above a level; the URL is a base of the level itself.
    Base(usize),
}

/// Everything that was found in a manifest.
pub(super) struct Found<'a> {
    pub urls: Vec<FoundUrl<'a>>,
    pub levels: Levels,
    pub insertions: Vec<Insertion>,
}

impl Found<'_> {
    pub(super) fn new() -> Self {
        Found {
            urls: Vec::new(),
            levels: Levels::new(),
            insertions: Vec::new(),
        }
    }

    /// Moves the insertion of the open adaptation set after an element that precedes it in the
    /// schema.
    pub(super) fn move_insertion(&mut self, element: &str, depth: usize, position: usize) {
        let comes_before = matches!(
            element,
            "FramePacking" | "AudioChannelConfiguration" | "ContentProtection" | "OutputProtection"
        );
        if let Some(insertion) = self.insertions.last_mut()
            && comes_before
            && depth == insertion.depth + 1
        {
            insertion.position = position;
        }
    }
}
