//! The digest inside a signature, for finding out what was signed.
//!
//! The public key recovers padding and digest from an RSA signature (RFC 8017, RSAVP1), so a guess
//! at the signed message costs a hash. An ECDSA signature and the public key give the point z*G of
//! the digest z: the verification u1*G + u2*Q = R (FIPS 186-5, section 6.4.2) rearranged to z*G =
//! s*R - r*Q, for the two points R with the x-coordinate r. So a guess costs one multiplication of
//! the generator.

use p256::elliptic_curve::point::DecompressPoint;
use p256::{AffinePoint, ProjectivePoint};
use rsa::BoxedUint;
use rsa::hazmat::rsa_encrypt;
use rsa::traits::PublicKeyParts;

use super::ecdsa::{Bytes, multiple_of_generator, padded, x_coordinate};
use super::hash::SignedHash;
use super::public::Public;
use super::{KeyType, PublicKey};

/// The content of a signature.
pub(crate) enum SignedDigest {
    /// RSA PKCS#1 v1.5 (EMSA-PKCS1-v1_5), which names its hash.
    Pkcs1 { hash: SignedHash, digest: Vec<u8> },
    /// The padding of PKCS#1 v1.5 around anything but the DER of a digest.
    Bare { content: Vec<u8> },
    /// RSA PSS, as read with each hash.
    Pss(Vec<PssBlock>),
    /// The x-coordinates, modulo the order of the group, that z*G can have for the digest z of an
    /// ECDSA signature. Nothing but the digest and its negative gives them.
    P256([Bytes; 2]),
    /// No signature of this key, or a damaged one.
    Unreadable,
}

/// An encoded message of RSA PSS (RFC 8017, section 9.1).
pub(crate) struct PssBlock {
    hash: SignedHash,
    salt: Vec<u8>,
    digest: Vec<u8>,
    /// The padding was long enough to be no coincidence.
    certain: bool,
}

impl PublicKey {
    /// The content of an ECDSA signature, as far as the public key shows it.
    pub(crate) fn open_p256(&self, signature: &[u8]) -> SignedDigest {
        let opened = match &self.0 {
            Public::P256(key) => open_p256(key, signature),
            Public::Rsa(_) => None,
        };
        opened.unwrap_or(SignedDigest::Unreadable)
    }

    /// The padded message in an RSA signature, as long as the modulus (RSAVP1, RFC 8017,
    /// section 5.2.2). `None` for a signature of another length, or not below the modulus.
    pub(crate) fn rsa_block(&self, signature: &[u8]) -> Option<Vec<u8>> {
        let Public::Rsa(key) = &self.0 else {
            return None;
        };
        if signature.len() != key.size() {
            return None;
        }
        let number = BoxedUint::from_be_slice(signature, key.n_bits_precision()).ok()?;
        if number >= *key.n().as_ref() {
            return None;
        }
        let opened = rsa_encrypt(key, &number).ok()?.to_be_bytes();
        Some(opened[opened.len().checked_sub(key.size())?..].to_vec())
    }

    /// The content of a block that [`rsa_block`](Self::rsa_block) found in a signature.
    pub(crate) fn read(&self, block: &[u8]) -> SignedDigest {
        let KeyType::Rsa(bits) = self.key_type() else {
            return SignedDigest::Unreadable;
        };
        read_pkcs1(block)
            .or_else(|| read_pss(block, bits - 1))
            .unwrap_or(SignedDigest::Unreadable)
    }
}

/// EMSA-PKCS1-v1_5: 00 01 FF...FF 00, then the DER of hash and digest.
fn read_pkcs1(block: &[u8]) -> Option<SignedDigest> {
    let padded = block.strip_prefix(&[0, 1])?;
    let padding = padded.iter().take_while(|byte| **byte == 0xff).count();
    let content = padded[padding..].strip_prefix(&[0])?;
    if padding < 8 {
        return None;
    }
    for hash in SignedHash::ALL {
        if let Some(digest) = content.strip_prefix(&*hash.padding().prefix)
            && digest.len() == hash.length()
        {
            let digest = digest.to_vec();
            return Some(SignedDigest::Pkcs1 { hash, digest });
        }
    }
    let content = content.to_vec();
    Some(SignedDigest::Bare { content })
}

/// EMSA-PSS: a masked block of padding and salt, the digest, and BC.
fn read_pss(block: &[u8], bits: usize) -> Option<SignedDigest> {
    let length = bits.div_ceil(8);
    let encoded = block.get(block.len() - length..)?;
    let body = encoded.strip_suffix(&[0xbc])?;
    let mut blocks = Vec::new();
    for hash in SignedHash::UNNAMED {
        // Java masks with SHA-1 whatever the hash.
        for mask_hash in [*hash, SignedHash::Sha1, SignedHash::Sha256] {
            blocks.extend(read_pss_with(*hash, mask_hash, body, 8 * length - bits));
        }
    }
    (!blocks.is_empty()).then_some(SignedDigest::Pss(blocks))
}

/// The block as one hash and mask read it, whose first byte has some unused bits.
fn read_pss_with(
    hash: SignedHash,
    mask_hash: SignedHash,
    body: &[u8],
    unused: usize,
) -> Option<PssBlock> {
    let (masked, digest) = body.split_at_checked(body.len().checked_sub(hash.length())?)?;
    let mut unmasked = mask(mask_hash, digest, masked.len());
    for (byte, masked) in unmasked.iter_mut().zip(masked) {
        *byte ^= masked;
    }
    *unmasked.first_mut()? &= 0xff >> unused;
    let padding = unmasked.iter().take_while(|byte| **byte == 0).count();
    let salt = unmasked[padding..].strip_prefix(&[1])?.to_vec();
    Some(PssBlock {
        hash,
        salt,
        digest: digest.to_vec(),
        certain: padding >= 8,
    })
}

/// MGF1 (RFC 8017, appendix B.2.1).
fn mask(hash: SignedHash, seed: &[u8], length: usize) -> Vec<u8> {
    let mut mask = Vec::with_capacity(length + 64);
    let mut counter = 0_u32;
    while mask.len() < length {
        mask.extend(hash.digest(&[seed, &counter.to_be_bytes()].concat()));
        counter += 1;
    }
    mask.truncate(length);
    mask
}

fn open_p256(key: &p256::PublicKey, signature: &[u8]) -> Option<SignedDigest> {
    let signature = p256::ecdsa::Signature::from_der(signature).ok()?;
    let (r, s) = (signature.r(), signature.s());
    let x = r.to_bytes();
    let point = Option::<AffinePoint>::from(AffinePoint::decompress(&x, 0.into()))?;
    let with_s = ProjectivePoint::from(point) * *s;
    let with_r = key.to_projective() * *r;
    let points = [with_s - with_r, -with_s - with_r];
    Some(SignedDigest::P256(points.each_ref().map(x_coordinate)))
}

impl SignedDigest {
    /// The possible hashes of the signature; if it names none, `requested` first.
    pub(crate) fn hashes(&self, requested: SignedHash) -> Vec<SignedHash> {
        let mut hashes = SignedHash::UNNAMED.to_vec();
        match self {
            SignedDigest::Pkcs1 { hash, .. } => hashes = vec![*hash],
            SignedDigest::Pss(blocks) => hashes = blocks.iter().map(|block| block.hash).collect(),
            SignedDigest::Bare { content } => hashes.retain(|hash| hash.length() == content.len()),
            SignedDigest::P256(_) => hashes.sort_by_key(|hash| *hash != requested),
            SignedDigest::Unreadable => hashes.clear(),
        }
        hashes
    }

    /// Returns whether the content proves that the key made the signature, over whatever message.
    pub(crate) fn proves_key(&self) -> bool {
        match self {
            SignedDigest::Pkcs1 { .. } | SignedDigest::Bare { .. } => true,
            SignedDigest::Pss(blocks) => blocks.iter().any(|block| block.certain),
            SignedDigest::P256(_) | SignedDigest::Unreadable => false,
        }
    }

    /// Returns whether the signature is one over a message with this digest.
    pub(crate) fn matches(&self, hash: SignedHash, digest: &[u8]) -> bool {
        match self {
            SignedDigest::Pkcs1 {
                hash: own,
                digest: signed,
            } => *own == hash && signed == digest,
            SignedDigest::Bare { content } => content == digest,
            SignedDigest::Pss(blocks) => blocks.iter().any(|block| {
                let salted = [&[0; 8], digest, &block.salt].concat();
                block.hash == hash && hash.digest(&salted) == block.digest
            }),
            SignedDigest::P256(x) => x.contains(&multiple_of_generator(&padded(digest))),
            SignedDigest::Unreadable => false,
        }
    }
}
