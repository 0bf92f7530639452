//! Text around a key: undoes the changes that editors, JSON, `.env` files, CI variables and shells
//! make to a PEM file.
//!
//! Source: RFC 7468 (textual encodings), RFC 8259, section 7 (JSON escapes).

use serde_json::Value;
use zeroize::Zeroizing;

use super::key_pair_id::KeyPairId;
use super::{damaged, truncated};
use crate::base64;
use crate::error::{Error, Result, quoted};

/// Undoes backslash escapes, however often they were made: no key contains a backslash.
pub(super) fn unescape(text: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let (before, escapes) = text.split_once('\\').unwrap_or((text, ""));
    plain.push_str(before);
    // An escaped backslash leaves an empty part.
    for part in escapes.split('\\') {
        let code = part.strip_prefix('u').and_then(|digits| digits.get(..4));
        let code_point = code.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        if let Some(character) = code_point.and_then(char::from_u32) {
            plain.push(character);
            plain.push_str(&part[5..]);
        } else if let Some(rest) = part.strip_prefix(['n', 'r', 't']) {
            plain.push('\n');
            plain.push_str(rest);
        } else {
            plain.push_str(part);
        }
    }
    plain
}

/// A PEM block.
pub(super) struct Block {
    pub(super) label: String,
    /// The ID that the AWS CLI gives beside the key.
    pub(super) id: Option<KeyPairId>,
    /// The text between the first and the last line.
    body: Result<Zeroizing<String>>,
}

/// Finds the PEM blocks in `text`, whatever surrounds them.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let parts = text.split("-----BEGIN ").skip(1);
    parts.map(Block::new).collect()
}

impl Block {
    /// Reads a block from what follows its first `-----BEGIN `.
    fn new(text: &str) -> Self {
        let (label, rest) = text.split_once("-----").unwrap_or((text, ""));
        let body = match rest.split_once("-----END ") {
            None => Err(truncated("its END line is missing")),
            Some((_, end))
                if end.contains("-----") && !end.starts_with(&format!("{label}-----")) =>
            {
                Err(damaged("its BEGIN and END lines have different labels"))
            }
            Some((body, _)) => Ok(Zeroizing::new(body.to_owned())),
        };
        Block {
            label: label.lines().next().unwrap_or_default().to_owned(),
            id: None,
            body,
        }
    }

    pub(super) fn is_private(&self) -> bool {
        self.label.contains("PRIVATE KEY")
    }

    pub(super) fn is_key(&self) -> bool {
        ["PRIVATE KEY", "PUBLIC KEY", "CERTIFICATE"]
            .iter()
            .any(|end| self.label.ends_with(end))
            || self.body.is_err()
    }

    /// The cipher of the legacy OpenSSL encryption (`DEK-Info: AES-128-CBC,...`), if the block uses
    /// that.
    pub(super) fn legacy_cipher(&self) -> Option<&str> {
        let (_, info) = self.body.as_ref().ok()?.split_once("DEK-Info:")?;
        let info = info.trim_start();
        let end = info.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        Some(&info[..end.unwrap_or(info.len()).min(30)])
    }

    /// Decodes the base64.
    ///
    /// # Errors
    /// A block without an end, a character that is not base64, with its position, and base64 that
    /// is cut.
    pub(super) fn contents(&self) -> Result<Zeroizing<Vec<u8>>> {
        let data = without_separators(self.body.as_ref().map_err(Error::clone)?);
        let mut positions = data.chars().enumerate();
        if let Some((index, other)) = positions.find(|(_, c)| !is_base64(*c)) {
            return Err(damaged(&format!(
                "character {} of its base64 is {}",
                index + 1,
                quoted(&other.to_string())
            )));
        }
        match base64::decode_standard(&data) {
            Some(contents) => Ok(Zeroizing::new(contents)),
            None if data.len().is_multiple_of(4) => Err(damaged("its base64 is malformed")),
            None => Err(damaged(&format!(
                "its base64 has {} characters, which is not a multiple of 4",
                data.len()
            ))),
        }
    }
}

/// The public keys with their IDs in the JSON that `aws cloudfront list-public-keys`,
/// `get-public-key` and `create-public-key` print, whole or in part; none in other text.
pub(super) fn listed_keys(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    if text.contains("\"EncodedKey\"")
        && let Ok(list) = serde_json::from_str(text)
    {
        add_listed(&list, None, &mut blocks);
    }
    blocks
}

/// Adds the keys in a part of the list; `id` is that of an object around it.
fn add_listed(part: &Value, id: Option<&str>, keys: &mut Vec<Block>) {
    match part {
        Value::String(text) => {
            for mut block in blocks(text) {
                block.id = id.and_then(|id| id.parse().ok());
                keys.push(block);
            }
        }
        Value::Array(items) => {
            for item in items {
                add_listed(item, id, keys);
            }
        }
        Value::Object(fields) => {
            let id = fields.get("Id").and_then(Value::as_str).or(id);
            for field in fields.values() {
                add_listed(field, id, keys);
            }
        }
        _ => {}
    }
}

/// Decodes base64 without a PEM frame: all of `text`, the value of an assignment (`NAME=...`), or a
/// PEM file in base64 anywhere in it, as in a Kubernetes Secret.
pub(super) fn bare_base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let value = match text.trim().split_once(['=', ':']) {
        Some((name, value)) if value.len() > name.len() => value,
        _ => text,
    };
    // "-----BEGIN" in base64.
    let start = text.find("LS0tLS1CRUdJTi").unwrap_or(text.len());
    let pem = &text[start..];
    let pem = &pem[..pem.find(|c| !is_base64(c)).unwrap_or(pem.len())];
    for candidate in [text, value, pem] {
        let data = without_separators(candidate);
        if let Some(bytes) = base64::decode_standard(&data).filter(|bytes| !bytes.is_empty()) {
            return Some(Zeroizing::new(bytes));
        }
    }
    None
}

/// The text without white space, and without the quotes and commas of a JSON array of lines.
fn without_separators(text: &str) -> Zeroizing<String> {
    let characters = text.chars();
    let data = characters.filter(|c| !c.is_whitespace() && !"\"',\u{feff}".contains(*c));
    Zeroizing::new(data.collect())
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+/=".contains(c)
}

/// The error for text that has the words of a PEM file without its five dashes.
pub(super) fn lost_dashes(text: &str) -> Option<Error> {
    (text.contains("BEGIN ") && text.contains("PRIVATE KEY")).then(|| {
        damaged("its first line does not have the five dashes of \"-----BEGIN PRIVATE KEY-----\"")
    })
}
