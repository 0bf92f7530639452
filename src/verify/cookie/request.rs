//! A request as a client recorded it, with the cookies that it sent and that its answer set.

use super::stored::Cookie;
use crate::url::UrlParts;

/// A recorded request and its answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Request {
    /// The host with its port; `None` if the record does not show it.
    pub(super) authority: Option<String>,
    /// Path and query.
    pub(super) target: String,
    pub(super) sent: Vec<Cookie>,
    pub(super) set: Vec<Cookie>,
}

impl Request {
    /// Limits all cookies to the host, unless they have a `Domain`.
    pub(super) fn with_host(mut self) -> Self {
        let authority = self.authority.as_deref().unwrap_or_default();
        let host = authority.split(':').next().unwrap_or_default().to_owned();
        for cookie in self.sent.iter_mut().chain(&mut self.set) {
            if cookie.domain.is_none() && !host.is_empty() {
                cookie.domain = Some(host.clone());
                cookie.host_only = true;
            }
        }
        for cookie in &mut self.sent {
            cookie.is_sent = true;
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
        let query = url
            .query
            .map(|query| format!("?{query}"))
            .unwrap_or_default();
        self.is_to_host(url) && self.target == format!("{}{query}", url.path)
    }
}
