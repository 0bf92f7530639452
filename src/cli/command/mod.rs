//! The commands, one file or folder each.

pub mod batch;
pub mod completions;
pub mod cookies;
pub mod inspect;
pub mod key;
pub mod man;
pub mod playlist;
pub mod policy;
pub mod url;
pub mod verify;
