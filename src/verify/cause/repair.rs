//! Damage that a request itself shows, undone: text around and inside the URL, and in the values of
//! its signing parameters.
//!
//! A repair touches only the place that it is about, and proves nothing by itself: the repaired
//! request is judged again.

use crate::base64;
use crate::error::quoted;
use crate::time::When;
use crate::url::percent;
use crate::url::signing_parameters::{Name, SigningParameter};
use crate::verify::compare::{Change, ChangeKind};
use crate::verify::parameters::{Carrier, SigningParameters};

/// A request after some repairs.
#[derive(Clone)]
pub(super) struct Attempt {
    /// The URL as text, with the fragment that it was given with.
    pub(super) url: String,
    pub(super) parameters: SigningParameters,
    values: Vec<ValueRepair>,
    pub(super) changes: Vec<Change>,
    pub(super) fixes: Vec<String>,
}

/// A URL without some damage, with the sentences that explain it.
struct Repaired {
    url: String,
    kind: ChangeKind,
    /// `None` if the change shows in what was added.
    cause: Option<String>,
    fix: &'static str,
}

type UrlRepair = fn(&str) -> Vec<Repaired>;
type ValueRepair = fn(SigningParameter, &str) -> Option<(String, String, &'static str)>;

const COPY: &str = "copy the URL exactly as the signer printed it";

const URL_REPAIRS: &[UrlRepair] = &[
    inner_urls,
    quoted_printable,
    entities,
    encoded_delimiters,
    escapes,
    line_breaks,
    end,
    question_marks,
    names,
    one_set,
];

const VALUE_REPAIRS: &[ValueRepair] = &[
    percent_encoded,
    invisible,
    dashes,
    dashes_one,
    wrapped,
    alphabet,
    expiry,
];

/// The most requests that are judged again.
const MOST_ATTEMPTS: usize = 80;

/// The request with one repair, then with two.
pub(super) fn attempts(url: &str, parameters: &SigningParameters) -> Vec<Attempt> {
    let received = Attempt {
        url: url.to_owned(),
        parameters: parameters.clone(),
        values: Vec::new(),
        changes: Vec::new(),
        fixes: Vec::new(),
    };
    let mut attempts = received.repaired();
    for first in attempts.clone() {
        for pair in first.repaired() {
            let is_new =
                |other: &Attempt| other.url != pair.url || other.parameters != pair.parameters;
            if attempts.len() < MOST_ATTEMPTS && attempts.iter().all(is_new) {
                attempts.push(pair);
            }
        }
    }
    attempts
}

impl Attempt {
    /// This request with each repair that changes something.
    fn repaired(&self) -> Vec<Attempt> {
        let mut found = Vec::new();
        for repair in URL_REPAIRS {
            for repaired in repair(&self.url) {
                if repaired.url == self.url {
                    continue;
                }
                let mut attempt = self.clone();
                attempt.url = repaired.url;
                if self.parameters.carrier() == Carrier::Query {
                    attempt.parameters = SigningParameters::of_url(&attempt.url);
                    for value in &self.values {
                        attempt.repair_values(*value);
                    }
                }
                if let Some(cause) = repaired.cause {
                    attempt.explain(repaired.kind, cause, repaired.fix);
                }
                found.push(attempt);
            }
        }
        for repair in VALUE_REPAIRS {
            let mut attempt = self.clone();
            if let Some((cause, fix)) = attempt.repair_values(*repair) {
                attempt.values.push(*repair);
                attempt.explain(ChangeKind::UrlText, cause, fix);
                found.push(attempt);
            }
        }
        found
    }

    /// Applies a repair to each value, and gives its sentences if it changes any.
    fn repair_values(&mut self, repair: ValueRepair) -> Option<(String, &'static str)> {
        let mut sentences = None;
        self.parameters = self
            .parameters
            .map_values(|name, value| match repair(name, value) {
                Some((changed, cause, fix)) if changed != value => {
                    sentences.get_or_insert((cause, fix));
                    changed
                }
                _ => value.to_owned(),
            });
        sentences
    }

    fn explain(&mut self, kind: ChangeKind, text: String, fix: &str) {
        if !self.changes.iter().any(|change| change.text == text) {
            let (signed, received) = (None, None);
            self.changes.push(Change {
                kind,
                signed,
                received,
                text,
            });
            self.fixes.push(fix.to_owned());
        }
    }
}

fn damaged(url: String, cause: impl Into<String>, fix: &'static str) -> Repaired {
    Repaired {
        url,
        kind: ChangeKind::UrlText,
        cause: Some(cause.into()),
        fix,
    }
}

/// Signed URLs inside this one: behind a redirector or in the query of another page.
fn inner_urls(url: &str) -> Vec<Repaired> {
    const STARTS: [&str; 7] = [
        "http://",
        "https://",
        "http%3A",
        "https%3A",
        "http-3A__",
        "https-3A__",
        "https%253A",
    ];
    const FIX: &str = "request the signed URL inside it";
    let lower = url.to_ascii_lowercase();
    let mut places: Vec<usize> = Vec::new();
    for start in STARTS {
        let start = start.to_ascii_lowercase();
        places.extend(
            lower
                .match_indices(&start)
                .map(|(place, _)| place)
                .filter(|at| *at > 0),
        );
    }
    places.sort_unstable();
    places.dedup();
    let mut found = Vec::new();
    for place in places.into_iter().take(6) {
        let rest = &url[place..];
        let mut texts = vec![rest.to_owned()];
        if rest.contains("-3A__") {
            texts = vec![from_urldefense(rest)];
        }
        if let Some(end) = rest.find("__;") {
            texts.push(rest[..end].to_owned());
        }
        let is_encoded =
            rest.as_bytes().get(4..6) != Some(b":/") && rest.as_bytes().get(5..7) != Some(b":/");
        if is_encoded {
            let value = rest.split('&').next().unwrap_or_default();
            let mut decoded = value.to_owned();
            for _ in 0..3 {
                decoded = percent::decode(&decoded).into_owned();
                texts.push(percent::as_sent(&decoded));
            }
        }
        for text in texts {
            let is_signed = text.contains("Signature=") && text.contains("Key-Pair-Id=");
            if text.contains("://") && is_signed {
                let is_twice = place < 9;
                let cause = if is_twice {
                    "the URL begins with its scheme twice"
                } else if url[..place].contains("Signature=") {
                    "the signed URL was pasted behind another one"
                } else {
                    "the signed URL is wrapped inside another URL"
                };
                found.push(Repaired {
                    url: text,
                    kind: if is_twice {
                        ChangeKind::UrlText
                    } else {
                        ChangeKind::UrlInUrl
                    },
                    cause: Some(cause.into()),
                    fix: if is_twice {
                        "remove the first https://"
                    } else {
                        FIX
                    },
                });
            }
        }
    }
    found
}

/// The URL in the parameter `u` of urldefense, version 2: `-XX` for bytes and `_` for `/`.
fn from_urldefense(text: &str) -> String {
    let text = text.split('&').next().unwrap_or_default();
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let escape = rest.get(1..3).filter(|_| c == '-');
        let byte = escape.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (c, byte) {
            (_, Some(byte)) => {
                decoded.push(char::from(byte));
                rest = &rest[3..];
                continue;
            }
            ('_', _) => decoded.push('/'),
            (c, _) => decoded.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
    decoded
}

fn quoted_printable(url: &str) -> Vec<Repaired> {
    if !url.contains("=3D") {
        return Vec::new();
    }
    let soft = ["=%0D%0A", "=%0A", "=%20"];
    let mut text = url.to_owned();
    for line_break in soft {
        text = text.replace(line_break, "");
    }
    for (escape, plain) in [
        ("=3D", "="),
        ("=26", "&"),
        ("=3F", "?"),
        ("=2E", "."),
        ("=7E", "~"),
    ] {
        text = text.replace(escape, plain);
    }
    let cause = "the URL is in quoted-printable, as in the source of a mail: =3D stands for =";
    vec![damaged(
        text,
        cause,
        "decode the mail, or replace =3D by = and join its lines",
    )]
}

/// HTML entities.
fn entities(url: &str) -> Vec<Repaired> {
    const ENTITIES: [(&str, &str); 12] = [
        ("%26amp%3B", "&"),
        ("%26amp;", "&"),
        ("&amp%3B", "&"),
        ("&amp;", "&"),
        ("&AMP;", "&"),
        ("&#38;", "&"),
        ("&#038;", "&"),
        ("&#x26;", "&"),
        ("&#X26;", "&"),
        ("&#61;", "="),
        ("&equals;", "="),
        ("&quest;", "?"),
    ];
    let mut text = url.replace("?amp;", "?");
    for _ in 0..3 {
        for (entity, plain) in ENTITIES {
            text = text.replace(entity, plain);
        }
    }
    let cause = "& was replaced by &amp; or another HTML entity, as in the source of a page";
    vec![damaged(
        text,
        cause,
        "replace each &amp; in the URL with &, or decode the HTML",
    )]
}

fn encoded_delimiters(url: &str) -> Vec<Repaired> {
    if url.contains("&Signature=") {
        return Vec::new();
    }
    let text = url
        .replace("%3F", "?")
        .replace("%3D", "=")
        .replace("%26", "&");
    let cause = "?, = and & of the URL were percent-encoded, as in the query of another URL";
    let decoded = percent::as_sent(&percent::decode(url));
    let fix = "percent-decode the URL once";
    vec![damaged(text, cause, fix), damaged(decoded, cause, fix)]
}

/// Escapes for shells, Markdown and JSON.
fn escapes(url: &str) -> Vec<Repaired> {
    const ESCAPES: [(&str, &str, &str); 4] = [
        (
            "%5C",
            "backslashes (\\), as for a shell, Markdown or JSON",
            "leave out the backslashes",
        ),
        (
            "%60",
            "backticks (`), as for PowerShell",
            "leave out the backticks inside quotes",
        ),
        (
            "%5E",
            "carets (^), as for cmd.exe",
            "leave out the carets inside quotes",
        ),
        ("%22", "quotation marks", "leave out the quotation marks"),
    ];
    let mut found = Vec::new();
    for json in ["%5Cu0026", "\\u0026", "%5Cx26", "u0026"] {
        let cause = "& was replaced by \\u0026, as in JSON";
        let text = url
            .replace(json, "&")
            .replace("%5Cu003d", "=")
            .replace("%5C/", "/");
        found.push(damaged(
            text,
            cause,
            "parse the JSON, and use the string in it",
        ));
    }
    for (escape, what, fix) in ESCAPES {
        let mut text = url.to_owned();
        for plain in ["&", "?", "=", "_", "~", "-", "/", ".", "*"] {
            text = text.replace(&format!("{escape}{plain}"), plain);
            if escape == "%22" {
                text = text.replace(&format!("{plain}{escape}"), plain);
            }
        }
        found.push(damaged(text, format!("the URL contains {what}"), fix));
    }
    found
}

/// Line breaks, with the indent and the quote mark that mail programs set behind them.
fn line_breaks(url: &str) -> Vec<Repaired> {
    let mut text = String::with_capacity(url.len());
    let mut rest = url;
    while let Some(place) = rest.find("%0A").or_else(|| rest.find("%0D")) {
        text += rest[..place].trim_end_matches("%0D");
        rest = &rest[place + 3..];
        while let Some(next) = ["%20", "%09", "%0A", "%0D", "%3E"]
            .iter()
            .find_map(|white| rest.strip_prefix(white))
        {
            rest = next;
        }
    }
    text += rest;
    let cause = "the URL was wrapped: it contains line breaks";
    let mut found = vec![damaged(text, cause, "copy the URL without line breaks")];
    let cause = "the URL contains white space";
    let removed = url
        .replace("%20&", "&")
        .replace("&%20", "&")
        .replace("%20=", "=");
    found.push(damaged(removed.replace("=%20", "="), cause, COPY));
    found
}

/// What follows the last signing parameter and does not belong to it.
fn end(url: &str) -> Vec<Repaired> {
    let last = SigningParameter::ALL
        .iter()
        .filter_map(|name| Some(url.rfind(&format!("{name}="))? + name.name().len() + 1))
        .max();
    let Some(start) = last else {
        return Vec::new();
    };
    let value = url[start..].split('&').next().unwrap_or_default();
    let is_own = |c: char| c.is_ascii_alphanumeric() || "-_~".contains(c);
    let foreign = value.find(|c: char| !is_own(c)).unwrap_or(value.len());
    let kept = value[..foreign].trim_end_matches(['_', '~', '-']).len();
    let rest = &url[start + value.len()..];
    let fix = "copy the URL without what follows it";
    let mut found = Vec::new();
    for length in [foreign, kept] {
        if length == value.len() {
            continue;
        }
        let tail = quoted(&percent::decode(&value[length..]));
        let cause = format!(
            "the URL has {tail} at its end: punctuation or white space that does not belong to it"
        );
        let whole = &url[..start + length];
        found.push(damaged(format!("{whole}{rest}"), cause.clone(), fix));
        found.push(damaged(whole.to_owned(), cause, fix));
    }
    found
}

/// A second `?` in front of or behind the signing parameters, and none.
fn question_marks(url: &str) -> Vec<Repaired> {
    let Some((base, query)) = url.split_once('?') else {
        let cause = "the signing parameters were added with & to a URL without a query";
        let fix = "add them with ? where the URL has no query";
        return vec![damaged(url.replacen('&', "?", 1), cause, fix)];
    };
    let mut found = Vec::new();
    let last = query.rfind('?').unwrap_or(0);
    if query[..last].contains("Signature=") {
        let url = format!("{base}?{}&{}", &query[..last], &query[last + 1..]);
        let kind = ChangeKind::ParameterAdded;
        found.push(Repaired {
            url,
            kind,
            cause: None,
            fix: "",
        });
    }
    let cause = "the signing parameters were added with a second ?";
    let fix = "add them with & where the URL has a query";
    found.push(damaged(
        format!("{base}?{}", query.replace('?', "&")),
        cause,
        fix,
    ));
    found
}

/// The names of signing parameters spelled right.
fn names(url: &str) -> Vec<Repaired> {
    let Some((base, query)) = url.split_once('?') else {
        return Vec::new();
    };
    let mut parameters = Vec::new();
    for parameter in query.split('&') {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let exact = match Name::of(name) {
            Name::Misspelled(exact) => Some(exact),
            Name::Own => meant(name),
            Name::Signing(_) => None,
        };
        parameters.push(match exact {
            Some(exact) => format!("{exact}={value}"),
            None => parameter.to_owned(),
        });
    }
    let cause = "the name of a signing parameter is misspelled";
    let fix =
        "use the case-sensitive names Policy, Expires, Signature, Key-Pair-Id and Hash-Algorithm";
    vec![damaged(
        format!("{base}?{}", parameters.join("&")),
        cause,
        fix,
    )]
}

/// The signing parameter that a name in another case, that of a cookie, or one between other
/// characters stands for.
fn meant(name: &str) -> Option<SigningParameter> {
    let name = percent::decode(name);
    let bare = name.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let bare = bare.strip_prefix("amp;").unwrap_or(bare);
    let bare = bare.strip_prefix("CloudFront-").unwrap_or(bare);
    SigningParameter::ALL
        .into_iter()
        .find(|parameter| parameter.name().eq_ignore_ascii_case(bare))
}

/// One set of signing parameters of a URL that was signed twice: the last, or the first.
fn one_set(url: &str) -> Vec<Repaired> {
    let parameters = SigningParameters::of_url(url);
    let is_twice = parameters.all(SigningParameter::Signature).count() > 1;
    let Some((base, query)) = url.split_once('?').filter(|_| is_twice) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (is_last, which) in [(true, "last"), (false, "first")] {
        let mut kept: Vec<&str> = Vec::new();
        let mut seen = Vec::new();
        let all: Vec<&str> = query.split('&').collect();
        let ordered: Vec<&str> = if is_last {
            all.iter().rev().copied().collect()
        } else {
            all
        };
        for parameter in ordered {
            let name = Name::of(parameter.split('=').next().unwrap_or_default());
            if let Name::Signing(name) = name {
                if seen.contains(&name) {
                    continue;
                }
                seen.push(name);
            }
            kept.push(parameter);
        }
        if is_last {
            kept.reverse();
        }
        let cause = format!("the URL was signed twice: only its {which} signature is valid");
        let fix = "sign the URL once, and remove the other signing parameters";
        found.push(damaged(format!("{base}?{}", kept.join("&")), cause, fix));
    }
    found
}

type Value = Option<(String, String, &'static str)>;

fn percent_encoded(_: SigningParameter, value: &str) -> Value {
    let cause = "the signing parameters were percent-encoded once more";
    let fix = "send their values as they are; they need no percent-encoding";
    Some((percent::decode(value).into_owned(), cause.into(), fix))
}

/// White space, invisible characters and markup.
fn invisible(_: SigningParameter, value: &str) -> Value {
    let is_own = |c: char| c.is_ascii_alphanumeric() || "-_~+/=%.:".contains(c);
    let foreign = value.chars().find(|c| !is_own(*c))?;
    let kept = value.chars().filter(|c| is_own(*c)).collect();
    let what = match foreign {
        '\n' | '\r' => "a line break".to_owned(),
        c if c.is_whitespace() && c.is_ascii() => "white space".to_owned(),
        c if c.is_ascii() => format!("{c:?}, which does not belong to it"),
        c => format!("U+{:04X}, an invisible or foreign character", u32::from(c)),
    };
    let fix = match foreign {
        '\n' | '\r' | ' ' => {
            "encode without line breaks (base64 -w 0), and copy the URL without white space"
        }
        _ => "remove it, or copy the URL exactly as the signer printed it",
    };
    Some((kept, format!("a signing parameter contains {what}"), fix))
}

/// An en or em dash for two hyphens.
fn dashes(_: SigningParameter, value: &str) -> Value {
    with_dashes(value, "--")
}

/// A dash for one hyphen.
fn dashes_one(_: SigningParameter, value: &str) -> Value {
    with_dashes(value, "-")
}

fn with_dashes(value: &str, hyphens: &str) -> Value {
    let cause = "a signing parameter has a typographic dash in place of hyphens (--)";
    let fix = "copy the URL where no program sets dashes for --";
    let is_dash = |c: char| ('\u{2010}'..='\u{2015}').contains(&c) || c == '\u{2212}';
    Some((value.replace(is_dash, hyphens), cause.into(), fix))
}

/// Quotes, prefixes and punctuation around a value.
fn wrapped(_: SigningParameter, value: &str) -> Value {
    let is_around = |c: char| c.is_whitespace() || ".,;:()[]<>{}\"'*!`|".contains(c);
    let value = value.strip_prefix("b'").unwrap_or(value);
    let cause = "a signing parameter has white space, quotes or punctuation around its value";
    Some((value.trim_matches(is_around).to_owned(), cause.into(), COPY))
}

/// A policy in another alphabet of base64, in hexadecimal, or as plain JSON.
fn alphabet(name: SigningParameter, value: &str) -> Value {
    const FIX: &str = "replace + by -, = by _ and / by ~ in Policy and Signature, and pad with _";
    if name != SigningParameter::Policy
        || base64::decode(value).is_some_and(|text| text.first() == Some(&b'{'))
    {
        return None;
    }
    if value.trim_start().starts_with('{') {
        let cause = "the policy was sent as JSON, without base64";
        let fix = "encode the policy in CloudFront's base64";
        return Some((base64::encode(value.as_bytes()), cause.into(), fix));
    }
    for (dash, underscore, tilde) in [
        ("+", "/", "="),
        ("+", "=", "/"),
        ("/", "=", "+"),
        ("=", "+", "/"),
        ("/", "+", "="),
        ("=", "/", "+"),
    ] {
        let text = value.replace('-', dash).replace(' ', "+");
        let text = text.replace('_', underscore).replace('~', tilde);
        let Some(bytes) = base64::decode_any(&text) else {
            continue;
        };
        if serde_json::from_slice::<serde_json::Value>(&bytes).is_ok_and(|json| json.is_object()) {
            let cause = if value.contains(['+', '=', '/', ' ']) {
                "Policy is in standard base64"
            } else {
                "Policy is in another alphabet of base64, such as base64url, or lost its padding"
            };
            return Some((base64::encode(&bytes), cause.into(), FIX));
        }
    }
    None
}

/// An expiry that is written as a date, with quotes, with a fraction, or with zeros in front.
fn expiry(name: SigningParameter, value: &str) -> Value {
    if name != SigningParameter::Expires || value.is_empty() {
        return None;
    }
    let bare = value.trim_matches(|c: char| c.is_whitespace() || "\"'+".contains(c));
    let digits = bare
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_start_matches('0');
    let seconds = if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        digits.to_owned()
    } else if let Ok(number) = bare.parse::<f64>() {
        format!("{number:.0}")
    } else {
        date(bare)?
    };
    let cause = format!("Expires was sent as {}", quoted(value));
    Some((
        seconds,
        cause,
        "send Expires as a number: Unix seconds, without quotes",
    ))
}

/// The Unix seconds of a date, as programs write it.
fn date(text: &str) -> Option<String> {
    match text.parse::<When>().ok()? {
        When::At(time) => Some(time.unix().to_string()),
        _ => None,
    }
}
