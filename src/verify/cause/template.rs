//! The text of a policy as the rules vary it: with another URL and another expiry.

use crate::policy::canned_text;

/// A policy text with places for URL and expiry.
pub(super) struct Template {
    pieces: Vec<Piece>,
    /// The URL, or the resource of a custom policy.
    pub(super) url: String,
    /// The expiry as written.
    pub(super) expires: String,
    /// The text is not that of the request: the canned policy of a request with a custom one.
    pub(super) is_other: bool,
}

enum Piece {
    Text(String),
    Url,
    Expires,
}

impl Template {
    /// The canned policy of a URL.
    pub(super) fn canned(url: &str, expires: &str) -> Self {
        // Quotes cannot occur in these two, whatever the URL.
        let text = canned_text("\u{1}", "\u{2}");
        let (before, rest) = text.split_once("\"\\u0001\"").unwrap_or_default();
        let (middle, after) = rest.split_once('\u{2}').unwrap_or_default();
        Template {
            pieces: vec![
                Piece::Text(before.to_owned()),
                Piece::Url,
                Piece::Text(middle.to_owned()),
                Piece::Expires,
                Piece::Text(after.to_owned()),
            ],
            url: url.to_owned(),
            expires: expires.to_owned(),
            is_other: false,
        }
    }

    /// A custom policy, whose resource and expiry are varied where they are found.
    pub(super) fn custom(text: &str) -> Self {
        let mut places = Vec::new();
        let mut template = Template {
            pieces: Vec::new(),
            url: String::new(),
            expires: String::new(),
            is_other: false,
        };
        if let Some((start, end)) = resource_place(text) {
            let literal = &text[start..end];
            let raw = literal[1..literal.len() - 1].to_owned();
            template.url = serde_json::from_str(literal).unwrap_or(raw);
            places.push((start, end, Piece::Url));
        }
        if let Some((start, end)) = expiry_place(text) {
            text[start..end].clone_into(&mut template.expires);
            places.push((start, end, Piece::Expires));
        }
        places.sort_by_key(|(start, ..)| *start);
        let mut written = 0;
        for (start, end, piece) in places {
            template
                .pieces
                .push(Piece::Text(text[written..start].to_owned()));
            template.pieces.push(piece);
            written = end;
        }
        template
            .pieces
            .push(Piece::Text(text[written..].to_owned()));
        template
    }

    /// The text with a URL and an expiry: with the URL as it is, and escaped as JSON if that is
    /// another text.
    pub(super) fn write(&self, url: &str, expires: &str) -> Vec<String> {
        let mut texts = vec![self.write_with(&format!("\"{url}\""), expires)];
        if url
            .bytes()
            .any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\')
        {
            let literal = serde_json::Value::from(url).to_string();
            texts.push(self.write_with(&literal, expires));
        }
        texts
    }

    fn write_with(&self, literal: &str, expires: &str) -> String {
        let mut text = String::with_capacity(literal.len() + 200);
        for piece in &self.pieces {
            text.push_str(match piece {
                Piece::Text(text) => text,
                Piece::Url => literal,
                Piece::Expires => expires,
            });
        }
        text
    }
}

/// The range of the resource's string, with its quotes.
fn resource_place(text: &str) -> Option<(usize, usize)> {
    const NAME: &str = "\"Resource\"";
    let after = text.find(NAME)? + NAME.len();
    let start = after + text[after..].find('"')?;
    let mut is_escaped = false;
    for (place, c) in text[start + 1..].char_indices() {
        if c == '"' && !is_escaped {
            return Some((start, start + 1 + place + 1));
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    None
}

/// The range of the number of `DateLessThan`.
fn expiry_place(text: &str) -> Option<(usize, usize)> {
    let name = text.find("\"DateLessThan\"")?;
    let colon = name + text[name..].find("EpochTime\"")?;
    let start = colon + text[colon..].find(|c: char| c.is_ascii_digit())?;
    let rest = &text[start..];
    let length = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    Some((start, start + length))
}
