//! The outcome for the references of the playlists that were signed.

use std::collections::BTreeMap;

use crate::policy::Policy;

/// Counts the references of one or more playlists, and what is to be said about some of them.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// The number of references.
    pub references: usize,
    /// The references of each finding.
    pub found: BTreeMap<Finding, Found>,
    /// Of policies for each reference, the one that expires first.
    pub first_to_expire: Option<Policy>,
}

/// Something to be said about a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Finding {
    /// It is outside the resource, and stays unsigned.
    Outside,
    /// It gets its signature from the query of the playlist's own URL, and stays as it is.
    FromPlaylistUrl,
    /// It does not get the query of the playlist's URL, though others do.
    WithoutQuery,
    /// Players add a query that the policy does not cover. The URL is the one with that query.
    AddedQuery,
    /// It names a playlist or a remote element, whose own references need signatures too.
    HasReferences,
    /// Its URL is too long for CloudFront once it is signed.
    TooLong,
    /// Its signature is also sent to a URL that is not covered. In DASH, a reference may resolve to
    /// several URLs; variables and URL parameters pass on the query of the playlist's own URL.
    SignedOutside,
}

/// A number of references, and the URL of the first.
#[derive(Debug, Clone)]
pub struct Found {
    /// The number of references.
    pub count: usize,
    /// The URL of the first.
    pub first: String,
}

impl Coverage {
    pub(super) fn note(&mut self, policy: &Policy) {
        let expires = policy.conditions().expires;
        let first = self.first_to_expire.as_ref();
        if first.is_none_or(|first| expires < first.conditions().expires) {
            self.first_to_expire = Some(policy.clone());
        }
    }

    pub(super) fn add(&mut self, finding: Finding, url: &str) {
        let found = self.found.entry(finding).or_insert_with(|| Found {
            count: 0,
            first: url.to_owned(),
        });
        found.count += 1;
    }
}
