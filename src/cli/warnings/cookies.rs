//! Warnings about cookies: what keeps browsers from sending them, and them from opening anything.

use crate::cli::render::CookieAttributes;
use crate::verify::cookie::covers_host;
use crate::{Resource, UnsignedUrl, quoted};

use super::Warnings;

/// The longest cookie that browsers keep, name and value, in bytes (RFC 6265, section 6.1).
const LONGEST_COOKIE: usize = 4096;

/// What the resource of cookies begins with. A lone `*` has a warning of its own.
const BEGINNINGS: [&str; 3] = ["http://", "https://", "http*://"];

impl Warnings {
    /// `path` is the cookies' own, where one was asked for.
    pub fn look_at_cookie_resource(&mut self, resource: &Resource, path: Option<&str>) {
        let (text, shown) = (resource.as_str(), quoted(resource.as_str()));
        if let Err(reason) = text.parse::<Resource>() {
            return self.add(
                "resource",
                format!("the policy opens nothing: the resource {reason}"),
            );
        }
        if text != "*"
            && !BEGINNINGS
                .iter()
                .any(|beginning| text.starts_with(beginning))
        {
            let reason = "that of cookies begins with http://, https:// or http*://";
            self.add(
                "protocol",
                format!("CloudFront may not take the resource {shown}: {reason}"),
            );
        }
        if text.starts_with("http://") {
            let reason = "Secure cookies are not sent there, and others can be read on their way";
            self.add("http", format!("the resource {shown} is http: {reason}"));
        }
        let url = UnsignedUrl::parse(text)
            .ok()
            .filter(|_| !resource.has_wildcard());
        if let Some(change) = url.as_ref().and_then(UnsignedUrl::changed_by_clients) {
            self.add(
                "changed by clients",
                format!("most clients change {shown} before they ask for it: {change}"),
            );
        }
        let own = text
            .split_once("://")
            .and_then(|(_, rest)| Some(&rest[rest.find('/')?..]));
        let (Some(path), Some(own)) = (path, own) else {
            return;
        };
        // As far as both are known, one has to be the beginning of the other.
        let own = own.split(['*', '?']).next().unwrap_or_default();
        if !own.starts_with(path) && !path.starts_with(own) {
            let reason = "what the cookies open is asked for without them";
            self.add(
                "path",
                format!(
                    "the Path {} is elsewhere than the resource {shown}: {reason}",
                    quoted(path)
                ),
            );
        }
    }

    pub fn look_at_cookie(&mut self, name: &str, value: &str) {
        let length = name.len() + value.len() + 1;
        if length > LONGEST_COOKIE {
            self.add(
                "cookie length",
                format!("the cookie {name} has {length} bytes, and browsers keep {LONGEST_COOKIE}"),
            );
        }
    }

    pub fn look_at_cookie_attributes(&mut self, attributes: &CookieAttributes, host: Option<&str>) {
        if let Some(domain) = attributes.domain.as_deref() {
            let name = domain.trim_start_matches('.').to_ascii_lowercase();
            if name == "cloudfront.net" {
                self.add("domain", "browsers drop cookies for cloudfront.net itself, a public suffix; the distribution's own domain is needed".into());
            } else if host.is_some_and(|host| !host.starts_with('*') && !covers_host(domain, host))
            {
                self.add(
                    "domain",
                    format!(
                        "the Domain {} does not cover the host {}",
                        quoted(domain),
                        quoted(host.unwrap_or_default())
                    ),
                );
            }
        }
        if attributes.same_site == Some("None") && !attributes.secure {
            self.add(
                "same site",
                "browsers drop cookies with SameSite=None that are not Secure".into(),
            );
        }
    }
}
