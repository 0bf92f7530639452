//! Key files: whatever they are called and however they were carried, told apart by content.
//!
//! There is one entrance for PEM, DER and the shapes that keys take on their way through CI systems: literal `\n`, line
//! breaks turned into spaces or lost, the whole file in base64. Errors are predicates ("holds a public key, ..."), to be
//! put behind the name of what was read with [`Error::about`].

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pkcs8::EncryptedPrivateKeyInfo;
use pkcs8::der::Decode;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::Kdf;
use zeroize::Zeroizing;

use super::identify;
use super::{PrivateKey, PublicKey};
use crate::error::{Error, Result};

/// What was found in a key file.
#[derive(Debug)]
pub struct KeyFile {
    /// The key.
    pub holding: KeyHolding,
    /// How it was written down, such as `PKCS#8 PEM`.
    pub format: String,
}

/// A key as a file holds it.
#[derive(Debug)]
pub enum KeyHolding {
    /// A private key.
    Private(PrivateKey),
    /// A private key that a passphrase opens.
    Encrypted(EncryptedKey),
    /// A public key, or the public key of a certificate.
    Public(PublicKey),
}

impl KeyFile {
    /// Reads the bytes of a key file.
    ///
    /// Private keys: PKCS#1 and PKCS#8 (RSA), SEC1 and PKCS#8 (P-256), encrypted PKCS#8. Public keys:
    /// SubjectPublicKeyInfo, PKCS#1, certificates. PEM or DER. Of several PEM blocks the first private key counts, or
    /// else the first public one.
    ///
    /// # Errors
    /// What is no key, is damaged, or is a key that CloudFront has no use for.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        if bytes.trim_ascii().is_empty() {
            return Err(Error::new("is empty").with_hint(
                "a private key starts with \"-----BEGIN PRIVATE KEY-----\" or \"-----BEGIN RSA PRIVATE KEY-----\"",
            ));
        }
        if bytes.starts_with(&[0x30]) && !bytes.is_ascii() {
            return read_der("DER", bytes);
        }
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            return Err(
                Error::new("is UTF-16 text").with_hint("save it as UTF-8; Windows PowerShell's > writes UTF-16")
            );
        }
        let Ok(text) = std::str::from_utf8(bytes) else { return Err(no_key()) };
        if text.contains("-----BEGIN ") { read_pem(text) } else { read_base64(text) }
    }

    /// The private key.
    ///
    /// # Errors
    /// A key that is encrypted, or a public one.
    pub fn into_private(self) -> Result<PrivateKey> {
        match self.holding {
            KeyHolding::Private(key) => Ok(key),
            KeyHolding::Encrypted(_) => Err(Error::new("is encrypted, and no passphrase was given")
                .with_hint("--passphrase FILE, or --passphrase env:NAME")),
            KeyHolding::Public(_) => {
                let what = if self.format.starts_with("certificate") { "certificate" } else { "public key" };
                Err(Error::new(format!("holds a {what}, and signing needs the private key"))
                    .with_hint("the private key starts with \"-----BEGIN PRIVATE KEY-----\" or \"-----BEGIN RSA PRIVATE KEY-----\""))
            }
        }
    }
}

/// A private key in encrypted PKCS#8 (RFC 5958), before it is opened.
pub struct EncryptedKey(Zeroizing<Vec<u8>>);

impl EncryptedKey {
    /// Opens the key.
    ///
    /// # Errors
    /// A passphrase that does not fit, a scheme other than PBES2, and what [`KeyFile::read`] refuses.
    pub fn decrypt(&self, passphrase: &[u8]) -> Result<PrivateKey> {
        let wrong = || {
            Error::new("does not open with this passphrase")
                .with_hint("openssl pkey -in FILE -noout asks for the passphrase and tries it")
        };
        let info = EncryptedPrivateKeyInfo::from_der(&self.0).map_err(|_| unknown_encryption())?;
        let EncryptionScheme::Pbes2(parameters) = &info.encryption_algorithm else { return Err(unknown_encryption()) };
        check_cost(&parameters.kdf)?;
        let document = info.decrypt(passphrase).map_err(|_| wrong())?;
        // A wrong passphrase gives bytes with good padding once in 256 times, so damage is not what this tells.
        match identify::pkcs8_private(document.as_bytes()) {
            Some(key) => key,
            None => Err(wrong()),
        }
    }
}

impl fmt::Debug for EncryptedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncryptedKey")
    }
}

/// Refuses a key derivation that would take minutes or gigabytes: a file says how much, and may say anything.
fn check_cost(kdf: &Kdf<'_>) -> Result<()> {
    let affordable = match kdf {
        Kdf::Pbkdf2(parameters) => parameters.iteration_count <= 50_000_000,
        Kdf::Scrypt(parameters) => {
            let blocks = u64::from(parameters.block_size) * u64::from(parameters.parallelization);
            parameters.cost_parameter.saturating_mul(blocks).saturating_mul(128) <= 1 << 30
        }
        _ => true,
    };
    if affordable {
        Ok(())
    } else {
        Err(Error::new("asks for more work to open it than any honest key does").with_hint(RE_ENCRYPT))
    }
}

const RE_ENCRYPT: &str = "openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD.pem -out NEW.pem";

fn unknown_encryption() -> Error {
    Error::new("is encrypted in a way that cfsign does not read; it reads PKCS#8 with PBES2").with_hint(RE_ENCRYPT)
}

fn no_key() -> Error {
    Error::new("holds no key that cfsign knows").with_hint(
        "a key is PEM text (\"-----BEGIN PRIVATE KEY-----\") or DER; openssl pkey -in FILE -noout -text shows one",
    )
}

fn damaged(what: &str) -> Error {
    Error::new(format!("holds a damaged key: {what}"))
        .with_hint("copy the file again; openssl pkey -in FILE -noout -check looks for damage")
}

fn read_der(encoding: &str, der: &[u8]) -> Result<KeyFile> {
    if EncryptedPrivateKeyInfo::from_der(der).is_ok() {
        let holding = KeyHolding::Encrypted(EncryptedKey(Zeroizing::new(der.to_vec())));
        return Ok(KeyFile { holding, format: format!("encrypted PKCS#8 {encoding}") });
    }
    let (found, form) = identify::key(der).ok_or_else(no_key)?;
    Ok(KeyFile { holding: found?, format: format!("{form} {encoding}") })
}

/// Base64 without PEM's frame: a whole file that was encoded to survive an environment variable, or a bare DER.
fn read_base64(text: &str) -> Result<KeyFile> {
    if text.starts_with("PuTTY-User-Key-File") {
        return Err(Error::new("is a PuTTY key")
            .with_hint("puttygen KEY.ppk -O private-openssh-new -o KEY, then ssh-keygen -p -m PKCS8 -f KEY"));
    }
    if text.starts_with("ssh-") || text.starts_with("ecdsa-") {
        return Err(Error::new("holds an OpenSSH public key")
            .with_hint("ssh-keygen -e -m PKCS8 -f FILE writes a public key as PEM; signing needs the private one"));
    }
    let text: Zeroizing<String> =
        Zeroizing::new(text.trim_start_matches('\u{feff}').chars().filter(|c| !c.is_whitespace()).collect());
    let bytes = Zeroizing::new(STANDARD.decode(text.trim_end_matches("\\n").as_bytes()).map_err(|_| no_key())?);
    if bytes.starts_with(&[0x30]) {
        return read_der("DER in base64", &bytes);
    }
    match std::str::from_utf8(&bytes) {
        Ok(pem) if pem.contains("-----BEGIN ") => {
            read_pem(pem).map(|file| KeyFile { format: format!("{} in base64", file.format), ..file })
        }
        _ => Err(no_key()),
    }
}

fn read_pem(text: &str) -> Result<KeyFile> {
    if text.contains("DEK-Info:") {
        let cipher = text.split("DEK-Info:").nth(1).unwrap_or_default().trim_start();
        let cipher: String = cipher.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').take(30).collect();
        return Err(Error::new(format!(
            "uses the old OpenSSL encryption (DEK-Info: {cipher}), which cfsign does not read"
        ))
        .with_hint("openssl pkcs8 -topk8 -in OLD.pem -out NEW.pem"));
    }
    for (label, what, hint) in [
        (
            "OPENSSH PRIVATE KEY",
            "an OpenSSH private key",
            "on a copy: ssh-keygen -p -m PKCS8 -f COPY rewrites it as PKCS#8",
        ),
        (
            "DSA PRIVATE KEY",
            "a DSA key, and CloudFront takes RSA and ECDSA P-256",
            "cfsign key generate makes a key that CloudFront takes",
        ),
        ("PGP PRIVATE KEY BLOCK", "a PGP key", "cfsign key generate makes a key that CloudFront takes"),
        ("SSH2 ENCRYPTED PRIVATE KEY", "an SSH2 private key", "cfsign key generate makes a key that CloudFront takes"),
    ] {
        if text.contains(&format!("-----BEGIN {label}-----")) {
            return Err(Error::new(format!("holds {what}")).with_hint(hint));
        }
    }
    // Backslash and n, the two characters, are what is left of a line break where JSON or YAML was pasted. Blank lines
    // would part headers from data, and a block that has headers was refused above.
    let unescaped = Zeroizing::new(text.replace("\\r", "").replace("\\n", "\n"));
    let mut text = Zeroizing::new(String::with_capacity(unescaped.len() + 1));
    for line in unescaped.lines().filter(|line| !line.trim().is_empty()) {
        text.push_str(line);
        text.push('\n');
    }
    let blocks = pem::parse_many(text.as_bytes()).map_err(|_| damaged("its PEM text is not whole"))?;
    let block = blocks
        .iter()
        .find(|block| block.tag().ends_with("PRIVATE KEY"))
        .or_else(|| blocks.iter().find(|block| block.tag().ends_with("PUBLIC KEY")))
        .or_else(|| blocks.iter().find(|block| block.tag().ends_with("CERTIFICATE")));
    match block {
        None if blocks.is_empty() => Err(damaged("its PEM text is cut short")),
        None => Err(Error::new(format!(
            "holds no key, only {}",
            crate::error::quoted(blocks.first().map(pem::Pem::tag).unwrap_or_default())
        ))
        .with_hint("a private key starts with \"-----BEGIN PRIVATE KEY-----\" or \"-----BEGIN RSA PRIVATE KEY-----\"")),
        Some(block) => read_der("PEM", block.contents()).map_err(|e| match block.tag() {
            "ENCRYPTED PRIVATE KEY" => unknown_encryption(),
            _ if e == no_key() => damaged("what stands between BEGIN and END is no key"),
            _ => e,
        }),
    }
}
