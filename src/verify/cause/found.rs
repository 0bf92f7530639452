//! What was found: the changes between it and what arrived, the next step, and the URL that works.

use super::finding::Finding;
use super::search::{Search, Signed};
use super::template::Template;
use super::{Case, SignedRequest, has_unexplained};
use crate::base64;
use crate::key::{SignedDigest, SignedHash};
use crate::policy::PolicyType;
use crate::url::signing_parameters::SigningParameter;
use crate::url::{Resource, UrlParts, is_aws_host};
use crate::verify::checker::Checker;
use crate::verify::compare::{self, Change, ChangeKind};
use crate::verify::parameters::SigningParameters;
use crate::verify::verdict::{CheckName, Outcome, Verdict};

/// The changes that explain a denial.
pub(super) struct Explanation {
    findings: Vec<Finding>,
    /// The message that was signed, if it is text; `None` where no message would make the signature
    /// valid.
    message: Option<String>,
    /// Requests that would be allowed if nothing else is wrong with them, the simplest first.
    candidates: Vec<Candidate>,
}

/// A URL without signing parameters, and those to send with it.
type Candidate = (String, SigningParameters);

impl Explanation {
    /// The differences between the resource of a policy with a valid signature and the URL, if it
    /// does not cover the URL.
    pub(super) fn of_resource(case: &Case) -> Self {
        let requested = case.url.unsigned();
        let mut findings = Vec::new();
        let mut urls = vec![requested.clone()];
        if let Some(resource) = resource_of(&case.verdict) {
            findings = advised(compare::url(&resource, &requested, true), true);
            urls.push(resource.clone());
            urls.push(undone(&requested, &findings));
            if Resource::verbatim(resource).has_wildcard() {
                for finding in &mut findings {
                    COVER.clone_into(&mut finding.fix);
                }
            }
        }
        let urls = urls.into_iter();
        Explanation {
            findings,
            message: case.verdict.signed_policy.clone(),
            candidates: urls.map(|url| (url, case.parameters.clone())).collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// The differences between the text that was signed and the one that arrived.
    pub(super) fn of_text(found: Signed, search: &Search, case: &Case) -> Self {
        let (opened, template) = (&search.opened, &search.template);
        let policy = case.verdict.received.policy.as_ref().ok();
        let received = policy.map_or(&[][..], |policy| &policy.bytes);
        let is_sent = policy.is_some_and(|policy| policy.policy_type == PolicyType::Custom);
        let is_custom = is_sent && !template.is_other;
        let is_truncated = template.is_other && found.policy.starts_with(received);
        let mut changes = compare::url(&found.url, &template.url, false);
        changes.extend(compare::expiry(&found.expires, &template.expires));
        let written = template.write(&found.url, &found.expires);
        if !written.contains(&found.policy) {
            changes.extend(compare::policy(&found.policy, &written[0]));
        } else if changes.is_empty() && !template.is_other {
            changes.extend(compare::policy(&found.policy, received));
        }
        // The resource of a custom policy may not cover the URL either.
        let requested = case.url.unsigned();
        if is_custom && !Resource::verbatim(found.url.as_str()).covers(&requested) {
            changes.splice(0..0, compare::url(&found.url, &requested, true));
        }
        let mut findings = advised(changes, is_custom);
        let mut add = |kind, text: &str, fix: &str| findings.push(Finding::new(kind, text, fix));
        if is_truncated {
            let text = "the policy that was sent is only the beginning of the signed one";
            let fix = "copy the whole URL or cookie: the policy is truncated";
            add(ChangeKind::PolicyText, text, fix);
        } else if template.is_other {
            let text = "the canned policy was signed, but a custom policy was sent";
            let kind = ChangeKind::PolicyType;
            add(kind, text, fix_of(kind));
        }
        if let Some(message) = &found.message {
            let kind = ChangeKind::SignedMessage;
            add(kind, signed_in_place(message, &found.url), fix_of(kind));
        }
        let requested = case.hash();
        if found.hash != requested {
            let (text, fix) = of_hash(found.hash, requested);
            add(ChangeKind::Hash, &text, fix);
        }
        findings.extend(opened.findings.iter().cloned());
        let candidates = requests(&found, search, case, is_custom);
        let message = match opened.digest {
            SignedDigest::Pss(_) | SignedDigest::Bare { .. } => None,
            _ => String::from_utf8(found.message.unwrap_or(found.policy)).ok(),
        };
        Explanation {
            findings,
            message,
            candidates,
        }
    }

    /// Puts the explanation into the verdict on the request as it was received.
    pub(super) fn complete(
        self,
        verdict: &mut Verdict,
        request: &SignedRequest<'_>,
        sent: &SigningParameters,
        case: &Case,
        checker: &mut Checker,
    ) {
        let findings = [case.findings.clone(), self.findings].concat();
        verdict.changes = findings.iter().map(|own| own.change.clone()).collect();
        verdict.cause = compare::sentence(&verdict.changes);
        verdict.signed_policy = self.message;
        let mut candidates = self.candidates.into_iter();
        let rest = candidates.find_map(|candidate| {
            let judged = judged(&candidate, request, checker)?;
            Some((candidate, judged))
        });
        let lasts = |verdict: &Verdict| verdict.outcome(CheckName::Expiry) == Some(Outcome::Pass);
        let may_be_requested = rest.as_ref().is_some_and(|(_, judged)| lasts(judged));
        let own = verdict.fixes.iter();
        let of_cookies = own.filter(|(name, _)| *name == CheckName::Cookies);
        let mut fixes: Vec<&str> = of_cookies.map(|(_, fix)| fix.as_str()).collect();
        let are_withheld = !fixes.is_empty();
        for finding in &findings {
            fixes.push(match finding.fix.as_str() {
                REQUEST_OR_SIGN if !may_be_requested => SIGN,
                AS_SIGNED if !may_be_requested => SIGN_SENT,
                fix => fix,
            });
        }
        // What else is wrong is named, so that the fix is enough.
        let left = rest.as_ref().map_or(&case.verdict, |(_, judged)| judged);
        let mut kinds = verdict.changes.iter().map(|change| change.kind);
        let has_other_id = kinds.any(|kind| kind == ChangeKind::KeyPairId);
        for (name, fix) in &left.fixes {
            let is_explained = match name {
                CheckName::Signature | CheckName::Resource | CheckName::Parameters => true,
                CheckName::KeyPairId => has_other_id,
                _ => false,
            };
            if !is_explained {
                fixes.push(fix);
            }
        }
        // Where nothing changed but the name of a cookie, the check has the next step.
        if let Some(fix) = compare::joined(fixes.into_iter()) {
            verdict.fix = Some(fix);
        }
        if let Some(((url, parameters), judged)) = rest
            && judged.allowed()
        {
            let (url, cookies) = parameters.request_for(&url);
            verdict.working_url = Some(url).filter(|url| url != request.url.as_str());
            verdict.working_cookies = cookies.filter(|_| are_withheld || parameters != *sent);
        }
    }
}

/// A URL with the signed piece in place of each received one, as far as a pattern has pieces.
fn undone(url: &str, findings: &[Finding]) -> String {
    let mut url = url.to_owned();
    for Finding { change, .. } in findings {
        let mark = if change.kind == ChangeKind::Port {
            ':'
        } else {
            '/'
        };
        url = match (&change.signed, &change.received) {
            (Some(signed), Some(received)) => url.replacen(received, signed, 1),
            (None, Some(added)) => url.replacen(&format!("{mark}{added}"), "", 1),
            _ => url,
        };
    }
    url
}

/// The resource of a policy that does not cover the URL, or that cannot be read as JSON.
fn resource_of(verdict: &Verdict) -> Option<String> {
    let mut names = [CheckName::Resource, CheckName::Policy].into_iter();
    if !names.any(|name| verdict.outcome(name) == Some(Outcome::Fail)) {
        return None;
    }
    let resource = Template::of(verdict.signed_policy.as_ref()?).url;
    (!resource.is_empty()).then_some(resource)
}

/// The verdict on another request, if it can be made and only time and address may be wrong.
fn judged(
    (url, parameters): &Candidate,
    request: &SignedRequest<'_>,
    checker: &mut Checker,
) -> Option<Verdict> {
    let case = Case::judged(request, url, parameters.clone(), Vec::new(), checker)?;
    // A bucket does not check CloudFront's signatures.
    let is_bucket = is_aws_host(UrlParts::parse(url).host());
    let is_pattern = url.contains('*') && !request.url.as_str().contains('*');
    let is_sent_as_it_is = case.url.unsigned() == *url && !is_pattern && !is_bucket;
    (is_sent_as_it_is && !has_unexplained(&case.verdict)).then_some(case.verdict)
}

/// The requests that the signature is good for: with a canned policy, and with the signed text as
/// a custom one.
fn requests(found: &Signed, search: &Search, case: &Case, is_custom: bool) -> Vec<Candidate> {
    let opened = &search.opened;
    let requested = case.url.unsigned();
    let canned = (SigningParameter::Expires, found.expires.clone());
    let custom = (SigningParameter::Policy, base64::encode(&found.policy));
    let mut requests = Vec::new();
    for (url, policy) in [
        (&found.url, canned),
        (&requested, custom.clone()),
        (&found.url, custom),
    ] {
        let signature = base64::encode(&opened.signature);
        let mut values = vec![
            policy,
            (SigningParameter::Signature, signature),
            (SigningParameter::KeyPairId, opened.key_pair_id.clone()),
        ];
        if found.hash == SignedHash::Sha256 {
            values.push((SigningParameter::HashAlgorithm, "SHA256".to_owned()));
        }
        requests.push((url.clone(), case.parameters.with_values(values)));
    }
    if is_custom {
        requests.swap(0, 1);
    }
    requests
}

/// What was signed in place of the policy, in words.
fn signed_in_place(message: &[u8], url: &str) -> &'static str {
    let is_hexadecimal = message.trim_ascii().iter().all(u8::is_ascii_hexdigit);
    match message.len() {
        0 => "nothing was signed: the message was empty",
        _ if message.starts_with(url.as_bytes()) => "the URL was signed without a policy around it",
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
            "sign with SHA-1, or with SHA-256 and Hash-Algorithm=SHA256; CloudFront accepts no \
             other hash"
        }
    };
    let name = hash.name();
    let text = format!("the signature was made with {name}, but {expected}");
    (text, fix)
}

/// Some changes, each with the next step.
fn advised(changes: Vec<Change>, is_custom: bool) -> Vec<Finding> {
    let are_added = changes
        .iter()
        .all(|change| change.kind == ChangeKind::ParameterAdded);
    let is_one = changes.len() == 1;
    let mut findings = Vec::new();
    for change in changes {
        let fix = match change.kind {
            _ if are_added && is_one => "remove it, or sign the URL that includes it",
            _ if are_added => "remove them, or sign the URL that includes them",
            ChangeKind::PolicyText if is_custom => AS_SIGNED,
            kind => fix_of(kind),
        };
        let fix = fix.to_owned();
        findings.push(Finding { change, fix });
    }
    findings
}

/// The next step after a change.
fn fix_of(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::PolicyText => {
            "sign the exact bytes that CloudFront compares: the policy without white space, \
             escapes or other characters"
        }
        ChangeKind::PolicyType => {
            "for a pattern, send a custom policy (Policy in place of Expires); a canned policy is \
             for one URL"
        }
        ChangeKind::SignedMessage => "sign the bytes of the policy, and encode only what is sent",
        ChangeKind::Expiry => "sign and send the same expiry, in Unix seconds",
        _ => REQUEST_OR_SIGN,
    }
}

const REQUEST_OR_SIGN: &str = "request the URL that was signed, or sign the URL as it is requested";
const SIGN: &str = "sign the URL exactly as clients request it";
const AS_SIGNED: &str = "send the policy exactly as it was signed, or sign the one that is sent";
const SIGN_SENT: &str = "sign exactly the bytes of the policy that is sent";
const COVER: &str =
    "request a URL that the resource covers, or sign a resource that covers this URL";
