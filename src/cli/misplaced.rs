//! Files where URLs belong: the command that reads them.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::shell;
use crate::looks_like_key;

/// The bytes that tell what a file contains.
const BEGINNING: u64 = 4096;

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
    if text.contains("-----BEGIN ") || looks_like_key(&text) {
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
