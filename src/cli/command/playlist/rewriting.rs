//! The ways of signing in `cfsign playlist`.

use crate::cli::request::{Terms, no_expiry_to_keep, not_covered};
use crate::cli::warnings::Warnings;
use crate::playlist::{Playlist, Preparation, Signing, Unsigned};
use crate::{Conditions, Policy, Resource, Result, SignedPolicy, Signer, Timestamp, UnsignedUrl};

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

/// Policies with the given terms, and with those of the old signatures where none are given.
pub struct Policies {
    given: Terms,
    /// The resource for references without a signature, if not their own.
    shared: Option<Resource>,
    first_to_expire: Option<Conditions>,
    warnings: Warnings,
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

    /// Adds the warnings about what was signed; of the conditions, those that expire first.
    pub fn warn(&self, warnings: &mut Warnings, now: Timestamp, is_recursive: bool) {
        if let By::Each(_, policies) = &self.by {
            if let Some(conditions) = &policies.first_to_expire {
                warnings.check_conditions(conditions, now);
            }
            warnings.extend(&policies.warnings);
        }
        warnings.check_coverage(self.signing.coverage(), &self.covered, is_recursive);
    }
}

impl Policies {
    pub fn new(given: Terms, shared: Option<Resource>) -> Self {
        Policies {
            given,
            shared,
            first_to_expire: None,
            warnings: Warnings::default(),
        }
    }

    /// The policy of a URL.
    ///
    /// # Errors
    /// The old policy cannot be read or does not cover the URL; there is no expiry.
    fn policy(&mut self, unsigned: &Unsigned<'_>) -> Result<Policy> {
        let own = &unsigned.resource;
        let policy = match (&unsigned.replaced, &self.shared) {
            (None, _) if self.given.expires.is_none() => {
                return Err(no_expiry_to_keep(unsigned.url));
            }
            (None, Some(shared)) => Policy::custom(shared, self.given.conditions()?)?,
            (old, _) => self.given.policy(own, old.as_ref())?,
        };
        if let Some(resource) = policy.resource()
            && resource != own
            && !resource.covers(unsigned.url)
        {
            return Err(not_covered(resource, &UnsignedUrl::parse(unsigned.url)?));
        }
        let conditions = policy.conditions();
        let first = self.first_to_expire.get_or_insert(conditions);
        if conditions.expires < first.expires {
            *first = conditions;
        }
        self.warnings.check_resource(policy.resource());
        Ok(policy)
    }
}
