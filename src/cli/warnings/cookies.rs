//! Warnings about cookies that browsers do not keep or send, or that grant access to nothing.

use crate::cli::cookie_attributes::{CookieAttributes, SameSite, host_of};
use crate::url::UrlParts;
use crate::verify::cookie::{LONGEST_COOKIE, covers_host, is_public_suffix};
use crate::{Resource, SignedCookies, UnsignedUrl, quoted};

use super::Warnings;

const NOTHING: &str = "the policy grants access to nothing: the resource {}";
const SCHEME: &str = "CloudFront may not accept the resource {}: for cookies it begins with \
    http://, https:// or http*://";
const HTTP: &str = "the resource {} is http: browsers do not send Secure cookies there, and \
    others can read the signature";
const PATH: &str = "the Path {} does not match the resource {}, so browsers do not send the \
    cookies there";
const FOLDER: &str = "{} covers only this URL; {}* covers the files in the folder";
const NESTED: &str = "the Path {} is below {}, so browsers send both cookie sets there";
const LENGTH: &str = "the cookie {} has {} bytes; browsers keep {}";
const PUBLIC_SUFFIX: &str = "browsers reject cookies for the Domain {}, which is a public suffix";
const DOMAIN: &str = "the Domain {} does not cover the host {}";
const SAME_SITE: &str = "browsers reject cookies with SameSite=None that are not Secure";

impl Warnings {
    /// Checks the resource of a cookie set; `path` is the value of `--path`.
    pub fn about_cookie_resource(&mut self, resource: &Resource, path: Option<&str>) {
        let (text, shown) = (resource.as_str(), quoted(resource.as_str()));
        if let Err(reason) = text.parse::<Resource>() {
            return self.add(NOTHING, &[&reason]);
        }
        // The other beginnings of resources have a scheme.
        if text.starts_with('*') {
            self.add(SCHEME, &[&shown]);
        }
        if text.starts_with("http://") {
            self.add(HTTP, &[&shown]);
        }
        let parts = UrlParts::parse(text);
        self.about_host(parts.host());
        // As far as both paths are known, one has to be the beginning of the other.
        let known = parts.path.split('*').next().unwrap_or_default();
        if let Some(path) = path
            && !known.starts_with(path)
            && !path.starts_with(known)
        {
            self.add(PATH, &[&quoted(path), &shown]);
        }
        if resource.has_wildcard() {
            return;
        }
        if parts.path.ends_with('/') && parts.path.len() > 1 && parts.query.is_none() {
            self.add(FOLDER, &[&shown, &text]);
        }
        if let Ok(url) = UnsignedUrl::parse(text) {
            self.about_clients(&url, Some(resource), text);
        }
    }

    /// Checks that no set is sent together with another, because both have the same names.
    pub fn about_cookie_paths(&mut self, paths: &[String]) {
        for outer in paths {
            let mut others = paths.iter().filter(|path| *path != outer);
            if let Some(inner) = others.find(|path| path.starts_with(outer)) {
                self.add(NESTED, &[&quoted(inner), &quoted(outer)]);
            }
        }
    }

    pub fn about_cookie_lengths(&mut self, cookies: &SignedCookies) {
        for (name, value) in cookies.iter() {
            let length = name.len() + value.len() + 1;
            if length > LONGEST_COOKIE {
                self.add(LENGTH, &[&name, &length, &LONGEST_COOKIE]);
            }
        }
    }

    /// Checks the attributes of cookies that the host of `resource` sets.
    pub fn about_cookie_attributes(
        &mut self,
        attributes: &CookieAttributes,
        resource: Option<&Resource>,
    ) {
        if let Some(domain) = attributes.domain.as_deref() {
            let host = resource.and_then(host_of);
            let host = host.filter(|host| !host.starts_with('*') && !covers_host(domain, host));
            if is_public_suffix(domain) {
                self.add(PUBLIC_SUFFIX, &[&quoted(domain)]);
            } else if let Some(host) = host {
                self.add(DOMAIN, &[&quoted(domain), &quoted(&host)]);
            }
        }
        if attributes.same_site == Some(SameSite::None) && attributes.no_secure {
            self.add(SAME_SITE, &[]);
        }
    }
}
