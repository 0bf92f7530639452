//! Splits a stream into chunks of whole rows for parallel work.

use std::io::{self, Read};

use memchr::memchr;

use super::record::{Parser, Records};
use super::{Format, line_breaks, without_line_break};
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
    /// The same rows, parsed, if the input is a table.
    pub(super) records: Records,
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
    pub(super) delimiter: u8,
    /// The bytes before the rows that say how to read them: a byte-order mark, a `sep=` line.
    pub(super) preamble: Vec<u8>,
    max_rows: usize,
    /// The parser of a table; every line of another input is a row.
    parser: Option<Parser>,
    /// Bytes that have been read, of which those from `begin` on have not been returned yet.
    read: Vec<u8>,
    begin: usize,
    /// The number of bytes after `begin` that have been searched for the ends of rows.
    searched: usize,
    line: u64,
    /// The next row is too long.
    is_too_long: bool,
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
        let dialect = Dialect::of(format, input.start());
        let mut preamble = Vec::new();
        if input.has_mark() {
            preamble.extend_from_slice("\u{feff}".as_bytes());
        }
        let mut separator_line = input.by_ref().take(dialect.separator_line as u64);
        let read = separator_line.read_to_end(&mut preamble);
        read.map_err(|e| text::cannot_read(&name, &e))?;
        Ok(Chunks {
            input,
            name,
            format,
            delimiter: dialect.delimiter,
            line: 1 + line_breaks(&preamble),
            preamble,
            max_rows,
            parser: format
                .is_table()
                .then(|| Parser::new(format, dialect.delimiter)),
            read: Vec::new(),
            begin: 0,
            searched: 0,
            is_too_long: false,
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
            if self.is_too_long {
                return Err(self.too_long());
            }
            let end = self.whole_rows();
            if end > 0 {
                return Ok(Some(self.take(end)));
            }
            // With room for a line break.
            self.is_too_long |= self.unreturned().len() > LONGEST_ROW + 2;
            if self.is_too_long || self.read_more()? > 0 {
                continue;
            }
            let rest = self.unreturned().len();
            if let Some(parser) = &mut self.parser {
                parser.finish(rest);
            }
            return Ok((rest > 0).then(|| self.take(rest)));
        }
    }

    /// Returns a chunk that is then the next one again.
    pub(super) fn put_back(&mut self, first: Chunk) {
        self.first = Some(first);
    }

    /// The end of up to `max_rows` whole rows in the bytes read, 0 if there is none.
    fn whole_rows(&mut self) -> usize {
        let mut end = 0;
        for _ in 0..self.max_rows {
            let unsearched = &self.read[self.begin + self.searched..];
            let (searched, is_end) = match &mut self.parser {
                Some(parser) => parser.next(unsearched),
                None => match memchr(b'\n', unsearched) {
                    Some(index) => (index + 1, true),
                    None => (unsearched.len(), false),
                },
            };
            self.searched += searched;
            if !is_end {
                break;
            }
            let row = &self.unreturned()[end..self.searched];
            if without_line_break(row).0.len() > LONGEST_ROW {
                self.is_too_long = true;
                break;
            }
            end = self.searched;
            if let Some(parser) = &mut self.parser {
                parser.add(end);
            }
            if end >= CHUNK_SIZE {
                break;
            }
        }
        end
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
        let records = self.parser.as_mut().map(Parser::take);
        Chunk {
            line,
            bytes,
            records: records.unwrap_or_default(),
        }
    }

    /// The error for a row that is longer than [`LONGEST_ROW`].
    fn too_long(&self) -> Error {
        let hint = if self.format == Format::Csv {
            "is a quote missing? one within a quoted field is written twice (RFC 4180)"
        } else {
            "the input must be text, one row per line"
        };
        Error::new(format!(
            "{}: line {}: the row is longer than {LONGEST_ROW} bytes",
            self.name, self.line
        ))
        .with_hint(hint)
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

/// The form of CSV that a spreadsheet writes in the language of its user.
struct Dialect {
    delimiter: u8,
    /// The length of the line `sep=;` with which Excel names the delimiter.
    separator_line: usize,
}

impl Dialect {
    /// The dialect of a table by its first line. Semicolons separate columns where there are no
    /// commas.
    fn of(format: Format, start: &[u8]) -> Self {
        let end = start.iter().position(|byte| b"\r\n".contains(byte));
        let line = &start[..end.unwrap_or(start.len())];
        let mut dialect = Dialect {
            delimiter: if format == Format::Tsv { b'\t' } else { b',' },
            separator_line: 0,
        };
        if format != Format::Csv {
            return dialect;
        }
        if let Some(delimiter) = separator(line) {
            dialect.delimiter = delimiter;
            let line_break = &start[line.len()..];
            let is_crlf = line_break.starts_with(b"\r\n");
            dialect.separator_line = line.len() + if is_crlf { 2 } else { line_break.len().min(1) };
        } else if line.contains(&b';') && !line.contains(&b',') {
            dialect.delimiter = b';';
        }
        dialect
    }
}

/// The delimiter that a line such as `sep=;` names, which may be in quotes.
fn separator(line: &[u8]) -> Option<u8> {
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let line = line.strip_suffix(b"\"").unwrap_or(line);
    match line {
        [b'S' | b's', b'E' | b'e', b'P' | b'p', b'=', delimiter] => Some(*delimiter),
        _ => None,
    }
}
