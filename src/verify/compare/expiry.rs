//! The differences between two expiries.

use super::change::{Change, ChangeKind};

/// Compares a signed expiry with the one that was received. Empty only if they are equal.
pub fn expiry(signed: &str, received: &str) -> Vec<Change> {
    if signed == received {
        return Vec::new();
    }
    let text = format!("the expiry {signed} was signed, and {received} was received");
    vec![Change::new(ChangeKind::Expiry, signed, received, text)]
}
