//! The cause of a denial.
//!
//! A cause is named only if it is proved: with the change undone, the check that failed passes. Where none is found, the
//! verdict says what is established, and its next step is to compare the text of the policy.

use super::parameters::SigningParameters;
use super::received::{PolicyText, Received};
use super::verdict::{Reason, Verdict};
use super::{SignedRequest, TrustedKey};
use crate::error::quoted;
use crate::key::hash::HashAlgorithm;
use crate::key::key_pair_id::KeyPairId;
use crate::key::{SignedDigest, SignedHash};
use crate::policy::canned_text;
use crate::sign::SignedUrl;
use crate::url::UrlParts;
use crate::url::resource::Resource;
use budget::Budget;
use change::{Change, summary};
use search::Search;
use template::Template;

mod budget;
mod change;
mod expiry_rules;
pub(super) mod invalid_signature;
mod policy_rules;
mod policy_text;
mod repair;
mod search;
mod signature_forms;
mod template;
mod url_rules;

/// The work that the search for what was signed may take.
const BUDGET: usize = 20 << 20;

/// The most keys that a search tries.
const MOST_KEYS: usize = 20;

/// Adds cause and fix to a denial, if they can be proved.
pub(super) fn explain(
    verdict: &mut Verdict,
    request: &SignedRequest<'_>,
    parameters: &SigningParameters,
    url: &str,
) {
    if request.url.as_str().len() > SignedUrl::LONGEST {
        let longest = SignedUrl::LONGEST;
        verdict.fix = Some(format!(
            "shorten the URL: CloudFront accepts {longest} bytes"
        ));
        return;
    }
    let received = &verdict.received;
    let repaired = || repair::find(request, parameters);
    let changes = match verdict.reason {
        Reason::Missing | Reason::Duplicate | Reason::Encoding => repaired(),
        Reason::KeyPairId => repaired().or_else(|| signature(request, received, url)),
        Reason::Signature => signature(request, received, url).or_else(repaired),
        Reason::Resource => {
            let policy = verdict.policy.as_ref();
            let resource = policy.and_then(|policy| policy.resource());
            resource.and_then(|resource| uncovered(url, resource))
        }
        _ => None,
    };
    let Some(changes) = changes else {
        return;
    };
    let (cause, mut fix) = summary(&changes);
    // A change to the text that was signed does not explain an ID that is not a public key's.
    if verdict.reason == Reason::KeyPairId
        && let Ok(id) = &received.key_pair_id
        && !request.keys_of(id).is_empty()
        && id.parse::<KeyPairId>().is_ok()
        && let Some(fix_of_id) = &verdict.fix
    {
        fix = format!("{fix_of_id}; {fix}");
    }
    verdict.cause = Some(cause);
    verdict.fix = Some(fix);
}

/// The changes that explain why a signature is invalid, or its key unknown.
fn signature(request: &SignedRequest<'_>, received: &Received, url: &str) -> Option<Vec<Change>> {
    let id = received.key_pair_id.as_ref().ok()?;
    let signature = received.signature.as_ref().ok()?;
    let policy = received.policy.as_ref().ok()?;
    let hash = *received.hash.as_ref().ok()?;
    if policy.bytes.len() > 2 * SignedUrl::LONGEST {
        return None;
    }
    if let Some(change) = another_key(request, id, hash, &policy.bytes, signature) {
        return Some(vec![change]);
    }
    let mut keys = request.keys_of(id);
    if keys
        .iter()
        .any(|key| key.verifies(hash, &policy.bytes, signature))
    {
        return None;
    }
    if keys.is_empty() {
        keys = request.keys.iter().map(|trusted| &trusted.key).collect();
    }
    let templates = templates(policy, url)?;
    let mut budget = Budget::new(BUDGET);
    for (signature, form) in signature_forms::of(signature) {
        for key in keys.iter().take(MOST_KEYS) {
            let opened = key.open(&signature);
            let found = search(&opened, hash, &templates, form.is_none(), &mut budget);
            if let Some(mut changes) = found {
                changes.extend(form);
                return Some(changes);
            }
        }
    }
    None
}

/// Another of the given keys that the signature is valid for.
fn another_key(
    request: &SignedRequest<'_>,
    id: &str,
    hash: HashAlgorithm,
    policy: &[u8],
    signature: &[u8],
) -> Option<Change> {
    let is_another = |trusted: &&TrustedKey| match &trusted.id {
        Some(own) => own.as_str() != id && trusted.key.verifies(hash, policy, signature),
        None => false,
    };
    let other = request.keys.iter().find(is_another)?.id.as_ref()?;
    let id = quoted(id);
    Some(Change::new(
        format!("the signature was made with the key {other}, but the request says {id}"),
        format!("send Key-Pair-Id={other}; no new signature is needed"),
    ))
}

/// The texts that may have been signed, apart from changes to them.
fn templates(policy: &PolicyText, url: &str) -> Option<Vec<Template>> {
    let text = std::str::from_utf8(&policy.bytes).ok()?;
    let bare = Change::new(
        "the URL was signed without a policy around it",
        "sign the policy that contains the URL, as cfsign policy prints it",
    );
    let bare = Template::whole(url, Some(bare));
    if let Some(expires) = &policy.expires {
        return Some(vec![Template::of(text, url, expires, None), bare]);
    }
    let parsed = policy.parse(url).ok();
    let resource = parsed.as_ref().and_then(|policy| policy.resource());
    let (Some(parsed), Some(resource)) = (&parsed, resource) else {
        return Some(vec![Template::whole(text, None)]);
    };
    let expires = parsed.conditions().expires.unix().to_string();
    let canned = Change::new(
        "the canned policy was signed, but a custom policy was sent",
        "send Expires for a canned policy, or sign the text that is sent as Policy",
    );
    Some(vec![
        Template::of(text, resource.as_str(), &expires, None),
        Template::of(&canned_text(url, &expires), url, &expires, Some(canned)),
        bare,
    ])
}

/// The highest rank of a change besides another hash or another text.
const OTHER_TEXT: usize = 4;

/// The changes that explain an opened signature; two changes only if it is searched `deep`.
fn search(
    opened: &SignedDigest,
    requested: HashAlgorithm,
    templates: &[Template],
    deep: bool,
    budget: &mut Budget,
) -> Option<Vec<Change>> {
    let mut searches = Vec::new();
    for hash in opened.hashes(requested) {
        searches.extend(
            templates
                .iter()
                .map(|template| Search::new(opened, hash, template)),
        );
    }
    let explained = |search: &Search<'_>, mut changes: Vec<Change>| {
        changes.extend(search.template.meaning.clone());
        changes.extend(of_hash(search.hash, requested));
        changes.extend(of_padding(opened));
        Some(changes)
    };
    // Another hash than that of the request, or another text, is a change already.
    for search in &mut searches {
        if search.template.meaning.is_none() && search.is_unchanged(budget) {
            return explained(search, Vec::new());
        }
    }
    for (index, search) in searches.iter_mut().enumerate() {
        if search.template.meaning.is_some() && search.is_unchanged(budget) {
            return explained(search, Vec::new());
        }
        let limit = if index == 0 { usize::MAX } else { OTHER_TEXT };
        if let Some(changes) = search.one_change(limit, budget) {
            return explained(search, changes);
        }
    }
    if !deep {
        return None;
    }
    for search in &mut searches {
        if let Some(changes) = search.two_changes(budget) {
            return explained(search, changes);
        }
    }
    None
}

/// The change that a signature with another hash than the request's stands for.
fn of_hash(hash: SignedHash, requested: HashAlgorithm) -> Option<Change> {
    if hash == SignedHash::of(requested) {
        return None;
    }
    let name = hash.name();
    let requested = match requested {
        HashAlgorithm::Sha1 => "without Hash-Algorithm=SHA256, CloudFront expects SHA-1",
        HashAlgorithm::Sha256 => "the request says Hash-Algorithm=SHA256",
    };
    let fix = match hash {
        SignedHash::Sha256 => "add Hash-Algorithm=SHA256 to the request, or sign with SHA-1",
        SignedHash::Sha1 => "remove Hash-Algorithm from the request, or sign with SHA-256",
        _ => "sign with SHA-1 or SHA-256; CloudFront accepts no other hash",
    };
    let cause = format!("the signature was made with {name}, but {requested}");
    Some(Change::new(cause, fix))
}

/// The change that another padding than PKCS#1 v1.5 stands for.
fn of_padding(opened: &SignedDigest) -> Option<Change> {
    match opened {
        SignedDigest::Pss(_) => Some(Change::new(
            "the signature was made with RSA PSS, but CloudFront accepts only PKCS#1 v1.5",
            "sign with RSASSA_PKCS1_V1_5_SHA_256 (AWS KMS), -pkeyopt rsa_padding_mode:pkcs1 (openssl) or SHA256-RSA-PKCS (PKCS#11)",
        )),
        SignedDigest::Bare { .. } => Some(Change::new(
            "the digest was signed without the name of its hash (DigestInfo)",
            "sign with openssl dgst -sha1 -sign, openssl pkeyutl -sign -pkeyopt digest:sha1 or SHA1-RSA-PKCS (PKCS#11)",
        )),
        _ => None,
    }
}

/// The changes that explain why a resource does not cover the URL.
fn uncovered(url: &str, resource: &Resource) -> Option<Vec<Change>> {
    /// The resource shows what was signed, so the rules that guess names are left out.
    const HIGHEST_RANK: usize = 3;
    if let Some((start, query)) = resource.as_str().split_once('?')
        && !query.contains('/')
        && Resource::verbatim(start).covers(url)
    {
        let cause = format!("the signed query {} is missing from the URL", quoted(query));
        return Some(vec![Change::new(cause, "request the URL with this query")]);
    }
    let matcher = resource.matcher();
    let variants = url_rules::alternatives(url, HIGHEST_RANK).found();
    if let Some(variant) = variants
        .iter()
        .find(|variant| matcher.covers(&variant.text))
    {
        return Some(url_rules::change(url, &variant.text).into_iter().collect());
    }
    let (signed, requested) = (UrlParts::parse(resource.as_str()), UrlParts::parse(url));
    let moved = UrlParts {
        authority: signed.authority,
        ..requested
    };
    if signed.authority.contains('*') || !matcher.covers(&moved.to_string()) {
        return None;
    }
    let (signed, requested) = (quoted(signed.authority), quoted(requested.authority));
    Some(vec![Change::new(
        format!("the host {signed} was signed, but {requested} was requested"),
        "request the URL that the policy covers, or sign a resource that covers this one",
    )])
}
