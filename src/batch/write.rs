//! Writing rows with their results.

use super::column::{ERROR, SIGNED_URL};
use super::row::Content;
use super::{Format, Layout, Row};
use crate::error::{Error, printable};

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

/// Writes a blank line where lines are written, and nothing in other formats.
pub fn write_blank(layout: &Layout, output: &mut Vec<u8>) {
    if layout.to == Format::Lines {
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
    // A row that has the name already was refused for it, and keeps its value.
    let has_member = |name| matches!(&row.content, Content::Object(object) if object.has(name));
    write_members(row, output);
    if !has_member(SIGNED_URL) {
        write_member(SIGNED_URL, outcome.ok(), output);
    }
    if let Err(error) = outcome
        && !has_member(ERROR)
    {
        write_member(ERROR, Some(&error.to_string()), output);
    }
    output.extend_from_slice(b"}\n");
}

/// The members of the row, and no closing brace.
fn write_members(row: &Row, output: &mut Vec<u8>) {
    match &row.content {
        Content::Object(_) => {
            let members = row.raw.strip_suffix(b"}").unwrap_or(row.raw);
            output.extend_from_slice(members.trim_ascii_end());
        }
        Content::Unreadable(_) => {
            output.push(b'{');
            write_member("row", Some(&shown_row(row.raw)), output);
        }
        Content::Line | Content::Record(_) => {
            output.push(b'{');
            for (name, cell) in row.layout.names.iter().zip(row.layout.cells(row)) {
                write_member(name, Some(&String::from_utf8_lossy(&cell)), output);
            }
        }
    }
}

fn write_record(row: &Row, outcome: Result<&str, &Error>, output: &mut Vec<u8>) {
    let layout = row.layout;
    let is_whole = match &row.content {
        Content::Record(record) => record.len() == layout.names.len() && !record.ends_in_open_quote,
        _ => false,
    };
    if is_whole && layout.from == layout.to {
        output.extend_from_slice(row.raw);
    } else {
        let cells = layout.cells(row);
        write_cells(layout, cells.iter().map(AsRef::as_ref), output);
    }
    let error = outcome.err().map(Error::to_string).unwrap_or_default();
    write_end(
        layout,
        outcome.unwrap_or_default(),
        &error,
        row.ending,
        output,
    );
}

/// The two columns that are added, and the line break: that of the row where the format is the
/// same.
fn write_end(layout: &Layout, signed_url: &str, error: &str, ending: &[u8], output: &mut Vec<u8>) {
    for cell in [signed_url, error] {
        output.push(layout.delimiter);
        write_cell(layout, cell.as_bytes(), output);
    }
    let keep = layout.from == layout.to && !ending.is_empty();
    output.extend_from_slice(if keep { ending } else { b"\n" });
}

fn write_cells<'a>(layout: &Layout, cells: impl Iterator<Item = &'a [u8]>, output: &mut Vec<u8>) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            output.push(layout.delimiter);
        }
        write_cell(layout, cell, output);
    }
}

fn write_cell(layout: &Layout, cell: &[u8], output: &mut Vec<u8>) {
    if layout.to == Format::Tsv {
        write_tsv_cell(cell, output);
    } else {
        write_csv_cell(layout.delimiter, cell, output);
    }
}

/// A cell of a row that TSV can represent, or that is refused because it cannot.
fn write_tsv_cell(cell: &[u8], output: &mut Vec<u8>) {
    for byte in cell {
        output.push(match byte {
            b'\t' | b'\r' | b'\n' => b' ',
            byte => *byte,
        });
    }
}

/// A cell in quotes where CSV needs them (RFC 4180, section 2).
fn write_csv_cell(delimiter: u8, cell: &[u8], output: &mut Vec<u8>) {
    let needs_quotes = |byte: &u8| *byte == delimiter || b"\"\r\n".contains(byte);
    if !cell.iter().any(needs_quotes) {
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

/// A row that is not a JSON object, as the output shows it; a line that may be part of a key is
/// omitted.
fn shown_row(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    if text.starts_with('{') && !text.contains("PRIVATE KEY") {
        text.into_owned()
    } else {
        printable(&text)
    }
}
