//! Warnings about playlists: references that stay unsigned, or are signed without being covered.

use crate::playlist::{Coverage, Found};
use crate::url::signing_parameters::shown;
use crate::{Resource, SignedUrl};

use super::Warnings;

impl Warnings {
    /// Warns about the references of one playlist, or of all of them with `is_recursive`.
    pub fn check_coverage(&mut self, coverage: &Coverage, resource: &Resource, is_recursive: bool) {
        let of_all = |count: usize| {
            let verb = if count == 1 { "is" } else { "are" };
            let all = coverage.references;
            format!("{count} of {all} references {verb}")
        };
        let outside = &coverage.outside;
        if outside.count > 0 {
            let (of_all, first) = (of_all(outside.count), shown(&outside.first));
            let message = format!("{of_all} left unchanged: outside {resource}; first: {first}");
            self.add("outside", message);
        }
        if coverage.from_playlist_url > 0 {
            let of_all = of_all(coverage.from_playlist_url);
            let message = format!(
                "{of_all} left unchanged, since players sign them with the query of the playlist's \
                 own URL; sign that URL: cfsign url --resource"
            );
            self.add("playlist URL", message);
        }
        let without_query = &coverage.without_query;
        if without_query.count > 0 {
            let (of_all, first) = (of_all(without_query.count), shown(&without_query.first));
            let message = format!(
                "{of_all} left unsigned, since players do not add the query of the playlist's URL; \
                 first: {first}"
            );
            self.add("without query", message);
        }
        if !is_recursive {
            let next = "; --recursive --out DIR signs referenced playlists too";
            self.check_named("playlist", &coverage.playlists, next);
        }
        self.check_named("remote element", &coverage.remote_elements, "");
        if let Some(too_long) = &coverage.too_long {
            let (url, length) = (shown(&too_long.url), too_long.signed_len);
            let longest = SignedUrl::LONGEST;
            let message =
                format!("{url} has {length} bytes when signed; CloudFront accepts {longest}");
            self.add("length", message);
        }
        if let Some(url) = &coverage.signed_outside {
            let url = shown(url);
            let message =
                format!("the signature is also sent to {url}, which {resource} does not cover");
            self.add("also outside", message);
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
