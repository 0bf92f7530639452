//! Signed URLs and their policies, as JSON and as commands.

use serde::Serialize;

use crate::cli::shell;
use crate::policy::{Policy, PolicyType};
use crate::sign::signed_policy::SignedPolicy;
use crate::sign::signed_url::SignedUrl;
use crate::time::Timestamp;
use crate::url::resource::Resource;
use crate::url::unsigned::UnsignedUrl;

/// The fields of a signed URL, or of its policy alone. Times are Unix seconds; absent conditions
/// are `null`.
#[derive(Serialize)]
struct Fields<'a> {
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_url: Option<&'a str>,
    policy: &'a str,
    policy_type: PolicyType,
    resource: Option<&'a Resource>,
    expires: Timestamp,
    starts: Option<Timestamp>,
    ip: Option<String>,
    #[serde(flatten)]
    signature: Option<SignatureFields<'a>>,
}

#[derive(Serialize)]
struct SignatureFields<'a> {
    key_pair_id: &'a str,
    hash: String,
}

impl<'a> Fields<'a> {
    fn of_policy(url: &'a UnsignedUrl, policy: &'a Policy) -> Self {
        let conditions = policy.conditions();
        Fields {
            url: url.as_str(),
            signed_url: None,
            policy: policy.as_str(),
            policy_type: policy.policy_type(),
            resource: policy.resource(),
            expires: conditions.expires,
            starts: conditions.starts,
            ip: conditions.ip.map(|range| range.to_string()),
            signature: None,
        }
    }

    fn to_json(&self) -> String {
        serde_json::to_string(self)
            .unwrap_or_else(|_| unreachable!("strings and numbers have a JSON form"))
    }
}

/// A signed URL as a JSON object on one line.
pub fn json(url: &UnsignedUrl, signed_url: &SignedUrl, signed: &SignedPolicy) -> String {
    let signature = SignatureFields {
        key_pair_id: signed.key_pair_id().as_str(),
        hash: signed.hash().to_string(),
    };
    let fields = Fields {
        signed_url: Some(signed_url.as_str()),
        signature: Some(signature),
        ..Fields::of_policy(url, signed.policy())
    };
    fields.to_json()
}

/// The policy for a URL as a JSON object on one line.
pub fn policy_json(url: &UnsignedUrl, policy: &Policy) -> String {
    Fields::of_policy(url, policy).to_json()
}

/// A `curl` command for a POSIX shell that requests the URL byte for byte: without these two flags
/// curl would read brackets as a pattern and take out `/../`.
pub fn curl(signed_url: &SignedUrl) -> String {
    format!(
        "curl --globoff --path-as-is {}",
        shell::quoted(signed_url.as_str())
    )
}
