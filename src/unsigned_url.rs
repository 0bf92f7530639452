//! The URL of a file before it is signed, as the client will request it.
//!
//! CloudFront checks the URL that arrives, so the bytes given are the bytes signed and sent: nothing is normalised,
//! re-ordered or lower-cased. What a client would change on the way (a space, a non-ASCII character) is refused, because
//! the signature would no longer fit.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode_byte, utf8_percent_encode};

use crate::error::{Error, Result, quoted};
use crate::resource::Resource;

/// The query parameters that carry a signature; CloudFront takes them out before it looks at the URL.
pub const SIGNING_PARAMETERS: [&str; 5] = ["Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"];

/// What RFC 3986 does not call `unreserved`.
const NOT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A URL, or the name of an RTMP stream, that can be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsignedUrl(String);

impl UnsignedUrl {
    /// Reads an http or https URL as a client will request it.
    ///
    /// # Errors
    /// A URL that is relative or not http(s), has no host, user information, a fragment or characters that a client
    /// would encode, or carries a signing parameter already.
    pub fn parse(text: &str) -> Result<Self> {
        let shown = shown(text);
        let Some((scheme, rest)) = text.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) else {
            return Err(no_scheme(text));
        };
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return Err(Error::new(format!("{shown} is not an http or https URL")).with_hint(
                match scheme.to_ascii_lowercase().as_str() {
                    "s3" => "CloudFront serves the object at https://DISTRIBUTION.cloudfront.net/KEY",
                    "rtmp" | "rtmpe" => "the name of an RTMP stream is signed alone: --stream video.mp4",
                    _ => "CloudFront serves files over http and https only",
                },
            ));
        }
        check_host(&rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())], &shown)?;
        if text.contains('#') {
            return Err(Error::new(format!(
                "the URL {shown} has a fragment (#), which clients do not send to CloudFront"
            ))
            .with_hint("leave out the # and what follows; a # in a file's name is written %23"));
        }
        Self::checked(text, "the URL")
    }

    /// Reads the name of a stream of an old RTMP distribution, such as `video.mp4`, which is signed without a host.
    ///
    /// # Errors
    /// A URL, an empty name, and what [`UnsignedUrl::parse`] refuses in a URL.
    pub fn stream(name: &str) -> Result<Self> {
        if name.is_empty() {
            return Err(Error::new("the stream name is empty")
                .with_hint("a stream name is a path without a host: videos/video.mp4"));
        }
        if name.contains("://") {
            return Err(Error::new(format!("{} is a URL, and a stream is signed by its name alone", shown(name)))
                .with_hint("--stream takes what follows the application's name: videos/video.mp4"));
        }
        Self::checked(name, "the stream name")
    }

    fn checked(text: &str, what: &str) -> Result<Self> {
        let mut seen: Vec<&str> = Vec::new();
        for name in query_names(text) {
            match signing_parameter(name) {
                Some(Parameter::Exact(exact)) if seen.contains(&exact) => {
                    return Err(Error::new(format!(
                        "{what} has the query parameter \"{exact}\" twice, which CloudFront reserves for signatures"
                    ))
                    .with_hint("--resign takes the signing parameters out and signs again"));
                }
                Some(Parameter::Exact(exact)) => seen.push(exact),
                Some(Parameter::Misspelt(exact)) => {
                    return Err(Error::new(format!("{what} has the query parameter {}, a misspelt \"{exact}\"", quoted(name)))
                        .with_hint(format!("take it out of the URL; the name that CloudFront reads is {exact}, with these capitals and hyphens")));
                }
                None => {}
            }
        }
        if let Some(name) = seen.first() {
            return Err(Error::new(format!(
                "{what} already has the query parameter \"{name}\", which CloudFront reserves for signatures"
            ))
            .with_hint("--resign replaces the old signature"));
        }
        match first_unsafe(text) {
            Some(bad) => Err(Error::new(format!(
                "{what} {} holds {}, which clients encode before they send it",
                quoted(text),
                quoted(&bad.to_string())
            ))
            .with_hint(match encode(text) {
                encoded if encoded.len() <= 500 => format!("--encode signs {encoded}"),
                _ => "--encode percent-encodes what clients would encode".into(),
            })),
            None => Ok(UnsignedUrl(text.into())),
        }
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL as the resource of a policy: without a `?` that starts an empty query.
    pub fn resource(&self) -> Resource {
        Resource::verbatim(if self.has_empty_query() { &self.0[..self.0.len() - 1] } else { &self.0 })
    }

    fn has_empty_query(&self) -> bool {
        self.0.find('?').is_some_and(|start| start + 1 == self.0.len())
    }

    /// The URL with a query parameter of its own more, name and value percent-encoded.
    ///
    /// # Errors
    /// A name that CloudFront reserves for signatures.
    pub fn with_own_parameter(&self, name: &str, value: &str) -> Result<Self> {
        let encoded = |text| utf8_percent_encode(text, NOT_UNRESERVED);
        let text = self.with_parameters(&format!("{}={}", encoded(name), encoded(value)));
        if signing_parameter(name).is_some() {
            return Err(Error::new(format!(
                "the query parameter {} cannot be added: CloudFront reserves it for signatures",
                quoted(name)
            ))
            .with_hint("cfsign url adds the signing parameters by itself"));
        }
        Ok(UnsignedUrl(text))
    }

    /// The URL with `parameters` behind its own query.
    pub(crate) fn with_parameters(&self, parameters: &str) -> String {
        let separator = match self.0.contains('?') {
            false => "?",
            true if self.has_empty_query() => "",
            true => "&",
        };
        [&self.0, separator, parameters].concat()
    }
}

impl fmt::Display for UnsignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `text` with everything percent-encoded that may not stand in a URL.
///
/// A `%XX` that is there already stays; a `%` that begins none is encoded.
pub fn encode(text: &str) -> String {
    let bytes = text.as_bytes();
    let escape =
        |index: usize| bytes.get(index + 1..index + 3).is_some_and(|next| next.iter().all(u8::is_ascii_hexdigit));
    let mut encoded = String::with_capacity(text.len());
    for (index, byte) in bytes.iter().enumerate() {
        if is_unsafe(char::from(*byte)) || *byte == b'%' && !escape(index) {
            encoded.push_str(percent_encode_byte(*byte));
        } else {
            encoded.push(char::from(*byte));
        }
    }
    encoded
}

/// `text` without the signing parameters in its query; everything else stays as it is.
pub fn without_signature(text: &str) -> String {
    let Some((base, query)) = text.split_once('?') else { return text.into() };
    let own: Vec<&str> = query
        .split('&')
        .filter(|part| !matches!(signing_parameter(name_of(part)), Some(Parameter::Exact(_))))
        .collect();
    match own.as_slice() {
        [] => base.into(),
        own => format!("{base}?{}", own.join("&")),
    }
}

/// The first character of `text` that a client would encode or refuse.
pub(crate) fn first_unsafe(text: &str) -> Option<char> {
    text.chars().find(|c| is_unsafe(*c))
}

/// Whether clients percent-encode, or refuse, this character when they find it in a URL.
fn is_unsafe(c: char) -> bool {
    !c.is_ascii() || c.is_ascii_control() || " \"<>\\^`{|}".contains(c)
}

/// A URL for a message: in quotes, and only up to its `?` where it carries a signature, which is a credential.
pub fn shown(text: &str) -> String {
    let signed = query_names(text).any(|name| signing_parameter(name).is_some());
    match text.split_once('?').filter(|_| signed) {
        Some((base, _)) => quoted(&format!("{base}?...")),
        None => quoted(text),
    }
}

enum Parameter {
    Exact(&'static str),
    Misspelt(&'static str),
}

/// Whether a query parameter's name is one that carries a signature, or was meant to be.
///
/// `expires`, `policy` and `signature` are words that applications use for themselves, and names are case-sensitive, so
/// only the names with a hyphen can be told to be misspelt.
fn signing_parameter(name: &str) -> Option<Parameter> {
    let name = percent_decode_str(name).decode_utf8_lossy();
    let letters = |name: &str| name.replace(['-', '_'], "").to_ascii_lowercase();
    if let Some(exact) = SIGNING_PARAMETERS.into_iter().find(|exact| *exact == name) {
        return Some(Parameter::Exact(exact));
    }
    SIGNING_PARAMETERS
        .into_iter()
        .filter(|exact| exact.contains('-'))
        .find(|exact| letters(exact) == letters(&name))
        .map(Parameter::Misspelt)
}

fn query_names(text: &str) -> impl Iterator<Item = &str> {
    text.split_once('?').into_iter().flat_map(|(_, query)| query.split('&')).map(name_of)
}

fn name_of(part: &str) -> &str {
    part.split_once('=').map_or(part, |(name, _)| name)
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

fn no_scheme(text: &str) -> Error {
    let shown = shown(text);
    if text.is_empty() {
        return Error::new("the URL is empty")
            .with_hint("a URL begins with the host: https://d111111abcdef8.cloudfront.net/image.jpg");
    }
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('.') && !host.starts_with('.') && first_unsafe(text).is_none() {
        return Error::new(format!("{shown} has no scheme"))
            .with_hint(format!("https://{}", text.split('?').next().unwrap_or_default()));
    }
    Error::new(format!("{shown} is a relative URL, and CloudFront signs whole ones")).with_hint(format!(
        "put the host in front: https://d111111abcdef8.cloudfront.net/{}",
        encode(text.trim_start_matches('/'))
    ))
}

fn check_host(authority: &str, shown: &str) -> Result<()> {
    if authority.contains('@') {
        return Err(Error::new(
            "the URL has user information (name@host), which clients do not send to CloudFront as part of the URL",
        )
        .with_hint("leave out what stands before the @; a @ in a path is fine"));
    }
    let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
    if authority.starts_with('[') {
        return Err(Error::new(format!(
            "the URL {shown} names an IPv6 address, and CloudFront is reached by a domain name"
        ))
        .with_hint(
            "the host is the distribution's, such as d111111abcdef8.cloudfront.net, or an alternate domain name",
        ));
    }
    if host.is_empty() {
        return Err(Error::new(format!("the URL {shown} has no host")).with_hint(
            "the host is the distribution's, such as d111111abcdef8.cloudfront.net, or an alternate domain name",
        ));
    }
    if !host.is_ascii() {
        return Err(Error::new(format!("the host {} is not ASCII, and clients send its xn-- form", quoted(host)))
            .with_hint("write the host as clients send it, such as xn--bcher-kva.example"));
    }
    if let Some(bad) = first_unsafe(host) {
        return Err(Error::new(format!(
            "the host {} holds {}, which no host has",
            quoted(host),
            quoted(&bad.to_string())
        )));
    }
    match port {
        Some(port) if !port.bytes().all(|b| b.is_ascii_digit()) || !port.parse::<u16>().is_ok_and(|port| port > 0) => {
            Err(Error::new(format!("the URL {shown} has {} for its port", quoted(port)))
                .with_hint("a port is a number from 1 to 65535"))
        }
        _ => Ok(()),
    }
}
