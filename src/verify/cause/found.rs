//! What was found: the changes between it and what arrived, the next step, and the URL that works.

use super::opened::Opened;
use super::search::Found;
use super::template::Template;
use super::{Carrier, Case, SignedRequest, has_unexplained, judge, requested_hash};
use crate::base64;
use crate::error::quoted;
use crate::key::{SignedDigest, SignedHash};
use crate::policy::PolicyType;
use crate::sign::SignedUrl;
use crate::url::Resource;
use crate::url::signing_parameters::SigningParameter;
use crate::verify::compare::{self, Change, ChangeKind};
use crate::verify::memory::Memory;
use crate::verify::parameters::SigningParameters;
use crate::verify::verdict::{CheckName, Outcome, Verdict};

/// The changes that explain a denial.
pub(super) struct Explanation {
    changes: Vec<Change>,
    fixes: Vec<String>,
    /// The message that was signed; `None` where no message would make the signature valid.
    message: Option<Vec<u8>>,
    /// Requests that would be allowed if nothing else is wrong with them, the simplest first.
    candidates: Vec<String>,
}

impl Explanation {
    /// A repair is all that is needed, but for the resource of a policy.
    pub(super) fn of_repair(case: &Case) -> Self {
        let mut explanation = match Self::of_resource(case) {
            Some(explanation) => explanation,
            None => Explanation {
                changes: Vec::new(),
                fixes: Vec::new(),
                message: Some(signed_text(&case.verdict)),
                candidates: Vec::new(),
            },
        };
        explanation
            .candidates
            .insert(0, rebuilt(case, &case.url.unsigned()));
        explanation
    }

    /// The differences between the resource of a policy and the URL; `None` if it covers the URL.
    pub(super) fn of_resource(case: &Case) -> Option<Self> {
        let failed = |name| case.verdict.outcome(name) == Some(Outcome::Fail);
        let text = String::from_utf8(signed_text(&case.verdict)).ok()?;
        // In a policy that is no JSON, the resource can still be read.
        let resource = match &case.verdict.policy {
            Some(policy) if failed(CheckName::Resource) => policy.resource()?.as_str(),
            None if failed(CheckName::Policy) => &Template::custom(&text).url,
            _ => return None,
        };
        let changes = compare::url(resource, &case.url.unsigned(), true);
        if changes.is_empty() || resource.is_empty() {
            return None;
        }
        let is_pattern = Resource::verbatim(resource).has_wildcard();
        let mut fixes = advice(&changes);
        if is_pattern {
            fixes = vec![COVER.to_owned()];
        }
        Some(Explanation {
            fixes,
            changes,
            message: Some(signed_text(&case.verdict)),
            candidates: vec![rebuilt(case, resource)],
        })
    }

    /// The differences between the text that was signed and the one that arrived.
    pub(super) fn of_text(
        found: Found,
        opened: &Opened<'_>,
        template: &Template,
        case: &Case,
    ) -> Self {
        let mut changes = Vec::new();
        // A canned policy over a pattern; a "*" inside of the URL is none.
        let is_pattern = found.url.ends_with('*') && !template.url.ends_with('*');
        changes.extend(compare::url(&found.url, &template.url, is_pattern));
        if is_pattern {
            let pattern = quoted(&found.url);
            let text = format!(
                "a canned policy was signed over the pattern {pattern}, but a canned policy covers one URL"
            );
            changes.push(Change::new(
                ChangeKind::PolicyType,
                &found.url,
                &template.url,
                text,
            ));
        }
        let received = signed_text(&case.verdict);
        let is_truncated = template.is_other && found.policy.starts_with(&received);
        if template.is_other && !is_truncated {
            let text = "the canned policy was signed, but a custom policy was sent";
            changes.push(change(ChangeKind::PolicyType, text));
        }
        changes.extend(compare::expiry(&found.expires, &template.expires));
        let written = template.write(&found.url, &found.expires);
        if !written.iter().any(|text| text.as_bytes() == found.policy) {
            changes.extend(compare::policy(&found.policy, written[0].as_bytes()));
        } else if changes.is_empty() && !is_truncated {
            changes.extend(compare::policy(&found.policy, &received));
        }
        // The resource of a custom policy may not cover the URL either.
        let requested = case.url.unsigned();
        let is_custom = is_custom(&case.verdict) && !template.is_other;
        if is_custom && !Resource::verbatim(found.url.as_str()).covers(&requested) {
            changes.splice(0..0, compare::url(&found.url, &requested, true));
        }
        let mut fixes = advice(&changes);
        let mut add = |kind: ChangeKind, text: String, fix: String| {
            changes.push(change(kind, &text));
            fixes.push(fix);
        };
        if is_truncated {
            let fix = "copy the whole URL or cookie: the policy is truncated".to_owned();
            let text = "the policy that was sent is only the beginning of the signed one";
            add(ChangeKind::PolicyText, text.to_owned(), fix);
        }
        if let Some(message) = &found.message {
            let text = signed_in_place(message, &found);
            add(
                ChangeKind::SignedMessage,
                text.into(),
                advice(&[change(ChangeKind::SignedMessage, text)]).concat(),
            );
        }
        let requested = requested_hash(case);
        if found.hash != requested {
            let (text, fix) = of_hash(found.hash, requested);
            add(ChangeKind::Hash, text, fix.into());
        }
        if let Some((text, fix)) = of_padding(&opened.digest) {
            add(ChangeKind::Padding, text.into(), fix.into());
        }
        if let Some(form) = &opened.form {
            add(
                ChangeKind::SignatureEncoding,
                format!("the signature was sent {form}"),
                of_form(form).into(),
            );
        }
        let sent = case
            .parameters
            .get(SigningParameter::KeyPairId)
            .unwrap_or_default();
        let id = match &opened.key.id {
            Some(id) if id.as_str() != sent => {
                let sent = quoted(sent);
                add(
                    ChangeKind::KeyPairId,
                    format!(
                        "the signature was made with the key {id}, but the request says {sent}"
                    ),
                    format!(
                        "send Key-Pair-Id={id}, the ID of the key that signed; no new signature is needed"
                    ),
                );
                id.as_str()
            }
            _ => sent,
        };
        let is_pkcs1 = of_padding(&opened.digest).is_none();
        let candidates = found.requests(opened, template, case, id);
        Explanation {
            changes,
            fixes,
            message: is_pkcs1.then(|| found.message.unwrap_or(found.policy)),
            candidates,
        }
    }

    /// Puts the explanation into the verdict on the request as it was received.
    pub(super) fn complete(
        self,
        verdict: &mut Verdict,
        request: &SignedRequest<'_>,
        case: &Case,
        memory: &mut Memory,
    ) {
        verdict.changes = [case.changes.clone(), self.changes].concat();
        verdict.cause = compare::sentence(&verdict.changes);
        verdict.signed_policy = self.message.and_then(|text| String::from_utf8(text).ok());
        let mut fixes = [case.fixes.clone(), self.fixes].concat();
        let mut rest = None;
        for candidate in self.candidates {
            let Ok(url) = SignedUrl::parse(&candidate) else {
                continue;
            };
            let is_sent_as_it_is = url.as_str() == candidate;
            let is_pattern = url.unsigned().contains('*') && !request.url.as_str().contains('*');
            let working = SignedRequest {
                url: &url,
                ..*request
            };
            let parameters = match case.parameters.carrier() {
                Carrier::Query => SigningParameters::of_url(&candidate),
                Carrier::Cookies => case.parameters.clone(),
            };
            let judged = judge(&working, &parameters, memory);
            if !is_sent_as_it_is || is_pattern || has_unexplained(&judged) {
                continue;
            }
            if judged.allowed() && candidate != request.url.as_str() {
                verdict.working_url = Some(candidate);
            }
            rest = Some(judged);
            break;
        }
        if rest.is_none() {
            for fix in &mut fixes {
                if fix == REQUEST_OR_SIGN {
                    SIGN.clone_into(fix);
                }
            }
        }
        // What else is wrong is named, so that the fix is enough.
        let rest = rest.as_ref().unwrap_or(&case.verdict);
        let has_other_id = verdict
            .changes
            .iter()
            .any(|change| change.kind == ChangeKind::KeyPairId);
        for (name, fix) in &rest.fixes {
            let is_explained = match name {
                CheckName::Signature | CheckName::Resource | CheckName::Parameters => true,
                CheckName::KeyPairId => has_other_id,
                _ => false,
            };
            if !is_explained {
                fixes.push(fix.clone());
            }
        }
        let mut distinct: Vec<&str> = Vec::new();
        for fix in &fixes {
            if !distinct.contains(&fix.as_str()) {
                distinct.push(fix);
            }
        }
        if !distinct.is_empty() {
            verdict.fix = Some(distinct.join("; "));
        }
    }
}

fn change(kind: ChangeKind, text: &str) -> Change {
    let (signed, received) = (None, None);
    Change {
        kind,
        signed,
        received,
        text: text.to_owned(),
    }
}

fn is_custom(verdict: &Verdict) -> bool {
    let policy = verdict.received.policy.as_ref();
    policy.is_ok_and(|policy| policy.policy_type == PolicyType::Custom)
}

fn signed_text(verdict: &Verdict) -> Vec<u8> {
    let policy = verdict.received.policy.as_ref();
    policy.map_or_else(|_| Vec::new(), |policy| policy.bytes.clone())
}

/// Another URL with the signing parameters of a request.
fn rebuilt(case: &Case, url: &str) -> String {
    if case.parameters.carrier() == Carrier::Cookies {
        return url.to_owned();
    }
    let mut query = Vec::new();
    for name in SigningParameter::ALL {
        query.extend(
            case.parameters
                .get(name)
                .map(|value| format!("{name}={value}")),
        );
    }
    with_query(url, &query)
}

fn with_query(url: &str, query: &[String]) -> String {
    let separator = if url.contains('?') { "&" } else { "?" };
    format!("{url}{separator}{}", query.join("&"))
}

impl Found {
    /// The requests that the signature is good for: with a canned policy, and with the signed text
    /// as a custom one.
    fn requests(
        &self,
        opened: &Opened<'_>,
        template: &Template,
        case: &Case,
        id: &str,
    ) -> Vec<String> {
        if case.parameters.carrier() == Carrier::Cookies {
            return vec![self.url.clone()];
        }
        let signature = base64::encode(&opened.signature);
        let mut end = vec![
            format!("Signature={signature}"),
            format!("Key-Pair-Id={id}"),
        ];
        if self.hash == SignedHash::Sha256 {
            end.push("Hash-Algorithm=SHA256".to_owned());
        }
        let canned = [vec![format!("Expires={}", self.expires)], end.clone()].concat();
        let custom = [
            vec![format!("Policy={}", base64::encode(&self.policy))],
            end,
        ]
        .concat();
        let requested = case.url.unsigned();
        let mut requests = Vec::new();
        if is_custom(&case.verdict) && !template.is_other {
            requests.push(with_query(&requested, &custom));
        }
        requests.push(with_query(&self.url, &canned));
        requests.push(with_query(&requested, &custom));
        requests.push(with_query(&self.url, &custom));
        requests
    }
}

/// What was signed in place of the policy, in words.
fn signed_in_place(message: &[u8], found: &Found) -> &'static str {
    let is_hexadecimal = message.trim_ascii().iter().all(u8::is_ascii_hexdigit);
    match message.len() {
        0 => "nothing was signed: the message was empty",
        _ if message.starts_with(found.url.as_bytes()) => {
            "the URL was signed without a policy around it"
        }
        20 | 32 => "the digest of the policy was signed as a message, so it was hashed again",
        40 | 41 | 64 | 65 if is_hexadecimal => "the hexadecimal digest of the policy was signed",
        28 | 44 => "the base64 of the policy's digest was signed",
        _ if message.starts_with(b"%") => "the percent-encoded policy was signed",
        _ => "the base64 of the policy was signed",
    }
}

/// The change and the fix that a signature with another hash than the request's stands for.
fn of_hash(hash: SignedHash, requested: SignedHash) -> (String, &'static str) {
    let expected = match requested {
        SignedHash::Sha256 => "the request says Hash-Algorithm=SHA256",
        _ => "without Hash-Algorithm=SHA256, CloudFront expects SHA-1",
    };
    let fix = match hash {
        SignedHash::Sha256 => "add Hash-Algorithm=SHA256 to the request, or sign with SHA-1",
        SignedHash::Sha1 => "remove Hash-Algorithm from the request, or sign with SHA-256",
        _ => {
            "sign with SHA-1, or with SHA-256 and Hash-Algorithm=SHA256; CloudFront accepts no other hash"
        }
    };
    let name = hash.name();
    (
        format!("the signature was made with {name}, but {expected}"),
        fix,
    )
}

fn of_padding(digest: &SignedDigest) -> Option<(&'static str, &'static str)> {
    match digest {
        SignedDigest::Pss(_) => Some((
            "the signature was made with RSA PSS, but CloudFront accepts only PKCS#1 v1.5",
            "sign with RSASSA_PKCS1_V1_5_SHA_256 (AWS KMS), -pkeyopt rsa_padding_mode:pkcs1 (openssl) or SHA256-RSA-PKCS (PKCS#11)",
        )),
        SignedDigest::Bare { .. } => Some((
            "the digest was signed without the name of its hash (DigestInfo)",
            "sign with openssl dgst -sha1 -sign, openssl pkeyutl -sign -pkeyopt digest:sha1 or SHA1-RSA-PKCS (PKCS#11)",
        )),
        _ => None,
    }
}

/// The fix for a form in which a signature was sent.
fn of_form(form: &str) -> &'static str {
    if form.contains("DER") {
        "convert the signature to ASN.1 DER, and encode that in CloudFront's base64"
    } else if form.contains("twice") {
        "encode the signature once"
    } else if form.contains("little-endian") {
        "reverse the bytes of the signature"
    } else if form.contains("zero byte") {
        "send as many bytes as the key has"
    } else {
        "send the signature in CloudFront's base64: replace + by -, = by _ and / by ~, and pad with _"
    }
}

/// The next steps after some changes.
fn advice(changes: &[Change]) -> Vec<String> {
    let added = changes
        .iter()
        .filter(|change| change.kind == ChangeKind::ParameterAdded);
    let added = added.count();
    let is_only_added = added == changes.len();
    let mut fixes = Vec::new();
    for change in changes {
        fixes.push(match change.kind {
            ChangeKind::ParameterAdded if is_only_added && added == 1 => {
                "remove it, or sign the URL that includes it"
            }
            ChangeKind::ParameterAdded if is_only_added => {
                "remove them, or sign the URL that includes them"
            }
            ChangeKind::PolicyText => "sign the exact bytes that CloudFront compares: the policy without white space, escapes or other characters",
            ChangeKind::PolicyType => "for a pattern, send a custom policy (Policy in place of Expires); a canned policy is for one URL",
            ChangeKind::SignedMessage => "sign the bytes of the policy, and encode only what is sent",
            ChangeKind::Expiry => "sign and send the same expiry, in Unix seconds",
            _ => REQUEST_OR_SIGN,
        });
    }
    fixes.into_iter().map(str::to_owned).collect()
}

const REQUEST_OR_SIGN: &str = "request the URL that was signed, or sign the URL as it is requested";
const SIGN: &str = "sign the URL exactly as clients request it";
const COVER: &str =
    "request a URL that the resource covers, or sign a resource that covers this URL";
