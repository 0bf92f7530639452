//! The differences between two texts, one signed and one received: URLs, policies, expiries.
//!
//! The functions here know nothing of signatures. Whatever showed that a text was signed, the
//! explanation is made from the two texts alone, so it cannot contain a step that never happened.

mod change;
mod expiry;
mod policy;
mod url;

pub use change::{Change, ChangeKind, sentence};
pub use expiry::expiry;
pub use policy::policy;
pub use url::url;

#[cfg(test)]
mod tests {
    use super::{expiry, policy, url};

    #[test]
    fn equal_texts_have_no_difference() {
        assert_eq!(expiry("1800000000", "1800000000"), []);
        assert_eq!(policy(b"{}", b"{}"), []);
        let signed = "https://cdn.example.com/a*";
        assert_eq!(url(signed, "https://cdn.example.com/abc", true), []);
        assert_eq!(url(signed, "https://cdn.example.com/abc", false).len(), 1);
    }
}
