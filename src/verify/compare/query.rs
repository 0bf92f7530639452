//! The differences between two queries, as lists of parameters.

use std::collections::{HashMap, HashSet};

use super::change::ChangeKind;
use super::difference::{Difference, QUERY};
use super::spelling::{Effect, Spelling, decoded, folded};
use crate::url::resource::Resource;
use crate::url::signing_parameters::{is_signing, parameter_name};

const PARAMETER: &str = "the query parameter";

/// The differences between a signed query, or that of a pattern, and a requested one.
pub(super) fn query<'a>(
    signed: Option<&'a str>,
    received: Option<&'a str>,
    is_pattern: bool,
) -> Vec<Difference<'a>> {
    let (was, is) = (signed.unwrap_or_default(), received.unwrap_or_default());
    if signed == received || is_pattern && Resource::verbatim(was).covers(is) {
        return Vec::new();
    }
    let encoding = ChangeKind::QueryEncoding;
    if was == is {
        let [signed, received] = [signed, received].map(|query| query.and(Some("?")));
        return vec![Difference::new(
            encoding,
            "the empty query",
            signed,
            received,
        )];
    }
    let [separator, requested] = [separator(was, is), separator(is, was)];
    let mut pairing = Pairing {
        signed: parameters(was, separator),
        received: parameters(is, requested),
        pairs: Vec::new(),
    };
    pairing.pair(str::to_owned, |_, _| None);
    pairing.pair(
        |parameter| folded(parameter).trim_end_matches('=').to_owned(),
        spelled,
    );
    pairing.split_lists();
    pairing.pair(
        array_member,
        differing(encoding, QUERY, "another form of arrays"),
    );
    let changed = differing(ChangeKind::ParameterChanged, PARAMETER, "");
    pairing.pair(
        |parameter| decoded(parameter_name(parameter)),
        |signed, received| {
            let is_covered = is_pattern && Resource::verbatim(signed).covers(received);
            changed(signed, received).filter(|_| !is_covered)
        },
    );
    let renamed = "another spelling of the name";
    let renamed = differing(ChangeKind::ParameterChanged, PARAMETER, renamed);
    pairing.pair(loose, renamed);
    let mut found = Vec::new();
    if separator != requested {
        let mut between = Difference::new(encoding, QUERY, separator, requested)
            .noted("; or & between parameters");
        if [separator, requested].contains(&"&amp;") {
            between = Difference::new(ChangeKind::UrlText, "the HTML escape", separator, requested);
        }
        found.push(between);
    }
    found.extend(pairing.differences());
    found
}

/// The separator of a query: `&`, unless the other query has `&` where this one has an HTML escape
/// or a semicolon.
fn separator(own: &str, other: &str) -> &'static str {
    let stands_for =
        |text: &str| own.contains(text) && !other.contains(text) && other.contains('&');
    if stands_for("&amp;") {
        "&amp;"
    } else if stands_for(";") && !own.contains('&') {
        ";"
    } else {
        "&"
    }
}

/// A parameter with its name as if it were no member of an array: `a=1` for `a[0]=1`.
fn array_member(parameter: &str) -> String {
    let decoded = decoded(&parameter.replace('+', " "));
    let (name, value) = decoded.split_once('=').unwrap_or((&decoded, ""));
    format!("{}={value}", name.split('[').next().unwrap_or_default())
}

/// A parameter without the case and the punctuation of its name, in which frameworks differ.
fn loose(parameter: &str) -> String {
    let member = array_member(parameter);
    let (name, value) = member.split_once('=').unwrap_or((&member, ""));
    let name = name.to_lowercase().replace(['.', '_', '-', ' '], "");
    format!("{name}={value}")
}

/// Gives the difference between two parameters.
fn differing<'a>(
    kind: ChangeKind,
    subject: &'static str,
    note: &'static str,
) -> impl Fn(&'a str, &'a str) -> Option<Difference<'a>> {
    move |signed, received| Some(Difference::new(kind, subject, signed, received).noted(note))
}

fn spelled<'a>(signed: &'a str, received: &'a str) -> Option<Difference<'a>> {
    let encoding = Difference::new(ChangeKind::QueryEncoding, QUERY, signed, received);
    let (was, is) = (signed.trim_end_matches('='), received.trim_end_matches('='));
    if was == is {
        return Some(encoding.noted("empty values with or without ="));
    }
    let spelling = Spelling::between(was, is)?;
    let changed = Difference::new(ChangeKind::ParameterChanged, PARAMETER, signed, received);
    Some(match spelling.effect {
        Effect::Encoding => encoding.noted(spelling.note),
        Effect::Text | Effect::Case => changed.spelled(spelling),
    })
}

/// A parameter and its place in the query, or a member of a parameter that is a list.
#[derive(Clone)]
struct Parameter<'a> {
    at: usize,
    text: &'a str,
    member: Option<String>,
}

fn parameters<'a>(query: &'a str, separator: &str) -> Vec<Parameter<'a>> {
    let texts = query.split(separator).flat_map(|part| part.split('&'));
    let texts = texts.filter(|text| !text.is_empty()).enumerate();
    let parameters = texts.map(|(at, text)| Parameter {
        at,
        text,
        member: None,
    });
    parameters.collect()
}

impl Parameter<'_> {
    fn member(&self) -> &str {
        self.member.as_deref().unwrap_or(self.text)
    }
}

/// The parameters of one query, those whose values are joined by commas as the members that the
/// other query has.
fn split_lists<'a>(own: &[Parameter<'a>], other: &[Parameter<'a>]) -> Vec<Parameter<'a>> {
    let others: HashSet<String> = other.iter().map(|one| array_member(one.text)).collect();
    let mut split = Vec::new();
    for parameter in own {
        let joined = array_member(parameter.text);
        let (name, values) = joined.split_once('=').unwrap_or_default();
        let members = values.split(',').map(|value| format!("{name}={value}"));
        let members: Vec<String> = members.collect();
        if !members.iter().all(|member| others.contains(member)) {
            split.push(parameter.clone());
            continue;
        }
        split.extend(members.into_iter().map(|member| Parameter {
            member: Some(member),
            ..*parameter
        }));
    }
    split
}

/// Two parameters that stand for each other.
struct Pair<'a> {
    signed_at: usize,
    received_at: usize,
    difference: Option<Difference<'a>>,
}

/// The parameters of two queries, and those that stand for each other.
struct Pairing<'a> {
    signed: Vec<Parameter<'a>>,
    received: Vec<Parameter<'a>>,
    pairs: Vec<Pair<'a>>,
}

impl<'a> Pairing<'a> {
    /// Pairs what has the same key, in order.
    fn pair(
        &mut self,
        key: impl Fn(&str) -> String,
        difference: impl Fn(&'a str, &'a str) -> Option<Difference<'a>>,
    ) {
        let mut waiting: HashMap<String, Vec<Parameter<'a>>> = HashMap::new();
        for parameter in self.received.drain(..).rev() {
            let list = waiting.entry(key(parameter.member())).or_default();
            list.push(parameter);
        }
        for signed in std::mem::take(&mut self.signed) {
            let list = waiting.get_mut(&key(signed.member()));
            let Some(received) = list.and_then(Vec::pop) else {
                self.signed.push(signed);
                continue;
            };
            self.pairs.push(Pair {
                signed_at: signed.at,
                received_at: received.at,
                difference: difference(signed.text, received.text),
            });
        }
        self.received = waiting.into_values().flatten().collect();
        self.received.sort_unstable_by_key(|parameter| parameter.at);
    }

    fn split_lists(&mut self) {
        let signed = split_lists(&self.signed, &self.received);
        self.received = split_lists(&self.received, &self.signed);
        self.signed = signed;
    }

    fn differences(mut self) -> Vec<Difference<'a>> {
        let mut found = Vec::new();
        self.signed.dedup_by_key(|parameter| parameter.at);
        self.received.dedup_by_key(|parameter| parameter.at);
        self.pairs
            .sort_unstable_by_key(|pair| (pair.signed_at, pair.received_at));
        if !self.pairs.is_sorted_by_key(|pair| pair.received_at) {
            let order = Difference::new(ChangeKind::ParameterOrder, QUERY, None, None);
            found.push(order.noted("another order"));
        }
        found.extend(self.pairs.iter().filter_map(|pair| pair.difference));
        for signed in &self.signed {
            let removed =
                Difference::new(ChangeKind::ParameterRemoved, PARAMETER, signed.text, None);
            let note = "CloudFront removes signing parameters";
            let is_signing = is_signing(signed.text);
            found.push(removed.noted(if is_signing { note } else { "" }));
        }
        for received in &self.received {
            found.push(Difference::new(
                ChangeKind::ParameterAdded,
                PARAMETER,
                None,
                received.text,
            ));
        }
        found
    }
}
