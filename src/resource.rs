//! The resource of a policy: which URLs it covers.
//!
//! A pattern is matched by section, protocol `://` domain `/` path `?` query: `*` stands for any characters and `?` for
//! one, but neither crosses from one section into the next. There are three exceptions: a trailing `*` in the path also
//! covers the query, a trailing `*` in the domain also covers path and query, and a `?` may stand for the `?` that
//! starts the query. `\?` is a literal question mark. A trailing `\?*` matches no query as well as any: the guide calls
//! `hello*` and `hello*\?*` the same. Protocol and domain are not case-sensitive.
//!
//! Source: Amazon CloudFront Developer Guide, "Values that you specify in the policy statement for a signed URL that
//! uses a custom policy".

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::error::{Error, Result, quoted};
use crate::percent::{encode, first_unsafe};
use crate::signing_parameters::{Name, query_names, shown};

/// What a policy covers: a URL, a pattern of URLs, or the name of an RTMP stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Resource(String);

impl Resource {
    /// The name of a stream of an old RTMP distribution, or a pattern of such names.
    ///
    /// # Errors
    /// A name that is empty or holds what a client would percent-encode.
    pub fn stream(name: &str) -> Result<Self> {
        match first_unsafe(name) {
            _ if name.is_empty() => Err(Error::new("\"\" is empty")
                .with_hint("a stream is covered by its name, or by a pattern such as videos/*")),
            Some(bad) => Err(unsafe_character(name, bad)),
            None => Ok(Resource(name.into())),
        }
    }

    /// Text that is not looked at, because a policy was written with it or it is known to be a URL.
    pub(crate) fn verbatim(text: impl Into<String>) -> Self {
        Resource(text.into())
    }

    /// The pattern as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the pattern holds a `*` or an escaped `?`. A plain `?` is no sign of a pattern: it also starts a query.
    pub fn has_wildcard(&self) -> bool {
        self.0.contains('*') || self.0.contains("\\?")
    }

    /// The resource without a `?` that starts an empty query, which CloudFront leaves out too.
    #[must_use]
    pub fn without_empty_query(self) -> Self {
        match self.0.split_once('?') {
            Some((base, "")) if !self.has_wildcard() => Resource(base.to_owned()),
            _ => self,
        }
    }

    /// Whether CloudFront would apply a policy over this resource to a request for `url`.
    ///
    /// `url` is the URL as requested, without signing parameters. The time taken is proportional to the length of the
    /// URL times the length of the pattern in machine words, whatever the pattern.
    pub fn covers(&self, url: &str) -> bool {
        let pattern = self.0.as_str();
        if pattern == "*" || pattern == url {
            return true;
        }
        let Some((protocol, url)) = url.split_once("://") else {
            return !pattern.contains("://") && Glob::new(pattern).matches(url.as_bytes(), &[url.find('?')]);
        };
        let protocol_of = |pattern: &str| pattern.bytes().all(|b| b.is_ascii_alphabetic() || b == b'*');
        let (pattern_protocol, pattern) = match pattern.split_once("://").filter(|(start, _)| protocol_of(start)) {
            Some(parts) => parts,
            None if pattern.starts_with('*') => ("*", pattern),
            None => return false,
        };
        // A pattern without a path means the root.
        let root = without_root_path(url);
        let glob = Glob::new(pattern);
        Glob::new(&pattern_protocol.to_ascii_lowercase()).matches(protocol.to_ascii_lowercase().as_bytes(), &[])
            && (glob.matches_url(url) || root.is_some_and(|url| glob.matches_url(&url)))
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads a resource of a policy for URLs or cookies.
///
/// # Errors
/// A resource that is empty, does not begin as CloudFront wants it, or holds what a client would percent-encode.
impl FromStr for Resource {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        const BEGINNINGS: [&str; 4] = ["http://", "https://", "http*://", "*"];
        if text.is_empty() {
            return Err(Error::new("\"\" is empty").with_hint(format!("a resource is a URL, or a pattern: {EXAMPLE}")));
        }
        if let Some(Name::Signing(name)) = query_names(text).map(Name::of).find(|name| *name != Name::Own) {
            return Err(Error::new(format!(
                "{} has the query parameter \"{name}\", which CloudFront takes out of a URL",
                shown(text)
            ))
            .with_hint("a resource is a URL without its signature"));
        }
        let shown = quoted(text);
        if !BEGINNINGS.iter().any(|beginning| text.starts_with(beginning)) {
            let hint = match text.split_once("://") {
                Some((protocol, rest))
                    if BEGINNINGS.contains(&format!("{}://", protocol.to_ascii_lowercase()).as_str()) =>
                {
                    format!("the protocol is written in lower case: {}://{rest}", protocol.to_ascii_lowercase())
                }
                Some(_) => "CloudFront serves files over http and https only".into(),
                None if text.split('/').next().is_some_and(|host| host.contains('.')) => format!("https://{text}"),
                None => format!(
                    "a resource names the host: https://d111111abcdef8.cloudfront.net/{}",
                    text.trim_start_matches('/')
                ),
            };
            return Err(
                Error::new(format!("{shown} begins with neither http://, https://, http*:// nor *")).with_hint(hint)
            );
        }
        if text.contains('#') {
            return Err(Error::new(format!("{shown} has a fragment (#), which clients do not send to CloudFront"))
                .with_hint("leave out the # and what follows; a # in a file's name is written %23"));
        }
        if let Some((_, rest)) = text.split_once("://").filter(|(start, _)| !start.contains('/')) {
            let host = &rest[..rest.find('/').unwrap_or(rest.len())];
            if host.is_empty() || host.contains(['@', '[']) {
                return Err(Error::new(format!("{shown} names no host that CloudFront has"))
                    .with_hint(format!("a resource names the host: {EXAMPLE}")));
            }
        }
        // A backslash is allowed in one place, before a question mark.
        match first_unsafe(&text.replace("\\?", "?")) {
            Some(bad) => Err(unsafe_character(text, bad)),
            None => Ok(Resource(text.into())),
        }
    }
}

const EXAMPLE: &str = "https://d111111abcdef8.cloudfront.net/images/*";

fn unsafe_character(text: &str, bad: char) -> Error {
    Error::new(format!(
        "{} holds {}, which clients encode before they send a URL",
        quoted(text),
        quoted(&bad.to_string())
    ))
    .with_hint(format!("write it as clients send it: {}", encode(text)))
}

/// `domain?query` where the URL is `domain/?query`.
fn without_root_path(url: &str) -> Option<String> {
    let (domain, rest) = url.split_once('/').filter(|(domain, _)| !domain.contains('?'))?;
    (rest.is_empty() || rest.starts_with('?')).then(|| domain.to_owned() + rest)
}

/// A pattern as an automaton whose states are the places between its characters, a bit each.
///
/// A `*` is a property of the place where it stands: there, any character may pass. All places that the text read so far
/// can have reached are kept at once, so a hostile pattern costs no more than a friendly one of the same length.
struct Glob {
    /// By byte: the places whose next character is that byte; empty where there are none.
    next: Vec<Vec<u64>>,
    /// The places whose next character is a `?`.
    any: Vec<u64>,
    /// The places where a `*` stands.
    stars: Vec<u64>,
    /// The last place, where the whole pattern has been read.
    end: usize,
    /// Whether a plain `?` may stand for the one that starts the query: not where an escaped one does.
    plain_query: bool,
    /// The place before a trailing `?*`, which a URL without a query may end at.
    before_query: Option<usize>,
}

impl Glob {
    fn new(pattern: &str) -> Self {
        let words = pattern.len() / 64 + 1;
        let mut glob = Glob {
            next: vec![Vec::new(); 256],
            any: vec![0; words],
            stars: vec![0; words],
            end: 0,
            plain_query: !pattern.contains("\\?"),
            before_query: None,
        };
        let mut bytes = pattern.bytes().peekable();
        while let Some(byte) = bytes.next() {
            let literal = match byte {
                b'*' => {
                    set(&mut glob.stars, glob.end);
                    continue;
                }
                b'?' => None,
                b'\\' => Some(bytes.next_if_eq(&b'?').unwrap_or(byte)),
                other => Some(other),
            };
            match literal {
                Some(literal) => {
                    let places = &mut glob.next[usize::from(literal)];
                    places.resize(words, 0);
                    set(places, glob.end);
                }
                None => set(&mut glob.any, glob.end),
            }
            glob.end += 1;
        }
        glob.before_query = glob.end.checked_sub(1).filter(|_| pattern.ends_with("?*"));
        glob
    }

    /// Whether the pattern matches `domain/path?query` by section.
    fn matches_url(&self, url: &str) -> bool {
        let query = url.find('?');
        let slash = url[..query.unwrap_or(url.len())].find('/');
        self.matches(url.as_bytes(), &[slash, query])
    }

    /// Whether the pattern matches all of `text`, where only a `*` at the end of the pattern passes the `boundaries`. Up
    /// to the first of them, letters match in both cases.
    fn matches(&self, text: &[u8], boundaries: &[Option<usize>]) -> bool {
        let domain = boundaries.iter().flatten().min().copied().unwrap_or(text.len());
        let has_query = text.contains(&b'?');
        let words = self.any.len();
        let mut last_star = vec![0; words];
        set(&mut last_star, self.end);
        for (word, stars) in last_star.iter_mut().zip(&self.stars) {
            *word &= stars;
        }
        let mut places = vec![0; words];
        set(&mut places, 0);
        for (index, byte) in text.iter().enumerate() {
            let boundary = boundaries.contains(&Some(index));
            let stay = if boundary { &last_star } else { &self.stars };
            let any_passes = !boundary || *byte == b'?' && self.plain_query;
            let next = &self.next[usize::from(*byte)];
            let other_case = match *byte ^ 0x20 {
                other if index < domain && byte.is_ascii_alphabetic() => &self.next[usize::from(other)],
                _ => next,
            };
            let mut carry = 0;
            let mut reached = 0;
            for word in 0..words {
                let mut passing = next.get(word).copied().unwrap_or(0) | other_case.get(word).copied().unwrap_or(0);
                if any_passes {
                    passing |= self.any[word];
                }
                let moved = places[word] & passing;
                places[word] = places[word] & stay[word] | moved << 1 | carry;
                carry = moved >> 63;
                reached |= places[word];
            }
            if reached == 0 {
                return false;
            }
        }
        let at = |place: usize| places[place / 64] >> (place % 64) & 1 == 1;
        at(self.end) || !has_query && self.before_query.is_some_and(at)
    }
}

fn set(bits: &mut [u64], index: usize) {
    bits[index / 64] |= 1 << (index % 64);
}
