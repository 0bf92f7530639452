//! A URL with its signature.

use std::fmt;
use std::str::FromStr;

use super::SignedPolicy;
use crate::base64;
use crate::error::{Error, Result};
use crate::policy::Policy;
use crate::time::Timestamp;
use crate::url::LONGEST_URL;
use crate::url::parts::{UrlParts, without_empty_query};
use crate::url::percent::{as_sent, decode};
use crate::url::resource::Resource;
use crate::url::signing_parameters::{SigningParameter, redacted, strip};
use crate::url::unsigned::UnsignedUrl;

/// A signed URL; anyone who has it can use it until it expires.
///
/// Since it is a bearer credential, `Debug` shows it only up to its `?`.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedUrl {
    text: String,
    /// The fragment that was given, which clients do not send.
    fragment: Option<String>,
}

impl SignedUrl {
    /// The length of the longest URL that CloudFront accepts, in bytes.
    pub const LONGEST: usize = LONGEST_URL;

    /// Appends the parameters of a signed policy to the query of `url`.
    ///
    /// The policy is not checked to cover the URL: one policy with a pattern is signed once and
    /// serves many URLs.
    pub fn new(url: &UnsignedUrl, signed: &SignedPolicy) -> Self {
        SignedUrl {
            text: url.with_parameters(signed.query()),
            fragment: None,
        }
    }

    /// Parses a URL, signed or not, as clients send it: without its fragment, and percent-encoded
    /// as clients do.
    ///
    /// # Errors
    /// Text that is not an http or https URL with a host. The signature is checked by
    /// [`verify`](crate::verify()).
    pub fn parse(text: &str) -> Result<Self> {
        let (text, fragment) = match text.split_once('#') {
            Some((text, fragment)) => (text, Some(as_sent(fragment))),
            None => (text, None),
        };
        UnsignedUrl::check_beginning(text)?;
        Ok(SignedUrl {
            text: as_sent(text),
            fragment,
        })
    }

    /// The URL before it was signed: without the signing parameters, and without the `?` of an
    /// empty query.
    pub fn unsigned(&self) -> String {
        without_empty_query(&strip(&self.text)).to_owned()
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL with the fragment that it was given with.
    pub(crate) fn as_given(&self) -> String {
        match &self.fragment {
            Some(fragment) => format!("{}#{fragment}", self.text),
            None => self.text.clone(),
        }
    }

    /// The policy in the query, or the canned policy that CloudFront builds from the URL and
    /// `Expires`; `None` without both. The signature is not checked.
    ///
    /// # Errors
    /// A policy or an expiry that CloudFront cannot read either.
    pub fn policy(&self) -> Result<Option<Policy>> {
        if let Some(encoded) = self.parameter(SigningParameter::Policy) {
            let bytes = base64::decode(&encoded);
            let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
            let text = text.ok_or_else(|| {
                Error::new("the Policy of the URL is not base64 of UTF-8 text (truncated?)")
            })?;
            let policy = Policy::from_request(&text);
            return policy
                .map(Some)
                .map_err(|e| e.context("the policy of the URL"));
        }
        let Some(expires) = self.parameter(SigningParameter::Expires) else {
            return Ok(None);
        };
        let expires = expires
            .parse()
            .map_err(|_| Error::new("the Expires of the URL is not a number of seconds"))
            .and_then(Timestamp::from_unix)?;
        Ok(Some(Policy::rebuilt(
            &Resource::verbatim(self.unsigned()),
            expires,
        )))
    }

    /// The decoded value of a parameter in the query.
    fn parameter(&self, parameter: SigningParameter) -> Option<String> {
        UrlParts::parse(self.as_str())
            .parameters()
            .find_map(|part| {
                let (name, value) = part.split_once('=').unwrap_or((part, ""));
                (decode(name) == parameter.name()).then(|| decode(value).into_owned())
            })
    }

    /// The URL with `?`, `=` and `&` percent-encoded, for embedding in a page or in the query of
    /// another URL.
    pub fn escaped(&self) -> String {
        self.text
            .replace('?', "%3F")
            .replace('=', "%3D")
            .replace('&', "%26")
    }
}

impl AsRef<str> for SignedUrl {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl FromStr for SignedUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl fmt::Display for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SignedUrl")
            .field(&redacted(&self.text))
            .finish()
    }
}
