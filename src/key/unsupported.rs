//! Formats that may contain a key and are not read, with the commands that convert them.

use super::der::unsupported_key;
use crate::error::{Error, ErrorKind};
use crate::redact::sequence_content;

/// A format that names itself in its first bytes or in its text.
struct Format {
    /// As in "the file is ...".
    name: &'static str,
    is: fn(&[u8], &str) -> bool,
    /// The conversion; empty if there is none.
    hint: &'static str,
}

const FORMATS: &[Format] = &[
    Format {
        name: "a zip archive",
        is: |bytes, _| bytes.starts_with(b"PK\x03\x04"),
        hint: "extract the key: unzip -p FILE > cf.pem",
    },
    Format {
        name: "a Java keystore",
        is: |bytes, _| bytes.starts_with(&[0xfe, 0xed, 0xfe, 0xed]),
        hint: "convert it: keytool -importkeystore -srckeystore FILE -destkeystore cf.p12 -deststoretype PKCS12, then openssl pkcs12 -in cf.p12 -nocerts -nodes -out cf.pem",
    },
    Format {
        name: "a PKCS#12 file",
        is: |bytes, _| sequence_content(bytes).starts_with(&[2, 1, 3]),
        hint: "convert it: openssl pkcs12 -in FILE -nocerts -nodes -out cf.pem",
    },
    Format {
        name: "a PKCS#7 file, which contains certificates and no private key",
        is: |bytes, text| {
            // 1.2.840.113549.1.7
            sequence_content(bytes).starts_with(&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7])
                || text.contains("-----BEGIN PKCS7-----")
                || text.contains("-----BEGIN CMS-----")
        },
        hint: "for the public key: openssl pkcs7 -print_certs -in FILE -out cf.crt",
    },
    Format {
        name: "encrypted with age",
        is: |_, text| {
            text.starts_with("age-encryption.org/")
                || text.contains("-----BEGIN AGE ENCRYPTED FILE-----")
        },
        hint: "decrypt it: age -d -i IDENTITY FILE > cf.pem",
    },
    Format {
        name: "an age identity",
        is: |_, text| text.contains("AGE-SECRET-KEY-1"),
        hint: "",
    },
    Format {
        name: "encrypted with sops",
        is: |_, text| text.contains("ENC[AES256_GCM,"),
        hint: "decrypt it: sops -d FILE > cf.pem",
    },
    Format {
        name: "encrypted with Ansible Vault",
        is: |_, text| text.starts_with("$ANSIBLE_VAULT;"),
        hint: "decrypt it: ansible-vault view FILE > cf.pem",
    },
    Format {
        name: "encrypted with GPG",
        is: |bytes, text| {
            matches!(bytes, [0x84 | 0x85 | 0x8c, ..])
                || text.contains("-----BEGIN PGP MESSAGE-----")
        },
        hint: "decrypt it: gpg -d FILE > cf.pem",
    },
    Format {
        name: "a PGP key",
        is: |_, text| text.contains("-----BEGIN PGP P"),
        hint: "",
    },
    Format {
        name: "a PuTTY key",
        is: |_, text| text.starts_with("PuTTY-User-Key-File"),
        hint: "convert it: puttygen FILE -O private-openssh-new -o KEY, then ssh-keygen -p -m PKCS8 -f KEY",
    },
    Format {
        name: "an OpenSSH public key",
        is: |_, text| {
            ["ssh-", "ecdsa-sha2-", "sk-"]
                .iter()
                .any(|word| text.starts_with(word))
        },
        hint: "convert it: ssh-keygen -e -m PKCS8 -f FILE; signing needs the private key",
    },
    Format {
        name: "a JWK",
        is: |_, text| text.contains("\"kty\""),
        hint: "convert it: step crypto key format --pkcs8 --pem FILE",
    },
    Format {
        name: "a .NET XML key",
        is: |_, text| text.contains("<RSAKeyValue") || text.contains("<ECDsaKeyValue"),
        hint: "convert it in PowerShell 7: FromXmlString and ExportRSAPrivateKeyPem of [Security.Cryptography.RSA]",
    },
    Format {
        name: "a Git LFS pointer, not the file itself",
        is: |_, text| text.starts_with("version https://git-lfs"),
        hint: "download the file: git lfs pull",
    },
    Format {
        name: "an HTML page, such as a login page",
        is: |_, text| {
            let start = text.get(..300).unwrap_or(text).to_ascii_lowercase();
            start.contains("<!doctype html") || start.contains("<html")
        },
        hint: "download the key again, signed in: curl -fL",
    },
    Format {
        name: "a certificate request",
        is: |_, text| text.contains("CERTIFICATE REQUEST-----"),
        hint: "use the key that made the request",
    },
    Format {
        name: "an ARN",
        is: |_, text| text.starts_with("arn:aws"),
        hint: "aws secretsmanager get-secret-value --secret-id ARN --query SecretString --output text prints a secret",
    },
    Format {
        name: "a variable that was not expanded",
        is: |_, text| {
            let is_short = text.len() < 200 && text.lines().count() == 1;
            is_short && (text.starts_with('$') || text.starts_with("{{") || text.starts_with('%'))
        },
        hint: "check the quotes: single quotes keep a shell from expanding variables",
    },
    Format {
        name: "a masked value",
        is: |_, text| text.len() >= 3 && text.bytes().all(|b| b"*xX\xe2\x80\xa2".contains(&b)),
        hint: "the log of a CI system masks secrets: use the secret itself",
    },
];

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
    let format = FORMATS.iter().find(|format| (format.is)(bytes, text))?;
    if matches!(
        format.name,
        "a PuTTY key" | "an OpenSSH public key" | "a JWK"
    ) && let Some(error) = other_type(text)
    {
        return Some(error);
    }
    let message = format!("is {}", format.name);
    Some(if format.hint.is_empty() {
        Error::of_kind(ErrorKind::UnsupportedKey, message)
    } else {
        Error::new(message).with_hint(format.hint)
    })
}
