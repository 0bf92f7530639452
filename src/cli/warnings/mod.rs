//! Warnings: what worked but is probably a mistake.
//!
//! A warning's text is a constant with places, `{}`, for what it is about.

use std::fmt::Display;

use super::aws;
use super::source::Source;
use crate::error::listed;
use crate::{HashAlgorithm, KeyPairId, KeyType, SignCommand, quoted};

mod cookies;
mod playlist;
mod policy;
mod url;

const AWS_OPTIONS: &str = "{} {} no effect: cfsign makes no AWS calls";
const KEY_PAIR_ID: &str = "the key pair ID {} {}";
const KEY_TYPE: &str =
    "{} contains an {} key, but CloudFront accepts RSA 2048 and ECDSA P-256 only";
const KEY_FILE: &str = "{} can be read by other users of this machine; make it private: chmod 600";
const SIGN_COMMAND: &str =
    "the sign command seems to use {}, but its signatures will be sent as {}; add --hash {}";

/// Something that worked but is probably a mistake.
#[derive(Debug)]
pub struct Warning {
    /// The same for all warnings of a kind.
    pub kind: &'static str,
    pub text: String,
}

/// The warnings of a run, each once. They are reported when everything else has succeeded.
#[derive(Default)]
pub struct Warnings(Vec<Warning>);

impl Warnings {
    /// Adds a warning of the kind of `text`, with `values` in its places.
    fn add(&mut self, text: &'static str, values: &[&dyn Display]) {
        let mut pieces = text.split("{}");
        let mut filled = pieces.next().unwrap_or_default().to_owned();
        for (value, piece) in values.iter().zip(pieces) {
            filled += &format!("{value}{piece}");
        }
        self.add_of_kind(text, filled);
    }

    fn add_of_kind(&mut self, kind: &'static str, text: String) {
        if !self.0.iter().any(|known| known.text == text) {
            self.0.push(Warning { kind, text });
        }
    }

    /// Reports options of the AWS CLI in the command line, which have no effect.
    pub fn about_aws_options(&mut self) {
        let arguments: Vec<_> = std::env::args_os().collect();
        let options = aws::options_in(&arguments);
        if !options.is_empty() {
            let have = if options.len() == 1 { "has" } else { "have" };
            self.add(AWS_OPTIONS, &[&listed(&options), &have]);
        }
    }

    pub fn about_key_pair_id(&mut self, id: &KeyPairId) {
        if let Some(oddity) = id.oddity() {
            self.add(KEY_PAIR_ID, &[&quoted(id.as_str()), &oddity]);
        }
    }

    /// Keys of account key pairs may be shorter than those that CloudFront accepts today.
    pub fn about_key_type(&mut self, source: &Source, key_type: KeyType, id: Option<&KeyPairId>) {
        let is_old = id.is_some_and(KeyPairId::is_account_key_pair)
            && matches!(key_type, KeyType::Rsa(1024));
        if !key_type.accepted_by_cloudfront() && !is_old {
            self.add(KEY_TYPE, &[source, &key_type]);
        }
    }

    /// Without a public key to check with, the text of the command is all there is to go by.
    pub fn about_sign_command(&mut self, command: &SignCommand, hash: HashAlgorithm) {
        if let Some(named) = command.named_hash().filter(|named| *named != hash) {
            let flag = named.to_string().to_lowercase();
            self.add(SIGN_COMMAND, &[&named.name(), &hash.name(), &flag]);
        }
    }

    pub fn about_key_file(&mut self, source: &Source) {
        if source.others_may_read() {
            self.add(KEY_FILE, &[source]);
        }
    }
}

impl IntoIterator for Warnings {
    type Item = Warning;
    type IntoIter = std::vec::IntoIter<Warning>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// The first warning of each kind, of rows that often have the same.
#[derive(Debug, Default)]
pub struct Repeated(Vec<RowWarning>);

#[derive(Debug)]
struct RowWarning {
    line: u64,
    warning: Warning,
    /// The number of other rows with a warning of this kind.
    more: u64,
}

impl Repeated {
    pub fn add(&mut self, line: u64, warning: Warning) {
        let more = 0;
        self.merge(Repeated(vec![RowWarning {
            line,
            warning,
            more,
        }]));
    }

    /// Adds those of later rows.
    pub fn merge(&mut self, later: Repeated) {
        for added in later.0 {
            let mut known = self.0.iter_mut();
            match known.find(|known| known.warning.kind == added.warning.kind) {
                Some(known) => known.more += added.more + 1,
                None => self.0.push(added),
            }
        }
    }

    /// Each warning with its line.
    pub fn into_texts(self) -> impl Iterator<Item = String> {
        self.0.into_iter().map(|row| {
            let (line, text) = (row.line, row.warning.text);
            let more = match row.more {
                0 => String::new(),
                1 => " (and one more row like it)".into(),
                more => format!(" (and {more} more rows like it)"),
            };
            format!("line {line}: {text}{more}")
        })
    }
}
