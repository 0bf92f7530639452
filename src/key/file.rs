//! Key files: whatever they are called and however they were carried, told apart by content.
//!
//! There is one entrance for PEM, DER and the shapes that keys take on their way through CI systems: literal `\n`, line
//! breaks turned into spaces or lost, the whole file in base64.

use std::fmt;

use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::asn1::{AnyRef, OctetStringRef};
use pkcs8::der::{Decode, Header, Reader, SliceReader};
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::Kdf;
use pkcs8::spki::SubjectPublicKeyInfo;
use zeroize::Zeroizing;

use super::der::{self, GENERATE, PlainKey, Structure};
use super::{LOOK_FOR_DAMAGE, PrivateKey, PublicKey, leaving_no_trace};
use crate::base64;
use crate::error::{Error, ErrorKind, Result, quoted};

/// What was found in a key file.
#[derive(Debug)]
pub struct KeyFile {
    name: String,
    content: KeyContent,
    structure: Structure,
    encoding: &'static str,
}

/// A key as a file holds it.
#[derive(Debug)]
#[non_exhaustive]
pub enum KeyContent {
    /// A private key.
    Private(PrivateKey),
    /// A private key that a passphrase opens.
    Encrypted(EncryptedKey),
    /// A public key, or the public key of a certificate.
    Public(PublicKey),
}

const PRIVATE_KEY_STARTS: &str = "the private key starts with \"-----BEGIN PRIVATE KEY-----\" or \"-----BEGIN RSA PRIVATE KEY-----\"";
const RE_ENCRYPT: &str = "openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD.pem -out NEW.pem";

impl KeyFile {
    /// Reads the bytes of a key file; `name` is what messages call it.
    ///
    /// Private keys: PKCS#1 and PKCS#8 (RSA), SEC1 and PKCS#8 (P-256), encrypted PKCS#8. Public keys:
    /// SubjectPublicKeyInfo, PKCS#1, certificates. PEM or DER. Of several PEM blocks the first private key that can sign
    /// counts, or else the first public one.
    ///
    /// # Errors
    /// What is no key, is damaged, or is a key that CloudFront has no use for.
    pub fn read(name: impl fmt::Display, bytes: &[u8]) -> Result<Self> {
        let name = name.to_string();
        leaving_no_trace(|| read_any(bytes))
            .map(|found| KeyFile {
                name: name.clone(),
                ..found
            })
            .map_err(|e| e.context(name))
    }

    /// What the file holds.
    pub fn content(&self) -> &KeyContent {
        &self.content
    }

    /// How the key is written down, such as `PKCS#8 PEM`.
    pub fn format(&self) -> String {
        format!("{} {}", self.structure, self.encoding)
    }

    /// The private key, opened with `passphrase` if the file holds an encrypted one.
    ///
    /// # Errors
    /// A public key, and a passphrase that does not fit.
    pub fn into_private(self, passphrase: Option<&[u8]>) -> Result<PrivateKey> {
        match (self.content, passphrase) {
            (KeyContent::Private(key), _) => Ok(key),
            (KeyContent::Encrypted(key), Some(passphrase)) => {
                leaving_no_trace(|| key.decrypt(passphrase))
            }
            (KeyContent::Encrypted(_), None) => {
                let message = "is encrypted, and no passphrase was given";
                Err(Error::of_kind(ErrorKind::PassphraseRequired, message))
            }
            (KeyContent::Public(_), _) => {
                let what = if self.structure == Structure::Certificate {
                    "certificate"
                } else {
                    "public key"
                };
                Err(
                    Error::new(format!("holds a {what}, and signing needs the private one"))
                        .with_hint(PRIVATE_KEY_STARTS),
                )
            }
        }
        .map_err(|e| e.context(self.name))
    }
}

/// A private key in encrypted PKCS#8 (RFC 5958), before it is opened.
pub struct EncryptedKey(Zeroizing<Vec<u8>>);

impl EncryptedKey {
    /// Takes the DER of a structure that the `pkcs8` crate can open at a reasonable cost.
    fn new(der: &[u8]) -> Result<Self> {
        let info = EncryptedPrivateKeyInfoRef::from_der(der).map_err(|_| unknown_encryption())?;
        match &info.encryption_algorithm {
            EncryptionScheme::Pbes2(parameters) if affordable(&parameters.kdf) => {
                Ok(EncryptedKey(Zeroizing::new(der.to_vec())))
            }
            EncryptionScheme::Pbes2(_) => Err(Error::new(
                "asks for more work to open it than any honest key does",
            )
            .with_hint(RE_ENCRYPT)),
            _ => Err(unknown_encryption()),
        }
    }

    fn decrypt(&self, passphrase: &[u8]) -> Result<PrivateKey> {
        let wrong = || {
            Error::new("does not open with this passphrase")
                .with_hint("openssl pkey -in FILE -noout asks for the passphrase and tries it")
        };
        let info =
            EncryptedPrivateKeyInfoRef::from_der(&self.0).map_err(|_| unknown_encryption())?;
        let document = info.decrypt(passphrase).map_err(|_| wrong())?;
        // A wrong passphrase gives bytes with good padding once in 256 times, so damage is not what this tells.
        der::pkcs8_private(document.as_bytes()).unwrap_or_else(|| Err(wrong()))
    }
}

impl fmt::Debug for EncryptedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncryptedKey")
    }
}

/// Whether a key derivation takes seconds and megabytes at most: a file says how much, and may say anything.
fn affordable(kdf: &Kdf) -> bool {
    match kdf {
        Kdf::Pbkdf2(parameters) => parameters.iteration_count <= 10_000_000,
        Kdf::Scrypt(parameters) => {
            let blocks = u64::from(parameters.block_size) * u64::from(parameters.parallelization);
            parameters
                .cost_parameter
                .saturating_mul(blocks)
                .saturating_mul(128)
                <= 256 << 20
        }
        _ => true,
    }
}

fn unknown_encryption() -> Error {
    Error::new("is encrypted in a way that cfsign does not read; it reads PBES2 with AES or 3DES")
        .with_hint(RE_ENCRYPT)
}

fn no_key() -> Error {
    Error::new("holds no key that cfsign knows").with_hint(
        "a key is PEM text (\"-----BEGIN PRIVATE KEY-----\") or DER; openssl pkey -in FILE -noout -text shows one",
    )
}

fn damaged(what: &str) -> Error {
    Error::new(format!("holds a damaged key: {what}")).with_hint(LOOK_FOR_DAMAGE)
}

fn read_any(bytes: &[u8]) -> Result<KeyFile> {
    if bytes.trim_ascii().is_empty() {
        return Err(Error::new("is empty").with_hint(PRIVATE_KEY_STARTS));
    }
    if bytes.starts_with(&[0x30]) && !bytes.is_ascii() {
        return read_der("DER", bytes)?.ok_or_else(|| unknown_der(bytes));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Error::new("is UTF-16 text")
            .with_hint("save it as UTF-8; Windows PowerShell's > writes UTF-16"));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(no_key());
    };
    if text.contains("-----BEGIN ") {
        read_pem("PEM", text)
    } else {
        read_base64(text)
    }
}

/// The key in some DER; `None` where it is none of the structures known.
fn read_der(encoding: &'static str, der: &[u8]) -> Result<Option<KeyFile>> {
    let file = |structure, content| KeyFile {
        name: String::new(),
        content,
        structure,
        encoding,
    };
    // Encrypted PKCS#8 has the shape of SubjectPublicKeyInfo, with an octet string for the bit string.
    if SubjectPublicKeyInfo::<AnyRef<'_>, &OctetStringRef>::from_der(der).is_ok() {
        return EncryptedKey::new(der)
            .map(|key| Some(file(Structure::EncryptedPkcs8, KeyContent::Encrypted(key))));
    }
    let plain = der::key(der).map(|(structure, key)| {
        Ok(match key? {
            PlainKey::Private(key) => file(structure, KeyContent::Private(key)),
            PlainKey::Public(key) => file(structure, KeyContent::Public(key)),
        })
    });
    plain.transpose()
}

/// What to say of DER that is none of the structures known.
fn unknown_der(der: &[u8]) -> Error {
    let whole = SliceReader::new(der).and_then(|mut reader| {
        let header = Header::decode(&mut reader)?;
        Ok(header.length() <= reader.remaining_len())
    });
    match whole {
        Ok(true) if der.get(4..7) == Some(&[0x02, 0x01, 0x03]) => {
            Error::new("is a PKCS#12 file, which cfsign does not read")
                .with_hint("openssl pkcs12 -in FILE -nocerts -nodes -out KEY.pem")
        }
        Ok(true) => no_key(),
        _ => damaged("its DER is cut short"),
    }
}

/// Base64 without PEM's frame: a whole file that was encoded to survive an environment variable, or a bare DER.
fn read_base64(text: &str) -> Result<KeyFile> {
    if text.starts_with("PuTTY-User-Key-File") {
        return Err(Error::new("is a PuTTY key").with_hint(
            "puttygen KEY.ppk -O private-openssh-new -o KEY, then ssh-keygen -p -m PKCS8 -f KEY",
        ));
    }
    if text.starts_with("ssh-") || text.starts_with("ecdsa-") {
        return Err(Error::new("holds an OpenSSH public key")
            .with_hint("ssh-keygen -e -m PKCS8 -f FILE writes a public key as PEM; signing needs the private one"));
    }
    let text: Zeroizing<String> = Zeroizing::new(
        text.chars()
            .filter(|c| !c.is_whitespace() && *c != '\u{feff}')
            .collect(),
    );
    let bytes = base64::decode_standard(text.trim_end_matches("\\n").trim_matches('"'))
        .map(Zeroizing::new)
        .ok_or_else(no_key)?;
    if bytes.starts_with(&[0x30]) {
        return read_der("DER in base64", &bytes)?.ok_or_else(|| unknown_der(&bytes));
    }
    match std::str::from_utf8(&bytes) {
        Ok(pem) if pem.contains("-----BEGIN ") => read_pem("PEM in base64", pem),
        _ => Err(no_key()),
    }
}

fn read_pem(encoding: &'static str, text: &str) -> Result<KeyFile> {
    // Backslash and n, the two characters, are what is left of a line break where JSON or YAML was pasted.
    let mut text = Zeroizing::new(text.replace("\\r", "").replace("\\n", "\n"));
    let has_headers = text.contains("DEK-Info:");
    if !has_headers {
        // A blank line would part headers from data.
        text = Zeroizing::new(
            text.lines()
                .filter(|line| !line.trim().is_empty())
                .flat_map(|line| [line, "\n"])
                .collect(),
        );
    }
    let blocks = match pem::parse_many(text.as_bytes()) {
        Ok(blocks) if blocks.is_empty() => return Err(damaged("its PEM text is cut short")),
        Ok(blocks) => blocks,
        Err(_) if has_headers => {
            return Err(old_encryption(
                text.split("DEK-Info:").nth(1).unwrap_or_default(),
            ));
        }
        Err(_) => return Err(damaged("its PEM text is not whole")),
    };
    let kinds = [
        "PRIVATE KEY",
        "PRIVATE KEY BLOCK",
        "PUBLIC KEY",
        "CERTIFICATE",
    ];
    let candidates = kinds.iter().flat_map(|kind| {
        blocks
            .iter()
            .filter(move |block| block.tag().ends_with(kind))
    });
    let mut first_error = None;
    for block in candidates {
        match read_block(encoding, block) {
            Ok(file) => return Ok(file),
            Err(e) => first_error = first_error.or(Some(e)),
        }
    }
    Err(first_error.unwrap_or_else(|| {
        let tag = blocks.first().map(pem::Pem::tag).unwrap_or_default();
        Error::new(format!("holds no key, only {}", quoted(tag))).with_hint(PRIVATE_KEY_STARTS)
    }))
}

fn read_block(encoding: &'static str, block: &pem::Pem) -> Result<KeyFile> {
    if let Some(cipher) = block.headers().get("DEK-Info") {
        return Err(old_encryption(cipher));
    }
    let refused = |what: &str, hint| Err(Error::new(format!("holds {what}")).with_hint(hint));
    match block.tag() {
        "OPENSSH PRIVATE KEY" => refused(
            "an OpenSSH private key",
            "on a copy: ssh-keygen -p -m PKCS8 -f COPY rewrites it as PKCS#8",
        ),
        "DSA PRIVATE KEY" => refused(
            "a DSA key, and CloudFront takes RSA and ECDSA P-256",
            GENERATE,
        ),
        "PGP PRIVATE KEY BLOCK" => refused(
            "a PGP key, and CloudFront takes RSA and ECDSA P-256",
            GENERATE,
        ),
        tag => read_der(encoding, block.contents())?.ok_or_else(|| match tag {
            "EC PRIVATE KEY" => {
                Error::new("holds an EC key whose curve is not named, or a damaged one").with_hint(
                    "openssl ec -in OLD.pem -param_enc named_curve -out NEW.pem names the curve",
                )
            }
            _ => damaged("what stands between BEGIN and END is no key"),
        }),
    }
}

fn old_encryption(cipher: &str) -> Error {
    let cipher: String = cipher
        .trim_start()
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
        .take(30)
        .collect();
    Error::new(format!(
        "uses the old OpenSSL encryption (DEK-Info: {cipher}), which cfsign does not read"
    ))
    .with_hint("openssl pkcs8 -topk8 -in OLD.pem -out NEW.pem")
}
