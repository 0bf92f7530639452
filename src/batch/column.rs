//! The columns of a table, or the members of an object, that are read and added.

use crate::error::{Error, Result, quoted};

/// A column that is read from rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The URL to sign.
    Url,
    /// The expiry.
    Expires,
    /// The start time.
    Starts,
    /// The IPv4 address or range.
    Ip,
    /// The resource of the policy.
    Resource,
    /// The filename of the download.
    DownloadAs,
}

impl Column {
    const ALL: [Column; 6] = [
        Column::Url,
        Column::Expires,
        Column::Starts,
        Column::Ip,
        Column::Resource,
        Column::DownloadAs,
    ];
}

/// The name of the column that is added for the signed URL.
pub(super) const SIGNED_URL: &str = "signed_url";

/// The name of the column that is added for the reason why a row was not signed.
pub(super) const ERROR: &str = "error";

/// The names under which [`Column`]s appear in an input. ASCII case is ignored.
#[derive(Debug)]
pub(super) struct ColumnNames {
    url: String,
}

impl ColumnNames {
    /// The usual names, with `url` for the column of the URL.
    pub(super) fn with_url(url: &str) -> Self {
        ColumnNames { url: url.into() }
    }

    pub(super) fn name(&self, column: Column) -> &str {
        match column {
            Column::Url => &self.url,
            Column::Expires => "expires",
            Column::Starts => "starts",
            Column::Ip => "ip",
            Column::Resource => "resource",
            Column::DownloadAs => "download_as",
        }
    }

    /// The column that is called `name`.
    pub(super) fn column(&self, name: &str) -> Option<Column> {
        let is_called = |column: &Column| self.name(*column).eq_ignore_ascii_case(name);
        Column::ALL.into_iter().find(is_called)
    }

    /// Refuses a name that cfsign adds, and one that is probably a misspelled column: to ignore it
    /// would sign without the condition in that column.
    ///
    /// # Errors
    /// A refused name, with the likely intended one.
    pub(super) fn check(&self, name: &str) -> Result<()> {
        if [SIGNED_URL, ERROR].contains(&name) {
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
        for column in Column::ALL {
            let known = self.name(column);
            if written == known || known.strip_suffix('s') == Some(&written) {
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
