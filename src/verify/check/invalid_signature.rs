//! The facts that an invalid signature establishes: its key, its form, and its completeness.

use crate::key::hash::HashAlgorithm;
use crate::key::{KeyType, PublicKey, SignedDigest, SignedHash, p256_signature};
use crate::verify::checker::Checker;

/// The facts that an invalid signature establishes.
pub(super) struct InvalidSignature {
    /// The finding, in words.
    pub(super) detail: String,
    /// The next step; `None` if the key made the signature, or may have made it, so that the policy
    /// is another one.
    pub(super) fix: Option<&'static str>,
}

const TRUNCATED: &str = "copy the whole URL or cookie: the signature is truncated";
const OTHER_KEY: &str = "sign with the private key of this public key, or add the signing key's \
    public key to the key group; compare the fingerprints that cfsign key inspect prints";

/// The lengths of the signatures of common RSA keys.
const RSA_LENGTHS: [usize; 5] = [64, 128, 256, 384, 512];

impl InvalidSignature {
    /// Finds out what a signature establishes that is valid for none of the keys.
    pub(super) fn of(
        keys: &[&PublicKey],
        hash: HashAlgorithm,
        policy: &[u8],
        signature: &[u8],
        checker: &mut Checker,
    ) -> Self {
        let requested = SignedHash::of(hash);
        let rsa_keys = keys.iter().filter(|key| key.key_type() != KeyType::P256);
        let mut opened = rsa_keys.map(|key| checker.open(key, signature));
        if let Some(opened) = opened.find(SignedDigest::proves_key) {
            let detail = made_with_this_key(&opened, requested, policy);
            return InvalidSignature { detail, fix: None };
        }
        let length = signature.len();
        let is_p256 = p256_signature(signature).is_some();
        let fits = |kind: &&KeyType| match kind {
            KeyType::Rsa(bits) => bits.div_ceil(8) == length,
            KeyType::P256 => is_p256,
        };
        let types: Vec<KeyType> = keys.iter().map(|key| key.key_type()).collect();
        let (detail, fix) = match types.iter().find(fits) {
            Some(KeyType::P256) => {
                let name = requested.name();
                let detail = "made with another key, or over a different policy";
                (format!("invalid ({name}): {detail}"), None)
            }
            Some(KeyType::Rsa(_)) => {
                let detail = "not a PKCS#1 v1.5 signature of this key";
                (detail.to_owned(), Some(OTHER_KEY))
            }
            None => {
                let detail = of_another_type(&types, length, is_p256);
                if types.iter().any(|kind| is_beginning(*kind, signature)) {
                    (detail + " (truncated?)", Some(TRUNCATED))
                } else {
                    (detail, Some(OTHER_KEY))
                }
            }
        };
        InvalidSignature { detail, fix }
    }
}

/// The content of an RSA signature in words.
fn made_with_this_key(opened: &SignedDigest, requested: SignedHash, policy: &[u8]) -> String {
    let name = requested.name();
    match opened {
        SignedDigest::Pkcs1 { hash: own, .. } if *own != requested => {
            let is_same_policy = opened.matches(*own, &own.digest(policy));
            let policy = if is_same_policy {
                ""
            } else {
                " and over a different policy"
            };
            let own = own.name();
            format!("made with this key, but with {own} instead of {name}{policy}")
        }
        SignedDigest::Bare { .. } => "made with this key, but without the name of a hash".into(),
        SignedDigest::Pss(_) => "made with this key, but with RSA PSS".into(),
        _ => format!("made with this key ({name}), but over a different policy"),
    }
}

fn of_another_type(types: &[KeyType], length: usize, is_p256: bool) -> String {
    match types.first() {
        Some(KeyType::P256) if RSA_LENGTHS.contains(&length) => {
            format!("{length} bytes, like an RSA signature; the key is ECDSA P-256")
        }
        Some(key @ KeyType::Rsa(_)) if is_p256 => {
            format!("{length} bytes, like an ECDSA P-256 signature; the key is {key}")
        }
        Some(KeyType::Rsa(bits)) => {
            let expected = bits.div_ceil(8);
            format!("{length} bytes; a signature of an RSA {bits} key has {expected}")
        }
        _ => format!("{length} bytes that are not an ECDSA signature in ASN.1 DER"),
    }
}

/// Returns whether bytes are the beginning of a signature of a key.
fn is_beginning(kind: KeyType, signature: &[u8]) -> bool {
    if RSA_LENGTHS.contains(&signature.len()) || p256_signature(signature).is_some() {
        return false;
    }
    match (kind, signature) {
        (KeyType::Rsa(bits), _) => signature.len() < bits.div_ceil(8),
        // ASN.1 DER: the tag of a SEQUENCE, and the length of its content.
        (KeyType::P256, [0x30, length @ 0x40..=0x46, rest @ ..]) => {
            rest.len() < usize::from(*length)
        }
        _ => false,
    }
}
