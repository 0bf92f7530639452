//! Parses the output of a sign command.
//!
//! Source: AWS CLI reference, `kms sign`; HashiCorp Vault, "Transit secrets engine (API)", Sign
//! data; Google Cloud KMS, `AsymmetricSignResponse`; Azure CLI reference, `az keyvault key sign`.

use serde_json::Value;

use crate::base64;
use crate::error::{Error, ErrorKind, Result, printable, quoted};
use crate::key::hash::HashAlgorithm;
use crate::key::{KeyType, p256_signature};

/// The lengths of RSA signatures, in bytes, if the key is not known: 1024 to 4096 bits.
const RSA_LENGTHS: [usize; 4] = [128, 256, 384, 512];

/// The hint for a command that prints anything else.
pub(super) const FORMS: &str =
    "print the signature as raw bytes, base64, or the JSON of aws kms sign";

/// Implements [`SignCommand::signature_in`](super::SignCommand::signature_in).
pub(super) fn read(
    output: &[u8],
    hash: HashAlgorithm,
    key_type: Option<KeyType>,
) -> Result<Vec<u8>> {
    let signature = match std::str::from_utf8(output) {
        Ok(text) if is_text(text) => read_text(text.trim_start_matches('\u{feff}').trim(), hash)?,
        _ => output.to_vec(),
    };
    let length = signature.len();
    let is_rsa = match key_type {
        Some(KeyType::Rsa(bits)) => length == bits.div_ceil(8),
        Some(KeyType::P256) => false,
        None => RSA_LENGTHS.contains(&length),
    };
    if is_rsa {
        return Ok(signature);
    }
    let found = match p256_signature(&signature) {
        Some(der) if matches!(key_type, None | Some(KeyType::P256)) => return Ok(der),
        Some(_) => Some(KeyType::P256),
        None if RSA_LENGTHS.contains(&length) => Some(KeyType::Rsa(8 * length)),
        None => None,
    };
    Err(match (found, key_type) {
        (Some(found), Some(key)) => Error::new(format!(
            "signed with an {found} key, but the public key is {key}"
        ))
        .with_hint("sign with the private key that matches the public key in CloudFront"),
        _ => {
            Error::new(format!("printed {length} bytes that are not a signature")).with_hint(FORMS)
        }
    })
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

fn read_object(object: &Value, hash: HashAlgorithm) -> Result<Vec<u8>> {
    let at = |pointers: &[&str]| {
        pointers
            .iter()
            .find_map(|pointer| object.pointer(pointer)?.as_str())
    };
    let Some(signature) = at(&["/Signature", "/signature", "/data/signature"]) else {
        let reason = at(&[
            "/message",
            "/Message",
            "/error/message",
            "/errors/0",
            "/error",
        ]);
        let reason = reason.map_or_else(|| names(object), printable);
        return Err(
            Error::new(format!("printed JSON without a Signature: {reason}")).with_hint(FORMS),
        );
    };
    if let Some(algorithm) = at(&["/SigningAlgorithm", "/algorithm"]) {
        check_algorithm(algorithm, hash)?;
    }
    read_base64(signature)
}

/// The names of an object's members, without their values: one may be a signature.
fn names(object: &Value) -> String {
    let members = object.as_object().into_iter().flatten();
    let names: Vec<_> = members.take(5).map(|(name, _)| quoted(name)).collect();
    format!("{{{}}}", names.join(", "))
}

/// Refuses an algorithm that CloudFront does not accept, or not for this hash.
/// `RSASSA_PKCS1_V1_5_SHA_256` and `ECDSA_SHA_256` are AWS's names, `RS256` and `ES256` those of
/// RFC 7518.
fn check_algorithm(name: &str, hash: HashAlgorithm) -> Result<()> {
    let upper = name.to_ascii_uppercase();
    if upper.contains("PSS") || upper.starts_with("PS") {
        return Err(Error::new(format!(
            "signed with {}, but CloudFront accepts PKCS#1 v1.5 only",
            quoted(name)
        ))
        .with_hint("use --signing-algorithm RSASSA_PKCS1_V1_5_SHA_256"));
    }
    let signed = match upper.as_str() {
        name if name.ends_with("256") => Some(HashAlgorithm::Sha256),
        name if name.ends_with("SHA_1") || name.ends_with("SHA1") => Some(HashAlgorithm::Sha1),
        _ => None,
    };
    if signed == Some(hash) {
        return Ok(());
    }
    let message = format!(
        "signed with {}, but {} was requested",
        quoted(name),
        hash.name()
    );
    Err(match signed {
        Some(signed) => Error::of_kind(
            ErrorKind::OtherHash(signed.to_string().to_lowercase()),
            message,
        ),
        None => Error::new(message).with_hint(
            "use --signing-algorithm RSASSA_PKCS1_V1_5_SHA_256, or ECDSA_SHA_256 for a P-256 key",
        ),
    })
}

/// Decodes base64 in the standard or CloudFront's alphabet, without Vault's prefix.
fn read_base64(text: &str) -> Result<Vec<u8>> {
    // Its digits are valid base64 too: a plausible signature of a longer key.
    if text.len() >= 128 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Error::new("printed hexadecimal")
            .with_hint("xxd -r -p converts it to bytes: COMMAND | xxd -r -p"));
    }
    let encoded = text
        .strip_prefix("vault:v")
        .and_then(|rest| rest.split_once(':'))
        .map_or(text, |(_, rest)| rest);
    base64::decode_any(encoded).ok_or_else(|| {
        // Too short to contain a signature.
        let first_line = text.lines().next().unwrap_or_default();
        let start: String = first_line.chars().take(80).collect();
        let more = if start.len() < text.len() { "..." } else { "" };
        Error::new(format!("printed no signature: {}{more}", quoted(&start))).with_hint(FORMS)
    })
}
