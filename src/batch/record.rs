//! Records of CSV (RFC 4180) and TSV: where they end in a stream, and their fields.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::{Format, without_line_break};

/// A parser that is past the beginning of its input, where it would remove a byte-order mark.
fn parser_within(format: Format) -> Box<Reader> {
    let mut builder = ReaderBuilder::new();
    if format == Format::Tsv {
        builder.delimiter(b'\t').quoting(false);
    }
    let mut parser = Box::new(builder.build());
    // A blank line is no record.
    parser.read_record(b"\n", &mut [0], &mut [0]);
    parser
}

/// Finds the ends of records in a stream that arrives in pieces.
pub(super) struct RecordEnds {
    parser: Box<Reader>,
    /// The last byte searched was a `\r` that ended a record, and a `\n` that follows belongs to
    /// it.
    pending_lf: bool,
}

impl RecordEnds {
    pub(super) fn new(format: Format) -> Self {
        RecordEnds {
            parser: parser_within(format),
            pending_lf: false,
        }
    }

    /// Searches the bytes that follow those searched before: how many it searched, and where a
    /// record ends, if one does.
    pub(super) fn next(&mut self, bytes: &[u8]) -> (usize, Option<usize>) {
        if bytes.is_empty() {
            return (0, None);
        }
        if std::mem::take(&mut self.pending_lf) {
            let end = usize::from(bytes[0] == b'\n');
            return (end, Some(end));
        }
        // The fields are not needed here.
        let (mut fields, mut field_ends) = ([0; 1024], [0; 64]);
        let mut searched = 0;
        while searched < bytes.len() {
            let unsearched = &bytes[searched..];
            let (result, read, ..) =
                self.parser
                    .read_record(unsearched, &mut fields, &mut field_ends);
            searched += read;
            if result != ReadRecordResult::Record {
                continue;
            }
            if bytes[searched - 1] == b'\r' {
                // The parser counts the \n of a \r\n as the beginning of the next record.
                match bytes.get(searched) {
                    Some(b'\n') => searched += 1,
                    Some(_) => {}
                    None => {
                        self.pending_lf = true;
                        return (searched, None);
                    }
                }
            }
            return (searched, Some(searched));
        }
        (searched, None)
    }
}

impl std::fmt::Debug for RecordEnds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordEnds").finish_non_exhaustive()
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
    /// The fields without their quotes, concatenated, and the end of each.
    text: Vec<u8>,
    field_ends: Vec<usize>,
}

impl Record<'_> {
    /// The number of fields.
    pub(super) fn len(&self) -> usize {
        self.field_ends.len()
    }

    /// The field at `index`, empty if there is none.
    pub(super) fn field(&self, index: usize) -> &[u8] {
        let Some(end) = self.field_ends.get(index) else {
            return &[];
        };
        let start = if index == 0 {
            0
        } else {
            self.field_ends[index - 1]
        };
        &self.text[start..*end]
    }

    /// The number of bytes up to the end of the record, from the end of the one before it.
    pub(super) fn whole_len(&self) -> usize {
        self.blank.len() + self.raw.len() + self.ending.len()
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|index| self.field(index))
    }
}

/// The records of a text that ends with a record.
pub(super) struct Records<'a> {
    parser: Box<Reader>,
    rest: &'a [u8],
    text: Vec<u8>,
    field_ends: Vec<usize>,
}

impl<'a> Records<'a> {
    pub(super) fn new(format: Format, text: &'a [u8]) -> Self {
        Records {
            parser: parser_within(format),
            rest: text,
            text: vec![0; 1024],
            field_ends: vec![0; 16],
        }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let (mut read, mut written, mut fields) = (0, 0, 0);
        // A line break ends the last record too, unless it is in a quoted field.
        let mut added: &[u8] = b"\n";
        let ends_in_open_quote = loop {
            let at_end = read == self.rest.len();
            let input = if at_end { added } else { &self.rest[read..] };
            let (result, more_read, more_written, more_fields) = self.parser.read_record(
                input,
                &mut self.text[written..],
                &mut self.field_ends[fields..],
            );
            written += more_written;
            fields += more_fields;
            if at_end {
                added = &added[more_read..];
            } else {
                read += more_read;
            }
            match result {
                ReadRecordResult::Record => break at_end && input.is_empty(),
                ReadRecordResult::End => return None,
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.text.resize(2 * self.text.len(), 0),
                ReadRecordResult::OutputEndsFull => {
                    self.field_ends.resize(2 * self.field_ends.len(), 0);
                }
            }
        };
        if ends_in_open_quote {
            // The field contains the line break that was added.
            written -= 1;
            self.field_ends[fields - 1] -= 1;
        }
        if self.rest[..read].ends_with(b"\r") && self.rest[read..].starts_with(b"\n") {
            read += 1;
        }
        let (whole, rest) = self.rest.split_at(read);
        self.rest = rest;
        let is_line_break = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let blank = whole.iter().take_while(is_line_break).count();
        let (raw, ending) = without_line_break(&whole[blank..]);
        Some(Record {
            raw,
            ending,
            blank: &whole[..blank],
            ends_in_open_quote,
            text: self.text[..written].to_vec(),
            field_ends: self.field_ends[..fields].to_vec(),
        })
    }
}
