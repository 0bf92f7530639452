//! Cutting a stream into pieces of whole rows, so that pieces can be worked on side by side.

use std::io::{self, Read};

use csv_core::ReadRecordResult;

use super::{BYTE_ORDER_MARK, Format, without_line_break};
use crate::error::{Error, Result, io_reason};

/// The longest row that is read, in bytes: CloudFront takes URLs of 8,192, and a row may hold more than its URL.
const LONGEST_ROW: usize = 1 << 20;

/// How much is asked of the input at once, in bytes: what a pipe holds.
const AT_ONCE: usize = 64 << 10;

/// How much is kept of a row that is longer, in bytes.
const KEPT: usize = 100;

/// Some rows of the input, as bytes.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The line on which the first row begins, counted from 1.
    pub line: u64,
    /// The rows with their line breaks.
    pub bytes: Vec<u8>,
    /// Whether this is one row of more than a megabyte, and `bytes` its beginning only.
    pub too_long: bool,
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
    /// A chunk that has been looked at and is to be given next.
    next: Option<Chunk>,
}

impl<R: Read> Chunks<R> {
    /// Reads from `input`, which messages call `name`, and gives up to so many `rows` at a time.
    pub fn new(input: R, name: String, format: Format, rows: usize) -> Self {
        let row_ends = match format {
            Format::Csv => RowEnds::Quoted {
                reader: Box::new(csv_core::Reader::new()),
                half: false,
            },
            _ => RowEnds::LineBreaks,
        };
        Chunks {
            input,
            name,
            format,
            rows,
            row_ends,
            read: Vec::new(),
            searched: 0,
            line: 1,
            next: None,
        }
    }

    /// The first rows, none at the end of an empty input. They reach up to one off which columns can be read: blank and bad
    /// rows before it make no difference, however the input arrives.
    ///
    /// # Errors
    /// Those of [`Chunks::next_chunk`], and a table whose first row is too long.
    pub fn first_chunk(&mut self) -> Result<Chunk> {
        let mut first = self.next_chunk()?.unwrap_or_default();
        if first.too_long {
            return if self.format.table().is_some() {
                Err(too_long(self.format)
                    .context(format_args!("{}: line {}:", self.name, first.line)))
            } else {
                Ok(first)
            };
        }
        let mut found = self.format.has_columns(
            first
                .bytes
                .strip_prefix(BYTE_ORDER_MARK)
                .unwrap_or(&first.bytes),
        );
        while !found && first.bytes.len() < LONGEST_ROW {
            let Some(next) = self.next_chunk()? else {
                break;
            };
            if next.too_long {
                self.next = Some(next);
                break;
            }
            found = self.format.has_columns(&next.bytes);
            first.bytes.extend(next.bytes);
        }
        Ok(first)
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
            match self.ends_of_rows() {
                Some((first, _)) if self.is_too_long(first) => {
                    return Ok(Some(self.take_beginning(first)));
                }
                Some((_, last)) => return Ok(Some(self.take(last))),
                // With room for a line break.
                None if self.read.len() > LONGEST_ROW + 2 => {
                    let beginning = self.take_beginning(self.read.len());
                    self.pass_over_row()?;
                    return Ok(Some(beginning));
                }
                None if self.read_more()? > 0 => {}
                None if self.read.is_empty() => return Ok(None),
                None if self.is_too_long(self.read.len()) => {
                    return Ok(Some(self.take_beginning(self.read.len())));
                }
                None => return Ok(Some(self.take(self.read.len()))),
            }
        }
    }

    /// The end of the first row and the end of the last, of as many whole rows as are wanted and there; of one that is too
    /// long, only that.
    fn ends_of_rows(&mut self) -> Option<(usize, usize)> {
        // The reader of CSV sees a byte-order mark only where it gets all of it at once.
        if self.line == 1 && self.read.len() < BYTE_ORDER_MARK.len() {
            return None;
        }
        let mut ends = None;
        for _ in 0..self.rows {
            let (searched, end) = self.row_ends.next(&self.read[self.searched..]);
            let begin = self.searched;
            self.searched += searched;
            let Some(end) = end.map(|end| begin + end) else {
                break;
            };
            let (first, _) = *ends.insert((ends.map_or(end, |(first, _)| first), end));
            if self.is_too_long(first) {
                break;
            }
        }
        ends
    }

    /// Whether the row that has been read up to there is longer than a row may be, its line break aside.
    fn is_too_long(&self, end: usize) -> bool {
        without_line_break(&self.read[..end]).0.len() > LONGEST_ROW
    }

    fn take(&mut self, end: usize) -> Chunk {
        let bytes: Vec<u8> = self.read.drain(..end).collect();
        self.searched = self.searched.saturating_sub(end);
        let line = self.line;
        self.line += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        Chunk {
            line,
            bytes,
            too_long: false,
        }
    }

    /// The same for a row that is too long.
    fn take_beginning(&mut self, end: usize) -> Chunk {
        let mut beginning = Chunk {
            too_long: true,
            ..self.take(end)
        };
        beginning.bytes.truncate(KEPT);
        beginning
    }

    /// Passes over the rest of a row, of which nothing is kept.
    fn pass_over_row(&mut self) -> Result<()> {
        while self.read_more()? > 0 {
            let (searched, end) = self.row_ends.next(&self.read);
            self.searched = searched;
            self.take(end.unwrap_or(searched));
            if end.is_some() {
                break;
            }
        }
        Ok(())
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
        self.read
            .truncate(before + read.as_ref().copied().unwrap_or_default());
        read.map_err(|e| Error::new(format!("cannot read {}: {}", self.name, io_reason(&e))))
    }
}

/// Why a row is not read.
pub(super) fn too_long(format: Format) -> Error {
    Error::new(format!("the row has more than {LONGEST_ROW} bytes")).with_hint(match format {
        Format::Csv => "a quote within a field is written \"\"; --from tsv reads quotes as text",
        _ => "the input is to be text, one row a line",
    })
}

/// Where rows end.
#[derive(Debug)]
enum RowEnds {
    /// At every line break.
    LineBreaks,
    /// At the line breaks that are not in quotes; the reader knows whether it is in quotes.
    Quoted {
        reader: Box<csv_core::Reader>,
        /// Whether the last byte searched was a `\r` behind a row, which a `\n` may follow.
        half: bool,
    },
}

impl RowEnds {
    /// Searches what has been read and not searched yet: how far it got, and where a row ends, if one does.
    fn next(&mut self, bytes: &[u8]) -> (usize, Option<usize>) {
        let RowEnds::Quoted { reader, half } = self else {
            let end = bytes
                .iter()
                .position(|byte| *byte == b'\n')
                .map(|place| place + 1);
            return (end.unwrap_or(bytes.len()), end);
        };
        if std::mem::take(half) && bytes.starts_with(b"\n") {
            return (0, Some(1));
        }
        // What the fields hold is not wanted here.
        let (mut fields, mut field_ends) = ([0; 1024], [0; 64]);
        let mut searched = 0;
        while searched < bytes.len() {
            let (result, read, _, _) =
                reader.read_record(&bytes[searched..], &mut fields, &mut field_ends);
            searched += read;
            // For csv_core a row ends at the \r of a \r\n, and it takes the \n for the beginning of the next. A \r alone
            // ends a row too, but nothing is cut there.
            if result == ReadRecordResult::Record {
                match (bytes.get(searched - 1), bytes.get(searched)) {
                    (Some(b'\n'), _) => return (searched, Some(searched)),
                    (_, Some(b'\n')) => return (searched, Some(searched + 1)),
                    (_, next) => *half = next.is_none(),
                }
            }
        }
        (searched, None)
    }
}
