//! Formats that may contain a key and are not read, with the commands that convert them.

use super::der::unsupported_key;
use crate::error::Error;
use crate::redact::sequence_content;

/// Two lines for each format: `mark | name`, as in "the file is ...", and the conversion. The text
/// contains the mark; with `^` it begins with it; with `=` it is a result of [`kind`].
const FORMATS: &str = "\
=PKCS#12 | a PKCS#12 file
    convert it: openssl pkcs12 -in FILE -nocerts -nodes -out cf.pem
=PKCS#7, BEGIN PKCS7-, BEGIN CMS- | a PKCS#7 file, which contains certificates and no private key
    for the public key: openssl pkcs7 -print_certs -in FILE -out cf.crt
^age-encryption.org/, -----BEGIN AGE ENCRYPTED FILE----- | encrypted with age
    decrypt it: age -d -i IDENTITY FILE > cf.pem
ENC[AES256_GCM | encrypted with sops
    decrypt it: sops -d FILE > cf.pem
^$ANSIBLE_VAULT; | encrypted with Ansible Vault
    decrypt it: ansible-vault view FILE > cf.pem
=GPG, -----BEGIN PGP MESSAGE----- | encrypted with GPG
    decrypt it: gpg -d FILE > cf.pem
^PuTTY-User-Key-File | a PuTTY key
    convert it: puttygen FILE -O private-openssh-new -o KEY, then ssh-keygen -p -m PKCS8 -f KEY
^ssh-, ^ecdsa-sha2-, ^sk- | an OpenSSH public key
    convert it: ssh-keygen -e -m PKCS8 -f FILE; signing needs the private key
\"kty\" | a JWK
    convert it: step crypto key format --pkcs8 --pem FILE
<RSAKeyValue | a .NET XML key
    convert it in PowerShell 7: FromXmlString and ExportRSAPrivateKeyPem of RSA
^version https://git-lfs | a Git LFS pointer, not the file itself
    download the file: git lfs pull
<!DOCTYPE html, <!doctype html, <html, <HTML | an HTML page, such as a login page
    download the key again, signed in: curl -fL
CERTIFICATE REQUEST----- | a certificate request
    use the key that made the request
^arn:aws | an ARN
    read it: aws secretsmanager get-secret-value --secret-id ARN --query SecretString --output text
=variable | a variable that was not expanded
    check the quotes: single quotes keep a shell from expanding variables
=masked | a masked value
    the log of a CI system masks secrets: use the secret itself";

/// The kind of content that no word tells; empty for other content.
fn kind(bytes: &[u8], text: &str) -> &'static str {
    // 1.2.840.113549.1.7
    const PKCS7: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7];
    let content = sequence_content(bytes);
    let is_short = text.len() < 200 && text.lines().count() == 1;
    if content.starts_with(&[2, 1, 3]) {
        "PKCS#12"
    } else if content.starts_with(PKCS7) {
        "PKCS#7"
    } else if matches!(bytes, [0x84 | 0x85 | 0x8c, ..]) {
        "GPG"
    } else if is_short && (text.starts_with(['$', '%']) || text.starts_with("{{")) {
        "variable"
    } else if text.len() >= 3 && text.chars().all(|c| "*xX\u{2022}".contains(c)) {
        "masked"
    } else {
        ""
    }
}

fn has_mark(mark: &str, kind: &str, text: &str) -> bool {
    match mark.split_at(1) {
        ("=", name) => name == kind,
        ("^", start) => text.starts_with(start),
        _ => text.contains(mark),
    }
}

/// Types of keys that CloudFront does not accept, by their names in OpenSSH, PuTTY and JWK files.
const OTHER_TYPES: [(&str, &str); 8] = [
    ("sk-", "a key in a security token"),
    ("ssh-ed25519", "an Ed25519 key"),
    ("ssh-dss", "a DSA key"),
    ("nistp384", "an ECDSA P-384 key"),
    ("nistp521", "an ECDSA P-521 key"),
    ("\"P-384\"", "an ECDSA P-384 key"),
    ("\"P-521\"", "an ECDSA P-521 key"),
    ("\"OKP\"", "an Ed25519 or X25519 key"),
];

/// The error for a type of key that no conversion makes acceptable.
fn other_type(text: &str) -> Option<Error> {
    let (_, what) = OTHER_TYPES.iter().find(|(name, _)| text.contains(name))?;
    Some(unsupported_key(what))
}

/// The error for the decoded content of an OpenSSH private key, which begins with its public key.
pub(super) fn openssh(contents: &[u8]) -> Error {
    let text = String::from_utf8_lossy(&contents[..contents.len().min(300)]);
    other_type(&text).unwrap_or_else(|| {
        Error::new("is an OpenSSH private key")
            .with_hint("convert a copy: ssh-keygen -p -m PKCS8 -f COPY")
    })
}

/// The error for a format that is not read; `None` for any other content. `text` is empty for bytes
/// that are not text.
pub(super) fn detect(bytes: &[u8], text: &str) -> Option<Error> {
    let text = text.trim();
    let kind = kind(bytes, text);
    let lines: Vec<&str> = FORMATS.lines().collect();
    let (formats, _) = lines.as_chunks();
    for [format, hint] in formats {
        let (marks, name) = format.split_once(" | ")?;
        if !marks.split(", ").any(|mark| has_mark(mark, kind, text)) {
            continue;
        }
        let may_be_other = ["a PuTTY key", "an OpenSSH public key", "a JWK"].contains(&name);
        if may_be_other && let Some(error) = other_type(text) {
            return Some(error);
        }
        return Some(Error::new(format!("is {name}")).with_hint(hint.trim()));
    }
    None
}
