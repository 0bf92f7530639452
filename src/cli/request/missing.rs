//! What a command needs and was not given, all in one error.

use crate::Error;
use crate::cli::args::ConditionFlags;
use crate::cli::synonyms;
use crate::error::listed;

/// The name of a flag or argument that a command needs, and whether it is given.
pub type Required = (&'static str, bool);

/// Hints for the case that one thing alone is missing.
const HINTS: &str = "\
URL -> cfsign url https://d111111abcdef8.cloudfront.net/image.jpg ...; - reads URLs from stdin
RESOURCE -> cfsign cookies \"https://cdn.example.com/videos/*\" ..., or --policy FILE
--base-url -> use --base-url https://d111111abcdef8.cloudfront.net/videos/, \
the URL of the playlist or its folder
--key-pair-id -> use -k K2JCJMDEHXQW5F, or set CFSIGN_KEY_PAIR_ID; \
aws cloudfront list-public-keys shows the IDs
--private-key -> use -p cf.pem, or set CFSIGN_PRIVATE_KEY; cfsign key generate creates a key pair
--expires -> use --expires 1h, --expires 2027-01-31, or --policy FILE for a custom policy";

pub fn all_given(required: &[Required]) -> bool {
    required.iter().all(|(_, is_given)| *is_given)
}

/// The error for everything that is missing; `example` is a complete command line.
pub fn missing(required: &[Required], example: &str) -> Error {
    let missing = required.iter().filter(|(_, is_given)| !is_given);
    let missing: Vec<&str> = missing.map(|(name, _)| *name).collect();
    let hint = match missing.as_slice() {
        [only] => synonyms::meanings(HINTS, &[only]).next().unwrap_or(example),
        _ => example,
    };
    Error::new(format!("missing {}", listed(&missing))).with_hint(hint)
}

impl ConditionFlags {
    /// `--expires`, which counts as given where it is `optional`.
    pub fn required(&self, optional: bool) -> Required {
        let given = self.expires.is_some() || self.expires_in.is_some() || self.policy.is_some();
        ("--expires", given || optional)
    }
}
