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
use crate::url::matcher::Matcher;
use crate::url::percent::{encode, first_unsafe};
use crate::url::signing_parameters::{Name, query_names, shown};

/// What a policy covers: a URL, a pattern of URLs, or the name of an RTMP stream.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
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
    /// `url` is the URL as requested, without signing parameters.
    pub fn covers(&self, url: &str) -> bool {
        // Most resources are the URL itself, which is seen without a matcher.
        self.0 == url || self.matcher().covers(url)
    }

    /// The resource made ready to be compared with many URLs.
    pub fn matcher(&self) -> Matcher {
        Matcher::new(&self.0)
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
            return Err(Error::new("\"\" is empty")
                .with_hint(format!("a resource is a URL, or a pattern: {EXAMPLE}")));
        }
        if let Some(Name::Signing(name)) = query_names(text)
            .map(Name::of)
            .find(|name| *name != Name::Own)
        {
            return Err(Error::new(format!(
                "{} has the query parameter \"{name}\", which CloudFront takes out of a URL",
                shown(text)
            ))
            .with_hint("a resource is a URL without its signature"));
        }
        let shown = quoted(text);
        if !BEGINNINGS
            .iter()
            .any(|beginning| text.starts_with(beginning))
        {
            let hint = match text.split_once("://") {
                Some((protocol, rest))
                    if BEGINNINGS
                        .contains(&format!("{}://", protocol.to_ascii_lowercase()).as_str()) =>
                {
                    format!(
                        "the protocol is written in lower case: {}://{rest}",
                        protocol.to_ascii_lowercase()
                    )
                }
                Some(_) => "CloudFront serves files over http and https only".into(),
                None if text
                    .split('/')
                    .next()
                    .is_some_and(|host| host.contains('.')) =>
                {
                    format!("https://{text}")
                }
                None => format!(
                    "a resource names the host: https://d111111abcdef8.cloudfront.net/{}",
                    text.trim_start_matches('/')
                ),
            };
            return Err(Error::new(format!(
                "{shown} begins with neither http://, https://, http*:// nor *"
            ))
            .with_hint(hint));
        }
        if text.contains('#') {
            return Err(Error::new(format!(
                "{shown} has a fragment (#), which clients do not send to CloudFront"
            ))
            .with_hint("leave out the # and what follows; a # in a file's name is written %23"));
        }
        if let Some((_, rest)) = text
            .split_once("://")
            .filter(|(start, _)| !start.contains('/'))
        {
            let host = &rest[..rest.find('/').unwrap_or(rest.len())];
            // A ? may stand for a character of the host, or begin the query of a URL without a path.
            let before_query = host.split('?').next().unwrap_or_default();
            if host.is_empty() || before_query.contains(['@', '[']) {
                return Err(
                    Error::new(format!("{shown} names no host that CloudFront has"))
                        .with_hint(format!("a resource names the host: {EXAMPLE}")),
                );
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
    .with_hint_about(
        text,
        format!("write it as clients send it: {}", encode(text)),
    )
}

impl AsRef<str> for Resource {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}
