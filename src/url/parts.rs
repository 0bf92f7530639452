//! The parts of a URL, as byte-preserving slices (RFC 3986, section 3).

use std::fmt;
use std::ops::Range;

/// A URL split at its delimiters. Nothing is decoded or normalized: [`UrlParts::parse`] accepts any
/// text, and joining the parts with their delimiters gives the same text again.
///
/// ```text
/// https://cdn.example.com:8443/videos/a.mp4?v=1#t=10
/// ^scheme ^authority           ^path        ^query ^fragment
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UrlParts<'a> {
    /// The text before `://`; `None` without `://` before the path.
    pub scheme: Option<&'a str>,
    /// User information, host and port; empty for a relative reference.
    pub authority: &'a str,
    /// The path, with its leading `/`.
    pub path: &'a str,
    /// The text after the first `?`, which may itself contain `?`.
    pub query: Option<&'a str>,
    /// The text after the first `#`.
    pub fragment: Option<&'a str>,
}

impl<'a> UrlParts<'a> {
    /// Splits `text`.
    ///
    /// ```
    /// use cfsign::url::UrlParts;
    ///
    /// let parts = UrlParts::parse("https://cdn.example.com:8443/a.jpg?v=1");
    /// assert_eq!(parts.scheme, Some("https"));
    /// assert_eq!(parts.authority, "cdn.example.com:8443");
    /// assert_eq!((parts.host(), parts.port()), ("cdn.example.com", Some("8443")));
    /// assert_eq!((parts.path, parts.query), ("/a.jpg", Some("v=1")));
    /// ```
    pub fn parse(text: &'a str) -> Self {
        let (text, fragment) = match text.split_once('#') {
            Some((before, fragment)) => (before, Some(fragment)),
            None => (text, None),
        };
        let (base, query) = match text.split_once('?') {
            Some((base, query)) => (base, Some(query)),
            None => (text, None),
        };
        // A `://` after the first `/` is part of the path.
        let scheme_end = base.find("://").filter(|end| !base[..*end].contains('/'));
        let (scheme, authority, path) = match scheme_end {
            Some(end) => {
                let rest = &base[end + "://".len()..];
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                (Some(&base[..end]), authority, path)
            }
            None => (None, "", base),
        };
        UrlParts {
            scheme,
            authority,
            path,
            query,
            fragment,
        }
    }

    /// The byte range of user information, host and port in the text; empty and at its start for a
    /// relative reference.
    pub(crate) fn authority_range(&self) -> Range<usize> {
        let start = self.scheme.map_or(0, |scheme| scheme.len() + "://".len());
        start..start + self.authority.len()
    }

    /// The host, without user information and port.
    pub fn host(&self) -> &'a str {
        self.host_and_port().0
    }

    /// The text after the `:` of the authority, if there is one; not necessarily a number.
    pub fn port(&self) -> Option<&'a str> {
        self.host_and_port().1
    }

    fn host_and_port(&self) -> (&'a str, Option<&'a str>) {
        let host_port = self
            .authority
            .rsplit_once('@')
            .map_or(self.authority, |(_, after)| after);
        // The colons inside the brackets of an IPv6 address separate no port.
        let bracket = host_port.rfind(']').unwrap_or(0);
        match host_port[bracket..].find(':') {
            Some(colon) => (
                &host_port[..bracket + colon],
                Some(&host_port[bracket + colon + 1..]),
            ),
            None => (host_port, None),
        }
    }

    /// The query parameters, without their `&`.
    pub fn parameters(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.query.into_iter().flat_map(|query| query.split('&'))
    }
}

impl fmt::Display for UrlParts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(scheme) = self.scheme {
            write!(f, "{scheme}://{}", self.authority)?;
        }
        f.write_str(self.path)?;
        if let Some(query) = self.query {
            write!(f, "?{query}")?;
        }
        if let Some(fragment) = self.fragment {
            write!(f, "#{fragment}")?;
        }
        Ok(())
    }
}

/// The separator between a URL and added query parameters: `?`, `&` or nothing.
pub(crate) fn separator(url: &str) -> &'static str {
    match UrlParts::parse(url).query {
        None => "?",
        Some("") => "",
        Some(_) => "&",
    }
}

/// A URL without the `?` of an empty query.
pub(crate) fn without_empty_query(url: &str) -> &str {
    match url.strip_suffix('?') {
        Some(base) if !base.contains('?') => base,
        _ => url,
    }
}
