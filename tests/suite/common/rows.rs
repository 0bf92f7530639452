//! A batch without its signatures: what goes in, in pieces, and what comes out.

use std::collections::HashMap;
use std::io::{self, Read};

use cfsign::Error;
use cfsign::batch::{Chunks, Column, Columns, Format, Layout, Row, write_blank, write_row};
use cfsign::text::{Reader, cannot_read};
use cfsign::url::percent::encode;
use serde_json::value::RawValue;

/// What comes out of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Signed {
    pub output: Vec<u8>,
    pub rows: u64,
    /// The lines of the rows that were refused, and why.
    pub bad: Vec<(u64, String)>,
}

/// Signs `input` in chunks of one more than so many rows, of which each read gives no more than one
/// byte more than `read_size`.
///
/// # Errors
/// What keeps all rows from being signed.
pub fn signed(
    input: &[u8],
    from: Format,
    to: Format,
    rows: usize,
    read_size: usize,
) -> Result<Signed, String> {
    let reader = Pieces {
        rest: input,
        size: read_size.saturating_add(1),
    };
    run(reader, from, to, rows.saturating_add(1)).map_err(|e| e.to_string())
}

fn run(input: Pieces<'_>, from: Format, to: Format, max_rows: usize) -> cfsign::Result<Signed> {
    let reader = Reader::new(input).map_err(|e| cannot_read("the input", &e))?;
    let mut chunks = Chunks::new(reader, "the input".into(), from, max_rows)?;
    let layout = Layout::read(&mut chunks, to, Columns::to_sign("url"))?;
    let mut signed = Signed {
        output: layout.header().to_vec(),
        rows: 0,
        bad: Vec::new(),
    };
    while let Some(chunk) = chunks.next_chunk()? {
        for row in Row::all(&layout, &chunk) {
            if row.is_blank() {
                write_blank(&layout, &mut signed.output);
                continue;
            }
            let outcome = sign(&row);
            let written = outcome.as_ref().map(String::as_str);
            write_row(&row, written, &mut signed.output);
            signed.rows += 1;
            if let Err(error) = outcome {
                signed.bad.push((row.line, error.to_string()));
            }
        }
    }
    Ok(signed)
}

/// A row with its line, so that lines are counted right.
fn sign(row: &Row) -> cfsign::Result<String> {
    row.check()?;
    match row.get(Column::Url)? {
        Some(url) if !url.contains('!') => Ok(format!("{}:{}", row.line, encode(url))),
        _ => Err(Error::new("is refused")),
    }
}

/// How many rows there are in an input, blank lines and the names of columns left out.
pub fn rows_in(input: &[u8], from: Format) -> u64 {
    let mut text = input
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(input)
        .to_vec();
    // Where the first line ends with \r alone, all do.
    let first_end = text.iter().position(|byte| b"\r\n".contains(byte));
    let is_mac =
        first_end.is_some_and(|end| text[end] == b'\r' && text.get(end + 1) != Some(&b'\n'));
    if is_mac {
        for byte in text.iter_mut().filter(|byte| **byte == b'\r') {
            *byte = b'\n';
        }
    }
    let lines = || text.split(|byte| *byte == b'\n');
    let count = match from {
        Format::Lines => lines().filter(|line| !matches!(line, [] | [b'\r'])).count(),
        Format::Jsonl => lines().filter(|line| !line.trim_ascii().is_empty()).count(),
        Format::Csv | Format::Tsv => {
            let records = records(&text, from).skip(1);
            records
                .filter(|record| record.iter().any(|field| !field.is_empty()))
                .count()
        }
    };
    count as u64
}

/// How many rows there are in what came out, each of them whole; a line that is bad is a blank one.
pub fn rows_out(signed: &Signed, to: Format) -> u64 {
    let output = signed.output.as_slice();
    let count = match to {
        Format::Lines => {
            output
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.is_empty())
                .count()
                + signed.bad.len()
        }
        Format::Jsonl => {
            let lines = output.split_inclusive(|byte| *byte == b'\n');
            let objects = lines.map(serde_json::from_slice::<HashMap<String, Box<RawValue>>>);
            objects
                .filter(|object| {
                    object
                        .as_ref()
                        .expect("an object")
                        .contains_key("signed_url")
                })
                .count()
        }
        Format::Csv | Format::Tsv => {
            let lengths: Vec<usize> = records(output, to).map(|record| record.len()).collect();
            assert!(
                lengths.windows(2).all(|pair| pair[0] == pair[1]),
                "{lengths:?}"
            );
            lengths.len() - 1
        }
    };
    count as u64
}

/// The records of a table, that of the names of columns among them. They end with \n or \r\n.
fn records(bytes: &[u8], format: Format) -> impl Iterator<Item = csv::ByteRecord> {
    let mut builder = csv::ReaderBuilder::new();
    builder.has_headers(false).flexible(true);
    builder.terminator(csv::Terminator::Any(b'\n'));
    if format == Format::Tsv {
        builder.delimiter(b'\t').quoting(false);
    }
    let mut text = bytes.to_vec();
    for place in (0..bytes.len()).rev() {
        if bytes[place] == b'\r' && matches!(bytes.get(place + 1), None | Some(b'\n')) {
            text.remove(place);
        }
    }
    builder
        .from_reader(io::Cursor::new(text))
        .into_byte_records()
        .map(|record| record.expect("a slice can be read"))
}

/// A reader that gives little at a time.
struct Pieces<'a> {
    rest: &'a [u8],
    size: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.size.min(buffer.len()).min(self.rest.len());
        let (now, later) = self.rest.split_at(size);
        buffer[..size].copy_from_slice(now);
        self.rest = later;
        Ok(size)
    }
}
