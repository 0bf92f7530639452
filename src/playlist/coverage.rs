//! The outcome for the references of the playlists that were signed.

/// Counts the references of one or more playlists, and remembers an example of each oddity.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// All references.
    pub references: usize,
    /// References outside the resource, which stay unsigned.
    pub outside: Found,
    /// References that the player signs with the query of the playlist's own URL.
    pub from_playlist_url: usize,
    /// References that do not get the query of the playlist's URL, though others do.
    pub without_query: Found,
    /// References to other playlists, whose own references need signatures too.
    pub playlists: Found,
    /// References to remote elements of a DASH manifest, whose own references need signatures too.
    pub remote_elements: Found,
    /// References to which players add a query that the policy does not cover; with that query.
    pub added: Found,
    /// URLs that receive a signature without being covered. In DASH, a reference may resolve to
    /// several URLs; variables and URL parameters pass on the query of the playlist's own URL.
    pub signed_outside: Found,
    /// The first URL that is too long for CloudFront once it is signed.
    pub too_long: Option<TooLong>,
}

/// A number of references, and the URL of the first.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The number of references.
    pub count: usize,
    /// The URL of the first.
    pub first: String,
}

/// A URL that is too long.
#[derive(Debug, Clone)]
pub struct TooLong {
    /// The URL, without its signature.
    pub url: String,
    /// Its length in bytes, with the signature.
    pub signed_len: usize,
}

impl Found {
    pub(super) fn add(&mut self, url: &str) {
        if self.count == 0 {
            self.first = url.to_owned();
        }
        self.count += 1;
    }
}
