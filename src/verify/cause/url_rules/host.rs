//! What scheme, host and port may have been when a URL was signed.

use super::super::change::Variants;
use super::{EXACT, Rest};
use crate::error::quoted;

pub(super) fn other_scheme(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let after = [rest.parts.authority, rest.text].concat();
    let scheme = rest.parts.scheme.unwrap_or_default();
    if scheme != "https" {
        let cause = || format!("https was signed, but {scheme} was requested");
        variants.push_with(
            format!("https://{after}"),
            "request the URL with https",
            || cause().into(),
        );
    }
    if scheme != "http" {
        let cause = || format!("http was signed, but {scheme} was requested");
        variants.push_with(format!("http://{after}"), "sign the https URL", || {
            cause().into()
        });
    }
    for other in ["HTTPS", "HTTP", "http*", "*", "https?"] {
        let cause = || format!("{other}:// was signed, but {scheme}:// was requested");
        variants.push_with(format!("{other}://{after}"), EXACT, || cause().into());
    }
}

pub(super) fn host_spelling(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let host = rest.parts.host();
    let fix = "sign the host in lower case, as clients send it";
    let lower = host.to_ascii_lowercase();
    variants.push(
        rest.with_host(&lower),
        "the host was signed in lower case",
        fix,
    );
    let upper = host.to_ascii_uppercase();
    variants.push(
        rest.with_host(&upper),
        "the host was signed in capitals",
        fix,
    );
    let mut capitalized = lower.clone();
    if let Some(first) = capitalized.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    variants.push(
        rest.with_host(&capitalized),
        "the host was signed with a capital",
        fix,
    );
    let cause = "the host was signed with a trailing dot";
    variants.push(rest.with_host(&format!("{host}.")), cause, EXACT);
    if let Some(bare) = host.strip_suffix('.') {
        let cause = "the host was signed without the trailing dot";
        variants.push(rest.with_host(bare), cause, EXACT);
    }
}

pub(super) fn other_hosts(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let host = rest.parts.host();
    let fix = "sign the URL with the host that clients request";
    let mut add = |other: String| {
        let cause = || {
            format!(
                "the host {} was signed, but {} was requested",
                quoted(&other),
                quoted(host)
            )
        };
        variants.push_with(rest.with_host(&other), fix, || cause().into());
    };
    let labels = [
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
    for label in labels {
        if let Some(bare) = host
            .strip_prefix(label)
            .and_then(|rest| rest.strip_prefix('.'))
        {
            add(bare.to_owned());
        }
        add(format!("{label}.{host}"));
        if let Some((_, domain)) = host.split_once('.')
            && domain.contains('.')
        {
            add(format!("{label}.{domain}"));
        }
    }
    if let Some((label, domain)) = host.split_once('.') {
        if domain.contains('.') {
            add(domain.to_owned());
        }
        for bucket in [
            "s3.amazonaws.com",
            "s3.us-east-1.amazonaws.com",
            "cloudfront.net",
        ] {
            add(format!("{label}.{bucket}"));
        }
        add(format!("*.{domain}"));
    }
    for other in ["localhost", "s3.amazonaws.com"] {
        add(other.to_owned());
    }
}

pub(super) fn other_ports(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let scheme = rest.parts.scheme.unwrap_or_default();
    let host = rest.parts.host();
    let fix = "sign the URL with the port that clients request; they leave out the default port";
    if rest.parts.port().is_some() {
        let url = format!("{scheme}://{host}{}", rest.text);
        variants.push(url, "the URL was signed without its port", fix);
    }
    for port in ["443", "80", "8080", "8443", "3000"] {
        let url = format!("{scheme}://{host}:{port}{}", rest.text);
        variants.push_with(url, fix, || {
            format!("the URL was signed with the port {port}").into()
        });
    }
}
