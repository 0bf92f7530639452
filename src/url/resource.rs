//! Resources of policies: the URLs that a policy covers.
//!
//! Source: Amazon CloudFront Developer Guide, "Values that you specify in the policy statement for
//! a signed URL that uses a custom policy".

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::error::{Error, Result, quoted};
use crate::url::authority;
use crate::url::diagnosis::{check_names, check_no_fragment, not_absolute};
use crate::url::matcher::{Matcher, split_scheme};
use crate::url::parts::without_empty_query;
use crate::url::percent::{encode_pattern, first_unsafe};
use crate::url::signing_parameters::shown;

/// The resource of a policy: a URL, a pattern of URLs, or the name of an RTMP stream.
///
/// A pattern is matched by section: scheme `://` domain `/` path `?` query. `*` matches any
/// characters and `?` exactly one, and neither matches across a section boundary, with three
/// exceptions: a trailing `*` in the path also matches the query, a trailing `*` in the domain also
/// matches path and query, and a `?` may match the `?` that starts the query. `\?` is a literal
/// question mark. A trailing `\?*` also matches a URL without a query: according to the guide,
/// `hello*` and `hello*\?*` are the same. Scheme and domain are case-insensitive.
///
/// ```
/// use cfsign::Resource;
///
/// let videos: Resource = "https://d111111abcdef8.cloudfront.net/videos/*".parse()?;
/// assert!(videos.covers("https://d111111abcdef8.cloudfront.net/videos/a.mp4?quality=high"));
/// assert!(!videos.covers("https://d111111abcdef8.cloudfront.net/images/a.jpg"));
/// # Ok::<(), cfsign::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Resource(String);

impl Resource {
    /// Parses the name of an RTMP stream, or a pattern of such names.
    ///
    /// # Errors
    /// A name that is empty, or contains signing parameters or characters that clients
    /// percent-encode.
    pub fn stream(name: &str) -> Result<Self> {
        if name.is_empty() {
            return Err(Error::new("\"\" is empty").with_hint("use a name such as videos/*"));
        }
        check_unsigned(name)?;
        Self::checked(name)
    }

    /// Checks the characters. A backslash is allowed only in front of a question mark.
    fn checked(text: &str) -> Result<Self> {
        let Some(bad) = first_unsafe(&text.replace("\\?", "?")) else {
            return Ok(Resource(text.into()));
        };
        let (shown, bad) = (quoted(text), quoted(&bad.to_string()));
        let hint = format!("use the percent-encoded form: {}", encode_pattern(text));
        Err(Error::new(format!(
            "{shown} contains {bad}, which clients percent-encode"
        ))
        .with_hint(hint))
    }

    /// A resource that is not checked: the text of a received policy, or a URL.
    pub(crate) fn verbatim(text: impl Into<String>) -> Self {
        Resource(text.into())
    }

    /// Returns whether the resource begins as one in the guide.
    pub(crate) fn has_documented_beginning(&self) -> bool {
        let beginnings = ["http://", "https://", "http*://", "*"];
        beginnings.iter().any(|start| self.0.starts_with(start))
    }

    /// The pattern as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether the resource contains a `*` or an escaped `?`. A plain `?` may also start a
    /// query.
    pub fn has_wildcard(&self) -> bool {
        self.0.contains('*') || self.0.contains("\\?")
    }

    /// Returns whether the resource is probably a pattern: it has a wildcard, or a `?` that begins
    /// neither `name=value` nor a bare name, but the rest of a path.
    #[cfg(feature = "cli")]
    pub(crate) fn is_probably_pattern(&self) -> bool {
        let query = self.0.split_once('?').map_or("", |(_, query)| query);
        self.has_wildcard() || !query.contains('=') && query.contains(['.', '/', '?'])
    }

    /// The resource without a trailing `?`, which CloudFront ignores.
    #[must_use]
    pub fn without_empty_query(self) -> Self {
        if self.has_wildcard() {
            self
        } else {
            Resource(without_empty_query(&self.0).to_owned())
        }
    }

    /// Returns whether the host consists of wildcards only, so that the resource covers files of
    /// every distribution.
    #[cfg(feature = "cli")]
    pub(crate) fn covers_any_host(&self) -> bool {
        let after_scheme = split_scheme(&self.0).map_or(self.as_str(), |(_, rest)| rest);
        let host = after_scheme.split('/').next().unwrap_or_default();
        host.starts_with('*') && host.bytes().all(|byte| b"*?.".contains(&byte))
    }

    /// Returns whether the resource covers `url`, the URL as requested without signing parameters.
    pub fn covers(&self, url: &str) -> bool {
        // Most resources are the URL itself, for which no matcher is needed.
        self.0 == url || self.matcher().covers(url)
    }

    /// Compiles the resource, to compare it with many URLs.
    pub fn matcher(&self) -> Matcher {
        Matcher::new(&self.0)
    }
}

impl AsRef<str> for Resource {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Parses a resource for URLs or cookies.
///
/// # Errors
/// A resource that is empty, does not begin with a scheme or `*`, has no valid host and port, or
/// contains a fragment, signing parameters, or characters that clients percent-encode.
impl FromStr for Resource {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        check_unsigned(text)?;
        if !Resource::verbatim(text).has_documented_beginning() {
            if split_scheme(text).is_none() && !text.is_empty() {
                return Err(not_absolute(text));
            }
            let message = format!("{} does not begin with http://, https:// or *", shown(text));
            return Err(Error::new(message).with_hint(EXAMPLE));
        }
        check_no_fragment(&shown(text), text)?;
        if let Some((scheme, rest)) = split_scheme(text) {
            let host_and_port = rest.split('/').next().unwrap_or_default();
            let before_query = host_and_port.split('?').next().unwrap_or_default();
            authority::check_no_user_information(before_query).map_err(|e| {
                // It may contain a password.
                let rest = rest.rsplit('@').next().unwrap_or_default();
                e.context(quoted(&format!("{scheme}://...@{rest}")))
            })?;
            authority::check_pattern(host_and_port).map_err(|e| e.context(quoted(text)))?;
        }
        Self::checked(text)
    }
}

/// Checks that the text is not that of a signed URL.
fn check_unsigned(text: &str) -> Result<()> {
    check_names(&shown(text), text)
        .map_err(|e| Error::new(e.to_string()).with_hint("use the URL without its signature"))
}

const EXAMPLE: &str = "use a scheme in lower case, or http*:// for http and https: \
    https://d111111abcdef8.cloudfront.net/images/*";
