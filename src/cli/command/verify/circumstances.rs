//! Everything about a request but its URL.

use std::net::IpAddr;
use std::time::Duration;

use crate::cli::warnings::Warnings;
use crate::url::UrlParts;
use crate::verify::cookie::CookieSet;
use crate::verify::log::{ListedRequest, Reading};
use crate::verify::{CheckName, Outcome, SignedRequest, TrustedKey, Verdict};
use crate::{Error, KeyPairId, Result, SignedUrl, Timestamp};

/// Everything about the requests but their URLs.
pub struct Circumstances {
    pub keys: Vec<TrustedKey>,
    pub cookies: Option<CookieSet>,
    pub ip: Option<IpAddr>,
    pub now: Timestamp,
    pub valid_for: Duration,
}

impl Circumstances {
    /// The request for a URL.
    pub fn request<'a>(&'a self, url: &'a SignedUrl) -> SignedRequest<'a> {
        SignedRequest {
            url,
            cookies: self.cookies.as_ref(),
            keys: &self.keys,
            now: self.now,
            ip: self.ip,
            valid_for: self.valid_for,
        }
    }

    /// A request of a list, which may have its own time, address and cookies.
    pub fn listed<'a>(
        &'a self,
        request: &ListedRequest,
        reading: &'a Reading,
    ) -> SignedRequest<'a> {
        SignedRequest {
            cookies: reading.cookies.as_ref().or(self.cookies.as_ref()),
            now: request.time.unwrap_or(self.now),
            ip: request.ip.or(self.ip),
            ..self.request(&reading.url)
        }
    }
}

/// Warns about a request, whatever the verdict on it.
pub fn warn_about(url: &SignedUrl, verdict: &Verdict, warnings: &mut Warnings) {
    warnings.check_length(url);
    warnings.check_host(UrlParts::parse(url.as_str()).host());
    if verdict.outcome(CheckName::KeyPairId) == Some(Outcome::Unknown)
        && let Ok(id) = &verdict.received.key_pair_id
        && let Ok(id) = id.parse::<KeyPairId>()
    {
        warnings.check_key_pair_id(&id);
    }
}

/// Parses the address of a client.
pub fn address(text: &str) -> Result<IpAddr> {
    text.parse().map_err(|_| {
        Error::new(format!("{} is not an IP address", crate::quoted(text)))
            .with_hint("a client's address is one like 192.0.2.10")
    })
}
