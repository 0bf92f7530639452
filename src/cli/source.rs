//! SOURCE: a key, passphrase or policy by its place. A secret itself is never the value of a flag.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::fetch;
use crate::{Error, Result, io_reason, is_showable, looks_like_key, quoted, text};
use zeroize::Zeroizing;

/// A place to read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    File(PathBuf),
    Stdin,
    Env(String),
}

const PLACES: &str =
    "give the name of a file, env:NAME for an environment variable, or - for standard input";

/// Room for almost every key, passphrase or policy.
const USUAL: usize = 8 << 10;

/// No key, passphrase or policy comes near this.
pub const LARGEST: u64 = 1 << 20;

impl Source {
    /// Parses `PATH`, `file://PATH`, `-` or `env:NAME`.
    pub fn parse(value: OsString) -> Result<Self> {
        let Some(text) = value.to_str() else {
            return Ok(Source::File(value.into()));
        };
        if text.is_empty() {
            return Err(Error::new("is empty").with_hint(PLACES));
        }
        if text == "-" {
            return Ok(Source::Stdin);
        }
        if let Some(name) = text.strip_prefix("env:") {
            // Anything but the name of a variable may be the secret itself, so it is not repeated.
            if !is_variable_name(name) || !is_showable(name) {
                return Err(Error::new("does not name an environment variable")
                    .with_hint("env:NAME reads the variable NAME, such as env:CLOUDFRONT_KEY"));
            }
            return Ok(Source::Env(name.into()));
        }
        if let Some(path) = text.strip_prefix("file://") {
            return Ok(Source::File(with_home(path)));
        }
        Ok(Source::File(value.into()))
    }

    /// Reads a key, passphrase or policy.
    pub fn read(&self) -> Result<Zeroizing<Vec<u8>>> {
        self.read_up_to(LARGEST, "a key, passphrase or policy")
    }

    /// Reads all of `what`, which has `largest` bytes at most.
    pub fn read_up_to(&self, largest: u64, what: &str) -> Result<Zeroizing<Vec<u8>>> {
        let from: Box<dyn Read> = match self {
            Source::File(path) => Box::new(File::open(path).map_err(|e| self.unreadable(&e))?),
            Source::Stdin => Box::new(unbuffered_stdin().map_err(|e| self.unreadable(&e))?),
            Source::Env(name) => {
                let value = std::env::var_os(name).ok_or_else(|| {
                    Error::new(format!("{self} is not set")).with_hint(format!(
                        "a shell passes on exported variables only: export {name}"
                    ))
                })?;
                return Ok(Zeroizing::new(value.into_encoded_bytes()));
            }
        };
        // A buffer that grows would read in small pieces, and copy what it has read of a secret.
        let mut bytes = Zeroizing::new(Vec::with_capacity(USUAL));
        from.take(largest + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| self.unreadable(&e))?;
        if bytes.len() as u64 > largest {
            return Err(Error::new(format!(
                "{self} is larger than {largest} bytes, the limit for {what}"
            )));
        }
        Ok(bytes)
    }

    /// Reads `what`, as [`Source::read_up_to`] does, and refuses a key in its place.
    pub fn read_no_key(&self, largest: u64, what: &str) -> Result<Zeroizing<Vec<u8>>> {
        let bytes = self.read_up_to(largest, what)?;
        self.refuse_key(&bytes, what)?;
        Ok(bytes)
    }

    /// Decodes text that was read from here.
    pub fn decode(&self, bytes: &[u8]) -> Result<String> {
        let text = text::decode(bytes).map_err(|e| e.context(self))?;
        Ok(text.into_owned())
    }

    /// Refuses a key at the beginning of what should be `what`.
    pub fn refuse_key(&self, bytes: &[u8], what: &str) -> Result<()> {
        if begins_a_key(bytes) {
            return Err(Error::new(format!("{self} contains a key, not {what}"))
                .with_hint("use --private-key for the key"));
        }
        Ok(())
    }

    fn unreadable(&self, error: &io::Error) -> Error {
        let unreadable = Error::new(format!("cannot read {self}: {}", io_reason(error)));
        let Source::File(path) = self else {
            return unreadable;
        };
        let name = path.to_string_lossy();
        if !is_showable(&name) {
            return Error::new(format!("{self} is not the name of a readable file"))
                .with_hint(PLACES);
        }
        match likely_source(&name) {
            Some(hint) if error.kind() == io::ErrorKind::NotFound => unreadable.with_hint(hint),
            _ => unreadable,
        }
    }

    /// Checks whether users other than its owner may read the file; `false` if there is none or the
    /// system cannot say.
    #[cfg(unix)]
    pub fn others_may_read(&self) -> bool {
        use std::os::unix::fs::PermissionsExt;
        match self {
            Source::File(path) => path
                .metadata()
                .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o077 != 0),
            _ => false,
        }
    }

    #[cfg(not(unix))]
    pub fn others_may_read(&self) -> bool {
        false
    }
}

/// As messages call it.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::File(path) => f.write_str(&quoted(&path.to_string_lossy())),
            Source::Stdin => f.write_str("standard input"),
            Source::Env(name) => write!(f, "the environment variable {}", quoted(name)),
        }
    }
}

/// Standard input without the buffer of [`io::stdin`], in which a key or a passphrase would stay
/// until the end of the run.
#[cfg(unix)]
fn unbuffered_stdin() -> io::Result<File> {
    use std::os::fd::AsFd;
    io::stdin().as_fd().try_clone_to_owned().map(File::from)
}

#[cfg(not(unix))]
fn unbuffered_stdin() -> io::Result<io::StdinLock<'static>> {
    Ok(io::stdin().lock())
}

/// At most one thing can read standard input; `sources` are flags with their values.
pub fn one_reads_stdin(sources: &[(&str, Option<&Source>)]) -> Result<()> {
    let readers: Vec<&str> = sources
        .iter()
        .filter(|(_, source)| *source == Some(&Source::Stdin))
        .map(|(flag, _)| *flag)
        .collect();
    match readers.as_slice() {
        [first, second, ..] => Err(Error::new(format!(
            "{first} and {second} both read standard input"
        ))
        .with_hint("put one of them in a file")),
        _ => Ok(()),
    }
}

/// `~/...` means the home folder after `file://`, as in the AWS CLI; elsewhere the shell expands it.
fn with_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => path.into(),
    }
}

/// The next step for the name of a file that does not exist.
fn likely_source(name: &str) -> Option<String> {
    if let Some(rest) = name.strip_prefix("~/") {
        return Some(format!(
            "shells expand ~ at the beginning of a word only: file://~/{rest}"
        ));
    }
    if let Some(rest) = name.strip_prefix("fileb://") {
        return Some(format!("use file://{rest}"));
    }
    if is_variable_name(name) && std::env::var_os(name).is_some() {
        return Some(format!("use env:{name} for the environment variable"));
    }
    fetch::hint(name)
}

/// The value of an environment variable, parsed. An empty one counts as not set, as in CI systems.
pub fn from_environment<T>(name: &str, parse: impl Fn(OsString) -> Result<T>) -> Result<Option<T>> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty());
    value.map(parse).transpose().map_err(|e| e.context(name))
}

/// The source of a key that an environment variable gives: the variable itself, if its value is the
/// key, as in CI systems.
pub fn key_from_environment(name: &str) -> Result<Option<Source>> {
    from_environment(name, |value| {
        let text = value.to_string_lossy();
        let is_source = is_showable(&text)
            || text.starts_with("env:")
            || text.starts_with("file://")
            || Path::new(&value).exists();
        if is_source {
            Source::parse(value)
        } else {
            Ok(Source::Env(name.into()))
        }
    })
}

/// Checks whether an argument, the value in `--flag=value` or `-fvalue`, is a key itself.
pub fn is_key(argument: impl AsRef<OsStr>) -> bool {
    let text = argument.as_ref().to_string_lossy();
    let value = text
        .split_once('=')
        .filter(|(flag, _)| flag.starts_with("--"))
        .map_or("", |(_, value)| value);
    let short = text
        .get(2..)
        .filter(|_| text.starts_with('-'))
        .unwrap_or_default();
    [&text, value, short]
        .into_iter()
        .any(|part| looks_like_key(part.strip_prefix("env:").unwrap_or(part)))
}

/// Checks whether a file begins like a key, of which no line must be shown: PEM or a part of one,
/// its base64, DER, or a JSON object with a private key.
fn begins_a_key(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    // A SEQUENCE, and a length or a version number that no text has in that place.
    let is_der = matches!(bytes, [0x30, 0x81 | 0x82, ..] | [0x30, _, 0x02, 0x01, ..]);
    let is_jwk = text.contains("\"kty\"") && text.contains("\"d\"");
    let is_base64 = |line: &str| {
        line.len() >= 60
            && line
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
    };
    // Text around a PEM block may come first.
    let lines: Vec<&str> = text.lines().take(100).map(str::trim).collect();
    let has_pem = lines
        .iter()
        .any(|line| line.starts_with("-----BEGIN ") || line.contains("PRIVATE KEY"));
    let has_body = lines
        .windows(2)
        .any(|two| two.iter().all(|line| is_base64(line)));
    is_der || is_jwk || has_pem || has_body || looks_like_key(&text)
}

fn is_variable_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
