//! Rows of a list or a table: read off a stream, looked into, and written back with what came of them.
//!
//! ```text
//! input -> Chunk (whole rows, as bytes) -> Row -> output: the row as it was, and a signed URL or an error
//! ```
//!
//! Four forms are read and written: lines, of which each is a URL; tab-separated values, and comma-separated values
//! (RFC 4180), whose first row names the columns; and JSON Lines, an object a line. What a row holds beside its URL goes
//! through as it is: where the output has the form of the input, byte for byte.

use std::borrow::Cow;
use std::path::Path;

use csv::ByteRecord;

use crate::error::{Error, Result, quoted};

pub use chunk::{Chunk, Chunks};
pub use layout::{BadRow, Done, Layout};

use object::Object;

mod chunk;
mod layout;
mod object;
pub mod pipeline;
mod write;

/// The form of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A URL a line.
    Lines,
    /// Tab-separated values without quotes, the first row naming the columns.
    Tsv,
    /// Comma-separated values (RFC 4180), the first row naming the columns.
    Csv,
    /// A JSON object a line.
    Jsonl,
}

impl Format {
    /// The form that the ending of a file's name stands for.
    pub fn of_file(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "tsv" => Some(Format::Tsv),
            "csv" => Some(Format::Csv),
            "jsonl" | "ndjson" => Some(Format::Jsonl),
            _ => None,
        }
    }

    /// Whether there is a row in `bytes`, the beginning of an input, off which columns can be read.
    fn has_columns(self, bytes: &[u8]) -> bool {
        match self {
            Format::Lines => true,
            Format::Jsonl => Object::first_in(bytes).is_some(),
            Format::Csv | Format::Tsv => !bytes.trim_ascii().is_empty(),
        }
    }

    /// A reader of tables, for those forms that are one.
    fn table(self) -> Option<csv::ReaderBuilder> {
        let mut builder = csv::ReaderBuilder::new();
        builder.has_headers(false).flexible(true);
        match self {
            Format::Csv => {}
            Format::Tsv => drop(builder.delimiter(b'\t').quoting(false)),
            Format::Lines | Format::Jsonl => return None,
        }
        Some(builder)
    }
}

/// What some editors put in front of UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The column, or name in an object, of the URL to sign.
pub const URL: &str = "url";

/// The columns that a caller may ask a row for, under exactly these names.
const NAMES: [&str; 6] = [URL, "expires", "starts", "ip", "resource", "download_as"];

/// The column that a name is probably meant to be: with other capitals, white space around it, a hyphen, without its s. To
/// pass it over would sign without the condition that the column holds.
fn meant(name: &str) -> Option<&'static str> {
    let written = name.trim().to_ascii_lowercase().replace(['-', ' '], "_");
    let is_meant = |exact: &&str| *exact == written || exact.strip_suffix('s') == Some(&written);
    NAMES
        .into_iter()
        .find(|exact| is_meant(exact) && *exact != name)
}

fn misspelt(name: &str, exact: &str) -> Error {
    Error::new(format!(
        "the column {} is not read, and may be meant to be",
        quoted(name)
    ))
    .with_hint(format!("rename it: the column is called {exact}"))
}

/// What is added to a row.
const SIGNED_URL: &str = "signed_url";
const ERROR: &str = "error";

/// One row of the input.
#[derive(Debug)]
pub struct Row<'a> {
    /// The row as it stands in the input, without the line break.
    raw: &'a [u8],
    /// The line break, empty behind the last row of a file that has none there.
    ending: &'a [u8],
    content: Content<'a>,
}

#[derive(Debug)]
enum Content<'a> {
    Line,
    Unreadable(Error),
    /// `open`: in a quote that is closed nowhere.
    Record {
        columns: &'a [String],
        record: &'a ByteRecord,
        open: bool,
    },
    Object(Object<'a>),
}

impl Row<'_> {
    /// The text in the column of this name, or of the member of this name; `None` where there is none, or an empty one.
    ///
    /// # Errors
    /// What is there is not UTF-8, or neither a string nor a number.
    pub fn get(&self, name: &str) -> Result<Option<Cow<'_, str>>> {
        let utf8 = |bytes| {
            std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| {
                Error::new(format!("the {name} is not UTF-8 text")).with_hint(
                    "percent-encode the file's name in its own encoding, or convert the input: iconv -t utf-8",
                )
            })
        };
        let text = match &self.content {
            Content::Line if name == URL => Some(utf8(self.raw)?),
            Content::Line | Content::Unreadable(_) => None,
            Content::Record {
                columns, record, ..
            } => {
                let place = columns.iter().position(|column| column == name);
                place
                    .and_then(|place| record.get(place))
                    .map(utf8)
                    .transpose()?
            }
            Content::Object(object) => object.scalar(name)?,
        };
        Ok(text.filter(|text| !text.is_empty()))
    }

    /// What stands in a column, for another form than that of the input.
    fn cell(&self, place: usize, name: &str) -> Cow<'_, [u8]> {
        match &self.content {
            Content::Line => Cow::Borrowed(self.raw),
            Content::Unreadable(_) => Cow::Borrowed(b""),
            Content::Record { record, .. } => Cow::Borrowed(record.get(place).unwrap_or_default()),
            Content::Object(object) => match object.cell(name) {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            },
        }
    }
}

/// Why a name cannot be a column of the input.
fn already_there(name: &str) -> Error {
    Error::new(format!(
        "{} is there already, and cfsign adds it",
        quoted(name)
    ))
    .with_hint("leave it out of the input, or rename it")
}

/// A row, and the line break behind it.
fn without_line_break(whole: &[u8]) -> (&[u8], &[u8]) {
    let row = whole.strip_suffix(b"\n").unwrap_or(whole);
    let row = row.strip_suffix(b"\r").unwrap_or(row);
    whole.split_at(row.len())
}
