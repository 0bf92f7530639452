//! The facts that an invalid signature establishes: its key, its form, and its completeness.

use crate::key::hash::HashAlgorithm;
use crate::key::{KeyType, PublicKey, SignedDigest, SignedHash, p256_signature};
use crate::verify::memory::Memory;

/// The facts that an invalid signature establishes.
pub(in crate::verify) struct InvalidSignature {
    /// The finding, in words.
    pub(in crate::verify) detail: String,
    pub(in crate::verify) origin: Origin,
}

/// The origin of an invalid signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verify) enum Origin {
    /// The key made it, or may have made it.
    Key,
    /// Another key made it, or it is damaged.
    OtherKey,
    /// It is the beginning of a signature.
    Truncated,
}

/// The lengths of the signatures of common RSA keys.
const RSA_LENGTHS: [usize; 5] = [64, 128, 256, 384, 512];

impl InvalidSignature {
    /// Finds out what a signature establishes that is valid for none of the keys.
    pub(in crate::verify) fn of(
        keys: &[&PublicKey],
        hash: HashAlgorithm,
        policy: &[u8],
        signature: &[u8],
        memory: &mut Memory,
    ) -> Self {
        if let Some(detail) = made_with_a_key(keys, hash, policy, signature, memory) {
            let origin = Origin::Key;
            return InvalidSignature { detail, origin };
        }
        let is_p256 = p256_signature(signature).is_some();
        let has_p256 = keys.iter().any(|key| key.key_type() == KeyType::P256);
        let origin = if is_p256 && has_p256 {
            Origin::Key
        } else if whole_length(keys, signature).is_some() {
            Origin::Truncated
        } else {
            Origin::OtherKey
        };
        let detail = not_made_with_a_key(keys, hash, signature);
        InvalidSignature { detail, origin }
    }
}

/// The content of an RSA signature in words, if one of the keys made it.
fn made_with_a_key(
    keys: &[&PublicKey],
    hash: HashAlgorithm,
    policy: &[u8],
    signature: &[u8],
    memory: &mut Memory,
) -> Option<String> {
    let rsa_keys = keys.iter().filter(|key| key.key_type() != KeyType::P256);
    let mut opened = rsa_keys.map(|key| memory.open(key, signature));
    let opened = opened.find(SignedDigest::proves_key)?;
    let requested = SignedHash::of(hash);
    let name = requested.name();
    Some(match &opened {
        SignedDigest::Pkcs1 { hash: own, .. } if *own != requested => {
            let own_name = own.name();
            let is_same_policy = opened.matches(*own, &own.digest(policy));
            let policy = if is_same_policy {
                ""
            } else {
                " and over a different policy"
            };
            format!("made with this key, but with {own_name} instead of {name}{policy}")
        }
        SignedDigest::Bare { .. } => "made with this key, but without the name of a hash".into(),
        SignedDigest::Pss(_) => "made with this key, but with RSA PSS".into(),
        _ => format!("made with this key ({name}), but over a different policy"),
    })
}

fn not_made_with_a_key(keys: &[&PublicKey], hash: HashAlgorithm, signature: &[u8]) -> String {
    let length = signature.len();
    let is_p256 = p256_signature(signature).is_some();
    let fits = |kind: &KeyType| match kind {
        KeyType::Rsa(bits) => bits.div_ceil(8) == length,
        KeyType::P256 => is_p256,
    };
    let types: Vec<KeyType> = keys.iter().map(|key| key.key_type()).collect();
    match types.iter().find(|kind| fits(kind)) {
        Some(KeyType::Rsa(_)) => return "not a PKCS#1 v1.5 signature of this key".into(),
        Some(KeyType::P256) => {
            let name = SignedHash::of(hash).name();
            return format!("invalid ({name}): made with another key, or over a different policy");
        }
        None => {}
    }
    let whole = whole_length(keys, signature);
    match (types.first(), whole) {
        (Some(KeyType::P256), _) if RSA_LENGTHS.contains(&length) => {
            format!("{length} bytes, like an RSA signature; the key is ECDSA P-256")
        }
        (Some(key @ KeyType::Rsa(_)), _) if is_p256 => {
            format!("{length} bytes, like an ECDSA P-256 signature; the key is {key}")
        }
        (Some(KeyType::Rsa(bits)), _) => {
            let expected = bits.div_ceil(8);
            let hint = if whole.is_some() { " (truncated?)" } else { "" };
            format!("{length} bytes; a signature of an RSA {bits} key has {expected}{hint}")
        }
        (_, Some(whole)) => {
            format!("{length} bytes; this ECDSA signature in ASN.1 DER has {whole} (truncated?)")
        }
        (_, None) => format!("{length} bytes that are not an ECDSA signature in ASN.1 DER"),
    }
}

/// The length that a truncated signature of one of the keys had; `None` for a whole one.
fn whole_length(keys: &[&PublicKey], signature: &[u8]) -> Option<usize> {
    if RSA_LENGTHS.contains(&signature.len()) || p256_signature(signature).is_some() {
        return None;
    }
    let whole = keys.iter().filter_map(|key| match key.key_type() {
        KeyType::Rsa(bits) => Some(bits.div_ceil(8)),
        // ASN.1 DER: the tag of a SEQUENCE, and the length of its content.
        KeyType::P256 => match signature {
            [0x30, length @ 0x40..=0x46, ..] => Some(2 + usize::from(*length)),
            _ => None,
        },
    });
    whole.max().filter(|whole| signature.len() < *whole)
}
