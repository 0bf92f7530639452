//! Signs the most common rows, plain URLs under one policy, in one pass over their bytes.

use super::row_signer::RowSigner;
use super::shared_policy::SharedPolicy;
use crate::batch::Layout;
use crate::cli::warnings::Warnings;
use crate::{SignedUrl, UnsignedUrl};

/// URLs of one host whose path has only letters, digits and `-_/.`, without dots after slashes.
///
/// For these, [`RowSigner::sign_rows`] would change nothing and warn of nothing, so the signature
/// is simply appended.
pub struct PlainUrls<'a> {
    /// The scheme and host with the `/` that begins the path.
    origin: String,
    shared: &'a SharedPolicy,
}

impl<'a> PlainUrls<'a> {
    /// The plain URLs of a run: those on the host of its policy. `None` if rows are not lines,
    /// there is not one policy, or something is to be said or changed about any URL on that host.
    pub fn new(signer: &'a RowSigner, layout: &Layout) -> Option<Self> {
        if !layout.is_lines() {
            return None;
        }
        let shared = signer.shared.as_ref()?;
        let resource = shared.resource.as_ref()?.as_str();
        // The URL that is itself the resource may get a canned policy.
        if !resource.contains(['*', '?']) {
            return None;
        }
        let slash = resource.strip_prefix("https://")?.find('/')?;
        let origin = resource[..="https://".len() + slash].to_owned();

        let sample = UnsignedUrl::parse(&format!("{origin}a")).ok()?;
        if signer.changes.apply(sample.as_str()).ok()?.url != sample {
            return None;
        }
        let mut warnings = Warnings::default();
        warnings.check_url(&sample);
        let signed_url = SignedUrl::new(&sample, &shared.signed);
        warnings.check_signed_url(&sample, &signed_url, shared.resource.as_ref());
        let is_silent = warnings.into_iter().next().is_none();
        is_silent.then_some(PlainUrls { origin, shared })
    }

    /// Appends the signed URL as a line to `output`, if `line` is plain and the policy covers it.
    pub fn sign(&self, line: &[u8], output: &mut Vec<u8>) -> bool {
        let Some(path) = line.strip_prefix(self.origin.as_bytes()) else {
            return false;
        };
        if !is_plain_path(path) {
            return false;
        }
        let Ok(url) = std::str::from_utf8(line) else {
            return false;
        };
        let query = self.shared.signed.query();
        if url.len() + "?".len() + query.len() > SignedUrl::LONGEST || !self.shared.covers(url) {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::batch::{Buffers, Chunk, Format, Row};
    use crate::cli::args::ChangeFlags;
    use crate::cli::command::batch::row_signer::SignedChunk;
    use crate::cli::request::{PolicySpec, Terms};
    use crate::{Conditions, Policy, PrivateKey, Signer, Timestamp};

    fn signer(resource: &str, changes: ChangeFlags) -> RowSigner {
        let key = std::fs::read("tests/keys/p256-pkcs8.pem").unwrap();
        let key = PrivateKey::from_pem(&key).unwrap();
        let signer = Signer::new("K2JCJMDEHXQW5F".parse().unwrap(), key);
        let expires = Timestamp::from_unix(1_800_000_000).unwrap();
        let resource = resource.parse().unwrap();
        let policy = Policy::custom(&resource, Conditions::until(expires)).unwrap();
        RowSigner {
            shared: Some(SharedPolicy::sign(policy, &signer).unwrap()),
            signer,
            spec: PolicySpec::Terms(Terms {
                expires: Some(expires),
                resource: Some(resource),
                ..Terms::default()
            }),
            changes,
            base_url: None,
            now: Timestamp::from_unix(1_790_000_000).unwrap(),
            strict: false,
            fail_fast: false,
            buffers: Buffers::default(),
        }
    }

    fn changes(encode: bool, query: bool) -> ChangeFlags {
        let parameter = ("v".to_owned(), "1".to_owned());
        ChangeFlags {
            query: query.then_some(parameter).into_iter().collect(),
            encode,
            ..ChangeFlags::default()
        }
    }

    /// Everything that can be seen of a chunk.
    fn shown(signed: SignedChunk) -> String {
        let bad: Vec<_> = signed
            .bad
            .iter()
            .map(|bad| (bad.line, &bad.error))
            .collect();
        let output = String::from_utf8_lossy(&signed.output);
        format!("{} {bad:?} {:?}\n{output}", signed.rows, signed.warnings)
    }

    proptest! {
        /// The short way makes what the full way makes, of any rows.
        #[test]
        fn plain_urls_are_signed_as_all_others(
            resource in "https?://(h\\.example|H\\.example|h\\.example:443|\\*\\.example|s3\\.amazonaws\\.com)/(a\\*|\\*|a/\\?|a)",
            rows in proptest::collection::vec(
                "(https?://[hH]\\.example(:443)?|https://s3\\.amazonaws\\.com)(/[aZ0_./-]{0,8}){0,3}([?%*#~ é\r\\\\].{0,3})?|\\PC{0,5}", 0..12),
            encode: bool,
            query: bool,
        ) {
            let signer = signer(&resource, changes(encode, query));
            let mut chunk = Chunk {
                line: 1,
                bytes: (rows.join("\n") + "\n").into_bytes(),
                too_long: false,
            };
            let layout = Layout::read(Format::Lines, Format::Lines, "url", &mut chunk, false).unwrap();
            let mut full = SignedChunk::default();
            signer.sign_rows(&layout, Row::all(&layout, &chunk), &mut full);
            prop_assert_eq!(shown(signer.sign_chunk(&layout, &chunk)), shown(full));
        }
    }

    #[test]
    fn common_urls_are_plain() {
        let mut chunk = Chunk::default();
        let layout = Layout::read(Format::Lines, Format::Lines, "url", &mut chunk, false).unwrap();
        let signer = signer("https://d111.cloudfront.net/v/*", changes(false, false));
        let plain_urls = PlainUrls::new(&signer, &layout).unwrap();
        for (url, is_plain) in [
            ("https://d111.cloudfront.net/v/intro-0001.mp4", true),
            ("https://d111.cloudfront.net/v/A_b/c.tar.gz", true),
            ("https://d111.cloudfront.net/v/../a", false),
            ("https://d111.cloudfront.net/v/.hidden", false),
            ("https://d111.cloudfront.net/v/a?b=c", false),
            ("https://d111.cloudfront.net/w/a", false),
            ("https://d222.cloudfront.net/v/a", false),
        ] {
            assert_eq!(
                plain_urls.sign(url.as_bytes(), &mut Vec::new()),
                is_plain,
                "{url}"
            );
        }
        let long = format!("https://d111.cloudfront.net/v/{}", "a".repeat(8000));
        assert!(!plain_urls.sign(long.as_bytes(), &mut Vec::new()));
    }
}
