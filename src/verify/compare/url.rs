//! The differences between two URLs.

use super::change::{Change, ChangeKind};
use super::difference::{Difference, in_words};
use super::path::path;
use super::query::query;
use super::spelling::Spelling;
use crate::url::{Resource, UrlParts, is_aws_host};

/// The longest request of CloudFront; longer texts are not compared piece by piece.
const LONGEST: usize = 20_480;

/// Compares a signed URL, or a pattern of URLs, with the one that was requested. Both are without
/// the signing parameters of the request.
///
/// The list is empty only if they are equal or the pattern covers the URL, and each piece of a
/// change stands in its text.
pub fn url(signed: &str, received: &str, is_pattern: bool) -> Vec<Change> {
    if signed == received || is_pattern && covers(signed, received) {
        return Vec::new();
    }
    let mut found = Vec::new();
    if signed.len().max(received.len()) <= LONGEST {
        let (base, fragment) = signed.split_at(signed.find('#').unwrap_or(signed.len()));
        found = differences(base, received, is_pattern);
        if !fragment.is_empty() {
            let removed = Difference::new(ChangeKind::Fragment, "the fragment", fragment, None);
            found.push(removed.noted("clients do not send it"));
        }
    }
    if found.is_empty() {
        found.push(Difference::new(
            ChangeKind::UrlText,
            "the URL",
            signed,
            received,
        ));
    }
    in_words(&found)
}

fn covers(pattern: &str, url: &str) -> bool {
    Resource::verbatim(pattern).covers(url)
}

fn differences<'a>(signed: &'a str, received: &'a str, is_pattern: bool) -> Vec<Difference<'a>> {
    let mut found = Vec::new();
    let is_canned_pattern = !is_pattern && looks_like_pattern(signed, received);
    if is_canned_pattern {
        let pattern = Difference::new(ChangeKind::PolicyType, "the pattern", signed, received);
        found.push(pattern.noted("a canned policy covers one URL"));
        if covers(signed, received) {
            return found;
        }
    }
    let is_pattern = is_pattern || is_canned_pattern;
    let mut is = UrlParts::parse(received);
    let mut was = UrlParts::parse(signed);
    let texts = [(signed, was), (received, is)];
    if is_pattern {
        was = pattern_parts(signed, was, is.query.is_some());
    }
    if was.scheme.is_none() && is.scheme.is_some() {
        found.push(without_scheme(received, &mut was, &mut is));
    }
    found.extend(authority(&was, &is, is_pattern));
    // A `*` at the end of the domain covers path and query, and at the end of the path the query.
    if is_pattern && was.path.is_empty() && was.authority.ends_with('*') {
        return found;
    }
    let [signed_rest, received_rest] =
        texts.map(|(text, parts)| &text[parts.authority_range().end..]);
    if was.query.is_some() != is.query.is_some()
        && let Some(spelling) = Spelling::between(signed_rest, received_rest)
    {
        let whole = Difference::new(ChangeKind::Path, "the path", signed_rest, received_rest);
        found.push(whole.spelled(spelling));
        return found;
    }
    found.extend(path(was.path, is.path, is_pattern));
    if !is_pattern || !was.path.ends_with('*') || was.query.is_some() {
        found.extend(query(was.query, is.query, is_pattern));
    }
    found
}

/// Returns whether a canned policy was signed over a pattern. A `*` that is also requested is none.
fn looks_like_pattern(signed: &str, received: &str) -> bool {
    let scheme = signed.split_once("://").map_or("", |(scheme, _)| scheme);
    scheme.ends_with('*') || signed.ends_with('*') && !received.ends_with('*')
}

/// The parts of a pattern, which may omit the scheme, and whose first `?` may be a wildcard.
fn pattern_parts<'a>(pattern: &'a str, mut parts: UrlParts<'a>, has_query: bool) -> UrlParts<'a> {
    if !has_query && parts.query.is_some_and(|query| !query.contains('=')) {
        let start = pattern
            .find("://")
            .map_or(0, |_| parts.authority_range().end);
        parts.path = &pattern[start..];
        parts.query = None;
    }
    if parts.scheme.is_none() && pattern.starts_with('*') {
        let host_end = parts.path.find('/').unwrap_or(parts.path.len());
        parts.scheme = Some("*");
        (parts.authority, parts.path) = parts.path.split_at(host_end);
    }
    parts
}

/// The difference to a signed text without a scheme: the URL without it, or its path only. The
/// parts that remain to be compared are left in `was` and `is`.
fn without_scheme<'a>(
    received: &'a str,
    was: &mut UrlParts<'a>,
    is: &mut UrlParts<'a>,
) -> Difference<'a> {
    was.scheme = is.scheme;
    was.authority = is.authority;
    if let Some(path) = was.path.strip_prefix(is.authority) {
        was.path = path;
        return Difference::new(ChangeKind::Scheme, "the scheme", None, is.scheme)
            .noted("the URL was signed without it");
    }
    if !was.path.starts_with('/') {
        is.path = is.path.strip_prefix('/').unwrap_or(is.path);
    }
    let beginning = &received[..is.authority_range().end];
    Difference::new(ChangeKind::Host, "the beginning", None, beginning)
        .noted("only the path was signed")
}

/// The differences of scheme, host and port.
fn authority<'a>(was: &UrlParts<'a>, is: &UrlParts<'a>, is_pattern: bool) -> Vec<Difference<'a>> {
    let mut found = Vec::new();
    let is_same = |was: &str, is: &str| {
        was == is || is_pattern && covers(&was.to_lowercase(), &is.to_lowercase())
    };
    let (signed, received) = (
        was.scheme.unwrap_or_default(),
        is.scheme.unwrap_or_default(),
    );
    if !is_same(signed, received) {
        let is_case = signed.eq_ignore_ascii_case(received);
        let note = if is_case { "upper and lower case" } else { "" };
        let scheme = Difference::new(ChangeKind::Scheme, "the scheme", was.scheme, is.scheme);
        found.push(scheme.noted(note));
    }
    if is_pattern && is_same(was.authority, is.authority) {
        return found;
    }
    if !is_same(was.host(), is.host()) {
        let host = Difference::new(ChangeKind::Host, "the host", was.host(), is.host());
        found.push(host.noted(host_notes(was.host(), is.host())));
    }
    if was.port() != is.port() {
        let (signed, received) = (was.port(), is.port());
        let kind = ChangeKind::Port;
        found.push(Difference::new(kind, "the port", signed, received));
    }
    found
}

/// The kind of difference between two hosts.
fn host_notes(signed: &str, received: &str) -> &'static str {
    let (was, is) = (signed.to_lowercase(), received.to_lowercase());
    if was == is {
        "upper and lower case"
    } else if was.trim_end_matches('.') == is.trim_end_matches('.') {
        "a dot at the end"
    } else if was.strip_prefix("www.") == Some(&is) || is.strip_prefix("www.") == Some(&was) {
        "with and without www"
    } else if was.contains("xn--") != is.contains("xn--") && was.is_ascii() != is.is_ascii() {
        "Punycode"
    } else if is_aws_host(&was) {
        "an S3 bucket; clients request the distribution"
    } else {
        ""
    }
}
