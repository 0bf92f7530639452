//! The layout of the rows of one run: the format of the input, its columns, and the format of the
//! output.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use super::cell::members;
use super::column::{Column, Columns, duplicate};
use super::row::{check_tsv, open_quote};
use super::splitter::Splitter;
use super::write::header_line;
use super::{Chunk, Chunks, Format, line_breaks, without_line_break};
use crate::error::{Error, ErrorKind, Result, quoted};
use crate::text;

/// The size of the beginning of an input that is searched for the names of columns, in bytes.
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
    /// The index of each name.
    pub(super) index: HashMap<String, usize>,
    pub(super) splitter: Splitter,
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
        let mut layout = Layout {
            from,
            to,
            names: vec![columns.name(Column::Url).to_owned()],
            columns,
            index: HashMap::new(),
            splitter: chunks.splitter,
            delimiter: if to == Format::Tsv { b'\t' } else { b',' },
            header: Vec::new(),
        };
        if from == to && from.is_table() {
            layout.delimiter = chunks.splitter.delimiter;
            layout.header.extend_from_slice(&chunks.preamble);
        }
        let mut first = chunks.next_chunk()?.unwrap_or_default();
        // Blank rows may precede the names of columns, and bad ones the first object.
        while layout.has_names() && layout.naming_row(&first).is_none() {
            if first.bytes.len() >= LONGEST_START {
                break;
            }
            let Some(next) = chunks.next_chunk()? else {
                break;
            };
            first.bytes.extend(next.bytes);
        }
        layout
            .read_names(&mut first)
            .map_err(|e| e.context(format_args!("{}:", chunks.name)))?;
        chunks.put_back(first);
        Ok(layout)
    }

    /// Returns whether a row names the columns.
    fn has_names(&self) -> bool {
        self.from.is_table() || self.from == Format::Jsonl && self.to.is_table()
    }

    /// The row that names the columns, and the number of bytes before it: the first row of a table,
    /// or the first object.
    fn naming_row<'a>(&self, chunk: &'a Chunk) -> Option<(&'a [u8], usize)> {
        let mut begin = 0;
        for whole in self.splitter.rows(&chunk.bytes) {
            let is_naming = if self.from.is_table() {
                !without_line_break(whole).0.is_empty()
            } else {
                members(whole.trim_ascii()).is_ok()
            };
            if is_naming {
                return Some((whole, begin));
            }
            begin += whole.len();
        }
        None
    }

    /// Reads the names of the columns, and takes the header of a table out of the first chunk.
    fn read_names(&mut self, first: &mut Chunk) -> Result<()> {
        if !self.from.is_table() {
            if self.has_names()
                && let Some((whole, _)) = self.naming_row(first)
            {
                let members = members(whole.trim_ascii())?.into_iter();
                self.names = members.map(|member| member.name.into()).collect();
            }
            self.check_names()?;
            self.header = header_line(self, b"", b"");
            return Ok(());
        }
        let Some((whole, begin)) = self.naming_row(first) else {
            let message = "the input is empty; the first row must name the columns";
            let hint = "the first row names the columns, for example url,expires,customer";
            return Err(Error::new(message).with_hint(hint));
        };
        let (raw, ending) = without_line_break(whole);
        let (fields, is_open) = self.splitter.fields(raw);
        let names = fields.iter().map(|name| String::from_utf8_lossy(name));
        self.names = names.map(Into::into).collect();
        self.check_names()?;
        if is_open {
            return Err(open_quote());
        }
        self.header.extend(header_line(self, raw, ending));
        let end = begin + whole.len();
        first.line += line_breaks(&first.bytes[..end]);
        first.bytes.drain(..end);
        Ok(())
    }

    /// Refuses names that are unclear, occur twice, are to be added, or cannot be written.
    fn check_names(&mut self) -> Result<()> {
        let mut read = HashSet::new();
        for (index, name) in self.names.iter().enumerate() {
            self.columns.check(name)?;
            let column = self.columns.column(name);
            let is_new = column.is_none_or(|column| read.insert(column));
            let is_known = self.index.insert(name.clone(), index).is_some();
            // A column that passes through unchanged may occur any number of times.
            if !is_new || is_known && self.to != self.from {
                return Err(duplicate(name));
            }
            if self.to == Format::Tsv && self.from != Format::Tsv {
                check_tsv(name.as_bytes(), "the column name", name)?;
            }
        }
        if self.from.is_table() && !self.has(Column::Url) && !self.has(Column::SignedUrl) {
            return Err(self.no_url_column());
        }
        Ok(())
    }

    fn no_url_column(&self) -> Error {
        let name = quoted(self.columns.name(Column::Url));
        let names = quoted(&self.names.join(", "));
        let message = format!("no column named {name}; the columns are {names}");
        let has = |text| self.name_with(text).is_some();
        match self.from {
            Format::Csv if has("\t") => Error::of_kind(ErrorKind::LikelyFormat("tsv"), message),
            Format::Tsv if has(",") => Error::of_kind(ErrorKind::LikelyFormat("csv"), message),
            _ if has("://") => Error::new("the first row contains a URL and no names of columns")
                .with_hint("add a first row that names the columns, for example url,customer"),
            _ if has("#") => Error::new(message)
                .with_hint("lines that begin with # are rows; leave them out: grep -v '^#' FILE"),
            _ => {
                let mut words = ["url", "uri", "link", "path"].iter();
                let likely = words.find_map(|word| self.name_with(word)).cloned();
                Error::of_kind(ErrorKind::NoUrlColumn { likely }, message)
            }
        }
    }

    fn name_with(&self, text: &str) -> Option<&String> {
        let mut names = self.names.iter();
        names.find(|name| name.to_lowercase().contains(text))
    }

    /// Returns whether rows may have this column or member.
    pub fn may_have(&self, column: Column) -> bool {
        self.from == Format::Jsonl || self.has(column)
    }

    fn has(&self, column: Column) -> bool {
        let mut names = self.names.iter();
        names.any(|name| self.columns.column(name) == Some(column))
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
}
