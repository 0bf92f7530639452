//! The library's error.
//!
//! A message is lower case, has no full stop, starts with what it is about and quotes what came
//! from outside. It contains no key material, and shows a signed URL only up to its `?`. Hints name
//! no command-line flags: the command line adds those by [`ErrorKind`].

use std::fmt;
use std::io;

pub(crate) use crate::redact::{printable, quoted};

/// An error: one sentence about what failed, which `Display` gives, and sometimes a next step.
#[derive(Debug, Clone)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
}

/// A result whose error is [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// The kinds of errors that a caller may want to tell apart.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A URL that CloudFront or its clients do not accept.
    InvalidUrl,
    /// A URL that already contains signing parameters, such as `Expires`.
    AlreadySigned,
    /// A URL that contains characters which clients percent-encode.
    NotPercentEncoded {
        /// The URL as they send it.
        encoded: String,
    },
    /// A URL that the resource of a policy does not cover.
    NotCovered,
    /// A key of a type that CloudFront or this crate does not support.
    UnsupportedKey,
    /// A key file that is encrypted, without a passphrase.
    PassphraseRequired,
    /// A passphrase that does not decrypt the key.
    WrongPassphrase,
    /// Rows that are probably in another format, such as `tsv`.
    LikelyFormat(&'static str),
    /// A row that the output format cannot represent; the format that can, such as `jsonl`.
    NotRepresentable(&'static str),
    /// A table without the column of URLs.
    NoUrlColumn {
        /// A column whose name is that of URLs or paths, such as `link` or `cs-uri-stem`.
        likely: Option<String>,
    },
    /// An access log that does not have the host of its requests.
    HostUnknown,
    /// An access log that does not name its fields.
    FieldsUnknown,
    /// A sign command that signs with another hash algorithm; its name, such as `sha256`.
    OtherHash(String),
    /// A sign command that failed.
    SignCommandFailed,
    /// A sign command that did not finish in time.
    SignCommandTimeout,
    /// Anything else.
    Other,
}

impl Error {
    /// An error of the kind [`ErrorKind::Other`], without a hint.
    pub fn new(message: impl Into<String>) -> Self {
        Self::of_kind(ErrorKind::Other, message)
    }

    /// An error without a hint.
    pub fn of_kind(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error {
            kind,
            message: message.into(),
            hint: None,
        }
    }

    /// Adds a next step, unless it repeats a value that may be a secret.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = crate::redact::hint(&hint.into());
        self
    }

    /// Prefixes the message with `subject`.
    #[must_use]
    pub fn context(mut self, subject: impl fmt::Display) -> Self {
        self.message = format!("{subject} {}", self.message);
        self
    }

    /// The kind.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The next step, if there is one.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// `a, b and c`.
pub(crate) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The reason why an input or output operation failed, as a message says it.
pub(crate) fn io_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::IsADirectory => "it is a folder".into(),
        io::ErrorKind::AlreadyExists => "it already exists".into(),
        _ => {
            let mut text = error.to_string();
            text.truncate(text.find(" (os error").unwrap_or(text.len()));
            if let Some(first) = text.get_mut(..1) {
                first.make_ascii_lowercase();
            }
            text.trim_end_matches('.').into()
        }
    }
}
