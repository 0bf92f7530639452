//! URLs before they are signed.
//!
//! CloudFront checks the URL that arrives, so the signature covers exactly the given bytes: nothing
//! is normalized, re-ordered or lower-cased. Characters that every client percent-encodes, such as
//! a space, are refused, because the signature would not match.
//!
//! Source: Amazon CloudFront Developer Guide, "Create a signed URL using a canned policy"; RFC
//! 3986.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind, Result, quoted};
use crate::url::authority;
use crate::url::clients::{self, ClientChange};
use crate::url::diagnosis::{
    check_names, check_no_fragment, invalid_url, not_absolute, white_space_around,
};
use crate::url::parts::{UrlParts, separator, without_empty_query};
use crate::url::percent::{decode, encode, encode_component, first_unsafe, is_scheme};
use crate::url::resource::Resource;
use crate::url::signing_parameters::{Name, query_names, redacted, shown};

/// A URL, or the name of an RTMP stream, that can be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsignedUrl(String);

impl UnsignedUrl {
    /// Parses an http or https URL, as a client requests it.
    ///
    /// ```
    /// use cfsign::UnsignedUrl;
    ///
    /// let url = UnsignedUrl::parse("https://d111111abcdef8.cloudfront.net/a.jpg?size=large")?;
    /// assert_eq!(url.host(), Some("d111111abcdef8.cloudfront.net"));
    /// assert!(UnsignedUrl::parse("https://d111111abcdef8.cloudfront.net/a b.jpg").is_err());
    /// # Ok::<(), cfsign::Error>(())
    /// ```
    ///
    /// # Errors
    /// A URL that is relative or not http(s), has no host, user information, a fragment or
    /// characters that clients percent-encode, or already contains signing parameters.
    pub fn parse(text: &str) -> Result<Self> {
        Self::check_beginning(text)?;
        Self::checked(text, "the URL")
    }

    /// Checks the scheme, host and port of a URL.
    pub(crate) fn check_beginning(text: &str) -> Result<()> {
        let parts = UrlParts::parse(text);
        let Some(scheme) = parts.scheme.filter(|scheme| is_scheme(scheme)) else {
            return Err(not_absolute(text));
        };
        // It may contain a password, so the URL is not shown.
        authority::check_no_user_information(parts.authority).map_err(|e| e.context("the URL"))?;
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            let hint = match scheme.to_ascii_lowercase().as_str() {
                "s3" => "CloudFront serves the object at https://DISTRIBUTION.cloudfront.net/KEY",
                "rtmp" | "rtmpe" => "an RTMP stream is signed by its name, such as video.mp4",
                _ => "CloudFront serves files over http and https only",
            };
            let message = format!("{} is not an http or https URL", shown(text));
            return Err(invalid_url(message).with_hint(hint));
        }
        if matches!(parts.authority, "http:" | "https:") {
            let inner = redacted(&text[parts.authority_range().start..]);
            let message = format!("{} has a scheme twice", shown(text));
            return Err(invalid_url(message).with_hint(inner));
        }
        authority::check(parts.authority)
            .map_err(|e| e.context(format_args!("the URL {}", shown(text))))
    }

    /// Parses the name of an RTMP stream, such as `video.mp4`, which is signed without a host.
    ///
    /// # Errors
    /// A URL, an empty name, and everything after the host that [`UnsignedUrl::parse`] refuses.
    pub fn stream(name: &str) -> Result<Self> {
        if name.is_empty() || name.contains("://") {
            let message = format!("{} is not the name of a stream", shown(name));
            return Err(invalid_url(message).with_hint(
                "the name is the part after that of the application, such as videos/video.mp4",
            ));
        }
        Self::checked(name, "the stream name")
    }

    fn checked(text: &str, what: &str) -> Result<Self> {
        check_no_fragment(&format!("{what} {}", shown(text)), text)?;
        check_names(what, text)?;
        if text.trim() != text {
            return Err(white_space_around(text));
        }
        let path = text.split('?').next().unwrap_or_default();
        if path.contains('\\') {
            let message = format!(
                "{what} {} has a backslash in its path, which browsers send as /",
                shown(text)
            );
            let slashes = [&path.replace('\\', "/"), &text[path.len()..]].concat();
            return Err(invalid_url(message).with_hint(format!("use {slashes}")));
        }
        if let Some(character) = first_unsafe(text) {
            let kind = ErrorKind::NotPercentEncoded {
                encoded: encode(text),
            };
            let character = quoted(&character.to_string());
            let message = format!(
                "{what} {} contains {character}, which clients percent-encode",
                quoted(text)
            );
            return Err(Error::of_kind(kind, message));
        }
        Ok(UnsignedUrl(text.into()))
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host, without the port; `None` for a stream name.
    pub fn host(&self) -> Option<&str> {
        let parts = UrlParts::parse(&self.0);
        parts.scheme.map(|_| parts.host())
    }

    /// The URL as the resource of a policy, without a trailing `?`.
    pub fn resource(&self) -> Resource {
        Resource::verbatim(self.without_empty_query())
    }

    /// The URL without a trailing `?`, as CloudFront compares it with resources.
    pub fn without_empty_query(&self) -> &str {
        without_empty_query(&self.0)
    }

    /// Returns whether the query has a parameter of this name.
    pub fn has_parameter(&self, name: &str) -> bool {
        query_names(&self.0).any(|own| decode(own) == name)
    }

    /// Appends a query parameter, with name and value percent-encoded.
    ///
    /// # Errors
    /// A name that CloudFront reserves for signatures.
    pub fn with_own_parameter(&self, name: &str, value: &str) -> Result<Self> {
        if Name::of(name) != Name::Own {
            let name = quoted(name);
            return Err(Error::new(format!(
                "cannot add the query parameter {name}: CloudFront reserves it for signatures"
            ))
            .with_hint("the signing parameters are added automatically"));
        }
        let parameter = format!("{}={}", encode_component(name), encode_component(value));
        Ok(UnsignedUrl(self.with_parameters(&parameter)))
    }

    /// The URL with `parameters` appended to its query.
    pub(crate) fn with_parameters(&self, parameters: &str) -> String {
        [&self.0, separator(&self.0), parameters].concat()
    }

    /// The changes that clients make to this URL. If there are any, CloudFront receives another URL
    /// from them than the one signed. Empty for a stream name.
    pub fn client_changes(&self) -> Vec<ClientChange> {
        match self.host() {
            Some(_) => clients::changes(&self.0),
            None => Vec::new(),
        }
    }
}

impl AsRef<str> for UnsignedUrl {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for UnsignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for UnsignedUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}
