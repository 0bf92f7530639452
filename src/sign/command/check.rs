//! Verifies a command's signature, and diagnoses an invalid one.
//!
//! A cause is named only if the signature proves it.

use super::with_other_hash;
use crate::error::{Error, Result};
use crate::key::hash::HashAlgorithm;
use crate::key::{PublicKey, SignedDigest, SignedHash};
use crate::sign::verifier::Verifier;

/// Verifies a signature over `message` with the public key.
///
/// # Errors
/// The signature is not valid; the message names the cause if it is a common one.
pub(super) fn check(
    key: &PublicKey,
    hash: HashAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<()> {
    let verifier = Verifier::new(key);
    if verifier.verifies(hash, message, signature) {
        return Ok(());
    }
    let other = hash.other();
    if verifier.verifies(other, message, signature) {
        let (signed, requested) = (other.name(), hash.name());
        let message = format!("signed with {signed}, but {requested} was requested");
        return Err(with_other_hash(other, message));
    }
    for (signed, [what, hint]) in mistakes(hash, message) {
        if verifier.verifies(hash, &signed, signature) {
            return Err(Error::new(format!("signed {what}, not the policy")).with_hint(hint));
        }
    }
    let signed = verifier.open(signature);
    let is_signed =
        |hash: HashAlgorithm| signed.matches(SignedHash::of(hash), &hash.digest(message));
    let (message, hint) = match &signed {
        SignedDigest::Pss(_) if is_signed(hash) || is_signed(other) => (
            "signed with RSA PSS, but CloudFront accepts PKCS#1 v1.5 only",
            "use --signing-algorithm RSASSA_PKCS1_V1_5_SHA_256, -pkeyopt rsa_padding_mode:pkcs1, \
             or --mechanism SHA256-RSA-PKCS",
        ),
        SignedDigest::Bare { .. } if is_signed(hash) => (
            "signed the digest without its algorithm identifier",
            "use openssl dgst -sha1 -sign, openssl pkeyutl -sign -pkeyopt digest:sha1, or \
             pkcs11-tool --mechanism SHA1-RSA-PKCS",
        ),
        _ => (
            "made a signature that is not valid for the public key",
            "it signs with another key, or does not sign the policy",
        ),
    };
    Err(Error::new(message).with_hint(hint))
}

/// What programs sign by mistake, each with its name and the next step.
fn mistakes(hash: HashAlgorithm, message: &[u8]) -> [(Vec<u8>, [&'static str; 2]); 6] {
    const LINE_BREAK: [&str; 2] = [
        "the policy and a line break",
        "pass standard input on unchanged; a shell variable and echo change it",
    ];
    const TWICE: [&str; 2] = [
        "the digest of the digest",
        "sign the policy, or tell the service that it gets a digest: --message-type DIGEST",
    ];
    const HEX: [&str; 2] = [
        "the hexadecimal text of the digest",
        "xxd -r -p converts {digest} to bytes; --message-type DIGEST tells KMS that it is a digest",
    ];
    const NOTHING: [&str; 2] = [
        "an empty message",
        "the policy is on standard input, and in {policy_file}",
    ];
    let hex = hash.hexadecimal(message);
    [
        ([message, b"\n"].concat(), LINE_BREAK),
        ([message, b"\r\n"].concat(), LINE_BREAK),
        (hash.digest(message), TWICE),
        (hex.clone().into_bytes(), HEX),
        ((hex + "\n").into_bytes(), HEX),
        (Vec::new(), NOTHING),
    ]
}
