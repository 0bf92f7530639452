//! Private keys.

use std::fmt;

use getrandom::SysRng;
use p256::elliptic_curve::Generate;
use pkcs8::pkcs5::pbes2;
use pkcs8::{EncodePrivateKey, PrivateKeyInfoRef};
use rsa::pkcs1::RsaPrivateKeyRef;
use sec1::EcPrivateKey;
use zeroize::Zeroizing;

use super::public::Public;
use super::rsa_key::RsaKey;
#[cfg(any(feature = "aws-lc", feature = "lanes"))]
use super::rsa_key::RsaNumbers;
use super::{KeyType, PublicKey, SignedHash, ecdsa, pem_text, with_zeroized_stack};
use crate::error::{Error, Result};
use crate::key::hash::HashAlgorithm;

/// A private key that can sign.
pub struct PrivateKey(Private);

/// Boxed so that moves leave no copies on the stack.
enum Private {
    Rsa(Box<RsaKey>),
    P256(Box<p256::SecretKey>),
}

impl PrivateKey {
    /// Generates a key with the operating system's random numbers.
    ///
    /// # Errors
    /// An unsupported RSA modulus size, and a system without random numbers.
    pub fn generate(key_type: KeyType) -> Result<Self> {
        match key_type {
            KeyType::Rsa(bits) => rsa::PrivateKey::new(&mut SysRng, bits)
                .and_then(|key| RsaKey::new(&key).ok_or(rsa::Error::Internal))
                .map(|key| PrivateKey(Private::Rsa(Box::new(key))))
                .map_err(|e| Error::new(format!("cannot generate an RSA key of {bits} bits: {e}"))),
            KeyType::P256 => p256::SecretKey::try_generate_from_rng(&mut SysRng)
                .map(|key| PrivateKey(Private::P256(Box::new(key))))
                .map_err(|e| Error::new(format!("cannot generate a P-256 key: {e}"))),
        }
    }

    /// The RSA key of a PKCS#1 structure; `None` if its numbers do not belong to one key.
    pub(super) fn from_pkcs1(key: &RsaPrivateKeyRef<'_>) -> Option<Self> {
        let key = RsaKey::from_pkcs1(key)?;
        Some(PrivateKey(Private::Rsa(Box::new(key))))
    }

    /// The P-256 key of a SEC1 structure; `None` if its public key does not belong to it.
    pub(super) fn from_sec1(key: EcPrivateKey<'_>) -> Option<Self> {
        let key = p256::SecretKey::try_from(key).ok()?;
        Some(PrivateKey(Private::P256(Box::new(key))))
    }

    /// The type of the key.
    pub fn key_type(&self) -> KeyType {
        match &self.0 {
            Private::Rsa(key) => KeyType::Rsa(key.bits()),
            Private::P256(_) => KeyType::P256,
        }
    }

    /// The public key of the pair.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(match &self.0 {
            Private::Rsa(key) => Public::Rsa(key.public_key()),
            // This multiplies by the private key.
            Private::P256(key) => Public::P256(with_zeroized_stack(|| key.public_key())),
        })
    }

    /// Signs `message`: PKCS#1 v1.5 (RFC 8017) for RSA, as long as the modulus; deterministic ECDSA
    /// (RFC 6979) in ASN.1 DER for P-256, up to 72 bytes.
    ///
    /// # Errors
    /// An RSA key too short for the hash.
    pub fn sign(&self, hash: HashAlgorithm, message: &[u8]) -> Result<Vec<u8>> {
        let digest = hash.digest(message);
        let padding = SignedHash::of(hash).padding();
        with_zeroized_stack(|| match &self.0 {
            // Random numbers blind the exponentiation against timing attacks; the signature does
            // not depend on them.
            Private::Rsa(key) => key
                .full()
                .and_then(|key| key.sign_with_rng(&mut SysRng, padding, &digest).ok())
                .ok_or_else(|| {
                    let (key_type, hash) = (self.key_type(), hash.name());
                    let why = "it is too short, or its parameters are inconsistent";
                    Error::new(format!("an {key_type} key cannot sign with {hash}: {why}"))
                }),
            Private::P256(key) => ecdsa::sign(key, &digest, ecdsa::multiply_generator)
                .ok_or_else(|| Error::new("cannot sign with the P-256 key")),
        })
    }

    /// The signature of a P-256 key over a digest, as [`PrivateKey::sign`] makes it.
    /// `multiply_generator` returns the x coordinate of a multiple of the curve's generator; all
    /// numbers are big-endian. `None` for other keys, and if that fails.
    #[cfg(feature = "aws-lc")]
    pub(crate) fn sign_p256(
        &self,
        digest: &[u8],
        multiply_generator: impl FnOnce(&[u8; 32]) -> Option<[u8; 32]>,
    ) -> Option<Vec<u8>> {
        match &self.0 {
            Private::Rsa(_) => None,
            Private::P256(key) => {
                with_zeroized_stack(|| ecdsa::sign(key, digest, multiply_generator))
            }
        }
    }

    /// The key as PKCS#8 PEM, not encrypted.
    ///
    /// # Errors
    /// A key that cannot be encoded as PKCS#8; none that this library reads or generates.
    pub fn to_pem(&self) -> Result<Zeroizing<String>> {
        Ok(pem_text("PRIVATE KEY", self.to_pkcs8()?.as_slice()))
    }

    /// The key as PKCS#8 PEM, encrypted with a passphrase: PBES2 (RFC 8018) with PBKDF2-HMAC-SHA256
    /// and AES-256-CBC, which openssl and other PKCS#8 readers support.
    ///
    /// # Errors
    /// As [`PrivateKey::to_pem`].
    pub fn to_encrypted_pem(&self, passphrase: &[u8]) -> Result<Zeroizing<String>> {
        // OWASP's count for PBKDF2-HMAC-SHA256 (Password Storage Cheat Sheet, 2023): a fraction of
        // a second to decrypt.
        const ITERATIONS: u32 = 600_000;
        let mut salt = [0; 16];
        let mut iv = [0; 16];
        let failed = || Error::new("cannot encrypt the private key");
        getrandom::fill(&mut salt).map_err(|_| failed())?;
        getrandom::fill(&mut iv).map_err(|_| failed())?;
        let parameters = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(ITERATIONS, &salt, iv)
            .map_err(|_| failed())?;
        let der = self.to_pkcs8()?;
        let encrypted = PrivateKeyInfoRef::try_from(der.as_slice())
            .and_then(|info| info.encrypt_with_params(parameters, passphrase))
            .map_err(|_| failed())?;
        Ok(pem_text("ENCRYPTED PRIVATE KEY", encrypted.as_bytes()))
    }

    /// The numbers of an RSA key.
    #[cfg(any(feature = "aws-lc", feature = "lanes"))]
    pub(crate) fn rsa_numbers(&self) -> Option<RsaNumbers> {
        match &self.0 {
            Private::Rsa(key) => Some(key.numbers()),
            Private::P256(_) => None,
        }
    }

    /// The number of a P-256 key, big-endian.
    #[cfg(feature = "lanes")]
    pub(crate) fn p256_scalar(&self) -> Option<Zeroizing<[u8; 32]>> {
        match &self.0 {
            Private::Rsa(_) => None,
            Private::P256(key) => Some(Zeroizing::new(key.to_bytes().into())),
        }
    }

    fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>> {
        let document = match &self.0 {
            Private::Rsa(key) => key.full().and_then(|key| key.to_pkcs8_der().ok()),
            Private::P256(key) => key.to_pkcs8_der().ok(),
        };
        document
            .map(|document| document.to_bytes())
            .ok_or_else(|| Error::new("the key cannot be encoded as PKCS#8"))
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.key_type())
    }
}
