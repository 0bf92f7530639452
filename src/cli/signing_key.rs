//! Loading the private key that signs, and asking for its passphrase.

use std::io::{self, IsTerminal};

use cfsign::{Error, KeyFile, KeyHolding, PrivateKey, Result};
use zeroize::Zeroizing;

use super::source::Source;

/// The private key in `source`, opened with a passphrase where it needs one.
pub fn load(source: &Source, passphrase: Option<&Source>) -> Result<PrivateKey> {
    let file = KeyFile::read(&source.read()?).map_err(|e| e.about(source))?;
    open(file, source, passphrase)
}

/// The private key in a file that has been read from `source`.
pub fn open(file: KeyFile, source: &Source, passphrase: Option<&Source>) -> Result<PrivateKey> {
    match &file.holding {
        KeyHolding::Encrypted(key) => {
            let passphrase = match passphrase {
                Some(passphrase) => read_passphrase(passphrase)?,
                None => ask(&format!("Passphrase for {source}: ")).ok_or_else(|| {
                    Error::new(format!("{source} is encrypted, and there is no terminal to ask for its passphrase"))
                        .with_hint("--passphrase env:NAME, or --passphrase FILE")
                })??,
            };
            key.decrypt(passphrase.as_bytes()).map_err(|e| e.about(source))
        }
        _ => file.into_private().map_err(|e| e.about(source)),
    }
}

/// A passphrase from a SOURCE: its text without the line break at the end.
pub fn read_passphrase(source: &Source) -> Result<Zeroizing<String>> {
    // The value of --passphrase may be the passphrase itself, given by mistake, so it is not repeated.
    let unreadable = |e: Error| match source {
        Source::File(_) => Error::new("cannot read the file that --passphrase names")
            .with_hint("--passphrase takes the name of a file, env:NAME or -, not the passphrase itself"),
        _ => e,
    };
    let bytes = source.read().map_err(unreadable)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| {
        Error::new("the passphrase is not UTF-8 text")
            .with_hint("--passphrase takes the name of a file that holds it as text")
    })?;
    Ok(Zeroizing::new(text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text)).to_owned()))
}

/// Asks at the terminal, without echo; `None` where there is no terminal to ask at.
pub fn ask(prompt: &str) -> Option<Result<Zeroizing<String>>> {
    // The prompt itself goes to the controlling terminal, but a run whose messages nobody sees must not wait for an answer.
    io::stderr().is_terminal().then(|| {
        rpassword::prompt_password(prompt)
            .map(Zeroizing::new)
            .map_err(|e| Error::new(format!("cannot ask for the passphrase: {}", cfsign::io_reason(&e))))
    })
}
