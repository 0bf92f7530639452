//! A URL with its signature.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::sign::signer::SignedPolicy;
use crate::url::LONGEST_URL;
use crate::url::percent::as_sent;
use crate::url::signing_parameters::{redacted, strip};
use crate::url::unsigned::UnsignedUrl;

/// A URL that CloudFront serves without asking further, until its policy says otherwise.
///
/// It is a bearer credential: whoever has it can use it. `Debug` shows it only up to its `?`.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedUrl(String);

impl SignedUrl {
    /// The longest URL that CloudFront takes, in bytes.
    pub const LONGEST: usize = LONGEST_URL;

    /// `url` with a signature behind its own query.
    ///
    /// Whether the policy covers the URL is for the caller to know: one policy over a pattern serves many URLs, and is
    /// signed once.
    pub fn new(url: &UnsignedUrl, signed: &SignedPolicy) -> Self {
        SignedUrl(url.with_parameters(signed.query()))
    }

    /// Reads a URL that may carry a signature, as clients send it: without its fragment, and with what clients encode
    /// percent-encoded.
    ///
    /// # Errors
    /// Text that is no http or https URL with a host. Whether it is signed, and well, is for [`verify`](crate::verify()) to say.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.split('#').next().unwrap_or_default();
        UnsignedUrl::check_beginning(text)?;
        Ok(SignedUrl(as_sent(text)))
    }

    /// The URL as it was before it was signed: without the signing parameters, and without a `?` that starts an empty query.
    pub fn unsigned(&self) -> String {
        let url = strip(&self.0);
        match url.split_once('?') {
            Some((base, "")) => base.to_owned(),
            _ => url,
        }
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL as text that is one's own.
    pub fn into_string(self) -> String {
        self.0
    }

    /// The URL with `?`, `=` and `&` percent-encoded, to stand in a page or in another URL's query.
    pub fn escaped(&self) -> String {
        self.0
            .replace('?', "%3F")
            .replace('=', "%3D")
            .replace('&', "%26")
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

impl AsRef<str> for SignedUrl {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}
