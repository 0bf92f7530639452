//! The flags and arguments that a command needs; all that are missing are reported in one error.

use crate::cli::args::{ConditionFlags, UrlFlags};
use crate::cli::misplaced;
use crate::cli::words;
use crate::error::listed;
use crate::{Error, Result};

/// The name of a flag or argument that a command needs, and whether it is given.
pub type Required = (&'static str, bool);

/// The next step where nothing else is missing.
const HINTS: &str = "\
URL -> cfsign url https://d111111abcdef8.cloudfront.net/image.jpg ...; - reads URLs from stdin
RESOURCE -> cfsign cookies 'https://cdn.example.com/videos/*' ..., or --policy FILE
FILE -> cfsign playlist a.m3u8 ...
--base-url -> use --base-url https://d111111abcdef8.cloudfront.net/videos/, \
the URL of the playlist or its folder
--key-pair-id -> use -k K2JCJMDEHXQW5F, or set CFSIGN_KEY_PAIR_ID; \
aws cloudfront list-public-keys shows the IDs
--private-key -> use -p cf.pem, or set CFSIGN_PRIVATE_KEY; cfsign key generate creates a key pair
--expires -> use --expires 1h, --expires 2027-01-31, or --policy FILE for a custom policy";

/// Reports everything that is missing in one error; `example` is a complete command line.
pub fn check_required(required: &[Required], example: &str) -> Result<()> {
    let missing = required.iter().filter(|(_, given)| !given);
    let missing: Vec<&str> = missing.map(|(name, _)| *name).collect();
    let hint = match missing.as_slice() {
        [] => return Ok(()),
        [only] => words::meanings(HINTS, &[only]).next().unwrap_or(example),
        _ => example,
    };
    Err(Error::new(format!("missing {}", listed(&missing))).with_hint(hint))
}

impl ConditionFlags {
    /// The expiry, unless it is `optional`.
    pub fn required(&self, optional: bool) -> Required {
        let given = self.expires.is_some() || self.expires_in.is_some() || self.policy.is_some();
        ("--expires", given || optional)
    }
}

impl UrlFlags {
    /// The URL argument, for [`check_required`].
    ///
    /// # Errors
    /// One of the URLs is a file or another word in the wrong place.
    pub fn required(&self) -> Result<Required> {
        let mut urls = self.urls.iter();
        match urls.find_map(|url| misplaced::instead_of_url(url)) {
            Some(error) => Err(error),
            None => Ok(("URL", !self.urls.is_empty() || self.url.is_some())),
        }
    }
}
