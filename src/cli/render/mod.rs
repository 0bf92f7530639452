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
use crate::sign::signed_url::SignedUrl;
use crate::sign::signer::SignedPolicy;
use crate::time::Timestamp;
use crate::url::resource::Resource;
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

/// How browsers are to treat signed cookies.
#[derive(Debug, Clone)]
pub struct CookieAttributes {
    /// The hosts that the cookies go to; `None` for the host that sets them alone.
    pub domain: Option<String>,
    /// The paths that the cookies go to.
    pub path: String,
    /// Over https only.
    pub secure: bool,
    /// Out of reach of scripts.
    pub http_only: bool,
    /// `Strict`, `Lax` or `None`.
    pub same_site: Option<&'static str>,
    /// How long browsers keep the cookies; `None` until they are closed.
    pub expires: Option<Timestamp>,
}

/// `Set-Cookie:` lines (RFC 6265), attributes in the guide's order.
pub fn set_cookie(cookies: &SignedCookies, attributes: &CookieAttributes) -> String {
    let mut tail = String::new();
    if let Some(domain) = &attributes.domain {
        tail += &format!("; Domain={domain}");
    }
    tail += &format!("; Path={}", attributes.path);
    if attributes.secure {
        tail += "; Secure";
    }
    if attributes.http_only {
        tail += "; HttpOnly";
    }
    if let Some(same_site) = attributes.same_site {
        tail += &format!("; SameSite={same_site}");
    }
    if let Some(expires) = attributes.expires {
        tail += &format!("; Expires={}", expires.http_date());
    }
    cookies
        .iter()
        .map(|(name, value)| format!("Set-Cookie: {name}={value}{tail}\n"))
        .collect()
}

/// The value of a `Cookie:` header.
pub fn cookie_header(cookies: &SignedCookies) -> String {
    cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("; ")
}

/// A JSON object of names and values on one line, in the guide's order.
pub fn cookie_json(cookies: &SignedCookies) -> String {
    // Names and values are ASCII without quotes and backslashes.
    let pairs: Vec<String> = cookies
        .iter()
        .map(|(name, value)| format!("\"{name}\":\"{value}\""))
        .collect();
    format!("{{{}}}", pairs.join(","))
}

/// A Netscape cookie jar for `curl -b` and `wget --load-cookies`; `host` is the one that sets the cookies.
pub fn cookie_jar(cookies: &SignedCookies, attributes: &CookieAttributes, host: &str) -> String {
    let flag = |set: bool| if set { "TRUE" } else { "FALSE" };
    let only = if attributes.http_only {
        "#HttpOnly_"
    } else {
        ""
    };
    let (domain, below) = match &attributes.domain {
        Some(domain) => (format!(".{}", domain.trim_start_matches('.')), true),
        None => (host.to_owned(), false),
    };
    let (path, secure) = (&attributes.path, flag(attributes.secure));
    let expires = attributes.expires.map_or(0, Timestamp::unix);
    let lines = cookies.iter().map(|(name, value)| {
        format!(
            "{only}{domain}\t{}\t{path}\t{secure}\t{expires}\t{name}\t{value}\n",
            flag(below)
        )
    });
    "# Netscape HTTP Cookie File\n".to_owned() + &lines.collect::<String>()
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
