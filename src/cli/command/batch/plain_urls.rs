//! Signs the most common rows, plain URLs under one policy, in one pass over their bytes.

use super::shared_policy::SharedPolicy;
use crate::cli::args::ChangeFlags;
use crate::cli::warnings::Warnings;
use crate::{SignedUrl, UnsignedUrl};

/// URLs of one host whose path has only letters, digits and `-_/.`, without dots after slashes.
///
/// For these, [`RowSigner`](super::row_signer::RowSigner) would change nothing and warn of nothing,
/// so the signature is simply appended.
pub struct PlainUrls {
    /// The scheme and host with the `/` that begins the path.
    origin: String,
}

impl PlainUrls {
    /// The plain URLs of a run: those on the host of its policy. `None` if something is to be said
    /// or changed about any URL on that host.
    pub fn new(shared: &SharedPolicy, changes: &ChangeFlags) -> Option<Self> {
        let resource = shared.resource.as_ref()?.as_str();
        // The URL that is itself the resource may get a canned policy.
        if !resource.contains(['*', '?']) {
            return None;
        }
        let slash = resource.strip_prefix("https://")?.find('/')?;
        let origin = resource[..="https://".len() + slash].to_owned();

        let sample = UnsignedUrl::parse(&format!("{origin}a")).ok()?;
        if changes.apply(sample.as_str()).ok()?.url != sample {
            return None;
        }
        let mut warnings = Warnings::default();
        warnings.check_url(&sample);
        let signed_url = SignedUrl::new(&sample, &shared.signed);
        warnings.check_signed_url(&sample, &signed_url, shared.resource.as_ref());
        let is_silent = warnings.into_iter().next().is_none();
        is_silent.then_some(PlainUrls { origin })
    }

    /// Appends the signed URL as a line to `output`, if `line` is plain and the policy covers it.
    pub fn sign(&self, shared: &SharedPolicy, line: &[u8], output: &mut Vec<u8>) -> bool {
        let Some(path) = line.strip_prefix(self.origin.as_bytes()) else {
            return false;
        };
        if !is_plain_path(path) {
            return false;
        }
        let Ok(url) = std::str::from_utf8(line) else {
            return false;
        };
        let query = shared.signed.query();
        if url.len() + "?".len() + query.len() > SignedUrl::LONGEST || !shared.covers(url) {
            return false;
        }
        output.extend_from_slice(line);
        output.push(b'?');
        output.extend_from_slice(query.as_bytes());
        output.push(b'\n');
        true
    }
}

fn is_plain_path(path: &[u8]) -> bool {
    // Without early exits, which LLVM would not vectorize.
    let mut is_plain = true;
    for byte in path {
        is_plain &= byte.is_ascii_alphanumeric() | matches!(byte, b'-' | b'_' | b'/' | b'.');
    }
    let mut begins_with_dot = path.starts_with(b".");
    for pair in path.windows(2) {
        begins_with_dot |= (pair[0] == b'/') & (pair[1] == b'.');
    }
    is_plain && !begins_with_dot && !path.is_empty()
}
