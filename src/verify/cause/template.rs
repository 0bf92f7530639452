//! The text of a policy as the rules vary it: with another URL and another expiry.

use std::ops::Range;

use crate::policy::json::tokens;

/// Marks that stand in the text for the URL and the expiry; no policy contains them.
const URL: &str = "\u{1}";
const EXPIRES: &str = "\u{2}";

/// A policy text with places for URL and expiry.
pub(super) struct Template {
    /// The text with the marks.
    text: String,
    /// The URL, or the resource of a custom policy.
    pub(super) url: String,
    /// The expiry as written.
    pub(super) expires: String,
    /// The text is not that of the request: the canned policy of a request with a custom one.
    pub(super) is_other: bool,
}

impl Template {
    /// A policy text, whose resource and expiry are varied where they are found.
    pub(super) fn of(text: &str) -> Self {
        let mut text = text.to_owned();
        let mut url = String::new();
        if let Some(place) = resource_place(&text) {
            let literal = &text[place.clone()];
            let raw = literal.trim_matches('"');
            url = serde_json::from_str(literal).unwrap_or_else(|_| raw.to_owned());
            text.replace_range(place, &format!("\"{URL}\""));
        }
        let mut expires = String::new();
        if let Some(place) = expiry_place(&text) {
            text[place.clone()].clone_into(&mut expires);
            text.replace_range(place, EXPIRES);
        }
        Template {
            text,
            url,
            expires,
            is_other: false,
        }
    }

    /// The text with a URL and an expiry: with the URL as it is, and escaped as JSON if that is
    /// another text.
    pub(super) fn write(&self, url: &str, expires: &str) -> Vec<Vec<u8>> {
        let mut texts = vec![self.written(url, expires)];
        if url
            .bytes()
            .any(|byte| byte < b' ' || byte == b'"' || byte == b'\\')
        {
            let literal = serde_json::Value::from(url).to_string();
            texts.push(self.written(&literal[1..literal.len() - 1], expires));
        }
        texts
    }

    fn written(&self, url: &str, expires: &str) -> Vec<u8> {
        let text = self.text.replace(EXPIRES, expires);
        text.replace(URL, url).into_bytes()
    }
}

/// The range of the string of the resource, with its quotes.
fn resource_place(text: &str) -> Option<Range<usize>> {
    const NAME: &str = "\"Resource\"";
    let after = text.find(NAME)? + NAME.len();
    let start = after + text[after..].find('"')?;
    let literal = tokens(&text[start..]).next()?;
    Some(start..start + literal.len())
}

/// The range of the number of `DateLessThan`.
fn expiry_place(text: &str) -> Option<Range<usize>> {
    let name = text.find("\"DateLessThan\"")?;
    let colon = name + text[name..].find("EpochTime\"")?;
    let start = colon + text[colon..].find(|c: char| c.is_ascii_digit())?;
    let digits = text[start..].bytes().take_while(u8::is_ascii_digit);
    Some(start..start + digits.count())
}
