//! Playlists: finds the references of an HLS playlist, a DASH manifest or an asset list, and signs
//! them.
//!
//! A player requests every file that a playlist names, and each of these requests needs a
//! signature. It is appended to each reference as a query, and every other byte of the file is
//! kept: a playlist is never serialized from a model.
//!
//! References are resolved against the URL of the playlist (RFC 3986, section 5) only to find the
//! requested URLs; in the file they stay relative or absolute. Those that are not fetched over HTTP
//! (`data:`, `skd:`, `urn:`) and license servers are not changed.
//!
//! Source: RFC 8216 and its successor draft-pantos-hls-rfc8216bis (HLS); ISO/IEC 23009-1 (DASH).

use std::sync::Arc;

use crate::error::{Error, Result};

pub use base::Base;
pub use coverage::{Coverage, Finding, Found};
pub use preparation::Preparation;
pub use reference::Reference;
pub use signing::{By, PolicyOf, Signing, Unsigned};

mod base;
mod coverage;
mod dash;
mod hls;
mod position;
mod preparation;
mod reference;
mod signing;

use dash::Descriptor;
use hls::Variables;
use position::line_of;
use reference::Kind;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// The format of a playlist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// HTTP Live Streaming, a master (multivariant) or a media playlist.
    Hls,
    /// The asset list of an HLS interstitial, or a steering manifest: JSON.
    Json,
    /// Dynamic Adaptive Streaming over HTTP: a manifest, or a remote element of one.
    Dash,
}

/// A playlist, or a piece of one, and its references.
#[derive(Debug)]
pub struct Playlist<'a> {
    text: &'a str,
    /// The number of lines in the pieces before.
    lines_before: usize,
    format: Format,
    references: Vec<Reference<'a>>,
    /// For each adaptation set, the place to make players add the query of the manifest's URL;
    /// `None` if there is none, or they add it anyway (DASH).
    descriptors: Vec<Option<Descriptor<'a>>>,
    /// The variables at the end of the piece (HLS).
    variables: Variables,
}

/// Reads a playlist, whole or, if it is HLS, in pieces of whole lines.
#[derive(Debug)]
pub struct Reader {
    /// Known after the first piece.
    format: Option<Format>,
    hls: hls::Reader,
}

impl Reader {
    /// A reader of a playlist that clients get from `url`.
    pub fn new(url: Base) -> Self {
        let hls = hls::Reader {
            bases: Arc::new([url]),
            ..hls::Reader::default()
        };
        Reader { format: None, hls }
    }

    /// A reader of the file that `reference` of `playlist` names and that clients get from `url`.
    /// It may import variables, and a remote element stands in place of the reference.
    pub fn named_by(playlist: &Playlist<'_>, reference: &Reference<'_>, url: Base) -> Self {
        let mut reader = Reader::new(url);
        if reference.kind() == Kind::RemoteElement {
            reader.hls.bases = Arc::clone(&reference.bases);
        }
        reader.hls.importable = playlist.variables.clone();
        reader
    }

    /// Finds the references in a playlist, or in the next piece of it.
    ///
    /// # Errors
    /// Text that is neither an HLS playlist nor a DASH manifest, or that clients could not read;
    /// messages begin with the line number.
    pub fn read<'a>(&mut self, text: &'a str) -> Result<Playlist<'a>> {
        let format = match self.format {
            Some(format) => format,
            None => Format::of(text)?,
        };
        let body = match text.strip_prefix(BYTE_ORDER_MARK) {
            Some(body) if self.format.is_none() => body,
            _ => text,
        };
        self.format = Some(format);
        let lines_before = self.hls.lines;
        let (references, descriptors) = match format {
            Format::Hls => (self.hls.read(body)?, Vec::new()),
            Format::Json => (hls::json::read(body, &self.hls.bases)?, Vec::new()),
            Format::Dash => dash::read(body, &self.hls.bases)?,
        };
        Ok(Playlist {
            text,
            lines_before,
            format,
            references,
            descriptors,
            variables: self.hls.variables.clone(),
        })
    }
}

impl Format {
    /// Recognizes the format of a text.
    ///
    /// # Errors
    /// A text that is not a playlist, or that no player would recognize as one; the message begins
    /// with the line number.
    pub fn of(text: &str) -> Result<Self> {
        let body = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        let trimmed = body.trim_start();
        if body.starts_with("#EXTM3U") {
            return Ok(Format::Hls);
        }
        let has_key = trimmed.contains("\"ASSETS\"") || trimmed.contains("\"RELOAD-URI\"");
        if trimmed.starts_with('{') && has_key {
            return Ok(Format::Json);
        }
        if trimmed.starts_with('<') {
            return Ok(Format::Dash);
        }
        let message =
            "neither an HLS playlist, which begins with #EXTM3U, nor a DASH manifest, which is XML";
        let error = Error::new(message).with_hint(
            "give the file itself: a.m3u8, with #EXTM3U at its very start, or manifest.mpd",
        );
        Err(in_line(error, 1))
    }
}

impl<'a> Playlist<'a> {
    /// The references, in the order of the file.
    pub fn references(&self) -> &[Reference<'a>] {
        &self.references
    }

    /// The line of a reference, as errors begin: `line 3:`.
    pub fn place_of(&self, reference: &Reference<'_>) -> String {
        let line = line_of(self.text, reference.raw);
        format!("line {}:", self.lines_before + line)
    }

    /// The playlist with `parameters` appended to every reference.
    pub fn with_parameters(&self, parameters: &str) -> String {
        let references = self.references.iter();
        let edits = references.map(|reference| reference.with_query(None, parameters));
        reference::edited(self.text, edits.collect())
    }
}

/// An error in a line of the playlist.
fn in_line(error: Error, line: usize) -> Error {
    error.context(format_args!("line {line}:"))
}
