//! The variables of an HLS playlist: `EXT-X-DEFINE` and `{$name}`.
//!
//! Source: draft-pantos-hls-rfc8216bis, sections 4.3 and 4.4.2.3.

use std::collections::HashMap;

use super::attributes::AttributeList;
use crate::error::{Result, quoted};
use crate::playlist::base::Base;
use crate::playlist::{MAX_URL_LEN, at};
use crate::url::percent;
use crate::url::signing_parameters::SigningParameter;

/// Variables by name.
#[derive(Debug, Clone, Default)]
pub(in crate::playlist) struct Variables(HashMap<String, Variable>);

#[derive(Debug, Clone)]
struct Variable {
    value: String,
    /// A signing parameter of the playlist's own URL, whose value is not known here.
    is_signing_parameter: bool,
}

/// A reference with its variables replaced.
#[derive(Debug)]
pub(in crate::playlist) struct Substituted {
    pub text: String,
    /// At least one of the variables is a signing parameter of the playlist's own URL.
    pub carries_signature: bool,
}

impl Variables {
    /// Reads an `EXT-X-DEFINE` tag of a playlist at `url`. A variable without a value is an error
    /// only where it is used.
    pub fn define(&mut self, list: AttributeList<'_>, url: &Base, importable: &Variables) {
        if let Some(name) = list.quoted("IMPORT") {
            if let Some(variable) = importable.0.get(name) {
                self.0.insert(name.to_owned(), variable.clone());
            }
        } else if let Some(name) = list.quoted("QUERYPARAM") {
            let is_signing_parameter = SigningParameter::ALL
                .iter()
                .any(|parameter| parameter.name() == name);
            match query_parameter(url, name) {
                Some(value) => self.insert(name, value, is_signing_parameter),
                None if is_signing_parameter => self.insert(name, String::new(), true),
                None => {}
            }
        } else if let (Some(name), Some(value)) = (list.quoted("NAME"), list.quoted("VALUE")) {
            self.insert(name, value.to_owned(), false);
        }
    }

    fn insert(&mut self, name: &str, value: String, is_signing_parameter: bool) {
        let variable = Variable {
            value,
            is_signing_parameter,
        };
        self.0.insert(name.to_owned(), variable);
    }

    /// Returns whether a variable is defined by anything but the query of the playlist's own URL.
    pub fn is_own(&self, name: &str) -> bool {
        self.0
            .get(name)
            .is_some_and(|variable| !variable.is_signing_parameter)
    }

    /// Returns whether the value of a variable is a signing parameter of the playlist's own URL.
    pub fn is_signing_parameter(&self, name: &str) -> bool {
        self.0
            .get(name)
            .is_some_and(|variable| variable.is_signing_parameter)
    }

    /// Replaces each `{$name}` in `written`, once: values are not substituted again. `None` if
    /// there is none.
    ///
    /// # Errors
    /// A variable without a value, and a result longer than a URL may be.
    pub fn substitute(&self, line: usize, written: &str) -> Result<Option<Substituted>> {
        let Some((start, _)) = written.split_once("{$") else {
            return Ok(None);
        };
        let mut text = start.to_owned();
        let mut carries_signature = false;
        for piece in written[start.len()..].split("{$").skip(1) {
            let reference = piece.split_once('}').filter(|(name, _)| is_name(name));
            let Some((name, rest)) = reference else {
                text.extend(["{$", piece]);
                continue;
            };
            let Some(variable) = self.0.get(name) else {
                let message = format_args!("the variable {} is not defined", quoted(name));
                return Err(at(line, message).with_hint(
                    "if the master playlist defines it, sign both together; if it is a query parameter of the playlist's URL, include the query in the base URL",
                ));
            };
            carries_signature |= variable.is_signing_parameter;
            text.extend([variable.value.as_str(), rest]);
            if text.len() > MAX_URL_LEN {
                let message = format_args!(
                    "the variable {} makes the URL longer than {MAX_URL_LEN} bytes",
                    quoted(name)
                );
                return Err(at(line, message).with_hint(format!(
                    "CloudFront accepts URLs of up to {MAX_URL_LEN} bytes, including the signature"
                )));
            }
        }
        Ok(Some(Substituted {
            text,
            carries_signature,
        }))
    }
}

fn is_name(text: &str) -> bool {
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    !text.is_empty() && text.bytes().all(is_allowed)
}

/// The decoded value of the first query parameter called `name`.
fn query_parameter(url: &Base, name: &str) -> Option<String> {
    let mut pairs = url
        .parts()
        .parameters()
        .filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(parameter, _)| percent::decode(parameter) == name)?;
    Some(percent::decode(value).into_owned())
}
