//! Verifies a command's signature, and diagnoses an invalid one.
//!
//! A cause is named only if the signature proves it.

use crate::error::{Error, ErrorKind, Result};
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
        let kind = ErrorKind::OtherHash(other.to_string().to_lowercase());
        let message = format!(
            "signed with {}, but {} was requested",
            other.name(),
            hash.name()
        );
        return Err(Error::of_kind(kind, message));
    }
    for Mistake { signed, what, hint } in mistakes(hash, message) {
        if verifier.verifies(hash, &signed, signature) {
            return Err(Error::new(format!("signed {what}, not the policy")).with_hint(hint));
        }
    }
    let signed = verifier.open(signature);
    let is_signed =
        |hash: HashAlgorithm| signed.matches(SignedHash::of(hash), &hash.digest(message));
    if matches!(signed, SignedDigest::Pss(_)) && (is_signed(hash) || is_signed(other)) {
        return Err(Error::new("signed with RSA PSS, but CloudFront accepts PKCS#1 v1.5 only")
            .with_hint("use --signing-algorithm RSASSA_PKCS1_V1_5_SHA_256, -pkeyopt rsa_padding_mode:pkcs1, or --mechanism SHA256-RSA-PKCS"));
    }
    if matches!(signed, SignedDigest::Bare { .. }) && is_signed(hash) {
        return Err(Error::new("signed the digest without its algorithm identifier").with_hint(
            "use openssl dgst -sha1 -sign, openssl pkeyutl -sign -pkeyopt digest:sha1, or pkcs11-tool --mechanism SHA1-RSA-PKCS",
        ));
    }
    Err(
        Error::new("made a signature that is not valid for the public key")
            .with_hint("it signs with another key, or does not sign the policy"),
    )
}

/// Something that programs sign by mistake.
struct Mistake {
    signed: Vec<u8>,
    what: &'static str,
    hint: &'static str,
}

fn mistakes(hash: HashAlgorithm, message: &[u8]) -> [Mistake; 6] {
    const LINE_BREAK: &str =
        "pass standard input on unchanged; a shell variable and echo change it";
    const HEX: &str =
        "xxd -r -p converts {digest} to bytes; --message-type DIGEST tells KMS that it is a digest";
    const TWICE: &str =
        "sign the policy, or tell the service that it gets a digest: --message-type DIGEST";
    let hex = hash.hexadecimal(message);
    let mistake = |signed, what, hint| Mistake { signed, what, hint };
    [
        mistake(
            [message, b"\n"].concat(),
            "the policy and a line break",
            LINE_BREAK,
        ),
        mistake(
            [message, b"\r\n"].concat(),
            "the policy and a line break",
            LINE_BREAK,
        ),
        mistake(hash.digest(message), "the digest of the digest", TWICE),
        mistake(
            hex.clone().into_bytes(),
            "the hexadecimal text of the digest",
            HEX,
        ),
        mistake(
            (hex + "\n").into_bytes(),
            "the hexadecimal text of the digest",
            HEX,
        ),
        mistake(
            Vec::new(),
            "an empty message",
            "the policy is on standard input, and in {policy_file}",
        ),
    ]
}
