//! The differences between two policy texts.

use super::change::{Change, ChangeKind};

/// Compares a signed policy with the one that CloudFront received or rebuilt. Empty only if they
/// are equal.
pub fn policy(signed: &[u8], received: &[u8]) -> Vec<Change> {
    if signed == received {
        return Vec::new();
    }
    let signed = String::from_utf8_lossy(signed);
    let received = String::from_utf8_lossy(received);
    let text = "another policy text was signed";
    vec![Change::new(
        ChangeKind::PolicyText,
        &signed,
        &received,
        text,
    )]
}
