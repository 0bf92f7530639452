//! Requests as clients record them.

use super::browser_rules::{Cookie, stored};
use crate::url::UrlParts;

/// A recorded request with the cookies that it sent, and those that its answer set; or cookies
/// outside a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Request {
    /// The host with its port; `None` if the record does not show it.
    pub(super) authority: Option<String>,
    /// Path and query; `None` for cookies outside a request.
    pub(super) target: Option<String>,
    pub(super) sent: Vec<Cookie>,
    pub(super) set: Vec<Cookie>,
}

impl Request {
    /// A recorded request without headers.
    pub(super) fn to(target: String) -> Self {
        Request {
            target: Some(target),
            ..Request::default()
        }
    }

    /// Limits the cookies of a recorded request to its host, unless they have a `Domain`, and
    /// others to those that a browser stores.
    pub(super) fn finished(mut self) -> Self {
        if self.target.is_none() {
            self.set = stored(self.set);
            if self.sends_cloudfronts() {
                self.set.clear();
            }
            return self;
        }
        let authority = self.authority.as_deref().unwrap_or_default();
        let host = authority.split(':').next().unwrap_or_default().to_owned();
        for cookie in self.sent.iter_mut().chain(&mut self.set) {
            if cookie.domain.is_none() && !host.is_empty() {
                cookie.domain = Some(host.clone());
                cookie.host_only = true;
            }
        }
        self
    }

    pub(super) fn sends_cloudfronts(&self) -> bool {
        self.sent.iter().any(Cookie::is_cloudfronts)
    }

    pub(super) fn is_to_host(&self, url: &UrlParts<'_>) -> bool {
        let own = self.authority.as_deref();
        own.is_none_or(|own| own.eq_ignore_ascii_case(url.authority))
    }

    /// Returns whether this is a request for `url`.
    pub(super) fn is_for(&self, url: &UrlParts<'_>) -> bool {
        self.is_to_host(url) && self.target == Some(target(url))
    }
}

/// The path and query of a URL.
pub(super) fn target(url: &UrlParts<'_>) -> String {
    match url.query {
        Some(query) => format!("{}?{query}", url.path),
        None => url.path.to_owned(),
    }
}
