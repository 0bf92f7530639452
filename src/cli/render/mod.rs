//! Signed URLs and cookies in the forms that people and programs want them in.
//!
//! Rendering is pure: a model in, a line of text out.

pub mod answer;
pub mod inspection;
pub mod verdict;

use serde::Serialize;

use crate::cli::shell;
use crate::error::{Error, Result};
use crate::policy::{Policy, PolicyType};
use crate::sign::signed_cookies::SignedCookies;
use crate::sign::signed_policy::SignedPolicy;
use crate::sign::signed_url::SignedUrl;
use crate::time::Timestamp;
use crate::url::resource::Resource;
use crate::url::signing_parameters::SigningParameter;
use crate::url::unsigned::UnsignedUrl;

/// The fields of a policy in JSON. Times are Unix seconds; absent conditions are `null`.
#[derive(Serialize)]
struct PolicyFields<'a> {
    policy: &'a str,
    policy_type: PolicyType,
    resource: Option<&'a Resource>,
    expires: Timestamp,
    starts: Option<Timestamp>,
    ip: Option<String>,
}

impl<'a> From<&'a Policy> for PolicyFields<'a> {
    fn from(policy: &'a Policy) -> Self {
        let conditions = policy.conditions();
        PolicyFields {
            policy: policy.as_str(),
            policy_type: policy.policy_type(),
            resource: policy.resource(),
            expires: conditions.expires,
            starts: conditions.starts,
            ip: conditions.ip.map(|range| range.to_string()),
        }
    }
}

/// A signed URL as a JSON object on one line.
pub fn json(url: &UnsignedUrl, signed_url: &SignedUrl, signed: &SignedPolicy) -> String {
    #[derive(Serialize)]
    struct Fields<'a> {
        url: &'a str,
        signed_url: &'a str,
        #[serde(flatten)]
        policy: PolicyFields<'a>,
        key_pair_id: &'a str,
        hash: String,
    }
    compact(&Fields {
        url: url.as_str(),
        signed_url: signed_url.as_str(),
        policy: signed.policy().into(),
        key_pair_id: signed.key_pair_id().as_str(),
        hash: signed.hash().to_string(),
    })
}

/// The policy for a URL as a JSON object on one line.
pub fn policy_json(url: &UnsignedUrl, policy: &Policy) -> String {
    #[derive(Serialize)]
    struct Fields<'a> {
        url: &'a str,
        #[serde(flatten)]
        policy: PolicyFields<'a>,
    }
    compact(&Fields {
        url: url.as_str(),
        policy: policy.into(),
    })
}

fn compact(fields: &impl Serialize) -> String {
    serde_json::to_string(fields)
        .unwrap_or_else(|_| unreachable!("strings and numbers have a JSON form"))
}

/// A `curl` command for a POSIX shell that requests the URL byte for byte: without these two flags curl would read
/// brackets as a pattern and take out `/../`.
pub fn curl(signed_url: &SignedUrl) -> String {
    format!(
        "curl --globoff --path-as-is {}",
        shell::quoted(signed_url.as_str())
    )
}

/// The attributes of cookies (RFC 6265, section 4.1.2).
#[derive(Debug, Clone)]
pub struct CookieAttributes {
    /// The domain that the cookies are sent to; `None` for the host that sets them.
    pub domain: Option<String>,
    /// The path that the cookies are sent to.
    pub path: String,
    /// Whether the cookies are sent over https only.
    pub secure: bool,
    /// Whether scripts cannot read the cookies.
    pub http_only: bool,
    /// `Strict`, `Lax` or `None`.
    pub same_site: Option<&'static str>,
    /// The time until which browsers keep the cookies; `None` until they are closed.
    pub expires: Option<Timestamp>,
}

/// `Set-Cookie:` lines, attributes in the order of the guide.
pub fn set_cookie(cookies: &SignedCookies, attributes: &CookieAttributes) -> String {
    let attributes = attribute_list(attributes);
    let lines = cookies
        .iter()
        .map(|(name, value)| format!("Set-Cookie: {name}={value}{attributes}\n"));
    lines.collect()
}

/// `Set-Cookie:` lines that delete signed cookies, of canned and of custom policies, with these attributes.
pub fn clear_cookies(attributes: &CookieAttributes) -> String {
    let attributes = attribute_list(attributes);
    let lines = SigningParameter::ALL
        .iter()
        .map(|name| format!("Set-Cookie: CloudFront-{name}={attributes}; Max-Age=0\n"));
    lines.collect()
}

fn attribute_list(attributes: &CookieAttributes) -> String {
    let mut list = String::new();
    if let Some(domain) = &attributes.domain {
        list += &format!("; Domain={domain}");
    }
    list += &format!("; Path={}", attributes.path);
    if attributes.secure {
        list += "; Secure";
    }
    if attributes.http_only {
        list += "; HttpOnly";
    }
    if let Some(same_site) = attributes.same_site {
        list += &format!("; SameSite={same_site}");
    }
    if let Some(expires) = attributes.expires {
        list += &format!("; Expires={}", expires.http_date());
    }
    list
}

/// The value of a `Cookie:` header.
pub fn cookie_header(cookies: &SignedCookies) -> String {
    let pairs = cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join("; ")
}

/// A `curl` command with the cookies, for the resource if that is a URL.
pub fn cookie_curl(cookies: &SignedCookies, resource: Option<&Resource>) -> String {
    let header = shell::quoted(&cookie_header(cookies));
    let mut command = format!("curl --globoff --path-as-is --cookie {header}");
    if let Some(url) = resource.filter(|resource| !resource.has_wildcard()) {
        command += &format!(" {}", shell::quoted(url.as_str()));
    }
    command + "\n"
}

/// A JSON object of names and values on one line, in the order of the guide.
pub fn cookie_json(cookies: &SignedCookies) -> String {
    // Names and values are ASCII without quotes and backslashes.
    let pairs = cookies
        .iter()
        .map(|(name, value)| format!("\"{name}\":\"{value}\""));
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
}

/// The first line of a Netscape cookie jar, for `curl -b` and `wget --load-cookies`.
pub const COOKIE_JAR_HEADER: &str = "# Netscape HTTP Cookie File\n";

/// The lines of a Netscape cookie jar; `host` is the host that sets the cookies.
pub fn cookie_jar(cookies: &SignedCookies, attributes: &CookieAttributes, host: &str) -> String {
    let flag = |is_set: bool| if is_set { "TRUE" } else { "FALSE" };
    let prefix = if attributes.http_only {
        "#HttpOnly_"
    } else {
        ""
    };
    let domain = match &attributes.domain {
        Some(domain) => format!(".{}", domain.trim_start_matches('.')),
        None => host.to_owned(),
    };
    let subdomains = flag(attributes.domain.is_some());
    let (path, secure) = (&attributes.path, flag(attributes.secure));
    let expires = attributes.expires.map_or(0, Timestamp::unix);
    let mut lines = String::new();
    for (name, value) in cookies.iter() {
        lines += &format!(
            "{prefix}{domain}\t{subdomains}\t{path}\t{secure}\t{expires}\t{name}\t{value}\n"
        );
    }
    lines
}

/// A value as a JSON object on one line. Characters that a terminal would not show as they are, are escaped.
pub fn json_line(value: &impl Serialize) -> Result<String> {
    let object =
        serde_json::to_string(value).map_err(|e| Error::new(format!("cannot write JSON: {e}")))?;
    let mut line = String::with_capacity(object.len() + 1);
    for c in object.chars() {
        if c.is_ascii() || c.escape_debug().len() == 1 {
            line.push(c);
        } else {
            line.extend(
                c.encode_utf16(&mut [0; 2])
                    .iter()
                    .map(|unit| format!("\\u{unit:04x}")),
            );
        }
    }
    line.push('\n');
    Ok(line)
}
