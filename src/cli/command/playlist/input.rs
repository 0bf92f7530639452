//! The input of `cfsign playlist`: a file that is read whole, or an HLS playlist in pieces.

use std::fs::Metadata;
use std::io::{Cursor, Read};
use std::mem;
use std::path::Path;

use crate::cli::source::Source;
use crate::playlist::Format;
use crate::text::{self, cannot_read};
use crate::{Error, Result, quoted};

const MARK: &str = "\u{feff}";

/// The bytes of a piece of an HLS playlist.
const PIECE: usize = 1 << 20;

/// The most bytes of a file that is read whole, such as a DASH manifest.
const LARGEST: usize = 256 << 20;

/// A playlist that is being read.
pub struct Input {
    source: Source,
    from: text::Reader<Box<dyn Read>>,
    /// The current piece: whole lines of an HLS playlist, or everything.
    piece: String,
    /// The beginning of the next piece.
    rest: Vec<u8>,
}

impl Input {
    /// Opens a playlist. An HLS playlist is read in pieces unless `is_whole`.
    ///
    /// # Errors
    /// It cannot be read, or is not a playlist: then it may be a key that was given by mistake, of
    /// which nothing must be shown.
    pub fn open(source: Source, is_whole: bool) -> Result<Self> {
        let mut file = source.open()?;
        let mut start = Vec::new();
        let marked = file
            .by_ref()
            .take(MARK.len() as u64)
            .read_to_end(&mut start);
        marked.map_err(|e| cannot_read(&source, &e))?;
        let has_mark = start == MARK.as_bytes();
        let whole: Box<dyn Read> = Box::new(Cursor::new(start).chain(file));
        let from = text::Reader::new(whole).map_err(|e| cannot_read(&source, &e))?;
        let mut input = Input {
            source,
            from,
            piece: String::new(),
            rest: Vec::new(),
        };
        input.read(is_whole)?;
        if let Err(e) = Format::of(&input.piece) {
            input.refuse_key(input.piece.as_bytes())?;
            // The door for text says what else it may be.
            input.source.decode(input.piece.as_bytes())?;
            return Err(e);
        }
        if has_mark {
            input.piece.insert_str(0, MARK);
        } else if input.from.has_mark() {
            input.declare_utf8();
        }
        Ok(input)
    }

    /// Opens a playlist that another one names. Opening a FIFO or a device that happens to have its
    /// name could block.
    pub fn open_named(path: &Path, is_whole: bool) -> Result<Self> {
        let is_special = |file: Metadata| !file.is_file() && !file.is_dir();
        if path.metadata().is_ok_and(is_special) {
            let path = quoted(&path.to_string_lossy());
            return Err(Error::new(format!(
                "cannot read {path}: it is not a regular file"
            )));
        }
        Input::open(Source::File(path.to_path_buf()), is_whole)
    }

    /// The current piece.
    pub fn piece(&self) -> &str {
        &self.piece
    }

    /// Reads the next piece; `false` at the end.
    pub fn advance(&mut self) -> Result<bool> {
        self.read(false)?;
        Ok(!self.piece.is_empty())
    }

    /// Changes the declaration of XML that was UTF-16.
    fn declare_utf8(&mut self) {
        if let Some(end) = self
            .piece
            .find("?>")
            .filter(|_| self.piece.starts_with("<?xml"))
        {
            let declaration = self.piece[..end].to_ascii_uppercase();
            if let Some(encoding) = declaration.find("UTF-16") {
                self.piece
                    .replace_range(encoding..encoding + "UTF-16".len(), "UTF-8");
            }
        }
    }

    /// Reads a piece that ends with a line, or everything.
    fn read(&mut self, is_whole: bool) -> Result<()> {
        let mut bytes = mem::take(&mut self.rest);
        let end = loop {
            let start = bytes.len();
            let mut from = self.from.by_ref().take(PIECE as u64);
            from.read_to_end(&mut bytes)
                .map_err(|e| cannot_read(&self.source, &e))?;
            if bytes.len() < start + PIECE {
                break bytes.len();
            }
            let is_in_pieces =
                !is_whole && (!self.piece.is_empty() || bytes.starts_with(b"#EXTM3U"));
            let last_line = bytes[start..].iter().rposition(|byte| *byte == b'\n');
            if let Some(line_end) = last_line.filter(|_| is_in_pieces) {
                break start + line_end + 1;
            }
            if bytes.len() > LARGEST {
                let source = &self.source;
                let limit = format!("the limit for a manifest is {LARGEST} bytes");
                return Err(Error::new(format!("{source} is too large: {limit}")));
            }
        };
        self.rest = bytes.split_off(end);
        if str::from_utf8(&bytes).is_err() && !bytes.starts_with(b"#EXTM3U") {
            self.refuse_key(&bytes)?;
        }
        self.piece = match String::from_utf8(bytes) {
            Ok(piece) => piece,
            Err(e) => self.source.decode(e.as_bytes())?,
        };
        Ok(())
    }

    fn refuse_key(&self, bytes: &[u8]) -> Result<()> {
        self.source.refuse_key(bytes, "a playlist")
    }
}
