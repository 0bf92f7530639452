//! Warnings about playlists: references that stay unsigned, or are signed without being covered.

use crate::playlist::{Coverage, Found};
use crate::url::signing_parameters::shown;
use crate::{Resource, SignedUrl};

use super::Warnings;

impl Warnings {
    /// Warns about the references of one playlist, or of all of them with `is_recursive`.
    pub fn check_coverage(&mut self, coverage: &Coverage, resource: &Resource, is_recursive: bool) {
        let left = format!("left unchanged: outside {resource}");
        self.check_some(&coverage.outside, coverage, "outside", &left);
        if coverage.from_playlist_url > 0 {
            let these = references(coverage.from_playlist_url, coverage);
            let message = format!(
                "{these} left unchanged, since players sign them with the query of the playlist's \
                 own URL; sign that URL: cfsign url --resource"
            );
            self.add("playlist URL", message);
        }
        let left = "left unsigned, since players do not add the query of the playlist's URL";
        self.check_some(&coverage.without_query, coverage, "without query", left);
        let requested =
            "requested with a query parameter that players add and the policy does not cover";
        self.check_some(&coverage.added, coverage, "added query", requested);
        if !is_recursive {
            let next = "; --recursive --out DIR signs referenced playlists too";
            self.check_named("playlist", &coverage.playlists, next);
            let next = "; --recursive --out DIR signs remote elements too";
            self.check_named("remote element", &coverage.remote_elements, next);
        }
        if let Some(too_long) = &coverage.too_long {
            let (url, length) = (shown(&too_long.url), too_long.signed_len);
            let longest = SignedUrl::LONGEST;
            let message =
                format!("{url} has {length} bytes when signed; CloudFront accepts {longest}");
            self.add("length", message);
        }
        if coverage.signed_outside.count > 0 {
            let url = shown(&coverage.signed_outside.first);
            let message =
                format!("the signature is also sent to {url}, which {resource} does not cover");
            self.add("also outside", message);
        }
    }

    /// Warns about some of the references, with the first of them.
    fn check_some(&mut self, some: &Found, all: &Coverage, kind: &'static str, what: &str) {
        if some.count > 0 {
            let (these, first) = (references(some.count, all), shown(&some.first));
            self.add(kind, format!("{these} {what}; first: {first}"));
        }
    }

    /// Warns about files with references of their own.
    fn check_named(&mut self, what: &str, named: &Found, next: &str) {
        if named.count > 0 {
            let (count, first) = (named.count, shown(&named.first));
            let are = if count == 1 { " is" } else { "s are" };
            let message =
                format!("{count} referenced {what}{are} not signed; first: {first}{next}");
            self.add("other playlists", message);
        }
    }
}

/// Some of the references, as the beginning of a sentence.
fn references(count: usize, all: &Coverage) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!("{count} of {} references {verb}", all.references)
}
