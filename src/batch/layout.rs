//! The layout of the rows of one run: the format of the input, its columns, and the format of the
//! output.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::Read;

use super::column::{Column, Columns, duplicate};
use super::object::Object;
use super::record::Record;
use super::row::Content;
use super::write::header_line;
use super::{Chunk, Chunks, Format, Row, line_breaks};
use crate::error::{Error, ErrorKind, Result, quoted};
use crate::text;

/// The size of the beginning of an input that is searched for a JSON object, in bytes.
const LONGEST_START: usize = 1 << 20;

/// The formats of rows in and out, and the names of their columns.
#[derive(Debug)]
pub struct Layout {
    pub(super) from: Format,
    pub(super) to: Format,
    /// The columns that are read and added.
    pub(super) columns: Columns,
    /// The names of all columns of a table, or of the members of the first object.
    pub(super) names: Vec<String>,
    /// The indices of `names`, in the order of the names.
    sorted: Vec<usize>,
    /// The columns that are read, each with its index in `names`.
    known: Vec<(Column, usize)>,
    /// The delimiter of the columns of an output that is a table.
    pub(super) delimiter: u8,
    header: Vec<u8>,
}

impl Layout {
    /// Reads the names of the columns from the beginning of an input.
    ///
    /// # Errors
    /// Those of [`Chunks::next_chunk`], and a table without a column of URLs, or with one that is
    /// to be added or occurs twice.
    pub fn read<R: Read>(
        chunks: &mut Chunks<text::Reader<R>>,
        to: Format,
        columns: Columns,
    ) -> Result<Self> {
        let from = chunks.format;
        let mut first = chunks.next_chunk()?.unwrap_or_default();
        let mut delimiter = if to == Format::Tsv { b'\t' } else { b',' };
        if from == to {
            delimiter = chunks.delimiter;
        }
        if from.is_table() {
            let mut layout = Layout::of_table(from, to, columns, delimiter, &mut first)
                .map_err(|e| e.context(format_args!("{}:", chunks.name)))?;
            if to == from {
                layout.header.splice(..0, chunks.preamble.iter().copied());
            }
            chunks.put_back(first);
            return Ok(layout);
        }
        let url = columns.name(Column::Url).to_owned();
        if from == Format::Lines || !to.is_table() {
            chunks.put_back(first);
            return Ok(Layout::new(from, to, columns, vec![url], delimiter));
        }
        // The first object names the columns, even after blank and bad rows.
        while Object::first_in(&first.bytes).is_none() && first.bytes.len() < LONGEST_START {
            let Some(next) = chunks.next_chunk()? else {
                break;
            };
            first.bytes.extend(next.bytes);
        }
        let names = match Object::first_in(&first.bytes) {
            Some(object) => object.members().map(|m| m.name.to_string()).collect(),
            None => vec![url],
        };
        chunks.put_back(first);
        let layout = Layout::new(from, to, columns, names, delimiter);
        let checked = layout.check_names();
        checked.map_err(|e| e.context(format_args!("{}:", chunks.name)))?;
        Ok(layout)
    }

    fn of_table(
        from: Format,
        to: Format,
        columns: Columns,
        delimiter: u8,
        first: &mut Chunk,
    ) -> Result<Self> {
        let Some(record) = first.records.iter(&first.bytes).next() else {
            return Err(
                Error::new("the input is empty; the first row must name the columns")
                    .with_hint("the first row names the columns, for example url,expires,customer"),
            );
        };
        let names = record.fields().map(String::from_utf8_lossy);
        let names = names.map(Cow::into_owned).collect();
        let mut layout = Layout::new(from, to, columns, names, delimiter);
        layout.check_names()?;
        if !layout.has(Column::Url) && !layout.has(Column::SignedUrl) {
            return Err(layout.no_url_column());
        }
        if record.ends_in_open_quote {
            return Err(open_quote());
        }
        layout.header = header_line(&layout, record.raw, record.ending);
        let whole = record.blank.len() + record.raw.len() + record.ending.len();
        first.line += line_breaks(&first.bytes[..whole]);
        first.records.skip_first();
        Ok(layout)
    }

    fn new(from: Format, to: Format, columns: Columns, names: Vec<String>, delimiter: u8) -> Self {
        let mut sorted: Vec<usize> = (0..names.len()).collect();
        sorted.sort_by_key(|index| &names[*index]);
        let mut known = Vec::new();
        for (index, name) in names.iter().enumerate() {
            if let Some(column) = columns.column(name) {
                known.push((column, index));
            }
        }
        let mut layout = Layout {
            from,
            to,
            columns,
            names,
            sorted,
            known,
            delimiter,
            header: Vec::new(),
        };
        layout.header = header_line(&layout, b"", b"");
        layout
    }

    /// Refuses names that are unclear, occur twice, are to be added, or cannot be written.
    fn check_names(&self) -> Result<()> {
        for name in &self.names {
            self.columns.check(name)?;
        }
        for (nth, (column, index)) in self.known.iter().enumerate() {
            if self.known[..nth].iter().any(|(other, _)| other == column) {
                return Err(duplicate(&self.names[*index]));
            }
        }
        if self.to == self.from {
            // A column that passes through unchanged may occur any number of times.
            return Ok(());
        }
        let mut seen = HashSet::with_capacity(self.names.len());
        for name in &self.names {
            if !seen.insert(name) {
                return Err(duplicate(name));
            }
            if self.to == Format::Tsv && has_tsv_separator(name.as_bytes()) {
                return Err(not_in_tsv(&format!("the column name {}", quoted(name))));
            }
        }
        Ok(())
    }

    fn no_url_column(&self) -> Error {
        let message = format!(
            "no column named {}; the columns are {}",
            quoted(self.columns.name(Column::Url)),
            quoted(&self.names.join(", "))
        );
        let has = |text: &str| self.names.iter().any(|name| name.contains(text));
        match self.from {
            Format::Csv if has("\t") => Error::of_kind(ErrorKind::LikelyFormat("tsv"), message),
            Format::Tsv if has(",") => Error::of_kind(ErrorKind::LikelyFormat("csv"), message),
            _ if has("://") => Error::new("the first row contains a URL and no names of columns")
                .with_hint("add a first row that names the columns, for example url,customer"),
            _ if has("#") => Error::new(message)
                .with_hint("lines that begin with # are rows; leave them out: grep -v '^#' FILE"),
            _ => {
                let has_default = self
                    .names
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case("url"));
                Error::of_kind(ErrorKind::NoUrlColumn { has_default }, message)
            }
        }
    }

    /// The index of a column in the rows of a table.
    pub(super) fn index_of(&self, column: Column) -> Option<usize> {
        let known = self.known.iter().find(|(known, _)| *known == column);
        known.map(|(_, index)| *index)
    }

    /// Returns whether rows may have this column or member.
    pub fn may_have(&self, column: Column) -> bool {
        self.from == Format::Jsonl || self.has(column)
    }

    fn has(&self, column: Column) -> bool {
        self.index_of(column).is_some()
    }

    /// Returns whether rows are objects, of which each has members of its own.
    pub fn is_json(&self) -> bool {
        self.from == Format::Jsonl
    }

    /// Returns whether rows are lines, in and out.
    pub fn is_lines(&self) -> bool {
        self.from == Format::Lines && self.to == Format::Lines
    }

    /// The first row of the output, which names the columns; empty for formats that have none.
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// Checks that a row has the columns of the layout, and that the output format can represent
    /// it.
    ///
    /// # Errors
    /// A row with other columns, or with a value that the output format cannot contain.
    pub fn check(&self, row: &Row) -> Result<()> {
        match &row.content {
            Content::Line => {}
            Content::Unreadable(error) => return Err(error.clone()),
            Content::Record(record) => self.check_record(record)?,
            Content::Object(object) => self.check_object(object)?,
        }
        if self.to == self.from {
            return Ok(());
        }
        for (name, cell) in self.names.iter().zip(self.cells(row)) {
            if self.to == Format::Tsv && has_tsv_separator(&cell) {
                return Err(not_in_tsv(&format!("the column {}", quoted(name))));
            }
        }
        Ok(())
    }

    fn check_record(&self, record: &Record) -> Result<()> {
        if std::str::from_utf8(record.raw).is_err() {
            return Err(text::not_utf8(record.raw).context("the row"));
        }
        if record.ends_in_open_quote {
            return Err(open_quote());
        }
        let (count, expected) = (record.len(), self.names.len());
        if count == expected {
            return Ok(());
        }
        let columns = if count == 1 { "column" } else { "columns" };
        Err(Error::new(format!(
            "the row has {count} {columns}; the header has {expected}"
        )))
    }

    fn check_object(&self, object: &Object) -> Result<()> {
        for member in object.members() {
            self.columns.check(&member.name)?;
        }
        if !self.to.is_table() {
            return Ok(());
        }
        let mut seen = vec![false; self.names.len()];
        for (nth, member) in object.members().enumerate() {
            let Some(index) = self.index_of_member(nth, &member.name) else {
                let message = format!(
                    "{} is not a column; the first row has no member of this name",
                    quoted(&member.name)
                );
                let kind = ErrorKind::NotRepresentable("jsonl");
                return Err(Error::of_kind(kind, message));
            };
            if std::mem::replace(&mut seen[index], true) {
                return Err(duplicate(&member.name));
            }
        }
        Ok(())
    }

    /// The index of the column for the `nth` member of an object. Most objects have their members
    /// in the order of the columns, which is compared first.
    fn index_of_member(&self, nth: usize, name: &str) -> Option<usize> {
        if self.names.get(nth).is_some_and(|column| column == name) {
            return Some(nth);
        }
        let found = self
            .sorted
            .binary_search_by(|index| self.names[*index].as_str().cmp(name));
        found.ok().map(|place| self.sorted[place])
    }

    /// The cells of a row, in the order of the columns, for an output in another format.
    pub(super) fn cells<'a>(&self, row: &'a Row) -> Vec<Cow<'a, [u8]>> {
        match &row.content {
            Content::Line => vec![Cow::Borrowed(row.raw)],
            Content::Unreadable(_) => vec![Cow::default(); self.names.len()],
            Content::Record(record) => (0..self.names.len())
                .map(|index| Cow::Borrowed(record.field(index)))
                .collect(),
            Content::Object(object) => {
                let mut cells = vec![Cow::default(); self.names.len()];
                for (nth, member) in object.members().enumerate() {
                    if let Some(index) = self.index_of_member(nth, &member.name) {
                        cells[index] = match member.cell() {
                            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
                        };
                    }
                }
                cells
            }
        }
    }
}

fn has_tsv_separator(cell: &[u8]) -> bool {
    cell.iter().any(|byte| b"\t\r\n".contains(byte))
}

fn not_in_tsv(what: &str) -> Error {
    Error::of_kind(
        ErrorKind::NotRepresentable("csv"),
        format!("{what} contains a tab or a line break, which TSV cannot represent"),
    )
}

fn open_quote() -> Error {
    Error::new("the row opens a quoted field that is never closed").with_hint(
        "the input may be truncated; a quote within a quoted field is written twice (RFC 4180)",
    )
}
