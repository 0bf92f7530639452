//! The differences between two texts, one signed and one received: URLs, policies, expiries.
//!
//! The functions here know nothing of signatures. Whatever showed that a text was signed, the
//! explanation is made from the two texts alone, so it cannot contain a step that never happened.

mod change;
mod difference;
mod expiry;
mod path;
mod policy;
mod query;
pub(super) mod spelling;
mod url;

pub use change::{Change, ChangeKind, sentence};
pub(super) use change::{distinct, joined};
pub use expiry::expiry;
pub use policy::policy;
pub use url::url;
