//! Whether a signature is the one that was asked for, and if not, what happened to it.
//!
//! A cause is named only where the signature fits once it is assumed.

use crate::error::{Error, Result};
use crate::key::PublicKey;
use crate::key::hash::HashAlgorithm;

/// Checks a signature over `message` with the public key.
///
/// # Errors
/// The signature does not fit; the message names the cause, where it is one of those that programs are prone to.
pub(super) fn check(
    key: &PublicKey,
    hash: HashAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<()> {
    if key.verifies(hash, message, signature) {
        return Ok(());
    }
    let other = hash.other();
    if key.verifies(other, message, signature) {
        let hint = format!(
            "--hash {}, or a command that signs with {hash}",
            other.to_string().to_lowercase()
        );
        return Err(Error::new(format!(
            "signed with {other}, and what was asked for is {hash}"
        ))
        .with_hint(hint));
    }
    let hexadecimal = hash.hexadecimal(message);
    let stdin = "hand standard input on as it is: a shell variable and echo change it";
    let raw =
        "xxd -r -p makes bytes of {digest}; --message-type DIGEST has KMS take them for the digest";
    let digest = "sign the policy, or have the digest taken for one: --message-type DIGEST";
    let messages = [
        (
            [message, b"\n"].concat(),
            "the policy and a line break",
            stdin,
        ),
        (
            [message, b"\r\n"].concat(),
            "the policy and a line break",
            stdin,
        ),
        (hash.digest(message), "the digest of the digest", digest),
        (
            hexadecimal.clone().into_bytes(),
            "the hexadecimal text of the digest",
            raw,
        ),
        (
            (hexadecimal + "\n").into_bytes(),
            "the hexadecimal text of the digest",
            raw,
        ),
        (
            Vec::new(),
            "nothing at all",
            "it gets the policy on standard input, and in {policy_file}",
        ),
    ];
    for (message, what, hint) in messages {
        if key.verifies(hash, &message, signature) {
            return Err(Error::new(format!("signed {what}, and not the policy")).with_hint(hint));
        }
    }
    if key.verifies_pss(hash, message, signature) || key.verifies_pss(other, message, signature) {
        return Err(Error::new("signed with RSA PSS, and CloudFront takes PKCS#1 v1.5")
            .with_hint("--signing-algorithm RSASSA_PKCS1_V1_5_SHA_256, -pkeyopt rsa_padding_mode:pkcs1, or --mechanism SHA256-RSA-PKCS"));
    }
    if key.verifies_bare(hash, message, signature) {
        return Err(Error::new("signed the digest without the name of its hash").with_hint(
            "openssl dgst -sha1 -sign, openssl pkeyutl -sign -pkeyopt digest:sha1, or pkcs11-tool --mechanism SHA1-RSA-PKCS",
        ));
    }
    Err(
        Error::new("made a signature that does not fit the public key")
            .with_hint("it signs with another key, or something else than the policy"),
    )
}
