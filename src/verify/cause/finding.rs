//! A change with the next step after it.

use crate::verify::compare::{Change, ChangeKind};

/// A change to a request, and what to do about it.
#[derive(Clone)]
pub(super) struct Finding {
    pub(super) change: Change,
    pub(super) fix: String,
}

impl Finding {
    /// A change in words, without pieces of texts.
    pub(super) fn new(kind: ChangeKind, text: impl Into<String>, fix: impl Into<String>) -> Self {
        let change = Change {
            kind,
            signed: None,
            received: None,
            text: text.into(),
        };
        let fix = fix.into();
        Finding { change, fix }
    }
}
