//! Key files: PEM, DER and the forms of keys in CI systems and secret stores, detected from the
//! content alone.

use std::fmt;

use super::der;
use super::encrypted::EncryptedKey;
use super::key_pair_id::KeyPairId;
use super::{KeyContent, PrivateKey, text, truncated, unsupported, with_zeroized_stack};
use crate::error::{Error, ErrorKind, Result, quoted};

/// A key from a key file.
#[derive(Debug)]
pub struct KeyFile {
    /// As messages call the file; empty until all of it is read.
    name: String,
    content: KeyContent,
    structure: &'static str,
    encoding: String,
    id: Option<KeyPairId>,
}

const PRIVATE_KEY_STARTS: &str = "a private key file contains \"-----BEGIN PRIVATE KEY-----\", or the same with RSA, EC or ENCRYPTED";

/// Base64 of base64 is decoded up to this depth.
const MAX_DEPTH: usize = 4;

impl KeyFile {
    /// Reads the bytes of a key file; messages call it `name`.
    ///
    /// Private keys: PKCS#1 and PKCS#8 (RSA), SEC1 and PKCS#8 (P-256), encrypted PKCS#8 (PBES2).
    /// Public keys: SubjectPublicKeyInfo, PKCS#1, certificates, and the JSON that `aws cloudfront
    /// list-public-keys` prints. PEM or DER; UTF-8 or UTF-16; in base64, with JSON escapes, with
    /// line breaks lost, or inside other text. Of several PEM blocks the private key is read, or
    /// else the first public key.
    ///
    /// # Errors
    /// Bytes that contain no key, a damaged key, a key that CloudFront does not support, and two
    /// different private keys.
    pub fn read(name: impl fmt::Display, bytes: &[u8]) -> Result<Self> {
        Ok(Self::read_all(name, bytes)?.swap_remove(0))
    }

    /// Reads all keys of a key file: its private key first, if there is one, then the public keys.
    ///
    /// # Errors
    /// Those of [`KeyFile::read`].
    pub fn read_all(name: impl fmt::Display, bytes: &[u8]) -> Result<Vec<Self>> {
        let mut keys = with_zeroized_stack(|| read(bytes, 0)).map_err(|e| e.context(&name))?;
        for key in &mut keys {
            key.name = name.to_string();
        }
        Ok(keys)
    }

    /// The key.
    pub fn content(&self) -> &KeyContent {
        &self.content
    }

    /// The encoding of the key, such as `PKCS#8 PEM`.
    pub fn format(&self) -> String {
        format!("{} {}", self.structure, self.encoding)
    }

    /// The ID that `aws cloudfront list-public-keys` gives beside the key.
    pub fn id(&self) -> Option<&KeyPairId> {
        self.id.as_ref()
    }

    /// Returns the private key, decrypted with `passphrase` if it is encrypted.
    ///
    /// # Errors
    /// A public key, [`ErrorKind::PassphraseRequired`] and [`ErrorKind::WrongPassphrase`].
    pub fn into_private(self, passphrase: Option<&[u8]>) -> Result<PrivateKey> {
        let key = match (self.content, passphrase) {
            (KeyContent::Private(key), _) => Ok(key),
            (KeyContent::Encrypted(key), Some(passphrase)) => key.decrypt(passphrase),
            (KeyContent::Encrypted(_), None) => Err(Error::of_kind(
                ErrorKind::PassphraseRequired,
                "is encrypted and needs a passphrase",
            )),
            (KeyContent::Public(_), _) => {
                let is_certificate = self.structure == der::CERTIFICATE;
                let what = if is_certificate {
                    der::CERTIFICATE
                } else {
                    "public key"
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

impl PrivateKey {
    /// Reads a private key in any form that [`KeyFile::read`] accepts, PEM or DER.
    ///
    /// # Errors
    /// Bytes that contain no private key, an encrypted key, and a key that CloudFront does not
    /// support.
    pub fn from_pem(bytes: &[u8]) -> Result<Self> {
        KeyFile::read("the private key", bytes)?.into_private(None)
    }

    /// Reads an encrypted private key (PKCS#8 with PBES2), PEM or DER.
    ///
    /// ```
    /// use cfsign::{ErrorKind, PrivateKey};
    ///
    /// let file = std::fs::read("tests/keys/rsa2048-encrypted.pem").expect("a key file");
    /// let error = PrivateKey::from_pem(&file).expect_err("a passphrase is missing");
    /// assert_eq!(error.kind(), &ErrorKind::PassphraseRequired);
    ///
    /// let key = PrivateKey::from_encrypted_pem(&file, b"correct horse")?;
    /// let plain = std::fs::read("tests/keys/rsa2048-pkcs8.pem").expect("a key file");
    /// assert_eq!(key.public_key(), PrivateKey::from_pem(&plain)?.public_key());
    /// # Ok::<(), cfsign::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`PrivateKey::from_pem`], and a wrong passphrase.
    pub fn from_encrypted_pem(bytes: &[u8], passphrase: &[u8]) -> Result<Self> {
        KeyFile::read("the private key", bytes)?.into_private(Some(passphrase))
    }
}

/// Reads PEM, DER, or base64 of them; `depth` counts the layers of base64 that were removed.
fn read(bytes: &[u8], depth: usize) -> Result<Vec<KeyFile>> {
    if bytes.trim_ascii().is_empty() {
        return Err(Error::new("is empty").with_hint(PRIVATE_KEY_STARTS));
    }
    if bytes.starts_with(&[0x30]) && !bytes.is_ascii() {
        return Ok(vec![read_der(bytes, encoding("DER", depth))?]);
    }
    let text = text::decode(bytes).map_err(|error| {
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(1000)]);
        let other = if depth == 0 { error } else { no_key("text") };
        unsupported::detect(bytes, &text).unwrap_or(other)
    })?;
    let listed = text::listed_keys(&text);
    if !listed.is_empty() {
        return read_listed(&listed, depth);
    }
    let text = text::unescape(&text);
    if !text.contains(" KEY-----")
        && let Some(error) = unsupported::detect(bytes, &text)
    {
        return Err(error);
    }
    let blocks = text::blocks(&text);
    if !blocks.is_empty() {
        return read_blocks(&text, &blocks, depth);
    }
    match text::bare_base64(&text) {
        Some(bytes) if depth < MAX_DEPTH => read(&bytes, depth + 1),
        _ => Err(text::lost_dashes(&text).unwrap_or_else(|| no_key("text"))),
    }
}

/// `PEM in base64`, for example.
fn encoding(name: &str, depth: usize) -> String {
    let layers = if depth == 0 { "" } else { " in base64" };
    format!("{name}{layers}")
}

/// Reads the public keys of a list by the AWS CLI.
fn read_listed(listed: &[text::ListedKey], depth: usize) -> Result<Vec<KeyFile>> {
    let mut keys = Vec::new();
    for entry in listed {
        for mut key in read_blocks(&entry.pem, &text::blocks(&entry.pem), depth)? {
            key.id = entry.id.clone();
            keys.push(key);
        }
    }
    Ok(keys)
}

/// Reads the keys of PEM blocks: the private one first, if there is one, then the public ones.
fn read_blocks(text: &str, blocks: &[text::Block<'_>], depth: usize) -> Result<Vec<KeyFile>> {
    let mut private = Vec::new();
    let mut public = Vec::new();
    let mut private_error = None;
    let mut other_error = None;
    for block in blocks.iter().filter(|block| block.is_key()) {
        match read_block(block, depth) {
            Ok(key) if matches!(key.content, KeyContent::Public(_)) => public.push(key),
            Ok(key) => private.push(key),
            Err(error) if block.is_private() => _ = private_error.get_or_insert(error),
            Err(error) => _ = other_error.get_or_insert(error),
        }
    }
    check_single(&private)?;
    if private.is_empty() {
        // A damaged private key is not skipped in favor of its certificate.
        if let Some(error) = private_error {
            return Err(error);
        }
        // A public key that CloudFront does not accept is of no use to anyone beside it.
        let is_damage = |error: &Error| *error.kind() != ErrorKind::UnsupportedKey;
        if let Some(error) = other_error.filter(|e| public.is_empty() || is_damage(e)) {
            return Err(error);
        }
    }
    // An encrypted copy of the key stands aside.
    private.sort_by_key(|key| matches!(key.content, KeyContent::Encrypted(_)));
    private.truncate(1);
    private.extend(public);
    if private.is_empty() {
        let label = quoted(blocks[0].label);
        return Err(
            unsupported::detect(text.as_bytes(), text).unwrap_or_else(|| {
                Error::new(format!("contains no key, only {label}")).with_hint(PRIVATE_KEY_STARTS)
            }),
        );
    }
    Ok(private)
}

/// Refuses two different private keys, of which either could be meant.
fn check_single(keys: &[KeyFile]) -> Result<()> {
    const HINT: &str = "put the key to sign with in a file of its own";
    // A fingerprint takes as long as a signature.
    if keys.len() < 2 {
        return Ok(());
    }
    let mut fingerprints = Vec::new();
    let mut encrypted = Vec::new();
    for key in keys {
        match &key.content {
            KeyContent::Private(key) => fingerprints.push(key.public_key().fingerprint()?),
            KeyContent::Encrypted(key) => encrypted.push(key),
            KeyContent::Public(_) => {}
        }
    }
    fingerprints.dedup();
    encrypted.dedup();
    let message = match (fingerprints.as_slice(), encrypted.len()) {
        ([first, second, ..], _) => {
            format!("contains two different private keys, SHA256:{first} and SHA256:{second}")
        }
        ([], 2..) => "contains two different encrypted private keys".into(),
        _ => return Ok(()),
    };
    Err(Error::new(message).with_hint(HINT))
}

fn read_block(block: &text::Block<'_>, depth: usize) -> Result<KeyFile> {
    if block.label == "DSA PRIVATE KEY" {
        return Err(der::unsupported_key("a DSA key"));
    }
    if let Some(cipher) = block.legacy_cipher() {
        return Err(Error::new(format!(
            "is encrypted in the legacy OpenSSL format (DEK-Info: {cipher}), which is not supported"
        ))
        .with_hint("convert it: openssl pkcs8 -topk8 -in OLD.pem -out NEW.pem"));
    }
    let contents = block.contents()?;
    if block.label == "OPENSSH PRIVATE KEY" {
        return Err(unsupported::openssh(&contents));
    }
    read_der(&contents, encoding("PEM", depth))
}

fn read_der(bytes: &[u8], encoding: String) -> Result<KeyFile> {
    let length = element_length(bytes).unwrap_or(0);
    if length > bytes.len() {
        return Err(truncated(&format!("{} of {length} bytes", bytes.len())));
    }
    let der = &bytes[..length];
    let encrypted = EncryptedKey::from_der(der)
        .map(|key| key.map(|key| ("encrypted PKCS#8", KeyContent::Encrypted(key))));
    let Some(read) = encrypted.or_else(|| der::read(der)) else {
        return Err(unsupported::detect(bytes, "").unwrap_or_else(|| {
            Error::new("is DER that contains no key")
                .with_hint("if it is a key in BER, convert it: openssl pkey -in FILE -out cf.pem")
        }));
    };
    let (structure, content) = read?;
    Ok(KeyFile {
        name: String::new(),
        content,
        structure,
        encoding,
        id: None,
    })
}

/// The length of a DER SEQUENCE with its header; `None` for other bytes.
fn element_length(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [0x30, 0x82, high, low, ..] => Some(4 + usize::from(u16::from_be_bytes([*high, *low]))),
        [0x30, 0x81, length, ..] => Some(3 + usize::from(*length)),
        [0x30, length @ ..=0x7f, ..] => Some(2 + usize::from(*length)),
        _ => None,
    }
}

fn no_key(what: &str) -> Error {
    Error::new(format!("is {what} that contains no key"))
        .with_hint("a key is PEM (\"-----BEGIN PRIVATE KEY-----\") or DER")
}
