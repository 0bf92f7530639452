//! The policies of `cfsign playlist --each` and `--resign`: one for each reference.

use crate::cli::request::{Terms, no_expiry_to_keep, not_covered};
use crate::cli::warnings::Warnings;
use crate::playlist::{Base, Playlist, Unsigned};
use crate::{Conditions, Policy, Resource, Result, SignedUrl, Timestamp, UnsignedUrl};

/// Policies with the given conditions, and with those of the old signatures where none are given.
pub struct Policies {
    given: Terms,
    /// The resource for references without a signature, if not their own.
    shared: Option<Resource>,
    first_to_expire: Option<Conditions>,
    warnings: Warnings,
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
    pub fn policy(&mut self, unsigned: &Unsigned<'_>) -> Result<Policy> {
        let own = &unsigned.resource;
        let old = unsigned.replaced.as_ref().map(Terms::of_signed);
        let policy = match old.transpose()?.flatten() {
            Some(old) => self.given.clone().or(&old).policy(own, None)?,
            None if self.given.expires.is_none() => return Err(no_expiry_to_keep(unsigned.url)),
            None => match &self.shared {
                Some(shared) => Policy::custom(shared, self.given.conditions()?)?,
                None => self.given.policy(own, None)?,
            },
        };
        if let Some(resource) = policy.resource()
            && resource != own
            && !resource.covers(unsigned.url)
        {
            return Err(not_covered(resource, &UnsignedUrl::parse(unsigned.url)?));
        }
        self.note(&policy);
        Ok(policy)
    }

    fn note(&mut self, policy: &Policy) {
        let conditions = policy.conditions();
        let is_first = |first: &Conditions| conditions.expires < first.expires;
        if self.first_to_expire.as_ref().is_none_or(is_first) {
            self.first_to_expire = Some(conditions);
        }
        self.warnings.check_resource(policy.resource());
    }

    /// Adds the warnings about the policies so far; of the conditions, those that expire first.
    pub fn warn(&self, warnings: &mut Warnings, now: Timestamp) {
        if let Some(conditions) = &self.first_to_expire {
            warnings.check_conditions(conditions, now);
        }
        warnings.extend(&self.warnings);
    }
}

/// The resource of an old signature that covers more than the folder of the playlist, or else the
/// folder.
///
/// # Errors
/// A playlist that cannot be read.
pub fn covered(playlist: &str, base: &Base) -> Result<Resource> {
    let folder = base.below();
    let playlist = Playlist::parse(playlist, base)?;
    let references = playlist.references().iter();
    let mut old = references
        .flat_map(|reference| reference.urls())
        .filter_map(|url| old_resource(&url));
    let wider = old.find(|old| !old.covers_any_host() && old.covers(folder.as_str()));
    Ok(wider.unwrap_or(folder))
}

fn old_resource(url: &str) -> Option<Resource> {
    let policy = SignedUrl::parse(url).ok()?.policy().ok()??;
    policy.resource().cloned()
}
