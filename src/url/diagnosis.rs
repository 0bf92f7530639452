//! Errors for text that is not a URL, with a guess at the URL that was meant.

use crate::error::Error;
use crate::url::percent::{decode, encode, first_unsafe};
use crate::url::signing_parameters::{redacted, shown};

const EXAMPLE: &str = "https://d111111abcdef8.cloudfront.net/image.jpg";

/// Leading or trailing white space.
pub(super) fn white_space_around(text: &str) -> Error {
    Error::new(format!(
        "{} has leading or trailing white space",
        shown(text)
    ))
    .with_hint("remove it; a space at the end of a file name is written %20")
}

/// A scheme twice, as in `https://https://example.com/`.
pub(super) fn scheme_twice(text: &str, rest: &str) -> Error {
    Error::new(format!("{} has a scheme twice", shown(text))).with_hint_about(text, redacted(rest))
}

/// Text without `scheme://` in front.
pub(super) fn not_absolute(text: &str) -> Error {
    if text.is_empty() {
        return Error::new("the URL is empty").with_hint(format!("a URL looks like {EXAMPLE}"));
    }
    if text.trim() != text {
        return white_space_around(text);
    }
    let shown = shown(text);
    let unquoted = text.trim_matches(['\'', '"', '<', '>', '\u{201c}', '\u{201d}']);
    if unquoted != text {
        return Error::new(format!("{shown} has quotation marks around the URL"))
            .with_hint_about(text, format!("remove them: {}", redacted(unquoted)));
    }
    if let Some(url) = with_repaired_scheme(text) {
        return Error::new(format!("{shown} has no :// after the scheme"))
            .with_hint_about(text, redacted(&url));
    }
    let decoded = decode(text);
    if decoded.starts_with("http://") || decoded.starts_with("https://") {
        return Error::new(format!("{shown} is percent-encoded as a whole"))
            .with_hint_about(text, format!("decode it: {}", redacted(&decoded)));
    }
    let rest = text.trim_start_matches('/');
    let host = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    if host.contains('@') {
        return Error::new("the URL has no scheme, and contains user information (name@host)")
            .with_hint(format!("a URL looks like {EXAMPLE}"));
    }
    let is_host = (!text.starts_with('/') || text.starts_with("//"))
        && host.contains('.')
        && !host.starts_with('.')
        && first_unsafe(text).is_none();
    if is_host && (rest.len() > host.len() || text.starts_with("//")) {
        return Error::new(format!("{shown} has no scheme"))
            .with_hint_about(text, format!("https://{}", redacted(rest)));
    }
    if is_host {
        return Error::new(format!("{shown} is not a URL"))
            .with_hint_about(text, format!("https://{rest}/"));
    }
    let path = rest.split('?').next().unwrap_or_default();
    Error::new(format!("{shown} is not an absolute URL")).with_hint_about(
        text,
        format!(
            "add the scheme and host: https://d111111abcdef8.cloudfront.net/{}",
            encode(path)
        ),
    )
}

/// The URL, if all that is wrong is the `://`.
fn with_repaired_scheme(text: &str) -> Option<String> {
    let lower = text.get(..6).unwrap_or(text).to_ascii_lowercase();
    let scheme = ["https", "http"]
        .into_iter()
        .find(|scheme| lower.starts_with(scheme))?;
    let rest = &text[scheme.len()..];
    let host = rest.trim_start_matches([':', ';', '/', '\\']);
    let separator = &rest[..rest.len() - host.len()];
    let is_separator = separator.starts_with([':', ';']) || separator.len() >= 2;
    (is_separator && !host.is_empty()).then(|| format!("{scheme}://{host}"))
}
