//! The other queries that may have been signed.

use super::super::change::Variants;
use super::Rest;
use crate::error::quoted;

/// Prefixes of the names of parameters that mail, social and analytics services add to links.
const TRACKING: [&str; 12] = [
    "utm_", "fbclid=", "gclid=", "gbraid=", "wbraid=", "msclkid=", "mc_", "igshid=", "_hs", "_ga=",
    "_gl=", "ttclid=",
];

pub(super) fn parameters_added(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let parameters: Vec<&str> = rest.parts.parameters().collect();
    let count = parameters.len();
    let is_tracking = |index: &usize| {
        TRACKING
            .iter()
            .any(|prefix| parameters[*index].starts_with(prefix))
    };
    // Parameters are appended, so the last few come first.
    let last_few = (1..count.min(4)).map(|few| (count - few..count).collect());
    let tracking: Vec<usize> = (0..count).filter(is_tracking).collect();
    let single = (0..count).rev().take(100).map(|index| vec![index]);
    let few = count.min(7);
    let mut subsets: Vec<Vec<usize>> = (1_usize..1 << few)
        .map(|bits| (0..few).filter(|index| bits >> index & 1 == 1).collect())
        .collect();
    subsets.sort_by_key(Vec::len);
    let tails = (1..count.min(100)).map(|kept| (kept..count).collect());
    let removals = last_few
        .chain([(0..count).collect(), tracking])
        .chain(single)
        .chain(subsets)
        .chain(tails)
        .filter(|removed| !removed.is_empty());
    for removed in removals {
        if variants.is_full() {
            return;
        }
        let kept = (0..count).filter(|index| !removed.contains(index));
        let kept: Vec<&str> = kept.map(|index| parameters[index]).collect();
        let fix = if removed.len() == 1 {
            "remove it, or sign the URL that includes it"
        } else {
            "remove them, or sign the URL that includes them"
        };
        let cause = || {
            let first = removed.iter().take(5);
            let names: Vec<String> = first.map(|index| quoted(parameters[*index])).collect();
            let names = names.join(", ");
            let more = if removed.len() > 5 { ", ..." } else { "" };
            if removed.len() == 1 {
                format!("the query parameter {names} was added after signing")
            } else {
                format!("the query parameters {names}{more} were added after signing")
            }
        };
        variants.push(rest.with_parameters(&kept), cause, fix);
    }
}

pub(super) fn parameters_moved(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let parameters: Vec<&str> = rest.parts.parameters().collect();
    let count = parameters.len();
    if count < 2 {
        return;
    }
    let mut push = |order: &[&str]| {
        let cause = "the query parameters were signed in another order";
        let fix = "request the URL with its query as it was signed";
        variants.push(rest.with_parameters(order), cause, fix);
        !variants.is_full()
    };
    let mut sorted = parameters.clone();
    sorted.sort_unstable();
    push(&sorted);
    sorted.reverse();
    push(&sorted);
    let mut reversed = parameters.clone();
    reversed.reverse();
    push(&reversed);
    for from in 0..count.min(20) {
        for to in 0..count.min(20) {
            let mut moved = parameters.clone();
            let parameter = moved.remove(from);
            moved.insert(to, parameter);
            let mut swapped = parameters.clone();
            swapped.swap(from, to);
            if !push(&moved) || !push(&swapped) {
                return;
            }
        }
    }
    if count <= 5 {
        permutations(&mut parameters.clone(), count, &mut |order| {
            push(order);
        });
    }
}

/// All orders of the first `count` parameters (Heap's algorithm).
fn permutations<'a>(parameters: &mut [&'a str], count: usize, visit: &mut impl FnMut(&[&'a str])) {
    if count <= 1 {
        return visit(parameters);
    }
    for index in 0..count {
        permutations(parameters, count - 1, visit);
        let other = if count.is_multiple_of(2) { index } else { 0 };
        parameters.swap(other, count - 1);
    }
}

pub(super) fn query_punctuation(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let fix = "sign the query exactly as clients request it";
    let Some(query) = rest.parts.query else {
        let cause = "the URL was signed with a lone ? at its end";
        variants.push(rest.with(&format!("{}?", rest.text)), cause, fix);
        return;
    };
    let parameters: Vec<&str> = query.split('&').collect();
    let filled = parameters.iter().filter(|parameter| !parameter.is_empty());
    let filled: Vec<&str> = filled.copied().collect();
    for (other, how) in [
        (filled.join("&"), "without an empty parameter"),
        (format!("{query}&"), "with a trailing &"),
        (format!("&{query}"), "with a leading &"),
        (format!("?{query}"), "with ??"),
        (query.replace('&', ";"), "with ; between its parameters"),
        (query.replace(';', "&"), "with & that is now ;"),
        (query.replace('&', "&amp;"), "with &amp; for &"),
    ] {
        let cause = || format!("the query was signed {how}");
        variants.push(rest.with_query(&other), cause, fix);
    }
    let cause = "the query was signed with & for its ?";
    variants.push(
        [rest.start, rest.parts.path, "&", query].concat(),
        cause,
        fix,
    );
    for (index, parameter) in parameters.iter().enumerate().take(10) {
        let with_value = format!("{parameter}=");
        let (other, how) = match parameter.strip_suffix('=') {
            Some(name) => (name, "without ="),
            None if !parameter.contains('=') => (with_value.as_str(), "with ="),
            None => continue,
        };
        let mut others = parameters.clone();
        others[index] = other;
        let name = quoted(parameter.trim_end_matches('='));
        let cause = || format!("the query parameter {name} was signed {how}");
        variants.push(rest.with_parameters(&others), cause, fix);
    }
    for (index, parameter) in parameters.iter().enumerate().take(10) {
        for place in [parameters.len(), index] {
            let mut more = parameters.clone();
            more.insert(place, parameter);
            let cause = || format!("the query parameter {} was signed twice", quoted(parameter));
            variants.push(rest.with_parameters(&more), cause, fix);
        }
    }
}

/// A `?` or `#` in the name of a file that starts a query or fragment in the URL.
pub(super) fn with_fragment_characters(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let fix = "percent-encode ? and # in the names of files";
    if let Some(query) = rest.parts.query {
        for mark in ["%3F", "#"] {
            let url = [rest.start, rest.parts.path, mark, query].concat();
            let cause = || format!("the URL was signed with {mark} that is now ?");
            variants.push(url, cause, fix);
        }
    }
    let cause = "the URL was signed with an empty fragment (#)";
    variants.push(rest.with(&format!("{}#", rest.text)), cause, fix);
}
