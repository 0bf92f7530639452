//! The attributes of cookies (RFC 6265, section 4.1.2), as flags and as text.

use crate::url::UrlParts;
use crate::{Error, Resource, Timestamp, quoted};
use clap::{Args, ValueEnum};

// The attributes, for `set-cookie` and `netscape`.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Cookie attributes (set-cookie and netscape)")]
pub struct CookieAttributes {
    /// Send the cookies to this domain and its subdomains
    #[arg(long, value_parser = domain)]
    pub domain: Option<String>,

    /// Send the cookies to this path and below [default: /]
    #[arg(long, value_parser = path)]
    pub path: Option<String>,

    /// SameSite: strict, lax or none
    #[arg(long, ignore_case = true, value_name = "WHEN")]
    pub same_site: Option<SameSite>,

    /// Send the cookies over http too
    #[arg(long)]
    pub no_secure: bool,

    /// Let scripts read the cookies
    #[arg(long, hide_short_help = true)]
    pub no_http_only: bool,

    /// Keep the cookies until they expire, not only for the session
    #[arg(long)]
    pub persistent: bool,

    /// The time until which browsers keep the cookies; `None` until they are closed.
    #[arg(skip)]
    pub expires: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SameSite {
    Strict,
    Lax,
    None,
}

impl CookieAttributes {
    /// The flags that were given.
    pub fn flags(&self) -> impl Iterator<Item = &'static str> {
        let flags = [
            ("--same-site", self.same_site.is_some()),
            ("--domain", self.domain.is_some()),
            ("--path", self.path.is_some()),
            ("--no-secure", self.no_secure),
            ("--no-http-only", self.no_http_only),
            ("--persistent", self.persistent),
        ];
        let given = flags.into_iter().filter(|(_, given)| *given);
        given.map(|(flag, _)| flag)
    }

    /// The value of `Path`.
    pub fn path(&self) -> &str {
        self.path.as_deref().unwrap_or("/")
    }

    /// The end of a `Set-Cookie` line: the attributes in the order of the guide.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        if let Some(domain) = &self.domain {
            text += &format!("; Domain={domain}");
        }
        text += &format!("; Path={}", self.path());
        if !self.no_secure {
            text += "; Secure";
        }
        if !self.no_http_only {
            text += "; HttpOnly";
        }
        if let Some(same_site) = self.same_site {
            text += &format!("; SameSite={same_site:?}");
        }
        if let Some(expires) = self.expires {
            text += &format!("; Expires={}", expires.http_date());
        }
        text
    }
}

/// The host of a resource, in lower case, with its wildcards; `None` if it has none of its own.
pub fn host_of(resource: &Resource) -> Option<String> {
    let host = UrlParts::parse(resource.as_str()).host();
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

fn domain(text: &str) -> crate::Result<String> {
    let name = text.trim_start_matches('.');
    let is_name_byte = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    if !name.is_empty() && name.bytes().all(is_name_byte) {
        return Ok(text.into());
    }
    Err(Error::new(format!("{} is not a domain name", quoted(text)))
        .with_hint("use a domain such as example.com, without scheme and path"))
}

fn path(text: &str) -> crate::Result<String> {
    let is_plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b';');
    if is_plain && text.starts_with('/') {
        return Ok(text.into());
    }
    Err(Error::new(format!("{} is not a cookie path", quoted(text)))
        .with_hint("a path begins with / and is percent-encoded, such as /videos/"))
}
