//! The differences between two queries, as lists of parameters.

use std::collections::HashMap;

use super::change::ChangeKind;
use super::difference::{Difference, QUERY};
use super::spelling::{Spelling, decoded, folded};
use crate::url::resource::Resource;
use crate::url::signing_parameters::Name;

const PARAMETER: &str = "the query parameter";

/// The most parameters that are compared with each other, and the most members of an array.
const LOOKED_AT: usize = 50;

/// The differences between a signed query, or that of a pattern, and a requested one.
pub(super) fn query<'a>(
    signed: Option<&'a str>,
    received: Option<&'a str>,
    is_pattern: bool,
) -> Vec<Difference<'a>> {
    if signed == received {
        return Vec::new();
    }
    let (was, is) = (signed.unwrap_or_default(), received.unwrap_or_default());
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
        signed: Parameter::list(was, separator),
        received: Parameter::list(is, requested),
        pairs: Vec::new(),
    };
    pairing.pair(str::to_owned, |_, _| None);
    pairing.pair(
        |parameter| folded(parameter).trim_end_matches('=').to_owned(),
        spelled,
    );
    pairing.pair(array_member, arrays);
    pairing.pair_joined();
    pairing.pair(
        |parameter| decoded(name(parameter)),
        |signed, received| {
            let is_covered = is_pattern && Resource::verbatim(signed).covers(received);
            changed(signed, received).filter(|_| !is_covered)
        },
    );
    pairing.pair(loose, renamed);
    if is_pattern && was.ends_with('*') {
        pairing.drop_rest();
    }
    let mut found = Vec::new();
    if separator != requested {
        let mut between = Difference::new(encoding, QUERY, separator, requested)
            .noted("; or & between parameters");
        if [separator, requested].contains(&"&amp;") {
            between = Difference::new(ChangeKind::UrlText, "the HTML escape", separator, requested);
        }
        found.push(between);
    }
    found.extend(pairing.differences(is_pattern));
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

/// The name of a parameter, not decoded.
fn name(parameter: &str) -> &str {
    parameter.split('=').next().unwrap_or_default()
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
    format!(
        "{}={value}",
        name.to_lowercase().replace(['.', '_', '-', ' '], "")
    )
}

fn changed<'a>(signed: &'a str, received: &'a str) -> Option<Difference<'a>> {
    Some(Difference::new(
        ChangeKind::ParameterChanged,
        PARAMETER,
        signed,
        received,
    ))
}

fn renamed<'a>(signed: &'a str, received: &'a str) -> Option<Difference<'a>> {
    changed(signed, received).map(|own| own.noted("another spelling of the name"))
}

fn arrays<'a>(signed: &'a str, received: &'a str) -> Option<Difference<'a>> {
    let arrays = Difference::new(ChangeKind::QueryEncoding, QUERY, signed, received);
    Some(arrays.noted("another form of arrays"))
}

fn spelled<'a>(signed: &'a str, received: &'a str) -> Option<Difference<'a>> {
    let encoding = Difference::new(ChangeKind::QueryEncoding, QUERY, signed, received);
    let (was, is) = (signed.trim_end_matches('='), received.trim_end_matches('='));
    if was == is {
        return Some(encoding.noted("empty values with or without ="));
    }
    let spelling = Spelling::between(was, is)?;
    let spelled = changed(signed, received)?.spelled(spelling, ChangeKind::QueryEncoding);
    let is_encoding = spelled.kind == ChangeKind::QueryEncoding;
    Some(if is_encoding {
        encoding.noted(spelling.note)
    } else {
        spelled
    })
}

/// A parameter and its place in the query.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Parameter<'a> {
    at: usize,
    text: &'a str,
}

impl<'a> Parameter<'a> {
    fn list(query: &'a str, separator: &str) -> Vec<Self> {
        let texts = query.split(separator).flat_map(|part| part.split('&'));
        let texts = texts.filter(|text| !text.is_empty()).enumerate();
        texts.map(|(at, text)| Parameter { at, text }).collect()
    }
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
    fn add(
        &mut self,
        signed: Parameter<'a>,
        received: Parameter<'a>,
        difference: Option<Difference<'a>>,
    ) {
        self.pairs.push(Pair {
            signed_at: signed.at,
            received_at: received.at,
            difference,
        });
    }

    /// Pairs what has the same key, in order.
    fn pair(
        &mut self,
        key: impl Fn(&str) -> String,
        difference: impl Fn(&'a str, &'a str) -> Option<Difference<'a>>,
    ) {
        let mut waiting: HashMap<String, Vec<Parameter<'a>>> = HashMap::new();
        for parameter in self.received.drain(..).rev() {
            waiting
                .entry(key(parameter.text))
                .or_default()
                .push(parameter);
        }
        for signed in std::mem::take(&mut self.signed) {
            match waiting.get_mut(&key(signed.text)).and_then(Vec::pop) {
                Some(received) => {
                    self.add(signed, received, difference(signed.text, received.text))
                }
                None => self.signed.push(signed),
            }
        }
        self.received = waiting.into_values().flatten().collect();
        self.received.sort_unstable_by_key(|parameter| parameter.at);
    }

    /// Drops the parameters that the `*` at the end of a pattern covers beside its own partner.
    fn drop_rest(&mut self) {
        let last = self.pairs.iter().map(|pair| pair.signed_at).max();
        if self.signed.iter().all(|signed| Some(signed.at) < last) {
            self.received.clear();
        }
    }

    /// Pairs the members of an array with the parameter that has their values joined by commas.
    fn pair_joined(&mut self) {
        for (one, member) in take_joined(&mut self.received, &mut self.signed) {
            self.add(member, one, arrays(member.text, one.text));
        }
        for (one, member) in take_joined(&mut self.signed, &mut self.received) {
            self.add(one, member, arrays(one.text, member.text));
        }
    }

    fn differences(mut self, is_pattern: bool) -> Vec<Difference<'a>> {
        let mut found = Vec::new();
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
            if matches!(Name::of(name(signed.text)), Name::Signing(_)) {
                found.push(removed.noted("CloudFront removes signing parameters"));
            // A `*` also stands for nothing.
            } else if !is_pattern || signed.text != "*" {
                found.push(removed);
            }
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

/// Takes parameters with values joined by commas out of one list, and their members out of another.
fn take_joined<'a>(
    ones: &mut Vec<Parameter<'a>>,
    many: &mut Vec<Parameter<'a>>,
) -> Vec<(Parameter<'a>, Parameter<'a>)> {
    let mut pairs = Vec::new();
    if ones.len().max(many.len()) > LOOKED_AT {
        return pairs;
    }
    ones.retain(|one| {
        let joined = array_member(one.text);
        let (name, values) = joined.split_once('=').unwrap_or_default();
        let values: Vec<&str> = values.split(',').take(LOOKED_AT).collect();
        let is_member =
            |own: &&Parameter<'_>, value: &str| array_member(own.text) == format!("{name}={value}");
        let found = values
            .iter()
            .filter_map(|value| many.iter().find(|own| is_member(own, value)));
        let found: Vec<Parameter<'a>> = found.copied().collect();
        if values.len() < 2 || found.len() < values.len() {
            return true;
        }
        many.retain(|own| !found.contains(own));
        pairs.extend(found.into_iter().map(|member| (*one, member)));
        false
    });
    pairs
}
