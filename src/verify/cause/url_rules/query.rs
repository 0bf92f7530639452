//! What the query may have been when a URL was signed.

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
    if parameters.is_empty() {
        return;
    }
    let count = parameters.len();
    let is_tracking = |parameter: &str| TRACKING.iter().any(|prefix| parameter.starts_with(prefix));
    let all = || 0..count;
    // Parameters are appended, so the last few come first.
    let mut removals: Vec<Vec<usize>> = (1..count.min(4))
        .map(|few| (count - few..count).collect())
        .collect();
    removals.push(all().collect());
    removals.push(
        all()
            .filter(|index| is_tracking(parameters[*index]))
            .collect(),
    );
    removals.extend(all().rev().take(100).map(|index| vec![index]));
    let few = count.min(7);
    let mut subsets: Vec<Vec<usize>> = (1_usize..1 << few)
        .map(|bits| (0..few).filter(|index| bits >> index & 1 == 1).collect())
        .collect();
    subsets.sort_by_key(Vec::len);
    removals.extend(subsets);
    removals.extend((1..count.min(100)).map(|kept| (kept..count).collect()));
    for removed in removals {
        if variants.is_full() {
            return;
        }
        if removed.is_empty() {
            continue;
        }
        let kept: Vec<&str> = (0..count)
            .filter(|index| !removed.contains(index))
            .map(|index| parameters[index])
            .collect();
        let fix = if removed.len() == 1 {
            "remove it, or sign the URL that includes it"
        } else {
            "remove them, or sign the URL that includes them"
        };
        let cause = || {
            let names: Vec<String> = removed
                .iter()
                .take(5)
                .map(|index| quoted(parameters[*index]))
                .collect();
            let names = names.join(", ");
            let more = if removed.len() > 5 { ", ..." } else { "" };
            if removed.len() == 1 {
                format!("the query parameter {names} was added after signing")
            } else {
                format!("the query parameters {names}{more} were added after signing")
            }
        };
        variants.push_with(rest.with_parameters(&kept), fix, || cause().into());
    }
}

pub(super) fn parameters_moved(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let parameters: Vec<&str> = rest.parts.parameters().collect();
    let count = parameters.len();
    if count < 2 {
        return;
    }
    let cause = "the query parameters were signed in another order";
    let fix = "request the URL with its query as it was signed";
    let mut sorted = parameters.clone();
    sorted.sort_unstable();
    variants.push(rest.with_parameters(&sorted), cause, fix);
    sorted.reverse();
    variants.push(rest.with_parameters(&sorted), cause, fix);
    let mut reversed = parameters.clone();
    reversed.reverse();
    variants.push(rest.with_parameters(&reversed), cause, fix);
    for from in 0..count.min(20) {
        for to in 0..count.min(20) {
            if variants.is_full() {
                return;
            }
            let mut moved = parameters.clone();
            let parameter = moved.remove(from);
            moved.insert(to, parameter);
            variants.push(rest.with_parameters(&moved), cause, fix);
            let mut swapped = parameters.clone();
            swapped.swap(from, to);
            variants.push(rest.with_parameters(&swapped), cause, fix);
        }
    }
    if count <= 5 {
        permutations(&mut parameters.clone(), count, &mut |order| {
            variants.push(rest.with_parameters(order), cause, fix);
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
    let with = |query: &str| [rest.start, rest.parts.path, "?", query].concat();
    let tidy: Vec<&str> = query
        .split('&')
        .filter(|parameter| !parameter.is_empty())
        .collect();
    variants.push(
        with(&tidy.join("&")),
        "the URL was signed without an empty query parameter",
        fix,
    );
    variants.push(
        with(&format!("{query}&")),
        "the query was signed with a trailing &",
        fix,
    );
    variants.push(
        with(&format!("&{query}")),
        "the query was signed with a leading &",
        fix,
    );
    variants.push(
        with(&format!("?{query}")),
        "the query was signed with ??",
        fix,
    );
    variants.push(
        with(&query.replace('&', ";")),
        "the query was signed with ; between its parameters",
        fix,
    );
    variants.push(
        with(&query.replace(';', "&")),
        "the query was signed with & that is now ;",
        fix,
    );
    variants.push(
        with(&query.replace('&', "&amp;")),
        "the query was signed with &amp; for &",
        fix,
    );
    let cause = "the query was signed with & for its ?";
    variants.push(
        [rest.start, rest.parts.path, "&", query].concat(),
        cause,
        fix,
    );
    let parameters: Vec<&str> = query.split('&').collect();
    for (index, parameter) in parameters.iter().enumerate().take(10) {
        let mut other = parameters.clone();
        let with_value = format!("{parameter}=");
        if let Some(name) = parameter.strip_suffix('=') {
            other[index] = name;
            let cause = || format!("the query parameter {} was signed without =", quoted(name));
            variants.push_with(rest.with_parameters(&other), fix, || cause().into());
        } else if !parameter.contains('=') {
            other[index] = &with_value;
            let cause = || {
                format!(
                    "the query parameter {} was signed with =",
                    quoted(parameter)
                )
            };
            variants.push_with(rest.with_parameters(&other), fix, || cause().into());
        }
    }
    for (index, parameter) in parameters.iter().enumerate().take(10) {
        let mut more = parameters.clone();
        more.push(parameter);
        let name = quoted(parameter);
        let cause = || format!("the query parameter {name} was signed twice");
        variants.push_with(rest.with_parameters(&more), fix, || cause().into());
        let mut more = parameters.clone();
        more.insert(index, parameter);
        variants.push_with(rest.with_parameters(&more), fix, || cause().into());
    }
}

/// A `?` or `#` in the name of a file that starts a query or fragment in the URL.
pub(super) fn with_fragment_characters(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let fix = "percent-encode ? and # in the names of files";
    if let Some(query) = rest.parts.query {
        let url = [rest.start, rest.parts.path, "%3F", query].concat();
        variants.push(url, "the URL was signed with %3F that is now ?", fix);
        let url = [rest.start, rest.parts.path, "#", query].concat();
        variants.push(url, "the URL was signed with # that is now ?", fix);
    }
    let cause = "the URL was signed with an empty fragment (#)";
    variants.push(rest.with(&format!("{}#", rest.text)), cause, fix);
}
