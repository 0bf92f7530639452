//! Warnings about keys that CloudFront does not accept or that others can read.

use super::Warnings;
use crate::cli::source::Source;
use crate::{HashAlgorithm, KeyPairId, KeyType, SignCommand, quoted};

impl Warnings {
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
                "{source} contains an {key_type} key, but CloudFront accepts RSA 2048 and ECDSA P-256 only"
            );
            self.add("key type", message);
        }
    }

    /// Without a public key to check with, the text of the command is all there is to go by.
    pub fn check_sign_command(&mut self, command: &SignCommand, hash: HashAlgorithm) {
        if let Some(named) = command.named_hash().filter(|named| *named != hash) {
            let message = format!(
                "the sign command seems to use {}, but its signatures will be sent as {}; add --hash {}",
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
