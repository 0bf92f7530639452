//! Warnings about cookies that browsers do not keep or send, or that grant access to nothing.

use crate::cli::cookie_attributes::{CookieAttributes, SameSite, host_of};
use crate::url::UrlParts;
use crate::verify::cookie::{LONGEST_COOKIE, covers_host, is_public_suffix};
use crate::{Resource, SignedCookies, UnsignedUrl, quoted};

use super::Warnings;

/// The beginnings of a resource of cookies in the guide and the AWS CLI.
const BEGINNINGS: [&str; 3] = ["http://", "https://", "http*://"];

impl Warnings {
    /// Checks the resource of a cookie set; `path` is the value of `--path`.
    pub fn check_cookie_resource(&mut self, resource: &Resource, path: Option<&str>) {
        let (text, shown) = (resource.as_str(), quoted(resource.as_str()));
        if let Err(reason) = text.parse::<Resource>() {
            let message = format!("the policy grants access to nothing: the resource {reason}");
            return self.add("resource", message);
        }
        if !BEGINNINGS.iter().any(|start| text.starts_with(start)) {
            let message = format!(
                "CloudFront may not accept the resource {shown}: for cookies it begins with \
                 http://, https:// or http*://"
            );
            self.add("scheme", message);
        }
        if text.starts_with("http://") {
            let message = format!(
                "the resource {shown} is http: browsers do not send Secure cookies there, and \
                 others can read the signature"
            );
            self.add("http", message);
        }
        let parts = UrlParts::parse(text);
        self.check_host(parts.host());
        // As far as both paths are known, one has to be the beginning of the other.
        let known = parts.path.split('*').next().unwrap_or_default();
        if let Some(path) = path
            && !known.starts_with(path)
            && !path.starts_with(known)
        {
            let path = quoted(path);
            let message = format!(
                "the Path {path} does not match the resource {shown}, so browsers do not send the \
                 cookies there"
            );
            self.add("path", message);
        }
        if resource.has_wildcard() {
            return;
        }
        if parts.path.ends_with('/') && parts.path.len() > 1 && parts.query.is_none() {
            let message =
                format!("{shown} covers only this URL; {text}* covers the files in the folder");
            self.add("folder", message);
        }
        if let Ok(url) = UnsignedUrl::parse(text) {
            self.check_clients(&url, Some(resource), text);
        }
    }

    /// Checks that no set is sent together with another, because both have the same names.
    pub fn check_cookie_paths(&mut self, paths: &[String]) {
        for outer in paths {
            let mut others = paths.iter().filter(|path| *path != outer);
            if let Some(inner) = others.find(|path| path.starts_with(outer)) {
                let (inner, outer) = (quoted(inner), quoted(outer));
                let message = format!(
                    "the Path {inner} is below {outer}, so browsers send both cookie sets there"
                );
                self.add("nested paths", message);
            }
        }
    }

    pub fn check_cookie_lengths(&mut self, cookies: &SignedCookies) {
        for (name, value) in cookies.iter() {
            let length = name.len() + value.len() + 1;
            if length > LONGEST_COOKIE {
                let message =
                    format!("the cookie {name} has {length} bytes; browsers keep {LONGEST_COOKIE}");
                self.add("cookie length", message);
            }
        }
    }

    /// Checks the attributes of cookies that the host of `resource` sets.
    pub fn check_cookie_attributes(
        &mut self,
        attributes: &CookieAttributes,
        resource: Option<&Resource>,
    ) {
        if let Some(domain) = attributes.domain.as_deref() {
            let shown = quoted(domain);
            let host = resource.and_then(host_of);
            let host = host.filter(|host| !host.starts_with('*') && !covers_host(domain, host));
            if is_public_suffix(domain) {
                let message = format!(
                    "browsers reject cookies for the Domain {shown}, which is a public suffix"
                );
                self.add("domain", message);
            } else if let Some(host) = host {
                let message = format!(
                    "the Domain {shown} does not cover the host {}",
                    quoted(&host)
                );
                self.add("domain", message);
            }
        }
        if attributes.same_site == Some(SameSite::None) && attributes.no_secure {
            let message = "browsers reject cookies with SameSite=None that are not Secure";
            self.add("same site", message.into());
        }
    }
}
