//! Text from outside: UTF-8 with or without a byte-order mark, or UTF-16 with one, as PowerShell's
//! `>` writes it. Lines may end with `\n`, `\r\n` or `\r`.
//!
//! Every text that is read comes through here, as a whole by [`decode`] or as a stream by
//! [`Reader`], so that all commands read the same files and say the same about others.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read};

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

/// The size of a read at the beginning of a stream, or of one in UTF-16, in bytes.
const BLOCK: usize = 64 << 10;

#[derive(Debug, Clone, Copy)]
enum Encoding {
    Utf8,
    /// With the byte order of its units.
    Utf16(fn([u8; 2]) -> u16),
}

impl Encoding {
    /// The encoding of a text by its byte-order mark, and the length of the mark.
    fn of(start: &[u8]) -> (Self, usize) {
        match start {
            [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, 3),
            [0xfe, 0xff, ..] => (Encoding::Utf16(u16::from_be_bytes), 2),
            [0xff, 0xfe, 0, 0, ..] => (Encoding::Utf8, 0),
            [0xff, 0xfe, ..] => (Encoding::Utf16(u16::from_le_bytes), 2),
            _ => (Encoding::Utf8, 0),
        }
    }
}

/// Decodes a whole text. The byte-order mark is left out, and `\r` at the ends of lines is replaced
/// by `\n`.
///
/// # Errors
/// Bytes that are not text, or in another encoding. The message continues the name of the input.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>> {
    let (encoding, mark) = Encoding::of(bytes);
    let text = if let Encoding::Utf16(order) = encoding {
        Cow::Owned(from_utf16(&bytes[mark..], order)?)
    } else {
        check_start(bytes)?;
        Cow::Borrowed(std::str::from_utf8(&bytes[mark..]).map_err(|_| not_utf8(bytes))?)
    };
    if ends_lines_with_cr(text.as_bytes(), true) == Some(true) {
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
    let first_line = start.split(|byte| *byte == b'\n').next().unwrap_or(start);
    let order = match first_line {
        [1..=255, 0, 1..=255, 0, ..] => "le",
        [0, 1..=255, 0, 1..=255, ..] => "be",
        [1..=255, ..] if std::str::from_utf8(first_line).is_ok() => {
            if first_line.contains(&0) {
                return Err(Error::new("contains NUL bytes instead of line breaks")
                    .with_hint("convert the output of find -print0: tr '\\0' '\\n' < FILE"));
            }
            return Ok(());
        }
        _ if start.iter().take(1024).any(is_control) => return Err(binary()),
        _ => return Ok(()),
    };
    let hint = format!("save it as UTF-8, or convert it: iconv -f utf-16{order} -t utf-8 FILE");
    Err(Error::new("is UTF-16 text without a byte-order mark").with_hint(hint))
}

/// The error for bytes that are not UTF-8. The message continues the name of the input.
pub fn not_utf8(bytes: &[u8]) -> Error {
    let valid = std::str::from_utf8(bytes).map_or_else(|e| e.valid_up_to(), str::len);
    let Some(byte) = bytes.get(valid).filter(|_| !bytes.iter().any(is_control)) else {
        return binary();
    };
    let place = valid + 1;
    Error::new(format!(
        "is not UTF-8 text: byte {place} is 0x{byte:02X}, as in Latin-1 or Windows-1252"
    ))
    .with_hint("save it as UTF-8, or convert it: iconv -f windows-1252 -t utf-8 FILE")
}

fn binary() -> Error {
    Error::new("is binary data, not text")
}

/// Returns whether a byte is a control character that texts do not contain.
fn is_control(byte: &u8) -> bool {
    *byte < b' ' && !b"\t\n\r\x0c\x1b".contains(byte)
}

/// The error for an input that could not be read, or is not text.
pub fn cannot_read(input: impl fmt::Display, error: &io::Error) -> Error {
    match error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>())
    {
        Some(error) => error.clone().context(input),
        None => Error::new(format!("cannot read {input}: {}", io_reason(error))),
    }
}

fn from_utf16(bytes: &[u8], order: fn([u8; 2]) -> u16) -> Result<String> {
    let (units, rest) = bytes.as_chunks::<2>();
    let characters = char::decode_utf16(units.iter().map(|unit| order(*unit)));
    let text = characters.collect::<std::result::Result<String, _>>();
    text.ok().filter(|_| rest.is_empty()).ok_or_else(|| {
        Error::new("is damaged UTF-16 text, or in two encodings").with_hint("save it as UTF-8")
    })
}

/// Returns whether lines end with `\r` alone, by the first of them; `None` if that is not known yet.
fn ends_lines_with_cr(text: &[u8], is_all: bool) -> Option<bool> {
    match text.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
        None => is_all.then_some(false),
        Some(end) if text[end] == b'\n' => Some(false),
        Some(end) if end + 1 == text.len() => is_all.then_some(true),
        Some(end) => Some(text[end + 1] != b'\n'),
    }
}

/// A stream of text, decoded as by [`decode`], but for UTF-8, which may be invalid.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    encoding: Encoding,
    has_mark: bool,
    ends_lines_with_cr: bool,
    /// UTF-16 that has been read and not decoded.
    undecoded: Vec<u8>,
    /// Text that has been read and not returned.
    decoded: Vec<u8>,
}

impl<R: Read> Reader<R> {
    /// Reads the beginning of a text: its first line at least, unless it is very long.
    ///
    /// # Errors
    /// Those of the input.
    pub fn new(mut input: R) -> io::Result<Self> {
        let mut start = Vec::new();
        while start.len() < 4 && read_block(&mut input, &mut start)? > 0 {
            // The longest mark that has to be told from a shorter one has four bytes.
            if !matches!(start[0], 0xef | 0xfe | 0xff) {
                break;
            }
        }
        let (encoding, mark) = Encoding::of(&start);
        start.drain(..mark);
        let mut reader = Reader {
            input,
            encoding,
            has_mark: mark > 0,
            ends_lines_with_cr: false,
            undecoded: start,
            decoded: Vec::new(),
        };
        reader.decode(false)?;
        let mut is_all = false;
        reader.ends_lines_with_cr = loop {
            is_all |= reader.decoded.len() > BLOCK;
            if let Some(known) = ends_lines_with_cr(&reader.decoded, is_all) {
                break known;
            }
            is_all = reader.fill()? == 0;
        };
        Ok(reader)
    }

    /// The beginning of the text, until something is read.
    pub fn start(&self) -> &[u8] {
        &self.decoded
    }

    /// The text, if it consists of one line; `None` for several, or one that is very long.
    ///
    /// # Errors
    /// Those of the input.
    pub fn only_line(&mut self) -> io::Result<Option<String>> {
        loop {
            let text = self.decoded.trim_ascii();
            if text.len() > BLOCK || text.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
                return Ok(None);
            }
            let text = String::from_utf8_lossy(text).into_owned();
            if self.fill()? == 0 {
                return Ok(Some(text));
            }
        }
    }

    /// Returns whether the text began with a byte-order mark, which is left out.
    pub fn has_mark(&self) -> bool {
        self.has_mark
    }

    /// Reads and decodes more of the input: the number of bytes read, 0 at its end.
    fn fill(&mut self) -> io::Result<usize> {
        let read = read_block(&mut self.input, &mut self.undecoded)?;
        self.decode(read == 0)?;
        Ok(read)
    }

    fn decode(&mut self, at_end: bool) -> io::Result<()> {
        let Encoding::Utf16(order) = self.encoding else {
            self.decoded.append(&mut self.undecoded);
            return Ok(());
        };
        let mut end = self.undecoded.len();
        if !at_end {
            end -= end % 2;
            let is_high = |unit: &[u8; 2]| (0xd800..0xdc00).contains(&order(*unit));
            if self.undecoded[..end].last_chunk().is_some_and(is_high) {
                end -= 2;
            }
        }
        let text = from_utf16(&self.undecoded[..end], order)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        self.undecoded.drain(..end);
        self.decoded.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

impl<R: Read> Read for Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let is_utf8 = matches!(self.encoding, Encoding::Utf8);
        while !is_utf8 && self.decoded.is_empty() && self.fill()? > 0 {}
        let read = if is_utf8 && self.decoded.is_empty() {
            self.input.read(buffer)?
        } else {
            let read = self.decoded.as_slice().read(buffer)?;
            self.decoded.drain(..read);
            read
        };
        if self.ends_lines_with_cr {
            for byte in &mut buffer[..read] {
                if *byte == b'\r' {
                    *byte = b'\n';
                }
            }
        }
        Ok(read)
    }
}

/// Appends what one read of the input gives: the number of bytes, 0 at the end.
fn read_block(input: &mut impl Read, bytes: &mut Vec<u8>) -> io::Result<usize> {
    let before = bytes.len();
    bytes.resize(before + BLOCK, 0);
    let read = loop {
        match input.read(&mut bytes[before..]) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            read => break read,
        }
    };
    bytes.truncate(before + read.as_ref().copied().unwrap_or_default());
    read
}
