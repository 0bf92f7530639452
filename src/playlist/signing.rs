//! Signs the references of playlists: with one policy for all of them, with one for each, or with
//! that of the playlist's own URL.
//!
//! Each way is the same in three steps: the covered references are listed, their policies are made
//! and signed, and the playlist is written.

use std::collections::HashMap;

use super::coverage::{Coverage, Finding};
use super::hls::query_variables;
use super::preparation::{Preparation, is_signed};
use super::reference::{Added, Edit, Kind, Reference, Target, edited};
use super::{Format, MAX_URL_LEN, Playlist};
use crate::error::{Error, Result};
use crate::policy::Policy;
use crate::sign::{SignedPolicy, SignedUrl, Signer};
use crate::url::parts::separator;
use crate::url::signing_parameters::{shown, strip};
use crate::url::{Matcher, Resource, UnsignedUrl};

/// Signs the references of one or more playlists.
#[derive(Debug)]
pub struct Signing {
    resource: Matcher,
    preparation: Preparation,
    coverage: Coverage,
    /// The playlist defines the variables of [`Signing::pass_on_query`] (HLS).
    has_definitions: bool,
}

/// A URL that needs a policy of its own.
#[derive(Debug)]
pub struct Unsigned<'u> {
    /// The URL in the playlist; where clients fill in parts of it, an example.
    pub url: &'u str,
    /// The URL as a resource, with `*` for what clients fill in or add to its query.
    pub resource: Resource,
    /// The URL with the signature that is replaced, if it has one.
    pub replaced: Option<SignedUrl>,
}

/// The origin of the signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// They are written into the playlist.
    Signer,
    /// The signature of the playlist's own URL, by variables or by the player.
    PlaylistUrl,
}

/// A reference that gets a signature.
struct Covered<'r, 'a> {
    reference: &'r Reference<'a>,
    targets: Vec<Target>,
    /// Its new text, if it changes.
    replacement: Option<String>,
}

impl Signing {
    /// Signs references that `resource` covers.
    pub fn new(resource: &Resource, preparation: Preparation) -> Self {
        Signing {
            resource: resource.matcher(),
            preparation,
            coverage: Coverage::default(),
            has_definitions: false,
        }
    }

    /// The result for the references signed so far.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// The URLs of a reference that the resource covers.
    pub fn covered_urls(&self, reference: &Reference<'_>) -> Vec<String> {
        let urls = reference.urls();
        urls.filter(|url| self.covers(url)).collect()
    }

    /// Matches as CloudFront does: without an existing signature.
    fn covers(&self, url: &str) -> bool {
        let url = self.preparation.applied(url);
        if is_signed(&url) {
            self.resource.covers(&strip(&url))
        } else {
            self.resource.covers(&url)
        }
    }

    /// The playlist with one signed policy on every covered reference.
    ///
    /// # Errors
    /// A reference that is covered but cannot be signed, see [`UnsignedUrl::parse`]; the message
    /// begins with the line number.
    pub fn sign(&mut self, playlist: &Playlist<'_>, signed: &SignedPolicy) -> Result<String> {
        let covered = self.covered(playlist, Origin::Signer)?;
        let mut edits = Vec::with_capacity(covered.len());
        for covered in &covered {
            edits.push(self.signed(covered, None, signed.query()));
        }
        Ok(edited(playlist.text, edits))
    }

    /// The playlist with a policy for each covered reference, made by `policy_of`.
    ///
    /// # Errors
    /// Those of [`Signing::sign`] and of `policy_of`, and a reference whose URLs need different
    /// policies.
    pub fn sign_each(
        &mut self,
        playlist: &Playlist<'_>,
        signer: &Signer,
        mut policy_of: impl FnMut(&Unsigned<'_>) -> Result<Policy>,
    ) -> Result<String> {
        let covered = self.covered(playlist, Origin::Signer)?;
        let mut policies = Vec::with_capacity(covered.len());
        for covered in &covered {
            let policy = self.policy(covered, &mut policy_of);
            policies.push(policy.map_err(|e| e.context(playlist.place_of(covered.reference)))?);
        }
        let queries = signed_queries(signer, &policies)?;
        let mut edits = Vec::with_capacity(covered.len());
        for (covered, policy) in covered.iter().zip(&policies) {
            edits.push(self.signed(covered, policy.resource(), &queries[policy]));
        }
        Ok(edited(playlist.text, edits))
    }

    /// The playlist with references that get the signature of the playlist's own URL. No key is
    /// needed. With `hash_algorithm`, that URL has the parameter `Hash-Algorithm`. The pieces of a
    /// playlist have to follow one another.
    ///
    /// # Errors
    /// Those of [`Signing::sign`], and variables of an HLS playlist that have the names of signing
    /// parameters.
    pub fn pass_on_query(
        &mut self,
        playlist: &Playlist<'_>,
        hash_algorithm: bool,
    ) -> Result<String> {
        let covered = self.covered(playlist, Origin::PlaylistUrl)?;
        let mut query = String::new();
        let mut edits = Vec::new();
        if playlist.format == Format::Hls {
            let names = query_variables::names(hash_algorithm);
            query = query_variables::query(names);
            let is_first = playlist.lines_before == 0;
            if !covered.is_empty() && (is_first || !self.has_definitions) {
                edits = query_variables::definitions(playlist.text, &playlist.variables, names)?;
            }
            self.has_definitions = !covered.is_empty() || self.has_definitions && !is_first;
        } else {
            // In DASH, players add the query; in JSON there are no variables.
            edits = self.descriptors(playlist, &covered);
        }
        for covered in &covered {
            edits.push(self.signed(covered, None, &query));
        }
        Ok(edited(playlist.text, edits))
    }

    /// The descriptors in those adaptation sets of a manifest that only have requests for covered
    /// URLs, and empty ones in the sets after them. Counts the references without the query.
    fn descriptors(&mut self, playlist: &Playlist<'_>, covered: &[Covered<'_, '_>]) -> Vec<Edit> {
        let places = &playlist.descriptors;
        let mut takes_query: Vec<bool> = places.iter().map(Option::is_some).collect();
        for reference in &playlist.references {
            let is_media = reference.kind() == Kind::Media;
            if is_media && !reference.urls().all(|url| self.covers(&url)) {
                takes_query[reference.sets.clone()].fill(false);
            }
        }
        for covered in covered {
            let reference = covered.reference;
            let sets = &takes_query[reference.sets.clone()];
            let is_requested_with_query = !sets.is_empty() && sets.iter().all(|takes| *takes);
            if reference.kind() != Kind::Media || !is_requested_with_query {
                let url = &covered.targets[0].url;
                self.coverage.add(Finding::WithoutQuery, url);
            }
        }
        let first = takes_query.iter().position(|takes| *takes);
        let sets = places.iter().zip(&takes_query);
        let after_first = sets.skip(first.unwrap_or(places.len()));
        let descriptors = after_first.filter_map(|(place, takes)| Some((place.as_ref()?, takes)));
        descriptors
            .map(|(place, takes)| place.inserted(*takes))
            .collect()
    }

    /// The policy for all covered URLs of a reference.
    fn policy(
        &self,
        covered: &Covered<'_, '_>,
        policy_of: &mut impl FnMut(&Unsigned<'_>) -> Result<Policy>,
    ) -> Result<Policy> {
        let first = &covered.targets[0];
        let policy = policy_of(&self.unsigned(covered.reference, first)?)?;
        for target in &covered.targets[1..] {
            if policy_of(&self.unsigned(covered.reference, target)?)? != policy {
                let (first, second) = (shown(&first.url), shown(&target.url));
                return Err(Error::new(format!(
                    "the reference resolves to {first} and {second}, so it needs a policy that covers both"
                ))
                .with_hint("use one policy for all references"));
            }
        }
        Ok(policy)
    }

    fn unsigned<'u>(&self, reference: &Reference<'_>, target: &'u Target) -> Result<Unsigned<'u>> {
        let preparation = self.preparation;
        let pattern = target.pattern.as_deref().unwrap_or(&target.url);
        let mut resource = preparation.applied(pattern).into_owned();
        let mut replaced = None;
        if preparation.resign && is_signed(&target.url) {
            replaced = Some(SignedUrl::parse(&target.url)?);
        } else if reference.role.added != Added::Nothing {
            // A * at the end of a path also covers a query, or its absence.
            resource.push('*');
        }
        Ok(Unsigned {
            url: &target.url,
            resource: Resource::verbatim(resource).without_empty_query(),
            replaced,
        })
    }

    /// The references that get a signature, each checked and counted.
    fn covered<'r, 'a>(
        &mut self,
        playlist: &'r Playlist<'a>,
        origin: Origin,
    ) -> Result<Vec<Covered<'r, 'a>>> {
        let mut covered = Vec::new();
        for reference in &playlist.references {
            let result = self.cover(reference, playlist.format, origin);
            covered.extend(result.map_err(|e| e.context(playlist.place_of(reference)))?);
        }
        Ok(covered)
    }

    /// Counts and checks a reference; `None` if it stays as it is.
    fn cover<'r, 'a>(
        &mut self,
        reference: &'r Reference<'a>,
        format: Format,
        origin: Origin,
    ) -> Result<Option<Covered<'r, 'a>>> {
        let (targets, outside): (Vec<Target>, Vec<Target>) = reference
            .targets()
            .partition(|target| self.covers(&target.url));
        let (first, first_outside) = (targets.first(), outside.first());
        if first.is_none() && reference.kind() == Kind::Clock {
            return Ok(None);
        }
        let coverage = &mut self.coverage;
        coverage.references += 1;
        let is_signed = first.is_some() && origin == Origin::Signer || reference.carries_signature;
        if let Some(outside) = first_outside.filter(|_| is_signed) {
            coverage.add(Finding::SignedOutside, &outside.url);
        }
        let Some(first) = first else {
            coverage.add(Finding::Outside, &outside[0].url);
            return Ok(None);
        };
        match reference.kind() {
            Kind::Playlist => coverage.add(Finding::Playlist, &first.url),
            Kind::RemoteElement => coverage.add(Finding::RemoteElement, &first.url),
            Kind::Media | Kind::Update | Kind::Clock => {}
        }
        if reference.carries_signature {
            if origin == Origin::Signer {
                if format == Format::Dash {
                    return Err(two_signatures());
                }
                coverage.add(Finding::FromPlaylistUrl, &first.url);
            }
            return Ok(None);
        }
        let replacement = self.preparation.replacement(reference)?;
        for target in &targets {
            let url = self.preparation.applied(&target.url);
            self.preparation.check_wildcards(&url)?;
            UnsignedUrl::parse(&url)?;
        }
        Ok(Some(Covered {
            reference,
            targets,
            replacement,
        }))
    }

    /// The change that signs a reference. Checks the length of the signed URLs, and that `resource`,
    /// or the one of this value, covers the query that players add.
    fn signed(
        &mut self,
        covered: &Covered<'_, '_>,
        resource: Option<&Resource>,
        query: &str,
    ) -> Edit {
        let Covered { reference, .. } = covered;
        for target in &covered.targets {
            let url = self.preparation.applied(&target.url);
            let separator = separator(&url);
            if url.len() + separator.len() + query.len() > MAX_URL_LEN {
                self.coverage.add(Finding::TooLong, &target.url);
            }
            if let Added::Always(parameter) = reference.role.added {
                let requested = format!("{url}{separator}{parameter}=1");
                let is_covered = match resource {
                    Some(resource) => resource.covers(&requested),
                    None => self.resource.covers(&requested),
                };
                if !is_covered {
                    self.coverage.add(Finding::AddedQuery, &requested);
                }
            }
        }
        reference.with_query(covered.replacement.as_deref(), query)
    }
}

/// Only the caller knows whether the manifest's URL is signed, so a warning would not do.
fn two_signatures() -> Error {
    Error::new("players add the query of the manifest's own URL to this reference (useMPDUrlQuery), so it would have two signatures").with_hint(
        "sign only the URL of the manifest, with a resource that covers its folder; or remove the urlparam descriptor",
    )
}

/// The queries of policies, each signed once: byte ranges of one file share theirs.
fn signed_queries<'p>(
    signer: &Signer,
    policies: &'p [Policy],
) -> Result<HashMap<&'p Policy, String>> {
    let mut queries: HashMap<&Policy, String> = HashMap::with_capacity(policies.len());
    let mut distinct = Vec::with_capacity(policies.len());
    for policy in policies {
        if queries.insert(policy, String::new()).is_none() {
            distinct.push(policy);
        }
    }
    // A remote key signs one after another, and not after it has failed.
    let at_once = if signer.key_type().is_some() {
        distinct.len().max(1)
    } else {
        1
    };
    for policies in distinct.chunks(at_once) {
        let signed = signer.sign_many(policies.iter().copied().cloned().collect());
        for (policy, signed) in policies.iter().zip(signed) {
            queries.insert(policy, signed?.query().to_owned());
        }
    }
    Ok(queries)
}
