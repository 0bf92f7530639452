//! Policies: what is signed.
//!
//! A policy is one JSON statement, and the signature covers its bytes. Those of a canned policy never travel: CloudFront
//! builds them again from the URL and the end time, so white space, key order and escapes must be exactly these. Those
//! of a custom policy travel, and CloudFront takes the keys in any order; the order here is the one that
//! `aws cloudfront sign` and botocore write, so that the same inputs give the same bytes.
//!
//! Source: Amazon CloudFront Developer Guide, "Create a signed URL using a canned policy" and "... a custom policy".

use std::fmt;

use serde::Serialize;

use crate::error::{Error, Result, quoted};
use crate::policy::ip_range::IpRange;
use crate::time::Timestamp;
use crate::url::resource::Resource;

pub(crate) use document::minified;

mod document;
pub(crate) mod ip_range;

/// When and from where a request is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conditions {
    /// The end of access: a request is allowed while it is earlier than this.
    pub expires: Timestamp,
    /// The beginning of access: a request is allowed once it is later than this.
    pub starts: Option<Timestamp>,
    /// The addresses from which a request is allowed.
    pub ip: Option<IpRange>,
}

impl Conditions {
    /// An end time and nothing else, all that a canned policy can hold.
    pub fn until(expires: Timestamp) -> Self {
        Conditions {
            expires,
            starts: None,
            ip: None,
        }
    }

    fn check(&self) -> Result<()> {
        match self.starts {
            Some(starts) if starts >= self.expires => {
                let relation = if starts == self.expires {
                    "the same as"
                } else {
                    "after"
                };
                Err(Error::new(format!("the start {starts} is {relation} the end {}", self.expires))
                    .with_hint("access begins at the start and is over at the end, so the start has to be the earlier"))
            }
            _ => Ok(()),
        }
    }
}

/// How a policy reaches CloudFront.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PolicyType {
    /// CloudFront builds the policy from the URL and `Expires`.
    Canned,
    /// The policy itself travels, as `Policy`.
    Custom,
}

/// A policy as the exact text that is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    text: String,
    policy_type: PolicyType,
    resource: Option<Resource>,
    conditions: Conditions,
}

impl Policy {
    /// A canned policy: one URL, one end time.
    ///
    /// # Errors
    /// A resource with a `*`: CloudFront builds a canned policy from the URL requested, and would never build this one.
    pub fn canned(url: &Resource, expires: Timestamp) -> Result<Self> {
        if url.has_wildcard() {
            return Err(Error::new(format!(
                "a canned policy covers one URL, and {} is a pattern",
                quoted(url.as_str())
            ))
            .with_hint("a custom policy can cover a pattern"));
        }
        Ok(Self::assemble(
            PolicyType::Canned,
            &url.clone().without_empty_query(),
            Conditions::until(expires),
        ))
    }

    /// A custom policy over a URL or a pattern.
    ///
    /// # Errors
    /// A start that is not before the end.
    pub fn custom(resource: &Resource, conditions: Conditions) -> Result<Self> {
        conditions.check()?;
        Ok(Self::assemble(PolicyType::Custom, resource, conditions))
    }

    /// A canned policy where that says everything, a custom one otherwise.
    ///
    /// # Errors
    /// A start that is not before the end.
    pub fn canned_or_custom(resource: &Resource, conditions: Conditions) -> Result<Self> {
        match conditions {
            Conditions {
                expires,
                starts: None,
                ip: None,
            } if !resource.has_wildcard() => Self::canned(resource, expires),
            _ => Self::custom(resource, conditions),
        }
    }

    /// A custom policy that was written by hand: the text without the white space outside its strings, otherwise byte
    /// for byte.
    ///
    /// # Errors
    /// Text that is not JSON, or is not a policy as CloudFront reads it; `name` is what messages call it.
    pub fn from_json(name: impl fmt::Display, text: &str) -> Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (resource, conditions) = document::read(text).map_err(|e| e.context(&name))?;
        conditions
            .check()
            .map_err(|e| e.context(format_args!("{name} can never match:")))?;
        Ok(Policy {
            text: minified(text),
            policy_type: PolicyType::Custom,
            resource,
            conditions,
        })
    }

    /// Reads the text of a policy that travelled, byte for byte as it is.
    pub(crate) fn from_travelled(text: &str) -> Result<Self> {
        let (resource, conditions) = document::read(text)?;
        Ok(Policy {
            text: text.into(),
            policy_type: PolicyType::Custom,
            resource,
            conditions,
        })
    }

    /// The canned policy that CloudFront rebuilds from the requested URL, in which a `*` is no wildcard.
    pub(crate) fn rebuilt(url: &Resource, expires: Timestamp) -> Self {
        Self::assemble(PolicyType::Canned, url, Conditions::until(expires))
    }

    fn assemble(policy_type: PolicyType, resource: &Resource, conditions: Conditions) -> Self {
        Policy {
            text: document::write(resource, &conditions),
            policy_type,
            resource: Some(resource.clone()),
            conditions,
        }
    }

    /// The text that is signed.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the policy travels.
    pub fn policy_type(&self) -> PolicyType {
        self.policy_type
    }

    /// What the policy covers; `None` where a policy written by hand leaves it open, and so covers every URL of every
    /// distribution that trusts the key.
    pub fn resource(&self) -> Option<&Resource> {
        self.resource.as_ref()
    }

    /// When and from where the policy allows requests.
    pub fn conditions(&self) -> Conditions {
        self.conditions
    }
}

/// The text of the canned policy that CloudFront builds from a URL and the value of `Expires`, which is taken as it is.
pub(crate) fn canned_text(url: &str, expires: &str) -> String {
    let resource = serde_json::Value::from(url);
    format!(
        r#"{{"Statement":[{{"Resource":{resource},"Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}}}]}}"#
    )
}

impl AsRef<str> for Policy {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}
