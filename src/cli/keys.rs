//! Turns the key flags and their environment variables into a signer.

use std::ffi::OsString;
use std::io::{self, Write};

use crate::verify::TrustedKey;
use crate::{
    EncryptedKey, Error, ErrorKind, HashAlgorithm, KeyContent, KeyFile, KeyPairId, PrivateKey,
    PublicKey, Result, SignCommand, Signer, is_showable, quoted,
};

use super::args::{ConditionFlags, SigningFlags};
use super::passphrase::{PASSPHRASE_VARIABLE, ask_passphrase, read_passphrase};
use super::request::{Required, all_given, missing};
use super::signals;
use super::source::{self, Source};
use super::warnings::Warnings;

/// The variable that stands for --private-key. Its value may be the key itself.
const PRIVATE_KEY_VARIABLE: &str = "CFSIGN_PRIVATE_KEY";

/// What a command needs besides a key.
pub struct Needs<'a> {
    /// Its own flags and arguments, which an error names first.
    pub own: &'a [Required],
    pub conditions: &'a ConditionFlags,
    /// The expiry may be missing.
    pub optional_expiry: bool,
    /// The argument that it reads, with its name.
    pub input: (&'a str, Option<&'a Source>),
    /// A complete command line.
    pub example: &'a str,
}

/// The key pair ID and the sources of the key, from the flags and the environment.
pub struct KeySources<'a> {
    flags: &'a SigningFlags,
    key_pair_id: KeyPairId,
    key: Key<'a>,
    passphrase: Option<Source>,
}

/// What makes the signatures.
enum Key<'a> {
    /// A command, which has priority over the environment.
    Command(&'a SignCommand),
    Private(Source),
}

impl SigningFlags {
    /// Adds what the environment gives to the flags.
    ///
    /// # Errors
    /// Something that the command needs is missing, a flag has no effect, or two flags or arguments
    /// read standard input.
    pub fn key_sources(&self, needs: &Needs) -> Result<KeySources<'_>> {
        let mut key_pair_id = self.key_pair_id.clone();
        if key_pair_id.is_none() {
            let parse = |value: OsString| value.to_string_lossy().parse();
            key_pair_id = source::from_environment("CFSIGN_KEY_PAIR_ID", parse)?;
        }
        let mut private_key = self.private_key.clone();
        if private_key.is_none() && self.sign_command.is_none() {
            private_key = source::key_from_environment(PRIVATE_KEY_VARIABLE)?;
        }
        let passphrase = self.passphrase.source()?;
        for (flag, is_given) in [
            ("--public-key", self.public_key.is_some()),
            ("--sign-timeout", self.sign_timeout.is_some()),
        ] {
            if is_given && self.sign_command.is_none() {
                return Err(Error::new(format!("{flag} requires --sign-command"))
                    .with_hint("leave it out, or use --sign-command instead of --private-key"));
            }
        }
        let key = match &self.sign_command {
            Some(command) => Some(Key::Command(command)),
            None => private_key.clone().map(Key::Private),
        };
        let mut required = needs.own.to_vec();
        required.push(("--key-pair-id", key_pair_id.is_some()));
        required.push(("--private-key", key.is_some()));
        required.push(needs.conditions.required(needs.optional_expiry));
        let (Some(key_pair_id), Some(key), true) = (key_pair_id, key, all_given(&required)) else {
            return Err(missing(&required, needs.example));
        };
        source::one_reads_stdin(&[
            needs.input,
            ("--private-key", private_key.as_ref()),
            ("--passphrase", passphrase.as_ref()),
            ("--public-key", self.public_key.as_ref()),
            ("--policy", needs.conditions.policy.as_ref()),
        ])?;
        Ok(KeySources {
            flags: self,
            key_pair_id,
            key,
            passphrase,
        })
    }
}

impl KeySources<'_> {
    /// The signer that the flags and the environment describe.
    pub fn signer(self, warnings: &mut Warnings) -> Result<Signer> {
        let KeySources {
            flags, key_pair_id, ..
        } = self;
        warnings.about_key_pair_id(&key_pair_id);
        let source = match self.key {
            Key::Command(command) => return remote_signer(key_pair_id, command, flags, warnings),
            Key::Private(source) => source,
        };
        let by = match flags.private_key {
            Some(_) => "--private-key",
            None => PRIVATE_KEY_VARIABLE,
        };
        let file = read(&source, by)?.swap_remove(0);
        let key = open(file, &source, self.passphrase.as_ref())?;
        warnings.about_key_file(&source);
        warnings.about_key_type(&source, key.key_type(), Some(&key_pair_id));
        let hash = flags.hash.unwrap_or(key.key_type().default_hash());
        Ok(Signer::new(key_pair_id, key).with_hash(hash))
    }
}

/// A signer that runs `command`. The hash defaults to that of the public key, or SHA-1.
fn remote_signer(
    key_pair_id: KeyPairId,
    command: &SignCommand,
    flags: &SigningFlags,
    warnings: &mut Warnings,
) -> Result<Signer> {
    signals::watch();
    let mut command = command.clone();
    // Environment variables that may contain a key or a passphrase, which the command does not
    // need.
    for name in [PRIVATE_KEY_VARIABLE, PASSPHRASE_VARIABLE] {
        command = command.without_variable(name);
        if let Ok(Some(Source::Env(other))) = source::from_environment(name, Source::parse) {
            command = command.without_variable(other);
        }
    }
    if let Some(timeout) = flags.sign_timeout {
        command = command.with_timeout(timeout);
    }
    let mut hash = flags.hash.unwrap_or(HashAlgorithm::Sha1);
    if let Some(source) = &flags.public_key {
        let key = public_keys(source, Some(&key_pair_id))?.swap_remove(0).key;
        warnings.about_key_type(source, key.key_type(), Some(&key_pair_id));
        hash = flags.hash.unwrap_or(key.key_type().default_hash());
        command = command.with_public_key(key);
    } else {
        warnings.about_sign_command(&command, hash);
    }
    Ok(Signer::remote(key_pair_id, hash, move |hash, message| {
        command.sign(hash, message)
    }))
}

/// Reads the keys in `source`, a private key first. Messages name `by`, the flag or variable that
/// gave the source.
fn read(source: &Source, by: &str) -> Result<Vec<KeyFile>> {
    let bytes = source.read().map_err(|e| match source {
        // The value is not shown, so the flag is.
        Source::File(path) if !path.exists() && !is_showable(&path.to_string_lossy()) => {
            e.context(by)
        }
        Source::File(path)
            if !path.exists() && path.is_relative() && by == PRIVATE_KEY_VARIABLE =>
        {
            e.with_hint(format!(
                "{by} is relative to the current folder; use an absolute path"
            ))
        }
        _ => e,
    })?;
    KeyFile::read_all(source, &bytes)
}

/// The public half of a key, and how the file that has the key encodes it.
pub struct PublicHalf {
    /// The ID in CloudFront, where the file gives one.
    pub id: Option<KeyPairId>,
    /// The file has the private key.
    pub is_private: bool,
    pub format: String,
    pub key: PublicKey,
}

/// The public halves of all keys in `source`, a private key first.
pub fn public_halves(
    source: &Source,
    by: &str,
    passphrase: Option<&Source>,
) -> Result<Vec<PublicHalf>> {
    let mut halves = Vec::new();
    for file in read(source, by)? {
        let (id, format) = (file.id().cloned(), file.format());
        let (is_private, key) = match file.content() {
            KeyContent::Public(key) => (false, key.clone()),
            _ => (true, open(file, source, passphrase)?.public_key()),
        };
        halves.push(PublicHalf {
            id,
            is_private,
            format,
            key,
        });
    }
    Ok(halves)
}

/// The public keys in `source`, and those of private keys in it. If an ID is given, one of several
/// keys has to have it, and a single key gets it.
pub fn public_keys(source: &Source, id: Option<&KeyPairId>) -> Result<Vec<TrustedKey>> {
    let passphrase = source::from_environment(PASSPHRASE_VARIABLE, Source::parse)?;
    let halves = public_halves(source, "--public-key", passphrase.as_ref());
    let halves = halves.map_err(|e| match e.kind() {
        ErrorKind::PassphraseRequired | ErrorKind::WrongPassphrase => Error::new(e.to_string())
            .with_hint(
                "use the public key, which has no passphrase: cfsign key public FILE > cf.pub.pem",
            ),
        _ => e,
    })?;
    let mut keys: Vec<TrustedKey> = Vec::new();
    for PublicHalf { id, key, .. } in halves {
        if !keys.iter().any(|known| known.key == key && known.id == id) {
            keys.push(TrustedKey { id, key });
        }
    }
    let Some(id) = id else {
        return Ok(keys);
    };
    if let [key] = keys.as_mut_slice() {
        key.id = Some(id.clone());
    }
    let count = keys.len();
    keys.retain(|key| key.id.as_ref() == Some(id));
    if keys.is_empty() {
        let id = quoted(id.as_str());
        let message = format!("{source} contains {count} public keys, and none with the ID {id}");
        return Err(Error::new(message).with_hint(
            "aws cloudfront get-public-key --id ID > key.json stores a key with its ID",
        ));
    }
    Ok(keys)
}

/// The private key in a file that was read from `source`, decrypted with a passphrase from its
/// source or from a prompt.
fn open(file: KeyFile, source: &Source, passphrase: Option<&Source>) -> Result<PrivateKey> {
    match (file.content(), passphrase) {
        (KeyContent::Encrypted(key), None) => decrypt_at_prompt(key, source),
        (KeyContent::Encrypted(_), Some(passphrase)) => {
            file.into_private(Some(read_passphrase(passphrase)?.as_bytes()))
        }
        _ => file.into_private(None),
    }
}

fn decrypt_at_prompt(key: &EncryptedKey, source: &Source) -> Result<PrivateKey> {
    const TRIES: usize = 3;
    let mut tries = 1;
    loop {
        let passphrase = ask_passphrase(&format!("Passphrase for {source}: "))
            .map_err(|e| e.context(format_args!("{source} is encrypted, and")))?;
        match key.decrypt(passphrase.as_bytes()) {
            Err(e) if *e.kind() == ErrorKind::WrongPassphrase && tries < TRIES => {
                let _ = writeln!(io::stderr(), "Wrong passphrase, try again.");
                tries += 1;
            }
            outcome => return outcome.map_err(|e| e.context(source)),
        }
    }
}
