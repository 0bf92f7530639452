//! The policy of a URL that is already signed, to sign it again.

use crate::base64;
use crate::error::{Error, Result};
use crate::policy::Policy;
use crate::sign::signed_url::SignedUrl;
use crate::time::Timestamp;
use crate::url::parts::UrlParts;
use crate::url::percent::decode;
use crate::url::resource::Resource;
use crate::url::signing_parameters::SigningParameter;

impl SignedUrl {
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
}
