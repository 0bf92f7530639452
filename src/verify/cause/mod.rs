//! The cause of a denial.
//!
//! A cause is named only if it is proved: with the change undone, the check that failed passes. Where none is found, the
//! verdict says what is established, and its next step is to compare the text of the policy.

use super::parameters::SigningParameters;
use super::received::Received;
use super::verdict::{Reason, Verdict};
use super::{SignedRequest, TrustedKey};
use crate::error::quoted;
use crate::key::hash::HashAlgorithm;
use crate::key::{KeyType, PublicKey, SignedDigest, SignedHash, p256_signature};
use crate::policy::canned_text;
use crate::sign::SignedUrl;
use crate::url::UrlParts;
use crate::url::resource::Resource;
use change::{Change, summary};
use search::{Budget, Search, Template};

mod change;
mod expiry_rules;
mod policy_rules;
mod repair;
mod search;
mod signature_forms;
mod url_rules;

/// Adds cause and fix to a denial, if they can be proved.
pub(super) fn explain(
    verdict: &mut Verdict,
    request: &SignedRequest<'_>,
    parameters: &SigningParameters,
    url: &str,
) {
    if request.url.as_str().len() > SignedUrl::LONGEST {
        verdict.fix = Some(format!(
            "shorten the URL: CloudFront accepts {} bytes",
            SignedUrl::LONGEST
        ));
        return;
    }
    let received = verdict.received.clone();
    let found = match verdict.reason {
        Reason::Missing | Reason::Duplicate | Reason::Encoding => repair::find(request, parameters),
        Reason::KeyPairId => {
            repair::find(request, parameters).or_else(|| signature(request, &received, url))
        }
        Reason::Signature => {
            signature(request, &received, url).or_else(|| repair::find(request, parameters))
        }
        Reason::Resource => {
            let policy = verdict.policy.as_ref();
            let resource = policy.and_then(|policy| policy.resource());
            resource.and_then(|resource| uncovered(url, resource))
        }
        _ => None,
    };
    if let Some(changes) = found {
        let changes: Vec<&Change> = changes.iter().collect();
        let (cause, fix) = summary(&changes);
        verdict.cause = Some(cause);
        verdict.fix = Some(fix);
    }
}

/// What an invalid signature establishes.
pub(super) struct InvalidSignature {
    /// The finding, in words.
    pub(super) detail: String,
    /// The key made the signature, or may have made it.
    pub(super) is_of_key: bool,
}

/// Finds out what an invalid signature establishes.
pub(super) fn invalid_signature(
    keys: &[&PublicKey],
    hash: HashAlgorithm,
    policy: &[u8],
    signature: &[u8],
) -> InvalidSignature {
    if let Some(detail) = made_with_a_key(keys, hash, policy, signature) {
        return InvalidSignature {
            detail,
            is_of_key: true,
        };
    }
    let is_p256 = p256_signature(signature).is_some();
    let has_p256 = keys.iter().any(|key| key.key_type() == KeyType::P256);
    InvalidSignature {
        detail: not_made_with_a_key(keys, hash, signature),
        is_of_key: is_p256 && has_p256,
    }
}

/// What the content of an RSA signature says, if one of the keys made it.
fn made_with_a_key(
    keys: &[&PublicKey],
    hash: HashAlgorithm,
    policy: &[u8],
    signature: &[u8],
) -> Option<String> {
    let announced = SignedHash::of(hash).name();
    for key in keys {
        let opened = key.open(signature);
        if !opened.proves_key() {
            continue;
        }
        let made = |hash: SignedHash| match opened {
            SignedDigest::Pss(_) => format!("made with this key (RSA PSS, {})", hash.name()),
            _ => format!("made with this key ({})", hash.name()),
        };
        for hash in opened.hashes(hash) {
            if opened.matches(hash, &hash.digest(policy)) {
                return Some(format!("{}, but not as CloudFront expects", made(hash)));
            }
        }
        return Some(match &opened {
            SignedDigest::Pkcs1 { hash: own, .. } if *own != SignedHash::of(hash) => {
                format!(
                    "{}, but the request says {announced}, and over a different policy",
                    made(*own)
                )
            }
            SignedDigest::Bare { .. } => {
                "made with this key, but without the name of a hash".into()
            }
            SignedDigest::Pss(_) => "made with this key, but with RSA PSS".into(),
            _ => format!(
                "{}, but over a different policy",
                made(SignedHash::of(hash))
            ),
        });
    }
    None
}

fn not_made_with_a_key(keys: &[&PublicKey], hash: HashAlgorithm, signature: &[u8]) -> String {
    let announced = SignedHash::of(hash).name();
    let types: Vec<KeyType> = keys.iter().map(|key| key.key_type()).collect();
    let length = signature.len();
    let is_p256 = p256_signature(signature).is_some();
    let fits = |kind: &KeyType| match kind {
        KeyType::Rsa(bits) => bits.div_ceil(8) == length,
        KeyType::P256 => is_p256,
    };
    match types.first() {
        _ if types.iter().any(fits) => match types.iter().find(|kind| fits(kind)) {
            Some(KeyType::Rsa(_)) => "not made with this key, or damaged".into(),
            _ => {
                format!("invalid ({announced}): made with another key, or over a different policy")
            }
        },
        Some(KeyType::P256) if [128, 256, 384, 512].contains(&length) => {
            format!("{length} bytes, like an RSA signature; the key is ECDSA P-256")
        }
        Some(key @ KeyType::Rsa(_)) if is_p256 => {
            format!("{length} bytes, like an ECDSA P-256 signature; the key is {key}")
        }
        Some(KeyType::Rsa(bits)) => {
            let expected = bits.div_ceil(8);
            let hint = if length < expected {
                " (truncated?)"
            } else {
                ""
            };
            format!("{length} bytes; a signature of an RSA {bits} key has {expected}{hint}")
        }
        _ => format!("{length} bytes that are not an ECDSA signature in ASN.1 DER"),
    }
}

/// Why a signature is invalid, or its key unknown.
fn signature(request: &SignedRequest<'_>, received: &Received, url: &str) -> Option<Vec<Change>> {
    let (Ok(id), Ok(signature), Ok(policy), Ok(hash)) = (
        &received.key_pair_id,
        &received.signature,
        &received.policy,
        &received.hash,
    ) else {
        return None;
    };
    if policy.bytes.len() > 2 * SignedUrl::LONGEST {
        return None;
    }
    if let Some(change) = another_key(request, id, *hash, &policy.bytes, signature) {
        return Some(vec![change]);
    }
    let keys = request.keys_of(id);
    let is_valid = |key: &&PublicKey| key.verifies(*hash, &policy.bytes, signature);
    if keys.iter().any(is_valid) {
        return None;
    }
    let templates = templates(received, url)?;
    let keys = if keys.is_empty() {
        request.keys.iter().map(|trusted| &trusted.key).collect()
    } else {
        keys
    };
    for (signature, form) in signature_forms::of(signature) {
        for key in keys.iter().take(20) {
            let opened = key.open(&signature);
            let Some(mut changes) = search(&opened, *hash, &templates, form.is_none()) else {
                continue;
            };
            changes.extend(form);
            return Some(changes);
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
    Some(Change::new(
        format!(
            "the signature was made with the key {other}, and the request names {}",
            quoted(id)
        ),
        format!("sign with Key-Pair-Id={other}, or with the key that the ID names"),
    ))
}

/// The texts that may have been signed, apart from changes to them, and what it means that they were.
fn templates(received: &Received, url: &str) -> Option<Vec<(Template, Option<Change>)>> {
    let policy = received.policy.as_ref().ok()?;
    let text = std::str::from_utf8(&policy.bytes).ok()?;
    let bare = Change::new(
        "the URL was signed without a policy around it",
        "sign the policy that contains the URL, as cfsign policy prints it",
    );
    if let Some(expires) = &policy.expires {
        return Some(vec![
            (Template::of(text, url, expires), None),
            (Template::whole(url), Some(bare)),
        ]);
    }
    let parsed = policy.parse(url).ok();
    let resource = parsed.as_ref().and_then(|policy| policy.resource());
    let (Some(parsed), Some(resource)) = (&parsed, resource) else {
        return Some(vec![(Template::whole(text), None)]);
    };
    let expires = parsed.conditions().expires.unix().to_string();
    let canned = Change::new(
        "the canned policy was signed, and a custom policy was sent",
        "send Expires for a canned policy, or sign the text that is sent as Policy",
    );
    Some(vec![
        (Template::of(text, resource.as_str(), &expires), None),
        (
            Template::of(&canned_text(url, &expires), url, &expires),
            Some(canned),
        ),
        (Template::whole(url), Some(bare)),
    ])
}

/// The highest rank of a change besides another hash or another text.
const OTHER_TEXT: usize = 4;

/// The changes that explain an opened signature.
fn search(
    opened: &SignedDigest,
    announced: HashAlgorithm,
    templates: &[(Template, Option<Change>)],
    deep: bool,
) -> Option<Vec<Change>> {
    let mut budget = Budget::for_signature(opened);
    let hashes = opened.hashes(announced);
    let explained = |found: Vec<Change>, hash: SignedHash, template: &Option<Change>| {
        let mut changes = found;
        changes.extend(template.clone());
        changes.extend(of_hash(hash, announced));
        changes.extend(of_padding(opened));
        changes
    };
    let mut searches = Vec::new();
    for hash in &hashes {
        for (template, meaning) in templates {
            searches.push((Search::new(opened, *hash, template), *hash, meaning));
        }
    }
    // Another hash than that of the request, or another text, is a change already.
    for (search, hash, meaning) in &mut searches {
        if meaning.is_none() && search.is_unchanged(&mut budget) {
            return Some(explained(Vec::new(), *hash, meaning));
        }
    }
    for (index, (search, hash, meaning)) in searches.iter_mut().enumerate() {
        if meaning.is_some() && search.is_unchanged(&mut budget) {
            return Some(explained(Vec::new(), *hash, meaning));
        }
        let limit = if index == 0 { usize::MAX } else { OTHER_TEXT };
        if let Some(found) = search.one_change(limit, &mut budget) {
            return Some(explained(found, *hash, meaning));
        }
    }
    if !deep {
        return None;
    }
    for (search, hash, meaning) in &mut searches {
        if let Some(found) = search.two_changes(&mut budget) {
            return Some(explained(found, *hash, meaning));
        }
    }
    None
}

/// The change that a signature with another hash than the request's stands for.
fn of_hash(hash: SignedHash, announced: HashAlgorithm) -> Option<Change> {
    if hash == SignedHash::of(announced) {
        return None;
    }
    let cause = format!(
        "the signature was made with {}, and the request says {}",
        hash.name(),
        SignedHash::of(announced).name()
    );
    let fix = match hash {
        SignedHash::Sha256 => "add Hash-Algorithm=SHA256 to the request, or sign with SHA-1",
        SignedHash::Sha1 => "remove Hash-Algorithm from the request, or sign with SHA-256",
        _ => "sign with SHA-1 or SHA-256; CloudFront accepts no other hash",
    };
    Some(Change::new(cause, fix))
}

/// The change that another padding than PKCS#1 v1.5 stands for.
fn of_padding(opened: &SignedDigest) -> Option<Change> {
    match opened {
        SignedDigest::Pss(_) => Some(Change::new(
            "the signature was made with RSA PSS, and CloudFront accepts PKCS#1 v1.5",
            "sign with RSASSA_PKCS1_V1_5_SHA_256 (AWS KMS), -pkeyopt rsa_padding_mode:pkcs1 (openssl) or SHA256-RSA-PKCS (PKCS#11)",
        )),
        SignedDigest::Bare { .. } => Some(Change::new(
            "the digest was signed without the name of its hash (DigestInfo)",
            "sign with openssl dgst -sha1 -sign, openssl pkeyutl -sign -pkeyopt digest:sha1 or SHA1-RSA-PKCS (PKCS#11)",
        )),
        _ => None,
    }
}

/// Why a resource does not cover the URL.
fn uncovered(url: &str, resource: &Resource) -> Option<Vec<Change>> {
    let fix = "request the URL that the policy covers, or sign a resource that covers this one";
    if let Some((start, query)) = resource.as_str().split_once('?')
        && !query.contains('/')
        && Resource::verbatim(start).covers(url)
    {
        let cause = format!(
            "the query {} that was signed is not in the URL",
            quoted(query)
        );
        return Some(vec![Change::new(cause, "request the URL with it")]);
    }
    // The resource shows what was signed, so the rules that guess names are left out.
    let covered = |variant: &change::Variant| variant.rank <= 3 && resource.covers(&variant.text);
    if let Some(variant) = url_rules::alternatives(url)
        .iter()
        .find(|variant| covered(variant))
    {
        return Some(url_rules::change(url, &variant.text).into_iter().collect());
    }
    let (signed, requested) = (UrlParts::parse(resource.as_str()), UrlParts::parse(url));
    let moved = UrlParts {
        authority: signed.authority,
        ..requested
    };
    if signed.authority.contains('*') || !resource.covers(&moved.to_string()) {
        return None;
    }
    let cause = format!(
        "the host {} was signed, and {} was requested",
        quoted(signed.authority),
        quoted(requested.authority)
    );
    Some(vec![Change::new(cause, fix)])
}
