//! Writing rows with their results.

use super::column::{ERROR, SIGNED_URL};
use super::{Format, Layout, Row};
use crate::error::Error;

/// The row that names the columns of the output; empty for formats that have none. `raw` and
/// `ending` are that of the input and its line break, where it is a table.
pub(super) fn header_line(layout: &Layout, raw: &[u8], ending: &[u8]) -> Vec<u8> {
    let mut line = Vec::new();
    if !layout.to.is_table() {
        return line;
    }
    if layout.from == layout.to {
        line.extend_from_slice(raw);
    } else {
        let names = layout.names.iter().map(String::as_bytes);
        write_cells(layout, names, &mut line);
    }
    write_end(layout, SIGNED_URL, ERROR, ending, &mut line);
    line
}

/// Writes a blank line where the lines of a list are written, and nothing in other formats.
pub fn write_blank(layout: &Layout, output: &mut Vec<u8>) {
    if layout.to == Format::Lines && !layout.from.is_table() {
        output.push(b'\n');
    }
}

/// Writes a row with its signed URL or its error.
pub fn write_row(row: &Row, outcome: Result<&str, &Error>, output: &mut Vec<u8>) {
    match row.layout.to {
        Format::Lines => {
            output.extend_from_slice(outcome.unwrap_or_default().as_bytes());
            output.push(b'\n');
        }
        Format::Jsonl => write_object(row, outcome, output),
        Format::Csv | Format::Tsv => write_record(row, outcome, output),
    }
}

fn write_object(row: &Row, outcome: Result<&str, &Error>, output: &mut Vec<u8>) {
    let content = row.content();
    if row.layout.from == Format::Jsonl && content.is_whole {
        let members = row.raw.strip_suffix(b"}").unwrap_or(row.raw);
        output.extend_from_slice(members.trim_ascii_end());
    } else {
        output.push(b'{');
        for cell in content.cells.iter().take(row.layout.names.len()) {
            let text = String::from_utf8_lossy(&cell.text);
            write_member(&cell.name, Some(&text), output);
        }
    }
    let error = outcome.err().map(Error::to_string);
    for (name, value) in [(SIGNED_URL, outcome.ok()), (ERROR, error.as_deref())] {
        // A row that has the name already was refused for it, and keeps its value.
        let is_there = content.cells.iter().any(|cell| cell.name == name);
        if !is_there && (name == SIGNED_URL || value.is_some()) {
            write_member(name, value, output);
        }
    }
    output.extend_from_slice(b"}\n");
}

fn write_record(row: &Row, outcome: Result<&str, &Error>, output: &mut Vec<u8>) {
    let (layout, content) = (row.layout, row.content());
    if layout.from == layout.to && content.is_whole {
        output.extend_from_slice(row.raw);
    } else {
        let cells = content.cells.iter().map(|cell| cell.text.as_ref());
        let cells = cells.chain(std::iter::repeat(b"".as_slice()));
        write_cells(layout, cells.take(layout.names.len()), output);
    }
    let error = outcome.err().map(Error::to_string).unwrap_or_default();
    let signed_url = outcome.unwrap_or_default();
    write_end(layout, signed_url, &error, row.ending, output);
}

/// The two columns that are added, and the line break: that of the row where the format is the
/// same.
fn write_end(layout: &Layout, signed_url: &str, error: &str, ending: &[u8], output: &mut Vec<u8>) {
    for cell in [signed_url, error] {
        output.push(layout.delimiter);
        write_cell(layout, cell.as_bytes(), output);
    }
    let is_kept = layout.from == layout.to && ending == b"\r\n";
    output.extend_from_slice(if is_kept { ending } else { b"\n" });
}

fn write_cells<'a>(layout: &Layout, cells: impl Iterator<Item = &'a [u8]>, output: &mut Vec<u8>) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            output.push(layout.delimiter);
        }
        write_cell(layout, cell, output);
    }
}

/// A cell, in quotes where CSV needs them (RFC 4180, section 2). What TSV cannot represent is
/// refused, and replaced here.
fn write_cell(layout: &Layout, cell: &[u8], output: &mut Vec<u8>) {
    let is_special = |byte: &u8| *byte == layout.delimiter || b"\"\r\n".contains(byte);
    if !cell.iter().any(is_special) {
        output.extend_from_slice(cell);
        return;
    }
    let quote: &[u8] = if layout.to == Format::Csv { b"\"" } else { b"" };
    output.extend_from_slice(quote);
    for byte in cell {
        match byte {
            b'"' => output.extend_from_slice(quote),
            b'\t' | b'\r' | b'\n' if quote.is_empty() => {
                output.push(b' ');
                continue;
            }
            _ => {}
        }
        output.push(*byte);
    }
    output.extend_from_slice(quote);
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
