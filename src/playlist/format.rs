//! The format of a playlist, by its beginning.

use super::{BYTE_ORDER_MARK, in_line};
use crate::error::{Error, Result};

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
        if trimmed.starts_with("#EXTM3U") {
            let blank = &body[..body.len() - trimmed.len()];
            let error = Error::new("#EXTM3U is not at the start of the file")
                .with_hint("remove the white space before it; players reject such a playlist");
            return Err(in_line(error, blank.matches('\n').count() + 1));
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
        let error =
            Error::new(message).with_hint("give the playlist file itself: a.m3u8 or manifest.mpd");
        Err(in_line(error, 1))
    }
}
