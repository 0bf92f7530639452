//! The common cases in one call each.

use crate::error::{Error, ErrorKind, Result, quoted};
use crate::policy::Policy;
use crate::sign::{SignedCookies, SignedUrl, Signer};
use crate::time::Timestamp;
use crate::url::UnsignedUrl;

impl Signer {
    /// Signs a URL until `expires`, with a canned policy.
    ///
    /// # Errors
    /// A URL that CloudFront or its clients do not accept ([`ErrorKind::InvalidUrl`],
    /// [`ErrorKind::NotPercentEncoded`], [`ErrorKind::AlreadySigned`]), and the errors of [`Signer::sign`].
    pub fn sign_url(&self, url: &str, expires: Timestamp) -> Result<SignedUrl> {
        let url = UnsignedUrl::parse(url)?;
        let policy = Policy::canned(&url.resource(), expires)?;
        Ok(SignedUrl::new(&url, &self.sign(policy)?))
    }

    /// Signs a URL with a policy, which must cover it.
    ///
    /// To sign many URLs under one policy, [`sign`](Signer::sign) it once and use [`SignedUrl::new`].
    ///
    /// # Errors
    /// Those of [`Signer::sign_url`], and [`ErrorKind::NotCovered`].
    pub fn sign_url_with_policy(&self, url: &str, policy: Policy) -> Result<SignedUrl> {
        let url = UnsignedUrl::parse(url)?;
        if let Some(resource) = policy.resource()
            && !resource.covers(url.without_empty_query())
        {
            let message = format!(
                "the resource {} does not cover the URL {}",
                quoted(resource.as_str()),
                quoted(url.as_str())
            );
            return Err(Error::of_kind(ErrorKind::NotCovered, message));
        }
        Ok(SignedUrl::new(&url, &self.sign(policy)?))
    }

    /// Makes signed cookies for every URL that `policy` covers.
    ///
    /// # Errors
    /// A policy over an RTMP stream, which no cookie can open, and the errors of [`Signer::sign`].
    pub fn sign_cookies(&self, policy: Policy) -> Result<SignedCookies> {
        if let Some(resource) = policy.resource()
            && !resource.as_str().contains("://")
            && !resource.as_str().starts_with('*')
        {
            let message = format!(
                "cookies need a resource that begins with http:// or https://, and {} does not",
                quoted(resource.as_str())
            );
            return Err(Error::of_kind(ErrorKind::InvalidUrl, message));
        }
        Ok(SignedCookies::new(&self.sign(policy)?))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::key::PrivateKey;
    use crate::policy::Conditions;
    use crate::url::Resource;

    const URL: &str = "https://d111111abcdef8.cloudfront.net/videos/a.mp4";

    fn signer() -> Signer {
        let key = std::fs::read("tests/keys/p256-pkcs8.pem").unwrap();
        Signer::new(
            "K2JCJMDEHXQW5F".parse().unwrap(),
            PrivateKey::from_pem(&key).unwrap(),
        )
    }

    fn custom(resource: Resource) -> Policy {
        let expires = Timestamp::from_unix(1_800_000_000).unwrap();
        Policy::custom(&resource, Conditions::until(expires)).unwrap()
    }

    #[test]
    fn a_policy_must_cover_the_url() {
        let videos = custom(
            "https://d111111abcdef8.cloudfront.net/videos/*"
                .parse()
                .unwrap(),
        );
        assert!(signer().sign_url_with_policy(URL, videos).is_ok());
        let images = custom(
            "https://d111111abcdef8.cloudfront.net/images/*"
                .parse()
                .unwrap(),
        );
        let error = signer().sign_url_with_policy(URL, images).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::NotCovered);
    }

    #[test]
    fn no_cookies_for_a_stream() {
        let stream = custom(Resource::stream("video.mp4").unwrap());
        assert_eq!(
            signer().sign_cookies(stream).unwrap_err().kind(),
            &ErrorKind::InvalidUrl
        );
        assert!(signer().sign_cookies(custom("*".parse().unwrap())).is_ok());
    }
}
