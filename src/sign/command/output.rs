//! Parses the output of a sign command.
//!
//! Source: AWS CLI reference, `kms sign`; HashiCorp Vault, "Transit secrets engine (API)", Sign
//! data.

use serde_json::Value;

use super::{SignCommand, with_other_hash};
use crate::base64;
use crate::error::{Error, Result, printable, quoted};
use crate::key::hash::HashAlgorithm;
use crate::key::{KeyType, p256_signature};

/// The lengths of RSA signatures, in bytes, if the key is not known: 1024 to 4096 bits.
const RSA_LENGTHS: [usize; 4] = [128, 256, 384, 512];

/// The hint for other algorithms: AWS's names of those that CloudFront accepts.
const ALGORITHMS: &str =
    "use --signing-algorithm RSASSA_PKCS1_V1_5_SHA_256, or ECDSA_SHA_256 for a P-256 key";

/// The hint for a command that prints anything else.
pub(super) const FORMS: &str =
    "print the signature as raw bytes, base64, or the JSON of aws kms sign";

impl SignCommand {
    /// Parses a program's output as the signature that CloudFront expects: PKCS#1 v1.5, or ECDSA in
    /// ASN.1 DER.
    ///
    /// It may be raw bytes (openssl, pkcs11-tool), base64 in the standard or CloudFront's alphabet,
    /// with or without Vault's `vault:v1:` prefix, or the JSON object of `aws kms sign`. `key_type`
    /// is the type of the key, if known. The signature is not verified.
    ///
    /// # Errors
    /// Output that is not a signature, or that names another algorithm.
    pub fn signature_in(
        output: &[u8],
        hash: HashAlgorithm,
        key_type: Option<KeyType>,
    ) -> Result<Vec<u8>> {
        let signature = match std::str::from_utf8(output) {
            Ok(text) if is_text(text) => {
                read_text(text.trim_start_matches('\u{feff}').trim(), hash)?
            }
            _ => output.to_vec(),
        };
        let length = signature.len();
        let is_rsa = match key_type {
            Some(KeyType::Rsa(bits)) => length == bits.div_ceil(8),
            Some(KeyType::P256) => false,
            None => RSA_LENGTHS.contains(&length),
        };
        match (p256_signature(&signature), key_type) {
            _ if is_rsa => Ok(signature),
            (Some(der), None | Some(KeyType::P256)) => Ok(der),
            (Some(_), Some(key)) => Err(of_another_key(KeyType::P256, key)),
            (None, Some(key)) if RSA_LENGTHS.contains(&length) => {
                Err(of_another_key(KeyType::Rsa(8 * length), key))
            }
            (None, _) => {
                let message = format!("printed {length} bytes that are not a signature");
                Err(Error::new(message).with_hint(FORMS))
            }
        }
    }
}

fn of_another_key(found: KeyType, key: KeyType) -> Error {
    let message = format!("signed with an {found} key, but the public key is {key}");
    let hint = "sign with the private key that matches the public key in CloudFront";
    Error::new(message).with_hint(hint)
}

/// Returns whether `text` is printable; hardly any signature in raw bytes is.
fn is_text(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && !c.is_whitespace())
}

fn read_text(text: &str, hash: HashAlgorithm) -> Result<Vec<u8>> {
    if text.contains("PRIVATE KEY-----") {
        return Err(Error::new("printed a private key")
            .with_hint("sign with the key: openssl dgst -sha1 -sign cf.pem"));
    }
    match serde_json::from_str(text) {
        Ok(object @ Value::Object(_)) => read_object(&object, hash),
        // aws kms sign --query Signature, without --output text
        Ok(Value::String(text)) => read_base64(&text),
        _ => read_base64(text),
    }
}

/// Reads what `aws kms sign` prints.
fn read_object(object: &Value, hash: HashAlgorithm) -> Result<Vec<u8>> {
    let Some(signature) = object["Signature"].as_str() else {
        let shown = printable(&object.to_string());
        let message = format!("printed JSON without a Signature: {shown}");
        return Err(Error::new(message).with_hint(FORMS));
    };
    match object["SigningAlgorithm"].as_str() {
        None => read_base64(signature),
        Some(name @ ("RSASSA_PKCS1_V1_5_SHA_256" | "ECDSA_SHA_256")) => {
            if hash == HashAlgorithm::Sha256 {
                return read_base64(signature);
            }
            let message = format!("signed with \"{name}\", but {} was requested", hash.name());
            Err(with_other_hash(HashAlgorithm::Sha256, message))
        }
        Some(name) => {
            let name = quoted(name);
            let message = format!("signed with {name}, which CloudFront does not accept");
            Err(Error::new(message).with_hint(ALGORITHMS))
        }
    }
}

/// Decodes base64 in the standard or CloudFront's alphabet, without Vault's prefix.
fn read_base64(text: &str) -> Result<Vec<u8>> {
    // Its digits are valid base64 too: a plausible signature of a longer key.
    if text.len() >= 128 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Error::new("printed hexadecimal")
            .with_hint("xxd -r -p converts it to bytes: COMMAND | xxd -r -p"));
    }
    let encoded = match text.strip_prefix("vault:v") {
        Some(rest) => rest.split_once(':').map_or(text, |(_, encoded)| encoded),
        None => text,
    };
    base64::decode_any(encoded).ok_or_else(|| {
        // Too short to contain a signature.
        let first_line = text.lines().next().unwrap_or_default();
        let start: String = first_line.chars().take(80).collect();
        let more = if start.len() < text.len() { "..." } else { "" };
        Error::new(format!("printed no signature: {}{more}", quoted(&start))).with_hint(FORMS)
    })
}
