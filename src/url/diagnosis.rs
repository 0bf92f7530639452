//! Errors for text that is not a URL to sign, with a guess at the intended URL.

use crate::error::{Error, ErrorKind, Result, quoted};
use crate::url::parts::UrlParts;
use crate::url::percent::{decode, encode_pattern, first_unsafe};
use crate::url::signing_parameters::{Name, SigningParameter, query_names, redacted, shown};

const EXAMPLE: &str = "https://d111111abcdef8.cloudfront.net/image.jpg";
const ORIGIN: &str = "https://d111111abcdef8.cloudfront.net/";

/// An error of the kind [`ErrorKind::InvalidUrl`].
pub(super) fn invalid_url(message: impl Into<String>) -> Error {
    Error::of_kind(ErrorKind::InvalidUrl, message)
}

/// Checks that a URL or resource has no fragment; `what` is how messages call it.
pub(super) fn check_no_fragment(what: &str, text: &str) -> Result<()> {
    if !text.contains('#') {
        return Ok(());
    }
    Err(invalid_url(format!(
        "{what} has a fragment (#), which clients do not send to CloudFront"
    ))
    .with_hint("remove the # and everything after it; a # in a file name is written %23"))
}

/// Checks that the query has no signing parameters, which CloudFront removes before it evaluates a
/// request, and none that looks like one.
pub(super) fn check_names(what: &str, text: &str) -> Result<()> {
    const RESERVED: &str = "which CloudFront reserves for signatures";
    let mut seen: Vec<SigningParameter> = Vec::new();
    for name in query_names(text) {
        match Name::of(name) {
            Name::Signing(exact) if seen.contains(&exact) => {
                let message = format!(
                    "{what} has the query parameter \"{exact}\" more than once, {RESERVED}"
                );
                return Err(Error::of_kind(ErrorKind::AlreadySigned, message));
            }
            Name::Signing(exact) => seen.push(exact),
            Name::Misspelled(exact) => {
                let name = quoted(name);
                let message = format!(
                    "{what} has the query parameter {name}, probably a misspelled \"{exact}\""
                );
                return Err(invalid_url(message).with_hint("remove it; names are case-sensitive"));
            }
            Name::Own => {}
        }
    }
    let Some(name) = seen.first() else {
        return Ok(());
    };
    let message = format!("{what} already has the query parameter \"{name}\", {RESERVED}");
    Err(Error::of_kind(ErrorKind::AlreadySigned, message))
}

/// The error for leading or trailing white space.
pub(super) fn white_space_around(text: &str) -> Error {
    invalid_url(format!(
        "{} has leading or trailing white space",
        shown(text)
    ))
    .with_hint("remove it; a space at the end of a file name is written %20")
}

/// The error for text that does not begin with `scheme://`.
pub(super) fn not_absolute(text: &str) -> Error {
    if text.is_empty() {
        return invalid_url("the URL is empty").with_hint(format!("a URL looks like {EXAMPLE}"));
    }
    if text.trim() != text {
        return white_space_around(text);
    }
    let unquoted = text.trim_matches(['\'', '"', '<', '>', '\u{201c}', '\u{201d}']);
    let decoded = decode(text);
    let rest = text.trim_start_matches('/');
    let with_scheme = format!("https://{rest}");
    let parts = UrlParts::parse(&with_scheme);
    let host = parts.authority;
    let is_host = (!text.starts_with('/') || text.starts_with("//"))
        && host.contains('.')
        && !host.starts_with('.')
        && first_unsafe(text).is_none();
    let (what, hint) = if !text.starts_with(unquoted) && !unquoted.contains(['<', '"']) {
        let hint = format!("remove them: {}", redacted(unquoted));
        ("has quotation marks or brackets around the URL", hint)
    } else if let Some(url) = with_repaired_scheme(text) {
        ("has no :// after the scheme", redacted(&url))
    } else if decoded.starts_with("http://") || decoded.starts_with("https://") {
        let hint = format!("decode it: {}", redacted(&decoded));
        ("is percent-encoded as a whole", hint)
    } else if host.contains('@') {
        return invalid_url("the URL has no scheme, and contains user information (name@host)")
            .with_hint(format!("a URL looks like {EXAMPLE}"));
    } else if is_host && (rest.len() > host.len() || text.starts_with("//")) {
        ("has no scheme", redacted(&with_scheme))
    } else if is_host && host.matches('.').count() >= 2 {
        // Names of files seldom have two dots.
        let hint = format!("{with_scheme}/ if that is the host, {ORIGIN}{rest} if it is a path");
        ("is not an absolute URL", hint)
    } else {
        let path = encode_pattern(&[host, parts.path].concat().replace('\\', "/"));
        let hint = format!("add the scheme and host: {ORIGIN}{path}");
        ("is not an absolute URL", hint)
    };
    invalid_url(format!("{} {what}", shown(text))).with_hint(hint)
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
