//! What happens to a signed request as a whole: names, values and delimiters of the parameters that were changed on the way
//! from the signer to the client.

use super::super::parameters::SigningParameters;
use super::super::received::Received;
use super::super::{SignedRequest, TrustedKey};
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

const REPAIRS: [Repair; 16] = [
    Repair {
        undo: Undo::Url(|url| url.replace("?amp;", "?").replace("&amp;", "&")),
        cause: "& was replaced by &amp;, as in the source of an HTML page",
        fix: "copy the URL as the page shows it: & for &amp;",
    },
    Repair {
        undo: Undo::Url(|url| {
            url.replace("%3F", "?")
                .replace("%3D", "=")
                .replace("%26", "&")
        }),
        cause: "?, = and & of the URL were percent-encoded, as in the query of another URL",
        fix: "percent-decode the URL once",
    },
    Repair {
        undo: Undo::Url(respelt),
        cause: "the name of a signing parameter is misspelt",
        fix: "use the case-sensitive names Policy, Expires, Signature, Key-Pair-Id and Hash-Algorithm",
    },
    Repair {
        undo: Undo::Url(|url| match url.split_once('?') {
            Some((base, query)) => [base, "?", &query.replace('?', "&")].concat(),
            None => url.to_owned(),
        }),
        cause: "the signing parameters were added with a second ?",
        fix: "add them with & where the URL has a query",
    },
    Repair {
        undo: Undo::Url(|url| match url.split_once("?") {
            Some(_) => url.to_owned(),
            None => url.replacen('&', "?", 1),
        }),
        cause: "the signing parameters were added with & to a URL without a query",
        fix: "add them with ? where the URL has no query",
    },
    Repair {
        undo: Undo::Url(|url| {
            ["%0D", "%0A", "%09", "%20"]
                .iter()
                .fold(url.to_owned(), |url, white| url.replace(white, ""))
        }),
        cause: "the URL was wrapped: it contains line breaks or spaces",
        fix: COPY,
    },
    Repair {
        undo: Undo::Url(|url| url.replace("%5C", "")),
        cause: "the URL contains backslashes, as for a shell",
        fix: "leave out the backslashes inside quotes",
    },
    Repair {
        undo: Undo::Url(|url| url.replace("%5Cu0026", "&").replace("\\u0026", "&")),
        cause: "& was replaced by \\u0026, as in JSON",
        fix: "parse the JSON, and use the string in it",
    },
    Repair {
        undo: Undo::Url(|url| {
            url.trim_end_matches([
                '.', ',', ';', ':', ')', ']', '>', '\'', '*', '!', '/', '=', '&',
            ])
            .trim_end_matches("%22")
            .trim_end_matches("%3E")
            .to_owned()
        }),
        cause: "the URL has punctuation at its end that does not belong to it",
        fix: COPY,
    },
    Repair {
        undo: Undo::Value(|value| {
            value
                .trim_matches(|c: char| c.is_whitespace() || ".,;:)]>}\"'*!".contains(c))
                .to_owned()
        }),
        cause: "a signing parameter has white space or punctuation around its value",
        fix: COPY,
    },
    Repair {
        undo: Undo::Value(|value| value.split_whitespace().collect()),
        cause: "a signing parameter contains white space",
        fix: "encode without line breaks: base64 -w 0, or tr -d '\\n'",
    },
    Repair {
        undo: Undo::Value(|value| value.replace('+', "-").replace('=', "_").replace('/', "~")),
        cause: "Policy or Signature is in standard base64",
        fix: ALPHABET,
    },
    Repair {
        undo: Undo::Value(|value| value.replace(' ', "-").replace('=', "_").replace('/', "~")),
        cause: "Policy or Signature is in standard base64, and its + became spaces",
        fix: ALPHABET,
    },
    Repair {
        undo: Undo::Value(padded),
        cause: "Policy or Signature lost its padding",
        fix: "pad base64 with _ to a multiple of 4 characters",
    },
    Repair {
        undo: Undo::Value(from_base64url),
        cause: "Policy or Signature is in base64url (RFC 4648), not in CloudFront's alphabet",
        fix: "use ~ where base64url has _, and pad with _",
    },
    Repair {
        undo: Undo::Value(|value| percent::decode(value).into_owned()),
        cause: "the signing parameters were percent-encoded once more",
        fix: "send their values as they are; they need no percent-encoding",
    },
];

/// The repairs, one or two, after which the signature is valid.
pub(super) fn find(
    request: &SignedRequest<'_>,
    parameters: &SigningParameters,
) -> Option<Vec<Change>> {
    let has_cookies =
        request.cookies.is_some() && SigningParameters::of_url(request.url.as_str()).is_empty();
    let received = Attempt {
        url: request.url.as_str().to_owned(),
        cookies: has_cookies.then(|| parameters.clone()),
        values: Vec::new(),
        changes: Vec::new(),
    };
    let single: Vec<Attempt> = REPAIRS
        .iter()
        .filter_map(|repair| received.with(repair))
        .collect();
    let pairs = single
        .iter()
        .flat_map(|attempt| REPAIRS.iter().filter_map(|repair| attempt.with(repair)));
    let valid = single.iter().find(|attempt| attempt.is_valid(request));
    if let Some(attempt) = valid {
        return Some(attempt.changes.clone());
    }
    let mut pairs = pairs.filter(|attempt| attempt.is_valid(request));
    pairs.next().map(|attempt| attempt.changes)
}

/// A request with some repairs made.
struct Attempt {
    url: String,
    /// The signing parameters, if they are not in the URL.
    cookies: Option<SigningParameters>,
    values: Vec<fn(&str) -> String>,
    changes: Vec<Change>,
}

impl Attempt {
    /// The request with one more repair; `None` if that changes nothing.
    fn with(&self, repair: &'static Repair) -> Option<Attempt> {
        let mut changes = self.changes.clone();
        changes.push(Change::new(repair.cause, repair.fix));
        let attempt = match repair.undo {
            Undo::Url(undo) => Attempt {
                url: undo(&self.url),
                cookies: self.cookies.clone(),
                values: self.values.clone(),
                changes,
            },
            Undo::Value(undo) => Attempt {
                url: self.url.clone(),
                cookies: self.cookies.clone(),
                values: self.values.iter().copied().chain([undo]).collect(),
                changes,
            },
        };
        let is_changed = attempt.url != self.url
            || SigningParameter::ALL
                .into_iter()
                .any(|name| attempt.parameters().get(name) != self.parameters().get(name));
        is_changed.then_some(attempt)
    }

    fn parameters(&self) -> SigningParameters {
        let parameters = match &self.cookies {
            Some(cookies) => cookies.clone(),
            None => SigningParameters::of_url(&self.url),
        };
        self.values
            .iter()
            .fold(parameters, |parameters, undo| parameters.map_values(undo))
    }

    /// Whether the signature is valid for a key with the ID.
    fn is_valid(&self, request: &SignedRequest<'_>) -> bool {
        let Ok(url) = SignedUrl::parse(&self.url) else {
            return false;
        };
        let received = Received::decode(&self.parameters(), &url.unsigned());
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
        let is_sent = sent.get(SigningParameter::KeyPairId) == Some(id);
        let is_id = id
            .parse::<KeyPairId>()
            .is_ok_and(|id| is_sent || self.cookies.is_some() || id.oddity().is_none());
        let has_id =
            |trusted: &TrustedKey| trusted.id.as_ref().is_none_or(|own| own.as_str() == id);
        is_id
            && request.keys.iter().take(20).any(|trusted| {
                has_id(trusted) && trusted.key.verifies(*hash, &policy.bytes, signature)
            })
    }
}

/// The URL with the names of signing parameters spelt right.
fn respelt(url: &str) -> String {
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
