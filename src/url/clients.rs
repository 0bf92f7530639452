//! The changes that clients make to a URL before they request it.
//!
//! CloudFront checks the URL that arrives. A URL that a client changes has a signature that does
//! not match. What is refused in a URL, such as a space, is not listed here.
//!
//! Source: WHATWG URL Standard (browsers, Node); for other clients, what they send.

use std::net::Ipv4Addr;

use percent_encoding::percent_encode_byte;

use super::parts::UrlParts;

/// Clients that normalize URLs: browsers and most HTTP libraries.
pub const MOST_CLIENTS: &str = "most clients";

/// A client that sends some characters of paths and queries in another form. In arrays the path
/// comes first.
struct Client {
    name: &'static str,
    /// The characters that it percent-encodes.
    encodes: [&'static [u8]; 2],
    /// The characters whose escapes (`%XX`) it decodes, beside the unreserved ones; it writes all
    /// others in capitals. `None` if it leaves escapes alone.
    decodes: Option<[&'static [u8]; 2]>,
}

/// All other characters and escapes arrive as they were sent from curl, browsers, Node, Java, and
/// Python's requests, httpx, aiohttp and urllib.
const CLIENTS: [Client; 3] = [
    Client {
        // Those that follow the WHATWG URL Standard to the letter.
        name: "browsers and Node",
        encodes: [b"", b"'"],
        decodes: None,
    },
    Client {
        name: "Python's requests",
        encodes: [b"[]", b"[]"],
        decodes: Some([b"", b""]),
    },
    Client {
        name: "Python's aiohttp",
        encodes: [b"[]", b"[]"],
        decodes: Some([b"!$&'()*,:;=@", AIOHTTP_QUERY]),
    },
];

const AIOHTTP_QUERY: &[u8] = b"!$'()*,/:?@";

/// The name of the last two, where they send the same.
const PYTHON: &str = "Python's requests and aiohttp";

impl Client {
    /// A character or an escape as the client sends it.
    fn sent(&self, piece: &str, in_query: bool) -> String {
        let place = usize::from(in_query);
        match (decoded(piece.as_bytes()), self.decodes) {
            (None, _) if self.encodes[place].contains(&piece.as_bytes()[0]) => {
                percent_encode_byte(piece.as_bytes()[0]).into()
            }
            (Some(byte), Some(decodes))
                if is_unreserved(byte) || decodes[place].contains(&byte) =>
            {
                char::from(byte).into()
            }
            (Some(_), Some(_)) => piece.to_ascii_uppercase(),
            _ => piece.into(),
        }
    }

    /// The change to a URL, if the client sends it in another form.
    fn change(&self, url: &str) -> Option<ClientChange> {
        let parts = UrlParts::parse(url);
        let path = parts.authority_range().end;
        let query = path + parts.path.len();
        let mut sent = String::from(&url[..path]);
        let mut change = None;
        let mut index = path;
        while index < url.len() {
            let is_escape = starts_escape(&url.as_bytes()[index..]);
            let length = if is_escape { 3 } else { 1 };
            let piece = &url[index..index + length];
            let other = self.sent(piece, index > query);
            if other != piece {
                change.get_or_insert_with(|| format!("contain {other} in place of {piece}"));
            }
            sent += &other;
            index += length;
        }
        change.map(|change| ClientChange {
            clients: self.name,
            change,
            sent,
        })
    }
}

/// Returns whether some client sends this character of a path or query percent-encoded.
pub(super) fn encoded_by_some(byte: u8, in_query: bool) -> bool {
    let place = usize::from(in_query);
    CLIENTS
        .iter()
        .any(|client| client.encodes[place].contains(&byte))
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
    /// The URL as they send it; empty for [`MOST_CLIENTS`].
    pub sent: String,
}

/// The changes that clients make to a valid http or https URL.
pub(super) fn changes(url: &str) -> Vec<ClientChange> {
    let mut changes: Vec<ClientChange> = Vec::new();
    // Few URLs have a character that some client changes.
    if url.contains(['%', '[', ']', '\'']) {
        for change in CLIENTS.iter().filter_map(|client| client.change(url)) {
            match changes.last_mut() {
                Some(last) if last.sent == change.sent => last.clients = PYTHON,
                _ => changes.push(change),
            }
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
    let may_have = path.contains("/.") || path.contains("/%");
    may_have
        && path.split('/').any(|segment| {
            let decoded = segment.replace("%2e", ".").replace("%2E", ".");
            decoded == "." || decoded == ".."
        })
}
