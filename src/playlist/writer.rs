//! The output: a copy of the playlist with some bytes replaced and some inserted.

use super::dash::Insertion;
use super::reference::Reference;
use crate::url::parts::separator;

/// Copies a text in order, with changes.
pub(super) struct Writer<'t, 'o> {
    text: &'t str,
    /// The number of bytes that have been copied or replaced.
    done: usize,
    output: &'o mut String,
}

impl<'t, 'o> Writer<'t, 'o> {
    pub fn new(text: &'t str, output: &'o mut String) -> Self {
        let done = 0;
        Writer { text, done, output }
    }

    /// Copies up to the place for a descriptor and writes it.
    pub fn describe(&mut self, insertion: &Insertion) {
        self.insert(insertion.position, &insertion.text());
    }

    /// Copies up to `position` and appends `inserted`.
    fn insert(&mut self, position: usize, inserted: &str) {
        self.output.push_str(&self.text[self.done..position]);
        self.done = position;
        self.output.push_str(inserted);
    }

    /// Copies up to the end of a reference, with `replacement` in its place if there is one, and
    /// appends `parameters` to its query.
    pub fn sign(&mut self, reference: &Reference<'_>, replacement: Option<&str>, parameters: &str) {
        let notation = reference.notation;
        if let Some(replacement) = replacement {
            self.insert(reference.range.start, &notation.escape(replacement));
            self.done = reference.range.end;
        }
        self.insert(reference.range.end, "");
        if !parameters.is_empty() {
            let separator = separator(replacement.unwrap_or(reference.text()));
            self.output.push_str(&notation.escape(separator));
            self.output.push_str(&notation.escape(parameters));
        }
    }

    /// Copies the rest.
    pub fn finish(self) {
        self.output.push_str(&self.text[self.done..]);
    }
}
