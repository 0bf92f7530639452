//! The content of a signed URL or cookie set, as text for people and as JSON.

use serde::Serialize;

use crate::policy::PolicyType;
use crate::verify::{Carrier, Received, SigningParameters, name_of};
use crate::{Policy, Resource, Timestamp, escaped};

/// The content; what is missing, or cannot be decoded, is `None`.
#[derive(Debug, Serialize)]
pub struct Inspection {
    url: Option<String>,
    policy_type: Option<PolicyType>,
    policy: Option<String>,
    resource: Option<Resource>,
    starts: Option<Timestamp>,
    expires: Option<Timestamp>,
    ip: Option<String>,
    key_pair_id: Option<String>,
    hash: Option<String>,
    signature_bytes: Option<usize>,
    problem: Option<String>,
}

impl Inspection {
    /// Reads the parameters of a request. Cookies and bare parameters come without their URL, so a
    /// canned policy cannot be rebuilt from it.
    pub fn of(url: Option<String>, parameters: &SigningParameters) -> Self {
        let known_url = url.as_deref().unwrap_or_default();
        let received = Received::decode(parameters, known_url);
        let text = received.policy.as_ref().ok();
        let parsed = text.map(|text| text.parse(known_url));
        let policy = parsed.as_ref().and_then(|policy| policy.as_ref().ok());
        let is_whole = text.filter(|text| {
            let has_url = parameters.carrier() == Carrier::Query && url.is_some();
            has_url || text.policy_type == PolicyType::Custom
        });
        let problem = match (received.flaw(), &parsed) {
            _ if parameters.is_empty() => Some("no signing parameters".to_owned()),
            (Some(flaw), _) => Some(flaw.to_string()),
            (None, Some(Err(why))) => Some(format!("the policy {why}")),
            _ => None,
        };
        let conditions = policy.map(Policy::conditions);
        let ip = conditions.and_then(|conditions| conditions.ip);
        let signature = received.signature.ok();
        let hash = received.hash.ok().filter(|_| signature.is_some());
        Inspection {
            policy_type: text.map(|text| text.policy_type),
            policy: is_whole.map(|text| String::from_utf8_lossy(&text.bytes).into_owned()),
            resource: is_whole.and_then(|_| policy?.resource().cloned()),
            starts: conditions.and_then(|conditions| conditions.starts),
            expires: conditions.map(|conditions| conditions.expires),
            ip: ip.map(|range| range.to_string()),
            key_pair_id: received.key_pair_id.ok(),
            hash: hash.map(|hash| hash.to_string()),
            signature_bytes: signature.map(|signature| signature.len()),
            problem,
            url,
        }
    }

    /// A row for each value that is known.
    pub fn text(&self, now: Timestamp) -> String {
        let time = |time: Timestamp| format!("{time} ({})", time.relative_to(now));
        let policy_type = self.policy_type.as_ref().map(name_of);
        let signature = self.signature_bytes.map(|bytes| format!("{bytes} bytes"));
        let rows = [
            ("url", self.url.clone()),
            ("problem", self.problem.clone()),
            ("policy type", policy_type),
            ("policy", self.policy.clone()),
            ("resource", self.resource.as_ref().map(Resource::to_string)),
            ("starts", self.starts.map(time)),
            ("expires", self.expires.map(time)),
            ("IP address", self.ip.clone()),
            ("key pair ID", self.key_pair_id.clone()),
            ("hash", self.hash.clone()),
            ("signature", signature),
        ];
        let mut text = String::new();
        for (name, value) in rows {
            if let Some(value) = value {
                text += &format!("{name:<12} {}\n", escaped(&value));
            }
        }
        text
    }
}
