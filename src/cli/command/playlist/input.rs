//! The input of `cfsign playlist`: a file that is read whole, or an HLS playlist in pieces.

use std::io::{BufRead, BufReader, Read};

use crate::cli::source::Source;
use crate::playlist::Format;
use crate::text::{self, cannot_read};
use crate::{Error, Result};

/// The bytes of a piece of an HLS playlist, but for the rest of its last line.
const PIECE: usize = 1 << 20;

/// The most bytes of a file that is read whole, such as a DASH manifest.
const LARGEST: usize = 256 << 20;

/// A playlist that is being read.
pub struct Input {
    source: Source,
    from: BufReader<text::Reader<Box<dyn Read + Send>>>,
    is_hls: bool,
    /// The current piece: whole lines of an HLS playlist, or everything; empty at the end.
    pub piece: String,
}

impl Input {
    /// Opens a playlist and reads the first piece.
    ///
    /// # Errors
    /// It cannot be read, or is not a playlist: then it may be a key that was given by mistake, of
    /// which nothing must be shown.
    pub fn open(source: Source) -> Result<Self> {
        let from = text::Reader::new(source.open()?).map_err(|e| cannot_read(&source, &e))?;
        let (has_mark, was_utf16) = (from.has_mark, from.was_utf16);
        let mut input = Input {
            source,
            from: BufReader::new(from),
            is_hls: false,
            piece: String::new(),
        };
        input.advance()?;
        if let Err(e) = Format::of(&input.piece) {
            input
                .source
                .refuse_key(input.piece.as_bytes(), "a playlist")?;
            // The door for text says what else it may be.
            input.source.decode(input.piece.as_bytes())?;
            return Err(e);
        }
        if has_mark && !was_utf16 {
            input.piece.insert(0, '\u{feff}');
        }
        if was_utf16
            && input.piece.starts_with("<?xml")
            && let Some((declaration, rest)) = input.piece.split_once("?>")
        {
            let declaration = declaration.replace("utf-16", "UTF-8");
            let declaration = declaration.replace("UTF-16", "UTF-8");
            input.piece = format!("{declaration}?>{rest}");
        }
        Ok(input)
    }

    /// Reads the next piece.
    pub fn advance(&mut self) -> Result<()> {
        let mut bytes = Vec::new();
        let mut from = self.from.by_ref().take(LARGEST as u64 + 1);
        while bytes.len() < PIECE || !self.is_hls {
            let read = from.read_until(b'\n', &mut bytes);
            if read.map_err(|e| cannot_read(&self.source, &e))? == 0 {
                break;
            }
            self.is_hls |= bytes.starts_with(b"#EXTM3U");
        }
        if bytes.len() > LARGEST {
            let source = &self.source;
            let limit = format!("the limit for a manifest is {LARGEST} bytes");
            return Err(Error::new(format!("{source} is too large: {limit}")));
        }
        self.piece = match String::from_utf8(bytes) {
            Ok(piece) => piece,
            Err(e) => {
                self.source.refuse_key(e.as_bytes(), "a playlist")?;
                self.source.decode(e.as_bytes())?
            }
        };
        Ok(())
    }
}
