//! The variables of an HLS playlist: `EXT-X-DEFINE` and `{$name}`.
//!
//! Source: draft-pantos-hls-rfc8216bis, sections 4.3 and 4.4.2.3.

use std::collections::HashMap;

use super::attributes::{Attribute, quoted};
use crate::error::{self, Error, Result};
use crate::playlist::base::Base;
use crate::playlist::reference::Filled;
use crate::url::LONGEST_URL;
use crate::url::percent;
use crate::url::signing_parameters::SigningParameter;

#[derive(Debug, Clone, Default)]
pub(in crate::playlist) struct Variables(pub(super) HashMap<String, Variable>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Variable {
    Known(String),
    /// A query parameter that the URL of the playlist does not have here, but at its clients.
    Unknown,
    /// A signing parameter of the playlist's own URL.
    Signing,
}

impl Variables {
    /// Reads an `EXT-X-DEFINE` tag of a playlist at `url`. A variable without a value is an error
    /// only where it is used.
    pub(super) fn define(&mut self, tag: &[Attribute<'_>], url: &Base, importable: &Variables) {
        let (name, variable) = if let Some(name) = quoted(tag, "IMPORT") {
            (name, importable.0.get(name).cloned())
        } else if let Some(name) = quoted(tag, "QUERYPARAM") {
            (name, Some(Variable::of_query(url, name)))
        } else if let Some(name) = quoted(tag, "NAME") {
            let value = quoted(tag, "VALUE").map(str::to_owned);
            (name, value.map(Variable::Known))
        } else {
            return;
        };
        if let Some(variable) = variable {
            self.0.insert(name.to_owned(), variable);
        }
    }

    /// Replaces each `{$name}` in `written`, once: values are not substituted again. `None` if
    /// there is none. With the text, whether a signing parameter of the playlist's own URL is part
    /// of it.
    ///
    /// # Errors
    /// A variable that is not defined, and a result longer than a URL may be.
    pub(super) fn substitute(&self, written: &str) -> Result<Option<(Filled, bool)>> {
        let Some((start, _)) = written.split_once("{$") else {
            return Ok(None);
        };
        let mut text = start.to_owned();
        let mut pattern = text.clone();
        let mut has_unknown = false;
        let mut carries_signature = false;
        for piece in written[start.len()..].split("{$").skip(1) {
            let reference = piece.split_once('}').filter(|(name, _)| is_name(name));
            let Some((name, rest)) = reference else {
                text.extend(["{$", piece]);
                pattern.extend(["{$", piece]);
                continue;
            };
            let (example, filler) = match self.0.get(name) {
                Some(Variable::Known(value)) => (value.as_str(), value.as_str()),
                Some(Variable::Signing) => {
                    carries_signature = true;
                    ("", "")
                }
                Some(Variable::Unknown) => {
                    if !has_unknown && !has_host(&text) {
                        // The value may begin with another host, so this is a reference to one.
                        text.insert_str(0, "//");
                    }
                    has_unknown = true;
                    ("1", "*")
                }
                None => {
                    let name = error::quoted(name);
                    return Err(Error::new(format!("the variable {name} is not defined"))
                        .with_hint("if the master playlist defines it, sign both together"));
                }
            };
            text.extend([example, rest]);
            pattern.extend([filler, rest]);
            if text.len() > LONGEST_URL {
                let name = error::quoted(name);
                return Err(Error::new(format!(
                    "the variable {name} makes the URL longer than {LONGEST_URL} bytes, the most \
                     that CloudFront accepts"
                )));
            }
        }
        let pattern = has_unknown.then_some(pattern);
        Ok(Some((Filled { text, pattern }, carries_signature)))
    }
}

impl Variable {
    /// The variable for a query parameter of the playlist's URL.
    fn of_query(url: &Base, name: &str) -> Self {
        if SigningParameter::ALL
            .iter()
            .any(|known| known.name() == name)
        {
            return Variable::Signing;
        }
        let parameters = url.parts().parameters();
        let mut pairs = parameters.filter_map(|pair| pair.split_once('='));
        match pairs.find(|(parameter, _)| percent::decode(parameter) == name) {
            Some((_, value)) => Variable::Known(percent::decode(value).into_owned()),
            None => Variable::Unknown,
        }
    }
}

/// Returns whether no text after the beginning of a reference can change its host.
fn has_host(beginning: &str) -> bool {
    match beginning.split_once("//") {
        Some((_, after_slashes)) => after_slashes.contains(['/', '?']),
        None => beginning != "/" && beginning.contains(['/', '?']) && !Base::is_absolute(beginning),
    }
}

fn is_name(text: &str) -> bool {
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    !text.is_empty() && text.bytes().all(is_allowed)
}
