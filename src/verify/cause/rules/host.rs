//! Rules of host and port.

use super::Source;
use super::choices::mixed;
use super::known_words::{LABELS, PORTS, REGIONS, capitals as in_capitals, words};
use super::punycode::decoded_label;
use crate::url::percent;

/// The URL with other hosts and the same port.
fn with_hosts(source: &Source<'_>, hosts: &[String]) -> Vec<String> {
    let port = source.parts.port().map(|port| format!(":{port}"));
    let port = port.unwrap_or_default();
    let hosts = hosts.iter();
    hosts
        .map(|host| source.with_authority(&format!("{host}{port}")))
        .collect()
}

pub(super) fn www(source: &Source<'_>) -> Vec<String> {
    let host = source.parts.host();
    let other = match host.strip_prefix("www.") {
        Some(bare) => bare.to_owned(),
        None => format!("www.{host}"),
    };
    with_hosts(source, &[other])
}

/// Another first label, a dot at the end, the other form of internationalized names (IDNA), and
/// the S3 bucket with the name of the host.
pub(super) fn others(source: &Source<'_>) -> Vec<String> {
    let host = source.parts.host();
    let mut hosts = vec![format!("{host}."), host.trim_end_matches('.').to_owned()];
    if let Some((_, domain)) = host.split_once('.') {
        hosts.push(domain.to_owned());
        hosts.extend(words(LABELS).map(|label| format!("{label}.{domain}")));
    }
    let labels: Vec<String> = host.split('.').map(decoded_label).collect();
    let unicode = labels.join(".");
    hosts.push(percent::encode_component(&unicode));
    hosts.push(unicode);
    let mut found = with_hosts(source, &hosts);
    // The bucket was requested, and the name of the distribution signed.
    let bucket = host.split_once(".s3");
    found.extend(bucket.map(|(bucket, _)| source.with_authority(bucket)));
    let regions = std::iter::once("").chain(words(REGIONS));
    for region in regions.take(source.most(usize::MAX, 1)) {
        for endpoint in [
            format!("s3.{region}amazonaws.com"),
            format!("s3-{region}amazonaws.com"),
        ] {
            found.push(source.with_authority(&format!("{host}.{endpoint}")));
            found.push(source.with_authority(&format!("{endpoint}/{host}")));
        }
    }
    found
}

pub(super) fn port(source: &Source<'_>) -> Vec<String> {
    let host = source.parts.host();
    let ports = words(PORTS).take(source.most(usize::MAX, 0));
    let mut found = vec![source.with_authority(host)];
    found.extend(ports.map(|port| source.with_authority(&format!("{host}:{port}"))));
    found
}

/// Each label as it is, with a capital, and in capitals; and all in lower case.
pub(super) fn capitals(source: &Source<'_>) -> Vec<String> {
    let host = source.parts.host().to_ascii_lowercase();
    let labels: Vec<Vec<String>> = host.split('.').map(in_capitals).collect();
    with_hosts(source, &mixed(&labels, ".", source.most(81, 0)))
}
