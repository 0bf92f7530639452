//! How the rows of one run look: the form they come in, their columns, and the form they go out in.

use std::io::Read;

use csv::ByteRecord;

use super::chunk::too_long;
use super::object::Object;
use super::{
    BYTE_ORDER_MARK, Chunk, Content, ERROR, Format, NAMES, Row, SIGNED_URL, URL, already_there,
    meant, misspelt, without_line_break,
};
use crate::error::{Error, Result, quoted};

/// A blank line, which is no row of a table.
const BLANK: &[u8] = b"\n";

/// The form of rows in and out, and the names of their columns.
#[derive(Debug)]
pub struct Layout {
    pub(super) from: Format,
    pub(super) to: Format,
    pub(super) columns: Vec<String>,
    header: Vec<u8>,
}

/// What came of a chunk.
#[derive(Debug, Default)]
pub struct Done {
    /// The rows, each with its signed URL or its error.
    pub output: Vec<u8>,
    /// How many there were.
    pub rows: u64,
    /// Those that could not be signed, in order.
    pub bad: Vec<BadRow>,
}

/// A row that could not be signed.
#[derive(Debug)]
pub struct BadRow {
    /// The line of the input on which it begins, counted from 1.
    pub line: u64,
    /// Why.
    pub error: Error,
}

impl Layout {
    /// Reads the columns off the first chunk of an input, and takes the row that names them out of it.
    ///
    /// # Errors
    /// A table without a column `url`, or with one that is to be added; text in UTF-16.
    pub fn read(from: Format, to: Format, first: &mut Chunk) -> Result<Self> {
        if first.bytes.starts_with(b"\xff\xfe") || first.bytes.starts_with(b"\xfe\xff") {
            return Err(Error::new("the input is UTF-16 text")
                .with_hint("convert it: iconv -f utf-16 -t utf-8"));
        }
        let marked = first.bytes.starts_with(BYTE_ORDER_MARK);
        if marked {
            first.bytes.drain(..BYTE_ORDER_MARK.len());
        }
        let mut layout = Layout {
            from,
            to,
            columns: vec![URL.into()],
            header: Vec::new(),
        };
        if from == Format::Jsonl
            && let Some(object) = Object::first_in(&first.bytes)
        {
            layout.columns = object.names().map(Into::into).collect();
            if to.table().is_some() {
                layout.check_names()?;
            }
        }
        let mut whole = None;
        if let Some(table) = from.table() {
            let mut reader = table.from_reader(first.bytes.as_slice());
            let mut record = ByteRecord::new();
            let found = reader
                .read_byte_record(&mut record)
                .is_ok_and(|found| found);
            let end = end_of_record(&first.bytes, reader.position().byte());
            layout.columns = record
                .iter()
                .map(|name| String::from_utf8_lossy(name).into_owned())
                .collect();
            layout.check_columns(found)?;
            if layout.is_open(&first.bytes[..end], &record) {
                return Err(open_quote());
            }
            let header: Vec<u8> = first.bytes.drain(..end).collect();
            first.line += header.iter().filter(|byte| **byte == b'\n').count() as u64;
            whole = Some(header);
        }
        layout.header = layout.header_line(whole.as_deref());
        if marked && to == from && from.table().is_some() {
            layout.header.splice(..0, BYTE_ORDER_MARK.iter().copied());
        }
        Ok(layout)
    }

    fn check_columns(&self, found: bool) -> Result<()> {
        let example = "the first row names the columns, such as url,expires,customer; --from lines reads a URL a line";
        if !found {
            return Err(
                Error::new("the input is empty, and its first row would name the columns")
                    .with_hint(example),
            );
        }
        if let Some((name, exact)) = self
            .columns
            .iter()
            .find_map(|name| Some((name, meant(name)?)))
        {
            return Err(misspelt(name, exact));
        }
        if !self.columns.iter().any(|name| name == URL) {
            let names = self.columns.join(", ");
            let has = |delimiter| self.columns.iter().any(|name| name.contains(delimiter));
            let hint = match self.from {
                Format::Csv if has('\t') => "--from tsv",
                Format::Tsv if has(',') => "--from csv",
                _ if has(';') => {
                    "the columns are separated by semicolons: tr ';' ',' makes CSV of it where none stands in quotes"
                }
                _ => example,
            };
            return Err(Error::new(format!(
                "no column is called url; the first row is {}",
                quoted(&names)
            ))
            .with_hint(hint));
        }
        self.check_names()
    }

    /// Refuses names that stand for two columns, are to be added, or cannot be written.
    fn check_names(&self) -> Result<()> {
        let again = |name: &str| self.columns.iter().filter(|own| *own == name).count() > 1;
        let converted = self.to != self.from;
        for name in &self.columns {
            // A column that goes through as it is may be there as often as it likes.
            if (NAMES.contains(&name.as_str()) || converted) && again(name) {
                return Err(
                    Error::new(format!("the column {} is there twice", quoted(name)))
                        .with_hint("rename one of them"),
                );
            }
            if [SIGNED_URL, ERROR].contains(&name.as_str()) {
                return Err(already_there(name));
            }
            if converted && self.to == Format::Tsv && name.contains(['\t', '\r', '\n']) {
                return Err(no_place_in_tsv(&format!("the name {}", quoted(name))));
            }
        }
        Ok(())
    }

    /// Whether rows may have a column or member of this name.
    pub fn may_have(&self, name: &str) -> bool {
        self.from == Format::Jsonl || self.columns.iter().any(|column| column == name)
    }

    /// What stands before the rows of the output: the names of the columns where it is a table, nothing otherwise.
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// Signs each row of a chunk, and writes it with what came of it. A blank line stays one where lines go out, and is
    /// left out otherwise. With `fail_fast`, what follows the first bad row is left out too.
    pub fn sign_each(
        &self,
        chunk: &Chunk,
        fail_fast: bool,
        mut sign: impl FnMut(u64, &Row) -> Result<String>,
    ) -> Done {
        let mut done = Done::default();
        self.for_each(chunk, |line, row| {
            if fail_fast && !done.bad.is_empty() {
                return;
            }
            if row.raw.is_empty() {
                done.output
                    .extend_from_slice(if self.to == Format::Lines { b"\n" } else { b"" });
                return;
            }
            let outcome = self.check(&row).and_then(|()| sign(line, &row));
            self.write(&row, outcome.as_ref().map(String::as_str), &mut done.output);
            done.rows += 1;
            if let Err(error) = outcome {
                done.bad.push(BadRow { line, error });
            }
        });
        done
    }

    fn for_each(&self, chunk: &Chunk, mut each: impl FnMut(u64, Row)) {
        if chunk.too_long {
            let content = Content::Unreadable(too_long(self.from));
            return each(
                chunk.line,
                Row {
                    raw: &chunk.bytes,
                    ending: b"\n",
                    content,
                },
            );
        }
        let Some(table) = self.from.table() else {
            for (line, whole) in
                (chunk.line..).zip(chunk.bytes.split_inclusive(|byte| *byte == b'\n'))
            {
                let (raw, ending) = without_line_break(whole);
                let (raw, content) = match self.from {
                    Format::Jsonl => {
                        let raw = raw.trim_ascii();
                        (
                            raw,
                            Object::parse(raw).map_or_else(Content::Unreadable, Content::Object),
                        )
                    }
                    _ => (raw, Content::Line),
                };
                each(
                    line,
                    Row {
                        raw,
                        ending,
                        content,
                    },
                );
            }
            return;
        };
        // The reader takes out a byte-order mark where it begins, and a chunk may begin anywhere.
        let mut reader = table.from_reader(BLANK.chain(chunk.bytes.as_slice()));
        let mut record = ByteRecord::new();
        let mut begin = 0;
        let mut line = chunk.line;
        // A slice can be read, and bytes are not decoded, so no row is refused here.
        while reader
            .read_byte_record(&mut record)
            .is_ok_and(|found| found)
        {
            let end = end_of_record(&chunk.bytes, reader.position().byte() - BLANK.len() as u64);
            let whole = &chunk.bytes[begin..end];
            let skipped = whole
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'))
                .count();
            let line_breaks =
                |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            line += line_breaks(&whole[..skipped]);
            let (raw, ending) = without_line_break(&whole[skipped..]);
            let open = end == chunk.bytes.len() && self.is_open(whole, &record);
            each(
                line,
                Row {
                    raw,
                    ending,
                    content: Content::Record {
                        columns: &self.columns,
                        record: &record,
                        open,
                    },
                },
            );
            line += line_breaks(&whole[skipped..]);
            begin = end;
        }
    }

    /// Whether a quote is open at the end of a record, the last of an input: then a line break more is a part of it.
    fn is_open(&self, whole: &[u8], record: &ByteRecord) -> bool {
        let Some(table) = self.from.table().filter(|_| whole.contains(&b'"')) else {
            return false;
        };
        let mut longer = ByteRecord::new();
        let read = table
            .from_reader(BLANK.chain(whole).chain(BLANK))
            .read_byte_record(&mut longer);
        read.is_ok_and(|found| found && longer != *record)
    }

    /// Whether a row fits into the layout.
    fn check(&self, row: &Row) -> Result<()> {
        match &row.content {
            Content::Unreadable(error) => return Err(error.clone()),
            Content::Record { open: true, .. } => return Err(open_quote()),
            Content::Record { record, .. } if record.len() != self.columns.len() => {
                let (own, all) = (record.len(), self.columns.len());
                let surplus: Vec<_> = record
                    .iter()
                    .skip(all)
                    .map(String::from_utf8_lossy)
                    .collect();
                let surplus = match surplus.as_slice() {
                    [] => String::new(),
                    surplus => format!("; too many are {}", quoted(&surplus.join(","))),
                };
                return Err(Error::new(format!(
                    "the number of columns is {own}, and the first row names {all}{surplus}"
                )));
            }
            Content::Object(object) => {
                object.check()?;
                if self.to.table().is_none() {
                    return Ok(());
                }
                if let Some(name) = object
                    .names()
                    .find(|name| !self.columns.iter().any(|column| column == name))
                {
                    return Err(Error::new(format!(
                        "{} is no column, since the first row has none of that name",
                        quoted(name)
                    ))
                    .with_hint("--to jsonl keeps rows of different kinds"));
                }
            }
            _ => {}
        }
        let converted = self.to != self.from;
        let mut cells = self
            .columns
            .iter()
            .enumerate()
            .map(|(place, name)| (name, row.cell(place, name)));
        match self.to {
            Format::Tsv if converted => {
                match cells.find(|(_, cell)| cell.iter().any(|byte| b"\t\r\n".contains(byte))) {
                    Some((name, _)) => Err(Error::new(format!(
                        "the column {} holds a tab or a line break, for which TSV has no place",
                        quoted(name)
                    ))
                    .with_hint("--to csv or --to jsonl")),
                    None => Ok(()),
                }
            }
            Format::Jsonl if converted => {
                match cells.find(|(_, cell)| std::str::from_utf8(cell).is_err()) {
                    Some((name, _)) => Err(Error::new(format!(
                        "the column {} is not UTF-8 text",
                        quoted(name)
                    ))),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }
}

fn no_place_in_tsv(what: &str) -> Error {
    Error::new(format!(
        "{what} holds a tab or a line break, for which TSV has no place"
    ))
    .with_hint("--to csv or --to jsonl")
}

fn open_quote() -> Error {
    Error::new("the row opens a quote that is closed nowhere")
        .with_hint("the input may be cut short; a quote in a cell is written twice, and the cell between quotes")
}

/// Where the record ends of which a reader of `bytes` has just `read` the last, its line break included.
fn end_of_record(bytes: &[u8], read: u64) -> usize {
    let end = usize::try_from(read).unwrap_or(usize::MAX).min(bytes.len());
    // The reader stops between the two bytes of a \r\n.
    let between = bytes[..end].ends_with(b"\r") && bytes[end..].starts_with(b"\n");
    if between { end + 1 } else { end }
}
