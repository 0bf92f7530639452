//! Resolving references: what a client asks for when a playlist names a file.
//!
//! Nothing is normalised but the segments `.` and `..`, which the standard takes out of every reference.
//!
//! Source: RFC 3986, section 5.2.

use crate::url::percent::is_scheme;
use crate::url::resource::Resource;

/// A URL that references are resolved against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    url: String,
    /// Where the path begins.
    path: usize,
    /// Where the query begins, `?` included, or the end.
    query: usize,
}

impl Base {
    /// The URL of a playlist: an [`UnsignedUrl`](crate::UnsignedUrl), or what [`Base::resolve`] gave.
    pub fn new(url: impl Into<String>) -> Self {
        let url = url.into();
        let query = url.find('?').unwrap_or(url.len());
        let authority = url[..query].find("://").map_or(0, |place| place + 3);
        let path = url[authority..query]
            .find('/')
            .map_or(query, |place| authority + place);
        Base { url, path, query }
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// The URL of the folder that relative references start from, with the `/` at its end.
    pub fn folder(&self) -> String {
        match self.url[self.path..self.query].rfind('/') {
            Some(slash) => self.url[..=self.path + slash].to_owned(),
            None => format!("{}/", &self.url[..self.path]),
        }
    }

    /// All that is in the folder, and below.
    pub fn below(&self) -> Resource {
        Resource::verbatim(self.folder() + "*")
    }

    /// The query, without its `?`.
    pub(super) fn query(&self) -> &str {
        self.url[self.query..].trim_start_matches('?')
    }

    /// The URL that a reference without a fragment stands for.
    pub fn resolve(&self, reference: &str) -> String {
        let resolved = match reference {
            _ if scheme(reference).is_some() => reference.to_owned(),
            "" => return self.url.clone(),
            _ if reference.starts_with("//") => {
                format!("{}:{reference}", scheme(&self.url).unwrap_or_default())
            }
            _ if reference.starts_with('/') => self.url[..self.path].to_owned() + reference,
            _ if reference.starts_with('?') => self.url[..self.query].to_owned() + reference,
            _ => self.folder() + reference,
        };
        without_dots(resolved)
    }
}

/// The protocol of a reference that is a whole URL.
pub(super) fn scheme(reference: &str) -> Option<&str> {
    reference
        .split_once(':')
        .map(|(scheme, _)| scheme)
        .filter(|scheme| is_scheme(scheme))
}

/// Whether a resolved reference is fetched over http or https.
pub(super) fn is_http(url: &str) -> bool {
    scheme(url).is_some_and(|scheme| {
        ["http", "https"]
            .iter()
            .any(|http| scheme.eq_ignore_ascii_case(http))
    })
}

/// The URL without the segments `.` and `..` in its path (RFC 3986, section 5.2.4).
fn without_dots(url: String) -> String {
    let Base {
        url,
        path: start,
        query: end,
    } = Base::new(url);
    let path = &url[start..end];
    if !path.contains("/.") {
        return url;
    }
    let mut kept: Vec<&str> = Vec::new();
    for segment in path[1..].split('/') {
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
    }
    // A path that ends in a dot segment names a folder.
    if path.ends_with("/.") || path.ends_with("/..") {
        kept.push("");
    }
    format!("{}/{}{}", &url[..start], kept.join("/"), &url[end..])
}
