//! Where the rows come from.

use std::fmt;
use std::fs::File;
use std::io::{IsTerminal, Read, stdin};
use std::path::PathBuf;

use crate::batch::Format;
use crate::{Error, Result, io_reason, quoted};

use crate::cli::source::Source;

/// A file, or standard input.
pub struct Input {
    source: Source,
    /// Standard input because nothing else was named.
    by_default: bool,
}

/// An input that is being read.
pub struct Opened {
    pub reader: Box<dyn Read + Send>,
    /// In bytes, where that is known before.
    pub size: Option<u64>,
}

impl Input {
    pub fn new(file: Option<PathBuf>) -> Self {
        let by_default = file.is_none();
        let source = file
            .filter(|path| path.as_os_str() != "-")
            .map_or(Source::Stdin, Source::File);
        Input { source, by_default }
    }

    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The form that a file's name stands for.
    pub fn format(&self) -> Option<Format> {
        match &self.source {
            Source::File(path) => Format::of_file(path),
            _ => None,
        }
    }

    /// Opens the input; at a terminal nothing is waited for that was not asked for.
    pub fn open(&self) -> Result<Opened> {
        let Source::File(path) = &self.source else {
            if self.by_default && stdin().is_terminal() {
                return Err(Error::new(
                    "nothing to read: no FILE is named, and standard input is a terminal",
                )
                .with_hint("cfsign batch urls.txt ..., or - to type the URLs"));
            }
            return Ok(Opened {
                reader: Box::new(stdin()),
                size: None,
            });
        };
        let unreadable = |e| {
            Error::new(format!(
                "cannot read {}: {}",
                quoted(&path.to_string_lossy()),
                io_reason(&e)
            ))
        };
        let file = File::open(path).map_err(unreadable)?;
        let size = file
            .metadata()
            .ok()
            .filter(|file| file.is_file())
            .map(|file| file.len());
        Ok(Opened {
            reader: Box::new(file),
            size,
        })
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}
