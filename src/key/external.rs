//! Signatures as other programs make them: forms of a good one, and kinds that are close to what CloudFront takes.

use p256::ecdsa::Signature;
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, Pss};
use sha1::Sha1;
use sha2::Sha256;

use super::PublicKey;
use super::public::Public;
use crate::key::hash::HashAlgorithm;

/// A P-256 signature in ASN.1 DER (RFC 3279), from that or from the 64 bytes of `r` and `s` one after the other, as
/// PKCS#11 and IEEE P1363 write it; `None` where the bytes are neither.
pub(crate) fn p256_signature(bytes: &[u8]) -> Option<Vec<u8>> {
    let signature = Signature::from_der(bytes)
        .or_else(|_| Signature::from_slice(bytes))
        .ok()?;
    Some(signature.to_der().as_bytes().to_vec())
}

impl PublicKey {
    /// Whether `signature` is one of RSA PSS (RFC 8017), with a salt as long as the digest (AWS KMS, PKCS#11) or as long
    /// as there is room for (openssl).
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

    /// Whether `signature` is PKCS#1 v1.5 over the digest alone, without the `DigestInfo` that names the hash.
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
