//! Signing policies.
//!
//! Source: Amazon CloudFront Developer Guide, "Create a signed URL using a custom policy".

use std::fmt;

use super::engine::Engine;
use super::{SignedCookies, SignedPolicy, SignedUrl};
use crate::error::{Error, ErrorKind, Result, quoted};
use crate::key::hash::HashAlgorithm;
use crate::key::key_pair_id::KeyPairId;
use crate::key::{KeyType, PrivateKey};
use crate::policy::Policy;
use crate::time::Timestamp;
use crate::url::UnsignedUrl;

/// Signs policies with a private key, and names the CloudFront public key that verifies them.
#[derive(Debug)]
pub struct Signer {
    key_pair_id: KeyPairId,
    key: Key,
    hash: HashAlgorithm,
}

enum Key {
    Local(Box<Engine>),
    Remote(Box<SignRemote>),
}

type SignRemote = dyn Fn(HashAlgorithm, &[u8]) -> Result<Vec<u8>> + Send + Sync;

impl Signer {
    /// A signer for a private key, with the default hash of its type: SHA-1 for RSA, SHA-256 for
    /// P-256.
    pub fn new(key_pair_id: KeyPairId, key: PrivateKey) -> Self {
        Signer {
            key_pair_id,
            hash: key.key_type().default_hash(),
            key: Key::Local(Box::new(Engine::new(key))),
        }
    }

    /// A signer for a key in a KMS, an HSM, or behind a [`SignCommand`](crate::SignCommand).
    ///
    /// `sign` gets the hash algorithm and the message, and returns a signature as
    /// [`PrivateKey::sign`] does: PKCS#1 v1.5, or ECDSA in ASN.1 DER. It is called once for each
    /// policy, concurrently if several threads share the signer.
    pub fn remote(
        key_pair_id: KeyPairId,
        hash: HashAlgorithm,
        sign: impl Fn(HashAlgorithm, &[u8]) -> Result<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        Signer {
            key_pair_id,
            key: Key::Remote(Box::new(sign)),
            hash,
        }
    }

    /// The type of the key, `None` for a remote one.
    pub fn key_type(&self) -> Option<KeyType> {
        match &self.key {
            Key::Local(engine) => Some(engine.key.key_type()),
            Key::Remote(_) => None,
        }
    }

    /// The same signer with another hash.
    #[must_use]
    pub fn with_hash(self, hash: HashAlgorithm) -> Self {
        Signer { hash, ..self }
    }

    /// Signs a URL until `expires`, with a canned policy.
    ///
    /// # Errors
    /// A URL that CloudFront or its clients do not accept ([`ErrorKind::InvalidUrl`],
    /// [`ErrorKind::NotPercentEncoded`], [`ErrorKind::AlreadySigned`]), and the errors of
    /// [`Signer::sign`].
    pub fn sign_url(&self, url: &str, expires: Timestamp) -> Result<SignedUrl> {
        let url = UnsignedUrl::parse(url)?;
        let policy = Policy::canned(&url.resource(), expires)?;
        Ok(SignedUrl::new(&url, &self.sign(policy)?))
    }

    /// Signs a URL with a policy, which must cover it.
    ///
    /// To sign many URLs under one policy, [`sign`](Signer::sign) it once and use
    /// [`SignedUrl::new`].
    ///
    /// # Errors
    /// Those of [`Signer::sign_url`], and [`ErrorKind::NotCovered`].
    pub fn sign_url_with_policy(&self, url: &str, policy: Policy) -> Result<SignedUrl> {
        let url = UnsignedUrl::parse(url)?;
        if let Some(resource) = policy.resource()
            && !resource.covers(url.without_empty_query())
        {
            let [resource, url] = [resource.as_str(), url.as_str()].map(quoted);
            let message = format!("the resource {resource} does not cover the URL {url}");
            return Err(Error::of_kind(ErrorKind::NotCovered, message));
        }
        Ok(SignedUrl::new(&url, &self.sign(policy)?))
    }

    /// Creates signed cookies for every URL that `policy` covers.
    ///
    /// # Errors
    /// A policy for an RTMP stream, for which there are no cookies, and the errors of
    /// [`Signer::sign`].
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

    /// Signs the exact bytes of a policy.
    ///
    /// Both RSA signatures (PKCS#1 v1.5) and P-256 signatures (RFC 6979) are deterministic here:
    /// the same policy gives the same signature. Remote P-256 keys usually sign differently each
    /// time.
    ///
    /// # Errors
    /// A key too short for the hash (RSA under 496 bits with SHA-256), a damaged key, and the
    /// errors of a remote key.
    pub fn sign(&self, policy: Policy) -> Result<SignedPolicy> {
        let message = policy.as_str().as_bytes();
        let signature = match &self.key {
            Key::Local(engine) => engine.sign(self.hash, message)?,
            Key::Remote(sign) => sign(self.hash, message)?,
        };
        Ok(self.signed(policy, &signature))
    }

    /// Signs several policies, each as [`Signer::sign`] would, and returns the results in the same
    /// order.
    ///
    /// On x86-64 processors with AVX-512 IFMA, this is about twice as fast with RSA-2048 keys and
    /// four times as fast with P-256 keys. Eight signatures are computed at a time, so multiples of
    /// eight policies are best; with P-256 keys, the cost per signature decreases up to about 128.
    pub fn sign_many(&self, policies: Vec<Policy>) -> Vec<Result<SignedPolicy>> {
        let Key::Local(engine) = &self.key else {
            return policies
                .into_iter()
                .map(|policy| self.sign(policy))
                .collect();
        };
        let messages: Vec<&[u8]> = policies
            .iter()
            .map(|policy| policy.as_str().as_bytes())
            .collect();
        let signatures = engine.sign_many(self.hash, &messages);
        let mut signed = Vec::with_capacity(policies.len());
        for (policy, signature) in policies.into_iter().zip(signatures) {
            signed.push(signature.map(|signature| self.signed(policy, &signature)));
        }
        signed
    }

    fn signed(&self, policy: Policy, signature: &[u8]) -> SignedPolicy {
        SignedPolicy::new(policy, signature, self.key_pair_id.clone(), self.hash)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Local(engine) => engine.key.fmt(f),
            Key::Remote(_) => f.write_str("Remote"),
        }
    }
}
