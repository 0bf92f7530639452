//! Which references are signed, and with what: one policy for all of them, or each its own.

use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use super::{Reference, Signature, Target};
use crate::error::{Error, Result};
use crate::policy::{Conditions, Policy};
use crate::sign::signed_url::SignedUrl;
use crate::sign::signer::{SignedPolicy, Signer};
use crate::url::percent;
use crate::url::signing_parameters::{shown, strip};
use crate::url::unsigned::{UnsignedUrl, separator};
use crate::url::{Matcher, Resource};

/// The signatures for the references of one playlist, or of several.
#[derive(Debug)]
pub struct Signing<'a> {
    resource: Matcher,
    policies: Policies<'a>,
    preparation: Preparation,
    coverage: Coverage,
}

enum Policies<'a> {
    /// The parameters of the one policy.
    One(Rc<str>),
    /// A policy for each reference, and the parameters of those that were made: ranges of one file share theirs.
    Each {
        signer: &'a Signer,
        conditions: Conditions,
        custom: bool,
        made: HashMap<Resource, Rc<str>>,
    },
}

/// What is done to a reference before it is signed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Preparation {
    /// Percent-encode what may not stand in a URL.
    pub encode: bool,
    /// Take out the signature that is there.
    pub resign: bool,
}

/// How much of the playlists the resource covers.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// How many references there are.
    pub references: usize,
    /// How many of them are not covered, and stay as they are.
    pub outside: usize,
    /// The URL of the first of these.
    pub first_outside: Option<String>,
    /// A URL that gets a signature without being covered: a manifest has one text for all its base URLs, and with
    /// another of them that text is covered.
    pub signed_outside: Option<String>,
    /// The first URL that is longer than CloudFront takes once it is signed, and how many bytes it then has.
    pub too_long: Option<(String, usize)>,
}

impl<'a> Signing<'a> {
    /// One policy, signed once, for every reference that `resource` covers.
    pub fn one(signed: &SignedPolicy, resource: &Resource, preparation: Preparation) -> Self {
        Signing {
            resource: resource.matcher(),
            policies: Policies::One(signed.query().into()),
            preparation,
            coverage: Coverage::default(),
        }
    }

    /// A policy for each reference that `resource` covers: canned where that says everything, unless `custom`. For a
    /// template it is a custom one with `*` for what clients fill in.
    pub fn each(
        signer: &'a Signer,
        conditions: Conditions,
        custom: bool,
        resource: &Resource,
        preparation: Preparation,
    ) -> Self {
        let policies = Policies::Each {
            signer,
            conditions,
            custom,
            made: HashMap::new(),
        };
        Signing {
            resource: resource.matcher(),
            policies,
            preparation,
            coverage: Coverage::default(),
        }
    }

    /// What was covered so far.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// Whether the resource covers a reference.
    pub fn covers(&self, reference: &Reference<'_>) -> bool {
        reference
            .targets
            .iter()
            .any(|target| self.covers_target(target))
    }

    /// As CloudFront sees the URL: without a signature that it carries already.
    fn covers_target(&self, target: &Target) -> bool {
        self.resource
            .covers(&strip(&self.preparation.applied(&target.url)))
    }

    /// The signature of a reference; `None` where the resource does not cover it.
    ///
    /// # Errors
    /// A reference that is covered and cannot be signed: what [`UnsignedUrl::parse`] refuses.
    pub fn sign(&mut self, reference: &Reference<'_>) -> Result<Option<Signature>> {
        let (covered, outside): (Vec<&Target>, Vec<&Target>) = reference
            .targets
            .iter()
            .partition(|target| self.covers_target(target));
        self.coverage.references += 1;
        let remember = |place: &mut Option<String>| {
            if let (None, Some(target)) = (&place, outside.first()) {
                *place = Some(target.url.clone());
            }
        };
        if covered.is_empty() {
            self.coverage.outside += 1;
            remember(&mut self.coverage.first_outside);
            return Ok(None);
        }
        remember(&mut self.coverage.signed_outside);
        let signature = self.signature(reference, &covered);
        let signature =
            signature.map_err(|e| e.context(format_args!("line {}:", reference.line)))?;
        let signed_length = |target: &&Target| {
            let url = self.preparation.applied(&target.url);
            url.len() + separator(&url).len() + signature.parameters.len()
        };
        if self.coverage.too_long.is_none() {
            let mut lengths = covered
                .iter()
                .map(|target| (target.url.clone(), signed_length(target)));
            self.coverage.too_long = lengths.find(|(_, length)| *length > SignedUrl::LONGEST);
        }
        Ok(Some(signature))
    }

    fn signature(&mut self, reference: &Reference<'_>, covered: &[&Target]) -> Result<Signature> {
        let replacement = self.preparation.replacement(reference)?;
        for target in covered {
            UnsignedUrl::parse(&self.preparation.applied(&target.url))?;
        }
        Ok(Signature {
            replacement,
            parameters: self.parameters(covered)?,
        })
    }

    fn parameters(&mut self, covered: &[&Target]) -> Result<Rc<str>> {
        let (signer, conditions, custom, made) = match &mut self.policies {
            Policies::One(parameters) => return Ok(Rc::clone(parameters)),
            Policies::Each {
                signer,
                conditions,
                custom,
                made,
            } => (signer, *conditions, *custom, made),
        };
        let [target] = covered else {
            let urls: Vec<String> = covered
                .iter()
                .take(2)
                .map(|target| shown(&target.url))
                .collect();
            return Err(Error::new(format!(
                "one reference stands for {}, under several base URLs",
                urls.join(" and ")
            ))
            .with_hint("leave out --each: one policy can cover them all"));
        };
        let resource = match &target.pattern {
            Some(pattern) => Resource::verbatim(self.preparation.applied(pattern)),
            None => UnsignedUrl::parse(&self.preparation.applied(&target.url))?.resource(),
        };
        if let Some(parameters) = made.get(&resource) {
            return Ok(Rc::clone(parameters));
        }
        let policy = match custom {
            true => Policy::custom(&resource, conditions)?,
            false => Policy::canned_or_custom(&resource, conditions)?,
        };
        let parameters: Rc<str> = signer.sign(policy)?.query().into();
        made.insert(resource, Rc::clone(&parameters));
        Ok(parameters)
    }
}

impl Preparation {
    fn applied(self, text: &str) -> String {
        let text = if self.encode {
            percent::encode(text)
        } else {
            text.to_owned()
        };
        if self.resign { strip(&text) } else { text }
    }

    /// What a reference becomes in the playlist, where it does not stay as it is.
    fn replacement(self, reference: &Reference<'_>) -> Result<Option<String>> {
        if !self.encode && !self.resign {
            return Ok(None);
        }
        // The braces of a variable are not encoded, and its value is not in the reference to be changed.
        let preparation = Preparation {
            encode: self.encode && reference.substituted.is_none(),
            ..self
        };
        let replacement = preparation.applied(&reference.written);
        let lost = |before: &str, after: &str| before.len().wrapping_sub(after.len());
        let text = reference.text();
        if lost(text, &self.applied(text)) != lost(&reference.written, &replacement) {
            let message = "has a part from a variable, where --encode and --resign change nothing";
            return Err(Error::new(format!("{} {message}", shown(text)))
                .with_hint("write the value into the reference, in place of the variable"));
        }
        Ok(Some(replacement).filter(|replacement| *replacement != reference.written))
    }
}

/// The parameters are a credential, so they are left out.
impl fmt::Debug for Policies<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Policies::One(_) => "One",
            Policies::Each { .. } => "Each",
        })
    }
}
