//! Records of CSV (RFC 4180) and TSV, in a stream that arrives in pieces.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::{Format, without_line_break};

/// Records with their fields, as the parser has found them.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// The fields without their quotes, concatenated.
    text: Vec<u8>,
    /// The end of each field, counted from the beginning of its record.
    field_ends: Vec<usize>,
    /// The place where the first record begins.
    begin: RecordEnd,
    ends: Vec<RecordEnd>,
}

#[derive(Debug, Default, Clone, Copy)]
struct RecordEnd {
    /// The end of the record, with its line break, in the bytes that were parsed.
    raw: usize,
    text: usize,
    fields: usize,
    is_in_quotes: bool,
}

impl Records {
    /// The records, in order; `bytes` are those that were parsed.
    pub(super) fn iter<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = Record<'a>> {
        let mut begin = self.begin;
        self.ends.iter().map(move |end| {
            let whole = &bytes[begin.raw..end.raw];
            let blank = whole.iter().take_while(|b| b"\r\n".contains(b)).count();
            let (row, ending) = without_line_break(&whole[blank..]);
            let record = Record {
                raw: row,
                ending,
                blank: &whole[..blank],
                ends_in_open_quote: end.is_in_quotes,
                text: &self.text[begin.text..end.text],
                field_ends: &self.field_ends[begin.fields..end.fields],
            };
            begin = *end;
            record
        })
    }

    /// Leaves out the first record; the bytes stay as they are.
    pub(super) fn skip_first(&mut self) {
        if !self.ends.is_empty() {
            self.begin = self.ends.remove(0);
        }
    }
}

/// One record.
#[derive(Debug)]
pub(super) struct Record<'a> {
    /// The record as written, without its line break.
    pub(super) raw: &'a [u8],
    /// Its line break, empty at the end of an input that has none there.
    pub(super) ending: &'a [u8],
    /// The blank lines before the record.
    pub(super) blank: &'a [u8],
    /// True if the record ends within a quoted field.
    pub(super) ends_in_open_quote: bool,
    text: &'a [u8],
    field_ends: &'a [usize],
}

impl<'a> Record<'a> {
    /// The number of fields.
    pub(super) fn len(&self) -> usize {
        self.field_ends.len()
    }

    /// Returns whether the record consists of separators.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The field at `index`, empty if there is none.
    pub(super) fn field(&self, index: usize) -> &'a [u8] {
        let Some(end) = self.field_ends.get(index) else {
            return &[];
        };
        let start = match index {
            0 => 0,
            _ => self.field_ends[index - 1],
        };
        &self.text[start..*end]
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = &'a [u8]> {
        (0..self.len()).map(|index| self.field(index))
    }
}

/// The parser of a stream.
pub(super) struct Parser {
    csv: Box<Reader>,
    /// Whole records, and behind them what has been read of the next one. The last two vectors are
    /// longer than what they hold.
    records: Records,
    text_len: usize,
    fields_len: usize,
    /// The last byte parsed was a `\r` that ended a record, and a `\n` that follows belongs to it.
    pending_lf: bool,
}

impl Parser {
    pub(super) fn new(format: Format, delimiter: u8) -> Self {
        let mut builder = ReaderBuilder::new();
        builder.delimiter(delimiter).quoting(format == Format::Csv);
        let mut csv = Box::new(builder.build());
        // At its beginning, the parser would remove a byte-order mark. A blank line is no record.
        csv.read_record(b"\n", &mut [0], &mut [0]);
        Parser {
            csv,
            records: Records::default(),
            text_len: 0,
            fields_len: 0,
            pending_lf: false,
        }
    }

    /// Parses the bytes that follow those parsed before, up to the end of a record: how many it
    /// parsed, and true if a record ends there.
    pub(super) fn next(&mut self, bytes: &[u8]) -> (usize, bool) {
        if bytes.is_empty() {
            return (0, false);
        }
        if std::mem::take(&mut self.pending_lf) {
            return (usize::from(bytes[0] == b'\n'), true);
        }
        let (mut parsed, ends) = self.parse(bytes);
        if ends && bytes[parsed - 1] == b'\r' {
            // The parser counts the \n of a \r\n as the beginning of the next record.
            match bytes.get(parsed) {
                Some(b'\n') => parsed += 1,
                Some(_) => {}
                None => {
                    self.pending_lf = true;
                    return (parsed, false);
                }
            }
        }
        (parsed, ends)
    }

    /// Adds the record that has been parsed; `raw` is its end in the bytes of the chunk.
    pub(super) fn add(&mut self, raw: usize) {
        self.records.ends.push(RecordEnd {
            raw,
            text: self.text_len,
            fields: self.fields_len,
            is_in_quotes: false,
        });
    }

    /// Ends the input, with the record that has no line break if there is one.
    pub(super) fn finish(&mut self, raw: usize) {
        if std::mem::take(&mut self.pending_lf) {
            self.add(raw);
            return;
        }
        // A line break ends the record, unless it is in a quoted field, which then contains it.
        let is_in_quotes = !self.parse(b"\n").1;
        if is_in_quotes && !self.parse(b"").1 {
            return;
        }
        self.add(raw);
        if is_in_quotes && let Some(end) = self.records.ends.last_mut() {
            end.is_in_quotes = true;
            end.text -= 1;
            self.records.field_ends[self.fields_len - 1] -= 1;
        }
    }

    /// The records that have been added.
    pub(super) fn take(&mut self) -> Records {
        let (text, fields) = match self.records.ends.last() {
            Some(end) => (end.text, end.fields),
            None => (0, 0),
        };
        let next = Records {
            text: self.records.text[text..].to_vec(),
            field_ends: self.records.field_ends[fields..].to_vec(),
            ..Records::default()
        };
        self.text_len -= text;
        self.fields_len -= fields;
        std::mem::replace(&mut self.records, next)
    }

    fn parse(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut parsed = 0;
        loop {
            let Records {
                text, field_ends, ..
            } = &mut self.records;
            let (result, read, written, fields) = self.csv.read_record(
                &bytes[parsed..],
                &mut text[self.text_len..],
                &mut field_ends[self.fields_len..],
            );
            parsed += read;
            self.text_len += written;
            self.fields_len += fields;
            match result {
                ReadRecordResult::Record => return (parsed, true),
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return (parsed, false),
                ReadRecordResult::OutputFull => text.resize(2 * text.len() + 1024, 0),
                ReadRecordResult::OutputEndsFull => {
                    field_ends.resize(2 * field_ends.len() + 64, 0);
                }
            }
        }
    }
}

impl std::fmt::Debug for Parser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parser").finish_non_exhaustive()
    }
}
