//! A list, a table or a log to read.

use std::fs::Metadata;
use std::io::Read;

use crate::batch::Format;
use crate::url::signing_parameters::shown;
use crate::{Error, Result, text};

use super::misplaced;
use super::shell;
use super::source::Source;

/// A file, or standard input.
pub struct Input {
    pub source: Source,
    /// The command that handles single URLs.
    pub single: &'static str,
}

impl Input {
    /// The format that the file's extension stands for.
    pub fn format(&self) -> Format {
        match &self.source {
            Source::File(path) => {
                Format::named(&path.extension().unwrap_or_default().to_string_lossy())
            }
            _ => Format::Lines,
        }
    }

    /// Reads the beginning of the opened input.
    ///
    /// # Errors
    /// A key, a playlist, markup, an access log in place of rows to sign, and what is not text.
    pub fn reader<R: Read>(&self, opened: R) -> Result<text::Reader<R>> {
        let reader = text::Reader::new(opened);
        let reader = reader.map_err(|e| text::cannot_read(&self.source, &e))?;
        let bytes = reader.start();
        self.source.refuse_key(bytes, "rows of URLs")?;
        text::check_start(bytes).map_err(|e| e.context(&self.source))?;
        let what = if bytes.starts_with(b"#EXTM3U") {
            "an HLS playlist"
        } else if bytes.starts_with(b"#Version:") && self.single != "cfsign verify" {
            "an access log"
        } else if bytes.starts_with(b"<?xml") || bytes.starts_with(b"<!") {
            "XML or HTML, not rows of URLs"
        } else {
            return Ok(reader);
        };
        let file = match &self.source {
            Source::File(path) => shell::word(&path.to_string_lossy()),
            _ => "FILE".into(),
        };
        let message = format!("{} is {what}", self.source);
        Err(Error::new(message).with_hint(misplaced::reader(bytes, &file)))
    }

    pub fn open(&self) -> Result<Box<dyn Read + Send>> {
        self.source.open().map_err(|e| match &self.source {
            Source::File(path) if path.to_string_lossy().contains("://") => {
                let name = shown(&path.to_string_lossy());
                Error::new(format!("{name} is a URL, not a FILE of URLs"))
                    .with_hint(format!("{} takes URLs as arguments", self.single))
            }
            _ => e,
        })
    }

    /// The size of a regular file, in bytes.
    pub fn size(&self) -> Option<u64> {
        let Source::File(path) = &self.source else {
            return None;
        };
        let metadata = path.metadata().ok().filter(Metadata::is_file);
        metadata.map(|file| file.len())
    }
}
