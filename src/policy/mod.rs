//! Policies, whose bytes are signed.
//!
//! A policy is one JSON statement. A canned policy is never sent: CloudFront builds it from the URL
//! and the expiry, so white space, key order and escapes must be exactly these. A custom policy is
//! sent as a parameter, and CloudFront accepts the keys in any order; the order here is that of
//! `aws cloudfront sign` and botocore, so that the same input gives the same bytes.
//!
//! Source: Amazon CloudFront Developer Guide, "Create a signed URL using a canned policy" and "...
//! a custom policy".

use std::fmt;

use serde::Serialize;

use crate::error::{Error, Result, quoted};
use crate::policy::ip_range::IpRange;
use crate::time::Timestamp;
use crate::url::resource::Resource;

pub(crate) use document::canned_text;
pub(crate) use json::minified;

mod document;
pub(crate) mod ip_range;
pub(crate) mod json;

/// The conditions under which a request is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Conditions {
    /// The expiry: requests are allowed before this time.
    pub expires: Timestamp,
    /// The start time: requests are allowed after this time.
    pub starts: Option<Timestamp>,
    /// The addresses of clients that are allowed.
    pub ip: Option<IpRange>,
}

impl Conditions {
    /// An expiry and nothing else, the only condition of a canned policy.
    pub fn until(expires: Timestamp) -> Self {
        Conditions {
            expires,
            starts: None,
            ip: None,
        }
    }
}

/// Canned or custom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PolicyType {
    /// CloudFront builds the policy from the URL and `Expires`.
    Canned,
    /// The policy is sent as the parameter `Policy`.
    Custom,
}

/// A part of a policy that CloudFront accepts, or is used with, without documenting it.
///
/// `Display` gives it as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Deviation {
    /// A key beside `Statement`, or in the statement beside `Resource` and `Condition`. Services
    /// have such keys; a misspelled `Resource` is one too, and leaves a policy without a resource.
    UnknownKey(String),
    /// The statement is not in a list.
    StatementObject,
    /// The expiry is after 2262-04-11.
    LateExpiry,
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Deviation::UnknownKey(key) => write!(
                f,
                "the policy has the unknown key {}, which CloudFront ignores",
                quoted(key)
            ),
            Deviation::StatementObject => f.write_str(
                "the Statement of the policy is not in a list, which is not documented to work",
            ),
            Deviation::LateExpiry => {
                f.write_str("the expiry is after 2262-04-11, the latest that CloudFront documents")
            }
        }
    }
}

/// A policy: the exact text that is signed.
///
/// ```
/// use cfsign::{Policy, Timestamp, UnsignedUrl};
///
/// let url = UnsignedUrl::parse("https://d111111abcdef8.cloudfront.net/a.jpg")?;
/// let policy = Policy::canned(&url.resource(), Timestamp::from_unix(1_800_000_000)?)?;
/// let resource = r#""Resource":"https://d111111abcdef8.cloudfront.net/a.jpg""#;
/// let condition = r#""Condition":{"DateLessThan":{"AWS:EpochTime":1800000000}}"#;
/// assert_eq!(policy.as_str(), format!(r#"{{"Statement":[{{{resource},{condition}}}]}}"#));
/// # Ok::<(), cfsign::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Policy {
    text: String,
    policy_type: PolicyType,
    resource: Option<Resource>,
    conditions: Conditions,
    deviations: Vec<Deviation>,
}

impl Policy {
    /// Creates a policy for a URL or a pattern: canned if that is enough, unless `custom` is set.
    ///
    /// # Errors
    /// A start time that is not before the expiry.
    pub fn new(resource: &Resource, conditions: Conditions, custom: bool) -> Result<Self> {
        let has_more = conditions.starts.is_some() || conditions.ip.is_some();
        if custom || has_more || resource.has_wildcard() {
            return Self::custom(resource, conditions);
        }
        let resource = resource.clone().without_empty_query();
        Ok(Self::rebuilt(&resource, conditions.expires))
    }

    /// Creates a canned policy for one URL.
    ///
    /// # Errors
    /// A resource with a wildcard: CloudFront builds canned policies from requested URLs.
    pub fn canned(url: &Resource, expires: Timestamp) -> Result<Self> {
        if url.has_wildcard() {
            return Err(Error::new(format!(
                "a canned policy covers one URL, and {} is a pattern",
                quoted(url.as_str())
            ))
            .with_hint("a custom policy can cover a pattern"));
        }
        Self::new(url, Conditions::until(expires), false)
    }

    /// Creates a custom policy for a URL or a pattern.
    ///
    /// # Errors
    /// A start time that is not before the expiry.
    pub fn custom(resource: &Resource, conditions: Conditions) -> Result<Self> {
        check_order(conditions)?;
        Ok(Self::made(PolicyType::Custom, resource, conditions))
    }

    /// Parses a CloudFront policy document, preserving its bytes except for white space outside
    /// strings. Errors call it `name`.
    ///
    /// # Errors
    /// Text that is not JSON, or that CloudFront does not accept as a policy.
    pub fn from_json(name: impl fmt::Display, text: &str) -> Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        document::check_no_iam_policy(text).map_err(|e| e.context(&name))?;
        let policy = Self::from_request(text).map_err(|e| e.context(&name))?;
        check_order(policy.conditions)
            .map_err(|e| e.context(format_args!("{name} never allows a request:")))?;
        Ok(Policy {
            text: minified(text),
            ..policy
        })
    }

    /// Parses a received policy, preserving its exact bytes.
    pub(crate) fn from_request(text: &str) -> Result<Self> {
        document::read(text)
    }

    /// The canned policy that CloudFront rebuilds from the requested URL, in which a `*` is no
    /// wildcard.
    pub(crate) fn rebuilt(url: &Resource, expires: Timestamp) -> Self {
        Self::made(PolicyType::Canned, url, Conditions::until(expires))
    }

    fn made(policy_type: PolicyType, resource: &Resource, conditions: Conditions) -> Self {
        let Conditions {
            expires,
            starts,
            ip,
        } = conditions;
        Policy {
            text: document::write(resource.as_str(), expires.unix(), ip, starts),
            policy_type,
            resource: Some(resource.clone()),
            conditions,
            deviations: late_expiry(expires).into_iter().collect(),
        }
    }

    /// The text that is signed.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Canned or custom.
    pub fn policy_type(&self) -> PolicyType {
        self.policy_type
    }

    /// The resource; `None` if a policy document has none, which covers every URL of every
    /// distribution that trusts the key.
    pub fn resource(&self) -> Option<&Resource> {
        self.resource.as_ref()
    }

    /// The conditions under which requests are allowed.
    pub fn conditions(&self) -> Conditions {
        self.conditions
    }

    /// The parts that CloudFront does not document.
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }
}

fn check_order(conditions: Conditions) -> Result<()> {
    let expires = conditions.expires;
    match conditions.starts {
        Some(starts) if starts >= expires => {
            let message = format!("the start time {starts} is not before the expiry {expires}");
            Err(Error::new(message).with_hint("use an earlier start time or a later expiry"))
        }
        _ => Ok(()),
    }
}

fn late_expiry(expires: Timestamp) -> Option<Deviation> {
    (!expires.is_documented()).then_some(Deviation::LateExpiry)
}

impl AsRef<str> for Policy {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}
