//! Key files: PEM, DER and the forms of keys in CI systems and secret stores, detected from the
//! content alone.

use std::fmt;

use super::der::{self, Structure};
use super::encrypted::EncryptedKey;
use super::{
    PrivateKey, PublicKey, ber, damaged, text, truncated, unsupported, with_zeroized_stack,
};
use crate::error::{Error, ErrorKind, Result, quoted};

/// The key in a key file.
#[derive(Debug)]
pub struct KeyFile {
    name: String,
    found: Found,
}

/// A key as a file contains it.
#[derive(Debug)]
#[non_exhaustive]
pub enum KeyContent {
    /// A private key.
    Private(PrivateKey),
    /// An encrypted private key.
    Encrypted(EncryptedKey),
    /// A public key, or the public key of a certificate.
    Public(PublicKey),
}

/// A key and its encoding.
#[derive(Debug)]
struct Found {
    content: KeyContent,
    structure: Structure,
    encoding: &'static str,
}

const PRIVATE_KEY_STARTS: &str = "a private key file contains \"-----BEGIN PRIVATE KEY-----\", or the same with RSA, EC or ENCRYPTED";

/// Base64 of base64 is decoded up to this depth.
const MAX_DEPTH: usize = 4;

impl KeyFile {
    /// Reads the bytes of a key file; messages call it `name`.
    ///
    /// Private keys: PKCS#1 and PKCS#8 (RSA), SEC1 and PKCS#8 (P-256), encrypted PKCS#8 (PBES2).
    /// Public keys: SubjectPublicKeyInfo, PKCS#1, certificates. PEM, DER or BER; UTF-8 or UTF-16;
    /// in base64, with JSON escapes, with line breaks lost, or inside other text. Of several PEM
    /// blocks the private key is read, or else the first public key.
    ///
    /// # Errors
    /// Bytes that contain no key, a damaged key, a key that CloudFront does not support, and two
    /// different private keys.
    pub fn read(name: impl fmt::Display, bytes: &[u8]) -> Result<Self> {
        let name = name.to_string();
        match with_zeroized_stack(|| read(bytes)) {
            Ok(found) => Ok(KeyFile { name, found }),
            Err(error) => Err(error.context(name)),
        }
    }

    /// The key.
    pub fn content(&self) -> &KeyContent {
        &self.found.content
    }

    /// The encoding of the key, such as `PKCS#8 PEM`.
    pub fn format(&self) -> String {
        format!("{} {}", self.found.structure, self.found.encoding)
    }

    /// Returns the private key, decrypted with `passphrase` if it is encrypted.
    ///
    /// # Errors
    /// A public key, [`ErrorKind::PassphraseRequired`] and [`ErrorKind::WrongPassphrase`].
    pub fn into_private(self, passphrase: Option<&[u8]>) -> Result<PrivateKey> {
        let key = match (self.found.content, passphrase) {
            (KeyContent::Private(key), _) => Ok(key),
            (KeyContent::Encrypted(key), Some(passphrase)) => key.decrypt(passphrase),
            (KeyContent::Encrypted(_), None) => Err(Error::of_kind(
                ErrorKind::PassphraseRequired,
                "is encrypted and needs a passphrase",
            )),
            (KeyContent::Public(_), _) => {
                let what = match self.found.structure {
                    Structure::Certificate => "certificate",
                    _ => "public key",
                };
                let message = format!("is a {what}; signing needs the private key");
                Err(Error::new(message).with_hint(PRIVATE_KEY_STARTS))
            }
        };
        key.map_err(|e| match e.kind() {
            ErrorKind::WrongPassphrase => e.context(format_args!("{}:", self.name)),
            _ => e.context(self.name),
        })
    }
}

fn read(bytes: &[u8]) -> Result<Found> {
    if bytes.trim_ascii().is_empty() {
        return Err(Error::new("is empty").with_hint(PRIVATE_KEY_STARTS));
    }
    if bytes.starts_with(&[0x30]) && !bytes.is_ascii() {
        return read_der("DER", bytes);
    }
    match text::decode(bytes) {
        Some(text) => read_text(["PEM", "DER in base64"], &text, 0),
        None => Err(unsupported_or(bytes, || no_key("binary data"))),
    }
}

/// The error for an unsupported format, or else `other`.
fn unsupported_or(bytes: &[u8], other: impl FnOnce() -> Error) -> Error {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(1000)]);
    unsupported::detect(bytes, &text).unwrap_or_else(other)
}

/// Reads PEM, or base64 without a PEM frame; `encodings` are their names.
fn read_text(encodings: [&'static str; 2], text: &str, depth: usize) -> Result<Found> {
    let unescaped = text::unescape(text);
    let blocks = text::blocks(&unescaped);
    let has_key = unescaped.contains(" KEY-----");
    if let Some(error) = unsupported::detect(text.as_bytes(), &unescaped).filter(|_| !has_key) {
        return Err(error);
    }
    if !blocks.is_empty() {
        return read_blocks(encodings[0], &unescaped, blocks);
    }
    let bytes = text::bare_base64(&unescaped).filter(|_| depth < MAX_DEPTH);
    let Some(bytes) = bytes else {
        return Err(text::lost_dashes(&unescaped).unwrap_or_else(|| no_key("text")));
    };
    if bytes.starts_with(&[0x30]) && !bytes.is_ascii() {
        return read_der(encodings[1], &bytes);
    }
    match text::decode(&bytes) {
        Some(text) => read_text(["PEM in base64", "DER in base64"], &text, depth + 1),
        None => Err(unsupported_or(&bytes, || no_key("text"))),
    }
}

fn read_der(encoding: &'static str, bytes: &[u8]) -> Result<Found> {
    let Some(der) = ber::to_der(bytes) else {
        return Err(unsupported_or(bytes, || malformed(bytes)));
    };
    match der::read(&der) {
        Some(key) => key.map(|(structure, content)| Found {
            content,
            structure,
            encoding,
        }),
        None => Err(unsupported_or(bytes, || no_key("DER"))),
    }
}

/// Reads the decisive key of several PEM blocks: a private one, or else an encrypted or a public one.
fn read_blocks(
    encoding: &'static str,
    text: &str,
    blocks: Vec<Result<text::Block<'_>>>,
) -> Result<Found> {
    let mut keys = Vec::new();
    let mut errors = Vec::new();
    let mut other_label = None;
    for block in blocks {
        let block = match block {
            Ok(block) => block,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        if !is_key_label(block.label) {
            other_label.get_or_insert(block.label);
            continue;
        }
        match read_block(encoding, &block) {
            Ok(found) => keys.push(found),
            // The errors of private keys are reported before those of other blocks.
            Err(error) if block.label.contains("PRIVATE KEY") => errors.insert(0, error),
            Err(error) => errors.push(error),
        }
    }
    check_single(&keys)?;
    let found = keys.into_iter().min_by_key(|found| match found.content {
        KeyContent::Private(_) => 0,
        KeyContent::Encrypted(_) => 1,
        KeyContent::Public(_) => 2,
    });
    let error = errors.into_iter().next();
    match (found, error) {
        // A damaged private key is not skipped in favor of its certificate.
        (Some(found), Some(error))
            if matches!(found.content, KeyContent::Public(_)) && text.contains("PRIVATE KEY") =>
        {
            Err(error)
        }
        (Some(found), _) => Ok(found),
        (None, Some(error)) => Err(error),
        (None, None) => Err(match other_label {
            Some(label) => unsupported::detect(text.as_bytes(), text).unwrap_or_else(|| {
                Error::new(format!("contains no key, only {}", quoted(label)))
                    .with_hint(PRIVATE_KEY_STARTS)
            }),
            None => no_key("text"),
        }),
    }
}

fn is_key_label(label: &str) -> bool {
    label.ends_with("PRIVATE KEY")
        || label.ends_with("PUBLIC KEY")
        || label.ends_with("CERTIFICATE")
}

/// Refuses two different private keys, of which either could be meant.
fn check_single(keys: &[Found]) -> Result<()> {
    const HINT: &str = "put the key to sign with in a file of its own";
    // A fingerprint takes as long as a signature.
    if keys.len() < 2 {
        return Ok(());
    }
    let mut fingerprints = Vec::new();
    let mut encrypted = Vec::new();
    for found in keys {
        match &found.content {
            KeyContent::Private(key) => fingerprints.push(key.public_key().fingerprint()?),
            KeyContent::Encrypted(key) => encrypted.push(key),
            KeyContent::Public(_) => {}
        }
    }
    if let [first, others @ ..] = fingerprints.as_slice() {
        return match others.iter().find(|other| *other != first) {
            None => Ok(()),
            Some(other) => Err(Error::new(format!(
                "contains two different private keys, SHA256:{first} and SHA256:{other}"
            ))
            .with_hint(HINT)),
        };
    }
    if encrypted.iter().any(|key| *key != encrypted[0]) {
        return Err(Error::new("contains two different encrypted private keys").with_hint(HINT));
    }
    Ok(())
}

fn read_block(encoding: &'static str, block: &text::Block<'_>) -> Result<Found> {
    if let Some(cipher) = block.legacy_cipher() {
        return Err(Error::new(format!(
            "is encrypted in the legacy OpenSSL format (DEK-Info: {cipher}), which is not supported"
        ))
        .with_hint("convert it: openssl pkcs8 -topk8 -in OLD.pem -out NEW.pem"));
    }
    match block.label {
        "OPENSSH PRIVATE KEY" => Err(Error::new("is an OpenSSH private key")
            .with_hint("convert a copy: ssh-keygen -p -m PKCS8 -f COPY")),
        "DSA PRIVATE KEY" => Err(der::unsupported_key("a DSA key")),
        _ => read_der(encoding, &block.contents()?),
    }
}

fn no_key(what: &str) -> Error {
    Error::new(format!("is {what} that contains no key"))
        .with_hint("a key is PEM (\"-----BEGIN PRIVATE KEY-----\") or DER")
}

/// The error for DER whose elements are not complete.
fn malformed(bytes: &[u8]) -> Error {
    let (header, length) = match bytes {
        [_, 0x82, a, b, ..] => (4, usize::from(*a) << 8 | usize::from(*b)),
        [_, 0x81, a, ..] => (3, usize::from(*a)),
        [_, a, ..] if *a < 0x80 => (2, usize::from(*a)),
        _ => (0, 0),
    };
    let whole = header + length;
    if whole > bytes.len() {
        truncated(&format!("{} of {whole} bytes", bytes.len()))
    } else {
        damaged("its DER is malformed")
    }
}
