//! The layout of the rows of one run: the format of the input, its columns, and the format of the
//! output.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::column::{Column, ColumnNames, duplicate};
use super::object::Object;
use super::record::{Record, Records};
use super::row::Content;
use super::write::header_line;
use super::{BYTE_ORDER_MARK, Chunk, Format, Row, line_breaks};
use crate::error::{Error, ErrorKind, Result, quoted};
use crate::text;

/// The formats of rows in and out, and the names of their columns.
#[derive(Debug)]
pub struct Layout {
    pub(super) from: Format,
    pub(super) to: Format,
    /// The names of the columns that are read.
    pub(super) names: ColumnNames,
    /// The names of all columns of a table, or of the members of the first object.
    pub(super) columns: Vec<String>,
    /// The indices of `columns`, for objects that become rows of a table.
    indices: HashMap<String, usize>,
    /// The columns that are read, each with its index in `columns`.
    known: Vec<(Column, usize)>,
    header: Vec<u8>,
}

impl Layout {
    /// Reads the names of the columns from the first chunk of an input, and removes the row that
    /// has them. The case of `url_column`, the name of the column of URLs, is ignored. A table that
    /// began with a byte-order mark is written with one.
    ///
    /// # Errors
    /// A table without that column, or with one that is to be added or occurs twice.
    pub fn read(
        from: Format,
        to: Format,
        url_column: &str,
        first: &mut Chunk,
        has_mark: bool,
    ) -> Result<Self> {
        let names = ColumnNames::with_url(url_column);
        let mut layout = match from {
            Format::Lines => Layout::new(from, to, names, vec![url_column.into()]),
            Format::Jsonl => {
                let columns = match Object::first_in(&first.bytes) {
                    Some(object) => object.members().map(|m| m.name.to_string()).collect(),
                    None => vec![url_column.into()],
                };
                Layout::new(from, to, names, columns)
            }
            Format::Csv | Format::Tsv => return Layout::of_table(from, to, names, first, has_mark),
        };
        if from == Format::Jsonl && to.is_table() {
            layout.check_names()?;
        }
        layout.header = header_line(&layout, b"", b"");
        Ok(layout)
    }

    fn of_table(
        from: Format,
        to: Format,
        names: ColumnNames,
        first: &mut Chunk,
        has_mark: bool,
    ) -> Result<Self> {
        let Some(record) = Records::new(from, &first.bytes).next() else {
            return Err(
                Error::new("the input is empty; the first row must name the columns")
                    .with_hint("the first row names the columns, for example url,expires,customer"),
            );
        };
        let columns = record
            .fields()
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .collect();
        let mut layout = Layout::new(from, to, names, columns);
        layout.check_names()?;
        if layout.index_of(Column::Url).is_none() {
            return Err(layout.no_url_column());
        }
        if record.ends_in_open_quote {
            return Err(open_quote());
        }
        layout.header = header_line(&layout, record.raw, record.ending);
        if has_mark && to == from {
            layout.header.splice(..0, BYTE_ORDER_MARK.iter().copied());
        }
        let end = record.whole_len();
        first.line += line_breaks(&first.bytes[..end]);
        first.bytes.drain(..end);
        Ok(layout)
    }

    fn new(from: Format, to: Format, names: ColumnNames, columns: Vec<String>) -> Self {
        let is_searched = from == Format::Jsonl && to.is_table();
        let mut indices = HashMap::with_capacity(if is_searched { columns.len() } else { 0 });
        let mut known = Vec::new();
        for (index, name) in columns.iter().enumerate() {
            if is_searched {
                indices.insert(name.clone(), index);
            }
            if let Some(column) = names.column(name) {
                known.push((column, index));
            }
        }
        Layout {
            from,
            to,
            names,
            columns,
            indices,
            known,
            header: Vec::new(),
        }
    }

    /// Refuses names that are unclear, occur twice, are to be added, or cannot be written.
    fn check_names(&self) -> Result<()> {
        for name in &self.columns {
            self.names.check(name)?;
        }
        for (nth, (column, index)) in self.known.iter().enumerate() {
            if self.known[..nth].iter().any(|(other, _)| other == column) {
                return Err(duplicate(&self.columns[*index]));
            }
        }
        if self.to == self.from {
            // A column that passes through unchanged may occur any number of times.
            return Ok(());
        }
        let mut seen = HashSet::with_capacity(self.columns.len());
        for name in &self.columns {
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
            quoted(self.names.name(Column::Url)),
            quoted(&self.columns.join(", "))
        );
        let has = |separator| self.columns.iter().any(|name| name.contains(separator));
        match self.from {
            Format::Csv if has('\t') => Error::of_kind(ErrorKind::LikelyFormat("tsv"), message),
            Format::Tsv if has(',') => Error::of_kind(ErrorKind::LikelyFormat("csv"), message),
            _ if has(';') => Error::new(message).with_hint(
                "the columns are separated by semicolons; tr ';' ',' converts them if no field contains either",
            ),
            _ => {
                let has_default = self.columns.iter().any(|name| name.eq_ignore_ascii_case("url"));
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
        self.from == Format::Jsonl || self.index_of(column).is_some()
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
        for (name, cell) in self.columns.iter().zip(self.cells(row)) {
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
        let (count, expected) = (record.len(), self.columns.len());
        if count == expected {
            return Ok(());
        }
        let mut message = format!(
            "the row has {count} {}; the header has {expected}",
            if count == 1 { "column" } else { "columns" }
        );
        if count > expected {
            let extra: Vec<_> = record.fields().skip(expected).collect();
            let extra = extra.join(&b',');
            message += &format!("; extra: {}", quoted(&String::from_utf8_lossy(&extra)));
        }
        Err(Error::new(message))
    }

    fn check_object(&self, object: &Object) -> Result<()> {
        for member in object.members() {
            self.names.check(&member.name)?;
        }
        if !self.to.is_table() {
            return Ok(());
        }
        let mut seen = vec![false; self.columns.len()];
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

    /// The index of the column for the `nth` member of an object. Most objects have their members in the order of the
    /// columns, which is compared first.
    fn index_of_member(&self, nth: usize, name: &str) -> Option<usize> {
        if self.columns.get(nth).is_some_and(|column| column == name) {
            return Some(nth);
        }
        self.indices.get(name).copied()
    }

    /// The cells of a row, in the order of the columns, for an output in another format.
    pub(super) fn cells<'a>(&self, row: &'a Row) -> Vec<Cow<'a, [u8]>> {
        match &row.content {
            Content::Line => vec![Cow::Borrowed(row.raw)],
            Content::Unreadable(_) => vec![Cow::default(); self.columns.len()],
            Content::Record(record) => (0..self.columns.len())
                .map(|index| Cow::Borrowed(record.field(index)))
                .collect(),
            Content::Object(object) => {
                let mut cells = vec![Cow::default(); self.columns.len()];
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
