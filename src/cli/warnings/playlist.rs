//! Warnings about playlists: references that stay unsigned, or are signed although nothing covers them.

use crate::playlist::{Coverage, Found};
use crate::url::signing_parameters::shown;
use crate::{Resource, SignedUrl};

use super::Warnings;

impl Warnings {
    /// Warns about the references of one playlist, or of all of them with `is_recursive`.
    pub fn look_at_coverage(
        &mut self,
        coverage: &Coverage,
        resource: &Resource,
        is_recursive: bool,
    ) {
        let of_all = |count: usize| {
            let verb = if count == 1 { "is" } else { "are" };
            let all = coverage.references;
            format!("{count} of {all} references {verb}")
        };
        let outside = &coverage.outside;
        if outside.count > 0 {
            let (of_all, first) = (of_all(outside.count), shown(&outside.first));
            self.add(
                "outside",
                format!("{of_all} not covered by {resource} and left unchanged; first: {first}"),
            );
        }
        let from_url = coverage.from_playlist_url;
        if from_url > 0 {
            let of_all = of_all(from_url);
            self.add(
                "playlist URL",
                format!("{of_all} left unchanged, since players sign them with the query of the playlist's own URL; sign that URL: cfsign url --resource"),
            );
        }
        let without_query = &coverage.without_query;
        if without_query.count > 0 {
            let (of_all, first) = (of_all(without_query.count), shown(&without_query.first));
            self.add(
                "without query",
                format!("{of_all} left unsigned, since players do not add the query of the playlist's URL; first: {first}"),
            );
        }
        if !is_recursive {
            self.look_at_named(
                "playlists",
                &coverage.playlists,
                "; use --recursive to sign them",
            );
        }
        self.look_at_named("remote elements", &coverage.remote_elements, "");
        if let Some(too_long) = &coverage.too_long {
            let (url, length) = (shown(&too_long.url), too_long.signed_len);
            let longest = SignedUrl::LONGEST;
            self.add(
                "length",
                format!("{url} has {length} bytes when signed; CloudFront accepts {longest}"),
            );
        }
        if let Some(url) = &coverage.signed_outside {
            let url = shown(url);
            self.add(
                "also outside",
                format!("the signature is also sent to {url}, which {resource} does not cover"),
            );
        }
    }

    /// Warns about files with references of their own.
    fn look_at_named(&mut self, what: &'static str, named: &Found, advice: &str) {
        if named.count > 0 {
            let (count, first) = (named.count, shown(&named.first));
            let what = if count == 1 {
                format!("{} is", what.trim_end_matches('s'))
            } else {
                format!("{what} are")
            };
            self.add(
                "other playlists",
                format!("{count} referenced {what} not signed; first: {first}{advice}"),
            );
        }
    }
}
