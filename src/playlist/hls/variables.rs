//! The variables of an HLS playlist: `EXT-X-DEFINE` and `{$name}`.
//!
//! Source: draft-pantos-hls-rfc8216bis, sections 4.3 and 4.4.2.3.

use std::collections::HashMap;

use super::attributes::AttributeList;
use crate::error::{Error, Result, quoted};
use crate::playlist::base::Base;
use crate::playlist::reference::Filled;
use crate::playlist::{MAX_URL_LEN, at};
use crate::url::percent;
use crate::url::signing_parameters::SigningParameter;

/// Variables by name.
#[derive(Debug, Clone, Default)]
pub(in crate::playlist) struct Variables(HashMap<String, Variable>);

#[derive(Debug, Clone)]
enum Variable {
    Known(String),
    /// A query parameter that the URL of the playlist does not have here, but at its clients.
    Unknown,
    /// A signing parameter of the playlist's own URL.
    Signing,
}

/// A reference with its variables replaced.
#[derive(Debug)]
pub(super) struct Substituted {
    pub filled: Filled,
    /// At least one of the variables is a signing parameter of the playlist's own URL.
    pub carries_signature: bool,
}

impl Variables {
    /// Reads an `EXT-X-DEFINE` tag of a playlist at `url`. A variable without a value is an error
    /// only where it is used.
    pub(super) fn define(&mut self, list: AttributeList<'_>, url: &Base, importable: &Variables) {
        if let Some(name) = list.quoted("IMPORT") {
            if let Some(variable) = importable.0.get(name) {
                self.0.insert(name.to_owned(), variable.clone());
            }
        } else if let Some(name) = list.quoted("QUERYPARAM") {
            let is_signing = |parameter: &SigningParameter| parameter.name() == name;
            let variable = if SigningParameter::ALL.iter().any(is_signing) {
                Variable::Signing
            } else {
                query_parameter(url, name).map_or(Variable::Unknown, Variable::Known)
            };
            self.0.insert(name.to_owned(), variable);
        } else if let (Some(name), Some(value)) = (list.quoted("NAME"), list.quoted("VALUE")) {
            self.0
                .insert(name.to_owned(), Variable::Known(value.to_owned()));
        }
    }

    /// Returns whether a variable is defined by anything but a signing parameter.
    pub fn is_own(&self, name: &str) -> bool {
        matches!(
            self.0.get(name),
            Some(Variable::Known(_) | Variable::Unknown)
        )
    }

    /// Returns whether the value of a variable is a signing parameter of the playlist's own URL.
    pub fn is_signing_parameter(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(Variable::Signing))
    }

    /// Replaces each `{$name}` in `written`, once: values are not substituted again. `None` if
    /// there is none.
    ///
    /// # Errors
    /// A variable that is not defined, and a result longer than a URL may be.
    pub(super) fn substitute(&self, line: usize, written: &str) -> Result<Option<Substituted>> {
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
                None => return Err(undefined(line, name)),
            };
            text.extend([example, rest]);
            pattern.extend([filler, rest]);
            if text.len() > MAX_URL_LEN {
                return Err(too_long(line, name));
            }
        }
        let filled = Filled {
            text,
            pattern: has_unknown.then_some(pattern),
            by_variables: true,
        };
        Ok(Some(Substituted {
            filled,
            carries_signature,
        }))
    }
}

/// Returns whether no text after the beginning of a reference can change its host.
fn has_host(beginning: &str) -> bool {
    match beginning.split_once("//") {
        Some((_, after_slashes)) => after_slashes.contains(['/', '?']),
        None => beginning != "/" && beginning.contains(['/', '?']) && !Base::is_absolute(beginning),
    }
}

fn undefined(line: usize, name: &str) -> Error {
    let message = format_args!("the variable {} is not defined", quoted(name));
    at(line, message).with_hint("if the master playlist defines it, sign both together")
}

fn too_long(line: usize, name: &str) -> Error {
    let name = quoted(name);
    let message = format_args!("the variable {name} makes the URL longer than {MAX_URL_LEN} bytes");
    at(line, message).with_hint(format!(
        "CloudFront accepts URLs of up to {MAX_URL_LEN} bytes, including the signature"
    ))
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
