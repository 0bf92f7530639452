//! Why a text is no URL, and what may have been meant.

use crate::error::Error;
use crate::url::percent::{encode, first_unsafe};
use crate::url::signing_parameters::{redacted, shown};

/// A space or a line break that came along.
pub(super) fn white_space_around(text: &str) -> Error {
    Error::new(format!("{} has white space around it", shown(text)))
        .with_hint("leave it out; a space that belongs to the name is written %20")
}

pub(super) fn user_information() -> Error {
    Error::new("the URL has user information (name@host), which clients do not send to CloudFront as part of the URL")
        .with_hint("leave out what stands before the @; a @ in a path is fine")
}

/// Why a text without a scheme is no URL.
pub(super) fn not_whole(text: &str) -> Error {
    if text.is_empty() {
        return Error::new("the URL is empty").with_hint(
            "a URL begins with the host: https://d111111abcdef8.cloudfront.net/image.jpg",
        );
    }
    let shown = shown(text);
    if text.trim() != text {
        return white_space_around(text);
    }
    let unquoted = text.trim_matches(['\'', '"', '<', '>', '\u{201c}', '\u{201d}']);
    if unquoted != text {
        return Error::new(format!(
            "{shown} has quotes around it, which are no part of a URL"
        ))
        .with_hint_about(text, format!("leave them out: {}", redacted(unquoted)));
    }
    let rest = text.trim_start_matches('/');
    let host = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    if host.contains('@') {
        return user_information();
    }
    if text.starts_with("http:") || text.starts_with("https:") {
        return Error::new(format!("{shown} has no // behind its protocol")).with_hint(
            "a URL begins with the host: https://d111111abcdef8.cloudfront.net/image.jpg",
        );
    }
    let is_host = (!text.starts_with('/') || text.starts_with("//"))
        && host.contains('.')
        && !host.starts_with('.')
        && first_unsafe(text).is_none();
    if is_host && (rest.len() > host.len() || text.starts_with("//")) {
        return Error::new(format!("{shown} has no protocol"))
            .with_hint_about(text, format!("https://{}", redacted(rest)));
    }
    if is_host {
        return Error::new(format!("{shown} is not a URL")).with_hint_about(text, format!(
            "https://{rest}/ if it is a host; --stream {rest} if it is the name of an RTMP stream"
        ));
    }
    let path = rest.split('?').next().unwrap_or_default();
    Error::new(format!(
        "{shown} is a relative URL, and CloudFront signs whole ones"
    ))
    .with_hint_about(
        text,
        format!(
            "put the host in front: https://d111111abcdef8.cloudfront.net/{}",
            encode(path)
        ),
    )
}
