//! The ways of signing in `cfsign playlist`.

use super::policies::Policies;
use crate::cli::warnings::Warnings;
use crate::playlist::{Playlist, Preparation, Signing};
use crate::{Resource, Result, SignedPolicy, Signer, Timestamp};

/// Rewrites the playlists of a run.
pub struct Rewriting {
    pub signing: Signing,
    covered: Resource,
    by: By,
}

/// The origin of the signatures.
pub enum By {
    /// One policy, signed once.
    One(SignedPolicy),
    /// A policy for each reference.
    Each(Signer, Policies),
    /// The playlist's own URL; with or without the parameter `Hash-Algorithm`.
    PlaylistUrl { hash_algorithm: bool },
}

impl Rewriting {
    /// Signs references that `covered` covers.
    pub fn new(covered: Resource, preparation: Preparation, by: By) -> Self {
        Rewriting {
            signing: Signing::new(&covered, preparation),
            covered,
            by,
        }
    }

    /// Returns whether a playlist must be rewritten as a whole.
    pub fn is_whole(&self) -> bool {
        matches!(self.by, By::PlaylistUrl { .. })
    }

    /// A playlist, or a piece of one, with its signatures.
    pub fn rewrite(&mut self, playlist: &Playlist<'_>) -> Result<String> {
        let signing = &mut self.signing;
        match &mut self.by {
            By::One(signed) => signing.sign(playlist, signed),
            By::Each(signer, policies) => {
                signing.sign_each(playlist, signer, |url| policies.policy(url))
            }
            By::PlaylistUrl { hash_algorithm } => signing.pass_on_query(playlist, *hash_algorithm),
        }
    }

    /// Adds the warnings about what was signed.
    pub fn warn(&self, warnings: &mut Warnings, now: Timestamp, is_recursive: bool) {
        if let By::Each(_, policies) = &self.by {
            policies.warn(warnings, now);
        }
        warnings.check_coverage(self.signing.coverage(), &self.covered, is_recursive);
    }
}
