//! `cfsign playlist --resign`: the new policies of references that are signed already.

use std::cell::{Cell, RefCell};

use crate::cli::request::{Terms, no_expiry_to_keep, not_covered};
use crate::cli::warnings::Warnings;
use crate::playlist::{Base, Playlist};
use crate::{Conditions, Policy, Resource, Result, SignedUrl, Timestamp, UnsignedUrl};

/// Policies with the conditions of the old signatures, where the flags do not give others.
pub struct Resigning {
    given: Terms,
    /// The resource for references without a signature, if not their own.
    shared: Option<Resource>,
    first_to_expire: Cell<Option<Conditions>>,
    warnings: RefCell<Warnings>,
}

impl Resigning {
    pub fn new(given: Terms, shared: Option<Resource>) -> Self {
        Resigning {
            given,
            shared,
            first_to_expire: Cell::default(),
            warnings: RefCell::default(),
        }
    }

    /// The policy of a reference, from its own resource and from the URL with its old signature.
    ///
    /// # Errors
    /// The old policy cannot be read or does not cover the reference; there is no expiry.
    pub fn policy(&self, own: &Resource, old: Option<&SignedUrl>) -> Result<Policy> {
        let policy = match old.map(Terms::of_signed).transpose()?.flatten() {
            Some(old) => self.given.clone().or(&old).policy(own, None)?,
            None if self.given.expires.is_none() => return Err(no_expiry_to_keep(own.as_str())),
            None => match &self.shared {
                Some(shared) => Policy::custom(shared, self.given.conditions()?)?,
                None => self.given.policy(own, None)?,
            },
        };
        if let Some(resource) = policy.resource()
            && !resource.covers(own.as_str())
        {
            return Err(not_covered(resource, &UnsignedUrl::parse(own.as_str())?));
        }
        self.note(&policy);
        Ok(policy)
    }

    fn note(&self, policy: &Policy) {
        let conditions = policy.conditions();
        let is_first = |first: &Conditions| conditions.expires < first.expires;
        if self.first_to_expire.get().as_ref().is_none_or(is_first) {
            self.first_to_expire.set(Some(conditions));
        }
        self.warnings.borrow_mut().check_resource(policy.resource());
    }

    /// Adds the warnings about the policies so far; of the conditions, those that expire first.
    pub fn warn(&self, warnings: &mut Warnings, now: Timestamp) {
        if let Some(conditions) = self.first_to_expire.get() {
            warnings.check_conditions(&conditions, now);
        }
        warnings.extend(&self.warnings.borrow());
    }
}

/// The resource of an old signature that covers more than the folder of the playlist, or the folder.
pub fn covered(playlist: &Playlist<'_>, base: &Base) -> Resource {
    let folder = base.below();
    let references = playlist.references().iter();
    let mut old = references
        .flat_map(|reference| reference.urls())
        .filter_map(old_resource);
    let wider = old.find(|old| !old.covers_any_host() && old.covers(folder.as_str()));
    wider.unwrap_or(folder)
}

fn old_resource(url: &str) -> Option<Resource> {
    let policy = SignedUrl::parse(url).ok()?.policy().ok()??;
    policy.resource().cloned()
}
