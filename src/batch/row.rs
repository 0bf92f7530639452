//! One row of the input.

use std::borrow::Cow;

use super::object::Object;
use super::record::Record;
use super::{Chunk, Column, Format, Layout, line_breaks, lines, without_line_break};
use crate::error::{Error, Result};
use crate::text;

/// One row of the input.
#[derive(Debug)]
pub struct Row<'a> {
    /// The line of the input on which the row begins, counted from 1.
    pub line: u64,
    pub(super) layout: &'a Layout,
    /// The row as written, without its line break.
    pub(super) raw: &'a [u8],
    /// The line break, empty at the end of an input that has none there.
    pub(super) ending: &'a [u8],
    pub(super) content: Content<'a>,
}

#[derive(Debug)]
pub(super) enum Content<'a> {
    Line,
    Record(Record<'a>),
    Object(Object<'a>),
    Unreadable(Error),
}

impl<'a> Row<'a> {
    /// The rows of a chunk, in order, blank lines among them.
    pub fn all(layout: &'a Layout, chunk: &'a Chunk) -> Box<dyn Iterator<Item = Row<'a>> + 'a> {
        if layout.from.is_table() {
            return Box::new(Row::records(layout, chunk));
        }
        let lines = (chunk.line..).zip(lines(&chunk.bytes));
        Box::new(lines.map(|(line, whole)| Row::of_line(layout, line, whole)))
    }

    fn of_line(layout: &'a Layout, line: u64, whole: &'a [u8]) -> Self {
        let (mut raw, ending) = without_line_break(whole);
        let mut content = Content::Line;
        if layout.from == Format::Jsonl {
            raw = raw.trim_ascii();
            content = Object::parse(raw).map_or_else(Content::Unreadable, Content::Object);
        }
        Row {
            line,
            layout,
            raw,
            ending,
            content,
        }
    }

    fn records(layout: &'a Layout, chunk: &'a Chunk) -> impl Iterator<Item = Self> {
        let mut next_line = chunk.line;
        let records = chunk.records.iter(&chunk.bytes).map(move |record| {
            let line = next_line + line_breaks(record.blank);
            next_line = line + line_breaks(record.raw) + line_breaks(record.ending);
            (line, record)
        });
        // Spreadsheets write rows of nothing but separators.
        let records = records.filter(|(_, record)| !record.is_empty());
        records.map(|(line, record)| Row {
            line,
            layout,
            raw: record.raw,
            ending: record.ending,
            content: Content::Record(record),
        })
    }

    /// Returns whether this is a blank line between rows. Records of tables never are.
    pub fn is_blank(&self) -> bool {
        self.raw.is_empty()
    }

    /// The row as written, without its line break.
    pub fn as_bytes(&self) -> &[u8] {
        self.raw
    }

    /// The text in a column or of a member; `None` if it is missing, empty or `null`.
    ///
    /// # Errors
    /// Text that is not UTF-8, a value that is neither a string nor a number, or a duplicate
    /// member.
    pub fn get(&self, column: Column) -> Result<Option<Cow<'_, str>>> {
        let text = match &self.content {
            Content::Line if column == Column::Url => Some(self.utf8(column, self.raw)?),
            Content::Line | Content::Unreadable(_) => None,
            Content::Record(record) => match self.layout.index_of(column) {
                Some(index) => Some(self.utf8(column, record.field(index))?),
                None => None,
            },
            Content::Object(object) => {
                let name = self.layout.columns.name(column);
                match object.member(name)? {
                    Some(member) if [Column::Url, Column::SignedUrl].contains(&column) => {
                        member.string()?
                    }
                    Some(member) => member.scalar()?,
                    None => None,
                }
            }
        };
        Ok(text.filter(|text| !text.is_empty()))
    }

    fn utf8<'b>(&self, column: Column, bytes: &'b [u8]) -> Result<Cow<'b, str>> {
        let text = std::str::from_utf8(bytes).map_err(|_| {
            let name = self.layout.columns.name(column);
            text::not_utf8(bytes).context(format_args!("the {name}"))
        })?;
        Ok(Cow::Borrowed(text))
    }
}
