//! The URL that rows with paths are relative to.

use std::borrow::Cow;
use std::str::FromStr;

use crate::cli::request::base_url;
use crate::url::signing_parameters::shown;
use crate::{Error, Result};

/// The value of `--base-url`, with a `/` at its end.
#[derive(Clone)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// The URL of a row: the row itself if it is meant to be a URL, otherwise the path below the base.
    ///
    /// # Errors
    /// A path that contains a URL, such as a line of a table.
    pub fn join<'a>(&self, row: &'a str) -> Result<Cow<'a, str>> {
        if is_whole(row)? {
            return Ok(Cow::Borrowed(row));
        }
        let path = row.strip_prefix('/').unwrap_or(row);
        Ok([&self.0, path].concat().into())
    }
}

/// Returns whether a row is a whole URL, valid or not, rather than a path.
fn is_whole(row: &str) -> Result<bool> {
    if let Some((before, _)) = row.split_once("://") {
        if before.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Ok(true);
        }
        if before.contains('?') {
            return Ok(false);
        }
        return Err(Error::new(format!(
            "{} contains a URL, and is neither a URL nor a path",
            shown(row)
        ))
        .with_hint("use --from csv or --from tsv for a table"));
    }
    let begins_with = |scheme: &str| {
        row.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    Ok(row.starts_with("//") || begins_with("http:") || begins_with("https:"))
}

impl FromStr for BaseUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let url = base_url(text).map_err(|e| e.context("is invalid:"))?;
        if url.as_str().contains('?') {
            return Err(Error::new(format!("{} has a query, so paths cannot follow it", shown(text)))
                .with_hint("use --base-url https://cdn.example.com/builds/42, and --query NAME=VALUE for the query"));
        }
        let base = text.strip_suffix('/').unwrap_or(text);
        Ok(BaseUrl(format!("{base}/")))
    }
}
