//! Changes made to a reference before it is signed.

use super::reference::{Reference, Target};
use crate::error::{Error, Result};
use crate::sign::SignedUrl;
use crate::url::percent;
use crate::url::signing_parameters::{Name, query_names, shown, strip};
use crate::url::{Resource, UnsignedUrl};

/// Changes made to a reference before it is signed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Preparation {
    /// Percent-encode characters that are not allowed in a URL.
    pub encode: bool,
    /// Remove an existing signature.
    pub resign: bool,
    /// Accept a `*` in a reference. Without this it is an error, since in a policy it would be a
    /// wildcard.
    pub allow_wildcards: bool,
}

impl Preparation {
    /// `text` with the changes.
    pub(super) fn applied(self, text: &str) -> String {
        let text = if self.encode {
            percent::encode(text)
        } else {
            text.to_owned()
        };
        if self.resign { strip(&text) } else { text }
    }

    /// The resource of the policy for a target.
    pub(super) fn resource(self, target: &Target) -> Result<Resource> {
        match &target.pattern {
            Some(pattern) => Ok(Resource::verbatim(self.applied(pattern))),
            None => Ok(UnsignedUrl::parse(&self.applied(&target.url))?.resource()),
        }
    }

    /// The URL with the signature that is replaced, if it has one.
    pub(super) fn old(self, target: &Target) -> Result<Option<SignedUrl>> {
        let is_signed = self.resign && query_names(&target.url).any(|name| is_signing(&name));
        is_signed.then(|| SignedUrl::parse(&target.url)).transpose()
    }

    /// The new text of a reference, if it changes.
    pub(super) fn replacement(self, reference: &Reference<'_>) -> Result<Option<String>> {
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

    /// Returns whether the changes affect more of `text` than what is literal in `written`.
    fn changes_variables(self, written: &str, text: &str) -> bool {
        let signing_parameters = |url| query_names(url).filter(is_signing).count();
        self.encode && percent::encode(text) != text
            || self.resign && signing_parameters(text) != signing_parameters(written)
    }

    pub(super) fn check_wildcards(self, url: &str) -> Result<()> {
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
