//! Rules of the message: what programs sign in place of the policy.

use crate::base64;
use crate::key::hash::HashAlgorithm::{Sha1, Sha256};
use crate::url::percent;

/// Gives messages that may have been signed, from the policy text.
pub(in crate::verify::cause) fn messages(policy: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for hash in [Sha1, Sha256] {
        let digest = hash.digest(policy);
        let hexadecimal = hash.hexadecimal(policy);
        found.extend([
            digest.clone(),
            hexadecimal.clone().into_bytes(),
            format!("{hexadecimal}\n").into_bytes(),
            hexadecimal.to_ascii_uppercase().into_bytes(),
            base64::encode_standard(&digest).into_bytes(),
            base64::encode(&digest).into_bytes(),
            hash.digest(&digest),
            hash.digest(hexadecimal.as_bytes()),
        ]);
    }
    let standard = base64::encode_standard(policy);
    let url_safe = standard.replace('+', "-").replace('/', "_");
    let lines = |width: usize, end: &str| {
        let chunks = standard.as_bytes().chunks(width);
        let lines = chunks.map(|line| String::from_utf8_lossy(line).into_owned());
        lines.collect::<Vec<_>>().join(end)
    };
    let twice = base64::encode_standard(standard.as_bytes());
    let encoded = [
        base64::encode(policy),
        standard.trim_end_matches('=').to_owned(),
        url_safe.trim_end_matches('=').to_owned(),
        url_safe,
        format!("{standard}\n"),
        lines(76, "\n"),
        lines(76, "\n") + "\n",
        lines(76, "\r\n"),
        lines(64, "\n"),
        lines(64, "\n") + "\n",
        lines(60, "\n") + "\n",
        twice,
        percent::encode_component(&String::from_utf8_lossy(policy)),
        standard,
    ];
    found.extend(encoded.map(String::into_bytes));
    found.push(Vec::new());
    found
}
