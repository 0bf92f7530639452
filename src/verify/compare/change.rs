//! A difference between what was signed and what was received.

use serde::Serialize;

/// The part of a request that changed between signing and request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ChangeKind {
    /// A query parameter was received, but not signed.
    ParameterAdded,
    /// A query parameter was signed, but not received.
    ParameterRemoved,
    /// A query parameter was received with another value or name.
    ParameterChanged,
    /// The query parameters were received in another order.
    ParameterOrder,
    /// A query parameter was received in another spelling of the same name and value.
    QueryEncoding,
    /// Another path was received.
    Path,
    /// The path was received in another spelling.
    PathEncoding,
    /// `http` for `https`, or the reverse.
    Scheme,
    /// Another host, or another spelling of the host.
    Host,
    /// Another port.
    Port,
    /// The signed URL has a fragment, which clients do not send.
    Fragment,
    /// The URL or a parameter in it was damaged as text, such as by HTML escapes or line breaks.
    UrlText,
    /// The signed URL is a part of the URL that was requested.
    UrlInUrl,
    /// The same policy in another JSON text.
    PolicyText,
    /// A canned policy was signed and a custom one received, or the reverse, or a pattern was
    /// signed with a canned policy.
    PolicyType,
    /// Something else than the policy was signed, such as its digest.
    SignedMessage,
    /// Another expiry.
    Expiry,
    /// Another hash algorithm.
    Hash,
    /// Another padding of the RSA signature.
    Padding,
    /// The signature was received in another encoding.
    SignatureEncoding,
    /// The signature was made with another key of the key group than the one that the key pair ID
    /// names.
    Key,
    /// Another key pair ID, which names no key of the key group.
    KeyPairId,
    /// A cookie was damaged, or sent twice.
    Cookie,
}

/// One difference between what was signed and what was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The part that changed.
    pub kind: ChangeKind,
    /// The piece of the signed text; `None` if nothing stands for it.
    pub signed: Option<String>,
    /// The piece of the received text; `None` if nothing stands for it.
    pub received: Option<String>,
    /// A sentence without a full stop. Changes that one event made have the same sentence.
    pub text: String,
}

impl Change {
    /// A change from one piece to another, as one sentence.
    pub fn new(kind: ChangeKind, signed: &str, received: &str, text: impl Into<String>) -> Self {
        Change {
            kind,
            signed: Some(signed.to_owned()),
            received: Some(received.to_owned()),
            text: text.into(),
        }
    }
}

/// The sentences of changes, joined; `None` without a change.
pub fn sentence(changes: &[Change]) -> Option<String> {
    joined(changes.iter().map(|change| change.text.as_str()))
}

/// Some texts as one, without those that were there before; `None` without a text.
pub(in crate::verify) fn joined<'a>(texts: impl Iterator<Item = &'a str>) -> Option<String> {
    let texts = distinct(texts);
    (!texts.is_empty()).then(|| texts.join("; "))
}

/// Some texts without those that were there before.
pub(in crate::verify) fn distinct<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found = Vec::new();
    for text in texts {
        if !found.contains(&text) {
            found.push(text);
        }
    }
    found
}
