//! What a command needs and was not given, all in one error.

use crate::cli::args::ConditionFlags;
use crate::cli::synonyms;
use crate::error::listed;
use crate::{Error, Result};

/// The name of a flag or argument that a command needs, and whether it is given.
pub type Required = (&'static str, bool);

/// Hints for the case that one thing alone is missing.
const HINTS: &str = "\
URL -> cfsign url https://d111111abcdef8.cloudfront.net/image.jpg ...; - reads URLs from stdin
RESOURCE -> cfsign cookies \"https://cdn.example.com/videos/*\" ..., or --policy FILE
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
        [only] => synonyms::meanings(HINTS, &[only]).next().unwrap_or(example),
        _ => example,
    };
    Err(Error::new(format!("missing {}", listed(&missing))).with_hint(hint))
}

impl ConditionFlags {
    /// `--expires`, which counts as given where it is `optional`.
    pub fn required(&self, optional: bool) -> Required {
        let given = self.expires.is_some() || self.expires_in.is_some() || self.policy.is_some();
        ("--expires", given || optional)
    }
}
