//! A list, a table or a log to read.

use std::fmt;
use std::fs::Metadata;
use std::io::{IsTerminal, Read, stdin};
use std::path::PathBuf;

use crate::batch::Format;
use crate::url::signing_parameters::shown;
use crate::{Error, Result, text};

use super::misplaced;
use super::shell;
use super::source::Source;

/// A file, or standard input.
pub struct Input {
    source: Source,
    /// Standard input, because no FILE was given.
    by_default: bool,
    /// The command that handles single URLs.
    single: &'static str,
}

impl Input {
    pub fn new(file: Option<PathBuf>, single: &'static str) -> Self {
        let by_default = file.is_none();
        let source = match file {
            Some(path) if path.as_os_str() != "-" => Source::File(path),
            _ => Source::Stdin,
        };
        Input {
            source,
            by_default,
            single,
        }
    }

    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The format that the file's extension stands for.
    pub fn format(&self) -> Format {
        match &self.source {
            Source::File(path) => {
                Format::named(&path.extension().unwrap_or_default().to_string_lossy())
            }
            _ => Format::Lines,
        }
    }

    /// Refuses a key, a playlist, markup, an access log in place of rows to sign, and what is not
    /// text, by the first bytes.
    pub fn check_content(&self, bytes: &[u8]) -> Result<()> {
        let file = match &self.source {
            Source::File(path) => shell::word(&path.to_string_lossy()),
            _ => "FILE".into(),
        };
        self.source.refuse_key(bytes, "rows of URLs")?;
        text::check_start(bytes).map_err(|e| e.context(self))?;
        let what = if bytes.starts_with(b"#EXTM3U") {
            "an HLS playlist"
        } else if bytes.starts_with(b"#Version:") && self.single != "cfsign verify" {
            "an access log"
        } else if bytes.starts_with(b"<?xml") || bytes.starts_with(b"<!") {
            "XML or HTML, not rows of URLs"
        } else {
            return Ok(());
        };
        Err(Error::new(format!("{self} is {what}")).with_hint(misplaced::reader(bytes, &file)))
    }

    /// Opens the input. A terminal is read only if `-` asks for it.
    pub fn open(&self) -> Result<Box<dyn Read + Send>> {
        if self.by_default && stdin().is_terminal() {
            let message = "no FILE given, and standard input is a terminal";
            let hint = "cfsign batch urls.txt ..., or - to type the URLs";
            return Err(Error::new(message).with_hint(hint));
        }
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

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}
