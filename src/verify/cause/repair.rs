//! Damage that a request itself shows, undone: text around and inside the URL, and in the values of
//! its signing parameters.
//!
//! A repair touches only the place that it is about, and proves nothing by itself: the repaired
//! request is judged again.

use super::opened::alphabets;
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

/// A text without some damage, with the sentences that explain it; no cause if the change shows in
/// what was added.
struct Repaired {
    text: String,
    kind: ChangeKind,
    cause: String,
    fix: &'static str,
}

type UrlRepair = fn(&str) -> Vec<Repaired>;
type ValueRepair = fn(SigningParameter, &str) -> Option<Repaired>;

const URL_REPAIRS: &[UrlRepair] = &[inner_urls, replaced, end, question_marks, names, one_set];
const VALUE_REPAIRS: &[ValueRepair] = &[percent_encoded, foreign, dashes, policy, expiry];

/// What programs put in place of other texts: pairs of words, where `-` stands for nothing; the
/// cause; and the fix.
const REPLACEMENTS: &[(&str, &str, &str)] = &[
    (
        "=%0D%0A - =%0A - =3D = =26 & =3F ?",
        "the URL is in quoted-printable, as in the source of a mail: =3D stands for =",
        "decode the mail, or replace =3D by = and join its lines",
    ),
    (
        "%26amp%3B & %26amp; & &amp%3B & &amp; & &AMP; & ?amp; ? &#38; & &#038; & &#x26; & &#61; =",
        "& was replaced by &amp; or another HTML entity, as in the source of a page",
        "replace each &amp; in the URL with &, or decode the HTML",
    ),
    (
        "%5Cu0026 & %5Cu003d = u0026 & %5C/ /",
        "& was replaced by \\u0026, as in JSON",
        "parse the JSON, and use the string in it",
    ),
    (
        "%5C -",
        "the URL contains backslashes (\\), as for a shell, Markdown or JSON",
        "leave out the backslashes",
    ),
    (
        "%60 -",
        "the URL contains backticks (`), as for PowerShell",
        "leave out the backticks inside quotes",
    ),
    (
        "%5E -",
        "the URL contains carets (^), as for cmd.exe",
        "leave out the carets inside quotes",
    ),
    (
        "%22 -",
        "the URL contains quotation marks",
        "leave out the quotation marks",
    ),
    // With the indent and the quote mark that mail programs set behind a line break.
    (
        "%0D %0A %0A%20 %0A %0A%09 %0A %0A%3E %0A %0A -",
        "the URL was wrapped: it contains line breaks",
        "copy the URL without line breaks",
    ),
    (
        "%20& & &%20 & %20= = =%20 =",
        "the URL contains white space",
        COPY,
    ),
];

/// Delimiters that were encoded with the whole URL, so that it has no signature.
const DELIMITERS: (&str, &str, &str) = (
    "%3F ? %3D = %26 &",
    "?, = and & of the URL were percent-encoded, as in the query of another URL",
    "percent-decode the URL once",
);

const COPY: &str = "copy the URL exactly as the signer printed it";

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
            let is_known = attempts
                .iter()
                .any(|other| other.url == pair.url && other.parameters == pair.parameters);
            if !is_known && attempts.len() < MOST_ATTEMPTS {
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
        for repaired in URL_REPAIRS.iter().flat_map(|repair| repair(&self.url)) {
            if repaired.text == self.url {
                continue;
            }
            let mut attempt = self.clone();
            attempt.url.clone_from(&repaired.text);
            if self.parameters.carrier() == Carrier::Query {
                attempt.parameters = SigningParameters::of_url(&attempt.url);
                for value in &self.values {
                    attempt.repair_values(*value);
                }
            }
            attempt.explain(repaired);
            found.push(attempt);
        }
        for repair in VALUE_REPAIRS {
            let mut attempt = self.clone();
            if let Some(repaired) = attempt.repair_values(*repair) {
                attempt.values.push(*repair);
                attempt.explain(repaired);
                found.push(attempt);
            }
        }
        found
    }

    /// Applies a repair to each value, and returns the first that it changes.
    fn repair_values(&mut self, repair: ValueRepair) -> Option<Repaired> {
        let mut first = None;
        self.parameters = self.parameters.map_values(|name, value| {
            let repaired = repair(name, value).filter(|repaired| repaired.text != value);
            let text = repaired
                .as_ref()
                .map_or(value, |repaired| &repaired.text)
                .to_owned();
            first = first.take().or(repaired);
            text
        });
        first
    }

    fn explain(&mut self, repaired: Repaired) {
        let Repaired {
            kind, cause, fix, ..
        } = repaired;
        if !cause.is_empty() && !self.changes.iter().any(|change| change.text == cause) {
            let (signed, received, text) = (None, None, cause);
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

fn damaged(text: String, cause: impl Into<String>, fix: &'static str) -> Repaired {
    let (kind, cause) = (ChangeKind::UrlText, cause.into());
    Repaired {
        text,
        kind,
        cause,
        fix,
    }
}

fn replaced(url: &str) -> Vec<Repaired> {
    let mut replacements = REPLACEMENTS.to_vec();
    if !url.contains("&Signature=") {
        replacements.push(DELIMITERS);
    }
    let mut found = Vec::new();
    for (pairs, cause, fix) in replacements {
        let mut text = url.to_owned();
        let mut words = pairs.split(' ');
        while let (Some(from), Some(to)) = (words.next(), words.next()) {
            while text.contains(from) {
                text = text.replace(from, to.trim_matches('-'));
            }
        }
        found.push(damaged(text, cause, fix));
    }
    found
}

/// Signed URLs inside this one: behind a redirector, in the query of another page, pasted twice.
fn inner_urls(url: &str) -> Vec<Repaired> {
    let lower = url.to_ascii_lowercase();
    let mut found = Vec::new();
    for (place, _) in lower.match_indices("http").skip(1).take(6) {
        let rest = &url[place..];
        let value = rest.split('&').next().unwrap_or_default();
        let mut texts = vec![rest.to_owned(), from_urldefense(value)];
        for _ in 0..3 {
            let decoded = percent::decode(texts.last().map_or(value, String::as_str)).into_owned();
            texts.push(percent::as_sent(&decoded));
        }
        texts.insert(1, percent::as_sent(&percent::decode(value)));
        for text in texts {
            if !text.contains("Signature=") || !text.contains("Key-Pair-Id=") {
                continue;
            }
            if place < 9 {
                let cause = "the URL begins with its scheme twice";
                found.push(damaged(text, cause, "remove the first https://"));
                continue;
            }
            let cause = "the signed URL is wrapped inside another URL";
            let repaired = damaged(text, cause, "request the signed URL inside it");
            found.push(Repaired {
                kind: ChangeKind::UrlInUrl,
                ..repaired
            });
        }
    }
    found
}

/// The URL in the parameter `u` of urldefense, version 2: `-XX` for bytes and `_` for `/`.
fn from_urldefense(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let escape = rest.get(1..3).filter(|_| c == '-');
        if let Some(Ok(byte)) = escape.map(|digits| u8::from_str_radix(digits, 16)) {
            decoded.push(char::from(byte));
            rest = &rest[3..];
        } else {
            decoded.push(if c == '_' { '/' } else { c });
            rest = &rest[c.len_utf8()..];
        }
    }
    decoded
}

/// What follows the last signing parameter and does not belong to it.
fn end(url: &str) -> Vec<Repaired> {
    let values = SigningParameter::ALL.iter().filter_map(|name| {
        let name = format!("{name}=");
        Some(url.rfind(&name)? + name.len())
    });
    let Some(start) = values.max() else {
        return Vec::new();
    };
    let value = url[start..].split('&').next().unwrap_or_default();
    let rest = &url[start + value.len()..];
    let is_own = |c: char| c.is_ascii_alphanumeric() || "-_~".contains(c);
    let foreign = value.find(|c: char| !is_own(c)).unwrap_or(value.len());
    let kept = value[..foreign].trim_end_matches(['_', '~', '-']).len();
    let mut found = Vec::new();
    for length in [foreign, kept] {
        if length < value.len() {
            let tail = quoted(&percent::decode(&value[length..]));
            let cause = format!(
                "the URL has {tail} at its end: punctuation or white space that does not belong to it"
            );
            let whole = &url[..start + length];
            for text in [format!("{whole}{rest}"), whole.to_owned()] {
                found.push(damaged(
                    text,
                    cause.clone(),
                    "copy the URL without what follows it",
                ));
            }
        }
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
    if let Some((before, added)) = query.rsplit_once('?')
        && before.contains("Signature=")
    {
        found.push(damaged(format!("{base}?{before}&{added}"), "", ""));
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
    let bare = bare.strip_prefix("CloudFront-").unwrap_or(bare);
    SigningParameter::ALL
        .into_iter()
        .find(|parameter| parameter.name().eq_ignore_ascii_case(bare))
}

/// The last, or the first, set of signing parameters of a URL that was signed twice.
fn one_set(url: &str) -> Vec<Repaired> {
    let is_twice = SigningParameters::of_url(url)
        .all(SigningParameter::Signature)
        .count()
        > 1;
    let Some((base, query)) = url.split_once('?').filter(|_| is_twice) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for which in ["last", "first"] {
        let mut parameters: Vec<&str> = query.split('&').collect();
        let mut seen = Vec::new();
        if which == "last" {
            parameters.reverse();
        }
        parameters.retain(|parameter| {
            let name = Name::of(parameter.split('=').next().unwrap_or_default());
            let is_again = name != Name::Own && seen.contains(&name);
            seen.push(name);
            !is_again
        });
        if which == "last" {
            parameters.reverse();
        }
        let cause = format!("the URL was signed twice: only its {which} signature is valid");
        let fix = "sign the URL once, and remove the other signing parameters";
        found.push(damaged(
            format!("{base}?{}", parameters.join("&")),
            cause,
            fix,
        ));
    }
    found
}

fn percent_encoded(_: SigningParameter, value: &str) -> Option<Repaired> {
    let cause = "the signing parameters were percent-encoded once more";
    let fix = "send their values as they are; they need no percent-encoding";
    Some(damaged(percent::decode(value).into_owned(), cause, fix))
}

/// White space, invisible characters and markup.
fn foreign(_: SigningParameter, value: &str) -> Option<Repaired> {
    let is_own = |c: char| c.is_ascii_alphanumeric() || "-_~+/=%.:'".contains(c);
    let foreign = value.chars().find(|c| !is_own(*c))?;
    let what = match foreign {
        '\n' | '\r' => "a line break".to_owned(),
        c if c.is_ascii_whitespace() => "white space".to_owned(),
        c if c.is_ascii() => format!("{c:?}, which does not belong to it"),
        c => format!("U+{:04X}, an invisible or foreign character", u32::from(c)),
    };
    let fix = if foreign.is_ascii_whitespace() {
        "encode without line breaks (base64 -w 0), and copy the URL without white space"
    } else {
        "remove it, or copy the URL exactly as the signer printed it"
    };
    let kept = value.chars().filter(|c| is_own(*c)).collect();
    Some(damaged(
        kept,
        format!("a signing parameter contains {what}"),
        fix,
    ))
}

/// An en or em dash for two hyphens.
fn dashes(_: SigningParameter, value: &str) -> Option<Repaired> {
    let cause = "a signing parameter has a typographic dash in place of hyphens (--)";
    let fix = "copy the URL where no program sets dashes for --";
    Some(damaged(
        value.replace(['\u{2013}', '\u{2014}'], "--"),
        cause,
        fix,
    ))
}

/// A policy in another alphabet of base64, or as plain JSON.
fn policy(name: SigningParameter, value: &str) -> Option<Repaired> {
    if name != SigningParameter::Policy
        || base64::decode(value).is_some_and(|text| text.starts_with(b"{"))
    {
        return None;
    }
    if value.trim_start().starts_with('{') {
        let cause = "the policy was sent as JSON, without base64";
        let fix = "encode the policy in CloudFront's base64";
        return Some(damaged(base64::encode(value.as_bytes()), cause, fix));
    }
    let bare = value
        .strip_prefix('b')
        .unwrap_or(value)
        .trim_matches(['\'', '"']);
    let (bytes, alphabet) = alphabets(if bare.starts_with("ey") { bare } else { value })
        .into_iter()
        .find(|(bytes, _)| bytes.trim_ascii_start().starts_with(b"{"))?;
    let cause = format!("Policy was sent {alphabet}");
    let fix = "replace + by -, = by _ and / by ~ in Policy and Signature, and pad with _";
    Some(damaged(base64::encode(&bytes), cause, fix))
}

/// An expiry that is written as a date, with quotes, with a fraction, or with zeros in front.
fn expiry(name: SigningParameter, value: &str) -> Option<Repaired> {
    if name != SigningParameter::Expires {
        return None;
    }
    let bare = value.trim_matches(|c: char| c.is_whitespace() || "\"'+".contains(c));
    let digits = bare
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_start_matches('0');
    let seconds = match bare.parse::<When>() {
        _ if digits.parse::<u64>().is_ok() => digits.to_owned(),
        Ok(When::At(time)) => time.unix().to_string(),
        _ => format!("{:.0}", bare.parse::<f64>().ok()?),
    };
    let cause = format!("Expires was sent as {}", quoted(value));
    let fix = "send Expires as a number: Unix seconds, without quotes";
    Some(damaged(seconds, cause, fix))
}
