//! The changes that clients make to a URL before they request it (WHATWG URL Standard).
//!
//! CloudFront checks the URL that arrives. A URL that clients change has a signature that does not
//! match. What is refused in a URL, such as a space, is not listed here.

use std::net::Ipv4Addr;

use super::parts::UrlParts;

/// The changes that browsers and most HTTP libraries make to a valid http or https URL, as the end
/// of a sentence about them.
pub(super) fn changes(url: &str) -> Vec<&'static str> {
    let parts = UrlParts::parse(url);
    let scheme = parts.scheme.unwrap_or_default();
    let host = parts.host();
    let mut changes = Vec::new();
    if scheme.contains(is_upper_case) || host.contains(is_upper_case) {
        changes.push("convert the scheme and host to lower case");
    }
    if ends_in_number(host) && host.parse::<Ipv4Addr>().is_err() {
        changes.push("rewrite or reject a host that ends in a number, as an IPv4 address");
    }
    if let Some(port) = parts.port() {
        let default = if scheme.eq_ignore_ascii_case("https") {
            "443"
        } else {
            "80"
        };
        let number = port.trim_start_matches('0');
        if number == default {
            changes.push("remove the default port");
        } else if number != port {
            changes.push("remove leading zeros of the port");
        }
    }
    if parts.path.is_empty() {
        changes.push("request the path / if there is none");
    } else if has_dot_segment(parts.path) {
        changes.push("resolve the path segments . and ..");
    }
    if parts.query.is_some_and(|query| query.contains('\'')) {
        changes.push("send ' in a query as %27");
    }
    changes
}

fn is_upper_case(c: char) -> bool {
    c.is_ascii_uppercase()
}

/// Returns whether the last label is a decimal or hexadecimal number; a client reads such a host as
/// an IPv4 address.
fn ends_in_number(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_decimal = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    let hexadecimal = last.strip_prefix("0x").or(last.strip_prefix("0X"));
    is_decimal
        || hexadecimal.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn has_dot_segment(path: &str) -> bool {
    // Few paths have a segment that begins like one.
    let may_have = path
        .as_bytes()
        .windows(2)
        .any(|pair| matches!(pair, b"/." | b"/%"));
    may_have
        && path.split('/').any(|segment| {
            let decoded = segment.replace("%2e", ".").replace("%2E", ".");
            decoded == "." || decoded == ".."
        })
}
