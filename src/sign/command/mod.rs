//! A key that stays where it is: another program signs, and nothing but the signature comes here.
//!
//! The command may call a key service (AWS KMS, Vault), a hardware token through PKCS#11, or openssl. It runs through the
//! platform's shell with the caller's environment, gets the exact bytes of the policy on standard input, and answers on
//! standard output.

use std::fmt;
use std::process::ExitStatus;
use std::time::Duration;

use crate::error::{Error, Result, printable};
use crate::key::hash::HashAlgorithm;
use crate::key::{KeyType, PublicKey};
use crate::redact::looks_like_key;

mod answer;
mod check;
mod policy_file;
mod process;
pub(crate) mod shell;

use policy_file::PolicyFile;
use process::Finished;

/// A command that signs.
///
/// In its text, `{digest}` stands for the digest of what is to be signed, in hexadecimal, and `{policy_file}` for the name
/// of a file with the bytes, which only its owner can read and which is gone afterwards. The text may hold secrets, so
/// `Debug` and messages do not show it.
#[derive(Clone)]
pub struct SignCommand {
    text: String,
    public_key: Option<PublicKey>,
    timeout: Duration,
    withheld: Vec<String>,
}

impl SignCommand {
    /// A command for the shell. It has a minute for each signature.
    ///
    /// # Errors
    /// There is nothing in it.
    pub fn new(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        if text.trim().is_empty() {
            return Err(Error::new("is empty")
                .with_hint("--sign-command 'openssl dgst -sha1 -sign cf.pem'"));
        }
        Ok(SignCommand {
            text,
            public_key: None,
            timeout: Duration::from_secs(60),
            withheld: Vec::new(),
        })
    }

    /// The same command, each signature of which is checked with `key`.
    #[must_use]
    pub fn with_public_key(self, key: PublicKey) -> Self {
        SignCommand {
            public_key: Some(key),
            ..self
        }
    }

    /// The same command with another time limit for each signature.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        SignCommand { timeout, ..self }
    }

    /// The same command, run without an environment variable that is none of its business.
    #[must_use]
    pub fn without_variable(mut self, name: impl Into<String>) -> Self {
        self.withheld.push(name.into());
        self
    }

    /// The hash that the text names, where it names one: SHA-256 in `RSASSA_PKCS1_V1_5_SHA_256` and
    /// `hash_algorithm=sha2-256`, SHA-1 in `dgst -sha1`.
    pub fn named_hash(&self) -> Option<HashAlgorithm> {
        let text = self.text.to_ascii_lowercase().replace(['-', '_'], "");
        match (
            text.contains("sha1"),
            text.contains("sha256") || text.contains("sha2256"),
        ) {
            (true, false) => Some(HashAlgorithm::Sha1),
            (false, true) => Some(HashAlgorithm::Sha256),
            _ => None,
        }
    }

    /// The signature over `message`: PKCS#1 v1.5 for RSA, ECDSA in ASN.1 DER for P-256.
    ///
    /// It is checked with the public key, or else only looked at: its length, and what the command says of it.
    ///
    /// # Errors
    /// The command fails, takes too long, or prints something else than the signature that was asked for.
    pub fn sign(&self, hash: HashAlgorithm, message: &[u8]) -> Result<Vec<u8>> {
        self.signature(hash, message)
            .map_err(|e| e.context("the sign command"))
    }

    fn signature(&self, hash: HashAlgorithm, message: &[u8]) -> Result<Vec<u8>> {
        let mut line = self.text.replace("{digest}", &hash.hexadecimal(message));
        // Held until the command has ended.
        let policy_file = line
            .contains("{policy_file}")
            .then(|| PolicyFile::write(message))
            .transpose()?;
        if let Some(file) = &policy_file {
            line = file.named_in(&line);
        }
        let mut command = process::shell(&line);
        for name in &self.withheld {
            command.env_remove(name);
        }
        let finished = process::run(command, message, self.timeout)?;
        if !finished.status.success() {
            return Err(self.failure(hash, &finished));
        }
        if finished.stdout.trim_ascii().is_empty() {
            let instead = said(&finished.stderr)
                .map(|said| format!(" on its standard output, and on the other: {said}"));
            return Err(
                Error::new(format!("printed nothing{}", instead.unwrap_or_default()))
                    .with_hint(answer::FORMS),
            );
        }
        let signature = Self::signature_in(
            &finished.stdout,
            hash,
            self.public_key.as_ref().map(PublicKey::key_type),
        )?;
        if let Some(key) = &self.public_key {
            check::check(key, hash, message, &signature)?;
        }
        Ok(signature)
    }

    /// The signature that a program has printed, as CloudFront takes it: PKCS#1 v1.5 as it is, ECDSA in ASN.1 DER.
    ///
    /// It may be raw bytes (openssl, pkcs11-tool), base64 in the standard alphabet or CloudFront's, behind Vault's
    /// `vault:v1:` or not, or the JSON object of a key service. `key_type` is that of the key, where it is known. Whether
    /// the signature is right cannot be seen here.
    ///
    /// # Errors
    /// What is no signature, and one that the program itself says is of another kind.
    pub fn signature_in(
        output: &[u8],
        hash: HashAlgorithm,
        key_type: Option<KeyType>,
    ) -> Result<Vec<u8>> {
        answer::read(output, hash, key_type)
    }

    /// What a command that did not succeed has to say for itself.
    fn failure(&self, hash: HashAlgorithm, finished: &Finished) -> Error {
        let said = said(&finished.stderr);
        let speaks_of = |word: &str| {
            let said = said.as_deref().unwrap_or_default();
            [said, &self.text]
                .iter()
                .any(|text| text.to_ascii_lowercase().contains(word))
        };
        let hint = match finished.status.code() {
            Some(127) => {
                "the shell looks for programs in PATH; the whole path of one works everywhere"
            }
            Some(126) => "chmod +x makes a script executable, or name its interpreter: sh sign.sh",
            _ if hash == HashAlgorithm::Sha1 && speaks_of("kms") => {
                "KMS does not sign with SHA-1: --hash sha256, and --signing-algorithm RSASSA_PKCS1_V1_5_SHA_256"
            }
            _ if hash == HashAlgorithm::Sha1 && speaks_of("digest") => {
                "where SHA-1 is switched off: --hash sha256"
            }
            _ => "to run it by hand: printf %s \"$(cfsign policy URL --expires 1h)\" | COMMAND",
        };
        let said = said.map_or(", without a word on standard error".into(), |said| {
            format!(": {said}")
        });
        Error::new(format!("{}{said}", ending(finished.status))).with_hint(hint)
    }
}

impl fmt::Debug for SignCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignCommand")
            .field("public_key", &self.public_key)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// How a command ended that did not succeed.
fn ending(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("was killed by signal {signal}");
    }
    match status.code() {
        Some(126) => "exited with 126 (not executable)".into(),
        Some(127) => "exited with 127 (not found)".into(),
        Some(code) => format!("exited with {code}"),
        None => "ended".into(),
    }
}

/// The last lines of an output, on one line and fit to be shown; the end is where programs say what went wrong.
fn said(output: &[u8]) -> Option<String> {
    const LINES: usize = 3;
    let text = String::from_utf8_lossy(output);
    let mut words = text.split(|c: char| c.is_whitespace() || "=:,\"'".contains(c));
    if text.contains("PRIVATE KEY-----") || words.any(looks_like_key) {
        return Some("something that looks like a key, not shown here".into());
    }
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let last: Vec<String> = lines[lines.len().saturating_sub(LINES)..]
        .iter()
        .map(|line| printable(line))
        .collect();
    Some(last.join("; ")).filter(|said| !said.is_empty())
}
