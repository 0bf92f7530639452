//! Warnings: what worked but is probably a mistake.

use std::fmt;

use super::aws;
use super::source::Source;
use crate::error::listed;
use crate::{HashAlgorithm, KeyPairId, KeyType, SignCommand, quoted};

mod cookies;
mod playlist;
mod policy;
mod repeated;
mod url;

pub use repeated::Repeated;

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
    fn add(&mut self, kind: &'static str, text: String) {
        if !self.0.iter().any(|known| known.text == text) {
            self.0.push(Warning { kind, text });
        }
    }

    /// Reports options of the AWS CLI in the command line, which have no effect.
    pub fn check_aws_options(&mut self) {
        let arguments: Vec<_> = std::env::args_os().collect();
        let options = aws::options_in(&arguments);
        if !options.is_empty() {
            let have = if options.len() == 1 { "has" } else { "have" };
            let options = listed(&options);
            let message = format!("{options} {have} no effect: cfsign makes no AWS calls");
            self.add("AWS options", message);
        }
    }

    pub fn check_key_pair_id(&mut self, id: &KeyPairId) {
        if let Some(oddity) = id.oddity() {
            let message = format!("the key pair ID {} {oddity}", quoted(id.as_str()));
            self.add("key pair ID", message);
        }
    }

    /// Keys of account key pairs may be shorter than those that CloudFront accepts today.
    pub fn check_key_type(&mut self, source: &Source, key_type: KeyType, id: Option<&KeyPairId>) {
        let is_old = id.is_some_and(KeyPairId::is_account_key_pair)
            && matches!(key_type, KeyType::Rsa(1024));
        if !key_type.accepted_by_cloudfront() && !is_old {
            let message = format!(
                "{source} contains an {key_type} key, but CloudFront accepts RSA 2048 and ECDSA \
                 P-256 only"
            );
            self.add("key type", message);
        }
    }

    /// Without a public key to check with, the text of the command is all there is to go by.
    pub fn check_sign_command(&mut self, command: &SignCommand, hash: HashAlgorithm) {
        if let Some(named) = command.named_hash().filter(|named| *named != hash) {
            let message = format!(
                "the sign command seems to use {}, but its signatures will be sent as {}; add \
                 --hash {}",
                named.name(),
                hash.name(),
                named.to_string().to_lowercase()
            );
            self.add("sign command", message);
        }
    }

    pub fn check_key_file(&mut self, source: &Source) {
        if source.others_may_read() {
            let message = format!(
                "{source} can be read by other users of this machine; make it private: chmod 600"
            );
            self.add("key file", message);
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

/// Warnings that `--strict` turned into an error.
#[derive(Debug)]
pub struct StrictWarnings(pub Vec<String>);

impl fmt::Display for StrictWarnings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for StrictWarnings {}
