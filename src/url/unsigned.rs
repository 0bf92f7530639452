//! The URL of a file before it is signed, as the client will request it.
//!
//! CloudFront checks the URL that arrives, so the bytes given are the bytes signed and sent: nothing is normalised,
//! re-ordered or lower-cased. What every client changes on the way (a space, a non-ASCII character) is refused, because
//! the signature would no longer fit.
//!
//! Source: Amazon CloudFront Developer Guide, "Create a signed URL using a canned policy"; RFC 3986.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::error::{Error, ErrorKind, Result, quoted};
use crate::url::percent::{encode, encode_component, first_unsafe, is_scheme};
use crate::url::resource::Resource;
use crate::url::signing_parameters::{Name, SigningParameter, query_names, shown};

use crate::url::diagnosis::{not_whole, user_information, white_space_around};

/// A URL, or the name of an RTMP stream, that can be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsignedUrl {
    text: String,
    /// Where host and port stand, in a URL.
    authority: Option<Range<usize>>,
}

const HOST_HINT: &str = "the host is the distribution's, such as d111111abcdef8.cloudfront.net, or an alternate domain name";

impl UnsignedUrl {
    /// Reads an http or https URL as a client will request it.
    ///
    /// # Errors
    /// A URL that is relative or not http(s), has no host, user information, a fragment or characters that a client
    /// would encode, or carries a signing parameter already.
    pub fn parse(text: &str) -> Result<Self> {
        let authority = Self::check_beginning(text)?;
        Self::checked(text, "the URL", Some(authority))
    }

    /// Refuses a line break at the end, which no URL or name has, and which comes from the end of a line.
    ///
    /// # Errors
    /// There is one.
    pub fn check_end(text: &str) -> Result<()> {
        if text.ends_with(['\r', '\n']) {
            Err(white_space_around(text))
        } else {
            Ok(())
        }
    }

    /// Checks protocol and host of a URL, and says where host and port stand.
    pub(crate) fn check_beginning(text: &str) -> Result<Range<usize>> {
        let Some((scheme, authority, _)) = parts(text).filter(|(scheme, ..)| is_scheme(scheme))
        else {
            return Err(not_whole(text));
        };
        if authority.contains('@') {
            return Err(user_information());
        }
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            let hint = match scheme.to_ascii_lowercase().as_str() {
                "s3" => "CloudFront serves the object at https://DISTRIBUTION.cloudfront.net/KEY",
                "rtmp" | "rtmpe" => {
                    "the name of an RTMP stream is signed alone: --stream video.mp4"
                }
                _ => "CloudFront serves files over http and https only",
            };
            return Err(
                Error::new(format!("{} is not an http or https URL", shown(text))).with_hint(hint),
            );
        }
        check_host(authority, text)?;
        let start = scheme.len() + "://".len();
        Ok(start..start + authority.len())
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
            return Err(Error::new(format!(
                "{} is a URL, and a stream is signed by its name alone",
                shown(name)
            ))
            .with_hint("--stream takes what follows the application's name: videos/video.mp4"));
        }
        Self::checked(name, "the stream name", None)
    }

    fn checked(text: &str, what: &str, authority: Option<Range<usize>>) -> Result<Self> {
        if text.contains('#') {
            return Err(Error::new(format!(
                "{what} {} has a fragment (#), which clients do not send to CloudFront",
                shown(text)
            ))
            .with_hint("leave out the # and what follows; a # in a file's name is written %23"));
        }
        let mut seen: Vec<SigningParameter> = Vec::new();
        for name in query_names(text) {
            match Name::of(name) {
                Name::Signing(exact) if seen.contains(&exact) => {
                    let message = format!(
                        "{what} has the query parameter \"{exact}\" twice, which CloudFront reserves for signatures"
                    );
                    return Err(Error::of_kind(ErrorKind::AlreadySigned, message));
                }
                Name::Signing(exact) => seen.push(exact),
                Name::Misspelt(exact) => {
                    let message = format!(
                        "{what} has the query parameter {}, a misspelt \"{exact}\"",
                        quoted(name)
                    );
                    return Err(Error::new(message).with_hint(format!(
                        "take it out of the URL; the name that CloudFront reads is {exact}, with these capitals and hyphens"
                    )));
                }
                Name::Own => {}
            }
        }
        if let Some(name) = seen.first() {
            let message = format!(
                "{what} already has the query parameter \"{name}\", which CloudFront reserves for signatures"
            );
            return Err(Error::of_kind(ErrorKind::AlreadySigned, message));
        }
        if let Some(character) = first_unsafe(text) {
            let kind = ErrorKind::NotPercentEncoded {
                encoded: encode(text),
            };
            let character = quoted(&character.to_string());
            let message = format!(
                "{what} {} contains {character}, which clients percent-encode before they send it",
                quoted(text)
            );
            return Err(Error::of_kind(kind, message));
        }
        Ok(UnsignedUrl {
            text: text.into(),
            authority,
        })
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host, without a port; `None` for the name of a stream.
    pub fn host(&self) -> Option<&str> {
        self.text[self.authority.clone()?].split(':').next()
    }

    /// The URL as the resource of a policy: without a `?` that starts an empty query.
    pub fn resource(&self) -> Resource {
        Resource::verbatim(self.without_empty_query())
    }

    /// The URL as CloudFront compares it with resources: without a `?` that starts an empty query.
    pub fn without_empty_query(&self) -> &str {
        if has_empty_query(&self.text) {
            &self.text[..self.text.len() - 1]
        } else {
            &self.text
        }
    }

    /// Whether the URL's own query has a parameter of this name.
    pub fn has_parameter(&self, name: &str) -> bool {
        query_names(&self.text).any(|own| crate::url::percent::decode(own) == name)
    }

    /// The URL with one more query parameter of its own, name and value percent-encoded.
    ///
    /// # Errors
    /// A name that CloudFront reserves for signatures.
    pub fn with_own_parameter(&self, name: &str, value: &str) -> Result<Self> {
        if Name::of(name) != Name::Own {
            let message = "cannot be added: CloudFront reserves it for signatures";
            return Err(
                Error::new(format!("the query parameter {} {message}", quoted(name)))
                    .with_hint("cfsign url adds the signing parameters by itself"),
            );
        }
        let parameter = format!("{}={}", encode_component(name), encode_component(value));
        Ok(UnsignedUrl {
            text: self.with_parameters(&parameter),
            authority: self.authority.clone(),
        })
    }

    /// The URL with `parameters` behind its own query.
    pub(crate) fn with_parameters(&self, parameters: &str) -> String {
        [&self.text, separator(&self.text), parameters].concat()
    }

    /// What most clients change in this URL before they ask for it, if anything: then CloudFront gets another URL than
    /// the one signed. A stream name has nothing to change.
    pub fn changed_by_clients(&self) -> Option<&'static str> {
        let place = self.authority.clone()?;
        let (scheme, authority, rest) = (
            &self.text[..place.start],
            &self.text[place.clone()],
            &self.text[place.end..],
        );
        let path = rest.split('?').next().unwrap_or_default();
        let default_port = if scheme.eq_ignore_ascii_case("https://") {
            ":443"
        } else {
            ":80"
        };
        let begins_dotted = |next: &[u8]| matches!(next, b"/." | b"/%");
        let dots = |segment: &str| {
            matches!(
                segment.replace("%2e", ".").replace("%2E", ".").as_str(),
                "." | ".."
            )
        };
        if path.is_empty() {
            Some("they ask for the path / where there is none")
        } else if path.as_bytes().windows(2).any(begins_dotted) && path.split('/').any(dots) {
            Some("they take out the segments . and ..")
        } else if authority.ends_with(default_port) {
            Some("they leave out the port that the protocol implies")
        } else if [scheme, authority]
            .iter()
            .any(|part| part.bytes().any(|b| b.is_ascii_uppercase()))
        {
            Some("they write protocol and host in lower case")
        } else {
            None
        }
    }
}

impl fmt::Display for UnsignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Protocol, authority (the host, and what may stand around it) and the rest of a URL.
fn parts(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once(':')?;
    let rest = rest.strip_prefix("//")?;
    let end = rest
        .bytes()
        .position(|byte| b"/?#".contains(&byte))
        .unwrap_or(rest.len());
    Some((scheme, &rest[..end], &rest[end..]))
}

/// What goes between a URL, whole or relative, and more query parameters.
pub(crate) fn separator(url: &str) -> &'static str {
    match url.contains('?') {
        false => "?",
        true if has_empty_query(url) => "",
        true => "&",
    }
}

fn has_empty_query(url: &str) -> bool {
    url.find('?').is_some_and(|start| start + 1 == url.len())
}

fn check_host(authority: &str, url: &str) -> Result<()> {
    if authority.starts_with('[') {
        return Err(Error::new(format!(
            "the URL {} names an IPv6 address, and CloudFront is reached by a domain name",
            shown(url)
        ))
        .with_hint(HOST_HINT));
    }
    let (host, port) = authority
        .split_once(':')
        .map_or((authority, None), |(host, port)| (host, Some(port)));
    if host.is_empty() {
        return Err(Error::new(format!("the URL {} has no host", shown(url))).with_hint(HOST_HINT));
    }
    if !host.is_ascii() {
        return Err(Error::new(format!(
            "the host {} is not ASCII, and clients send its xn-- form",
            quoted(host)
        ))
        .with_hint("write the host as clients send it, such as xn--bcher-kva.example"));
    }
    // A `*` makes the URL a pattern, for a policy.
    if let Some(bad) = host
        .bytes()
        .find(|b| !b.is_ascii_alphanumeric() && !b"-._*".contains(b))
    {
        return Err(Error::new(format!(
            "the host {} holds {}, which no host has",
            quoted(host),
            quoted(&char::from(bad).to_string())
        ))
        .with_hint(HOST_HINT));
    }
    match port {
        Some(port)
            if !port.bytes().all(|b| b.is_ascii_digit())
                || !port.parse::<u16>().is_ok_and(|port| port > 0) =>
        {
            Err(Error::new(format!(
                "the URL {} has {} for its port",
                shown(url),
                quoted(port)
            ))
            .with_hint("a port is a number from 1 to 65535"))
        }
        _ => Ok(()),
    }
}

impl FromStr for UnsignedUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl AsRef<str> for UnsignedUrl {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}
