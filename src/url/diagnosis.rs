//! Errors for text that is not a URL, with a guess at the intended URL.

use crate::error::{Error, ErrorKind};
use crate::url::parts::UrlParts;
use crate::url::percent::{decode, encode, first_unsafe};
use crate::url::signing_parameters::{redacted, shown};

const EXAMPLE: &str = "https://d111111abcdef8.cloudfront.net/image.jpg";

/// An error of the kind [`ErrorKind::InvalidUrl`].
pub(super) fn invalid_url(message: impl Into<String>) -> Error {
    Error::of_kind(ErrorKind::InvalidUrl, message)
}

/// The error for leading or trailing white space.
pub(super) fn white_space_around(text: &str) -> Error {
    invalid_url(format!(
        "{} has leading or trailing white space",
        shown(text)
    ))
    .with_hint("remove it; a space at the end of a file name is written %20")
}

/// The error for a scheme twice, as in `https://https://example.com/`.
pub(super) fn scheme_twice(text: &str, rest: &str) -> Error {
    invalid_url(format!("{} has a scheme twice", shown(text))).with_hint_about(text, redacted(rest))
}

/// The error for text that does not begin with `scheme://`.
pub(super) fn not_absolute(text: &str) -> Error {
    if text.is_empty() {
        return invalid_url("the URL is empty").with_hint(format!("a URL looks like {EXAMPLE}"));
    }
    if text.trim() != text {
        return white_space_around(text);
    }
    let shown = shown(text);
    let unquoted = text.trim_matches(['\'', '"', '<', '>', '\u{201c}', '\u{201d}']);
    if unquoted != text {
        return invalid_url(format!("{shown} has quotation marks around the URL"))
            .with_hint_about(text, format!("remove them: {}", redacted(unquoted)));
    }
    if let Some(url) = with_repaired_scheme(text) {
        return invalid_url(format!("{shown} has no :// after the scheme"))
            .with_hint_about(text, redacted(&url));
    }
    let decoded = decode(text);
    if decoded.starts_with("http://") || decoded.starts_with("https://") {
        return invalid_url(format!("{shown} is percent-encoded as a whole"))
            .with_hint_about(text, format!("decode it: {}", redacted(&decoded)));
    }
    let rest = text.trim_start_matches('/');
    let with_scheme = format!("https://{rest}");
    let parts = UrlParts::parse(&with_scheme);
    let host = parts.authority;
    if host.contains('@') {
        return invalid_url("the URL has no scheme, and contains user information (name@host)")
            .with_hint(format!("a URL looks like {EXAMPLE}"));
    }
    let is_host = (!text.starts_with('/') || text.starts_with("//"))
        && host.contains('.')
        && !host.starts_with('.')
        && first_unsafe(text).is_none();
    if is_host && (rest.len() > host.len() || text.starts_with("//")) {
        return invalid_url(format!("{shown} has no scheme"))
            .with_hint_about(text, redacted(&with_scheme));
    }
    // Names of files seldom have two dots.
    if is_host && host.matches('.').count() >= 2 {
        let hint = format!(
            "{with_scheme}/ if that is the host, https://d111111abcdef8.cloudfront.net/{rest} if it is a path"
        );
        return invalid_url(format!("{shown} is not an absolute URL")).with_hint_about(text, hint);
    }
    let path = [host, parts.path].concat().replace('\\', "/");
    invalid_url(format!("{shown} is not an absolute URL")).with_hint_about(
        text,
        format!(
            "add the scheme and host: https://d111111abcdef8.cloudfront.net/{}",
            encode(&path)
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
