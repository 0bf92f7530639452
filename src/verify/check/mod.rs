//! The checks, each of which adds a row to the verdict.

use std::fmt;
use std::sync::Arc;

use super::SignedRequest;
use super::checker::{Checker, Known};
use super::compare::joined;
use super::cookie::Sent;
use super::parameters::{Carrier, SigningParameters};
use super::received::{Flaw, PolicyText, Received};
use super::verdict::{CheckName, Code, Reason, Verdict};
use crate::error::quoted;
use crate::key::KeyType;
use crate::key::key_pair_id::KeyPairId;
use crate::policy::PolicyType;
use crate::url::UrlParts;
use crate::url::signing_parameters::SigningParameter;

mod invalid_signature;
mod policy;

use invalid_signature::InvalidSignature;

/// A request, as its checks see it.
struct Checks<'a> {
    request: &'a SignedRequest<'a>,
    parameters: &'a SigningParameters,
    /// The URL without signing parameters.
    url: &'a str,
    received: Arc<Received>,
    /// The findings about a request with the same parameters.
    known: Option<Arc<Known>>,
}

/// The verdict on a request for `url`, which is without its signing parameters: those in the query,
/// or those in the cookies that are sent.
pub(super) fn verdict_on(
    request: &SignedRequest<'_>,
    parameters: &SigningParameters,
    url: &str,
    sent: Option<&Sent>,
    checker: &mut Checker,
) -> Verdict {
    let known = checker.known(parameters, url, request.keys);
    let received = match &known {
        Some(known) => Arc::clone(&known.received),
        None => Arc::new(Received::decode(parameters, url)),
    };
    let mut verdict = Verdict::new(Arc::clone(&received), !checker.has_no_details);
    let checks = Checks {
        request,
        parameters,
        url,
        received,
        known,
    };
    checks.check_cookies(&mut verdict, sent);
    match checks.received.flaw() {
        Some(Flaw::Missing(_)) => {
            let (detail, fix) = checks.missing();
            verdict.fail(CheckName::Parameters, Reason::Missing, detail, fix);
        }
        Some(Flaw::Duplicate(name)) => {
            let name = parameters.spelling(*name);
            let detail = format!("{name} is duplicated");
            let fix = format!("send {name} once; CloudFront does not document which one it uses");
            verdict.fail(CheckName::Parameters, Reason::Duplicate, detail, fix);
        }
        _ => {
            checks.check_parameters(&mut verdict);
            checks.check_key_pair_id(&mut verdict);
            let signer = checks.signer(checker);
            checks.check_signature(&mut verdict, signer, checker);
            checks.check_policy(&mut verdict, signer, checker);
        }
    }
    verdict.fix = joined(verdict.fixes.iter().map(|(_, fix)| fix.as_str()));
    verdict
}

impl Checks<'_> {
    /// Checks that a browser sends the cookies.
    fn check_cookies(&self, verdict: &mut Verdict, sent: Option<&Sent>) {
        let name = CheckName::Cookies;
        let Some(sent) = sent else {
            if self.request.cookies.is_some() {
                verdict.unknown(name, "ignored: the URL contains signing parameters");
            }
            return;
        };
        if !sent.withheld.is_empty() {
            verdict.fail(name, Reason::Cookie, &sent.withheld, sent.fix.as_str());
            let key_pair_id = sent.parameters.get(SigningParameter::KeyPairId);
            verdict.code = key_pair_id.is_none().then_some(Code::MissingKey);
        } else if sent.has_quotes {
            let detail = "values in double quotes, which CloudFront does not document";
            verdict.unknown(name, detail);
        } else if !sent.parameters.is_empty() {
            verdict.pass(name, "sent with a request for this URL");
        }
    }

    /// The parameters that are missing in words, and the next step.
    fn missing(&self) -> (String, String) {
        let parameters = self.parameters;
        let is_cookie = parameters.carrier() == Carrier::Cookies;
        let flaws = [
            self.received.policy.as_ref().err(),
            self.received.signature.as_ref().err(),
            self.received.key_pair_id.as_ref().err(),
        ];
        let mut missing = Vec::new();
        for flaw in flaws.into_iter().flatten() {
            let Flaw::Missing(name) = flaw else { continue };
            let mut exact = parameters.spelling(*name);
            if let Some(found) = parameters.misspelled_name(*name) {
                let detail = format!("{exact} is missing: {} is misspelled", quoted(found));
                return (detail, format!("rename it to {exact}"));
            }
            if *name == SigningParameter::Expires {
                exact += &format!(" or {}", parameters.spelling(SigningParameter::Policy));
            }
            missing.push(exact);
        }
        let verb = if missing.len() == 1 { "is" } else { "are" };
        let listed = format!("{} {verb} missing or empty", missing.join(" and "));
        let (detail, fix) = if !parameters.is_empty() {
            let fix = if is_cookie {
                "send all cookies of the set: policy or expiry, signature, key pair ID"
            } else if missing == ["Signature", "Key-Pair-Id"] {
                "quote the URL: an unquoted & ends the command in a shell"
            } else {
                "copy the whole signed URL, or sign it again"
            };
            (listed.as_str(), fix)
        } else if is_presigned_for_s3(self.url) {
            (
                "no CloudFront signature: the URL is presigned for S3",
                "request it from S3, or sign the CloudFront URL with a CloudFront key",
            )
        } else if is_cookie {
            (
                "no signing parameters in the URL, and no CloudFront cookies sent with it",
                "set the cookies CloudFront-Policy (or -Expires), CloudFront-Signature and \
                 CloudFront-Key-Pair-Id",
            )
        } else {
            (
                "no signing parameters",
                "request the signed URL, or send the signed cookies",
            )
        };
        (detail.to_owned(), fix.to_owned())
    }

    fn check_parameters(&self, verdict: &mut Verdict) {
        let name = CheckName::Parameters;
        if let Err(flaw) = &self.received.hash {
            return fail_malformed(verdict, name, flaw);
        }
        let policy = self.parameters.get(SigningParameter::Policy);
        let is_custom = policy.is_some_and(|policy| !policy.is_empty());
        match self.received.undocumented {
            Some(form) => verdict.unknown(name, form),
            None if is_custom => {
                verdict.pass(name, "Policy, Signature and Key-Pair-Id (custom policy)");
            }
            None => verdict.pass(name, "Expires, Signature and Key-Pair-Id (canned policy)"),
        }
    }

    /// Checks that the key pair ID is in the key group.
    fn check_key_pair_id(&self, verdict: &mut Verdict) {
        let name = CheckName::KeyPairId;
        let Ok(text) = &self.received.key_pair_id else {
            return;
        };
        let id = quoted(text);
        let list = "use the ID of a public key in the key group; aws cloudfront list-public-keys \
            shows the IDs";
        let mut deny = |detail: fmt::Arguments<'_>, fix: &str| {
            verdict.fail(name, Reason::KeyPairId, detail, fix);
        };
        let parsed = match text.parse::<KeyPairId>() {
            Ok(parsed) => parsed,
            Err(reason) => return deny(format_args!("{reason}"), list),
        };
        if self.request.keys_of(text).is_empty() {
            return deny(format_args!("{id} is not the ID of any key given"), list);
        }
        let mut keys = self.request.keys.iter();
        if keys.any(|trusted| trusted.id.as_ref() == Some(&parsed)) {
            return verdict.pass(name, format_args!("{id} is in the key group"));
        }
        let Some(oddity) = parsed.oddity() else {
            let detail = format_args!("{id}, assumed to be the ID of the given key");
            return verdict.pass(name, detail);
        };
        if let Some(other) = parsed.other_kind() {
            let fix = format!("use the public key's ID (K...), not the {other}'s");
            return deny(format_args!("{id} {oddity}"), &fix);
        }
        verdict.unknown(name, format_args!("{id} {oddity}"));
    }

    /// The type of the key that made the signature over the exact bytes of the policy.
    fn signer(&self, checker: &mut Checker) -> Option<KeyType> {
        if let Some(known) = &self.known {
            return known.signer;
        }
        let received = &self.received;
        let signature = received.signature.as_ref().ok()?;
        let policy = received.policy.as_ref().ok()?;
        let hash = *received.hash.as_ref().ok()?;
        let id = received.key_pair_id.as_ref().ok()?;
        let signer = self.request.keys_of(id).into_iter().find(|key| {
            let verifier = checker.verifier(key);
            verifier.verifies(hash, &policy.bytes, signature)
        });
        Some(signer?.key_type())
    }

    fn check_signature(
        &self,
        verdict: &mut Verdict,
        signer: Option<KeyType>,
        checker: &mut Checker,
    ) {
        let name = CheckName::Signature;
        let received = &self.received;
        let (signature, policy, hash) =
            match (&received.signature, &received.policy, &received.hash) {
                (Err(flaw), ..) => return fail_malformed(verdict, name, flaw),
                (_, Err(flaw), _) | (.., Err(flaw)) => {
                    return verdict.unknown(name, format_args!("not checked: {flaw}"));
                }
                (Ok(signature), Ok(policy), Ok(hash)) => (signature, policy, *hash),
            };
        if let Some(key) = signer {
            verdict.signed_policy = String::from_utf8(policy.bytes.clone()).ok();
            let hash = hash.name();
            return verdict.pass(name, format_args!("valid for the {key} key ({hash})"));
        }
        let id = received.key_pair_id.as_deref().unwrap_or_default();
        let keys = self.request.keys_of(id);
        if keys.is_empty() {
            return verdict.unknown(name, "not checked: no key with this ID is given");
        }
        let invalid = InvalidSignature::of(&keys, hash, &policy.bytes, signature, checker);
        let has_rsa = keys.iter().any(|key| key.key_type() != KeyType::P256);
        let fix = match invalid.fix {
            Some(fix) => fix.to_owned(),
            None => self.fix_of_another_policy(policy, has_rsa),
        };
        verdict.fail(name, Reason::Signature, invalid.detail, fix);
    }

    /// The next step after a signature over another policy than the received one.
    fn fix_of_another_policy(&self, policy: &PolicyText, has_rsa: bool) -> String {
        if policy.parse(self.url).is_err() {
            return policy::fix_of_malformed(policy);
        }
        // An RSA signature tells its key, one of ECDSA does not.
        let keys = if has_rsa {
            ""
        } else {
            "the fingerprints of both keys (cfsign key inspect), then "
        };
        let text = match policy.policy_type {
            PolicyType::Canned => "that CloudFront rebuilds from this URL",
            _ => "in the request",
        };
        format!("compare {keys}the policy text {text} with the text that was signed, byte by byte")
    }
}

/// Fails for a parameter that cannot be decoded.
fn fail_malformed(verdict: &mut Verdict, name: CheckName, flaw: &Flaw) {
    let fix = match flaw {
        Flaw::Malformed(SigningParameter::Expires, _) => {
            "send Expires in Unix seconds, such as 1801353600"
        }
        Flaw::Malformed(SigningParameter::HashAlgorithm, _) => {
            "use Hash-Algorithm=SHA256 for SHA-256 and no Hash-Algorithm for SHA-1"
        }
        _ => "copy the whole URL or cookie, with policy and signature in CloudFront's base64",
    };
    verdict.fail(name, Reason::Encoding, flaw, fix);
}

fn is_presigned_for_s3(url: &str) -> bool {
    UrlParts::parse(url).parameters().any(|parameter| {
        parameter.starts_with("X-Amz-Signature=") || parameter.starts_with("AWSAccessKeyId=")
    })
}
