//! Reference resolution: the URL that a client requests for a reference in a playlist.
//!
//! Nothing is normalized except the segments `.` and `..`, which RFC 3986 removes from every reference.
//!
//! Source: RFC 3986, section 5.2.

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    url: String,
    /// The byte index of the path.
    path: usize,
    /// The byte index of the query with its `?`, or the length of the URL.
    query: usize,
}

impl Base {
    /// A base from the URL of a playlist: an [`UnsignedUrl`](crate::UnsignedUrl), or a result of [`Base::resolve`].
    pub fn new(url: impl Into<String>) -> Self {
        let url = url.into();
        let query = url.find('?').unwrap_or(url.len());
        let authority = url[..query].find("://").map_or(0, |end| end + 3);
        let path = url[authority..query]
            .find('/')
            .map_or(query, |slash| authority + slash);
        Base { url, path, query }
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// The URL of the folder that relative references start from, with a trailing `/`.
    pub fn folder(&self) -> String {
        match self.url[self.path..self.query].rfind('/') {
            Some(slash) => self.url[..=self.path + slash].to_owned(),
            None => format!("{}/", &self.url[..self.path]),
        }
    }

    /// The pattern of everything in the folder and below.
    pub fn below(&self) -> Resource {
        Resource::verbatim(self.folder() + "*")
    }

    /// The query, without its `?`.
    pub(super) fn query(&self) -> &str {
        self.url[self.query..].trim_start_matches('?')
    }

    /// Resolves a reference that has no fragment.
    pub fn resolve(&self, reference: &str) -> String {
        if reference.is_empty() {
            return self.url.clone();
        }
        let resolved = if scheme(reference).is_some() {
            reference.to_owned()
        } else if reference.starts_with("//") {
            let scheme = scheme(&self.url).unwrap_or_default();
            format!("{scheme}:{reference}")
        } else if reference.starts_with('/') {
            self.url[..self.path].to_owned() + reference
        } else if reference.starts_with('?') {
            self.url[..self.query].to_owned() + reference
        } else {
            self.folder() + reference
        };
        Base::new(resolved).without_dot_segments()
    }

    /// The URL without the segments `.` and `..` in its path (RFC 3986, section 5.2.4).
    fn without_dot_segments(self) -> String {
        let path = &self.url[self.path..self.query];
        if !path.contains("/.") {
            return self.url;
        }
        let mut kept: Vec<&str> = Vec::new();
        for segment in path[1..].split('/') {
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
        let (before, after) = (&self.url[..self.path], &self.url[self.query..]);
        format!("{before}/{}{after}", kept.join("/"))
    }
}

/// The scheme of an absolute URL.
fn scheme(reference: &str) -> Option<&str> {
    let (scheme, _) = reference.split_once(':')?;
    is_scheme(scheme).then_some(scheme)
}

/// Whether a resolved reference is fetched over HTTP or HTTPS.
pub(super) fn is_http(url: &str) -> bool {
    scheme(url).is_some_and(|scheme| {
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    })
}
