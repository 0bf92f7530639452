//! The other schemes, hosts and ports that may have been signed.

use super::super::change::Variants;
use super::{EXACT, Rest};
use crate::error::quoted;

pub(super) fn other_scheme(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let after = [rest.parts.authority, rest.text].concat();
    let scheme = rest.parts.scheme.unwrap_or_default();
    for (other, fix) in [
        ("https", "request the URL with https"),
        ("http", "sign the https URL"),
    ] {
        let cause = || format!("{other} was signed, but {scheme} was requested");
        variants.push(format!("{other}://{after}"), cause, fix);
    }
    for other in ["HTTPS", "HTTP", "http*", "*", "https?"] {
        let cause = || format!("{other}:// was signed, but {scheme}:// was requested");
        variants.push(format!("{other}://{after}"), cause, EXACT);
    }
}

pub(super) fn host_spelling(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let host = rest.parts.host();
    let lower = host.to_ascii_lowercase();
    let mut capitalized = lower.clone();
    if let Some(first) = capitalized.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let bare = host.strip_suffix('.').unwrap_or(host).to_owned();
    let fix = "sign the host in lower case, as clients send it";
    for (other, cause, fix) in [
        (lower, "the host was signed in lower case", fix),
        (
            host.to_ascii_uppercase(),
            "the host was signed in capitals",
            fix,
        ),
        (capitalized, "the host was signed with a capital", fix),
        (
            format!("{host}."),
            "the host was signed with a trailing dot",
            EXACT,
        ),
        (bare, "the host was signed without the trailing dot", EXACT),
    ] {
        variants.push(rest.with_host(&other), cause, fix);
    }
}

/// First labels of hosts for files.
const LABELS: [&str; 13] = [
    "www",
    "cdn",
    "static",
    "assets",
    "media",
    "img",
    "images",
    "video",
    "videos",
    "files",
    "download",
    "downloads",
    "content",
];

pub(super) fn other_hosts(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let host = rest.parts.host();
    let (first, domain) = host.split_once('.').unwrap_or((host, ""));
    let has_domain = domain.contains('.');
    let mut others = Vec::new();
    for label in LABELS {
        if first == label {
            others.push(domain.to_owned());
        }
        others.push(format!("{label}.{host}"));
        if has_domain {
            others.push(format!("{label}.{domain}"));
        }
    }
    if has_domain {
        others.push(domain.to_owned());
    }
    for origin in [
        "s3.amazonaws.com",
        "s3.us-east-1.amazonaws.com",
        "cloudfront.net",
    ] {
        others.push(format!("{first}.{origin}"));
    }
    others.push(format!("*.{domain}"));
    others.push("localhost".to_owned());
    others.push("s3.amazonaws.com".to_owned());
    let fix = "sign the URL with the host that clients request";
    for other in others {
        let cause = || {
            let (signed, requested) = (quoted(&other), quoted(host));
            format!("the host {signed} was signed, but {requested} was requested")
        };
        variants.push(rest.with_host(&other), cause, fix);
    }
}

pub(super) fn other_ports(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let scheme = rest.parts.scheme.unwrap_or_default();
    let start = format!("{scheme}://{}", rest.parts.host());
    let fix = "sign the URL with the port that clients request; they leave out the default port";
    let cause = "the URL was signed without its port";
    variants.push(format!("{start}{}", rest.text), cause, fix);
    for port in ["443", "80", "8080", "8443", "3000"] {
        let cause = || format!("the URL was signed with the port {port}");
        variants.push(format!("{start}:{port}{}", rest.text), cause, fix);
    }
}
