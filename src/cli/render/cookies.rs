//! Signed cookies in the forms that people and programs want them in.

use crate::cli::cookie_attributes::CookieAttributes;
use crate::cli::shell;
use crate::sign::signed_cookies::SignedCookies;
use crate::time::Timestamp;
use crate::url::resource::Resource;
use crate::url::signing_parameters::SigningParameter;

/// Each cookie, written by `write` from its name and value.
fn each(cookies: &SignedCookies, write: impl Fn(&str, &str) -> String) -> Vec<String> {
    cookies
        .iter()
        .map(|(name, value)| write(name, value))
        .collect()
}

/// `Set-Cookie:` lines.
pub fn set_cookie(cookies: &SignedCookies, attributes: &CookieAttributes) -> String {
    let attributes = attributes.to_text();
    each(cookies, |name, value| {
        format!("Set-Cookie: {name}={value}{attributes}\n")
    })
    .concat()
}

/// `Set-Cookie:` lines that delete the cookies of canned and custom policies with these attributes.
pub fn clear(attributes: &CookieAttributes) -> String {
    let attributes = attributes.to_text();
    let lines = SigningParameter::ALL.iter();
    lines
        .map(|name| format!("Set-Cookie: CloudFront-{name}={attributes}; Max-Age=0\n"))
        .collect()
}

/// The value of a `Cookie:` header.
pub fn header(cookies: &SignedCookies) -> String {
    each(cookies, |name, value| format!("{name}={value}")).join("; ")
}

/// A `curl` command with the cookies, for the resource if that is a URL.
pub fn curl(cookies: &SignedCookies, resource: Option<&Resource>) -> String {
    let header = shell::quoted(&header(cookies));
    let mut command = format!("curl --globoff --path-as-is --cookie {header}");
    if let Some(url) = resource.filter(|resource| !resource.is_probably_pattern()) {
        command += &format!(" {}", shell::quoted(url.as_str()));
    }
    command + "\n"
}

/// A JSON object of names and values on one line, in the order of the guide.
pub fn json(cookies: &SignedCookies) -> String {
    // Names and values are ASCII without quotes and backslashes.
    let pairs = each(cookies, |name, value| format!("\"{name}\":\"{value}\""));
    format!("{{{}}}\n", pairs.join(","))
}

/// The same object on several lines, as the AWS CLI prints it.
pub fn aws_json(cookies: &SignedCookies) -> String {
    let pairs = each(cookies, |name, value| {
        format!("    \"{name}\": \"{value}\"")
    });
    format!("{{\n{}\n}}\n", pairs.join(",\n"))
}

/// The first line of a Netscape cookie jar, for `curl -b` and `wget --load-cookies`.
pub const JAR_HEADER: &str = "# Netscape HTTP Cookie File\n";

/// The lines of a Netscape cookie jar; `host` is the host that sets the cookies.
pub fn jar(cookies: &SignedCookies, attributes: &CookieAttributes, host: &str) -> String {
    let start = if attributes.no_http_only {
        ""
    } else {
        "#HttpOnly_"
    };
    let domain = match &attributes.domain {
        Some(domain) => format!(".{}", domain.trim_start_matches('.')),
        None => host.to_owned(),
    };
    let subdomains = flag(attributes.domain.is_some());
    let (path, secure) = (attributes.path(), flag(!attributes.no_secure));
    let expires = attributes.expires.map_or(0, Timestamp::unix);
    let start = format!("{start}{domain}\t{subdomains}\t{path}\t{secure}\t{expires}");
    each(cookies, |name, value| format!("{start}\t{name}\t{value}\n")).concat()
}

fn flag(is_set: bool) -> &'static str {
    if is_set { "TRUE" } else { "FALSE" }
}
