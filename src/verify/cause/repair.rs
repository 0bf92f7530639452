//! Repairs of a signed request as a whole: names, values and delimiters of the parameters that were changed on the way from
//! the signer to the client.

use super::super::parameters::{Carrier, SigningParameters};
use super::super::received::Received;
use super::super::{SignedRequest, TrustedKey};
use super::MOST_KEYS;
use super::budget::Budget;
use super::change::Change;
use crate::key::key_pair_id::KeyPairId;
use crate::sign::SignedUrl;
use crate::url::percent;
use crate::url::signing_parameters::{Name, SigningParameter};

/// A way to undo a change.
struct Repair {
    undo: Undo,
    cause: &'static str,
    fix: &'static str,
}

#[derive(Clone, Copy)]
enum Undo {
    /// In the text of the URL.
    Url(fn(&str) -> String),
    /// In each value of a signing parameter, percent-decoded.
    Value(fn(&str) -> String),
}

const COPY: &str = "copy the URL exactly as the signer printed it";
const ALPHABET: &str = "replace + by -, = by _ and / by ~ in Policy and Signature";

const fn in_url(cause: &'static str, fix: &'static str, undo: fn(&str) -> String) -> Repair {
    let undo = Undo::Url(undo);
    Repair { undo, cause, fix }
}

const fn in_values(cause: &'static str, fix: &'static str, undo: fn(&str) -> String) -> Repair {
    let undo = Undo::Value(undo);
    Repair { undo, cause, fix }
}

const REPAIRS: [Repair; 16] = [
    in_url(
        "& was replaced by &amp;, as in the source of an HTML page",
        "replace each &amp; in the URL with &",
        |url| url.replace("?amp;", "?").replace("&amp;", "&"),
    ),
    in_url(
        "?, = and & of the URL were percent-encoded, as in the query of another URL",
        "percent-decode the URL once",
        |url| {
            url.replace("%3F", "?")
                .replace("%3D", "=")
                .replace("%26", "&")
        },
    ),
    in_url(
        "the name of a signing parameter is misspelled",
        "use the case-sensitive names Policy, Expires, Signature, Key-Pair-Id and Hash-Algorithm",
        respelled,
    ),
    in_url(
        "the signing parameters were added with a second ?",
        "add them with & where the URL has a query",
        |url| match url.split_once('?') {
            Some((base, query)) => [base, "?", &query.replace('?', "&")].concat(),
            None => url.to_owned(),
        },
    ),
    in_url(
        "the signing parameters were added with & to a URL without a query",
        "add them with ? where the URL has no query",
        |url| match url.split_once("?") {
            Some(_) => url.to_owned(),
            None => url.replacen('&', "?", 1),
        },
    ),
    in_url(
        "the URL was wrapped: it contains line breaks or spaces",
        COPY,
        |url| {
            ["%0D", "%0A", "%09", "%20"]
                .iter()
                .fold(url.to_owned(), |url, white| url.replace(white, ""))
        },
    ),
    in_url(
        "the URL contains backslashes, as for a shell",
        "leave out the backslashes inside quotes",
        |url| url.replace("%5C", ""),
    ),
    in_url(
        "& was replaced by \\u0026, as in JSON",
        "parse the JSON, and use the string in it",
        |url| url.replace("%5Cu0026", "&").replace("\\u0026", "&"),
    ),
    in_url(
        "the URL has punctuation at its end that does not belong to it",
        COPY,
        |url| {
            url.trim_end_matches([
                '.', ',', ';', ':', ')', ']', '>', '\'', '*', '!', '/', '=', '&',
            ])
            .trim_end_matches("%22")
            .trim_end_matches("%3E")
            .to_owned()
        },
    ),
    in_values(
        "a signing parameter has white space or punctuation around its value",
        COPY,
        |value| {
            value
                .trim_matches(|c: char| c.is_whitespace() || ".,;:)]>}\"'*!".contains(c))
                .to_owned()
        },
    ),
    in_values(
        "a signing parameter contains white space",
        "encode without line breaks: base64 -w 0, or tr -d '\\n'",
        |value| value.split_whitespace().collect(),
    ),
    in_values(
        "Policy or Signature is in standard base64",
        ALPHABET,
        |value| value.replace('+', "-").replace('=', "_").replace('/', "~"),
    ),
    in_values(
        "Policy or Signature is in standard base64, and its + became spaces",
        ALPHABET,
        |value| value.replace(' ', "-").replace('=', "_").replace('/', "~"),
    ),
    in_values(
        "Policy or Signature lost its padding",
        "pad base64 with _ to a multiple of 4 characters",
        padded,
    ),
    in_values(
        "Policy or Signature is in base64url (RFC 4648), not in CloudFront's alphabet",
        "use ~ where base64url has _, and pad with _",
        from_base64url,
    ),
    in_values(
        "the signing parameters were percent-encoded once more",
        "send their values as they are; they need no percent-encoding",
        |value| percent::decode(value).into_owned(),
    ),
];

/// The repairs, one or two, after which the signature is valid.
pub(super) fn find(
    request: &SignedRequest<'_>,
    parameters: &SigningParameters,
) -> Option<Vec<Change>> {
    let received = Attempt {
        url: request.url.as_str().to_owned(),
        parameters: parameters.clone(),
        values: Vec::new(),
        changes: Vec::new(),
    };
    let mut budget = Budget::new(BUDGET);
    let mut single = Vec::new();
    for repair in &REPAIRS {
        single.extend(received.with(repair, &mut budget));
    }
    if let Some(valid) = single
        .iter()
        .position(|attempt| attempt.is_valid(request, &mut budget))
    {
        return Some(single.swap_remove(valid).changes);
    }
    for attempt in &single {
        for repair in &REPAIRS {
            let pair = attempt.with(repair, &mut budget);
            if let Some(pair) = pair.filter(|pair| pair.is_valid(request, &mut budget)) {
                return Some(pair.changes);
            }
        }
    }
    None
}

/// The work that all repairs of a request may take, and that of one verification.
const BUDGET: usize = 6 << 20;
const VERIFICATION: usize = 60_000;

/// A request with some repairs made.
#[derive(Clone)]
struct Attempt {
    url: String,
    parameters: SigningParameters,
    /// The repairs of values.
    values: Vec<fn(&str) -> String>,
    changes: Vec<Change>,
}

impl Attempt {
    /// The request with one more repair; `None` if that changes nothing, or if the budget is spent.
    fn with(&self, repair: &Repair, budget: &mut Budget) -> Option<Attempt> {
        if !budget.spend(10 * self.url.len()) {
            return None;
        }
        let mut attempt = self.clone();
        match repair.undo {
            Undo::Url(undo) => {
                attempt.url = undo(&self.url);
                if self.parameters.carrier() == Carrier::Query {
                    let parameters = SigningParameters::of_url(&attempt.url);
                    attempt.parameters = self
                        .values
                        .iter()
                        .fold(parameters, |parameters, undo| parameters.map_values(undo));
                }
            }
            Undo::Value(undo) => {
                attempt.parameters = self.parameters.map_values(undo);
                attempt.values.push(undo);
            }
        }
        attempt.changes.push(Change::new(repair.cause, repair.fix));
        let is_changed = attempt.url != self.url || attempt.parameters != self.parameters;
        is_changed.then_some(attempt)
    }

    /// Returns whether the signature is valid for a key with the ID.
    fn is_valid(&self, request: &SignedRequest<'_>, budget: &mut Budget) -> bool {
        let Ok(url) = SignedUrl::parse(&self.url) else {
            return false;
        };
        let received = Received::decode(&self.parameters, &url.unsigned());
        let (Ok(id), Ok(signature), Ok(policy), Ok(hash)) = (
            &received.key_pair_id,
            &received.signature,
            &received.policy,
            &received.hash,
        ) else {
            return false;
        };
        // The signature proves nothing about the ID, so a repaired one has to look like one.
        let sent = SigningParameters::of_url(request.url.as_str());
        let is_sent = sent.get(SigningParameter::KeyPairId) == Some(id)
            || self.parameters.carrier() == Carrier::Cookies;
        let is_id = |id: KeyPairId| is_sent || id.oddity().is_none();
        let has_id =
            |trusted: &TrustedKey| trusted.id.as_ref().is_none_or(|own| own.as_str() == id);
        id.parse().is_ok_and(is_id)
            && request.keys.iter().take(MOST_KEYS).any(|trusted| {
                has_id(trusted)
                    && budget.spend(VERIFICATION)
                    && trusted.key.verifies(*hash, &policy.bytes, signature)
            })
    }
}

/// The URL with the names of signing parameters spelled right.
fn respelled(url: &str) -> String {
    let Some((base, query)) = url.split_once('?') else {
        return url.to_owned();
    };
    let parameters = query.split('&').map(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let exact = match Name::of(name) {
            Name::Misspelled(exact) => Some(exact),
            Name::Own => meant(name),
            Name::Signing(_) => None,
        };
        exact.map_or_else(|| parameter.to_owned(), |exact| format!("{exact}={value}"))
    });
    format!("{base}?{}", parameters.collect::<Vec<_>>().join("&"))
}

/// The signing parameter that a name in another case, or that of a cookie, stands for.
fn meant(name: &str) -> Option<SigningParameter> {
    let bare = name.strip_prefix("CloudFront-").unwrap_or(name);
    SigningParameter::ALL
        .into_iter()
        .find(|parameter| parameter.name().eq_ignore_ascii_case(bare))
}

/// CloudFront's base64 of what is base64url: `-` is the same in both.
fn from_base64url(value: &str) -> String {
    padded(&value.trim_end_matches('=').replace('_', "~"))
}

fn padded(value: &str) -> String {
    // A key pair ID and an expiry are shorter than any policy or signature.
    let missing = if value.len() < 40 {
        0
    } else {
        (4 - value.len() % 4) % 4
    };
    format!("{value}{}", "_".repeat(missing))
}
