//! Damage that a request itself shows, undone: text around and inside the URL, and in the values of
//! its signing parameters.
//!
//! A repair touches only the place that it is about, and proves nothing by itself: the repaired
//! request is judged again.

use super::finding::Finding;
use super::opened::alphabets;
use super::rules::replaced as with_replacements;
use crate::base64;
use crate::error::quoted;
use crate::time::When;
use crate::url::percent;
use crate::url::signing_parameters::{Name, SigningParameter};
use crate::verify::compare::ChangeKind;
use crate::verify::parameters::{Carrier, SigningParameters};

/// A request after some repairs.
#[derive(Clone)]
pub(super) struct Attempt {
    /// The URL as text, with the fragment that it was given with.
    pub(super) url: String,
    pub(super) parameters: SigningParameters,
    is_of_values: bool,
    pub(super) findings: Vec<Finding>,
}

/// A text without some damage, and what explains it, but for a change that shows in what was added.
struct Repaired {
    text: String,
    finding: Option<Finding>,
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
        is_of_values: false,
        findings: Vec::new(),
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
    /// This request with each repair that changes something; the URL is repaired before values.
    fn repaired(&self) -> Vec<Attempt> {
        let mut found = Vec::new();
        let url_repairs = if self.is_of_values { &[] } else { URL_REPAIRS };
        for repaired in url_repairs.iter().flat_map(|repair| repair(&self.url)) {
            let mut attempt = self.clone();
            attempt.url = repaired.text;
            if self.parameters.carrier() == Carrier::Query {
                attempt.parameters = SigningParameters::of_url(&attempt.url);
            }
            if attempt.url != self.url {
                attempt.explain(repaired.finding);
                found.push(attempt);
            }
        }
        for repair in VALUE_REPAIRS {
            let mut attempt = self.clone();
            attempt.is_of_values = true;
            let mut finding = None;
            attempt.parameters = self.parameters.map_values(|name, value| {
                let repaired = repair(name, value).filter(|repaired| repaired.text != value);
                let Some(repaired) = repaired else {
                    return value.to_owned();
                };
                finding = finding.take().or(repaired.finding);
                repaired.text
            });
            if finding.is_some() {
                attempt.explain(finding);
                found.push(attempt);
            }
        }
        found
    }

    fn explain(&mut self, finding: Option<Finding>) {
        let mut known = self.findings.iter();
        if let Some(finding) = finding
            && !known.any(|own| own.change == finding.change)
        {
            self.findings.push(finding);
        }
    }
}

fn damaged(text: String, cause: impl Into<String>, fix: &'static str) -> Repaired {
    let finding = Some(Finding::new(ChangeKind::UrlText, cause, fix));
    Repaired { text, finding }
}

fn replaced(url: &str) -> Vec<Repaired> {
    let mut found = Vec::new();
    for (pairs, cause, fix) in REPLACEMENTS {
        let mut text = url.to_owned();
        // What is escaped several times.
        for _ in 0..4 {
            text = with_replacements(&text, pairs);
        }
        found.push(damaged(text, *cause, fix));
    }
    if !url.contains("&Signature=") {
        let (pairs, cause, fix) = DELIMITERS;
        found.push(damaged(with_replacements(url, pairs), cause, fix));
    }
    found
}

/// Signed URLs inside this one: behind a redirector, in the query of another page, pasted twice.
fn inner_urls(url: &str) -> Vec<Repaired> {
    let lower = url.to_ascii_lowercase();
    let mut found = Vec::new();
    for (place, _) in lower.match_indices("http").skip(1).take(6) {
        let value = url[place..].split('&').next().unwrap_or_default();
        // urldefense, version 2, has `-XX` for bytes and `_` for `/`.
        let urldefense = with_replacements(value, "_ / - %");
        let mut texts = vec![url[place..].to_owned()];
        for start in [value, &urldefense, &url[place..]] {
            let mut text = start.to_owned();
            for _ in 0..3 {
                text = percent::as_sent(&percent::decode(&text));
                texts.push(text.clone());
            }
        }
        texts.retain(|text| text.contains("Signature=") && text.contains("Key-Pair-Id="));
        for text in texts {
            let finding = if place < 9 {
                let cause = "the URL begins with its scheme twice";
                Finding::new(ChangeKind::UrlText, cause, "remove the first https://")
            } else {
                let cause = "the signed URL is wrapped inside another URL";
                let fix = "request the signed URL inside it";
                Finding::new(ChangeKind::UrlInUrl, cause, fix)
            };
            found.push(Repaired {
                text,
                finding: Some(finding),
            });
        }
    }
    found
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
        let (whole, tail) = (&url[..start + length], &value[length..]);
        let tail = quoted(&percent::decode(tail));
        let cause = format!(
            "the URL has {tail} at its end: punctuation or white space that does not belong to it"
        );
        for rest in [rest, ""] {
            let fix = "copy the URL without what follows it";
            if length < value.len() {
                found.push(damaged(format!("{whole}{rest}"), cause.as_str(), fix));
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
    let cause = "the signing parameters were added with a second ?";
    let fix = "add them with & where the URL has a query";
    let text = format!("{base}?{}", query.replace('?', "&"));
    let mut found = vec![damaged(text, cause, fix)];
    if let Some((before, added)) = query.rsplit_once('?')
        && before.contains("Signature=")
    {
        let text = format!("{base}?{before}&{added}");
        let finding = None;
        found.insert(0, Repaired { text, finding });
    }
    found
}

/// The names of signing parameters spelled right: in another case, as those of cookies, or with
/// other characters in and around them.
fn names(url: &str) -> Vec<Repaired> {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let mut parameters = Vec::new();
    for parameter in query.split('&') {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let own = letters(&percent::decode(name));
        let own = own.strip_prefix("cloudfront").unwrap_or(&own);
        let mut all = SigningParameter::ALL.iter();
        parameters.push(match all.find(|exact| letters(exact.name()) == own) {
            Some(exact) => format!("{exact}={value}"),
            None => parameter.to_owned(),
        });
    }
    let text = format!("{base}?{}", parameters.join("&"));
    let cause = "the name of a signing parameter is misspelled";
    let fix =
        "use the case-sensitive names Policy, Expires, Signature, Key-Pair-Id and Hash-Algorithm";
    vec![damaged(text, cause, fix)]
}

fn letters(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

/// The last, or the first, set of signing parameters of a URL that was signed twice.
fn one_set(url: &str) -> Vec<Repaired> {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let mut last = first_of_each(query.rsplit('&'));
    last.reverse();
    let first = first_of_each(query.split('&'));
    let mut found = Vec::new();
    for (which, parameters) in [("last", last), ("first", first)] {
        let text = format!("{base}?{}", parameters.join("&"));
        let cause = format!("the URL was signed twice: only its {which} signature is valid");
        let fix = "sign the URL once, and remove the other signing parameters";
        found.push(damaged(text, cause, fix));
    }
    found
}

/// Some parameters without signing parameters whose name was there before.
fn first_of_each<'a>(parameters: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut kept = Vec::new();
    let mut seen = Vec::new();
    for parameter in parameters {
        let name = Name::of(parameter.split('=').next().unwrap_or_default());
        if name == Name::Own || !seen.contains(&name) {
            kept.push(parameter);
        }
        seen.push(name);
    }
    kept
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
    let is_json = |bytes: &[u8]| bytes.trim_ascii_start().starts_with(b"{");
    let is_read = base64::decode(value).is_some_and(|text| text.starts_with(b"{"));
    if name != SigningParameter::Policy || is_read {
        return None;
    }
    if is_json(value.as_bytes()) {
        let cause = "the policy was sent as JSON, without base64";
        let fix = "encode the policy in CloudFront's base64";
        return Some(damaged(base64::encode(value.as_bytes()), cause, fix));
    }
    let bare = value.trim_start_matches('b').trim_matches(['\'', '"']);
    let mut alphabets = alphabets(bare).into_iter();
    let (bytes, alphabet) = alphabets.find(|(bytes, _)| is_json(bytes))?;
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
    let digits = bare.split('.').next().unwrap_or_default();
    let digits = digits.trim_start_matches('0');
    let seconds = match bare.parse::<When>() {
        _ if digits.parse::<u64>().is_ok() => digits.to_owned(),
        Ok(When::At(time)) => time.unix().to_string(),
        _ => format!("{:.0}", bare.parse::<f64>().ok()?),
    };
    let cause = format!("Expires was sent as {}", quoted(value));
    let fix = "send Expires as a number: Unix seconds, without quotes";
    Some(damaged(seconds, cause, fix))
}
