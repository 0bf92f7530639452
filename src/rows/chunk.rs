//! Cutting a stream into pieces of whole rows, so that pieces can be worked on side by side.

use std::io::{self, Read};

use csv_core::ReadRecordResult;

use super::Format;
use super::layout::{BYTE_ORDER_MARK, has_columns};
use crate::error::{Error, Result, io_reason};

/// The longest row that is read, in bytes: CloudFront takes URLs of 8,192, and a row may hold more than its URL.
const LONGEST_ROW: usize = 1 << 20;

/// How much is asked of the input at once, in bytes: what a pipe holds.
const AT_ONCE: usize = 64 << 10;

/// Some rows of the input, as bytes.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The line on which the first row begins, counted from 1.
    pub line: u64,
    /// The rows with their line breaks.
    pub bytes: Vec<u8>,
}

/// The chunks of a stream, in order.
///
/// A chunk is given as soon as there is a whole row, so that a slow input is not held back.
#[derive(Debug)]
pub struct Chunks<R> {
    input: R,
    name: String,
    format: Format,
    rows: usize,
    row_ends: RowEnds,
    /// What has been read and not given yet, and how much of it has been searched for the ends of rows.
    read: Vec<u8>,
    searched: usize,
    line: u64,
}

impl<R: Read> Chunks<R> {
    /// Reads from `input`, which messages call `name`, and gives up to so many `rows` at a time.
    pub fn new(input: R, name: String, format: Format, rows: usize) -> Self {
        let row_ends = match format {
            Format::Csv => RowEnds::Quoted(Box::new(csv_core::Reader::new())),
            _ => RowEnds::LineBreaks,
        };
        Chunks { input, name, format, rows, row_ends, read: Vec::new(), searched: 0, line: 1 }
    }

    /// The first rows, none at the end of an empty input. They reach up to one off which columns can be read: blank and bad
    /// rows before it make no difference, however the input arrives.
    ///
    /// # Errors
    /// Those of [`Chunks::next_chunk`].
    pub fn first_chunk(&mut self) -> Result<Chunk> {
        let mut first = self.next_chunk()?.unwrap_or_default();
        let mut found = has_columns(self.format, first.bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&first.bytes));
        while !found && first.bytes.len() < LONGEST_ROW {
            let Some(next) = self.next_chunk()? else { break };
            found = has_columns(self.format, &next.bytes);
            first.bytes.extend(next.bytes);
        }
        Ok(first)
    }

    /// The next rows; `None` at the end.
    ///
    /// # Errors
    /// The input cannot be read, or has a row of more than a megabyte.
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>> {
        loop {
            if let Some(end) = self.end_of_rows() {
                return Ok(Some(self.take(end)));
            }
            if self.read.len() > LONGEST_ROW {
                return Err(self.too_long());
            }
            if self.read_more()? == 0 {
                return Ok(if self.read.is_empty() { None } else { Some(self.take(self.read.len())) });
            }
        }
    }

    /// The end of as many whole rows as are wanted and there.
    fn end_of_rows(&mut self) -> Option<usize> {
        // The reader of CSV sees a byte-order mark only where it gets all of it at once.
        if self.line == 1 && self.read.len() < BYTE_ORDER_MARK.len() {
            return None;
        }
        let mut last = None;
        for _ in 0..self.rows {
            let (searched, end) = self.row_ends.next(&self.read[self.searched..]);
            let begin = self.searched;
            self.searched += searched;
            match end {
                Some(end) => last = Some(begin + end),
                None => break,
            }
        }
        last
    }

    fn take(&mut self, end: usize) -> Chunk {
        let bytes: Vec<u8> = self.read.drain(..end).collect();
        self.searched = self.searched.saturating_sub(end);
        let line = self.line;
        self.line += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        Chunk { line, bytes }
    }

    fn read_more(&mut self) -> Result<usize> {
        let before = self.read.len();
        self.read.resize(before + AT_ONCE, 0);
        let read = loop {
            match self.input.read(&mut self.read[before..]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.read.truncate(before + read.as_ref().copied().unwrap_or_default());
        read.map_err(|e| Error::new(format!("cannot read {}: {}", self.name, io_reason(&e))))
    }

    fn too_long(&self) -> Error {
        let hint = match self.row_ends {
            RowEnds::LineBreaks => "the input is to be text, one row a line",
            RowEnds::Quoted(_) => "a quote within a field is written \"\"; --from tsv reads quotes as text",
        };
        Error::new(format!(
            "the row that begins on line {} of {} has more than {LONGEST_ROW} bytes",
            self.line, self.name
        ))
        .with_hint(hint)
    }
}

/// Where rows end.
#[derive(Debug)]
enum RowEnds {
    /// At every line break.
    LineBreaks,
    /// At the line breaks that are not in quotes; the reader knows whether it is in quotes.
    Quoted(Box<csv_core::Reader>),
}

impl RowEnds {
    /// Searches what has been read and not searched yet: how far it got, and where a row ends, if one does.
    fn next(&mut self, bytes: &[u8]) -> (usize, Option<usize>) {
        let RowEnds::Quoted(reader) = self else {
            let end = bytes.iter().position(|byte| *byte == b'\n').map(|place| place + 1);
            return (end.unwrap_or(bytes.len()), end);
        };
        // What the fields hold is not wanted here.
        let (mut fields, mut field_ends) = ([0; 1024], [0; 64]);
        let mut searched = 0;
        while searched < bytes.len() {
            let (result, read, _, _) = reader.read_record(&bytes[searched..], &mut fields, &mut field_ends);
            searched += read;
            // For csv_core a row ends at the \r of a \r\n, and it takes the \n for the beginning of the next. A \r alone
            // ends a row too, but nothing is cut there.
            if result == ReadRecordResult::Record {
                match (bytes.get(searched - 1), bytes.get(searched)) {
                    (Some(b'\n'), _) => return (searched, Some(searched)),
                    (_, Some(b'\n')) => return (searched, Some(searched + 1)),
                    _ => {}
                }
            }
        }
        (searched, None)
    }
}
