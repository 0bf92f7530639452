//! Policy in, signature out.
//!
//! Where the feature `aws-lc` is on and AWS-LC takes the key, AWS-LC does the work, and pure Rust does it otherwise; the
//! signatures are the same.
//!
//! Source: Amazon CloudFront Developer Guide, "Create a signed URL using a custom policy".

use std::fmt;

#[cfg(feature = "aws-lc")]
use super::aws_lc;
use crate::base64;
use crate::error::Result;
use crate::key::hash::HashAlgorithm;
use crate::key::key_pair_id::KeyPairId;
use crate::key::{KeyType, PrivateKey};
use crate::policy::{Policy, PolicyType};

/// A private key, here or elsewhere, under the name by which CloudFront knows its public half.
pub struct Signer {
    key_pair_id: KeyPairId,
    key: Key,
    hash: HashAlgorithm,
}

enum Key {
    Local {
        key: PrivateKey,
        #[cfg(feature = "aws-lc")]
        aws_lc: Option<aws_lc::RsaKey>,
    },
    Remote(Box<SignRemote>),
}

type SignRemote = dyn Fn(HashAlgorithm, &[u8]) -> Result<Vec<u8>> + Send + Sync;

impl Signer {
    /// A signer with the hash that CloudFront tools use for such a key: SHA-1 for RSA, SHA-256 for P-256.
    pub fn new(key_pair_id: KeyPairId, key: PrivateKey) -> Self {
        let hash = key.key_type().default_hash();
        let key = Key::Local {
            #[cfg(feature = "aws-lc")]
            aws_lc: key
                .rsa_numbers()
                .and_then(|numbers| aws_lc::RsaKey::new(&numbers)),
            key,
        };
        Signer {
            key_pair_id,
            key,
            hash,
        }
    }

    /// A signer whose key is elsewhere: in a KMS, an HSM, or behind a [`SignCommand`](crate::SignCommand).
    ///
    /// `sign` gets the hash and the message, and gives what [`PrivateKey::sign`] would: PKCS#1 v1.5, or ECDSA in ASN.1
    /// DER. It is called once for each policy, by several threads at a time if the signer is shared among them.
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

    /// The kind of the key, `None` for one that is elsewhere.
    pub fn key_type(&self) -> Option<KeyType> {
        match &self.key {
            Key::Local { key, .. } => Some(key.key_type()),
            Key::Remote(_) => None,
        }
    }

    /// The same signer with another hash.
    #[must_use]
    pub fn with_hash(self, hash: HashAlgorithm) -> Self {
        Signer { hash, ..self }
    }

    /// Signs the exact bytes of a policy.
    ///
    /// RSA signatures (PKCS#1 v1.5) and P-256 signatures (RFC 6979) are both deterministic here: the same policy gives
    /// the same signature. P-256 keys elsewhere usually sign differently each time.
    ///
    /// # Errors
    /// A key too short for the hash (RSA under 496 bits with SHA-256), and whatever goes wrong elsewhere.
    pub fn sign(&self, policy: Policy) -> Result<SignedPolicy> {
        let signature = base64::encode(&self.signature(policy.as_str().as_bytes())?);
        let (key_pair_id, hash) = (self.key_pair_id.clone(), self.hash);
        let travels = match policy.policy_type() {
            PolicyType::Canned => format!("Expires={}", policy.conditions().expires.unix()),
            PolicyType::Custom => format!("Policy={}", base64::encode(policy.as_str().as_bytes())),
        };
        let announced = match hash {
            HashAlgorithm::Sha1 => "",
            HashAlgorithm::Sha256 => "&Hash-Algorithm=SHA256",
        };
        let query = format!("{travels}&Signature={signature}&Key-Pair-Id={key_pair_id}{announced}");
        Ok(SignedPolicy {
            policy,
            signature,
            key_pair_id,
            hash,
            query,
        })
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>> {
        match &self.key {
            Key::Remote(sign) => sign(self.hash, message),
            #[cfg(feature = "aws-lc")]
            Key::Local { key, aws_lc: rsa } => {
                let digest = self.hash.digest(message);
                let signature = match rsa {
                    Some(rsa) => rsa.sign(self.hash, &digest),
                    None => key.sign_p256(&digest, aws_lc::p256_multiple),
                };
                signature.map_or_else(|| key.sign(self.hash, message), Ok)
            }
            #[cfg(not(feature = "aws-lc"))]
            Key::Local { key } => key.sign(self.hash, message),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Local { key, .. } => key.fmt(f),
            Key::Remote(_) => f.write_str("elsewhere"),
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("key_pair_id", &self.key_pair_id)
            .field("key", &self.key)
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}

/// A policy with its signature: what opens every URL that the policy covers.
///
/// It is a bearer credential, so `Debug` leaves the signature out.
#[derive(Clone)]
pub struct SignedPolicy {
    policy: Policy,
    signature: String,
    key_pair_id: KeyPairId,
    hash: HashAlgorithm,
    query: String,
}

impl SignedPolicy {
    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The signature in CloudFront's base64.
    pub fn signature(&self) -> &str {
        &self.signature
    }

    /// Whose signature it is.
    pub fn key_pair_id(&self) -> &KeyPairId {
        &self.key_pair_id
    }

    /// The hash that was signed.
    pub fn hash(&self) -> HashAlgorithm {
        self.hash
    }

    /// The query parameters that carry the signature, in the guide's order:
    /// `Expires=...` (canned) or `Policy=...` (custom), `Signature`, `Key-Pair-Id`, and `Hash-Algorithm` for SHA-256.
    pub fn query(&self) -> &str {
        &self.query
    }
}

impl fmt::Debug for SignedPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedPolicy")
            .field("policy", &self.policy)
            .field("key_pair_id", &self.key_pair_id)
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}
