//! The columns of a table, or the members of an object, that are read and added.

use crate::error::{Error, Result, quoted};

/// A column that is read from rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// The URL to sign, or the URL as requested.
    Url,
    /// The expiry.
    Expires,
    /// The start time.
    Starts,
    /// The IPv4 address or range, or the address of the client.
    Ip,
    /// The resource of the policy.
    Resource,
    /// The filename of the download.
    DownloadAs,
    /// The signed URL.
    SignedUrl,
    /// The time of the request.
    Now,
    /// The cookies of the request.
    Cookies,
}

/// The name of the column that is added for the signed URL.
pub(super) const SIGNED_URL: &str = "signed_url";

/// The name of the column that is added for the reason why a row was not signed.
pub(super) const ERROR: &str = "error";

/// The columns that are read from an input, and those that are added to it. ASCII case is ignored
/// in names.
#[derive(Debug)]
pub struct Columns {
    read: Vec<(Column, String)>,
    added: &'static [&'static str],
}

impl Columns {
    /// The columns of rows to sign; `url` is the name of the column of the URL.
    pub fn to_sign(url: &str) -> Self {
        let names = [
            (Column::Url, url),
            (Column::Expires, "expires"),
            (Column::Starts, "starts"),
            (Column::Ip, "ip"),
            (Column::Resource, "resource"),
            (Column::DownloadAs, "download_as"),
        ];
        Columns::new(&names, &[SIGNED_URL, ERROR])
    }

    /// The columns of requests to verify.
    pub fn to_verify() -> Self {
        let names = [
            (Column::Url, "url"),
            (Column::SignedUrl, SIGNED_URL),
            (Column::Now, "now"),
            (Column::Ip, "ip"),
            (Column::Cookies, "cookies"),
        ];
        Columns::new(&names, &[])
    }

    fn new(names: &[(Column, &str)], added: &'static [&'static str]) -> Self {
        let read = names.iter().map(|(column, name)| (*column, (*name).into()));
        Columns {
            read: read.collect(),
            added,
        }
    }

    /// The name of a column, empty if it is not read.
    pub(super) fn name(&self, column: Column) -> &str {
        let read = self.read.iter().find(|(read, _)| *read == column);
        read.map_or("", |(_, name)| name)
    }

    /// The column that is called `name`.
    pub(super) fn column(&self, name: &str) -> Option<Column> {
        let mut read = self.read.iter();
        let found = read.find(|(_, known)| known.eq_ignore_ascii_case(name));
        found.map(|(column, _)| *column)
    }

    /// Refuses a name that cfsign adds, and one that is probably a misspelled column: to ignore it
    /// would sign without the condition in that column.
    ///
    /// # Errors
    /// A refused name, with the likely intended one.
    pub(super) fn check(&self, name: &str) -> Result<()> {
        if self.added.contains(&name) {
            return Err(Error::new(format!(
                "the input already has a column {}, which cfsign adds",
                quoted(name)
            ))
            .with_hint("rename or remove the column"));
        }
        if self.column(name).is_some() {
            return Ok(());
        }
        // White space around it, a hyphen, or without its s.
        let written = name.trim().to_ascii_lowercase().replace(['-', ' '], "_");
        for (_, known) in &self.read {
            if written == *known || known.strip_suffix('s') == Some(&written) {
                return Err(Error::new(format!(
                    "unknown column {}; did you mean \"{known}\"?",
                    quoted(name)
                ))
                .with_hint(format!("rename the column to \"{known}\"")));
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
