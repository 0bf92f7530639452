//! Warnings about playlists: references that stay unsigned, or are signed without being covered.

use crate::playlist::{Coverage, Finding};
use crate::url::signing_parameters::shown;
use crate::{Resource, SignedUrl};

use super::Warnings;

const REFERENCES: &str = "{} of {} references {} {}; first: {}";

impl Warnings {
    /// Warns about the references of one playlist, or of all of them with `is_recursive`.
    pub fn about_coverage(&mut self, coverage: &Coverage, resource: &Resource, is_recursive: bool) {
        for (finding, found) in &coverage.found {
            if *finding == Finding::HasReferences && is_recursive {
                continue;
            }
            let (count, all) = (found.count, coverage.references);
            let verb = if count == 1 { "is" } else { "are" };
            let (what, first) = (description(*finding, resource), shown(&found.first));
            self.add(REFERENCES, &[&count, &all, &verb, &what, &first]);
        }
    }
}

/// What is said about references, after "is" or "are".
fn description(finding: Finding, resource: &Resource) -> String {
    match finding {
        Finding::Outside => format!("left unchanged: outside {resource}"),
        Finding::FromPlaylistUrl => {
            "left unchanged, since players sign them with the query of the playlist's own URL \
             (cfsign url --resource signs it)"
                .into()
        }
        Finding::WithoutQuery => {
            "left unsigned, since players do not add the query of the playlist's URL".into()
        }
        Finding::AddedQuery => {
            "requested with a query parameter that players add and the policy does not cover".into()
        }
        Finding::HasReferences => {
            "not followed: --recursive --out DIR signs referenced playlists too".into()
        }
        Finding::TooLong => {
            let longest = SignedUrl::LONGEST;
            format!("longer than {longest} bytes when signed, the most that CloudFront accepts")
        }
        Finding::SignedOutside => {
            format!("also requested outside {resource}, with the signature")
        }
    }
}
