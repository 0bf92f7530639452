//! A list, a table or a log to read.

use std::fmt;
use std::fs::File;
use std::io::{IsTerminal, Read, stdin};
use std::path::PathBuf;

use crate::batch::Format;
use crate::url::signing_parameters::shown;
use crate::{Error, Result, io_reason, is_showable, text};

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

/// An open input.
pub struct Opened {
    pub reader: Box<dyn Read + Send>,
    /// The size of a regular file, in bytes.
    pub size: Option<u64>,
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
    pub fn format(&self) -> Option<Format> {
        match &self.source {
            Source::File(path) => Format::of_file(path),
            _ => None,
        }
    }

    /// Refuses input that contains something else than rows of URLs, by its first bytes.
    ///
    /// # Errors
    /// A key, a playlist, or what is not text.
    pub fn check_content(&self, bytes: &[u8]) -> Result<()> {
        let file = match &self.source {
            Source::File(path) if is_showable(&path.to_string_lossy()) => {
                shell::quoted(&path.to_string_lossy())
            }
            _ => "FILE".into(),
        };
        self.source.refuse_key(bytes, "rows of URLs")?;
        text::check_start(bytes).map_err(|e| e.context(self))?;
        if bytes.starts_with(b"#EXTM3U") {
            return Err(Error::new(format!("{self} is an HLS playlist"))
                .with_hint(format!("cfsign playlist {file} --base-url URL")));
        }
        Ok(())
    }

    /// Opens the input. A terminal is read only if `-` asks for it.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(&self) -> Result<Opened> {
        let Source::File(path) = &self.source else {
            if self.by_default && stdin().is_terminal() {
                return Err(
                    Error::new("no FILE given, and standard input is a terminal")
                        .with_hint("cfsign batch urls.txt ..., or - to type the URLs"),
                );
            }
            return Ok(Opened {
                reader: Box::new(stdin()),
                size: None,
            });
        };
        let name = path.to_string_lossy();
        let file = File::open(path).map_err(|e| {
            if name.contains("://") {
                return Error::new(format!("{} is a URL, not a FILE of URLs", shown(&name)))
                    .with_hint(format!("{} takes URLs as arguments", self.single));
            }
            Error::new(format!("cannot read {self}: {}", io_reason(&e)))
        })?;
        let metadata = file.metadata().ok().filter(std::fs::Metadata::is_file);
        Ok(Opened {
            reader: Box::new(file),
            size: metadata.map(|metadata| metadata.len()),
        })
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}
