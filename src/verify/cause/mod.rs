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
use crate::key::key_pair_id::KeyPairId;
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
}

/// What an invalid signature establishes.
pub(super) struct InvalidSignature {
    /// The finding, in words.
    pub(super) detail: String,
    /// Where the signature comes from.
    pub(super) origin: Origin,
}

/// Where an invalid signature comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// The key made it, or may have made it.
    Key,
    /// Another key made it, or it is damaged.
    OtherKey,
    /// It is the beginning of a signature.
    Truncated,
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
            origin: Origin::Key,
        };
    }
    let is_p256 = p256_signature(signature).is_some();
    let has_p256 = keys.iter().any(|key| key.key_type() == KeyType::P256);
    let origin = if is_p256 && has_p256 {
        Origin::Key
    } else if whole_length(keys, signature).is_some() {
        Origin::Truncated
    } else {
        Origin::OtherKey
    };
    InvalidSignature {
        detail: not_made_with_a_key(keys, hash, signature),
        origin,
    }
}

/// The lengths of the signatures of common RSA keys.
const RSA_LENGTHS: [usize; 5] = [64, 128, 256, 384, 512];

/// The length that a truncated signature of one of the keys had; `None` for a whole one.
fn whole_length(keys: &[&PublicKey], signature: &[u8]) -> Option<usize> {
    if RSA_LENGTHS.contains(&signature.len()) || p256_signature(signature).is_some() {
        return None;
    }
    let whole = keys.iter().filter_map(|key| match key.key_type() {
        KeyType::Rsa(bits) => Some(bits.div_ceil(8)),
        // ASN.1 DER: the tag of a SEQUENCE, and the length of its content.
        KeyType::P256 => match signature {
            [0x30, length @ 0x40..=0x46, ..] => Some(2 + usize::from(*length)),
            _ => None,
        },
    });
    whole.max().filter(|whole| signature.len() < *whole)
}

/// What the content of an RSA signature says, if one of the keys made it.
fn made_with_a_key(
    keys: &[&PublicKey],
    hash: HashAlgorithm,
    policy: &[u8],
    signature: &[u8],
) -> Option<String> {
    let requested = SignedHash::of(hash);
    let mut opened = keys.iter().map(|key| key.open(signature));
    let opened = opened.find(SignedDigest::proves_key)?;
    Some(match &opened {
        SignedDigest::Pkcs1 { hash: own, .. } if *own != requested => {
            let (own_name, requested) = (own.name(), requested.name());
            let policy = if opened.matches(*own, &own.digest(policy)) {
                ""
            } else {
                " and over a different policy"
            };
            format!("made with this key, but with {own_name}{policy}; the request says {requested}")
        }
        SignedDigest::Bare { .. } => "made with this key, but without the name of a hash".into(),
        SignedDigest::Pss(_) => "made with this key, but with RSA PSS".into(),
        _ => format!(
            "made with this key ({}), but over a different policy",
            requested.name()
        ),
    })
}

fn not_made_with_a_key(keys: &[&PublicKey], hash: HashAlgorithm, signature: &[u8]) -> String {
    let requested = SignedHash::of(hash).name();
    let types: Vec<KeyType> = keys.iter().map(|key| key.key_type()).collect();
    let length = signature.len();
    let is_p256 = p256_signature(signature).is_some();
    let fits = |kind: &KeyType| match kind {
        KeyType::Rsa(bits) => bits.div_ceil(8) == length,
        KeyType::P256 => is_p256,
    };
    match types.first() {
        _ if types.iter().any(fits) => match types.iter().find(|kind| fits(kind)) {
            Some(KeyType::Rsa(_)) => "not a PKCS#1 v1.5 signature of this key".into(),
            _ => {
                format!("invalid ({requested}): made with another key, or over a different policy")
            }
        },
        Some(KeyType::P256) if RSA_LENGTHS.contains(&length) => {
            format!("{length} bytes, like an RSA signature; the key is ECDSA P-256")
        }
        Some(key @ KeyType::Rsa(_)) if is_p256 => {
            format!("{length} bytes, like an ECDSA P-256 signature; the key is {key}")
        }
        Some(KeyType::Rsa(bits)) => {
            let expected = bits.div_ceil(8);
            let hint = match whole_length(keys, signature) {
                Some(_) => " (truncated?)",
                None => "",
            };
            format!("{length} bytes; a signature of an RSA {bits} key has {expected}{hint}")
        }
        _ => match whole_length(keys, signature) {
            Some(whole) => format!(
                "{length} bytes; this ECDSA signature in ASN.1 DER has {whole} (truncated?)"
            ),
            None => format!("{length} bytes that are not an ECDSA signature in ASN.1 DER"),
        },
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
            "the signature was made with the key {other}, but the request says {}",
            quoted(id)
        ),
        format!("send Key-Pair-Id={other}; no new signature is needed"),
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
        "the canned policy was signed, but a custom policy was sent",
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
    requested: HashAlgorithm,
    templates: &[(Template, Option<Change>)],
    deep: bool,
) -> Option<Vec<Change>> {
    let mut budget = Budget::for_signature(opened);
    let hashes = opened.hashes(requested);
    let explained = |found: Vec<Change>, hash: SignedHash, template: &Option<Change>| {
        let mut changes = found;
        changes.extend(template.clone());
        changes.extend(of_hash(hash, requested));
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
fn of_hash(hash: SignedHash, requested: HashAlgorithm) -> Option<Change> {
    if hash == SignedHash::of(requested) {
        return None;
    }
    let cause = format!(
        "the signature was made with {}, but the request says {}",
        hash.name(),
        SignedHash::of(requested).name()
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

/// Why a resource does not cover the URL.
fn uncovered(url: &str, resource: &Resource) -> Option<Vec<Change>> {
    let fix = "request the URL that the policy covers, or sign a resource that covers this one";
    if let Some((start, query)) = resource.as_str().split_once('?')
        && !query.contains('/')
        && Resource::verbatim(start).covers(url)
    {
        let cause = format!("the signed query {} is missing from the URL", quoted(query));
        return Some(vec![Change::new(cause, "request the URL with this query")]);
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
        "the host {} was signed, but {} was requested",
        quoted(signed.authority),
        quoted(requested.authority)
    );
    Some(vec![Change::new(cause, fix)])
}
