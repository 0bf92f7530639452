//! Words in the wrong place: a file where a URL belongs, and parts of what was not quoted.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::shell;
use crate::url::signing_parameters::{redacted, shown};
use crate::{Error, When, contains_key, parse_duration, quoted};

const EXAMPLE: &str = "https://d111111abcdef8.cloudfront.net/";

/// Pieces of the content of files, and the commands that read such a file.
const READERS: &str = "\
#EXTM3U -> cfsign playlist {} --base-url URL
urn:mpeg:dash:schema -> cfsign playlist {} --base-url URL
-----BEGIN  -> cfsign key inspect {}
\"Statement\" -> cfsign url URL --policy {}
CloudFront- -> cfsign inspect --cookies {}
Key-Pair-Id= -> cfsign verify --public-key cf.pub.pem --input {}
cs-uri-stem -> cfsign verify --input {} --public-key cf.pub.pem
<Error> -> cfsign verify --answer {}
<!DOCTYPE -> cfsign verify --answer {}
<?xml -> write each URL of {} on a line of its own";

/// The error for text that was given as a URL and is something else.
pub fn instead_of_url(text: &str) -> Option<Error> {
    let is_url = text.starts_with("http://") || text.starts_with("https://");
    if is_url && !text.contains(":\\") {
        return None;
    }
    if let Some(command) = reader_of(text.trim_start_matches('@')) {
        return Some(not_a_url(text, command));
    }
    let hint = match likely_url(text) {
        Some(url) => format!("use {}", shell::word(&redacted(&url))),
        None if text.contains("://") => return None,
        None if text.parse::<When>().is_ok() => format!("if it is the expiry: --expires {text}"),
        None => unquoted(text)?,
    };
    Some(Error::new(format!("{} is not a URL", shown(text))).with_hint(hint))
}

/// The URL in JSON or a Windows path, with a misspelled scheme, or behind something else.
fn likely_url(text: &str) -> Option<String> {
    if text.starts_with("http:\\") || text.starts_with("https:\\") {
        return Some(text.replace("\\/", "/").replace('\\', "/"));
    }
    if let Some((before, path)) = text.split_once(":\\") {
        let before = before.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let host = if before.is_empty() { EXAMPLE } else { before };
        return Some(format!("{host}{}", path.replace('\\', "/")));
    }
    let (scheme, rest) = text.split_once("://")?;
    let is_known = ["http", "https"].contains(&scheme.to_lowercase().as_str());
    if !is_known && scheme.starts_with('h') {
        return Some(format!("https://{rest}"));
    }
    let start = scheme.rfind("http")?;
    scheme[..start].find(|c: char| c.is_alphanumeric() || c == '(')?;
    let url = text[start..].split(['\'', '"', '<', '>', ' ']).next()?;
    Some(url.trim_end_matches([')', ']', ',', ';']).to_owned())
}

/// The error for a file in place of a URL; `command` reads a file of URLs, `{}`.
pub fn instead_of_stdin(text: &str, command: &str) -> Option<Error> {
    let Some(mut reader) = reader_of(text) else {
        return likely_url(text).and_then(|_| instead_of_url(text));
    };
    if reader.starts_with("cfsign batch") || reader.starts_with("cfsign verify --public-key") {
        reader = command.replacen("{}", &shell::word(text), 1);
    }
    Some(not_a_url(text, reader))
}

fn not_a_url(file: &str, hint: String) -> Error {
    Error::new(format!("{} is a file, not a URL", quoted(file))).with_hint(hint)
}

/// The hint for a word that the shell has split from the one before it at a space.
pub fn unquoted(word: &str) -> Option<String> {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let place = arguments.iter().position(|other| other == word)?;
    let before = arguments.get(place.checked_sub(1)?)?.to_str()?;
    let joined = format!("{before} {word}");
    let whole = shell::word(&redacted(&joined));
    let is_time = joined.parse::<When>().is_ok() || parse_duration(&joined).is_ok();
    if is_time || Path::new(&joined).exists() {
        return Some(format!("quote it: {whole}"));
    }
    let may_be_path = before.contains("://") && !word.starts_with('-') && !word.contains("://");
    may_be_path.then(|| format!("if it belongs to the URL before it: {whole} --encode"))
}

/// The command line that reads the file `name`; `None` if there is no such file.
pub fn reader_of(name: &str) -> Option<String> {
    let path = Path::new(name);
    if !path.is_file() {
        return None;
    }
    let mut beginning = Vec::new();
    let file = File::open(path).ok()?;
    file.take(4096).read_to_end(&mut beginning).ok()?;
    Some(reader(&beginning, &shell::word(name)))
}

/// The command line that reads `file`, by its first bytes.
pub fn reader(beginning: &[u8], file: &str) -> String {
    let text = String::from_utf8_lossy(beginning);
    let mut readers = READERS.lines().filter_map(|row| row.split_once(" -> "));
    let command = match readers.find(|(content, _)| text.contains(content)) {
        Some((_, command)) => command,
        None if contains_key(beginning) => "cfsign key inspect {}",
        None => "cfsign batch {}",
    };
    command.replacen("{}", file, 1)
}
