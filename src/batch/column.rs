//! The columns of a table, or the members of an object, that are read and added. All others pass
//! through.

use Column::{Cookies, DownloadAs, Expires, Ip, Now, Resource, SignedUrl, Starts, Url};

use crate::error::{Error, Result, quoted};

/// The name of the column that is added for the signed URL.
pub(super) const SIGNED_URL: &str = "signed_url";

/// The name of the column that is added for the reason why a row was not signed.
pub(super) const ERROR: &str = "error";

/// A column that is read from rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// The URL to sign, or the URL as requested.
    Url,
    SignedUrl,
    Expires,
    Starts,
    /// The IPv4 address or range, or the address of the client.
    Ip,
    Resource,
    DownloadAs,
    /// The time of the request.
    Now,
    Cookies,
}

impl Column {
    /// The usual name of the column.
    pub fn name(self) -> &'static str {
        match self {
            Url => "url",
            SignedUrl => SIGNED_URL,
            Expires => "expires",
            Starts => "starts",
            Ip => "ip",
            Resource => "resource",
            DownloadAs => "download_as",
            Now => "now",
            Cookies => "cookies",
        }
    }
}

/// The columns that are read from an input, and those that are added to it. ASCII case is ignored
/// in names.
#[derive(Debug)]
pub struct Columns {
    /// The name of the column of the URL.
    url: String,
    read: &'static [Column],
    added: &'static [&'static str],
}

impl Columns {
    /// The columns of rows to sign; `url` is the name of the column of the URL.
    pub fn to_sign(url: &str) -> Self {
        Columns {
            url: url.to_owned(),
            read: &[Url, Expires, Starts, Ip, Resource, DownloadAs],
            added: &[SIGNED_URL, ERROR],
        }
    }

    /// The columns of requests to verify.
    pub fn to_verify() -> Self {
        Columns {
            url: Url.name().to_owned(),
            read: &[Url, SignedUrl, Now, Ip, Cookies],
            added: &[],
        }
    }

    pub(super) fn name(&self, column: Column) -> &str {
        match column {
            Url => &self.url,
            _ => column.name(),
        }
    }

    /// The column that is called `name`.
    pub(super) fn column(&self, name: &str) -> Option<Column> {
        let mut read = self.read.iter().copied();
        read.find(|column| self.name(*column).eq_ignore_ascii_case(name))
    }

    /// Refuses a name that cfsign adds, and one that is probably a misspelled column: to ignore it
    /// would sign without the condition in that column.
    ///
    /// # Errors
    /// A refused name, with the likely intended one.
    pub(super) fn check(&self, name: &str) -> Result<()> {
        if self.added.contains(&name) {
            let name = quoted(name);
            let message = format!("the input already has a column {name}, which cfsign adds");
            return Err(Error::new(message).with_hint("rename or remove the column"));
        }
        if self.column(name).is_some() {
            return Ok(());
        }
        // White space around it, a hyphen, or without its s.
        let written = name.trim().to_ascii_lowercase().replace(['-', ' '], "_");
        for column in self.read {
            let known = self.name(*column);
            if written == known || known.strip_suffix('s') == Some(&written) {
                let name = quoted(name);
                let message = format!("unknown column {name}; did you mean \"{known}\"?");
                let hint = format!("rename the column to \"{known}\"");
                return Err(Error::new(message).with_hint(hint));
            }
        }
        Ok(())
    }
}

/// The error for two columns, or two members of one object, of the same name.
pub(super) fn duplicate(name: &str) -> Error {
    Error::new(format!("duplicate column {}", quoted(name)))
        .with_hint("rename or remove one of them")
}
