//! Positions of what was read from a playlist: each part is a slice of its text.

use std::ops::Range;

/// The bytes of `part`, a slice of `text`.
pub(super) fn range_of(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
    start..start.saturating_add(part.len())
}

/// The number of the line in which `part` begins, from 1.
pub(super) fn line_of(text: &str, part: &str) -> usize {
    let start = range_of(text, part).start.min(text.len());
    let before = &text.as_bytes()[..start];
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}
