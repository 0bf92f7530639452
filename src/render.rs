//! Signed URLs in the forms that people and programs want them in.
//!
//! Rendering is pure: a model in, a line of text out.

use serde::Serialize;

use crate::policy::PolicyType;
use crate::resource::Resource;
use crate::signed_url::SignedUrl;
use crate::signer::SignedPolicy;
use crate::time::Timestamp;
use crate::unsigned_url::UnsignedUrl;

/// One signed URL as a JSON object on one line. Times are Unix seconds; what does not apply is `null`.
pub fn json(url: &UnsignedUrl, signed_url: &SignedUrl, signed: &SignedPolicy) -> String {
    #[derive(Serialize)]
    struct Fields<'a> {
        url: &'a str,
        signed_url: &'a str,
        policy: &'a str,
        policy_type: PolicyType,
        resource: Option<&'a Resource>,
        expires: Timestamp,
        starts: Option<Timestamp>,
        ip: Option<String>,
        key_pair_id: &'a str,
        hash: String,
    }
    let policy = signed.policy();
    let conditions = policy.conditions();
    let fields = Fields {
        url: url.as_str(),
        signed_url: signed_url.as_str(),
        policy: policy.as_str(),
        policy_type: policy.policy_type(),
        resource: policy.resource(),
        expires: conditions.expires,
        starts: conditions.starts,
        ip: conditions.ip.map(|range| range.to_string()),
        key_pair_id: signed.key_pair_id().as_str(),
        hash: signed.hash().to_string(),
    };
    serde_json::to_string(&fields).unwrap_or_else(|_| unreachable!("strings and numbers have a JSON form"))
}

/// A `curl` command for a POSIX shell that requests the URL byte for byte: without these two flags curl would read
/// brackets as a pattern and take out `/../`.
pub fn curl(signed_url: &SignedUrl) -> String {
    format!("curl --globoff --path-as-is {}", shell_quoted(signed_url.as_str()))
}

/// `text` as one word for a POSIX shell.
pub fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
