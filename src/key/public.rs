//! Public keys.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use pkcs8::EncodePublicKey;
use rsa::BoxedUint;
use rsa::pkcs1::RsaPublicKeyRef;
use rsa::traits::PublicKeyParts;

use super::{KeyType, LONGEST_RSA, SignedHash, pem_text};
use crate::error::{Error, Result};
use crate::key::hash::HashAlgorithm;

/// A public key, which CloudFront verifies signatures with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(pub(super) Public);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Public {
    Rsa(rsa::PublicKey),
    P256(p256::PublicKey),
}

impl PublicKey {
    /// An RSA key in PKCS#1 (RFC 8017), of up to [`LONGEST_RSA`] bits.
    ///
    /// The decoder of the `rsa` crate rejects keys under 1024 bits, which test suites use.
    pub(super) fn from_pkcs1(key: &RsaPublicKeyRef<'_>) -> Option<Self> {
        let number = |bytes: &[u8]| {
            let bits = u32::try_from(bytes.len() * 8).ok()?;
            BoxedUint::from_be_slice(bytes, bits).ok()
        };
        let modulus = number(key.modulus.as_bytes())?;
        let exponent = number(key.public_exponent.as_bytes())?;
        rsa::PublicKey::new_with_size_limits(modulus, exponent, 1..=LONGEST_RSA)
            .ok()
            .map(|key| PublicKey(Public::Rsa(key)))
    }

    /// A P-256 key from its point in the form of SEC1, compressed or not.
    pub(super) fn from_p256_point(point: &[u8]) -> Option<Self> {
        let key = p256::PublicKey::from_sec1_bytes(point).ok()?;
        Some(PublicKey(Public::P256(key)))
    }

    /// The type of the key.
    pub fn key_type(&self) -> KeyType {
        match &self.0 {
            Public::Rsa(key) => KeyType::Rsa(key.n().bit_width_vartime() as usize),
            Public::P256(_) => KeyType::P256,
        }
    }

    /// Verifies the signature of `message`: PKCS#1 v1.5 for RSA, ECDSA in ASN.1 DER for P-256.
    pub fn verifies(&self, hash: HashAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        let digest = hash.digest(message);
        match &self.0 {
            Public::Rsa(key) => key
                .verify(SignedHash::of(hash).padding(), &digest, signature)
                .is_ok(),
            Public::P256(key) => {
                p256::ecdsa::Signature::from_der(signature).is_ok_and(|signature| {
                    p256::ecdsa::VerifyingKey::from(key)
                        .verify_prehash(&digest, &signature)
                        .is_ok()
                })
            }
        }
    }

    /// Modulus and public exponent of an RSA key, big-endian.
    #[cfg(feature = "aws-lc")]
    pub(crate) fn rsa_numbers(&self) -> Option<[Vec<u8>; 2]> {
        let Public::Rsa(key) = &self.0 else {
            return None;
        };
        let numbers = [key.n().as_ref(), key.e()];
        Some(numbers.map(|number| number.to_be_bytes_trimmed_vartime().into_vec()))
    }

    /// The coordinates of a P-256 key, big-endian.
    #[cfg(any(feature = "aws-lc", feature = "lanes"))]
    pub(crate) fn p256_coordinates(&self) -> Option<[[u8; 32]; 2]> {
        let Public::P256(key) = &self.0 else {
            return None;
        };
        // 04, x, y
        let point = key.to_sec1_bytes();
        let (coordinates, _) = point.get(1..)?.as_chunks::<32>();
        coordinates.try_into().ok()
    }

    /// The key as SubjectPublicKeyInfo PEM, which CloudFront accepts.
    ///
    /// # Errors
    /// A key that cannot be encoded; none that this library reads or generates.
    pub fn to_pem(&self) -> Result<String> {
        Ok(pem_text("PUBLIC KEY", &self.to_der()?).to_string())
    }

    /// The SHA-256 of the key's SubjectPublicKeyInfo DER, in lower-case hexadecimal: what `openssl
    /// pkey -pubin -outform DER | openssl sha256` prints. Both keys of a pair have the same.
    ///
    /// # Errors
    /// As [`PublicKey::to_pem`].
    pub fn fingerprint(&self) -> Result<String> {
        Ok(HashAlgorithm::Sha256.hexadecimal(&self.to_der()?))
    }

    fn to_der(&self) -> Result<Vec<u8>> {
        let document = match &self.0 {
            Public::Rsa(key) => key.to_public_key_der(),
            Public::P256(key) => key.to_public_key_der(),
        };
        document
            .map(|document| document.as_bytes().to_vec())
            .map_err(|_| Error::new("cannot encode the public key"))
    }
}

/// Converts a P-256 signature to ASN.1 DER (RFC 3279), from that or from the 64-byte concatenation
/// r || s of PKCS#11 and IEEE P1363; `None` for other bytes.
pub(crate) fn p256_signature(bytes: &[u8]) -> Option<Vec<u8>> {
    let signature = p256::ecdsa::Signature::from_der(bytes)
        .or_else(|_| p256::ecdsa::Signature::from_slice(bytes))
        .ok()?;
    Some(signature.to_der().as_bytes().to_vec())
}
