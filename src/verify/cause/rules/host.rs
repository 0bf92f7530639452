//! Rules of scheme, host and port.

use super::Source;
use super::query::capitalized;
use super::words::{LABELS, PORTS, REGIONS, words};
use super::{punycode as idna, query};
use crate::url::UrlParts;

pub(super) fn scheme(source: &Source<'_>) -> Vec<String> {
    let other = match source.parts.scheme {
        Some("https") => ["http", "HTTPS", "Https"],
        _ => ["https", "HTTP", "Http"],
    };
    let scheme = |scheme: &&str| {
        UrlParts {
            scheme: Some(scheme),
            ..source.parts
        }
        .to_string()
    };
    other.iter().map(scheme).collect()
}

/// The URL with another host and the same port.
fn with_host(source: &Source<'_>, host: &str) -> String {
    match source.parts.port() {
        Some(port) => source.with_authority(&format!("{host}:{port}")),
        None => source.with_authority(host),
    }
}

pub(super) fn www(source: &Source<'_>) -> Vec<String> {
    let host = source.parts.host();
    vec![match host.strip_prefix("www.") {
        Some(bare) => with_host(source, bare),
        None => with_host(source, &format!("www.{host}")),
    }]
}

pub(super) fn first_label(source: &Source<'_>) -> Vec<String> {
    let host = source.parts.host();
    let Some((_, domain)) = host.split_once('.') else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for label in words(LABELS) {
        found.push(with_host(source, &format!("{label}.{domain}")));
    }
    if domain.contains('.') {
        found.push(with_host(source, domain));
    }
    found
}

pub(super) fn port(source: &Source<'_>) -> Vec<String> {
    let host = source.parts.host();
    let mut found = vec![source.with_authority(host)];
    if !source.is_second {
        found.extend(words(PORTS).map(|port| source.with_authority(&format!("{host}:{port}"))));
    }
    found
}

pub(super) fn dot(source: &Source<'_>) -> Vec<String> {
    let host = source.parts.host();
    vec![match host.strip_suffix('.') {
        Some(bare) => with_host(source, bare),
        None => with_host(source, &format!("{host}.")),
    }]
}

/// Each label as it is, with a capital, and in capitals; and all in lower case.
pub(super) fn capitals(source: &Source<'_>) -> Vec<String> {
    let lower = source.parts.host().to_ascii_lowercase();
    let mut labels = Vec::new();
    for label in lower.split('.') {
        let capital = capitalized(label);
        labels.push(vec![label.to_owned(), capital, label.to_ascii_uppercase()]);
    }
    let hosts = query::product(&labels, if source.is_second { 1 } else { 81 });
    hosts
        .iter()
        .map(|labels| with_host(source, &labels.join(".")))
        .collect()
}

/// The host in the other form of internationalized names (IDNA).
pub(super) fn punycode(source: &Source<'_>) -> Vec<String> {
    let host = source.parts.host();
    let labels = host.split('.');
    let unicode: Vec<String> = labels.map(idna::decoded_label).collect();
    let unicode = unicode.join(".");
    if unicode == host {
        return Vec::new();
    }
    let escaped = super::spelling::ENCODERS[1].encode(unicode.as_bytes());
    vec![with_host(source, &unicode), with_host(source, &escaped)]
}

/// The S3 bucket with the name of the host, as a host and as a folder.
pub(super) fn bucket(source: &Source<'_>) -> Vec<String> {
    let host = source.parts.host();
    let mut endpoints = vec!["s3.amazonaws.com".to_owned()];
    for region in words(REGIONS).filter(|_| !source.is_second) {
        endpoints.push(format!("s3.{region}.amazonaws.com"));
        endpoints.push(format!("s3-{region}.amazonaws.com"));
    }
    let mut found = Vec::new();
    for endpoint in endpoints {
        found.push(source.with_authority(&format!("{host}.{endpoint}")));
        let path = format!("/{host}{}", source.parts.path);
        let path = UrlParts {
            authority: &endpoint,
            path: &path,
            ..source.parts
        };
        found.push(path.to_string());
    }
    // The bucket was requested, and the name of the distribution signed.
    if let Some((bucket, _)) = host.split_once(".s3") {
        found.push(source.with_authority(bucket));
    }
    found
}
