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
    #[serde(skip_serializing_if = "Option::is_none")]
    key_pair_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
}

/// The policy for a URL as a JSON object on one line, and how it is signed if it is.
pub fn json(
    url: &UnsignedUrl,
    policy: &Policy,
    signed: Option<(&SignedUrl, &SignedPolicy)>,
) -> String {
    let conditions = policy.conditions();
    super::json(&Fields {
        url: url.as_str(),
        signed_url: signed.map(|(signed_url, _)| signed_url.as_str()),
        policy: policy.as_str(),
        policy_type: policy.policy_type(),
        resource: policy.resource(),
        expires: conditions.expires,
        starts: conditions.starts,
        ip: conditions.ip.map(|range| range.to_string()),
        key_pair_id: signed.map(|(_, signed)| signed.key_pair_id().as_str()),
        hash: signed.map(|(_, signed)| signed.hash().to_string()),
    })
}

/// A `curl` command that requests the URL byte for byte: without these two flags
/// curl would read brackets as a pattern and take out `/../`.
pub fn curl(signed_url: &SignedUrl) -> String {
    let url = shell::quoted(signed_url.as_str());
    format!("curl --globoff --path-as-is {url}")
}
