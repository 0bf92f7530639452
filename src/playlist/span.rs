//! A part of a playlist and its position.

use std::ops::Range;

/// A slice of a playlist and its byte offset there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span<'a> {
    pub text: &'a str,
    pub start: usize,
}

impl<'a> Span<'a> {
    pub fn new(text: &'a str, start: usize) -> Self {
        Span { text, start }
    }

    /// The byte range in the playlist.
    pub fn range(self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// The number of the line at a byte offset in the playlist, from 1 at the start of this span.
    pub fn line_of(self, offset: usize) -> usize {
        let end = offset.saturating_sub(self.start).min(self.text.len());
        let before = &self.text.as_bytes()[..end];
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    pub fn is_empty(self) -> bool {
        self.text.is_empty()
    }

    /// The bytes at a range of the playlist.
    pub fn at(self, range: Range<usize>) -> Self {
        self.slice(range.start - self.start, range.end - self.start)
    }

    /// The bytes from `from` up to `to`, relative to this span.
    pub fn slice(self, from: usize, to: usize) -> Self {
        Span::new(&self.text[from..to], self.start + from)
    }

    /// The part before the byte at `end`.
    pub fn up_to(self, end: usize) -> Self {
        self.slice(0, end)
    }

    /// The part from the byte at `from`; empty if that is past the end.
    pub fn skip(self, from: usize) -> Self {
        self.slice(from.min(self.text.len()), self.text.len())
    }

    /// The part before the first of the `delimiters`, or all of it.
    pub fn before(self, delimiters: &[char]) -> Self {
        self.up_to(self.text.find(delimiters).unwrap_or(self.text.len()))
    }

    pub fn split_once(self, delimiter: char) -> Option<(Self, Self)> {
        let end = self.text.find(delimiter)?;
        Some((self.up_to(end), self.skip(end + delimiter.len_utf8())))
    }

    pub fn trim(self) -> Self {
        let end = self.text.trim_end().len();
        let start = end - self.text[..end].trim_start().len();
        self.slice(start, end)
    }

    /// The part between `prefix` and `suffix`, if both are there and do not overlap.
    pub fn between(self, prefix: &str, suffix: &str) -> Option<Self> {
        let inner = self.text.strip_prefix(prefix)?.strip_suffix(suffix)?;
        Some(Span::new(inner, self.start + prefix.len()))
    }
}
