//! Signs the references of playlists: one policy for all of them, or one for each.

use std::collections::HashSet;
use std::fmt;
use std::rc::Rc;

use super::coverage::{Coverage, TooLong};
use super::each_policy::EachPolicy;
use super::hls::QueryVariables;
use super::preparation::Preparation;
use super::reference::{Kind, Notation, Reference, Rewrite, Target};
use super::{Format, MAX_URL_LEN, Playlist, at};
use crate::error::{Error, Result};
use crate::policy::Policy;
use crate::sign::{SignedPolicy, SignedUrl, Signer};
use crate::url::parts::separator;
use crate::url::signing_parameters::strip;
use crate::url::{Matcher, Resource, UnsignedUrl};

/// Signs the references of one or more playlists.
#[derive(Debug)]
pub struct Signing<'a> {
    resource: Matcher,
    policies: Policies<'a>,
    preparation: Preparation,
    coverage: Coverage,
}

enum Policies<'a> {
    /// One policy; its parameters.
    One(Rc<str>),
    /// A policy for each reference.
    Each(EachPolicy<'a>),
    /// The policy of the playlist's own URL.
    PlaylistUrl(QueryVariables),
}

impl<'a> Signing<'a> {
    /// Uses one policy, signed once, for every reference that `resource` covers.
    pub fn one(signed: &SignedPolicy, resource: &Resource, preparation: Preparation) -> Self {
        Self::new(Policies::One(signed.query().into()), resource, preparation)
    }

    /// Signs the policy that `policy_of` makes for each reference that `resource` covers. It gets
    /// the reference's own resource, which for a template has `*` for what clients fill in, and the
    /// URL whose signature is replaced, if there is one.
    pub fn each(
        signer: &'a Signer,
        policy_of: impl Fn(&Resource, Option<&SignedUrl>) -> Result<Policy> + 'a,
        resource: &Resource,
        preparation: Preparation,
    ) -> Self {
        let each = EachPolicy::new(signer, policy_of);
        Self::new(Policies::Each(each), resource, preparation)
    }

    /// Needs no key: every reference that `resource` covers gets the signature of the playlist's
    /// own URL. With `hash_algorithm`, that URL has the parameter `Hash-Algorithm`.
    pub fn from_playlist_url(
        hash_algorithm: bool,
        resource: &Resource,
        preparation: Preparation,
    ) -> Self {
        let variables = QueryVariables::new(hash_algorithm);
        Self::new(Policies::PlaylistUrl(variables), resource, preparation)
    }

    fn new(policies: Policies<'a>, resource: &Resource, preparation: Preparation) -> Self {
        Signing {
            resource: resource.matcher(),
            policies,
            preparation,
            coverage: Coverage::default(),
        }
    }

    /// The result for the references signed so far.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// The URLs of a reference that the resource covers.
    pub fn covered_urls<'r>(&self, reference: &'r Reference<'_>) -> impl Iterator<Item = &'r str> {
        let covered = self.covered(reference).into_iter();
        covered.map(|target| target.url.as_str())
    }

    fn covered<'r>(&self, reference: &'r Reference<'_>) -> Vec<&'r Target> {
        let targets = reference.targets.iter();
        targets
            .filter(|target| self.covers_target(target))
            .collect()
    }

    /// Matches as CloudFront does: without an existing signature.
    fn covers_target(&self, target: &Target) -> bool {
        let url = self.preparation.applied(&target.url);
        self.resource.covers(&strip(&url))
    }

    /// Signs the references of a playlist.
    ///
    /// # Errors
    /// Those of [`Signing::sign`], and variables of an HLS playlist that have the names of signing
    /// parameters.
    pub fn rewrite(&mut self, playlist: &Playlist<'_>) -> Result<String> {
        self.sign_together(playlist);
        let Policies::PlaylistUrl(variables) = &self.policies else {
            return playlist.rewritten(|reference| self.sign(reference));
        };
        let variables = variables.clone();
        let mut is_changed = false;
        let output = playlist.rewritten_with(&playlist.insertions, |reference| {
            let rewrite = self.sign(reference)?;
            is_changed |= rewrite.is_some();
            Ok(rewrite)
        })?;
        if is_changed && playlist.format == Format::Hls {
            variables.define(&output, &playlist.variables)
        } else {
            Ok(output)
        }
    }

    /// Signs the policies of all references that have their own, since several signatures at a time
    /// take less time than one after another. [`Signing::sign`] reports errors, with the line. A
    /// remote key is not used here: it gains nothing, and a failing request would be repeated.
    fn sign_together(&mut self, playlist: &Playlist<'_>) {
        let Policies::Each(each) = &self.policies else {
            return;
        };
        if each.is_remote() {
            return;
        }
        let mut policies = HashSet::new();
        for reference in playlist.references() {
            if reference.carries_signature {
                continue;
            }
            let policy = each.policy(&self.covered(reference), self.preparation);
            policies.extend(policy.ok().flatten());
        }
        if let Policies::Each(each) = &mut self.policies {
            each.sign_together(policies);
        }
    }

    /// Signs a reference; `None` if it stays as it is.
    ///
    /// # Errors
    /// A reference that is covered but cannot be signed, see [`UnsignedUrl::parse`].
    pub fn sign(&mut self, reference: &Reference<'_>) -> Result<Option<Rewrite>> {
        let (covered, outside): (Vec<&Target>, Vec<&Target>) = reference
            .targets
            .iter()
            .partition(|target| self.covers_target(target));
        let outside = outside.first();
        if covered.is_empty() && reference.kind == Kind::Clock {
            return Ok(None);
        }
        self.coverage.references += 1;
        let takes_query = matches!(self.policies, Policies::PlaylistUrl(_));
        let query_by_player = takes_query && reference.notation == Notation::Xml;
        let is_media = reference.kind == Kind::Media;
        if let Some(target) = outside.filter(|_| covered.is_empty()) {
            // The player adds the query to every segment request, whatever its host.
            if !(query_by_player && is_media) {
                self.coverage.outside.add(&target.url);
                return Ok(None);
            }
        }
        self.count(reference, &covered);
        if reference.carries_signature {
            // Only the caller knows whether the manifest's URL is signed, so a warning would not
            // do.
            if reference.notation == Notation::Xml && !takes_query {
                return Err(two_signatures(reference.line));
            }
            if !takes_query {
                self.coverage.from_playlist_url += 1;
            }
            return Ok(None);
        }
        if let Some(target) = outside {
            let signed_outside = &mut self.coverage.signed_outside;
            signed_outside.get_or_insert_with(|| target.url.clone());
        }
        let has_no_query = query_by_player && !is_media || reference.notation == Notation::Json;
        if takes_query && has_no_query {
            self.coverage.without_query.add(&reference.targets[0].url);
        }
        let rewrite = self
            .rewrite_reference(reference, &covered)
            .map_err(|e| e.context(format_args!("line {}:", reference.line)))?;
        self.check_length(&covered, &rewrite);
        Ok(Some(rewrite))
    }

    fn count(&mut self, reference: &Reference<'_>, covered: &[&Target]) {
        let url = covered.first().map_or("", |target| &target.url);
        match reference.kind {
            Kind::Playlist => self.coverage.playlists.add(url),
            Kind::RemoteElement => self.coverage.remote_elements.add(url),
            Kind::Media | Kind::Update | Kind::Clock => {}
        }
    }

    fn check_length(&mut self, covered: &[&Target], rewrite: &Rewrite) {
        for target in covered {
            let url = self.preparation.applied(&target.url);
            let signed_len = url.len() + separator(&url).len() + rewrite.parameters.len();
            if signed_len > MAX_URL_LEN && self.coverage.too_long.is_none() {
                let url = target.url.clone();
                self.coverage.too_long = Some(TooLong { url, signed_len });
            }
        }
    }

    fn rewrite_reference(
        &mut self,
        reference: &Reference<'_>,
        covered: &[&Target],
    ) -> Result<Rewrite> {
        let replacement = self.preparation.replacement(reference)?;
        for target in covered {
            let url = self.preparation.applied(&target.url);
            self.preparation.check_wildcards(&url)?;
            UnsignedUrl::parse(&url)?;
        }
        let parameters = match &mut self.policies {
            Policies::One(parameters) => Rc::clone(parameters),
            Policies::Each(each) => each.parameters(covered, self.preparation)?,
            // Players add the query to the segment requests of DASH, and JSON has no variables.
            Policies::PlaylistUrl(variables) => match reference.notation {
                Notation::Plain => variables.parameters(),
                Notation::Xml | Notation::Json => "".into(),
            },
        };
        Ok(Rewrite {
            replacement,
            parameters,
        })
    }
}

fn two_signatures(line: usize) -> Error {
    at(line, "players add the query of the manifest's own URL to this reference (useMPDUrlQuery), so it would have two signatures").with_hint(
        "sign only the URL of the manifest, with a resource that covers its folder; or remove the urlparam descriptor",
    )
}

/// Omits the parameters, which are a credential.
impl fmt::Debug for Policies<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Policies::One(_) => "One",
            Policies::Each(_) => "Each",
            Policies::PlaylistUrl(_) => "PlaylistUrl",
        })
    }
}
