//! Reference resolution: the URL that a client requests for a reference in a playlist.
//!
//! Nothing is normalized except the segments `.` and `..`, which RFC 3986 removes from every
//! reference, and `\` in front of a query, which browsers read as `/`.
//!
//! Source: RFC 3986, section 5.2; WHATWG URL Standard, section 4.4 (backslashes).

use std::borrow::Cow;

use crate::url::UrlParts;
use crate::url::percent::is_scheme;
use crate::url::resource::Resource;

/// A URL that references are resolved against.
///
/// ```
/// use cfsign::playlist::Base;
///
/// let base = Base::new("https://cdn.example.com/v/a.m3u8?token=1");
/// assert_eq!(base.resolve("low/1.ts"), "https://cdn.example.com/v/low/1.ts");
/// assert_eq!(base.resolve("../b.ts"), "https://cdn.example.com/b.ts");
/// assert_eq!(base.folder(), "https://cdn.example.com/v/");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Base(String);

impl Base {
    /// A base from the URL of a playlist: an [`UnsignedUrl`](crate::UnsignedUrl), or a result of
    /// [`Base::resolve`].
    pub fn new(url: impl Into<String>) -> Self {
        Base(url.into())
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL of the folder that relative references start from, with a trailing `/`.
    pub fn folder(&self) -> String {
        let parts = self.parts();
        let slash = parts.path.rfind('/').unwrap_or(0);
        let folder = &self.0[..parts.authority_range().end + slash];
        format!("{folder}/")
    }

    /// The pattern of everything in the folder and below.
    pub fn below(&self) -> Resource {
        Resource::verbatim(self.folder() + "*")
    }

    /// Returns whether a reference has a scheme, so that it does not depend on the base.
    pub(super) fn is_absolute(reference: &str) -> bool {
        scheme(reference).is_some()
    }

    pub(super) fn parts(&self) -> UrlParts<'_> {
        UrlParts::parse(&self.0)
    }

    /// Resolves a reference that has no fragment.
    pub fn resolve(&self, reference: &str) -> String {
        let reference = with_slashes(reference);
        let reference = reference.as_ref();
        if reference.is_empty() {
            return self.0.clone();
        }
        if scheme(reference).is_some() {
            return without_dot_segments(reference);
        }
        let parts = self.parts();
        let origin = parts.authority_range().end;
        let kept = if reference.starts_with("//") {
            parts.scheme.map_or(0, |scheme| scheme.len() + ":".len())
        } else if reference.starts_with('/') {
            origin
        } else if reference.starts_with('?') {
            origin + parts.path.len()
        } else {
            return without_dot_segments(&(self.folder() + reference));
        };
        without_dot_segments(&[&self.0[..kept], reference].concat())
    }
}

/// A reference with `/` for each `\` in front of its query.
pub(super) fn with_slashes(reference: &str) -> Cow<'_, str> {
    if !reference.contains('\\') {
        return Cow::Borrowed(reference);
    }
    let path_end = reference.find('?').unwrap_or(reference.len());
    let (path, query) = reference.split_at(path_end);
    Cow::Owned(path.replace('\\', "/") + query)
}

/// A URL without the segments `.` and `..` in its path (RFC 3986, section 5.2.4).
fn without_dot_segments(url: &str) -> String {
    let parts = UrlParts::parse(url);
    let path = parts.path;
    let Some(segments) = path.strip_prefix('/').filter(|_| path.contains("/.")) else {
        return url.to_owned();
    };
    let mut kept: Vec<&str> = Vec::new();
    for segment in segments.split('/') {
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
    }
    // A path that ends in a dot segment is a folder.
    if path.ends_with("/.") || path.ends_with("/..") {
        kept.push("");
    }
    let (origin, rest) = url.split_at(parts.authority_range().end);
    let query = &rest[path.len()..];
    format!("{origin}/{}{query}", kept.join("/"))
}

/// The scheme of an absolute URL.
fn scheme(reference: &str) -> Option<&str> {
    let (scheme, _) = reference.split_once(':')?;
    is_scheme(scheme).then_some(scheme)
}

/// Returns whether a resolved reference is fetched over HTTP or HTTPS.
pub(super) fn is_http(url: &str) -> bool {
    scheme(url).is_some_and(|scheme| {
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    })
}
