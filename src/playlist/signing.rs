//! Signs the references of playlists: with one policy for all of them, with one for each, or with
//! that of the playlist's own URL.
//!
//! Each way is the same in three steps: the covered references are listed, their policies are made
//! and signed, and the playlist is written.

use std::collections::HashMap;

use super::coverage::{Coverage, TooLong};
use super::dash::{Insertion, Insertions};
use super::hls::QueryVariables;
use super::preparation::{Preparation, is_signed};
use super::reference::{Added, Kind, Reference, Target};
use super::writer::Writer;
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
}

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

    /// Appends the playlist to `output`, with one signed policy on every covered reference.
    ///
    /// # Errors
    /// A reference that is covered but cannot be signed, see [`UnsignedUrl::parse`]; the message
    /// begins with the line number.
    pub fn sign(
        &mut self,
        playlist: &Playlist<'_>,
        signed: &SignedPolicy,
        output: &mut String,
    ) -> Result<()> {
        let covered = self.covered(playlist, Origin::Signer)?;
        let query = signed.query();
        for covered in &covered {
            self.check(covered, None, query);
        }
        // The signatures are much longer than the playlist.
        output.reserve(playlist.text.len() + covered.len() * (query.len() + 1));
        write(playlist, &covered, &[], |_| query, output);
        Ok(())
    }

    /// Appends the playlist to `output`, with a policy for each covered reference, made by
    /// `policy_of`.
    ///
    /// # Errors
    /// Those of [`Signing::sign`] and of `policy_of`, and a reference whose URLs need different
    /// policies.
    pub fn sign_each(
        &mut self,
        playlist: &Playlist<'_>,
        signer: &Signer,
        mut policy_of: impl FnMut(&Unsigned<'_>) -> Result<Policy>,
        output: &mut String,
    ) -> Result<()> {
        let covered = self.covered(playlist, Origin::Signer)?;
        let mut policies = Vec::with_capacity(covered.len());
        for covered in &covered {
            let policy = self.policy(covered, &mut policy_of);
            policies.push(policy.map_err(|e| in_line(e, playlist, covered.reference))?);
        }
        let queries = signed_queries(signer, &policies)?;
        for (covered, policy) in covered.iter().zip(&policies) {
            self.check(covered, policy.resource(), &queries[policy]);
        }
        let query_of = |index: usize| queries[&policies[index]].as_str();
        write(playlist, &covered, &[], query_of, output);
        Ok(())
    }

    /// Appends the playlist to `output`, with references that get the signature of the playlist's
    /// own URL. No key is needed. With `hash_algorithm`, that URL has the parameter
    /// `Hash-Algorithm`.
    ///
    /// # Errors
    /// Those of [`Signing::sign`], and variables of an HLS playlist that have the names of signing
    /// parameters.
    pub fn pass_on_query(
        &mut self,
        playlist: &Playlist<'_>,
        hash_algorithm: bool,
        output: &mut String,
    ) -> Result<()> {
        let covered = self.covered(playlist, Origin::PlaylistUrl)?;
        if playlist.format == Format::Hls && !covered.is_empty() {
            let variables = QueryVariables::new(hash_algorithm);
            let parameters = variables.parameters();
            for covered in &covered {
                self.check(covered, None, parameters);
            }
            let mut body = String::with_capacity(playlist.text.len());
            write(playlist, &covered, &[], |_| parameters, &mut body);
            return variables.define(&body, &playlist.variables, output);
        }
        // In DASH, players add the query; in JSON there are no variables.
        let insertions = self.insertions(playlist);
        for covered in &covered {
            let reference = covered.reference;
            let gets_query = insertions.gets_query.get(reference.level) == Some(&true);
            if reference.kind != Kind::Media || !gets_query {
                self.coverage.without_query.add(&covered.targets[0].url);
            }
        }
        write(playlist, &covered, &insertions.places, |_| "", output);
        Ok(())
    }

    /// The insertions into those parts of a manifest that only have requests for covered URLs.
    fn insertions(&self, playlist: &Playlist<'_>) -> Insertions {
        let mut outside = Vec::new();
        for reference in &playlist.references {
            let is_media = reference.kind == Kind::Media && playlist.format == Format::Dash;
            if is_media && !reference.urls().all(|url| self.covers(&url)) {
                outside.push(reference.level);
            }
        }
        playlist.query_levels.insertions(&outside)
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
        let is_replaced = preparation.resign && is_signed(&target.url);
        if reference.added.is_some() && !is_replaced {
            // A * at the end of a path also covers a query, or its absence.
            resource.push('*');
        }
        Ok(Unsigned {
            url: &target.url,
            resource: Resource::verbatim(resource).without_empty_query(),
            replaced: is_replaced
                .then(|| SignedUrl::parse(&target.url))
                .transpose()?,
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
            covered.extend(result.map_err(|e| in_line(e, playlist, reference))?);
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
        if targets.is_empty() && reference.kind == Kind::Clock {
            return Ok(None);
        }
        let coverage = &mut self.coverage;
        coverage.references += 1;
        let is_sent = origin == Origin::Signer && !targets.is_empty();
        if let Some(target) = outside
            .first()
            .filter(|_| is_sent || reference.carries_signature)
        {
            coverage.signed_outside.add(&target.url);
        }
        let Some(first) = targets.first() else {
            coverage.outside.add(&outside[0].url);
            return Ok(None);
        };
        match reference.kind {
            Kind::Playlist => coverage.playlists.add(&first.url),
            Kind::RemoteElement => coverage.remote_elements.add(&first.url),
            Kind::Media | Kind::Update | Kind::Clock => {}
        }
        if reference.carries_signature {
            if origin == Origin::Signer {
                if format == Format::Dash {
                    return Err(two_signatures());
                }
                coverage.from_playlist_url += 1;
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

    /// Checks the length of the signed URLs, and that `resource`, or the one of this value, covers
    /// the query that players add.
    fn check(&mut self, covered: &Covered<'_, '_>, resource: Option<&Resource>, query: &str) {
        for target in &covered.targets {
            let url = self.preparation.applied(&target.url);
            let separator = separator(&url);
            let signed_len = url.len() + separator.len() + query.len();
            if signed_len > MAX_URL_LEN && self.coverage.too_long.is_none() {
                let url = target.url.clone();
                self.coverage.too_long = Some(TooLong { url, signed_len });
            }
            let Some(Added::Always(parameter)) = covered.reference.added else {
                continue;
            };
            let requested = format!("{url}{separator}{parameter}=1");
            let is_covered = match resource {
                Some(resource) => resource.covers(&requested),
                None => self.resource.covers(&requested),
            };
            if !is_covered {
                self.coverage.added.add(&requested);
            }
        }
    }
}

fn in_line(error: Error, playlist: &Playlist<'_>, reference: &Reference<'_>) -> Error {
    error.context(format_args!("line {}:", playlist.line_of(reference)))
}

/// Writes a playlist with insertions, and with a query on each reference that is listed.
fn write<'q>(
    playlist: &Playlist<'_>,
    covered: &[Covered<'_, '_>],
    insertions: &[Insertion],
    query_of: impl Fn(usize) -> &'q str,
    output: &mut String,
) {
    let mut writer = Writer::new(playlist.text, output);
    let mut insertions = insertions.iter().peekable();
    for (index, covered) in covered.iter().enumerate() {
        let reference = covered.reference;
        while let Some(next) = insertions.next_if(|next| next.position <= reference.range.start) {
            writer.describe(next);
        }
        writer.sign(reference, covered.replacement.as_deref(), query_of(index));
    }
    for insertion in insertions {
        writer.describe(insertion);
    }
    writer.finish();
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
    if signer.key_type().is_none() {
        // A remote key signs one after another, and not after it has failed.
        for policy in distinct {
            let signed = signer.sign(policy.clone())?;
            queries.insert(policy, signed.query().to_owned());
        }
        return Ok(queries);
    }
    let signed = signer.sign_many(distinct.iter().copied().cloned().collect());
    for (policy, signed) in distinct.into_iter().zip(signed) {
        queries.insert(policy, signed?.query().to_owned());
    }
    Ok(queries)
}
