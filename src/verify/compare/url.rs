//! The differences between two URLs.

use super::change::{Change, ChangeKind};
use crate::error::quoted;
use crate::url::resource::Resource;

/// Compares a signed URL, or a pattern of URLs, with the one that was requested. Both are without
/// signing parameters. Empty only if they are equal, or the pattern covers the URL.
pub fn url(signed: &str, received: &str, is_pattern: bool) -> Vec<Change> {
    if signed == received || is_pattern && Resource::verbatim(signed).covers(received) {
        return Vec::new();
    }
    let (was, is) = (quoted(signed), quoted(received));
    let text = format!("{was} was signed, and {is} was requested");
    vec![Change::new(ChangeKind::Path, signed, received, text)]
}
