//! Finding out why a request is denied, by trying what commonly goes wrong.
//!
//! A cause is named only if the check that failed passes without it: another URL, hash, key or spelling of the policy is put
//! in place, and the signature or the resource is checked again.

use super::{Cause, Outcome, Reason, SignedRequest, encodings};
use crate::error::quoted;
use crate::key::hash::HashAlgorithm;
use crate::key::key_pair_id::KeyPairId;
use crate::policy::{Policy, PolicyType, canned_text, minified};
use crate::sign::parameters::Decoded;
use crate::sign::signed_url::SignedUrl;
use crate::url::resource::Resource;
use crate::url::signing_parameters::Name;

/// A URL as it may have been when it was signed, and what happened to it since.
struct Variant {
    url: String,
    cause: Cause,
}

fn cause(cause: impl Into<String>, suggestion: impl Into<String>) -> Cause {
    Cause {
        cause: cause.into(),
        suggestion: suggestion.into(),
    }
}

/// The cause of a denial; `None` where no change that was tried makes the request pass.
pub(super) fn find(
    request: &SignedRequest<'_>,
    decoded: &Decoded,
    reason: Reason,
    policy: Option<&Policy>,
) -> Option<Cause> {
    if request.url.len() > SignedUrl::LONGEST {
        // There is nothing to find out.
        return None;
    }
    match reason {
        Reason::Signature | Reason::KeyPairId => signature(request, decoded),
        Reason::Resource => resource(request.url, policy?.resource()?),
        _ => None,
    }
}

/// Why parameters are missing or cannot be read: what happened to the URL as a whole.
pub(super) fn of_flaw(request: &SignedRequest<'_>) -> Option<Cause> {
    if request.url.len() > SignedUrl::LONGEST {
        return None;
    }
    let copied = "copy the URL as the page shows it: & for &amp;";
    let named = "write the names as CloudFront reads them: Policy, Expires, Signature, Key-Pair-Id, Hash-Algorithm";
    let variants = [
        (
            request.url.replace("?amp;", "?").replace("&amp;", "&"),
            cause(
                "the URL has &amp; for &, as the source of a page has",
                copied,
            ),
        ),
        (
            request
                .url
                .replace("%3F", "?")
                .replace("%3D", "=")
                .replace("%26", "&"),
            cause(
                "the ?, = and & of the URL are percent-encoded, as in another URL's query",
                "decode the URL once",
            ),
        ),
        (
            spelt(request.url),
            cause("the name of a signing parameter is misspelt", named),
        ),
    ];
    let repaired = |url: &str| {
        let url = SignedUrl::parse(url).ok()?;
        let (unsigned, credentials) = (url.unsigned(), request.credentials.and(&url.credentials()));
        let verdict = super::verify(&SignedRequest {
            url: &unsigned,
            credentials: &credentials,
            ..*request
        });
        verdict
            .checks
            .iter()
            .find(|check| check.name == "signature")
            .map(|check| check.outcome)
    };
    let fits = |url: &str| url != request.url && repaired(url) == Some(Outcome::Pass);
    variants
        .into_iter()
        .find(|(url, _)| fits(url))
        .map(|(_, cause)| cause)
}

/// The URL with the names of signing parameters as they are meant.
fn spelt(url: &str) -> String {
    let Some((base, query)) = url.split_once('?') else {
        return url.to_owned();
    };
    let parts = query.split('&').map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        match Name::of(name) {
            Name::Misspelt(exact) => format!("{exact}={value}"),
            _ => part.to_owned(),
        }
    });
    format!("{base}?{}", parts.collect::<Vec<_>>().join("&"))
}

fn signature(request: &SignedRequest<'_>, decoded: &Decoded) -> Option<Cause> {
    let named = |id: Option<&KeyPairId>| id.is_none_or(|id| id.as_str() == decoded.key_pair_id);
    let keys: Vec<_> = request
        .keys
        .iter()
        .filter(|trusted| named(trusted.id.as_ref()))
        .collect();
    let fits = |policy: &[u8], hash| {
        keys.iter()
            .any(|trusted| trusted.key.verifies(hash, policy, &decoded.signature))
    };

    let another = request.keys.iter().find(|trusted| {
        trusted
            .key
            .verifies(decoded.hash, &decoded.policy, &decoded.signature)
    });
    if let Some(id) = another.and_then(|trusted| trusted.id.as_ref()) {
        return Some(cause(
            format!("the signature was made with another of the keys given, {id}"),
            format!("sign with Key-Pair-Id={id}, or with the key that the ID names"),
        ));
    }
    if fits(&decoded.policy, decoded.hash) {
        // The signature is not what is wrong.
        return None;
    }
    let hash = decoded.hash.other();
    if fits(&decoded.policy, hash) {
        let suggestion = match hash {
            HashAlgorithm::Sha256 => "add Hash-Algorithm=SHA256 to the request, or sign with SHA-1",
            HashAlgorithm::Sha1 => "leave out Hash-Algorithm, or sign with SHA-256",
        };
        return Some(cause(
            format!(
                "the signature was made with {hash}, and the request announces {}",
                decoded.hash
            ),
            suggestion,
        ));
    }
    let text = std::str::from_utf8(&decoded.policy).ok()?;
    if let Some((_, found)) = spellings(text)
        .into_iter()
        .find(|(spelling, _)| fits(spelling.as_bytes(), decoded.hash))
    {
        return Some(found);
    }
    let expires = request
        .credentials
        .get("Expires")
        .filter(|_| decoded.policy_type == PolicyType::Canned)?;
    variants(request.url)
        .find(|variant| fits(canned_text(&variant.url, expires).as_bytes(), decoded.hash))
        .map(|variant| variant.cause)
}

fn resource(url: &str, resource: &Resource) -> Option<Cause> {
    let missing = resource
        .as_str()
        .split_once('?')
        .filter(|(start, query)| !query.contains('/') && Resource::verbatim(*start).covers(url));
    if let Some((_, query)) = missing {
        let query = quoted(query);
        return Some(cause(
            format!("the query {query} that was signed is not in the URL"),
            "request the URL with it",
        ));
    }
    variants(url)
        .find(|variant| resource.covers(&variant.url))
        .map(|variant| variant.cause)
}

/// Other ways of writing the same policy, which are other bytes.
fn spellings(policy: &str) -> Vec<(String, Cause)> {
    let form = "sign the policy without white space and escapes, as `cfsign policy` prints it";
    let trimmed = policy.trim_end();
    let minified = minified(policy);
    let mut spellings = vec![
        (
            format!("{policy}\n"),
            cause(
                "the policy was signed with a line break at its end",
                "sign it without: printf %s instead of echo",
            ),
        ),
        (
            format!("{policy}\r\n"),
            cause(
                "the policy was signed with a line break at its end",
                "sign it without: printf %s instead of echo",
            ),
        ),
        (
            spaced(policy),
            cause(
                "the policy was signed with white space behind colons and commas",
                form,
            ),
        ),
        (
            policy.replace('/', "\\/"),
            cause(
                "the policy was signed with its slashes escaped as \\/",
                form,
            ),
        ),
        (
            policy.replace('&', "\\u0026"),
            cause("the policy was signed with & escaped as \\u0026", form),
        ),
    ];
    if trimmed != policy {
        spellings.push((
            trimmed.into(),
            cause(
                "the policy travelled with a line break at its end that was not signed",
                "send the bytes that were signed",
            ),
        ));
    }
    if minified != policy {
        spellings.push((
            minified,
            cause(
                "the policy travelled with white space that was not signed",
                "send the bytes that were signed",
            ),
        ));
    }
    spellings
}

/// JSON with a space behind each colon and comma outside its strings, as Python writes it.
fn spaced(policy: &str) -> String {
    let mut in_string = false;
    let mut spaced = String::with_capacity(policy.len() + 20);
    for c in policy.chars() {
        in_string ^= c == '"';
        spaced.push(c);
        if !in_string && matches!(c, ':' | ',') {
            spaced.push(' ');
        }
    }
    spaced
}

/// The URL as it may have been, the likeliest changes first.
fn variants(url: &str) -> impl Iterator<Item = Variant> {
    let variant = |url: String, what: Cause| Variant { url, cause: what };
    let (base, query) = url
        .split_once('?')
        .map_or((url, None), |(base, query)| (base, Some(query)));
    let parts: Vec<&str> = query
        .map(|query| query.split('&').collect())
        .unwrap_or_default();
    let with = |parts: &[&str]| {
        if parts.is_empty() {
            base.to_owned()
        } else {
            format!("{base}?{}", parts.join("&"))
        }
    };

    let mut found: Vec<Variant> = Vec::new();
    for added in subsets(parts.len()) {
        let own: Vec<&str> = parts
            .iter()
            .enumerate()
            .filter(|(i, _)| !added.contains(i))
            .map(|(_, part)| *part)
            .collect();
        let names: Vec<String> = added
            .iter()
            .filter_map(|i| parts.get(*i))
            .map(|part| quoted(part.split('=').next().unwrap_or_default()))
            .collect();
        let what = match names.as_slice() {
            [name] => format!("the query parameter {name} was added after signing"),
            names => format!(
                "the query parameters {} were added after signing",
                names.join(", ")
            ),
        };
        found.push(variant(
            with(&own),
            cause(
                what,
                "sign the URL with all of its query, or leave out what was added",
            ),
        ));
    }
    let reordered = "request the URL with its query as it was signed";
    for order in orders(parts.len()) {
        let own: Vec<&str> = order
            .iter()
            .filter_map(|i| parts.get(*i).copied())
            .collect();
        found.push(variant(
            with(&own),
            cause(
                "the query parameters stand in another order than when they were signed",
                reordered,
            ),
        ));
    }
    if let Some(rest) = url.strip_prefix("http://") {
        found.push(variant(
            format!("https://{rest}"),
            cause(
                "https was signed, and http is requested",
                "request the URL with https",
            ),
        ));
    }
    if let Some(rest) = url.strip_prefix("https://") {
        found.push(variant(
            format!("http://{rest}"),
            cause(
                "http was signed, and https is requested",
                "sign the https URL",
            ),
        ));
    }
    for (other, what) in encodings::of(url) {
        found.push(variant(
            other,
            cause(
                format!("the URL {what}"),
                "sign the URL exactly as clients send it",
            ),
        ));
    }
    let host_end = url.split_once("://").map_or(0, |(scheme, rest)| {
        scheme.len() + 3 + rest.find(['/', '?']).unwrap_or(rest.len())
    });
    let (host, rest) = url.split_at(host_end);
    let spelled = "sign the URL exactly as clients send it";
    if let Some(rest) = rest.strip_prefix('/') {
        found.push(variant(
            format!("{host}{rest}"),
            cause(
                "the URL was signed without the path / that clients ask for",
                spelled,
            ),
        ));
    }
    found.push(variant(
        format!("{base}/{}", url.strip_prefix(base).unwrap_or_default()),
        cause(
            "the URL was signed with a / at the end of its path",
            spelled,
        ),
    ));
    if let Some(shorter) = base.strip_suffix('/') {
        found.push(variant(
            format!("{shorter}{}", url.strip_prefix(base).unwrap_or_default()),
            cause(
                "the URL was signed without the / at the end of its path",
                spelled,
            ),
        ));
    }
    found.push(variant(
        host.to_ascii_lowercase() + rest,
        cause("the host was signed in lower case", spelled),
    ));
    found.push(variant(
        format!("{url}?"),
        cause("the URL was signed with a lone ? at its end", spelled),
    ));
    let original = url.to_owned();
    found
        .into_iter()
        .filter(move |variant| variant.url != original)
}

/// Which of `count` parameters may have been added: few first, and not all combinations of many.
fn subsets(count: usize) -> Vec<Vec<usize>> {
    let mut subsets: Vec<Vec<usize>> = match count {
        0..=8 => (1_u32..1 << count)
            .map(|bits| (0..count).filter(|i| bits >> i & 1 == 1).collect())
            .collect(),
        _ => (0..count.min(200))
            .map(|i| vec![i])
            .chain((1..count.min(200)).map(|kept| (kept..count).collect()))
            .chain([(0..count).collect()])
            .collect(),
    };
    subsets.sort_by_key(Vec::len);
    subsets
}

/// Orders in which `count` parameters may have stood.
fn orders(count: usize) -> Vec<Vec<usize>> {
    match count {
        0 | 1 => Vec::new(),
        2..=5 => {
            let mut orders = vec![Vec::new()];
            for next in 0..count {
                orders = orders
                    .iter()
                    .flat_map(|order| {
                        (0..=order.len())
                            .map(|place| [&order[..place], &[next], &order[place..]].concat())
                    })
                    .collect();
            }
            orders
        }
        _ => vec![(0..count).rev().collect()],
    }
}
