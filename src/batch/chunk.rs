//! Splits a stream into chunks of whole rows for parallel work.

use std::io::{self, Read};

use memchr::memchr;

use super::object::Object;
use super::record::RecordEnds;
use super::{Format, line_breaks, without_line_break};
use crate::error::{Error, Result};
use crate::text;

/// The longest row that is read, in bytes. CloudFront accepts URLs of up to 8,192 bytes; a row has
/// other columns too.
const LONGEST_ROW: usize = 1 << 20;

/// The size of a read from the input, in bytes.
const READ_SIZE: usize = 256 << 10;

/// The number of bytes that are kept of a row that is too long, for its error.
const ERROR_PREFIX_LEN: usize = 100;

/// Some rows of the input, as bytes.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The line on which the first row begins, counted from 1.
    pub line: u64,
    /// The rows with their line breaks.
    pub bytes: Vec<u8>,
    /// The chunk is one row of more than a megabyte, and `bytes` only its beginning.
    pub too_long: bool,
}

/// The chunks of a stream, in order.
///
/// A chunk is returned as soon as it has a whole row, so that the rows of a slow input are not
/// delayed. It has at most a little more than a megabyte.
#[derive(Debug)]
pub struct Chunks<R> {
    input: R,
    /// The name of the input in messages.
    name: String,
    format: Format,
    max_rows: usize,
    row_ends: RowEnds,
    /// Bytes that have been read, of which those from `begin` on have not been returned yet.
    read: Vec<u8>,
    begin: usize,
    /// The number of bytes after `begin` that have been searched for the ends of rows.
    searched: usize,
    line: u64,
    /// A chunk that was read ahead.
    next: Option<Chunk>,
}

impl<R: Read> Chunks<R> {
    /// Reads from `input`, which messages call `name`, and returns up to `max_rows` rows at a time.
    pub fn new(input: R, name: String, format: Format, max_rows: usize) -> Self {
        Chunks {
            input,
            name,
            format,
            max_rows,
            row_ends: RowEnds::new(format),
            read: Vec::new(),
            begin: 0,
            searched: 0,
            line: 1,
            next: None,
        }
    }

    /// The first chunk, empty if the input is. It includes the first row that names columns,
    /// whatever the size of the reads, even after blank and bad rows.
    ///
    /// # Errors
    /// Those of [`Chunks::next_chunk`], and a table whose first row is too long.
    pub fn first_chunk(&mut self) -> Result<Chunk> {
        let mut first = self.next_chunk()?.unwrap_or_default();
        if first.too_long {
            if self.format.is_table() {
                let place = format!("{}: line {}:", self.name, first.line);
                return Err(too_long(self.format).context(place));
            }
            return Ok(first);
        }
        let mut found = self.names_columns(&first.bytes);
        while !found && first.bytes.len() < LONGEST_ROW {
            let Some(next) = self.next_chunk()? else {
                break;
            };
            if next.too_long {
                self.next = Some(next);
                break;
            }
            found = self.names_columns(&next.bytes);
            first.bytes.extend(next.bytes);
        }
        Ok(first)
    }

    /// Returns whether one of `rows`, the first of the input, names the columns.
    fn names_columns(&self, rows: &[u8]) -> bool {
        match self.format {
            Format::Lines => true,
            Format::Jsonl => Object::first_in(rows).is_some(),
            Format::Csv | Format::Tsv => !rows.trim_ascii().is_empty(),
        }
    }

    /// The next rows; `None` at the end.
    ///
    /// # Errors
    /// The input cannot be read.
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>> {
        if let Some(next) = self.next.take() {
            return Ok(Some(next));
        }
        loop {
            if let Some(ends) = self.ends_of_rows() {
                return Ok(Some(if self.is_too_long(ends.first) {
                    self.take_prefix(ends.first)
                } else {
                    self.take(ends.last)
                }));
            }
            // With room for a line break.
            if self.unreturned().len() > LONGEST_ROW + 2 {
                let prefix = self.take_prefix(self.unreturned().len());
                self.skip_row()?;
                return Ok(Some(prefix));
            }
            if self.read_more()? > 0 {
                continue;
            }
            let rest = self.unreturned().len();
            if rest == 0 {
                return Ok(None);
            }
            return Ok(Some(if self.is_too_long(rest) {
                self.take_prefix(rest)
            } else {
                self.take(rest)
            }));
        }
    }

    /// The ends of up to `max_rows` whole rows in the bytes read, or of the first row alone if it
    /// is too long.
    fn ends_of_rows(&mut self) -> Option<Ends> {
        let mut ends: Option<Ends> = None;
        for _ in 0..self.max_rows {
            let searched_before = self.searched;
            let unsearched = &self.read[self.begin + searched_before..];
            let (searched, end) = self.row_ends.next(unsearched);
            self.searched += searched;
            let Some(end) = end else {
                break;
            };
            let last = searched_before + end;
            let first = ends.map_or(last, |ends| ends.first);
            ends = Some(Ends { first, last });
            if self.is_too_long(first) {
                break;
            }
        }
        ends
    }

    /// Returns whether the row that ends at `end` is longer than a row may be, without its line
    /// break.
    fn is_too_long(&self, end: usize) -> bool {
        without_line_break(&self.unreturned()[..end]).0.len() > LONGEST_ROW
    }

    /// The bytes that have been read and not returned yet.
    fn unreturned(&self) -> &[u8] {
        &self.read[self.begin..]
    }

    fn take(&mut self, end: usize) -> Chunk {
        let bytes = self.unreturned()[..end].to_vec();
        self.begin += end;
        self.searched = self.searched.saturating_sub(end);
        let line = self.line;
        self.line += line_breaks(&bytes);
        Chunk {
            line,
            bytes,
            too_long: false,
        }
    }

    /// The beginning of a row that is too long.
    fn take_prefix(&mut self, end: usize) -> Chunk {
        let mut prefix = self.take(end);
        prefix.bytes.truncate(ERROR_PREFIX_LEN);
        prefix.too_long = true;
        prefix
    }

    /// Reads up to the end of a row, and keeps nothing of it.
    fn skip_row(&mut self) -> Result<()> {
        while self.read_more()? > 0 {
            let (searched, end) = self.row_ends.next(&self.read[self.begin..]);
            self.searched = searched;
            self.take(end.unwrap_or(searched));
            if end.is_some() {
                break;
            }
        }
        Ok(())
    }

    fn read_more(&mut self) -> Result<usize> {
        self.read.drain(..self.begin);
        self.begin = 0;
        let before = self.read.len();
        self.read.resize(before + READ_SIZE, 0);
        let read = loop {
            match self.input.read(&mut self.read[before..]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let length = read.as_ref().copied().unwrap_or_default();
        self.read.truncate(before + length);
        read.map_err(|e| text::cannot_read(&self.name, &e))
    }
}

/// The end of the first and of the last of some rows.
#[derive(Debug, Clone, Copy)]
struct Ends {
    first: usize,
    last: usize,
}

/// The error for a row that is longer than [`LONGEST_ROW`].
pub(super) fn too_long(format: Format) -> Error {
    let message = format!("the row is longer than {LONGEST_ROW} bytes");
    if format == Format::Csv {
        return Error::new(message).with_hint(
            "is a quote missing? one within a quoted field is written twice (RFC 4180)",
        );
    }
    Error::new(message).with_hint("the input must be text, one row per line")
}

/// Finds the ends of rows.
#[derive(Debug)]
enum RowEnds {
    /// Every line is a row.
    Lines,
    Records(RecordEnds),
}

impl RowEnds {
    fn new(format: Format) -> Self {
        if format.is_table() {
            RowEnds::Records(RecordEnds::new(format))
        } else {
            RowEnds::Lines
        }
    }

    /// Searches the bytes that follow those searched before: how many it searched, and where a row
    /// ends, if one does.
    fn next(&mut self, bytes: &[u8]) -> (usize, Option<usize>) {
        match self {
            RowEnds::Lines => {
                let end = memchr(b'\n', bytes).map(|index| index + 1);
                (end.unwrap_or(bytes.len()), end)
            }
            RowEnds::Records(ends) => ends.next(bytes),
        }
    }
}
