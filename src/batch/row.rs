//! One row of the input.

use std::cell::OnceCell;

use super::cell::{Cell, members};
use super::column::duplicate;
use super::{Chunk, Column, Format, Layout, line_breaks, without_line_break};
use crate::error::{Error, ErrorKind, Result, printable, quoted};
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
    /// Read when it is first asked for.
    content: OnceCell<Content<'a>>,
}

/// The content of a row, as far as it can be read.
#[derive(Debug, Default)]
pub(super) struct Content<'a> {
    pub(super) cells: Vec<Cell<'a>>,
    /// The row as written has all columns, so that others can be added at its end.
    pub(super) is_whole: bool,
    flaw: Option<Error>,
}

impl<'a> Row<'a> {
    /// The rows of a chunk, in order, blank ones among them.
    pub fn all(layout: &'a Layout, chunk: &'a Chunk) -> impl Iterator<Item = Row<'a>> {
        let mut next_line = chunk.line;
        layout.splitter.rows(&chunk.bytes).map(move |whole| {
            let (mut raw, ending) = without_line_break(whole);
            if layout.from == Format::Jsonl {
                raw = raw.trim_ascii();
            }
            let line = next_line;
            next_line += line_breaks(whole);
            Row {
                line,
                layout,
                raw,
                ending,
                content: OnceCell::new(),
            }
        })
    }

    /// Returns whether the row is a blank line, or consists of separators, as spreadsheets write
    /// it.
    pub fn is_blank(&self) -> bool {
        if !self.layout.from.is_table() || self.raw.is_empty() {
            return self.raw.is_empty();
        }
        if self
            .content()
            .cells
            .iter()
            .any(|cell| !cell.text.is_empty())
        {
            return false;
        }
        // A quote that is never closed takes in the line break.
        self.ending.is_empty() || !self.layout.splitter.fields(self.raw).1
    }

    /// The row as written, without its line break.
    pub fn as_bytes(&self) -> &[u8] {
        self.raw
    }

    /// Checks that the row has the columns of the layout, and that the output format can represent
    /// it.
    ///
    /// # Errors
    /// A row with other columns, or with a value that the output format cannot contain.
    pub fn check(&self) -> Result<()> {
        self.content().flaw.clone().map_or(Ok(()), Err)
    }

    /// The text in a column or of a member; `None` if it is missing, empty or `null`.
    ///
    /// # Errors
    /// Text that is not UTF-8, a value that is neither a string nor a number, or a duplicate
    /// member.
    pub fn get(&self, column: Column) -> Result<Option<&str>> {
        let name = self.layout.columns.name(column);
        let mut cells = self.content().cells.iter();
        let Some(cell) = cells.find(|cell| cell.name.eq_ignore_ascii_case(name)) else {
            return Ok(None);
        };
        if cells.any(|cell| cell.name.eq_ignore_ascii_case(name)) {
            return Err(duplicate(name));
        }
        if cell.json.starts_with(['t', 'f', '[', '{']) {
            let message = format!("{} is neither a string nor a number", quoted(name));
            return Err(Error::new(message));
        }
        let text = std::str::from_utf8(&cell.text)
            .map_err(|_| text::not_utf8(&cell.text).context(format_args!("the {name}")))?;
        Ok((!text.is_empty()).then_some(text))
    }

    pub(super) fn content(&self) -> &Content<'a> {
        self.content.get_or_init(|| {
            let (layout, raw) = (self.layout, self.raw);
            let mut content = match layout.from {
                Format::Lines => Content::of_line(layout, raw),
                Format::Csv | Format::Tsv => Content::of_record(layout, raw),
                Format::Jsonl => Content::of_object(layout, raw),
            };
            if layout.to == Format::Tsv && layout.from != Format::Tsv {
                for cell in &content.cells {
                    let checked = check_tsv(&cell.text, "the column", &cell.name);
                    content.flaw = content.flaw.or(checked.err());
                }
            }
            content
        })
    }
}

impl<'a> Content<'a> {
    fn of_line(layout: &'a Layout, raw: &'a [u8]) -> Self {
        Content {
            cells: vec![Cell::new(layout.columns.name(Column::Url), raw)],
            ..Content::default()
        }
    }

    fn of_record(layout: &'a Layout, raw: &'a [u8]) -> Self {
        let (fields, is_open) = layout.splitter.fields(raw);
        let (count, expected) = (fields.len(), layout.names.len());
        let flaw = if std::str::from_utf8(raw).is_err() {
            Some(text::not_utf8(raw).context("the row"))
        } else if is_open {
            Some(open_quote())
        } else if count != expected {
            let columns = if count == 1 { "column" } else { "columns" };
            let message = format!("the row has {count} {columns}; the header has {expected}");
            Some(Error::new(message))
        } else {
            None
        };
        let names = layout.names.iter().map(String::as_str);
        let names = names.chain(std::iter::repeat(""));
        let cells = names.zip(fields).map(|(name, text)| Cell::new(name, text));
        Content {
            cells: cells.collect(),
            is_whole: count == expected && !is_open,
            flaw,
        }
    }

    fn of_object(layout: &'a Layout, raw: &'a [u8]) -> Self {
        let members = match members(raw) {
            Ok(members) => members,
            Err(flaw) => {
                return Content {
                    cells: vec![Cell::new("row", shown(raw).into_bytes())],
                    is_whole: false,
                    flaw: Some(flaw),
                };
            }
        };
        let mut content = Content {
            is_whole: true,
            ..Content::default()
        };
        if layout.to.is_table() {
            let names = layout.names.iter().map(String::as_str);
            content.cells = names.map(|name| Cell::new(name, b"".as_slice())).collect();
        }
        for member in members {
            let added = content.add(layout, member);
            content.flaw = content.flaw.or(added.err());
        }
        content
    }

    /// Adds a member, in the order of the columns if the output has such.
    fn add(&mut self, layout: &Layout, member: Cell<'a>) -> Result<()> {
        let checked = layout.columns.check(&member.name);
        if !layout.to.is_table() {
            self.cells.push(member);
            return checked;
        }
        let Some(index) = layout.index.get(&*member.name) else {
            let message = format!(
                "{} is not a column; the first row has no member of this name",
                quoted(&member.name)
            );
            let kind = ErrorKind::NotRepresentable("jsonl");
            return checked.and(Err(Error::of_kind(kind, message)));
        };
        if !self.cells[*index].json.is_empty() {
            return checked.and(Err(duplicate(&member.name)));
        }
        self.cells[*index] = member;
        checked
    }
}

/// Refuses a text that TSV cannot represent; `what` and `name` say where it is.
pub(super) fn check_tsv(text: &[u8], what: &str, name: &str) -> Result<()> {
    if !text.iter().any(|byte| b"\t\r\n".contains(byte)) {
        return Ok(());
    }
    let flaw = "contains a tab or a line break, which TSV cannot represent";
    let message = format!("{what} {} {flaw}", quoted(name));
    Err(Error::of_kind(ErrorKind::NotRepresentable("csv"), message))
}

pub(super) fn open_quote() -> Error {
    Error::new("the row opens a quoted field that is never closed").with_hint(
        "the input may be truncated; a quote within a quoted field is written twice (RFC 4180)",
    )
}

/// A row that is not a JSON object, as the output shows it; a line that may be part of a key is
/// omitted.
fn shown(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    if text.starts_with('{') && !text.contains("PRIVATE KEY") {
        text.into_owned()
    } else {
        printable(&text)
    }
}
