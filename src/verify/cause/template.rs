//! The texts that may have been signed, apart from changes to them.

use super::change::{Change, Variant};
use super::{expiry_rules, url_rules};

/// A policy text, and the parts of it that the search varies.
pub(super) struct Template {
    text: String,
    /// The change that it stands for, if the text itself is not the received one.
    pub(super) meaning: Option<Change>,
    pub(super) parts: Option<Parts>,
    /// The alternatives of the resource.
    pub(super) urls: Vec<Variant>,
    /// The alternatives of the expiry.
    pub(super) expiries: Vec<Variant>,
}

pub(super) struct Parts {
    /// The URL or pattern.
    pub(super) resource: String,
    /// The expiry as written.
    pub(super) expires: String,
    before: String,
    middle: String,
    after: String,
}

impl Template {
    /// A text in which nothing is varied.
    pub(super) fn whole(text: &str, meaning: Option<Change>) -> Self {
        Template {
            text: text.to_owned(),
            meaning,
            parts: None,
            urls: Vec::new(),
            expiries: Vec::new(),
        }
    }

    /// A text in which resource and expiry are varied, if they are where they are expected: a malformed policy may have
    /// them elsewhere, or escaped.
    pub(super) fn of(text: &str, resource: &str, expires: &str, meaning: Option<Change>) -> Self {
        let Some(parts) = Parts::of(text, resource, expires) else {
            return Template::whole(text, meaning);
        };
        Template {
            parts: Some(parts),
            urls: url_rules::alternatives(resource, usize::MAX).found(),
            expiries: expiry_rules::alternatives(expires),
            ..Template::whole(text, meaning)
        }
    }

    /// The texts with another resource and another expiry: without escapes, as programs write that build JSON by hand,
    /// and with them, if there is a difference. `None` stands for the received ones.
    pub(super) fn write(
        &self,
        resource: Option<&str>,
        expires: Option<&str>,
    ) -> (String, Option<String>) {
        let Some(parts) = &self.parts else {
            return (self.text.clone(), None);
        };
        let resource = resource.unwrap_or(&parts.resource);
        let expires = expires.unwrap_or(&parts.expires);
        let (before, middle) = (parts.before.as_str(), parts.middle.as_str());
        let raw = [before, "\"", resource, "\"", middle, expires, &parts.after].concat();
        let needs_escapes = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
        let escaped = resource.bytes().any(needs_escapes).then(|| {
            let literal = serde_json::to_string(resource).unwrap_or_default();
            [before, &literal, middle, expires, &parts.after].concat()
        });
        (raw, escaped)
    }
}

impl Parts {
    fn of(text: &str, resource: &str, expires: &str) -> Option<Self> {
        let literal = serde_json::to_string(resource).ok()?;
        let (before, rest) = text.split_once(&literal)?;
        let less_than = rest.find("\"DateLessThan\"")?;
        let place = less_than + rest[less_than..].find(expires)?;
        Some(Parts {
            resource: resource.to_owned(),
            expires: expires.to_owned(),
            before: before.to_owned(),
            middle: rest[..place].to_owned(),
            after: rest[place + expires.len()..].to_owned(),
        })
    }
}
