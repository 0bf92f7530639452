//! A URL with its signature.

use std::fmt;

use crate::signer::SignedPolicy;
use crate::signing_parameters::redacted;
use crate::unsigned_url::UnsignedUrl;

/// A URL that CloudFront serves without asking further, until its policy says otherwise.
///
/// It is a bearer credential: whoever has it can use it. `Debug` shows it only up to its `?`.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedUrl(String);

impl SignedUrl {
    /// `url` with a signature behind its own query.
    ///
    /// Whether the policy covers the URL is for the caller to know: one policy over a pattern serves many URLs, and is
    /// signed once.
    pub fn new(url: &UnsignedUrl, signed: &SignedPolicy) -> Self {
        SignedUrl(url.with_parameters(&signed.query()))
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL with `?`, `=` and `&` percent-encoded, to stand in a page or in another URL's query.
    pub fn escaped(&self) -> String {
        self.0.replace('?', "%3F").replace('=', "%3D").replace('&', "%26")
    }
}

impl fmt::Display for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SignedUrl").field(&redacted(&self.0)).finish()
    }
}
