//! A URL with its signature.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::sign::signed_policy::SignedPolicy;
use crate::url::LONGEST_URL;
use crate::url::parts::without_empty_query;
use crate::url::percent::as_sent;
use crate::url::signing_parameters::{redacted, strip};
use crate::url::unsigned::UnsignedUrl;

/// A signed URL; anyone who has it can use it until it expires.
///
/// Since it is a bearer credential, `Debug` shows it only up to its `?`.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedUrl(String);

impl SignedUrl {
    /// The length of the longest URL that CloudFront accepts, in bytes.
    pub const LONGEST: usize = LONGEST_URL;

    /// Appends the parameters of a signed policy to the query of `url`.
    ///
    /// The policy is not checked to cover the URL: one policy with a pattern is signed once and
    /// serves many URLs.
    pub fn new(url: &UnsignedUrl, signed: &SignedPolicy) -> Self {
        SignedUrl(url.with_parameters(signed.query()))
    }

    /// Parses a URL, signed or not, as clients send it: without its fragment, and percent-encoded
    /// as clients do.
    ///
    /// # Errors
    /// Text that is not an http or https URL with a host. The signature is checked by
    /// [`verify`](crate::verify()).
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.split('#').next().unwrap_or_default();
        UnsignedUrl::check_beginning(text)?;
        Ok(SignedUrl(as_sent(text)))
    }

    /// The URL before it was signed: without the signing parameters, and without the `?` of an
    /// empty query.
    pub fn unsigned(&self) -> String {
        without_empty_query(&strip(&self.0)).to_owned()
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Converts into a `String`.
    pub fn into_string(self) -> String {
        self.0
    }

    /// The URL with `?`, `=` and `&` percent-encoded, for embedding in a page or in the query of
    /// another URL.
    pub fn escaped(&self) -> String {
        self.0
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

impl fmt::Display for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SignedUrl")
            .field(&redacted(&self.0))
            .finish()
    }
}

impl FromStr for SignedUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}
