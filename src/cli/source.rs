//! SOURCE: a file, standard input or an environment variable. A secret is never the value of a
//! flag.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use super::shell;
use crate::{Error, Result, contains_key, io_reason, is_showable, quoted, shown_in_quotes, text};
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

/// A limit well above any key, passphrase or policy.
pub const LARGEST_SOURCE: u64 = 1 << 20;

/// The limit for other text that is read whole: a HAR file has the bodies of all responses.
const LARGEST_TEXT: u64 = 256 << 20;

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
            return Ok(Source::File(path_of_url(path)));
        }
        Ok(Source::File(value.into()))
    }

    /// Reads a key or passphrase.
    pub fn read(&self) -> Result<Zeroizing<Vec<u8>>> {
        self.read_up_to(LARGEST_SOURCE, "a key or passphrase")
    }

    /// Reads `what`, a text.
    pub fn read_text(&self, what: &str) -> Result<String> {
        self.decode(&self.read_up_to(LARGEST_TEXT, what)?)
    }

    /// Opens it for reading.
    pub fn open(&self) -> Result<Box<dyn Read + Send>> {
        let opened: io::Result<Box<dyn Read + Send>> = match self {
            Source::File(path) => File::open(path).map(|file| Box::new(file) as _),
            Source::Stdin => unbuffered_stdin().map(|stdin| Box::new(stdin) as _),
            Source::Env(name) => {
                let value = std::env::var_os(name).ok_or_else(|| {
                    let export = if cfg!(windows) { "$env:" } else { "export " };
                    let hint = format!("a shell passes on exported variables only: {export}{name}");
                    Error::new(format!("{self} is not set")).with_hint(hint)
                })?;
                Ok(Box::new(Cursor::new(value.into_encoded_bytes())))
            }
        };
        opened.map_err(|e| self.unreadable(&e))
    }

    /// Reads all of `what`, which has `largest` bytes at most.
    fn read_up_to(&self, largest: u64, what: &str) -> Result<Zeroizing<Vec<u8>>> {
        let mut from = self.open()?.take(largest + 1);
        // A buffer that grows would read in small pieces, and copy what it has read of a secret.
        let mut bytes = Zeroizing::new(Vec::with_capacity(USUAL));
        let read = from.read_to_end(&mut bytes);
        if read.map_err(|e| self.unreadable(&e))? as u64 <= largest {
            return Ok(bytes);
        }
        Err(Error::new(format!(
            "{self} is larger than {largest} bytes, the limit for {what}"
        )))
    }

    /// Reads `what`, a text with `largest` bytes at most, and refuses a key in its place.
    pub fn read_no_key(&self, largest: u64, what: &str) -> Result<String> {
        let bytes = self.read_up_to(largest, what)?;
        self.refuse_key(&bytes, what)?;
        self.decode(&bytes)
    }

    /// Decodes text that was read from here.
    pub fn decode(&self, bytes: &[u8]) -> Result<String> {
        let text = text::decode(bytes).map_err(|e| e.context(self))?;
        Ok(text.into_owned())
    }

    /// Refuses a key in what should be `what`. Playlists and manifests are not searched: they
    /// contain base64, and titles.
    pub fn refuse_key(&self, bytes: &[u8], what: &str) -> Result<()> {
        let start = bytes.trim_ascii_start();
        let start = start.strip_prefix("\u{feff}".as_bytes()).unwrap_or(start);
        let is_playlist = start.starts_with(b"#EXTM3U") || start.starts_with(b"<");
        if !is_playlist && contains_key(bytes) {
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
        if path.exists() {
            return unreadable;
        }
        let name = path.to_string_lossy();
        if !is_showable(&name) {
            return Error::new(format!("{self} is not the name of a readable file"))
                .with_hint(PLACES);
        }
        match likely_source(&name) {
            Some(hint) => unreadable.with_hint(hint),
            None => unreadable,
        }
    }

    /// Checks whether users other than its owner may read the file; `false` if there is none or the
    /// system cannot say.
    pub fn others_may_read(&self) -> bool {
        #[cfg(unix)]
        if let Source::File(path) = self
            && let Ok(file) = path.metadata()
        {
            use std::os::unix::fs::PermissionsExt;
            return file.is_file() && file.permissions().mode() & 0o077 != 0;
        }
        false
    }
}

/// As messages call it.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The name of a file is always shown, and what is none may be a secret.
            Source::File(path) if path.exists() => {
                f.write_str(&shown_in_quotes(&path.to_string_lossy()))
            }
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
fn unbuffered_stdin() -> io::Result<io::Stdin> {
    Ok(io::stdin())
}

/// At most one thing can read standard input; `sources` are flags with their values.
pub fn one_reads_stdin(sources: &[(&str, Option<&Source>)]) -> Result<()> {
    let readers = sources
        .iter()
        .filter(|(_, source)| *source == Some(&Source::Stdin));
    let readers: Vec<&str> = readers.map(|(flag, _)| *flag).collect();
    let [first, second, ..] = readers.as_slice() else {
        return Ok(());
    };
    let message = format!("{first} and {second} both read standard input");
    Err(Error::new(message).with_hint("put one of them in a file"))
}

/// The path of a `file://` URL. Windows wants no slash in front of a drive, as in
/// `file:///C:/cf.pem`. `~/...` means the home folder, as in the AWS CLI; elsewhere the shell
/// expands it.
fn path_of_url(path: &str) -> PathBuf {
    if let Some(rest) = path.strip_prefix('/')
        && cfg!(windows)
        && rest.get(1..2) == Some(":")
    {
        return rest.into();
    }
    match (path.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => path.into(),
    }
}

/// Beginnings of values that are not file names, such as ARNs, and the next step, in which `{}` is
/// the value: the command that fetches the content, or signs with a key that cannot be fetched.
const STORES: &str = "\
arn:aws:secretsmanager: -> pipe it to cfsign, with - as the file name: \
aws secretsmanager get-secret-value --secret-id {} --query SecretString --output text | cfsign ...
arn:aws:ssm: -> pipe it to cfsign, with - as the file name: \
aws ssm get-parameter --with-decryption --name {} --query Parameter.Value --output text | cfsign ...
s3:// -> pipe it to cfsign, with - as the file name: aws s3 cp {} - | cfsign ...
op:// -> pipe it to cfsign, with - as the file name: op read {} | cfsign ...
http:// https:// -> pipe it to cfsign, with - as the file name: curl -fsSL {} | cfsign ...
{ CloudFront- Cookie: Set-Cookie: -> give it on standard input, with - as the file name
alias/ arn:aws:kms: arn:aws-cn:kms: arn:aws-us-gov:kms: -> a key in KMS cannot be exported; \
use --sign-command \"aws kms sign --key-id {} --message fileb://{policy_file} --message-type RAW \
--signing-algorithm RSASSA_PKCS1_V1_5_SHA_256\" --hash sha256";

/// The next step for the name of a file that does not exist.
fn likely_source(name: &str) -> Option<String> {
    if let Some(rest) = name.strip_prefix("~/") {
        return Some(format!(
            "shells expand ~ at the beginning of a word only: file://~/{rest}"
        ));
    }
    let url = name.strip_prefix("fileb://").or(name.strip_prefix("file:"));
    if let Some(rest) = url {
        return Some(format!("use file://{rest}"));
    }
    if is_variable_name(name) && std::env::var_os(name).is_some() {
        return Some(format!("use env:{name} for the environment variable"));
    }
    let mut stores = STORES.lines().filter_map(|row| row.split_once(" -> "));
    let (_, hint) = stores.find(|(starts, _)| {
        let mut starts = starts.split(' ');
        starts.any(|start| name.starts_with(start))
    })?;
    Some(hint.replacen("{}", &shell::word(name), 1))
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
        let is_marked = text.starts_with("env:") || text.starts_with("file://");
        if is_marked || is_showable(&text) || Path::new(&value).exists() {
            Source::parse(value)
        } else {
            Ok(Source::Env(name.into()))
        }
    })
}

/// Checks whether an argument, or the value in `-fvalue`, is a private key itself.
pub fn is_key(argument: impl AsRef<OsStr>) -> bool {
    let argument = argument.as_ref().as_encoded_bytes();
    contains_key(argument)
        || argument.starts_with(b"-") && contains_key(&argument[2.min(argument.len())..])
}

fn is_variable_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
