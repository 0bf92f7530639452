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

use crate::error::{Error, Result};
use crate::sign::signed_url::SignedUrl;
use crate::text;

pub use base::Base;
pub use coverage::{Coverage, Found};
pub use preparation::Preparation;
pub use reference::{Kind, Reference, Rewrite};
pub use signing::Signing;

mod asset_list;
mod base;
mod coverage;
mod dash;
mod each_policy;
mod hls;
mod preparation;
mod reference;
mod signing;
mod span;

use dash::Insertion;
use hls::Variables;
use span::Span;

/// The longest URL that CloudFront accepts, in bytes.
const MAX_URL_LEN: usize = SignedUrl::LONGEST;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A playlist and its references.
#[derive(Debug)]
pub struct Playlist<'a> {
    text: &'a str,
    format: Format,
    references: Vec<Reference<'a>>,
    /// The places for `urlparam` descriptors that make players add the query of the manifest to
    /// segment requests (DASH).
    insertions: Vec<Insertion>,
    variables: Variables,
}

/// The format of a playlist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// HTTP Live Streaming, a master (multivariant) or a media playlist.
    Hls,
    /// The asset list of an HLS interstitial.
    AssetList,
    /// Dynamic Adaptive Streaming over HTTP.
    Dash,
}

impl<'a> Playlist<'a> {
    /// Decodes the bytes of a playlist, with or without a byte-order mark.
    ///
    /// # Errors
    /// Text that is not UTF-8.
    pub fn decode(bytes: Vec<u8>) -> Result<String> {
        let has_mark = bytes.starts_with(BYTE_ORDER_MARK.as_bytes());
        let text = text::decode(&bytes)?;
        Ok(if has_mark {
            [BYTE_ORDER_MARK, &text].concat()
        } else {
            text.into_owned()
        })
    }

    /// Finds the references of a playlist that clients get from `url`.
    ///
    /// # Errors
    /// Text that is neither an HLS playlist nor a DASH manifest, or that clients could not read;
    /// messages begin with the line number.
    pub fn parse(text: &'a str, url: &Base) -> Result<Self> {
        Self::parse_with(text, url, &Variables::default())
    }

    /// Finds the references of a playlist that `parent` names, and whose variables it may import.
    ///
    /// # Errors
    /// Those of [`Playlist::parse`].
    pub fn parse_named_by(parent: &Playlist<'_>, text: &'a str, url: &Base) -> Result<Self> {
        Self::parse_with(text, url, &parent.variables)
    }

    fn parse_with(text: &'a str, url: &Base, importable: &Variables) -> Result<Self> {
        let without_mark = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        let body = Span::new(without_mark, text.len() - without_mark.len());
        let mut playlist = Playlist {
            text,
            format: Format::Hls,
            references: Vec::new(),
            insertions: Vec::new(),
            variables: Variables::default(),
        };
        let trimmed = body.text.trim_start();
        if body.text.starts_with("#EXTM3U") {
            let content = hls::read(body, url, importable)?;
            playlist.references = content.references;
            playlist.variables = content.variables;
        } else if trimmed.starts_with("#EXTM3U") {
            let blank = &body.text[..body.text.len() - trimmed.len()];
            let line = blank.matches('\n').count() + 1;
            return Err(at(line, "#EXTM3U is not at the start of the file")
                .with_hint("remove the white space before it; players reject such a playlist"));
        } else if trimmed.starts_with('<') {
            let content = dash::read(body, url)?;
            playlist.format = Format::Dash;
            playlist.references = content.references;
            playlist.insertions = content.insertions;
        } else if trimmed.starts_with('{') {
            playlist.format = Format::AssetList;
            playlist.references = asset_list::read(body, url)?;
        } else {
            let message = "neither an HLS playlist, which begins with #EXTM3U, nor a DASH manifest, which is XML";
            return Err(at(1, message).with_hint(NOT_A_PLAYLIST));
        }
        Ok(playlist)
    }

    /// The format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The references, in the order of the file.
    pub fn references(&self) -> &[Reference<'a>] {
        &self.references
    }

    /// The playlist with each reference changed by `rewrite`; `None` keeps a reference.
    /// [`Signing::rewrite`] adds signatures.
    ///
    /// # Errors
    /// Those of `rewrite`.
    pub fn rewritten(
        &self,
        rewrite: impl FnMut(&Reference<'a>) -> Result<Option<Rewrite>>,
    ) -> Result<String> {
        self.rewritten_with(&[], rewrite)
    }

    fn rewritten_with(
        &self,
        insertions: &[Insertion],
        mut rewrite: impl FnMut(&Reference<'a>) -> Result<Option<Rewrite>>,
    ) -> Result<String> {
        let mut output = String::with_capacity(self.text.len());
        let mut copied = 0;
        let mut insertions = insertions.iter().peekable();
        for reference in &self.references {
            let Some(rewrite) = rewrite(reference)? else {
                continue;
            };
            if copied == 0 {
                // The other signatures are about as long, and together much longer than the
                // playlist.
                output.reserve(self.references.len() * (rewrite.parameters.len() + 1));
            }
            let start = reference.range.start;
            while let Some(insertion) = insertions.next_if(|next| next.position <= start) {
                output.push_str(&self.text[copied..insertion.position]);
                output.push_str(&insertion.text());
                copied = insertion.position;
            }
            output.push_str(&self.text[copied..start]);
            reference.write(&rewrite, self.text, &mut output);
            copied = reference.range.end;
        }
        for insertion in insertions {
            output.push_str(&self.text[copied..insertion.position]);
            output.push_str(&insertion.text());
            copied = insertion.position;
        }
        output.push_str(&self.text[copied..]);
        Ok(output)
    }
}

const NOT_A_PLAYLIST: &str = "give the playlist file itself: a.m3u8 or manifest.mpd";

/// An error in a line of the playlist.
fn at(line: usize, message: impl fmt::Display) -> Error {
    Error::new(format!("line {line}: {message}"))
}
