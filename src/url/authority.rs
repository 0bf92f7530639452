//! Host and port, by the same rule in URLs and in the resources of policies (RFC 3986, section
//! 3.2).

use super::diagnosis::invalid_url;
use crate::error::{Result, quoted};

const HOST_HINT: &str = "the host is that of the distribution, \
    such as d111111abcdef8.cloudfront.net, or an alternate domain name";

/// Checks the authority of a URL. An error message continues a sentence whose subject is the URL.
pub(super) fn check(authority: &str) -> Result<()> {
    let (host, port) = split(authority)?;
    check_host(host)?;
    port.map_or(Ok(()), |port| check_port(port, false))
}

/// Checks the host and port of a resource, which may contain wildcards. `text` is the resource
/// between `://` and the next `/`; a `?` in it is a wildcard of the host or starts the query of a
/// URL without a path.
pub(super) fn check_pattern(text: &str) -> Result<()> {
    let before_query = text.split('?').next().unwrap_or_default();
    let has_query = before_query.len() < text.len();
    let (host, port) = split(before_query)?;
    if !(before_query.is_empty() && has_query) {
        check_host(host)?;
    }
    // The port may continue after a wildcard.
    port.map_or(Ok(()), |port| {
        check_port(port, has_query || port.contains('*'))
    })
}

/// Checks that there is no `user@` or `user:password@` before the host.
pub(super) fn check_no_user_information(authority: &str) -> Result<()> {
    if !authority.contains('@') {
        return Ok(());
    }
    Err(invalid_url(
        "contains user information (name@host), which clients do not send as part of the URL",
    )
    .with_hint("remove everything before the @; an @ in a path is fine"))
}

fn split(authority: &str) -> Result<(&str, Option<&str>)> {
    if authority.starts_with('[') {
        return Err(invalid_url(
            "has an IPv6 address as its host, but CloudFront is reached by a domain name",
        )
        .with_hint(HOST_HINT));
    }
    Ok(match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    })
}

/// Checks that a host consists of ASCII letters, digits, `-`, `.`, `_` and `*`, which makes the URL
/// a pattern.
fn check_host(host: &str) -> Result<()> {
    if host.is_empty() {
        return Err(invalid_url("has no host").with_hint(HOST_HINT));
    }
    if !host.is_ascii() {
        return Err(invalid_url(
            "has a host that is not ASCII, which clients send in its xn-- form",
        )
        .with_hint("use the xn-- form of the host, such as xn--bcher-kva.example"));
    }
    let is_foreign = |c: &char| !c.is_ascii_alphanumeric() && !"-._*".contains(*c);
    let Some(bad) = host.chars().find(is_foreign) else {
        return Ok(());
    };
    let bad = quoted(&bad.to_string());
    Err(invalid_url(format!("has the character {bad} in its host")).with_hint(HOST_HINT))
}

fn check_port(port: &str, is_pattern: bool) -> Result<()> {
    let digits = if is_pattern {
        "0123456789*"
    } else {
        "0123456789"
    };
    let is_in_range = matches!(port.parse::<u16>(), Ok(1..));
    if port.chars().all(|c| digits.contains(c)) && (is_in_range || is_pattern) {
        return Ok(());
    }
    Err(
        invalid_url(format!("has the invalid port {}", quoted(port)))
            .with_hint("a port is a number from 1 to 65535"),
    )
}
