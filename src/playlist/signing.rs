//! Signs the references of playlists.
//!
//! The covered references are listed, their policies are made and signed, and the playlist is
//! written.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::rc::Rc;

use super::coverage::{Coverage, Finding};
use super::hls::query_variables;
use super::preparation::{Preparation, is_signed};
use super::reference::{Added, Edit, Kind, Reference, Target, edited};
use super::{Format, Playlist};
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
    by: By,
    coverage: Coverage,
    /// The variables for the query of the playlist's URL have been defined.
    has_definitions: bool,
}

/// The origin of the signatures.
pub enum By {
    /// One policy, signed once.
    One(SignedPolicy),
    /// A policy for each reference.
    Each(Signer, PolicyOf),
    /// The playlist's own URL, by variables (HLS) or by the player (DASH); no key is needed. With
    /// `hash_algorithm`, that URL has the parameter `Hash-Algorithm`.
    PlaylistUrl {
        /// The signature is not SHA-1.
        hash_algorithm: bool,
    },
}

/// Makes the policy of a URL.
pub type PolicyOf = Box<dyn Fn(&Unsigned<'_>) -> Result<Policy>>;

/// A URL that needs a policy of its own.
#[derive(Debug)]
pub struct Unsigned<'u> {
    /// The URL as it is signed; where clients fill in parts of it, an example.
    pub url: &'u str,
    /// The URL as a resource, with `*` for what clients fill in or add to its query.
    pub resource: Resource,
    /// The URL with the signature that is replaced, if it has one.
    pub replaced: Option<SignedUrl>,
}

/// A reference that gets a signature.
struct Covered<'r, 'a> {
    reference: &'r Reference<'a>,
    targets: Vec<Target>,
    /// Its new text, if it changes.
    replacement: Option<String>,
}

impl fmt::Debug for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("By")
    }
}

impl Signing {
    /// Signs references that `resource` covers.
    pub fn new(resource: &Resource, preparation: Preparation, by: By) -> Self {
        Signing {
            resource: resource.matcher(),
            preparation,
            by,
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
        let urls = reference.targets().map(|target| target.url);
        urls.filter(|url| self.covers(url)).collect()
    }

    /// Matches as CloudFront does: without an existing signature.
    fn covers(&self, url: &str) -> bool {
        self.resource.covers(&strip(&self.preparation.applied(url)))
    }

    /// A playlist, or the next piece of one, with its signatures.
    ///
    /// # Errors
    /// A reference that is covered but cannot be signed, see [`UnsignedUrl::parse`], or whose URLs
    /// need different policies; those of [`PolicyOf`]; a variable that has the name of a signing
    /// parameter. Where a reference is the reason, the message begins with the line number.
    pub fn rewrite(&mut self, playlist: &Playlist<'_>) -> Result<String> {
        let covered = self.covered(playlist)?;
        let mut edits = Vec::new();
        let queries = match self.by {
            By::One(ref signed) => vec![Rc::from(signed.query()); covered.len()],
            By::Each(ref signer, ref policy_of) => {
                let mut policies = Vec::with_capacity(covered.len());
                for covered in &covered {
                    let policy = self.policy(covered, policy_of);
                    let policy =
                        policy.map_err(|e| e.context(playlist.place_of(covered.reference)))?;
                    self.coverage.note(&policy);
                    policies.push(policy);
                }
                signed_queries(signer, &policies)?
            }
            By::PlaylistUrl { hash_algorithm } if playlist.format == Format::Hls => {
                let names = query_variables::names(hash_algorithm);
                self.has_definitions &= playlist.lines_before > 0;
                if !covered.is_empty() && !self.has_definitions {
                    let present = &playlist.variables;
                    edits = query_variables::definitions(playlist.text, present, names)?;
                    self.has_definitions = true;
                }
                vec![Rc::from(query_variables::query(names)); covered.len()]
            }
            By::PlaylistUrl { .. } => {
                // In DASH, players add the query; in JSON there are no variables.
                edits = self.descriptors(playlist, &covered);
                vec![Rc::from(""); covered.len()]
            }
        };
        for (covered, query) in covered.iter().zip(&queries) {
            edits.push(self.signed(covered, query));
        }
        Ok(edited(playlist.text, edits))
    }

    /// The references that get a signature, each checked and counted.
    fn covered<'r, 'a>(&mut self, playlist: &'r Playlist<'a>) -> Result<Vec<Covered<'r, 'a>>> {
        let mut covered = Vec::new();
        for reference in &playlist.references {
            let result = self.cover(reference);
            covered.extend(result.map_err(|e| e.context(playlist.place_of(reference)))?);
        }
        Ok(covered)
    }

    /// Counts and checks a reference; `None` if it stays as it is.
    fn cover<'r, 'a>(&mut self, reference: &'r Reference<'a>) -> Result<Option<Covered<'r, 'a>>> {
        let (targets, outside): (Vec<Target>, Vec<Target>) = reference
            .targets()
            .partition(|target| self.covers(&target.url));
        let (first, first_outside) = (targets.first(), outside.first());
        if first.is_none() && reference.kind() == Kind::Clock {
            return Ok(None);
        }
        let has_signer = !matches!(self.by, By::PlaylistUrl { .. });
        let coverage = &mut self.coverage;
        coverage.references += 1;
        let is_signed = reference.carries_signature || has_signer && first.is_some();
        if let Some(outside) = first_outside.filter(|_| is_signed) {
            coverage.add(Finding::SignedOutside, &outside.url);
        }
        let Some(first) = first else {
            coverage.add(Finding::Outside, &outside[0].url);
            return Ok(None);
        };
        if reference.has_references() {
            coverage.add(Finding::HasReferences, &first.url);
        }
        if reference.carries_signature {
            if has_signer && !reference.has_variables() {
                // Only the caller knows whether the manifest's URL is signed.
                let message =
                    "players add the manifest's own query to this reference: a second signature";
                return Err(Error::new(message).with_hint(
                    "sign only that URL, for its folder; or remove the urlparam descriptor",
                ));
            }
            if has_signer {
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

    /// The policy for all covered URLs of a reference.
    fn policy(&self, covered: &Covered<'_, '_>, policy_of: &PolicyOf) -> Result<Policy> {
        let preparation = self.preparation;
        let first = &covered.targets[0];
        let url = preparation.applied(&first.url);
        let pattern = first.pattern.as_deref().unwrap_or(&first.url);
        let mut resource = preparation.applied(pattern).into_owned();
        let mut replaced = None;
        if preparation.resign && is_signed(&first.url) {
            replaced = Some(SignedUrl::parse(&first.url)?);
        } else if covered.reference.role.added != Added::Nothing {
            // A * at the end of a path also covers a query, or its absence.
            resource.push('*');
        }
        let policy = policy_of(&Unsigned {
            url: &url,
            resource: Resource::verbatim(resource).without_empty_query(),
            replaced,
        })?;
        for target in &covered.targets[1..] {
            let url = preparation.applied(&target.url);
            let resource = policy.resource();
            if !resource.is_some_and(|resource| resource.covers(&url)) {
                let (first, second) = (shown(&first.url), shown(&target.url));
                return Err(Error::new(format!(
                    "the reference resolves to {first} and {second}, so it needs a policy that \
                     covers both"
                ))
                .with_hint("use one policy for all references"));
            }
        }
        Ok(policy)
    }

    /// The descriptors in those adaptation sets of a manifest that only have requests for covered
    /// URLs, and empty ones in the sets after them. Counts the references without the query.
    fn descriptors<'a>(
        &mut self,
        playlist: &Playlist<'a>,
        covered: &[Covered<'_, 'a>],
    ) -> Vec<Edit<'a>> {
        let mut leaving = HashSet::new();
        for reference in &playlist.references {
            let is_media = reference.kind() == Kind::Media;
            if is_media && !reference.targets().all(|target| self.covers(&target.url)) {
                leaving.insert(reference.sets.clone());
            }
        }
        let places = &playlist.descriptors;
        let mut takes_query: Vec<bool> = places.iter().map(Option::is_some).collect();
        for sets in leaving {
            takes_query[sets].fill(false);
        }
        let mut edits = Vec::new();
        for (place, takes_query) in places.iter().zip(&takes_query) {
            if let Some(place) = place
                && (*takes_query || !edits.is_empty())
            {
                edits.push(place.inserted(*takes_query));
            }
        }
        // References share the ranges of their levels.
        let mut all_take_it = HashMap::new();
        for covered in covered {
            let reference = covered.reference;
            let sets = &reference.sets;
            let all_take_it = all_take_it
                .entry(sets)
                .or_insert_with(|| takes_query[sets.clone()].iter().all(|takes| *takes));
            if reference.kind() != Kind::Media || sets.is_empty() || !*all_take_it {
                let url = &covered.targets[0].url;
                self.coverage.add(Finding::WithoutQuery, url);
            }
        }
        edits
    }

    /// The change that signs a reference. Checks the length of the signed URLs, and that the
    /// resource covers the query that players add.
    fn signed<'a>(&mut self, covered: &Covered<'_, 'a>, query: &str) -> Edit<'a> {
        let reference = covered.reference;
        for target in &covered.targets {
            let url = self.preparation.applied(&target.url);
            let separator = separator(&url);
            if url.len() + separator.len() + query.len() > SignedUrl::LONGEST {
                self.coverage.add(Finding::TooLong, &target.url);
            }
            if let Added::Always(parameter) = reference.role.added {
                let requested = format!("{url}{separator}{parameter}=1");
                if !self.resource.covers(&requested) {
                    self.coverage.add(Finding::AddedQuery, &requested);
                }
            }
        }
        reference.with_query(covered.replacement.as_deref(), query)
    }
}

/// The queries of policies, each signed once: byte ranges of one file share theirs.
fn signed_queries(signer: &Signer, policies: &[Policy]) -> Result<Vec<Rc<str>>> {
    let mut queries: HashMap<&Policy, Rc<str>> = HashMap::with_capacity(policies.len());
    let mut distinct = Vec::with_capacity(policies.len());
    for policy in policies {
        if queries.insert(policy, Rc::default()).is_none() {
            distinct.push(policy);
        }
    }
    // A remote key signs one after another, and not after it has failed.
    let at_once = signer.key_type().map_or(1, |_| distinct.len().max(1));
    for policies in distinct.chunks(at_once) {
        let signed = signer.sign_many(policies.iter().copied().cloned().collect());
        for (policy, signed) in policies.iter().zip(signed) {
            queries.insert(policy, signed?.query().into());
        }
    }
    let queries = policies.iter().map(|policy| Rc::clone(&queries[policy]));
    Ok(queries.collect())
}
