//! Key files: PEM, DER and the forms of keys in CI systems and secret stores, detected from the
//! content alone.

use std::fmt;

use zeroize::Zeroizing;

use super::encrypted::EncryptedKey;
use super::key_pair_id::KeyPairId;
use super::{KeyContent, PrivateKey, der, text, truncated, unsupported, with_zeroized_stack};
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

const PRIVATE_KEY_STARTS: &str = "a private key file contains \"-----BEGIN PRIVATE KEY-----\", \
    or the same with RSA, EC or ENCRYPTED";
const KEY_STARTS: &str = "a key is PEM (\"-----BEGIN ... KEY-----\") or DER";

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

    fn is_private(&self) -> bool {
        !matches!(self.content, KeyContent::Public(_))
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
                let what = match self.structure {
                    der::CERTIFICATE => der::CERTIFICATE,
                    _ => "public key",
                };
                let message = format!("is a {what}; signing needs the private key");
                Err(Error::new(message).with_hint(PRIVATE_KEY_STARTS))
            }
        };
        key.map_err(|e| e.context(self.name))
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
        return Err(Error::new("is empty").with_hint(KEY_STARTS));
    }
    if bytes.starts_with(&[0x30]) && !bytes.is_ascii() {
        return Ok(vec![read_der(bytes, "DER")?]);
    }
    let text = match crate::text::decode_any(bytes) {
        Ok(text) => Zeroizing::new(text.into_owned()),
        Err(error) => {
            let start = String::from_utf8_lossy(&bytes[..bytes.len().min(1000)]);
            let other = if depth == 0 { error } else { no_key() };
            return Err(unsupported::detect(bytes, &start).unwrap_or(other));
        }
    };
    let mut blocks = text::listed_keys(&text);
    let text = text::unescape(&text);
    if blocks.is_empty() {
        blocks = text::blocks(&text);
    }
    if !text.contains(" KEY-----")
        && let Some(error) = unsupported::detect(bytes, &text)
    {
        return Err(error);
    }
    if !blocks.is_empty() {
        return read_blocks(&blocks);
    }
    match text::bare_base64(&text) {
        Some(bytes) if depth < MAX_DEPTH => {
            let mut keys = read(&bytes, depth + 1)?;
            if depth == 0 {
                for key in &mut keys {
                    key.encoding += " in base64";
                }
            }
            Ok(keys)
        }
        _ => Err(text::lost_dashes(&text).unwrap_or_else(no_key)),
    }
}

/// Reads the keys of PEM blocks: the private one first, if there is one, then the public ones.
fn read_blocks(blocks: &[text::Block]) -> Result<Vec<KeyFile>> {
    let mut keys = Vec::new();
    let mut errors = Vec::new();
    for block in blocks.iter().filter(|block| block.is_key()) {
        match read_block(block) {
            Ok(key) => keys.push(key),
            Err(error) => errors.push((block.is_private(), error)),
        }
    }
    // A plain private key comes before an encrypted one, which is then ignored.
    keys.sort_by_key(|key| match key.content {
        KeyContent::Private(_) => 0,
        KeyContent::Encrypted(_) => 1,
        KeyContent::Public(_) => 2,
    });
    check_single(&keys)?;
    keys.dedup_by(|key, before| key.is_private() && before.is_private());
    if keys.first().is_some_and(KeyFile::is_private) {
        return Ok(keys);
    }
    errors.sort_by_key(|(is_private, _)| !is_private);
    for (is_private, error) in errors {
        // A damaged private key is always reported. A public key of another type is skipped beside
        // one that CloudFront accepts.
        if is_private || keys.is_empty() || *error.kind() != ErrorKind::UnsupportedKey {
            return Err(error);
        }
    }
    if keys.is_empty() {
        let message = format!("contains no key, only {}", quoted(&blocks[0].label));
        return Err(Error::new(message).with_hint(PRIVATE_KEY_STARTS));
    }
    Ok(keys)
}

/// Refuses two different private keys, of which either could be meant.
fn check_single(keys: &[KeyFile]) -> Result<()> {
    let all_encrypted =
        !matches!(keys, [first, ..] if matches!(first.content, KeyContent::Private(_)));
    for pair in keys.windows(2) {
        let message = match (&pair[0].content, &pair[1].content) {
            (KeyContent::Private(a), KeyContent::Private(b))
                if a.public_key() != b.public_key() =>
            {
                let [a, b] = [a.public_key().fingerprint()?, b.public_key().fingerprint()?];
                format!("contains two different private keys, SHA256:{a} and SHA256:{b}")
            }
            (KeyContent::Encrypted(a), KeyContent::Encrypted(b)) if all_encrypted && a != b => {
                "contains two different encrypted private keys".into()
            }
            _ => continue,
        };
        let hint = "put the key to sign with in a file of its own";
        return Err(Error::new(message).with_hint(hint));
    }
    Ok(())
}

fn read_block(block: &text::Block) -> Result<KeyFile> {
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
    let mut key = read_der(&contents, "PEM")?;
    key.id = block.id.clone();
    Ok(key)
}

fn read_der(bytes: &[u8], encoding: &str) -> Result<KeyFile> {
    let length = element_length(bytes).unwrap_or(0);
    if length > bytes.len() {
        return Err(truncated(&format!("{} of {length} bytes", bytes.len())));
    }
    let der = &bytes[..length];
    let (structure, content) = if let Some(key) = EncryptedKey::from_der(der) {
        ("encrypted PKCS#8", KeyContent::Encrypted(key?))
    } else if let Some(key) = der::read(der) {
        key?
    } else {
        return Err(unsupported::detect(bytes, "").unwrap_or_else(|| {
            Error::new("is DER that contains no key")
                .with_hint("if it is a key in BER, convert it: openssl pkey -in FILE -out cf.pem")
        }));
    };
    Ok(KeyFile {
        name: String::new(),
        content,
        structure,
        encoding: encoding.to_owned(),
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

fn no_key() -> Error {
    Error::new("is text that contains no key").with_hint(KEY_STARTS)
}
