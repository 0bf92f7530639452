//! Damage that a request itself shows, undone: text around and inside the URL, and in the values of
//! its signing parameters.
//!
//! A repair touches only the place that it is about, and proves nothing by itself: the repaired
//! request is judged again.

use super::finding::Finding;
use super::opened::alphabets;
use super::rules::replaced;
use crate::base64;
use crate::time::When;
use crate::url::percent;
use crate::url::signing_parameters::{SigningParameter, letters};
use crate::verify::compare::ChangeKind;
use crate::verify::parameters::{Carrier, SigningParameters};

/// A request after some repairs.
#[derive(Clone)]
pub(super) struct Attempt {
    /// The URL as text, with the fragment that it was given with.
    pub(super) url: String,
    pub(super) parameters: SigningParameters,
    are_values_repaired: bool,
    pub(super) findings: Vec<Finding>,
}

/// The way in which damage is undone, which changes nothing where there is none.
enum Undo {
    /// By putting words in place of others: pairs, where `-` stands for nothing.
    Words(&'static str),
    /// In the whole URL, in one or several ways.
    Url(fn(&str) -> Vec<String>),
    /// By the signed URL inside this one.
    Inner(fn(&str) -> Vec<String>),
    /// By leaving the first or the last of each signing parameter.
    OneSet,
    /// In the value of each signing parameter.
    Value(fn(SigningParameter, &str) -> Option<String>),
}

use Undo::{Inner, OneSet, Url, Value, Words};

/// What happens to URLs as text, in words; the fix; and the way in which it is undone. No words if
/// the change shows in what was added.
const DAMAGES: &[(&str, &str, Undo)] = &[
    (
        "the signed URL is wrapped inside another URL",
        "request the signed URL inside it",
        Inner(inner_urls),
    ),
    (
        "the URL is in quoted-printable, as in the source of a mail: =3D stands for =",
        "decode the mail, or replace =3D by = and join its lines",
        Words("=%0D%0A - =%0A - =3D = =26 & =3F ?"),
    ),
    (
        "& was replaced by &amp; or another HTML entity, as in the source of a page",
        "replace each &amp; in the URL with &, or decode the HTML",
        Words(
            "%26amp%3B & %26amp; & &amp%3B & &amp; & &AMP; & ?amp; ? &#38; & &#038; & &#x26; & \
             &#61; =",
        ),
    ),
    (
        "& was replaced by \\u0026, as in JSON",
        "parse the JSON, and use the string in it",
        Words("%5Cu0026 & %5Cu003d = u0026 & %5C/ /"),
    ),
    (
        "the URL contains backslashes, backticks (`), carets or quotation marks, as for a shell",
        "leave them out",
        Words("%5C - %60 - %5E - %22 -"),
    ),
    // With the indent and the quote mark that mail programs set behind a line break.
    (
        "the URL was wrapped: it contains line breaks or other white space",
        "copy the URL exactly as the signer printed it",
        Words("%0D %0A %0A%20 %0A %0A%09 %0A %0A%3E %0A %0A - %20& & &%20 & %20= = =%20 ="),
    ),
    (
        "?, = and & of the URL were percent-encoded, as in the query of another URL",
        "percent-decode the URL once",
        Url(delimiters),
    ),
    (
        "the URL has punctuation, white space or other characters at its end that do not belong to \
         it",
        "copy the URL without what follows it",
        Url(end),
    ),
    (
        "",
        "",
        Url(|url| match url.rsplit_once('?') {
            Some((before, added)) if before.contains("Signature=") => {
                vec![format!("{before}&{added}")]
            }
            _ => Vec::new(),
        }),
    ),
    (
        "the signing parameters were added with the wrong separator",
        "add them with ? where the URL has no query, and with & where it has one",
        Url(|url| vec![url.replace('?', "&").replacen('&', "?", 1)]),
    ),
    (
        "the name of a signing parameter is misspelled",
        "use the case-sensitive names Policy, Expires, Signature, Key-Pair-Id and Hash-Algorithm",
        Url(names),
    ),
    (
        "the signing parameters were sent twice: one set of them is valid by itself",
        "send one set of them: sign the URL once, or delete the cookies of another Path or Domain",
        OneSet,
    ),
    (
        "the signing parameters were percent-encoded once more",
        "send their values as they are; they need no percent-encoding",
        Value(|_, value| Some(percent::decode(value).into_owned())),
    ),
    (
        "a signing parameter contains white space, a line break or other characters that do not \
         belong to it",
        "encode without line breaks (base64 -w 0), and copy the URL or cookie exactly as the signer \
         printed it",
        Value(|_, value| Some(value.replace(is_foreign, ""))),
    ),
    (
        "a signing parameter has a typographic dash in place of hyphens (--)",
        "copy the URL or cookie where no program sets dashes for --",
        Value(|_, value| Some(value.replace(['\u{2013}', '\u{2014}'], "--"))),
    ),
    (
        "Policy was sent as JSON, in standard base64 or in base64url",
        "encode Policy and Signature in base64 with - for +, _ for = and ~ for /",
        Value(policy),
    ),
    (
        "Expires was sent as a date, in quotes, with a fraction or an exponent",
        "send Expires as a number: Unix seconds, without quotes",
        Value(expiry),
    ),
];

/// The most requests that are judged again.
const MOST_ATTEMPTS: usize = 80;

/// The request with one repair, then with two.
pub(super) fn attempts(url: &str, parameters: &SigningParameters) -> Vec<Attempt> {
    let received = Attempt {
        url: url.to_owned(),
        parameters: parameters.clone(),
        are_values_repaired: false,
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
        for (cause, fix, undo) in DAMAGES {
            let kind = match undo {
                Inner(_) => ChangeKind::UrlInUrl,
                OneSet | Value(_) if self.parameters.carrier() == Carrier::Cookies => {
                    ChangeKind::Cookie
                }
                _ => ChangeKind::UrlText,
            };
            for mut attempt in self.undone(undo) {
                let is_known = attempt.findings.iter().any(|own| own.change.text == *cause);
                if !cause.is_empty() && !is_known {
                    attempt.findings.push(Finding::new(kind, *cause, *fix));
                }
                if attempt.url != self.url || attempt.parameters != self.parameters {
                    found.push(attempt);
                }
            }
        }
        found
    }

    fn undone(&self, undo: &Undo) -> Vec<Attempt> {
        let urls = match undo {
            Value(undo) => {
                let parameters = self.parameters.map_values(|name, value| {
                    let repaired = undo(name, value);
                    repaired.unwrap_or_else(|| value.to_owned())
                });
                return vec![self.with_parameters(parameters)];
            }
            OneSet => {
                let sets = self.parameters.sets().into_iter();
                return sets.map(|set| self.with_parameters(set)).collect();
            }
            _ if self.are_values_repaired => return Vec::new(),
            // Four times, for what is escaped again and again.
            Words(pairs) => vec![(0..4).fold(self.url.clone(), |url, _| replaced(&url, pairs))],
            Url(undo) | Inner(undo) => undo(&self.url),
        };
        let mut attempts = Vec::new();
        for url in urls {
            let mut attempt = self.clone();
            if self.parameters.carrier() == Carrier::Query {
                attempt.parameters = SigningParameters::of_url(&url);
            }
            attempt.url = url;
            attempts.push(attempt);
        }
        attempts
    }

    fn with_parameters(&self, parameters: SigningParameters) -> Attempt {
        Attempt {
            parameters,
            are_values_repaired: true,
            ..self.clone()
        }
    }
}

fn delimiters(url: &str) -> Vec<String> {
    if url.contains("&Signature=") {
        return Vec::new();
    }
    vec![replaced(url, "%3F ? %3D = %26 &")]
}

/// Signed URLs inside this one: behind a redirector, in the query of another page, pasted twice.
fn inner_urls(url: &str) -> Vec<String> {
    let lower = url.to_ascii_lowercase();
    let mut texts = Vec::new();
    for (place, _) in lower.match_indices("http").skip(1).take(6) {
        let rest = &url[place..];
        let value = rest.split('&').next().unwrap_or_default();
        // urldefense, version 2, has `-XX` for bytes and `_` for `/`.
        let urldefense = replaced(value, "_ / - %");
        texts.push(rest.to_owned());
        for start in [value, &urldefense, rest] {
            let mut text = start.to_owned();
            for _ in 0..3 {
                text = percent::as_sent(&percent::decode(&text));
                texts.push(text.clone());
            }
        }
    }
    texts.retain(|text| text.contains("Signature=") && text.contains("Key-Pair-Id="));
    texts
}

/// Without what follows the last signing parameter and does not belong to it.
fn end(url: &str) -> Vec<String> {
    let values = SigningParameter::ALL.iter().filter_map(|name| {
        let name = format!("{name}=");
        Some(url.rfind(&name)? + name.len())
    });
    let start = values.max().unwrap_or(url.len());
    let value = url[start..].split('&').next().unwrap_or_default();
    let rest = &url[start + value.len()..];
    let is_own = |c: char| c.is_ascii_alphanumeric() || "-_~".contains(c);
    let own = value.split(|c| !is_own(c)).next().unwrap_or_default();
    let mut found = Vec::new();
    for kept in [own, own.trim_end_matches(['_', '~', '-'])] {
        let whole = format!("{}{kept}", &url[..start]);
        if kept.len() < value.len() {
            found.extend([format!("{whole}{rest}"), whole]);
        }
    }
    found
}

/// The names of signing parameters spelled right: in another case, as those of cookies, or with
/// other characters in and around them.
fn names(url: &str) -> Vec<String> {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let mut parameters = Vec::new();
    for parameter in query.split('&') {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let letters: String = letters(&percent::decode(name)).map(char::from).collect();
        let own = letters.strip_prefix("cloudfront").unwrap_or(&letters);
        parameters.push(match SigningParameter::resembling(own) {
            Some(exact) => format!("{exact}={value}"),
            None => parameter.to_owned(),
        });
    }
    vec![format!("{base}?{}", parameters.join("&"))]
}

fn is_foreign(c: char) -> bool {
    !c.is_ascii_alphanumeric() && !"-_~+/=%.:'".contains(c)
}

/// A policy in another alphabet of base64, or as plain JSON.
fn policy(name: SigningParameter, value: &str) -> Option<String> {
    let is_json = |bytes: &[u8]| bytes.trim_ascii_start().starts_with(b"{");
    let is_read = base64::decode(value).is_some_and(|text| text.starts_with(b"{"));
    if name != SigningParameter::Policy || is_read {
        return None;
    }
    if is_json(value.as_bytes()) {
        return Some(base64::encode(value.as_bytes()));
    }
    let bare = value.trim_start_matches('b').trim_matches(['\'', '"']);
    let mut alphabets = alphabets(bare).into_iter();
    let (bytes, _) = alphabets.find(|(bytes, _)| is_json(bytes))?;
    Some(base64::encode(&bytes))
}

/// An expiry that is written as a date, with quotes, with a fraction, or with zeros in front.
fn expiry(name: SigningParameter, value: &str) -> Option<String> {
    if name != SigningParameter::Expires {
        return None;
    }
    let bare = value.trim_matches(|c: char| c.is_whitespace() || "\"'+".contains(c));
    let number = bare.parse::<f64>().ok();
    match (number.filter(|number| *number < 1e13), bare.parse()) {
        (Some(number), _) => Some(format!("{:.0}", number.trunc())),
        (None, Ok(When::At(time))) => Some(time.unix().to_string()),
        _ => None,
    }
}
