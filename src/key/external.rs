//! Signature encodings of other tools, and near misses to diagnose: PSS, and PKCS#1 v1.5 without its prefix.

use p256::ecdsa::Signature;
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, Pss};
use sha1::Sha1;
use sha2::Sha256;

use super::PublicKey;
use super::public::Public;
use crate::key::hash::HashAlgorithm;

/// Converts a P-256 signature to ASN.1 DER (RFC 3279), from that or from the 64-byte concatenation r || s of PKCS#11 and
/// IEEE P1363; `None` for other bytes.
pub(crate) fn p256_signature(bytes: &[u8]) -> Option<Vec<u8>> {
    let signature = Signature::from_der(bytes)
        .or_else(|_| Signature::from_slice(bytes))
        .ok()?;
    Some(signature.to_der().as_bytes().to_vec())
}

impl PublicKey {
    /// Verifies an RSA-PSS signature (RFC 8017) whose salt is as long as the digest (AWS KMS, PKCS#11) or as long as fits
    /// (openssl).
    pub(crate) fn verifies_pss(
        &self,
        hash: HashAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let Public::Rsa(key) = &self.0 else {
            return false;
        };
        let digest = hash.digest(message);
        let encoded = (key.n().bit_width_vartime() as usize - 1).div_ceil(8);
        let room = encoded.saturating_sub(digest.len() + 2);
        [digest.len(), room].into_iter().any(|salt| match hash {
            HashAlgorithm::Sha1 => {
                let scheme = Pss::<Sha1>::new_with_salt(salt);
                key.verify(scheme, &digest, signature).is_ok()
            }
            HashAlgorithm::Sha256 => {
                let scheme = Pss::<Sha256>::new_with_salt(salt);
                key.verify(scheme, &digest, signature).is_ok()
            }
        })
    }

    /// Verifies a PKCS#1 v1.5 signature over the digest alone, without the `DigestInfo` that names the hash algorithm.
    pub(crate) fn verifies_bare(
        &self,
        hash: HashAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let Public::Rsa(key) = &self.0 else {
            return false;
        };
        key.verify(
            Pkcs1v15Sign::new_unprefixed(),
            &hash.digest(message),
            signature,
        )
        .is_ok()
    }
}
