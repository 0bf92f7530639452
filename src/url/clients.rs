//! The changes that clients make to a URL before they request it.
//!
//! CloudFront checks the URL that arrives. A URL that a client changes has a signature that does
//! not match. What is refused in a URL, such as a space, is not listed here.
//!
//! Source: WHATWG URL Standard (browsers, Node); for other clients, what they send.

use std::net::Ipv4Addr;

use super::parts::UrlParts;

/// Clients that normalize URLs: browsers and most HTTP libraries.
pub const MOST_CLIENTS: &str = "most clients";
/// Clients that follow the WHATWG URL Standard to the letter.
const BROWSERS: &str = "browsers and Node";
const PYTHON: &str = "Python's requests and aiohttp";
const REQUESTS: &str = "Python's requests";
const AIOHTTP: &str = "Python's aiohttp";

/// A character of a path or query, or an escape (`%XX`).
struct Piece<'a> {
    text: &'a str,
    /// The byte that an escape stands for.
    escaped: Option<u8>,
    in_query: bool,
}

/// The form in which some clients send a piece; `None` if they send it as it is.
type Rule = fn(&Piece<'_>) -> Option<String>;

/// The changes by client. All other characters and escapes arrive as they were sent from curl,
/// browsers, Node, Java, and Python's requests, httpx, aiohttp and urllib.
const RULES: [(&str, Rule); 6] = [
    (BROWSERS, |piece| piece.encoded(b"", b"'")),
    (PYTHON, |piece| piece.encoded(b"[]", b"[]")),
    (PYTHON, |piece| piece.decoded(is_unreserved)),
    (AIOHTTP, |piece| {
        piece.decoded(|byte| piece.is_aiohttps(byte))
    }),
    (REQUESTS, |piece| piece.in_capitals(true)),
    (PYTHON, |piece| piece.in_capitals(false)),
];

impl Piece<'_> {
    /// The escape of one of these characters.
    fn encoded(&self, in_path: &[u8], in_query: &[u8]) -> Option<String> {
        let characters = if self.in_query { in_query } else { in_path };
        let byte = self.text.bytes().next()?;
        let is_encoded = self.escaped.is_none() && characters.contains(&byte);
        is_encoded.then(|| format!("%{byte:02X}"))
    }

    /// The character that an escape stands for.
    fn decoded(&self, is_decoded: impl Fn(u8) -> bool) -> Option<String> {
        let byte = self.escaped.filter(|byte| is_decoded(*byte))?;
        Some(char::from(byte).into())
    }

    /// Returns whether aiohttp decodes the escape of a byte.
    fn is_aiohttps(&self, byte: u8) -> bool {
        let decoded: &[u8] = if self.in_query {
            AIOHTTP_QUERY
        } else {
            AIOHTTP_PATH
        };
        decoded.contains(&byte)
    }

    /// An escape with capitals; aiohttp decodes some escapes in place of that.
    fn in_capitals(&self, is_aiohttps: bool) -> Option<String> {
        let byte = self.escaped.filter(|byte| !is_unreserved(*byte))?;
        let capitals = self.text.to_ascii_uppercase();
        let is_of_clients = self.is_aiohttps(byte) == is_aiohttps;
        (is_of_clients && capitals != self.text).then_some(capitals)
    }
}

/// The escapes that aiohttp decodes.
const AIOHTTP_PATH: &[u8] = b"!$&'()*,:;=@";
const AIOHTTP_QUERY: &[u8] = b"!$'()*,/:?@";

/// Returns whether some client sends this character of a path or query percent-encoded.
pub(super) fn encoded_by_some(byte: u8, in_query: bool) -> bool {
    b"[]".contains(&byte) || in_query && byte == b'\''
}

/// Returns whether some client decodes the escape of this character of a query.
pub(super) fn decoded_by_some(byte: u8) -> bool {
    AIOHTTP_QUERY.contains(&byte)
}

/// Returns whether a byte is `unreserved` in RFC 3986.
pub(super) fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// Returns whether `bytes` start with an escape (`%XX`).
pub(super) fn starts_escape(bytes: &[u8]) -> bool {
    decoded(bytes).is_some()
}

/// The byte that the escape at the beginning of `bytes` stands for.
fn decoded(bytes: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = bytes else {
        return None;
    };
    let high = char::from(*high).to_digit(16)?;
    let low = char::from(*low).to_digit(16)?;
    u8::try_from(high * 16 + low).ok()
}

/// A change to a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientChange {
    /// Who makes the change, such as `browsers`.
    pub clients: &'static str,
    /// The end of a sentence about their requests, such as `contain %5B in place of [`; about
    /// [`MOST_CLIENTS`] themselves.
    pub change: String,
    /// The URL with all changes of this kind.
    pub sent: String,
}

/// The changes that clients make to a valid http or https URL.
pub(super) fn changes(url: &str) -> Vec<ClientChange> {
    let mut changes = Vec::new();
    // Few URLs have a character that a rule is about.
    if url.contains(['%', '[', ']', '\'']) {
        for (clients, rule) in RULES {
            changes.extend(change_by(clients, rule, url));
        }
    }
    for change in normalization(url) {
        changes.push(ClientChange {
            clients: MOST_CLIENTS,
            change: change.into(),
            sent: String::new(),
        });
    }
    changes
}

fn change_by(clients: &'static str, rule: Rule, url: &str) -> Option<ClientChange> {
    let parts = UrlParts::parse(url);
    let path = parts.authority_range().end;
    let query = path + parts.path.len();
    let mut sent = String::from(&url[..path]);
    let mut change = None;
    let mut index = path;
    while index < url.len() {
        let escaped = decoded(&url.as_bytes()[index..]);
        let length = if escaped.is_some() { 3 } else { 1 };
        let text = &url[index..index + length];
        let piece = Piece {
            text,
            escaped,
            in_query: index > query,
        };
        if let Some(other) = rule(&piece) {
            change.get_or_insert_with(|| format!("contain {other} in place of {text}"));
            sent += &other;
        } else {
            sent += text;
        }
        index += length;
    }
    change.map(|change| ClientChange {
        clients,
        change,
        sent,
    })
}

/// The changes to scheme, host, port and path segments, each as the end of a sentence.
fn normalization(url: &str) -> Vec<&'static str> {
    let parts = UrlParts::parse(url);
    let scheme = parts.scheme.unwrap_or_default();
    let host = parts.host();
    let mut changes = Vec::new();
    let is_upper_case = |c: char| c.is_ascii_uppercase();
    if scheme.contains(is_upper_case) || host.contains(is_upper_case) {
        changes.push("convert the scheme and host to lower case");
    }
    if ends_in_number(host) && host.parse::<Ipv4Addr>().is_err() {
        changes.push("rewrite or reject a host that ends in a number, as an IPv4 address");
    }
    if let Some(port) = parts.port() {
        let is_https = scheme.eq_ignore_ascii_case("https");
        let default = if is_https { "443" } else { "80" };
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
    changes
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
