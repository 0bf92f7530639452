//! Rules of the message: what programs sign in place of the policy.

use super::encoding::ENCODERS;
use crate::base64;
use crate::key::hash::HashAlgorithm::{Sha1, Sha256};

/// Gives messages that may have been signed, from the policy text and the URL.
pub(in crate::verify::cause) fn messages(policy: &[u8], url: &str) -> Vec<Vec<u8>> {
    let mut found = vec![Vec::new()];
    let standard = base64::encode_standard(policy);
    let url_safe = standard.replace('+', "-").replace('/', "_");
    let mut texts = vec![
        url.to_owned(),
        format!("{url}\n"),
        base64::encode(policy),
        standard.trim_end_matches('=').to_owned(),
        url_safe.trim_end_matches('=').to_owned(),
        url_safe,
        base64::encode_standard(standard.as_bytes()),
    ];
    texts.extend(ENCODERS.iter().map(|encoder| encoder.encode(policy)));
    for (width, end) in [
        (76, "\n"),
        (76, "\r\n"),
        (64, "\n"),
        (60, "\n"),
        (standard.len(), "\n"),
    ] {
        let mut lines = standard.clone();
        for place in (width..standard.len()).step_by(width.max(1)).rev() {
            lines.insert_str(place, end);
        }
        texts.extend([format!("{lines}\n"), lines]);
    }
    for hash in [Sha1, Sha256] {
        let digest = hash.digest(policy);
        let hexadecimal = hash.hexadecimal(policy);
        texts.extend([
            format!("{hexadecimal}\n"),
            hexadecimal.to_ascii_uppercase(),
            base64::encode_standard(&digest),
            base64::encode(&digest),
        ]);
        found.extend([
            hash.digest(&digest),
            hash.digest(hexadecimal.as_bytes()),
            digest,
        ]);
        texts.push(hexadecimal);
    }
    found.extend(texts.into_iter().map(String::into_bytes));
    found
}
