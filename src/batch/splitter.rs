//! Splits text into rows, and the rows of tables into fields: CSV (RFC 4180) and TSV.

use std::borrow::Cow;
use std::iter;

use memchr::memchr;

use super::Format;

/// Finds the ends of rows, in bytes that may arrive in pieces.
///
/// A line break ends a row, unless it is in a quoted field of CSV. Text that follows a closing
/// quote belongs to the field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Splitter {
    pub(super) delimiter: u8,
    has_quotes: bool,
    place: Place,
}

/// The place of a byte in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    FieldStart,
    Text,
    InQuotes,
    /// Behind a quote that ends the quoted text, unless another one follows.
    AfterQuote,
}

impl Splitter {
    pub(super) fn new(format: Format, delimiter: u8) -> Self {
        Splitter {
            delimiter,
            has_quotes: format == Format::Csv,
            place: Place::FieldStart,
        }
    }

    /// Reads up to the end of a row: how many bytes it has read, and true if a row ends there.
    pub(super) fn find_end(&mut self, bytes: &[u8]) -> (usize, bool) {
        if !self.has_quotes {
            let end = memchr(b'\n', bytes);
            return (end.map_or(bytes.len(), |index| index + 1), end.is_some());
        }
        for (index, byte) in bytes.iter().enumerate() {
            self.step(*byte);
            if *byte == b'\n' && self.place == Place::FieldStart {
                return (index + 1, true);
            }
        }
        (bytes.len(), false)
    }

    fn step(&mut self, byte: u8) {
        self.place = match (self.place, byte) {
            (Place::InQuotes, b'"') => Place::AfterQuote,
            (Place::InQuotes, _) => Place::InQuotes,
            (Place::FieldStart | Place::AfterQuote, b'"') => Place::InQuotes,
            (_, b'\n') => Place::FieldStart,
            (_, byte) if byte == self.delimiter => Place::FieldStart,
            _ => Place::Text,
        };
    }

    /// The rows of `bytes`, each with its line break.
    pub(super) fn rows(mut self, mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
        iter::from_fn(move || {
            let (end, _) = self.find_end(bytes);
            let (row, rest) = bytes.split_at(end);
            bytes = rest;
            (!row.is_empty()).then_some(row)
        })
    }

    /// The fields of a row without its line break, and true if the last one opens a quote that is
    /// not closed.
    pub(super) fn fields<'a>(mut self, row: &'a [u8]) -> (Vec<Cow<'a, [u8]>>, bool) {
        let mut fields = Vec::new();
        if !self.has_quotes || memchr(b'"', row).is_none() {
            let plain = row.split(|byte| *byte == self.delimiter);
            fields.extend(plain.map(Cow::Borrowed));
            return (fields, false);
        }
        let mut begin = 0;
        for (index, byte) in row.iter().enumerate() {
            self.step(*byte);
            if *byte == self.delimiter && self.place == Place::FieldStart {
                fields.push(unquoted(&row[begin..index]));
                begin = index + 1;
            }
        }
        fields.push(unquoted(&row[begin..]));
        (fields, self.place == Place::InQuotes)
    }
}

/// The text of a field, without quotes around it; two quotes in them are one.
fn unquoted(field: &[u8]) -> Cow<'_, [u8]> {
    let Some(mut rest) = field.strip_prefix(b"\"") else {
        return Cow::Borrowed(field);
    };
    let mut text = Vec::with_capacity(field.len());
    while let Some(quote) = memchr(b'"', rest) {
        text.extend_from_slice(&rest[..quote]);
        rest = &rest[quote + 1..];
        let Some(after) = rest.strip_prefix(b"\"") else {
            break;
        };
        text.push(b'"');
        rest = after;
    }
    text.extend_from_slice(rest);
    Cow::Owned(text)
}
