//! Keys: an RSA or ECDSA P-256 key pair, and the signatures it makes.
//!
//! Reading key files is in [`mod@file`]. This module and those below it are the only ones that know the crates behind
//! keys. Private keys are wiped from memory when they are dropped, what work with them leaves on the stack is wiped as well,
//! and `Debug` shows no part of them. The crates that decode PEM and calculate leave copies in memory that they free, so a
//! program that must leave none needs an allocator that wipes, as the `cfsign` binary has.
//!
//! Source: Amazon CloudFront Developer Guide, "Specify signers that can create signed URLs and signed cookies".

use std::fmt;

use p256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use pkcs8::pkcs5::pbes2;
use pkcs8::{DecodePublicKey, EncodePrivateKey, EncodePublicKey, PrivateKeyInfo};
use rand_core::{OsRng, RngCore};
use rsa::pkcs1::DecodeRsaPrivateKey;
#[cfg(feature = "aws-lc")]
use rsa::traits::PrivateKeyParts;
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use sha1::Sha1;
use sha2::Sha256;
use zeroize::{Zeroizing, zeroize_stack};

use crate::error::{Error, Result};
use crate::hash::Hash;

#[cfg(feature = "aws-lc")]
mod ecdsa;
mod file;
mod foreign;
mod identify;

pub use file::{EncryptedKey, KeyContent, KeyFile};
pub(crate) use foreign::p256_signature;

/// The kind of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    /// RSA, with the length of its modulus in bits.
    Rsa(usize),
    /// ECDSA on the curve P-256 (prime256v1, secp256r1).
    P256,
}

impl KeyType {
    /// Whether CloudFront accepts a public key of this kind: RSA 2048 and P-256 only.
    pub fn accepted_by_cloudfront(self) -> bool {
        matches!(self, KeyType::Rsa(2048) | KeyType::P256)
    }

    /// The hash that signatures have where nobody asks for another.
    ///
    /// SHA-1 for RSA, which every distribution accepts and every tool writes; SHA-256 for P-256, which is as new to
    /// CloudFront as SHA-256 nearly is, and what the AWS CLI writes.
    pub fn default_hash(self) -> Hash {
        match self {
            KeyType::Rsa(_) => Hash::Sha1,
            KeyType::P256 => Hash::Sha256,
        }
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyType::Rsa(bits) => write!(f, "RSA {bits}"),
            KeyType::P256 => f.write_str("ECDSA P-256"),
        }
    }
}

/// A private key that can sign.
pub struct PrivateKey(Private);

/// On the heap, since a value that is moved stays behind on the stack.
enum Private {
    Rsa(Box<RsaPrivateKey>),
    P256(Box<p256::SecretKey>),
}

impl PrivateKey {
    /// A new key from the operating system's random numbers.
    ///
    /// # Errors
    /// An RSA length that cannot be.
    pub fn generate(key_type: KeyType) -> Result<Self> {
        match key_type {
            KeyType::Rsa(bits) => RsaPrivateKey::new(&mut OsRng, bits)
                .map(|key| PrivateKey(Private::Rsa(Box::new(key))))
                .map_err(|e| Error::new(format!("an RSA key of {bits} bits cannot be made: {e}"))),
            KeyType::P256 => Ok(PrivateKey(Private::P256(Box::new(p256::SecretKey::random(&mut OsRng))))),
        }
    }

    /// The PKCS#1 form (RFC 8017) of an RSA key.
    fn from_pkcs1_der(der: &[u8]) -> Option<Self> {
        RsaPrivateKey::from_pkcs1_der(der).ok().map(|key| PrivateKey(Private::Rsa(Box::new(key))))
    }

    /// The SEC1 form (RFC 5915) of a P-256 key, which must be known to be on that curve.
    fn from_sec1_der(der: &[u8]) -> Option<Self> {
        p256::SecretKey::from_sec1_der(der).ok().map(|key| PrivateKey(Private::P256(Box::new(key))))
    }

    /// The kind of the key.
    pub fn key_type(&self) -> KeyType {
        match &self.0 {
            Private::Rsa(key) => KeyType::Rsa(key.n().bits()),
            Private::P256(_) => KeyType::P256,
        }
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(match &self.0 {
            Private::Rsa(key) => Public::Rsa(key.to_public_key()),
            Private::P256(key) => Public::P256(key.public_key()),
        })
    }

    /// The signature over `message`: PKCS#1 v1.5 (RFC 8017) for RSA, as long as the modulus; deterministic ECDSA
    /// (RFC 6979) in ASN.1 DER for P-256, up to 72 bytes.
    ///
    /// # Errors
    /// An RSA key too short for the hash.
    pub fn sign(&self, hash: Hash, message: &[u8]) -> Result<Vec<u8>> {
        let digest = hash.digest(message);
        leaving_no_trace(|| match &self.0 {
            Private::Rsa(key) => {
                // The random numbers blind the exponentiation against timing; the signature does not depend on them.
                key.sign_with_rng(&mut OsRng, padding(hash), &digest).map_err(|_| {
                    // PKCS#1 v1.5 adds 11 bytes and the name of the hash to the digest.
                    let shortest = match hash {
                        Hash::Sha1 => 46 * 8,
                        Hash::Sha256 => 62 * 8,
                    };
                    match self.key_type() {
                        KeyType::Rsa(bits) if bits < shortest => {
                            Error::new(format!("an RSA {bits} key is too short to sign with {hash}"))
                        }
                        _ => Error::new("the key is damaged: its numbers do not fit together"),
                    }
                })
            }
            Private::P256(key) => {
                let signature: p256::ecdsa::Signature = p256::ecdsa::SigningKey::from(&**key)
                    .sign_prehash(&digest)
                    .map_err(|_| Error::new("the P-256 key could not sign"))?;
                Ok(signature.to_der().as_bytes().to_vec())
            }
        })
    }

    /// The same signature of a P-256 key, where `multiple` gives the x coordinate of so many times the curve's generator;
    /// `None` for other keys, and where that fails.
    #[cfg(feature = "aws-lc")]
    pub(crate) fn sign_p256(
        &self,
        digest: &[u8],
        multiple: impl FnOnce(&[u8; 32]) -> Option<[u8; 32]>,
    ) -> Option<Vec<u8>> {
        match &self.0 {
            Private::Rsa(_) => None,
            Private::P256(key) => {
                let signature = leaving_no_trace(|| ecdsa::sign(key, digest, multiple))?;
                Some(signature.to_der().as_bytes().to_vec())
            }
        }
    }

    /// The key as PKCS#8 PEM, not encrypted.
    ///
    /// # Errors
    /// A key that PKCS#8 cannot hold; none that this library has read or made.
    pub fn to_pem(&self) -> Result<Zeroizing<String>> {
        Ok(pem_text("PRIVATE KEY", self.to_pkcs8()?.as_slice()))
    }

    /// The key as PKCS#8 PEM, encrypted with a passphrase: PBES2 (RFC 8018) with PBKDF2-HMAC-SHA256 and AES-256-CBC,
    /// which openssl and every other reader of PKCS#8 knows.
    ///
    /// # Errors
    /// As [`PrivateKey::to_pem`].
    pub fn to_encrypted_pem(&self, passphrase: &[u8]) -> Result<Zeroizing<String>> {
        // OWASP's count for PBKDF2-HMAC-SHA256 (Password Storage Cheat Sheet, 2023): a fraction of a second to open.
        const ITERATIONS: u32 = 600_000;
        let mut salt = [0; 16];
        let mut iv = [0; 16];
        OsRng.fill_bytes(&mut salt);
        OsRng.fill_bytes(&mut iv);
        let failed = |_| Error::new("the key could not be encrypted");
        let parameters = pbes2::Parameters::pbkdf2_sha256_aes256cbc(ITERATIONS, &salt, &iv)
            .map_err(|_| Error::new("the key could not be encrypted"))?;
        let der = self.to_pkcs8()?;
        let encrypted = PrivateKeyInfo::try_from(der.as_slice())
            .and_then(|info| info.encrypt_with_params(parameters, passphrase))
            .map_err(failed)?;
        Ok(pem_text("ENCRYPTED PRIVATE KEY", encrypted.as_bytes()))
    }

    /// The numbers of an RSA key of two primes in the order of PKCS#1 (RFC 8017): n, e, d, p, q, d mod p-1, d mod q-1,
    /// 1/q mod p. The first byte of each weighs most.
    #[cfg(feature = "aws-lc")]
    pub(crate) fn rsa_numbers(&self) -> Option<[Zeroizing<Vec<u8>>; 8]> {
        let Private::Rsa(key) = &self.0 else { return None };
        let [p, q] = key.primes() else { return None };
        let qinv = key.qinv()?.to_biguint()?;
        let numbers = [key.n(), key.e(), key.d(), p, q, key.dp()?, key.dq()?, &qinv];
        Some(numbers.map(|number| Zeroizing::new(number.to_bytes_be())))
    }

    fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>> {
        let document = match &self.0 {
            Private::Rsa(key) => key.to_pkcs8_der(),
            Private::P256(key) => key.to_pkcs8_der(),
        };
        document.map(|document| document.to_bytes()).map_err(|_| Error::new("the key could not be written as PKCS#8"))
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.key_type())
    }
}

/// A public key, the half that CloudFront holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(Public);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Public {
    Rsa(RsaPublicKey),
    P256(p256::PublicKey),
}

impl PublicKey {
    /// The PKCS#1 form (RFC 8017) of an RSA key.
    fn from_pkcs1_der(der: &[u8]) -> Option<Self> {
        rsa::pkcs1::DecodeRsaPublicKey::from_pkcs1_der(der).ok().map(|key| PublicKey(Public::Rsa(key)))
    }

    /// The SubjectPublicKeyInfo form (RFC 5280) of an RSA key.
    fn from_rsa_spki_der(der: &[u8]) -> Option<Self> {
        RsaPublicKey::from_public_key_der(der).ok().map(|key| PublicKey(Public::Rsa(key)))
    }

    /// The SubjectPublicKeyInfo form (RFC 5480) of a P-256 key.
    fn from_p256_spki_der(der: &[u8]) -> Option<Self> {
        p256::PublicKey::from_public_key_der(der).ok().map(|key| PublicKey(Public::P256(key)))
    }

    /// The kind of the key.
    pub fn key_type(&self) -> KeyType {
        match &self.0 {
            Public::Rsa(key) => KeyType::Rsa(key.n().bits()),
            Public::P256(_) => KeyType::P256,
        }
    }

    /// Whether `signature` is one over `message` by this key's private half: PKCS#1 v1.5 for RSA, ECDSA in ASN.1 DER for
    /// P-256.
    pub fn verifies(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        let digest = hash.digest(message);
        match &self.0 {
            Public::Rsa(key) => key.verify(padding(hash), &digest, signature).is_ok(),
            Public::P256(key) => p256::ecdsa::Signature::from_der(signature).is_ok_and(|signature| {
                p256::ecdsa::VerifyingKey::from(key).verify_prehash(&digest, &signature).is_ok()
            }),
        }
    }

    /// The key as SubjectPublicKeyInfo PEM, which is what CloudFront takes.
    ///
    /// # Errors
    /// A key that the form cannot hold; none that this library has read or made.
    pub fn to_pem(&self) -> Result<String> {
        Ok(pem_text("PUBLIC KEY", &self.to_der()?).to_string())
    }

    /// The SHA-256 of the key's SubjectPublicKeyInfo DER, in lower-case hexadecimal: what
    /// `openssl pkey -pubin -outform DER | openssl sha256` prints. The two halves of a pair have the same.
    ///
    /// # Errors
    /// As [`PublicKey::to_pem`].
    pub fn fingerprint(&self) -> Result<String> {
        Ok(Hash::Sha256.hexadecimal(&self.to_der()?))
    }

    fn to_der(&self) -> Result<Vec<u8>> {
        let document = match &self.0 {
            Public::Rsa(key) => key.to_public_key_der(),
            Public::P256(key) => key.to_public_key_der(),
        };
        document
            .map(|document| document.as_bytes().to_vec())
            .map_err(|_| Error::new("the public key could not be written"))
    }
}

/// Does some `work` with a private key, and wipes what that leaves on the stack: the crates that calculate pass parts of a
/// P-256 key around by value.
fn leaving_no_trace<T>(work: impl FnOnce() -> T) -> T {
    // More than the work takes.
    const STACK: usize = 16 << 10;

    // In a frame of its own, which is below that of this function as the bytes to be wiped are.
    #[inline(never)]
    fn below<T>(work: impl FnOnce() -> T) -> T {
        work()
    }
    let done = below(work);
    zeroize_stack::<STACK>();
    done
}

fn padding(hash: Hash) -> Pkcs1v15Sign {
    match hash {
        Hash::Sha1 => Pkcs1v15Sign::new::<Sha1>(),
        Hash::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
    }
}

fn pem_text(label: &str, der: &[u8]) -> Zeroizing<String> {
    let block = pem::Pem::new(label, der);
    Zeroizing::new(pem::encode_config(&block, pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF)))
}
