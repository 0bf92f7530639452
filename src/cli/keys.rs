//! Loading keys from where the flags and the environment say, or setting up the command that signs
//! in their place.

use std::io::{self, IsTerminal, Write};

use crate::{
    EncryptedKey, Error, ErrorKind, HashAlgorithm, KeyContent, KeyFile, KeyPairId, PrivateKey,
    PublicKey, Result, SignCommand, Signer, io_reason, is_showable,
};
use zeroize::Zeroizing;

use super::args::{ConditionFlags, SigningFlags};
use super::signals;
use super::source::{self, Source};
use super::terminal::PASSPHRASE_HINT;
use super::warnings::Warnings;

/// The variable that stands for --private-key. Its value may be the key itself.
const PRIVATE_KEY_VARIABLE: &str = "CFSIGN_PRIVATE_KEY";

impl SigningFlags {
    /// The source of the private key, from the flag or the environment. A sign command has priority
    /// over the environment.
    pub fn private_key(&self) -> Result<Option<Source>> {
        match &self.private_key {
            Some(source) => Ok(Some(source.clone())),
            None if self.sign_command.is_some() => Ok(None),
            None => source::key_from_environment(PRIVATE_KEY_VARIABLE),
        }
    }

    /// Rejects two sources that are both standard input. `input` is the argument that the command
    /// reads, with its name.
    pub fn check_stdin(
        &self,
        conditions: &ConditionFlags,
        input: (&str, Option<&Source>),
    ) -> Result<()> {
        source::one_reads_stdin(&[
            input,
            ("--private-key", self.private_key()?.as_ref()),
            ("--passphrase", self.passphrase.source()?.as_ref()),
            ("--public-key", self.public_key.as_ref()),
            ("--policy", conditions.policy.as_ref()),
        ])
    }

    /// The key pair ID, from the flag or the environment.
    pub fn key_pair_id(&self) -> Result<Option<KeyPairId>> {
        if let Some(id) = &self.key_pair_id {
            return Ok(Some(id.clone()));
        }
        source::from_environment("CFSIGN_KEY_PAIR_ID", |value| {
            value.to_string_lossy().parse()
        })
    }

    /// The signer that the flags and the environment describe.
    pub fn signer(&self, warnings: &mut Warnings) -> Result<Signer> {
        let key_pair_id = self
            .key_pair_id()?
            .ok_or_else(|| Error::new("missing --key-pair-id"))?;
        warnings.check_key_pair_id(&key_pair_id);
        match &self.sign_command {
            Some(command) => self.signer_elsewhere(key_pair_id, command, warnings),
            None => self.signer_here(key_pair_id, warnings),
        }
    }

    fn signer_here(&self, key_pair_id: KeyPairId, warnings: &mut Warnings) -> Result<Signer> {
        let source = self
            .private_key()?
            .ok_or_else(|| Error::new("missing --private-key"))?;
        let file = read(&source, "--private-key")?;
        let key = open(file, &source, self.passphrase.source()?.as_ref())?;
        warnings.check_key_file(&source);
        warnings.check_key_type(&source, key.key_type());
        let signer = Signer::new(key_pair_id, key);
        Ok(match self.hash {
            Some(hash) => signer.with_hash(hash),
            None => signer,
        })
    }

    /// The variables with cfsign's own key and passphrase, which a program that has another key
    /// does not need.
    fn secret_variables(&self) -> Vec<String> {
        let mut variables = Vec::new();
        if let Ok(Some(Source::Env(name))) = self.passphrase.source() {
            variables.push(name);
        }
        for name in [PRIVATE_KEY_VARIABLE, "CFSIGN_PASSPHRASE"] {
            variables.push(name.to_owned());
            if let Ok(Some(Source::Env(other))) = source::from_environment(name, Source::parse) {
                variables.push(other);
            }
        }
        variables
    }

    /// A signer that has `command` sign, with the hash of the public key's kind if there is one,
    /// and else SHA-1.
    fn signer_elsewhere(
        &self,
        key_pair_id: KeyPairId,
        command: &SignCommand,
        warnings: &mut Warnings,
    ) -> Result<Signer> {
        // Without signal handling, the command outlives an interrupted run.
        #[cfg(unix)]
        let _ = signals::on_termination("sign command", SignCommand::terminate_all);
        let mut command = command.clone();
        for variable in self.secret_variables() {
            command = command.without_variable(variable);
        }
        if let Some(timeout) = self.sign_timeout {
            command = command.with_timeout(timeout);
        }
        let hash = match &self.public_key {
            Some(source) => {
                let key = public_key(source)?;
                warnings.check_key_type(source, key.key_type());
                let hash = self.hash.unwrap_or(key.key_type().default_hash());
                command = command.with_public_key(key);
                hash
            }
            None => {
                let hash = self.hash.unwrap_or(HashAlgorithm::Sha1);
                warnings.check_sign_command(&command, hash);
                hash
            }
        };
        Ok(Signer::remote(key_pair_id, hash, move |hash, message| {
            command.sign(hash, message)
        }))
    }
}

/// Reads the key file that `flag` gives.
pub fn read(source: &Source, flag: &str) -> Result<KeyFile> {
    let bytes = source.read().map_err(|e| match source {
        Source::File(path) if !is_showable(&path.to_string_lossy()) => e.context(flag),
        _ => e,
    })?;
    match source {
        Source::Env(name) if name == PRIVATE_KEY_VARIABLE => {
            let length = String::from_utf8_lossy(&bytes).chars().count();
            KeyFile::read(
                format_args!("the value of {name} ({length} characters)"),
                &bytes,
            )
        }
        _ => KeyFile::read(source, &bytes),
    }
}

/// The public key in `source`, or that of the private key in it.
pub fn public_key(source: &Source) -> Result<PublicKey> {
    let file = read(source, "--public-key")?;
    if let KeyContent::Public(key) = file.content() {
        return Ok(key.clone());
    }
    let passphrase = source::from_environment("CFSIGN_PASSPHRASE", Source::parse)?;
    let key = open(file, source, passphrase.as_ref()).map_err(|e| {
        e.with_hint(
            "use the public key, which has no passphrase: cfsign key public FILE > cf.pub.pem",
        )
    })?;
    Ok(key.public_key())
}

/// The private key in a file that was read from `source`, decrypted with a passphrase from its
/// source or from a prompt.
pub fn open(file: KeyFile, source: &Source, passphrase: Option<&Source>) -> Result<PrivateKey> {
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
        let passphrase = ask_passphrase(&format!("Passphrase for {source}: "))?;
        let passphrase = passphrase.ok_or_else(|| {
            Error::new(format!(
                "{source} is encrypted, and there is no terminal to ask for its passphrase"
            ))
            .with_hint(PASSPHRASE_HINT)
        })?;
        match key.decrypt(passphrase.as_bytes()) {
            Err(e) if *e.kind() == ErrorKind::WrongPassphrase && tries < TRIES => {
                let _ = writeln!(io::stderr(), "Wrong passphrase, try again.");
                tries += 1;
            }
            outcome => return outcome.map_err(|e| e.context(format_args!("{source}:"))),
        }
    }
}

/// Reads a passphrase, without the line break at its end.
pub fn read_passphrase(source: &Source) -> Result<Zeroizing<String>> {
    // The value of --passphrase may be the passphrase itself, so it is not repeated.
    let bytes = source.read().map_err(|e| match source {
        Source::File(_) => Error::new("cannot read the passphrase file").with_hint(
            "--passphrase and CFSIGN_PASSPHRASE take a file name, env:NAME or -, not the passphrase itself",
        ),
        _ => e,
    })?;
    let text = std::str::from_utf8(&bytes).map_err(|_| {
        Error::new("the passphrase is not UTF-8").with_hint("use a text file with --passphrase")
    })?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    Ok(Zeroizing::new(text.to_owned()))
}

/// Asks for a passphrase at the terminal, without echo; `None` if there is no terminal.
pub fn ask_passphrase(prompt: &str) -> Result<Option<Zeroizing<String>>> {
    // The prompt goes to the controlling terminal, but a run whose messages nobody sees must not
    // wait for an answer.
    if !io::stderr().is_terminal() {
        return Ok(None);
    }
    let answer =
        signals::keep_terminal_settings().and_then(|()| rpassword::prompt_password(prompt));
    let error = match answer {
        Ok(passphrase) => return Ok(Some(Zeroizing::new(passphrase))),
        Err(error) => error,
    };
    if error.kind() == io::ErrorKind::Interrupted {
        signals::park_until_killed();
    }
    // The prompt's line has not ended.
    let _ = writeln!(io::stderr());
    let message = match error.kind() {
        io::ErrorKind::UnexpectedEof => "no passphrase was given".into(),
        _ => format!("cannot ask for the passphrase: {}", io_reason(&error)),
    };
    Err(Error::new(message).with_hint(PASSPHRASE_HINT))
}
