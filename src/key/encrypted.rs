//! Private keys encrypted with a passphrase: PKCS#8 with PBES2 (RFC 5958, RFC 8018).

use std::fmt;

use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::Decode;
use pkcs8::der::asn1::{AnyRef, OctetStringRef};
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::Kdf;
use pkcs8::spki::SubjectPublicKeyInfo;
use zeroize::Zeroizing;

use super::{PrivateKey, der, with_zeroized_stack};
use crate::error::{Error, ErrorKind, Result};

const RE_ENCRYPT: &str =
    "convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD.pem -out NEW.pem";

/// A private key in encrypted PKCS#8 (RFC 5958), not yet decrypted.
#[derive(PartialEq, Eq)]
pub struct EncryptedKey(Zeroizing<Vec<u8>>);

impl EncryptedKey {
    /// Accepts an encryption that the `pkcs8` crate supports, within the limits on its cost. `None`
    /// for another structure.
    pub(super) fn from_der(der: &[u8]) -> Option<Result<Self>> {
        // The shape is that of SubjectPublicKeyInfo, with an octet string for the bit string.
        SubjectPublicKeyInfo::<AnyRef<'_>, &OctetStringRef>::from_der(der).ok()?;
        let info = EncryptedPrivateKeyInfoRef::from_der(der).ok();
        Some(match info.map(|info| info.encryption_algorithm) {
            Some(EncryptionScheme::Pbes2(parameters)) if is_within_limits(&parameters.kdf) => {
                Ok(EncryptedKey(Zeroizing::new(der.to_vec())))
            }
            Some(EncryptionScheme::Pbes2(_)) => Err(Error::new(
                "uses key-derivation parameters beyond cfsign's limit \
                 of 10,000,000 iterations or 256 MB",
            )
            .with_hint(RE_ENCRYPT)),
            _ => Err(unsupported_encryption()),
        })
    }

    /// Decrypts the key.
    ///
    /// # Errors
    /// [`ErrorKind::WrongPassphrase`] for a wrong passphrase; a key that CloudFront does not
    /// support.
    pub fn decrypt(&self, passphrase: &[u8]) -> Result<PrivateKey> {
        let wrong = || {
            let message = "cannot be decrypted: wrong passphrase";
            Error::of_kind(ErrorKind::WrongPassphrase, message)
                .with_hint("check it: openssl pkey -in FILE -noout")
        };
        let info =
            EncryptedPrivateKeyInfoRef::from_der(&self.0).map_err(|_| unsupported_encryption())?;
        let document = info.decrypt(passphrase).map_err(|_| wrong())?;
        // One wrong passphrase in 256 gives bytes with valid padding, so these are not damage.
        with_zeroized_stack(|| {
            der::pkcs8_private(document.as_bytes()).unwrap_or_else(|| Err(wrong()))
        })
    }
}

impl fmt::Debug for EncryptedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncryptedKey")
    }
}

/// Bounds the cost of key derivation, which an untrusted file chooses, to seconds and 256 MB.
fn is_within_limits(kdf: &Kdf) -> bool {
    match kdf {
        Kdf::Pbkdf2(parameters) => parameters.iteration_count <= 10_000_000,
        Kdf::Scrypt(parameters) => {
            let blocks = u64::from(parameters.block_size) * u64::from(parameters.parallelization);
            let memory = parameters
                .cost_parameter
                .saturating_mul(blocks)
                .saturating_mul(128);
            memory <= 256 << 20
        }
        _ => true,
    }
}

fn unsupported_encryption() -> Error {
    Error::new("is encrypted with an unsupported algorithm; supported: PBES2 with AES or 3DES")
        .with_hint(RE_ENCRYPT)
}
