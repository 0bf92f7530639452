//! The format of a playlist, by its first line or root element.

use super::{at, dash};
use crate::error::{Result, quoted};

const BYTE_ORDER_MARK: char = '\u{feff}';

const NOT_A_PLAYLIST: &str = "give the playlist file itself: a.m3u8 or manifest.mpd";

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
        let blank = &body[..body.len() - trimmed.len()];
        let line = blank.matches('\n').count() + 1;
        if body.starts_with("#EXTM3U") {
            return Ok(Format::Hls);
        }
        if trimmed.starts_with("#EXTM3U") {
            return Err(at(line, "#EXTM3U is not at the start of the file")
                .with_hint("remove the white space before it; players reject such a playlist"));
        }
        if trimmed.starts_with('{')
            && ["\"ASSETS\"", "\"RELOAD-URI\""]
                .iter()
                .any(|key| trimmed.contains(key))
        {
            return Ok(Format::Json);
        }
        if trimmed.starts_with('<') {
            return match dash::root(body) {
                Some((_, root)) if dash::ROOTS.contains(&root.as_str()) => Ok(Format::Dash),
                Some((position, root)) => {
                    let line = body[..position].matches('\n').count() + 1;
                    let message = format_args!(
                        "the root element of a DASH manifest is MPD, but this is {}",
                        quoted(&root)
                    );
                    Err(at(line, message).with_hint("give the manifest file itself: manifest.mpd"))
                }
                // The reader of manifests says what is wrong.
                None => Ok(Format::Dash),
            };
        }
        let message =
            "neither an HLS playlist, which begins with #EXTM3U, nor a DASH manifest, which is XML";
        Err(at(1, message).with_hint(NOT_A_PLAYLIST))
    }
}
