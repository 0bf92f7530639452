//! Files where URLs belong: the command that reads them.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::shell;
use crate::{Error, contains_key, quoted};

/// The bytes that tell what a file contains.
const BEGINNING: u64 = 4096;

/// The error for text that was given as a URL and is the name of a file, or the rest of the URL
/// `before`, which the shell has split at a space.
pub fn instead_of_url(text: &str, before: Option<&str>) -> Option<Error> {
    if let Some(command) = reader_of(text) {
        return Some(not_a_url(text, command));
    }
    let before = before.filter(|before| before.contains("://"))?;
    if text.contains("://") {
        return None;
    }
    let whole = shell::word(&format!("{before} {text}"));
    let message = format!("{} is not a URL", quoted(text));
    Some(Error::new(message).with_hint(format!(
        "if it belongs to the URL before it: {whole} --encode"
    )))
}

/// The error for a file in place of a URL; the command reads URLs from its standard input too.
pub fn instead_of_stdin(text: &str, command: &str) -> Option<Error> {
    reader_of(text).map(|_| not_a_url(text, format!("{command} < {}", shell::word(text))))
}

fn not_a_url(file: &str, hint: String) -> Error {
    Error::new(format!("{} is a file, not a URL", quoted(file))).with_hint(hint)
}

/// The command line that reads the file `name`; `None` if there is no such file.
pub fn reader_of(name: &str) -> Option<String> {
    let path = Path::new(name);
    if !path.is_file() {
        return None;
    }
    let mut beginning = Vec::new();
    File::open(path)
        .ok()?
        .take(BEGINNING)
        .read_to_end(&mut beginning)
        .ok()?;
    let text = String::from_utf8_lossy(&beginning);
    let file = shell::word(name);
    if text.contains("#EXTM3U") || text.contains("<MPD") {
        return Some(format!("cfsign playlist {file} --base-url URL"));
    }
    if text.contains("-----BEGIN ") || contains_key(&beginning) {
        return Some(format!("cfsign key inspect {file}"));
    }
    if text.contains("CloudFront-") {
        return Some(format!("cfsign inspect --cookies {file}"));
    }
    if text.contains("Signature=") && text.contains("Key-Pair-Id=") {
        return Some(format!("cfsign verify - --public-key cf.pub.pem < {file}"));
    }
    Some(format!("cfsign batch {file}"))
}
