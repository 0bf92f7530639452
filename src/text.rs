//! Text from outside: UTF-8 with or without a byte-order mark, or UTF-16 with one, as PowerShell's
//! `>` writes it. Lines may end with `\n`, `\r\n` or `\r`.
//!
//! Every text that is read comes through here, as a whole by [`decode`] or as a stream by
//! [`Reader`], so that all commands read the same files and say the same about others.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

use crate::error::{Error, Result, io_reason};

/// The first bytes of files that are not text: what they are, and the next step.
const FOREIGN: [(&[u8], &str, &str); 6] = [
    (b"\x1f\x8b", "is gzip-compressed", "gunzip -c FILE"),
    (b"\x28\xb5\x2f\xfd", "is zstd-compressed", "zstd -dc FILE"),
    (b"PK\x03\x04", "is a ZIP file or a spreadsheet", AS_CSV),
    (b"\xd0\xcf\x11\xe0", "is an old Office document", AS_CSV),
    (b"PAR1\x15", "is a Parquet file", "convert it to JSON Lines"),
    (b"\xff\xfe\0\0", "is UTF-32 text", "save it as UTF-8"),
];

const AS_CSV: &str = "unpack it; a spreadsheet can be saved as \"CSV UTF-8\"";

const BINARY: &str = "is binary data, not text";

/// The byte-order mark in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The size of a read, and of the longest line that is looked at, in bytes.
const BLOCK: usize = 64 << 10;

/// Decodes a whole text. The byte-order mark is left out, and `\r` at the ends of lines is replaced
/// by `\n`.
///
/// # Errors
/// Bytes that are not text, or in another encoding. The message continues the name of the input.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>> {
    let order = match bytes {
        [1..=255, 0, 1..=255, 0, ..] => "le",
        [0, 1..=255, 0, 1..=255, ..] => "be",
        _ => return decode_any(bytes),
    };
    let hint = format!("save it as UTF-8, or convert it: iconv -f utf-16{order} -t utf-8 FILE");
    Err(Error::new("is UTF-16 text without a byte-order mark").with_hint(hint))
}

/// Decodes a whole text, UTF-16 without a mark too: a key cannot be mistaken for another text.
pub(crate) fn decode_any(bytes: &[u8]) -> Result<Cow<'_, str>> {
    check_start(bytes)?;
    let text = if let Some((order, units)) = utf16(bytes) {
        Cow::Owned(from_utf16(units, order)?)
    } else {
        let unmarked = bytes.strip_prefix(MARK).unwrap_or(bytes);
        Cow::Borrowed(std::str::from_utf8(unmarked).map_err(|_| not_utf8(bytes))?)
    };
    if ends_lines_with_cr(text.as_bytes()) {
        return Ok(Cow::Owned(text.replace('\r', "\n")));
    }
    Ok(text)
}

/// Refuses what is not text in an encoding that is read, by its first bytes.
///
/// # Errors
/// A message that continues the name of the input.
pub fn check_start(start: &[u8]) -> Result<()> {
    for (magic, what, hint) in FOREIGN {
        if start.starts_with(magic) {
            return Err(Error::new(what).with_hint(hint));
        }
    }
    if utf16(start).is_some() {
        return Ok(());
    }
    let first_line = start.split(|byte| *byte == b'\n').next().unwrap_or(start);
    let is_text = first_line.first() != Some(&0) && std::str::from_utf8(first_line).is_ok();
    if is_text && first_line.contains(&0) {
        return Err(Error::new("contains NUL bytes instead of line breaks")
            .with_hint("convert the output of find -print0: tr '\\0' '\\n' < FILE"));
    }
    if !is_text && start.iter().take(1024).any(is_control) {
        return Err(Error::new(BINARY));
    }
    Ok(())
}

/// The error for bytes that are not UTF-8. The message continues the name of the input.
pub fn not_utf8(bytes: &[u8]) -> Error {
    let valid = std::str::from_utf8(bytes).map_or_else(|e| e.valid_up_to(), str::len);
    let Some(byte) = bytes.get(valid).filter(|_| !bytes.iter().any(is_control)) else {
        return Error::new(BINARY);
    };
    Error::new(format!(
        "is not UTF-8 text: byte {} is 0x{byte:02X}, as in Latin-1 or Windows-1252",
        valid + 1
    ))
    .with_hint("save it as UTF-8, or convert it: iconv -f windows-1252 -t utf-8 FILE")
}

/// Returns whether a byte is a control character that texts do not contain.
fn is_control(byte: &u8) -> bool {
    *byte < b' ' && !b"\t\n\r\x0c\x1b".contains(byte)
}

/// The error for an input that could not be read, or is not text.
pub fn cannot_read(input: impl fmt::Display, error: &io::Error) -> Error {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(error) => Error::clone(error).context(input),
        None => Error::new(format!("cannot read {input}: {}", io_reason(error))),
    }
}

/// Reads a unit of UTF-16.
type Order = fn([u8; 2]) -> u16;

/// The order of bytes in UTF-16, by its mark or by the zeros in its first characters, and the text
/// without the mark; `None` for other text.
fn utf16(bytes: &[u8]) -> Option<(Order, &[u8])> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => Some((u16::from_le_bytes, rest)),
        [0xfe, 0xff, rest @ ..] => Some((u16::from_be_bytes, rest)),
        [1..=255, 0, 1..=255, 0, ..] => Some((u16::from_le_bytes, bytes)),
        [0, 1..=255, 0, 1..=255, ..] => Some((u16::from_be_bytes, bytes)),
        _ => None,
    }
}

fn from_utf16(bytes: &[u8], order: Order) -> Result<String> {
    let (units, rest) = bytes.as_chunks::<2>();
    let characters = char::decode_utf16(units.iter().map(|unit| order(*unit)));
    let text = characters.collect::<std::result::Result<String, _>>();
    text.ok().filter(|_| rest.is_empty()).ok_or_else(|| {
        Error::new("is damaged UTF-16 text, or in two encodings").with_hint("save it as UTF-8")
    })
}

/// Returns whether lines end with `\r` alone, by the first of them.
fn ends_lines_with_cr(text: &[u8]) -> bool {
    match text.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
        Some(end) => text[end] == b'\r' && text.get(end + 1) != Some(&b'\n'),
        None => false,
    }
}

/// A stream of text, decoded as by [`decode`]. UTF-8 may be invalid. UTF-16, and text whose lines
/// end with `\r` alone, is read as a whole.
#[derive(Debug)]
pub struct Reader<R> {
    text: Chain<Cursor<Vec<u8>>, BufReader<R>>,
    /// The text began with a byte-order mark, which is left out.
    pub has_mark: bool,
    /// The text was UTF-16.
    pub was_utf16: bool,
}

impl<R: Read> Reader<R> {
    /// Reads the beginning of a text: its first line at least, unless it is very long.
    ///
    /// # Errors
    /// Those of the input, and UTF-16 that is damaged.
    pub fn new(input: R) -> io::Result<Self> {
        let mut input = BufReader::with_capacity(BLOCK, input);
        let mut start = Vec::new();
        let mut first_line = input.by_ref().take(BLOCK as u64);
        first_line.read_until(b'\n', &mut start)?;
        start.extend_from_slice(input.buffer());
        input.consume(input.buffer().len());
        let was_utf16 = utf16(&start).is_some();
        let has_mark = was_utf16 || start.starts_with(MARK);
        if was_utf16 || ends_lines_with_cr(&start) && check_start(&start).is_ok() {
            input.read_to_end(&mut start)?;
            let text = decode(&start).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
            start = text.into_owned().into_bytes();
        } else if has_mark {
            start.drain(..MARK.len());
        }
        let text = Cursor::new(start).chain(input);
        Ok(Reader {
            text,
            has_mark,
            was_utf16,
        })
    }

    /// The beginning of the text, until something is read.
    pub fn start(&self) -> &[u8] {
        self.text.get_ref().0.get_ref()
    }

    /// The text, if it consists of one line; `None` for several, or one that is very long.
    ///
    /// # Errors
    /// Those of the input.
    pub fn only_line(&mut self) -> io::Result<Option<String>> {
        let (start, input) = self.text.get_mut();
        let start = start.get_mut();
        loop {
            let line = start.trim_ascii();
            if line.len() > BLOCK || line.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
                return Ok(None);
            }
            let line = String::from_utf8_lossy(line).into_owned();
            if input.take(BLOCK as u64).read_until(b'\n', start)? == 0 {
                return Ok(Some(line));
            }
        }
    }
}

impl<R: Read> Read for Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.text.read(buffer)
    }
}
