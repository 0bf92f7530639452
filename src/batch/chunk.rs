//! Splits a stream into chunks of whole rows for parallel work.

use std::io::{ErrorKind, Read};

use super::splitter::Splitter;
use super::{Format, format, line_breaks, without_line_break};
use crate::error::{Error, Result};
use crate::text;

/// The longest row that is read, in bytes. CloudFront accepts URLs of up to 8,192 bytes; a row has
/// other columns too.
const LONGEST_ROW: usize = 1 << 20;

/// The size of a read from the input, in bytes.
const READ_SIZE: usize = 256 << 10;

/// The size of a chunk that gets no more rows, in bytes.
const CHUNK_SIZE: usize = 64 << 10;

/// Some rows of the input.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The line on which the first row begins, counted from 1.
    pub line: u64,
    /// The rows with their line breaks.
    pub bytes: Vec<u8>,
}

/// The chunks of a stream, in order.
///
/// A chunk is returned as soon as it has a whole row, so that the rows of a slow input are not
/// delayed.
#[derive(Debug)]
pub struct Chunks<R> {
    input: R,
    /// The name of the input in messages.
    pub(super) name: String,
    pub(super) format: Format,
    /// The bytes before the rows that say how to read them: a byte-order mark, a `sep=` line.
    pub(super) preamble: Vec<u8>,
    /// At the beginning of a row.
    pub(super) splitter: Splitter,
    max_rows: usize,
    /// Bytes that have been read, of which those from `begin` on have not been returned yet.
    read: Vec<u8>,
    begin: usize,
    /// Behind the bytes after `begin` that have been searched for the ends of rows.
    searcher: Splitter,
    searched: usize,
    line: u64,
    /// The first chunk, without the names of columns.
    first: Option<Chunk>,
}

impl<R: Read> Chunks<text::Reader<R>> {
    /// Reads rows from `input`, which messages call `name`, up to `max_rows` at a time.
    ///
    /// # Errors
    /// The input cannot be read.
    pub fn new(
        mut input: text::Reader<R>,
        name: String,
        format: Format,
        max_rows: usize,
    ) -> Result<Self> {
        let (delimiter, separator_line) = format::delimiter(format, input.start());
        let mut preamble = Vec::new();
        if input.has_mark {
            preamble.extend_from_slice("\u{feff}".as_bytes());
        }
        let mut separator_line = input.by_ref().take(separator_line as u64);
        let read = separator_line.read_to_end(&mut preamble);
        read.map_err(|e| text::cannot_read(&name, &e))?;
        let splitter = Splitter::new(format, delimiter);
        Ok(Chunks {
            input,
            name,
            format,
            line: 1 + line_breaks(&preamble),
            preamble,
            splitter,
            max_rows,
            read: Vec::new(),
            begin: 0,
            searcher: splitter,
            searched: 0,
            first: None,
        })
    }

    /// The next rows; `None` at the end.
    ///
    /// # Errors
    /// The input cannot be read, or the next row is too long.
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        loop {
            let end = self.whole_rows()?;
            if end > 0 {
                return Ok(Some(self.take(end)));
            }
            if self.read_more()? == 0 {
                let rest = self.read.len();
                return Ok((rest > 0).then(|| self.take(rest)));
            }
        }
    }

    /// Returns a chunk that is then the next one again.
    pub(super) fn put_back(&mut self, first: Chunk) {
        self.first = Some(first);
    }

    /// The end of up to `max_rows` whole rows in the bytes read, 0 if there is none.
    fn whole_rows(&mut self) -> Result<usize> {
        let bytes = &self.read[self.begin..];
        let mut end = 0;
        for _ in 0..self.max_rows {
            let (length, is_end) = self.searcher.find_end(&bytes[self.searched..]);
            self.searched += length;
            let (row, _) = without_line_break(&bytes[end..self.searched]);
            if row.len() > LONGEST_ROW && end == 0 {
                return Err(self.too_long());
            }
            // A row that is too long is found again when those before it have been returned.
            if !is_end || row.len() > LONGEST_ROW {
                break;
            }
            end = self.searched;
            if end >= CHUNK_SIZE {
                break;
            }
        }
        Ok(end)
    }

    /// Reads what the input has: the number of bytes, 0 at the end.
    fn read_more(&mut self) -> Result<usize> {
        self.read.drain(..self.begin);
        self.begin = 0;
        let before = self.read.len();
        self.read.resize(before + READ_SIZE, 0);
        let read = loop {
            match self.input.read(&mut self.read[before..]) {
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let length = *read.as_ref().unwrap_or(&0);
        self.read.truncate(before + length);
        read.map_err(|e| text::cannot_read(&self.name, &e))
    }

    fn take(&mut self, end: usize) -> Chunk {
        let bytes = self.read[self.begin..][..end].to_vec();
        self.begin += end;
        self.searched -= end;
        let line = self.line;
        self.line += line_breaks(&bytes);
        Chunk { line, bytes }
    }

    /// The error for a row that is longer than [`LONGEST_ROW`].
    fn too_long(&self) -> Error {
        let hint = if self.format == Format::Csv {
            "is a quote missing? one within a quoted field is written twice (RFC 4180)"
        } else {
            "the input must be text, one row per line"
        };
        let (name, line) = (&self.name, self.line);
        let message = format!("{name}: line {line}: the row is longer than {LONGEST_ROW} bytes");
        Error::new(message).with_hint(hint)
    }
}
