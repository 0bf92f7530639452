//! Signing by another program, so that the private key stays in a key service (AWS KMS, Vault), a
//! hardware token or a file.
//!
//! The command runs through the platform's shell with the caller's environment, reads the exact
//! bytes of the policy from standard input, and prints the signature on standard output.

use std::fmt;
use std::process::{ExitStatus, Output};
use std::time::Duration;

use crate::error::{Error, ErrorKind, Result, printable};
use crate::key::PublicKey;
use crate::key::hash::HashAlgorithm;
use crate::redact::contains_key;

mod check;
mod output;
mod policy_file;
mod process;

use policy_file::PolicyFile;

/// A command that signs.
///
/// In its text, `{digest}` is replaced by the digest of the message in hexadecimal, and
/// `{policy_file}` by the name of a file that contains the message, can be read only by its owner,
/// and is removed afterwards. The text may contain secrets, so `Debug` and messages do not show it.
///
/// A process that handles termination signals should call [`SignCommand::terminate_all`] before it
/// ends.
#[derive(Clone)]
pub struct SignCommand {
    text: String,
    public_key: Option<PublicKey>,
    timeout: Duration,
    withheld: Vec<String>,
}

impl SignCommand {
    /// The timeout for each signature, unless another one is set.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

    /// A command for the platform's shell.
    ///
    /// # Errors
    /// It is empty.
    pub fn new(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        if text.trim().is_empty() {
            return Err(Error::new("is empty"));
        }
        Ok(SignCommand {
            text,
            public_key: None,
            timeout: Self::DEFAULT_TIMEOUT,
            withheld: Vec::new(),
        })
    }

    /// The same command, whose signatures are verified with `key`.
    #[must_use]
    pub fn with_public_key(self, key: PublicKey) -> Self {
        SignCommand {
            public_key: Some(key),
            ..self
        }
    }

    /// The same command with another timeout for each signature.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        SignCommand { timeout, ..self }
    }

    /// The same command, run without an environment variable.
    #[must_use]
    pub fn without_variable(mut self, name: impl Into<String>) -> Self {
        self.withheld.push(name.into());
        self
    }

    /// The hash algorithm that the text names, if it names one: SHA-256 in
    /// `RSASSA_PKCS1_V1_5_SHA_256` and `hash_algorithm=sha2-256`, SHA-1 in `dgst -sha1`.
    pub fn named_hash(&self) -> Option<HashAlgorithm> {
        let text = self.text.to_ascii_lowercase().replace(['-', '_'], "");
        let names_sha256 = text.contains("sha256") || text.contains("sha2256");
        match (text.contains("sha1"), names_sha256) {
            (true, false) => Some(HashAlgorithm::Sha1),
            (false, true) => Some(HashAlgorithm::Sha256),
            _ => None,
        }
    }

    /// Signs `message`: PKCS#1 v1.5 for RSA, ECDSA in ASN.1 DER for P-256.
    ///
    /// With a public key, the signature is verified. Otherwise only its length and the algorithm
    /// that the command prints are checked.
    ///
    /// # Errors
    /// The command fails, exceeds the timeout, or prints anything but the requested signature.
    pub fn sign(&self, hash: HashAlgorithm, message: &[u8]) -> Result<Vec<u8>> {
        self.signature(hash, message)
            .map_err(|e| e.context("the sign command"))
    }

    fn signature(&self, hash: HashAlgorithm, message: &[u8]) -> Result<Vec<u8>> {
        let mut line = self.text.replace("{digest}", &hash.hexadecimal(message));
        // The file is removed when the command has ended.
        let mut policy_file = None;
        if line.contains("{policy_file}") {
            let file = policy_file.insert(PolicyFile::write(message)?);
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
            let mut message = String::from("printed nothing");
            if let Some(said) = said(&finished.stderr) {
                message += &format!(" on standard output, and on standard error: {said}");
            }
            return Err(Error::new(message).with_hint(output::FORMS));
        }
        let key_type = self.public_key.as_ref().map(PublicKey::key_type);
        let signature = Self::signature_in(&finished.stdout, hash, key_type)?;
        if let Some(key) = &self.public_key {
            check::check(key, hash, message, &signature)?;
        }
        Ok(signature)
    }

    /// The error for a command that failed.
    fn failure(&self, hash: HashAlgorithm, finished: &Output) -> Error {
        let said = said(&finished.stderr);
        let mut message = ending(finished.status);
        match &said {
            Some(said) => message += &format!(": {said}"),
            None => message += ", and printed nothing on standard error",
        }
        let words = format!("{} {}", said.unwrap_or_default(), self.text).to_ascii_lowercase();
        let may_lack_sha1 =
            hash == HashAlgorithm::Sha1 && (words.contains("kms") || words.contains("digest"));
        let hint = match finished.status.code() {
            Some(127) => "the shell searches PATH for programs; an absolute path always works",
            Some(126) => "chmod +x makes a script executable, or name its interpreter: sh sign.sh",
            _ if may_lack_sha1 => {
                let hint = "some systems disable SHA-1, and KMS does not sign with it: \
                    --signing-algorithm RSASSA_PKCS1_V1_5_SHA_256";
                return with_other_hash(HashAlgorithm::Sha256, message).with_hint(hint);
            }
            _ => return Error::of_kind(ErrorKind::SignCommandFailed, message),
        };
        Error::new(message).with_hint(hint)
    }
}

/// The error for a command that signs, or has to sign, with another hash than was requested.
fn with_other_hash(hash: HashAlgorithm, message: String) -> Error {
    Error::of_kind(
        ErrorKind::OtherHash(hash.to_string().to_lowercase()),
        message,
    )
}

impl fmt::Debug for SignCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignCommand")
            .field("public_key", &self.public_key)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// The way in which a failed command ended.
fn ending(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("was killed by signal {signal}");
    }
    match status.code() {
        Some(code) => format!("exited with {code}"),
        None => "ended".into(),
    }
}

/// The last lines of an output, escaped and on one line: programs report errors last.
fn said(output: &[u8]) -> Option<String> {
    const LINES: usize = 3;
    if contains_key(output) {
        return Some("text that looks like a key, not shown".into());
    }
    let text = String::from_utf8_lossy(output);
    let mut last: Vec<String> = Vec::new();
    for line in text.lines().rev().map(str::trim) {
        if !line.is_empty() && last.len() < LINES {
            last.insert(0, printable(line));
        }
    }
    (!last.is_empty()).then(|| last.join("; "))
}
