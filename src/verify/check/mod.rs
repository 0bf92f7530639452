//! The checks, each of which adds a row to the verdict.

use std::fmt;
use std::sync::Arc;

use super::SignedRequest;
use super::cause::invalid_signature::{InvalidSignature, Origin};
use super::cookie::Sent;
use super::memory::{Known, Memory};
use super::parameters::{Carrier, SigningParameters};
use super::received::{Flaw, PolicyText, Received};
use super::verdict::{CheckName, Quoted, Reason, Verdict};
use crate::error::quoted;
use crate::key::key_pair_id::KeyPairId;
use crate::key::{KeyType, SignedHash};
use crate::policy::PolicyType;
use crate::url::UrlParts;
use crate::url::signing_parameters::SigningParameter;

mod policy;

/// A request, as its checks see it.
pub(super) struct Checks<'a> {
    request: &'a SignedRequest<'a>,
    parameters: &'a SigningParameters,
    /// The URL without signing parameters.
    url: &'a str,
    received: Arc<Received>,
    /// The findings about a request with the same parameters.
    known: Option<Arc<Known>>,
}

/// Checks that a browser sends the cookies.
pub(super) fn check_cookies(verdict: &mut Verdict, sent: &Sent) {
    let name = CheckName::Cookies;
    if !sent.withheld.is_empty() {
        verdict.fail(name, Reason::Cookie, &sent.withheld, sent.fix);
    } else if sent.has_quotes {
        let detail = "values in double quotes, which CloudFront does not document";
        verdict.unknown(name, detail);
    } else if !sent.parameters.is_empty() {
        verdict.pass(name, "sent with a request for this URL");
    }
}

impl<'a> Checks<'a> {
    /// The checks of a request for `url`, which is without its signing parameters.
    pub(super) fn new(
        request: &'a SignedRequest<'a>,
        parameters: &'a SigningParameters,
        url: &'a str,
        memory: &mut Memory,
    ) -> Self {
        let known = memory.known(parameters, url, request.keys);
        let received = match &known {
            Some(known) => Arc::clone(&known.received),
            None => Arc::new(Received::decode(parameters, url)),
        };
        Checks {
            request,
            parameters,
            url,
            received,
            known,
        }
    }

    /// A verdict before any check.
    pub(super) fn verdict(&self, memory: &Memory) -> Verdict {
        Verdict::new(Arc::clone(&self.received), memory.details)
    }

    /// Makes all checks; without complete signing parameters there is nothing else to check.
    pub(super) fn run(&self, verdict: &mut Verdict, memory: &mut Memory) {
        if let Some(known) = &self.known {
            verdict.checks.extend_from_slice(&known.checks);
            verdict.set_signed_policy();
            return self.check_conditions(verdict, &known.policy, known.covers(self.url));
        }
        match self.received.flaw() {
            Some(Flaw::Missing(_)) => self.report_missing(verdict),
            Some(Flaw::Duplicate(name)) => {
                let name = self.parameters.spelling(*name);
                let detail = format!("{name} is duplicated");
                let fix =
                    format!("send {name} once; CloudFront does not document which one it uses");
                verdict.fail(CheckName::Parameters, Reason::Duplicate, detail, fix);
            }
            _ => {
                self.check_parameters(verdict);
                self.check_key_pair_id(verdict);
                self.check_signature(verdict, memory);
                self.check_policy(verdict, memory);
            }
        }
    }

    /// Fails for the parameters that are missing.
    fn report_missing(&self, verdict: &mut Verdict) {
        let parameters = self.parameters;
        let mut fail = |detail: &str, fix: &str| {
            verdict.fail(CheckName::Parameters, Reason::Missing, detail, fix);
        };
        let is_cookie = parameters.carrier() == Carrier::Cookies;
        let flaws = [
            self.received.policy.as_ref().err(),
            self.received.signature.as_ref().err(),
            self.received.key_pair_id.as_ref().err(),
        ];
        let mut missing = Vec::new();
        for flaw in flaws.into_iter().flatten() {
            let Flaw::Missing(name) = flaw else { continue };
            let exact = parameters.spelling(*name);
            if let Some(found) = parameters.misspelled_name(*name) {
                let detail = format!("{exact} is missing: {} is misspelled", quoted(found));
                return fail(&detail, &format!("rename it to {exact}"));
            }
            missing.push(match name {
                SigningParameter::Expires => {
                    format!(
                        "{exact} or {}",
                        parameters.spelling(SigningParameter::Policy)
                    )
                }
                _ => exact,
            });
        }
        if parameters.is_empty() {
            return if is_presigned_for_s3(self.url) {
                fail(
                    "no CloudFront signature: the URL is presigned for S3",
                    "request it from S3, or sign the CloudFront URL with a CloudFront key",
                )
            } else if is_cookie {
                fail(
                    "no signing parameters in the URL, and no CloudFront cookies sent with it",
                    "set the cookies CloudFront-Policy (or -Expires), CloudFront-Signature and \
                     CloudFront-Key-Pair-Id",
                )
            } else {
                fail(
                    "no signing parameters",
                    "request the signed URL, or send the signed cookies",
                )
            };
        }
        let verb = if missing.len() == 1 { "is" } else { "are" };
        let is_cut = missing == ["Signature", "Key-Pair-Id"];
        let fix = if is_cookie {
            "send all cookies of the set: policy or expiry, signature, key pair ID"
        } else if is_cut {
            "quote the URL: an unquoted & ends the command in a shell"
        } else {
            "copy the whole signed URL, or sign it again"
        };
        fail(
            &format!("{} {verb} missing or empty", missing.join(" and ")),
            fix,
        );
    }

    fn check_parameters(&self, verdict: &mut Verdict) {
        let name = CheckName::Parameters;
        if let Err(Flaw::Malformed(parameter, why)) = &self.received.hash {
            let detail = format!("invalid {parameter}: {why}");
            let fix = "use Hash-Algorithm=SHA256 for SHA-256 and no Hash-Algorithm for SHA-1";
            return verdict.fail(name, Reason::Encoding, detail, fix);
        }
        let is_custom = match &self.received.policy {
            Ok(policy) => policy.policy_type == PolicyType::Custom,
            Err(_) => self.parameters.get(SigningParameter::Policy).is_some(),
        };
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
        let id = Quoted(text);
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
        let cut = if looks_cut(text) { " (truncated?)" } else { "" };
        verdict.unknown(name, format_args!("{id} {oddity}{cut}"));
    }

    /// Checks the signature against the exact bytes of the policy.
    fn check_signature(&self, verdict: &mut Verdict, memory: &mut Memory) {
        let name = CheckName::Signature;
        let signature = match &self.received.signature {
            Ok(signature) => signature,
            Err(Flaw::Malformed(_, why)) => {
                let detail = format!("not decodable: {why}");
                let fix = "copy the whole URL or cookie, with the signature in CloudFront's base64";
                return verdict.fail(name, Reason::Encoding, detail, fix);
            }
            Err(_) => return,
        };
        let policy = match &self.received.policy {
            Ok(policy) => policy,
            Err(Flaw::Malformed(SigningParameter::Policy, _)) => {
                return verdict.unknown(name, "not checked: the policy cannot be decoded");
            }
            Err(_) => return verdict.unknown(name, "not checked: Expires is invalid"),
        };
        let Ok(hash) = self.received.hash else {
            return verdict.unknown(name, "not checked: Hash-Algorithm is invalid");
        };
        let id = self.received.key_pair_id.as_deref().unwrap_or_default();
        let keys = self.request.keys_of(id);
        if keys.is_empty() {
            return verdict.unknown(name, "not checked: no key with this ID is given");
        }
        for key in &keys {
            let verifier = memory.verifier(key);
            if verifier.verifies(hash, &policy.bytes, signature) {
                let (key, hash) = (key.key_type(), SignedHash::of(hash).name());
                verdict.set_signed_policy();
                return verdict.pass(name, format_args!("valid for the {key} key ({hash})"));
            }
        }
        let invalid = InvalidSignature::of(&keys, hash, &policy.bytes, signature, memory);
        let has_rsa = keys.iter().any(|key| key.key_type() != KeyType::P256);
        let fix = self.fix_of_invalid(invalid.origin, policy, has_rsa);
        verdict.fail(name, Reason::Signature, invalid.detail, fix);
    }

    fn fix_of_invalid(&self, origin: Origin, policy: &PolicyText, has_rsa: bool) -> String {
        match origin {
            Origin::Truncated => "copy the whole URL: the signature is truncated".into(),
            Origin::OtherKey => "sign with the private key of this public key, or add the signing \
                key's public key to the key group; compare the fingerprints that cfsign key \
                inspect prints"
                .into(),
            Origin::Key if policy.parse(self.url).is_err() => policy::fix_of_malformed(policy),
            Origin::Key => {
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
                format!(
                    "compare {keys}the policy text {text} with the text that was signed, byte \
                    by byte"
                )
            }
        }
    }
}

fn is_presigned_for_s3(url: &str) -> bool {
    UrlParts::parse(url).parameters().any(|parameter| {
        parameter.starts_with("X-Amz-Signature=") || parameter.starts_with("AWSAccessKeyId=")
    })
}

/// Returns whether an ID may be the beginning of one.
fn looks_cut(id: &str) -> bool {
    let is_in_ids = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    id.starts_with('K') && id.len() < 14 && id.bytes().all(is_in_ids)
}
