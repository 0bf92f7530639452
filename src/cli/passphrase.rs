//! Passphrases of encrypted keys: from a flag, the environment, or the terminal.

use std::io::{self, IsTerminal, Write};
use std::thread;

use zeroize::Zeroizing;

use super::args::PassphraseFlag;
#[cfg(unix)]
use super::signals;
use super::source::{self, Source};
use crate::{Error, ErrorKind, Result, io_reason};

/// The variable that stands for --passphrase.
pub const PASSPHRASE_VARIABLE: &str = "CFSIGN_PASSPHRASE";

impl PassphraseFlag {
    /// The source of the passphrase, from the flag or the environment.
    pub fn source(&self) -> Result<Option<Source>> {
        match &self.passphrase {
            Some(source) => Ok(Some(source.clone())),
            None => source::from_environment(PASSPHRASE_VARIABLE, Source::parse),
        }
    }
}

/// Reads a passphrase, without the line break at its end.
pub fn read_passphrase(source: &Source) -> Result<Zeroizing<String>> {
    // The value of --passphrase may be the passphrase itself, so it is not repeated.
    let bytes = source.read().map_err(|e| match source {
        Source::File(_) => Error::new("cannot read the passphrase file").with_hint(
            "--passphrase and CFSIGN_PASSPHRASE take a file name, env:NAME or -, not the \
             passphrase itself",
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

/// Asks for a passphrase at the terminal, without echo.
pub fn ask_passphrase(prompt: &str) -> Result<Zeroizing<String>> {
    // The prompt goes to the controlling terminal, but a run whose messages nobody sees must not
    // wait for an answer.
    if !io::stderr().is_terminal() {
        let message = "there is no terminal to ask for a passphrase";
        return Err(Error::of_kind(ErrorKind::PassphraseRequired, message));
    }
    // Without a terminal, the prompt fails as well.
    #[cfg(unix)]
    let _ = signals::keep_terminal_settings();
    let error = match rpassword::prompt_password(prompt) {
        Ok(passphrase) => return Ok(Zeroizing::new(passphrase)),
        Err(error) => error,
    };
    while error.kind() == io::ErrorKind::Interrupted && cfg!(unix) {
        // The signal is about to terminate the run.
        thread::park();
    }
    // The prompt's line has not ended.
    let _ = writeln!(io::stderr());
    let message = match error.kind() {
        io::ErrorKind::UnexpectedEof => "no passphrase was given".into(),
        _ => format!("cannot ask for the passphrase: {}", io_reason(&error)),
    };
    Err(Error::of_kind(ErrorKind::PassphraseRequired, message))
}
