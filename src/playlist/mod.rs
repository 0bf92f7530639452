//! Playlists: finds the references of an HLS playlist, a DASH manifest or an asset list, and signs
//! them.
//!
//! A player requests every file that a playlist names, and each of these requests needs a
//! signature. It is appended to each reference as a query, and every other byte of the file is
//! kept: a playlist is never serialized from a model.
//!
//! References are resolved against the URL of the playlist (RFC 3986, section 5) only to find the
//! requested URLs; in the file they stay relative or absolute.
//!
//! References that are not fetched over HTTP (`data:`, `skd:`, `urn:`) and license servers are not
//! changed.
//!
//! Source: RFC 8216 and its successor draft-pantos-hls-rfc8216bis (HLS); ISO/IEC 23009-1 (DASH).

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::sign::signed_url::SignedUrl;

pub use base::Base;
pub use coverage::{Coverage, Found, TooLong};
pub use format::Format;
pub use preparation::Preparation;
pub use reference::{Kind, Reference};
pub use signing::{Signing, Unsigned};

mod base;
mod coverage;
mod dash;
mod format;
mod hls;
mod json;
mod notation;
mod preparation;
mod reference;
mod signing;
mod span;
mod writer;

use dash::QueryLevels;
use hls::Variables;
use span::Span;
use writer::Writer;

/// The longest URL that CloudFront accepts, in bytes.
const MAX_URL_LEN: usize = SignedUrl::LONGEST;

/// A playlist, or a piece of one, and its references.
#[derive(Debug)]
pub struct Playlist<'a> {
    text: &'a str,
    /// The number of lines in the pieces before.
    lines_before: usize,
    format: Format,
    references: Vec<Reference<'a>>,
    /// The elements that can make players add the query of the manifest to requests (DASH).
    query_levels: QueryLevels,
    /// The variables at the end of the piece (HLS).
    variables: Variables,
}

/// Reads a playlist, whole or, if it is HLS, in pieces of whole lines.
#[derive(Debug)]
pub struct Reader {
    format: Option<Format>,
    bases: Arc<[Base]>,
    hls: hls::Reader,
}

impl Reader {
    /// A reader of a playlist that clients get from `url`.
    pub fn new(url: Base) -> Self {
        Reader {
            format: None,
            bases: Arc::new([url]),
            hls: hls::Reader::default(),
        }
    }

    /// A reader of the file that `reference` of `playlist` names and that clients get from `url`.
    /// It may import variables, and a remote element stands in place of the reference.
    pub fn named_by(playlist: &Playlist<'_>, reference: &Reference<'_>, url: Base) -> Self {
        let bases = match reference.kind() {
            Kind::RemoteElement => Arc::clone(&reference.bases),
            _ => Arc::new([url]),
        };
        Reader {
            format: None,
            bases,
            hls: hls::Reader::importing(playlist.variables.clone()),
        }
    }

    /// The format, once it has been recognized.
    pub fn format(&self) -> Option<Format> {
        self.format
    }

    /// Finds the references in a playlist, or in the next piece of it.
    ///
    /// # Errors
    /// Text that is neither an HLS playlist nor a DASH manifest, or that clients could not read;
    /// messages begin with the line number.
    pub fn read<'a>(&mut self, text: &'a str) -> Result<Playlist<'a>> {
        let mut body = Span::new(text, 0);
        let format = match self.format {
            Some(format) => format,
            None => {
                let mark = text.len() - text.trim_start_matches('\u{feff}').len();
                body = body.skip(mark.min('\u{feff}'.len_utf8()));
                Format::of(text)?
            }
        };
        self.format = Some(format);
        let lines_before = self.hls.lines();
        let mut query_levels = QueryLevels::default();
        let references = match format {
            Format::Hls => self.hls.read(body, &self.bases)?,
            Format::Json => json::read(body, &self.bases)?,
            Format::Dash => {
                let manifest = dash::read(body, &self.bases)?;
                query_levels = manifest.query_levels;
                manifest.references
            }
        };
        let variables = self.hls.variables().clone();
        Ok(Playlist {
            text,
            lines_before,
            format,
            references,
            query_levels,
            variables,
        })
    }
}

impl<'a> Playlist<'a> {
    /// Finds the references of a playlist that clients get from `url`.
    ///
    /// # Errors
    /// Those of [`Reader::read`].
    pub fn parse(text: &'a str, url: &Base) -> Result<Self> {
        Reader::new(url.clone()).read(text)
    }

    /// The format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The references, in the order of the file.
    pub fn references(&self) -> &[Reference<'a>] {
        &self.references
    }

    /// The line of a reference, from 1.
    pub fn line_of(&self, reference: &Reference<'_>) -> usize {
        self.lines_before + Span::new(self.text, 0).line_of(reference.range.start)
    }

    /// The playlist with `parameters` appended to every reference.
    pub fn with_parameters(&self, parameters: &str) -> String {
        let mut output = String::with_capacity(self.text.len());
        let mut writer = Writer::new(self.text, &mut output);
        for reference in &self.references {
            writer.sign(reference, None, parameters);
        }
        writer.finish();
        output
    }
}

/// An error in a line of the playlist.
fn at(line: usize, message: impl fmt::Display) -> Error {
    Error::new(format!("line {line}: {message}"))
}
