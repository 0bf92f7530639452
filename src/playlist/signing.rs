//! Signs the references of playlists: one policy for all of them, or one for each.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::rc::Rc;

use super::coverage::{Coverage, TooLong};
use super::hls::QueryVariables;
use super::reference::{Kind, Notation, Reference, Rewrite, Target};
use super::{Format, MAX_URL_LEN, Playlist, at};
use crate::error::{Error, Result};
use crate::policy::{Policy, PolicyType};
use crate::sign::signed_url::SignedUrl;
use crate::sign::{SignedPolicy, Signer};
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

/// Makes the policy of a reference, from its own resource and from the URL whose signature is replaced, if there is one.
type PolicyOf<'a> = dyn Fn(&Resource, Option<&SignedUrl>) -> Result<Policy> + 'a;

struct EachPolicy<'a> {
    signer: &'a Signer,
    policy_of: Box<PolicyOf<'a>>,
    /// The parameters by policy: byte ranges of one file share theirs.
    signed: HashMap<PolicyKey, Rc<str>>,
}

/// The same text may be signed as a canned and as a custom policy, which are sent differently.
#[derive(PartialEq, Eq, Hash)]
struct PolicyKey {
    is_canned: bool,
    text: String,
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

    /// Signs the policy that `policy_of` makes for each reference that `resource` covers. It gets the reference's own
    /// resource, which for a template has `*` for what clients fill in, and the URL whose signature is replaced, if there
    /// is one.
    pub fn each(
        signer: &'a Signer,
        policy_of: impl Fn(&Resource, Option<&SignedUrl>) -> Result<Policy> + 'a,
        resource: &Resource,
        preparation: Preparation,
    ) -> Self {
        let each = EachPolicy {
            signer,
            policy_of: Box::new(policy_of),
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
        let each = match &self.policies {
            Policies::Each(each) if each.signer.key_type().is_some() => each,
            _ => return,
        };
        let mut policies = Vec::new();
        for reference in playlist.references() {
            if reference.carries_signature {
                continue;
            }
            let targets = reference.targets.iter();
            let covered = targets.filter(|target| self.covers_target(target));
            let covered: Vec<&Target> = covered.collect();
            if let Ok(Some(policy)) = each.policy(&covered, self.preparation) {
                policies.push(policy);
            }
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
        let Some(policy) = self.policy(covered, preparation)? else {
            return Ok("".into());
        };
        let key = PolicyKey::of(&policy);
        if let Some(parameters) = self.signed.get(&key) {
            return Ok(Rc::clone(parameters));
        }
        let parameters: Rc<str> = self.signer.sign(policy)?.query().into();
        self.signed.insert(key, Rc::clone(&parameters));
        Ok(parameters)
    }

    fn sign_together(&mut self, policies: Vec<Policy>) {
        let mut seen = HashSet::new();
        let is_new = |policy: &Policy| {
            let key = PolicyKey::of(policy);
            !self.signed.contains_key(&key) && seen.insert(key)
        };
        let policies: Vec<Policy> = policies.into_iter().filter(is_new).collect();
        let keys: Vec<PolicyKey> = policies.iter().map(PolicyKey::of).collect();
        for (key, signed) in keys.into_iter().zip(self.signer.sign_many(policies)) {
            if let Ok(signed) = signed {
                self.signed.insert(key, signed.query().into());
            }
        }
    }

    /// The policy for all covered URLs of a reference; `None` if there are none.
    fn policy(&self, covered: &[&Target], preparation: Preparation) -> Result<Option<Policy>> {
        let mut policy = None;
        for target in covered {
            let own = preparation.resource(target)?;
            let old = preparation.old(target)?;
            let next = (self.policy_of)(&own, old.as_ref())?;
            if policy.as_ref().is_some_and(|policy| *policy != next) {
                let (first, second) = (shown(&covered[0].url), shown(&target.url));
                return Err(Error::new(format!(
                    "the reference resolves to {first} and {second}, so it needs a policy that covers both"
                ))
                .with_hint("use one policy for all references"));
            }
            policy = Some(next);
        }
        Ok(policy)
    }
}

impl PolicyKey {
    fn of(policy: &Policy) -> Self {
        PolicyKey {
            is_canned: policy.policy_type() == PolicyType::Canned,
            text: policy.as_str().to_owned(),
        }
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

    /// The URL with the signature that is replaced, if it has one.
    fn old(self, target: &Target) -> Result<Option<SignedUrl>> {
        let is_signed = self.resign && query_names(&target.url).any(|name| is_signing(&name));
        is_signed.then(|| SignedUrl::parse(&target.url)).transpose()
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

fn is_signing(name: &&str) -> bool {
    matches!(Name::of(name), Name::Signing(_))
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
