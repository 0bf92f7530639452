//! Loading keys: where the flags and the environment say, opened with a passphrase where they need one. Or else the program
//! that signs in their place.

use std::io::{self, IsTerminal, Write};

use crate::{
    Error, HashAlgorithm, KeyContent, KeyFile, KeyPairId, PrivateKey, PublicKey, Result,
    SignCommand, Signer, io_reason,
};
use zeroize::Zeroizing;

use super::args::{ConditionFlags, SigningFlags};
use super::signals;
use super::source::{self, Source};
use super::warnings::Warnings;

impl SigningFlags {
    /// Where the private key is, by flag or environment; a sign command given as a flag goes before the environment.
    pub fn private_key(&self) -> Result<Option<Source>> {
        match &self.private_key {
            Some(source) => Ok(Some(source.clone())),
            None if self.sign_command.is_some() => Ok(None),
            None => source::from_environment("CFSIGN_PRIVATE_KEY", Source::parse),
        }
    }

    /// Where the passphrase is, by flag or environment.
    fn passphrase(&self) -> Result<Option<Source>> {
        self.passphrase.passphrase()
    }

    /// Rejects two sources that are both standard input. `input` is the argument that the command reads, with its name.
    pub fn check_stdin(
        &self,
        conditions: &ConditionFlags,
        input: (&str, Option<&Source>),
    ) -> Result<()> {
        source::one_reads_stdin(&[
            input,
            ("--private-key", self.private_key()?.as_ref()),
            ("--passphrase", self.passphrase()?.as_ref()),
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
        warnings.look_at_key_pair_id(&key_pair_id);
        match &self.sign_command {
            Some(command) => self.signer_elsewhere(key_pair_id, command, warnings),
            None => self.signer_here(key_pair_id, warnings),
        }
    }

    fn signer_here(&self, key_pair_id: KeyPairId, warnings: &mut Warnings) -> Result<Signer> {
        let source = self
            .private_key()?
            .ok_or_else(|| Error::new("missing --private-key"))?;
        let key = open(
            KeyFile::read(&source, &source.read()?)?,
            &source,
            self.passphrase()?.as_ref(),
        )?;
        warnings.look_at_key_file(&source);
        warnings.look_at_key_type(&source, key.key_type());
        let signer = Signer::new(key_pair_id, key);
        Ok(match self.hash {
            Some(hash) => signer.with_hash(hash),
            None => signer,
        })
    }

    /// The variables with cfsign's own key and passphrase, which a program that has another key does not need.
    fn secret_variables(&self) -> Vec<String> {
        let mut variables = Vec::new();
        if let Ok(Some(Source::Env(name))) = self.passphrase() {
            variables.push(name);
        }
        for name in ["CFSIGN_PRIVATE_KEY", "CFSIGN_PASSPHRASE"] {
            variables.push(name.to_owned());
            // The key itself is no SOURCE.
            if let Ok(Some(Source::Env(other))) = source::from_environment(name, Source::parse) {
                variables.push(other);
            }
        }
        variables
    }

    /// A signer that has `command` sign, with the hash of the public key's kind if there is one, and else SHA-1.
    fn signer_elsewhere(
        &self,
        key_pair_id: KeyPairId,
        command: &SignCommand,
        warnings: &mut Warnings,
    ) -> Result<Signer> {
        // Where no signals can be handled, the command outlives an interrupted run, and that is all.
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
                warnings.look_at_key_type(source, key.key_type());
                let hash = self.hash.unwrap_or(key.key_type().default_hash());
                command = command.with_public_key(key);
                hash
            }
            None => {
                let hash = self.hash.unwrap_or(HashAlgorithm::Sha1);
                warnings.look_at_sign_command(&command, hash);
                hash
            }
        };
        Ok(Signer::remote(key_pair_id, hash, move |hash, message| {
            command.sign(hash, message)
        }))
    }
}

/// The public key that `source` holds, or the public half of its private key.
pub fn public_key(source: &Source) -> Result<PublicKey> {
    let file = KeyFile::read(source, &source.read()?)?;
    match file.content() {
        KeyContent::Public(key) => Ok(key.clone()),
        _ => Ok(open(
            file,
            source,
            source::from_environment("CFSIGN_PASSPHRASE", Source::parse)?.as_ref(),
        )?
        .public_key()),
    }
}

/// The private key in a file that was read from `source`.
pub fn open(file: KeyFile, source: &Source, passphrase: Option<&Source>) -> Result<PrivateKey> {
    let passphrase = match (file.content(), passphrase) {
        (KeyContent::Encrypted(_), Some(passphrase)) => Some(read_passphrase(passphrase)?),
        (KeyContent::Encrypted(_), None) => Some(
            ask_passphrase(&format!("Passphrase for {source}: ")).map_err(|e| match e {
                Some(e) => e,
                None => Error::new(format!(
                    "{source} is encrypted, and there is no terminal to ask for its passphrase"
                ))
                .with_hint(PASSPHRASE_HINT),
            })?,
        ),
        _ => None,
    };
    file.into_private(passphrase.as_ref().map(|passphrase| passphrase.as_bytes()))
}

pub const PASSPHRASE_HINT: &str = "--passphrase env:NAME, or --passphrase FILE";

/// A passphrase from a SOURCE: its text without the line break at the end.
pub fn read_passphrase(source: &Source) -> Result<Zeroizing<String>> {
    // The value of --passphrase may be the passphrase itself, given by mistake, so it is not repeated.
    let unreadable = |e: Error| {
        match source {
        Source::File(_) => Error::new("cannot read the file that is to hold the passphrase").with_hint(
            "--passphrase and CFSIGN_PASSPHRASE take the name of a file, env:NAME or -, not the passphrase itself",
        ),
        _ => e,
    }
    };
    let bytes = source.read().map_err(unreadable)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| {
        Error::new("the passphrase is not UTF-8 text")
            .with_hint("--passphrase takes the name of a file that holds it as text")
    })?;
    let text = text
        .strip_suffix('\n')
        .map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    Ok(Zeroizing::new(text.to_owned()))
}

/// Asks at the terminal, without echo; the error is `None` where there is no terminal to ask at.
pub fn ask_passphrase(prompt: &str) -> std::result::Result<Zeroizing<String>, Option<Error>> {
    // The prompt goes to the controlling terminal, but a run whose messages nobody sees must not wait for an answer.
    if !io::stderr().is_terminal() {
        return Err(None);
    }
    let answer =
        signals::keep_terminal_settings().and_then(|()| rpassword::prompt_password(prompt));
    answer.map(Zeroizing::new).map_err(|e| {
        if e.kind() == io::ErrorKind::Interrupted {
            signals::park_until_killed();
        }
        // The prompt's line has not ended.
        let _ = writeln!(io::stderr());
        Some(match e.kind() {
            io::ErrorKind::UnexpectedEof => {
                Error::new("no passphrase was given").with_hint(PASSPHRASE_HINT)
            }
            _ => Error::new(format!("cannot ask for the passphrase: {}", io_reason(&e)))
                .with_hint(PASSPHRASE_HINT),
        })
    })
}
