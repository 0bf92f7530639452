//! Rows on their way out.

use super::{Content, ERROR, Format, Layout, Row, SIGNED_URL, without_line_break};
use crate::error::Error;

impl Layout {
    /// The row that names the columns of the output, nothing for forms that have none; `read` is that of the input.
    pub(super) fn header_line(&self, read: Option<&[u8]>) -> Vec<u8> {
        let mut line = Vec::new();
        if self.to.table().is_none() {
            return line;
        }
        let (whole, ending) = without_line_break(read.unwrap_or_default());
        match whole {
            _ if self.from != self.to => {
                self.write_cells(self.columns.iter().map(String::as_bytes), &mut line)
            }
            whole => line.extend_from_slice(whole),
        }
        self.write_end(SIGNED_URL, ERROR, ending, &mut line);
        line
    }

    /// Writes a row with its signed URL or its error.
    pub(super) fn write(&self, row: &Row, outcome: Result<&str, &Error>, output: &mut Vec<u8>) {
        let signed_url = outcome.unwrap_or_default();
        let error = outcome.err().map(Error::to_string);
        match self.to {
            Format::Lines => {
                output.extend_from_slice(signed_url.as_bytes());
                output.push(b'\n');
            }
            Format::Jsonl => {
                self.write_members(row, output);
                // A row that has the name already is refused for it, and keeps what it has.
                let free =
                    |name| !matches!(&row.content, Content::Object(object) if object.has(name));
                if free(SIGNED_URL) {
                    write_member(SIGNED_URL, outcome.ok(), output);
                }
                if let Some(error) = error.filter(|_| free(ERROR)) {
                    write_member(ERROR, Some(&error), output);
                }
                output.extend_from_slice(b"}\n");
            }
            Format::Csv | Format::Tsv => {
                match &row.content {
                    Content::Record {
                        record,
                        open: false,
                        ..
                    } if self.from == self.to && record.len() == self.columns.len() => {
                        output.extend_from_slice(row.raw);
                    }
                    _ => {
                        let cells: Vec<_> = self
                            .columns
                            .iter()
                            .enumerate()
                            .map(|(place, name)| row.cell(place, name))
                            .collect();
                        self.write_cells(cells.iter().map(AsRef::as_ref), output);
                    }
                }
                self.write_end(
                    signed_url,
                    error.as_deref().unwrap_or_default(),
                    row.ending,
                    output,
                );
            }
        }
    }

    /// An object as far as the row goes, not closed.
    fn write_members(&self, row: &Row, output: &mut Vec<u8>) {
        match &row.content {
            Content::Object(_) => {
                output.extend_from_slice(
                    row.raw
                        .strip_suffix(b"}")
                        .unwrap_or(row.raw)
                        .trim_ascii_end(),
                );
            }
            Content::Unreadable(_) => {
                output.push(b'{');
                write_member("row", Some(&String::from_utf8_lossy(row.raw)), output);
            }
            Content::Line | Content::Record { .. } => {
                output.push(b'{');
                for (place, name) in self.columns.iter().enumerate() {
                    write_member(
                        name,
                        Some(&String::from_utf8_lossy(&row.cell(place, name))),
                        output,
                    );
                }
            }
        }
    }

    /// The two columns that are added, and the end of the row: as it is in the input where the output has its form.
    fn write_end(&self, signed_url: &str, error: &str, ending: &[u8], output: &mut Vec<u8>) {
        for cell in [signed_url, error] {
            output.push(self.delimiter());
            self.write_cell(cell.as_bytes(), output);
        }
        let keep = self.from == self.to && !ending.is_empty();
        output.extend_from_slice(if keep { ending } else { b"\n" });
    }

    fn write_cells<'a>(&self, cells: impl Iterator<Item = &'a [u8]>, output: &mut Vec<u8>) {
        for (place, cell) in cells.enumerate() {
            if place > 0 {
                output.push(self.delimiter());
            }
            self.write_cell(cell, output);
        }
    }

    /// One cell, in quotes where CSV needs them (RFC 4180).
    fn write_cell(&self, cell: &[u8], output: &mut Vec<u8>) {
        if self.to == Format::Tsv {
            // What TSV cannot hold comes only from a row that is refused for it.
            output.extend(cell.iter().map(|byte| {
                if b"\t\r\n".contains(byte) {
                    b' '
                } else {
                    *byte
                }
            }));
            return;
        }
        if !cell.iter().any(|byte| b",\"\r\n".contains(byte)) {
            output.extend_from_slice(cell);
            return;
        }
        output.push(b'"');
        for byte in cell {
            if *byte == b'"' {
                output.push(b'"');
            }
            output.push(*byte);
        }
        output.push(b'"');
    }

    fn delimiter(&self) -> u8 {
        if self.to == Format::Tsv { b'\t' } else { b',' }
    }
}

/// A member of an object that is not closed yet.
fn write_member(name: &str, value: Option<&str>, output: &mut Vec<u8>) {
    if output.last() != Some(&b'{') {
        output.push(b',');
    }
    // Writing to memory does not fail.
    let _ = serde_json::to_writer(&mut *output, name);
    output.push(b':');
    let _ = serde_json::to_writer(&mut *output, &value);
}
