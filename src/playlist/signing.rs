//! Signs the references of playlists: one policy for all of them, or one for each.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::rc::Rc;

use super::coverage::{Coverage, TooLong};
use super::hls::QueryVariables;
use super::reference::{Kind, Notation, Reference, Rewrite, Target};
use super::{Format, MAX_URL_LEN, Playlist, at};
use crate::error::{Error, Result};
use crate::policy::{Conditions, Policy};
use crate::sign::signer::{SignedPolicy, Signer};
use crate::url::percent;
use crate::url::signing_parameters::{Name, query_names, shown, strip};
use crate::url::unsigned::{UnsignedUrl, separator};
use crate::url::{Matcher, Resource};

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

struct EachPolicy<'a> {
    signer: &'a Signer,
    conditions: Conditions,
    custom: bool,
    /// The parameters by resource: byte ranges of one file share theirs.
    signed: HashMap<Resource, Rc<str>>,
}

/// Changes made to a reference before it is signed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Preparation {
    /// Percent-encode characters that are not allowed in a URL.
    pub encode: bool,
    /// Remove an existing signature.
    pub resign: bool,
    /// Accept a `*` in a reference. Without this it is an error, since in a policy it would be a wildcard.
    pub allow_wildcards: bool,
}

impl<'a> Signing<'a> {
    /// Uses one policy, signed once, for every reference that `resource` covers.
    pub fn one(signed: &SignedPolicy, resource: &Resource, preparation: Preparation) -> Self {
        Self::new(Policies::One(signed.query().into()), resource, preparation)
    }

    /// Makes a policy for each reference that `resource` covers: canned if possible, unless `custom`. The policy for a
    /// template is custom, with `*` for what clients fill in.
    pub fn each(
        signer: &'a Signer,
        conditions: Conditions,
        custom: bool,
        resource: &Resource,
        preparation: Preparation,
    ) -> Self {
        let each = EachPolicy {
            signer,
            conditions,
            custom,
            signed: HashMap::new(),
        };
        Self::new(Policies::Each(each), resource, preparation)
    }

    /// Needs no key: every reference that `resource` covers takes the signature of the playlist's own URL. With
    /// `hash_algorithm`, that URL has the parameter `Hash-Algorithm`.
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

    /// What happened to the references so far.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// The URLs of a reference that the resource covers.
    pub fn covered_urls<'r>(&self, reference: &'r Reference<'_>) -> impl Iterator<Item = &'r str> {
        let targets = reference.targets.iter();
        let covered = targets.filter(|target| self.covers_target(target));
        covered.map(|target| target.url.as_str())
    }

    /// Matches as CloudFront does: without the signature that the URL may carry.
    fn covers_target(&self, target: &Target) -> bool {
        let url = self.preparation.applied(&target.url);
        self.resource.covers(&strip(&url))
    }

    /// Signs the references of a playlist.
    ///
    /// # Errors
    /// Those of [`Signing::sign`], and variables of an HLS playlist that have the names of signing parameters.
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

    /// Signs the policies of all references that have their own, since several signatures at a time take less time than
    /// one after another. An error is left to [`Signing::sign`], which reports the line. A remote key is asked only there:
    /// it gains nothing, and an error would be asked for again.
    fn sign_together(&mut self, playlist: &Playlist<'_>) {
        match &self.policies {
            Policies::Each(each) if each.signer.key_type().is_some() => {}
            _ => return,
        }
        let mut resources = Vec::new();
        for reference in playlist.references() {
            let covered = reference
                .targets
                .iter()
                .filter(|target| self.covers_target(target));
            let covered: Vec<&Target> = covered.collect();
            if let [target] = covered.as_slice()
                && !reference.carries_signature
                && let Ok(resource) = self.preparation.resource(target)
            {
                resources.push(resource);
            }
        }
        if let Policies::Each(each) = &mut self.policies {
            each.sign_together(resources);
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
        if covered.is_empty() && reference.kind == Kind::Clock {
            return Ok(None);
        }
        self.coverage.references += 1;
        let takes_query = matches!(self.policies, Policies::PlaylistUrl(_));
        let query_by_player = takes_query && reference.notation == Notation::Xml;
        let is_media = reference.kind == Kind::Media;
        if let (true, Some(target)) = (covered.is_empty(), outside.first()) {
            // The player adds the query to every segment request, whatever its host.
            if !(query_by_player && is_media) {
                self.coverage.outside.add(&target.url);
                return Ok(None);
            }
        }
        self.count(reference, &covered);
        if reference.carries_signature {
            // Only the caller knows whether the manifest's URL is signed, so this is not left to a warning.
            if reference.notation == Notation::Xml && !takes_query {
                return Err(two_signatures(reference.line));
            }
            if !takes_query {
                self.coverage.from_playlist_url += 1;
            }
            return Ok(None);
        }
        if let (None, Some(target)) = (&self.coverage.signed_outside, outside.first()) {
            self.coverage.signed_outside = Some(target.url.clone());
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

impl EachPolicy<'_> {
    fn parameters(&mut self, covered: &[&Target], preparation: Preparation) -> Result<Rc<str>> {
        let [target] = covered else {
            let urls = covered.iter().take(2).map(|target| shown(&target.url));
            let urls: Vec<String> = urls.collect();
            return Err(Error::new(format!(
                "the reference resolves to {}, so it needs a policy that covers both",
                urls.join(" and ")
            ))
            .with_hint("use one policy for all references"));
        };
        let resource = preparation.resource(target)?;
        if let Some(parameters) = self.signed.get(&resource) {
            return Ok(Rc::clone(parameters));
        }
        let signed = self.signer.sign(self.policy(&resource)?)?;
        Ok(self.insert(resource, &signed))
    }

    fn sign_together(&mut self, resources: Vec<Resource>) {
        let mut seen = HashSet::new();
        let mut unsigned = Vec::new();
        let mut policies = Vec::new();
        for resource in resources {
            if !self.signed.contains_key(&resource)
                && seen.insert(resource.clone())
                && let Ok(policy) = self.policy(&resource)
            {
                unsigned.push(resource);
                policies.push(policy);
            }
        }
        for (resource, signed) in unsigned.into_iter().zip(self.signer.sign_many(policies)) {
            if let Ok(signed) = signed {
                self.insert(resource, &signed);
            }
        }
    }

    fn policy(&self, resource: &Resource) -> Result<Policy> {
        if self.custom {
            Policy::custom(resource, self.conditions)
        } else {
            Policy::canned_or_custom(resource, self.conditions)
        }
    }

    fn insert(&mut self, resource: Resource, signed: &SignedPolicy) -> Rc<str> {
        let parameters: Rc<str> = signed.query().into();
        self.signed.insert(resource, Rc::clone(&parameters));
        parameters
    }
}

impl Preparation {
    /// `text` with the changes.
    fn applied(self, text: &str) -> String {
        let text = if self.encode {
            percent::encode(text)
        } else {
            text.to_owned()
        };
        if self.resign { strip(&text) } else { text }
    }

    /// The resource of the policy for a target.
    fn resource(self, target: &Target) -> Result<Resource> {
        match &target.pattern {
            Some(pattern) => Ok(Resource::verbatim(self.applied(pattern))),
            None => Ok(UnsignedUrl::parse(&self.applied(&target.url))?.resource()),
        }
    }

    /// The new text of a reference, if it changes.
    fn replacement(self, reference: &Reference<'_>) -> Result<Option<String>> {
        let text = reference.text();
        let is_literal = reference.substituted.is_none();
        if !is_literal && self.changes_variables(&reference.written, text) {
            let shown = shown(text);
            return Err(Error::new(format!(
                "part of {shown} is the value of a variable, which cannot be encoded or stripped of a signature here"
            ))
            .with_hint("write the value into the reference, in place of the variable"));
        }
        let preparation = Preparation {
            // The braces of a variable must stay.
            encode: self.encode && is_literal,
            ..self
        };
        let replacement = preparation.applied(&reference.written);
        Ok(Some(replacement).filter(|replacement| *replacement != reference.written))
    }

    /// Whether the changes affect more of `text` than what is literal in `written`.
    fn changes_variables(self, written: &str, text: &str) -> bool {
        let is_signing = |name: &&str| matches!(Name::of(name), Name::Signing(_));
        let signing_parameters = |url| query_names(url).filter(is_signing).count();
        self.encode && percent::encode(text) != text
            || self.resign && signing_parameters(text) != signing_parameters(written)
    }

    fn check_wildcards(self, url: &str) -> Result<()> {
        if self.allow_wildcards || !url.contains('*') {
            return Ok(());
        }
        let message = format!("{} contains *, a wildcard in policies", shown(url));
        Err(Error::new(message).with_hint(
            "write a * that is part of a file name as %2A, or sign a resource that is a pattern",
        ))
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
