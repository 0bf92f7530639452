//! A signature, out of what a command printed.
//!
//! Source: AWS CLI reference, `kms sign`; HashiCorp Vault, "Transit secrets engine (API)", Sign data; Google Cloud KMS,
//! `AsymmetricSignResponse`; Azure CLI reference, `az keyvault key sign`.

use serde_json::Value;

use crate::base64;
use crate::error::{Error, Result, printable, quoted};
use crate::key::hash::HashAlgorithm;
use crate::key::{KeyType, p256_signature};

/// The lengths of RSA signatures, in bytes, where the length of the key is not known: 1024 to 4096 bits.
const RSA_LENGTHS: [usize; 4] = [128, 256, 384, 512];

/// The next step for a command that prints something else.
pub(super) const FORMS: &str =
    "a signature is read as raw bytes, base64, or the JSON of aws kms sign";

/// The signature in `output`, as [`SignCommand::signature_in`](super::SignCommand::signature_in) describes it.
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
    let by_another = |found: KeyType, key: KeyType| {
        Error::new(format!(
            "made a signature of an {found} key, and the public key is {key}"
        ))
        .with_hint("name the key that CloudFront has in both places")
    };
    match (p256_signature(&signature), key_type) {
        _ if is_rsa => Ok(signature),
        (Some(der), None | Some(KeyType::P256)) => Ok(der),
        (Some(_), Some(key)) => Err(by_another(KeyType::P256, key)),
        (None, Some(key)) if RSA_LENGTHS.contains(&length) => {
            Err(by_another(KeyType::Rsa(8 * length), key))
        }
        (None, _) => Err(
            Error::new(format!("printed {length} bytes that are no signature")).with_hint(FORMS),
        ),
    }
}

/// Whether something is meant to be read, as hardly any signature in raw bytes is.
fn is_text(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && !c.is_whitespace())
}

fn read_text(text: &str, hash: HashAlgorithm) -> Result<Vec<u8>> {
    if text.contains("PRIVATE KEY-----") {
        return Err(Error::new("printed a private key")
            .with_hint("it is to sign with the key: openssl dgst -sha1 -sign cf.pem"));
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
        let said = at(&[
            "/message",
            "/Message",
            "/error/message",
            "/errors/0",
            "/error",
        ])
        .map_or_else(
            || {
                // The names alone: a signature may be among the values.
                let names = object
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(name, _)| quoted(name));
                format!("{{{}}}", names.take(5).collect::<Vec<_>>().join(", "))
            },
            printable,
        );
        return Err(
            Error::new(format!("printed JSON without a Signature: {said}")).with_hint(FORMS),
        );
    };
    if let Some(algorithm) = at(&["/SigningAlgorithm", "/algorithm"]) {
        check_algorithm(algorithm, hash)?;
    }
    read_base64(signature)
}

/// Refuses what CloudFront does not take, or takes under the name of another hash. `RSASSA_PKCS1_V1_5_SHA_256` and
/// `ECDSA_SHA_256` are AWS's names, `RS256` and `ES256` those of RFC 7518.
fn check_algorithm(name: &str, hash: HashAlgorithm) -> Result<()> {
    let upper = name.to_ascii_uppercase();
    if upper.contains("PSS") || upper.starts_with("PS") {
        return Err(Error::new(format!(
            "signed with {}, and CloudFront takes PKCS#1 v1.5",
            quoted(name)
        ))
        .with_hint("--signing-algorithm RSASSA_PKCS1_V1_5_SHA_256"));
    }
    let signed = match upper.as_str() {
        name if name.ends_with("256") => Some(HashAlgorithm::Sha256),
        name if name.ends_with("SHA_1") || name.ends_with("SHA1") => Some(HashAlgorithm::Sha1),
        _ => None,
    };
    if signed == Some(hash) {
        return Ok(());
    }
    let hint = match signed {
        Some(signed) => format!("--hash {}", signed.to_string().to_lowercase()),
        None => {
            "--signing-algorithm RSASSA_PKCS1_V1_5_SHA_256, or ECDSA_SHA_256 for a P-256 key".into()
        }
    };
    Err(Error::new(format!(
        "signed with {}, and what was asked for is {hash}",
        quoted(name)
    ))
    .with_hint(hint))
}

/// Base64 in the alphabets of the world and of CloudFront, Vault's prefix left out.
fn read_base64(text: &str) -> Result<Vec<u8>> {
    // Its digits are base64 too, of half as many bytes again: a plausible signature of a longer key.
    if text.len() >= 128 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Error::new("printed hexadecimal")
            .with_hint("xxd -r -p makes bytes of it: COMMAND | xxd -r -p"));
    }
    let encoded = text
        .strip_prefix("vault:v")
        .and_then(|rest| rest.split_once(':'))
        .map_or(text, |(_, rest)| rest);
    base64::decode_any(encoded).ok_or_else(|| {
        // Not enough of it to hold a signature, in case one is in there after all.
        let beginning: String = text
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(80)
            .collect();
        let more = if beginning.len() < text.len() {
            "..."
        } else {
            ""
        };
        Error::new(format!(
            "printed what is no signature: {}{more}",
            quoted(&beginning)
        ))
        .with_hint(FORMS)
    })
}
