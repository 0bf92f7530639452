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

/// The escapes that aiohttp decodes.
const AIOHTTP_PATH: &[u8] = b"!$&'()*,:;=@";
const AIOHTTP_QUERY: &[u8] = b"!$'()*,/:?@";

/// A class of characters or escapes that some clients send in another form.
struct Rule {
    clients: &'static str,
    class: Class,
    /// The classes by place.
    in_path: &'static [u8],
    in_query: &'static [u8],
}

#[derive(Clone, Copy, PartialEq)]
enum Class {
    /// These characters are percent-encoded.
    Character,
    /// The escapes of these characters are decoded.
    Escape,
    /// The escapes of letters, digits and `-._~` are decoded.
    NeedlessEscape,
    /// Escapes of these characters in small letters are written in capitals.
    LowerCase,
    /// Escapes of all other characters in small letters are written in capitals.
    OtherLowerCase,
}

/// The changes by class and place. All other characters and escapes arrive as they were sent from
/// curl, browsers, Node, Java, and Python's requests, httpx, aiohttp and urllib.
const RULES: [Rule; 6] = [
    Rule::new(BROWSERS, Class::Character, b"", b"'"),
    Rule::new(PYTHON, Class::Character, b"[]", b"[]"),
    Rule::new(PYTHON, Class::NeedlessEscape, b"", b""),
    Rule::new(AIOHTTP, Class::Escape, AIOHTTP_PATH, AIOHTTP_QUERY),
    Rule::new(REQUESTS, Class::LowerCase, AIOHTTP_PATH, AIOHTTP_QUERY),
    Rule::new(PYTHON, Class::OtherLowerCase, AIOHTTP_PATH, AIOHTTP_QUERY),
];

impl Rule {
    const fn new(
        clients: &'static str,
        class: Class,
        in_path: &'static [u8],
        in_query: &'static [u8],
    ) -> Self {
        Rule {
            clients,
            class,
            in_path,
            in_query,
        }
    }

    /// Returns whether the rule is about `piece`, a character or an escape.
    fn is_about(&self, piece: &[u8], in_query: bool) -> bool {
        let listed = if in_query {
            self.in_query
        } else {
            self.in_path
        };
        let (is_escape, byte) = match decoded(piece) {
            Some(byte) => (true, byte),
            None => (false, piece[0]),
        };
        match self.class {
            Class::Character => !is_escape && listed.contains(&byte),
            Class::Escape => is_escape && listed.contains(&byte),
            Class::NeedlessEscape => is_escape && is_unreserved(byte),
            Class::LowerCase | Class::OtherLowerCase => {
                is_escape
                    && piece.iter().any(u8::is_ascii_lowercase)
                    && !is_unreserved(byte)
                    && listed.contains(&byte) == (self.class == Class::LowerCase)
            }
        }
    }

    /// The form in which the clients send `piece`.
    fn sent(&self, piece: &[u8]) -> String {
        match (self.class, decoded(piece)) {
            (Class::Escape | Class::NeedlessEscape, Some(byte)) => char::from(byte).into(),
            (Class::LowerCase | Class::OtherLowerCase, _) => {
                String::from_utf8_lossy(piece).to_ascii_uppercase()
            }
            _ => format!("%{:02X}", piece[0]),
        }
    }
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
    let mut changes: Vec<ClientChange> = Vec::new();
    // Few URLs have a character that a rule is about.
    if url.contains(['%', '[', ']', '\'']) {
        let rules = RULES.iter();
        changes.extend(rules.filter_map(|rule| change_by(rule, url)));
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

fn change_by(rule: &Rule, url: &str) -> Option<ClientChange> {
    let parts = UrlParts::parse(url);
    let path = parts.authority_range().end;
    let query = path + parts.path.len();
    let bytes = url.as_bytes();
    let mut sent = String::from(&url[..path]);
    let mut first = None;
    let mut index = path;
    while index < bytes.len() {
        let length = if starts_escape(&bytes[index..]) { 3 } else { 1 };
        let piece = &bytes[index..index + length];
        let text = &url[index..index + length];
        if rule.is_about(piece, index > query) {
            let other = rule.sent(piece);
            first.get_or_insert_with(|| format!("contain {other} in place of {text}"));
            sent += &other;
        } else {
            sent += text;
        }
        index += length;
    }
    first.map(|change| ClientChange {
        clients: rule.clients,
        change,
        sent,
    })
}

/// Returns whether some client sends this character of a path or query percent-encoded.
pub(super) fn encoded_by_some(byte: u8, in_query: bool) -> bool {
    let mut rules = RULES.iter().filter(|rule| rule.class == Class::Character);
    rules.any(|rule| rule.is_about(&[byte], in_query))
}

/// Returns whether some client decodes the escape of this character of a query.
pub(super) fn decoded_by_some(byte: u8) -> bool {
    let mut rules = RULES.iter().filter(|rule| rule.class == Class::Escape);
    rules.any(|rule| rule.in_query.contains(&byte))
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
