//! Spellings of one text as the encoders of the world write it.

use std::borrow::Cow;

use crate::url::percent;

/// What an encoder leaves as it is, besides letters and digits, and how it writes a space.
pub(super) struct Encoder {
    plain: &'static [u8],
    space: &'static str,
}

const fn encoder(plain: &'static [u8], space: &'static str) -> Encoder {
    Encoder { plain, space }
}

/// The encoders of names, values and segments of paths.
pub(super) const ENCODERS: &[Encoder] = &[
    // encodeURIComponent
    encoder(b"-_.!~*'()", "%20"),
    // rawurlencode, Uri.EscapeDataString, RFC 3986
    encoder(b"-_.~", "%20"),
    // URLSearchParams, URLEncoder
    encoder(b"-_.*", "+"),
    // urlencode (PHP)
    encoder(b"-_.", "+"),
    // quote_plus, url.QueryEscape
    encoder(b"-_.~", "+"),
    // All that RFC 3986 allows in a query, without and with "="
    encoder(b"-._~!$'()*,;:@/?", "%20"),
    encoder(b"-._~!$'()*+,;:@/?=", "%20"),
    encoder(b"-._~!$'()*+,;:@/?=[]", "%20"),
    // quote(safe="/:@,"), quote
    encoder(b"-._~/:@,", "%20"),
    encoder(b"-._~/", "%20"),
    // encodeURI
    encoder(b"-_.!~*'();/?:@=+$,", "%20"),
    // The path of the URL standard, and of java.net.URI
    encoder(b"-_.!~*'();/:@=+$,[]|&%", "%20"),
];

/// The number of spellings of a parameter.
pub(super) const SPELLINGS: usize = 2 * ENCODERS.len() + 6;

impl Encoder {
    /// Writes a decoded text.
    pub(super) fn encode(&self, text: &[u8]) -> String {
        let mut encoded = String::with_capacity(text.len() * 2);
        for byte in text {
            if byte.is_ascii_alphanumeric() || self.plain.contains(byte) {
                encoded.push(char::from(*byte));
            } else if *byte == b' ' {
                encoded.push_str(self.space);
            } else {
                encoded.push_str(percent::escape(*byte));
            }
        }
        encoded
    }
}

/// A parameter in its usual spellings: the first is as received, and the n-th of every parameter
/// come from the same encoder.
pub(super) fn spelled(parameter: &str) -> Vec<String> {
    let (name, value) = match parameter.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (parameter, None),
    };
    let mut spellings = vec![parameter.to_owned(), parameter.replace('+', "%20")];
    for is_form in [true, false] {
        let name = decoded(name, is_form);
        let value = value.map(|value| decoded(value, is_form));
        for encoder in ENCODERS {
            let mut text = encoder.encode(&name);
            if let Some(value) = &value {
                text = format!("{text}={}", encoder.encode(value));
            }
            spellings.push(text);
        }
    }
    let raw = decoded(parameter, true);
    spellings.push(String::from_utf8_lossy(&raw).into_owned());
    let is_empty = value.is_none_or(str::is_empty);
    spellings.push(match value {
        Some("") => name.to_owned(),
        None => format!("{name}="),
        _ => parameter.to_owned(),
    });
    // The most usual serializers, with and without "=" behind an empty value.
    for encoder in [&ENCODERS[5], &ENCODERS[0]] {
        let name = encoder.encode(&decoded(name, true));
        let value = encoder.encode(&decoded(value.unwrap_or_default(), true));
        spellings.push(if is_empty {
            name
        } else {
            format!("{name}={value}")
        });
    }
    spellings
}

/// The bytes that a text stands for; `+` is a space in forms.
pub(super) fn decoded(text: &str, is_form: bool) -> Vec<u8> {
    let text = if is_form {
        Cow::Owned(text.replace('+', " "))
    } else {
        Cow::Borrowed(text)
    };
    percent::decode_bytes(&text)
}
