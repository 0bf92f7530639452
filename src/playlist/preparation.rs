//! Changes made to a reference before it is signed.

use std::borrow::Cow;

use super::base::with_slashes;
use super::reference::Reference;
use crate::error::{Error, Result};
use crate::url::percent;
use crate::url::signing_parameters::{Name, query_names, shown, strip};

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
    /// A URL or reference with the changes.
    pub(super) fn applied(self, text: &str) -> Cow<'_, str> {
        let mut text = Cow::Borrowed(text);
        if self.encode {
            text = percent::encode(&with_slashes(&text)).into();
        }
        if self.resign && is_signed(&text) {
            text = strip(&text).into();
        }
        text
    }

    /// The new text of a reference, if it changes.
    pub(super) fn replacement(self, reference: &Reference<'_>) -> Result<Option<String>> {
        let (written, text) = (&reference.written, reference.text());
        let mut preparation = self;
        if reference.has_variables() {
            let is_encoded = percent::encode(text) == text;
            let is_stripped = signing_parameters(text) == signing_parameters(written);
            if self.encode && !is_encoded || self.resign && !is_stripped {
                return Err(Error::new(format!(
                    "part of {} is the value of a variable, which cannot be encoded or stripped \
                     of a signature here",
                    shown(text)
                ))
                .with_hint("write the value into the reference, in place of the variable"));
            }
            // The braces of a variable must stay.
            preparation.encode = false;
        }
        let replacement = preparation.applied(written);
        Ok((replacement != *written).then(|| replacement.into_owned()))
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

/// Returns whether the query of a URL has signing parameters.
pub(super) fn is_signed(url: &str) -> bool {
    signing_parameters(url) > 0
}

/// The number of signing parameters in the query of a URL.
fn signing_parameters(url: &str) -> usize {
    let names = query_names(url);
    names
        .filter(|name| matches!(Name::of(name), Name::Signing(_)))
        .count()
}
