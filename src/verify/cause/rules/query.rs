//! Rules of the query: parameters that were added, and queries that a program wrote again.

use super::Source;
use super::choices::{mixed, permutations};
use super::encoding::{COMPONENT, ENCODERS, QUERY, QUERY_WITH_EQUALS, decoded};
use super::known_words::{EMPTY, TRACKER_PREFIXES, TRACKERS, capitalized, words};
use crate::url::percent;
use crate::url::signing_parameters::parameter_name;

/// The most parameters of a query that is written again.
const MOST_WRITTEN: usize = 40;

/// Returns whether trackers add a parameter with this name.
fn is_tracker(parameter: &str) -> bool {
    let name = percent::decode(parameter_name(parameter)).to_ascii_lowercase();
    words(TRACKER_PREFIXES).any(|prefix| name.starts_with(prefix))
        || words(TRACKERS).any(|tracker| tracker == name)
}

/// The URL before some of the three most frequent events, if they changed it. `events` is a set of
/// bits: 1 for parameters behind the signature, 2 for trackers, 4 for the scheme.
pub(in crate::verify::cause) fn short(source: &Source<'_>, events: usize) -> Option<String> {
    let mut kept = source.parameters();
    if events & 1 != 0 {
        kept.retain(|one| !source.behind.iter().any(|own| own == one));
    }
    if events & 2 != 0 {
        kept.retain(|one| !is_tracker(one));
    }
    let mut url = source.with_query(&kept.join("&"));
    if events & 4 != 0 {
        let (scheme, rest) = url.split_once("://")?;
        let other = if scheme == "https" { "http" } else { "https" };
        url = format!("{other}://{rest}");
    }
    (url != source.url).then_some(url)
}

/// Without parameters: those of trackers, each subset of a few, each run of neighbours of more.
pub(super) fn removed(source: &Source<'_>) -> Vec<String> {
    const MOST_RUNS: usize = 40;
    let all = source.parameters();
    let count = all.len();
    let mut own = all.clone();
    own.retain(|parameter| !is_tracker(parameter));
    let mut kept = vec![own];
    if count <= source.most(10, 4) {
        for subset in 0..1_usize << count {
            let mut own = all.clone();
            let mut bits = (0..count).map(|index| subset >> index & 1 == 1);
            own.retain(|_| bits.next() == Some(true));
            kept.push(own);
        }
    } else {
        for start in 0..count.min(MOST_RUNS) {
            for end in start + 1..=count {
                if end - start <= MOST_RUNS || end == count || start == 0 {
                    kept.push([&all[..start], &all[end..]].concat());
                }
            }
        }
    }
    let queries: Vec<String> = kept.iter().map(|kept| kept.join("&")).collect();
    source.with_queries(&queries)
}

/// A parameter without a value, or without a name, which frameworks leave out.
pub(super) fn empty_parameters(source: &Source<'_>) -> Vec<String> {
    let all = source.parameters();
    let mut queries = Vec::new();
    for place in 0..=all.len().min(MOST_WRITTEN) {
        let (before, after) = all.split_at(place);
        queries.push([before, &[""], after].concat().join("&"));
        for name in words(EMPTY) {
            let empty = format!("{name}=");
            queries.push([before, &[&empty], after].concat().join("&"));
        }
    }
    source.with_queries(&queries)
}

/// The query as serializers write it: other spellings of names and values, another order, both.
pub(super) fn written_again(source: &Source<'_>) -> Vec<String> {
    let all = source.parameters();
    if all.is_empty() || all.len() > MOST_WRITTEN {
        return Vec::new();
    }
    let spellings: Vec<Vec<String>> = all.iter().map(|one| spelled(one)).collect();
    let orders = orders(&all, source.most(6, 4));
    let is_spelled_too = all.len() <= source.most(5, 3);
    let mut found = Vec::new();
    for (number, order) in orders.iter().enumerate() {
        let mut lists: Vec<Vec<String>> = Vec::new();
        for index in order {
            let mut list = spellings[*index].clone();
            if number > 0 && !is_spelled_too {
                list.truncate(1);
            }
            lists.push(list);
        }
        let most = source.most(600, 24) / if number == 0 { 1 } else { orders.len() };
        found.extend(mixed(&lists, "&", most));
    }
    source.with_queries(&found)
}

/// A parameter in its usual spellings: the first is as received, and the n-th of every parameter
/// come from the same encoder.
fn spelled(parameter: &str) -> Vec<String> {
    let (name, value) = match parameter.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (parameter, None),
    };
    let mut spellings = vec![
        parameter.to_owned(),
        parameter.replace('+', "%20"),
        parameter.replace("%25", "%"),
        parameter.replace('%', "%25"),
    ];
    for is_form in [true, false] {
        let name = decoded(name, is_form);
        let value = value.map(|value| decoded(value, is_form));
        for encoder in ENCODERS {
            let name = encoder.encode(&name);
            spellings.push(match &value {
                Some(value) => format!("{name}={}", encoder.encode(value)),
                None => name,
            });
        }
    }
    let raw = decoded(parameter, true);
    spellings.push(String::from_utf8_lossy(&raw).into_owned());
    // With and without "=" behind an empty value, as it is and by the most usual serializers.
    let name = decoded(name, true);
    let empty = match value {
        Some("") => "",
        None => "=",
        Some(_) => return spellings,
    };
    let encoders = [QUERY_WITH_EQUALS, QUERY, COMPONENT];
    spellings.extend(encoders.map(|encoder| encoder.encode(&name) + empty));
    spellings
}

/// Orders of parameters: all of a few, sorted and moved ones of more.
fn orders(all: &[&str], most: usize) -> Vec<Vec<usize>> {
    let count = all.len();
    if count <= most {
        return permutations(count);
    }
    let received: Vec<usize> = (0..count).collect();
    let mut sorted = received.clone();
    sorted.sort_by_key(|index| parameter_name(all[*index]));
    let reversed = received.iter().rev().copied().collect();
    let mut orders = vec![received.clone(), sorted, reversed];
    for middle in 1..count {
        let mut rotated = received.clone();
        rotated.rotate_left(middle);
        orders.push(rotated);
    }
    for from in 0..count.min(12) {
        for to in 0..count.min(12) {
            let mut moved = received.clone();
            let one = moved.remove(from);
            moved.insert(to, one);
            orders.push(moved);
        }
    }
    orders
}

/// Lists in the styles of PHP, qs, Rails and axios.
pub(super) fn arrays(source: &Source<'_>) -> Vec<String> {
    // What is written behind the name, where `#` is the number of an item; and between the values
    // if there is one parameter for all.
    const STYLES: &str = "= []= [#]= %5B%5D= %5B#%5D= .#= =, =%2C []=, []=%2C =|";
    // The values of each name, and whether they are a list.
    let mut lists: Vec<(String, Vec<String>, bool)> = Vec::new();
    for parameter in source.parameters().iter().take(MOST_WRITTEN) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let name = name.replace("%5B", "[");
        let base = name.split('[').next().unwrap_or_default();
        let values = value.replace("%2C", ",");
        let values = values.split(',').map(str::to_owned);
        match lists.iter_mut().find(|(own, ..)| own == base) {
            Some((_, own, is_list)) => {
                own.extend(values);
                *is_list = true;
            }
            None => {
                let values: Vec<String> = values.collect();
                let is_list = base != name || values.len() > 1;
                lists.push((base.to_owned(), values, is_list));
            }
        }
    }
    if !lists.iter().any(|(.., is_list)| *is_list) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (style, joint) in words(STYLES).filter_map(|style| style.split_once('=')) {
        let mut written = Vec::new();
        for (name, values, is_list) in &lists {
            let style = if *is_list { style } else { "" };
            if !joint.is_empty() {
                written.push(format!("{name}{style}={}", values.join(joint)));
                continue;
            }
            for (number, value) in values.iter().enumerate() {
                let style = style.replace('#', &number.to_string());
                written.push(format!("{name}{style}={value}"));
            }
        }
        found.push(written.join("&"));
    }
    source.with_queries(&found)
}

/// Signing parameters in the URL, as when it is signed twice.
pub(super) fn signing_parameters(source: &Source<'_>) -> Vec<String> {
    let expires = format!("Expires={}", source.expires);
    let id = format!("Key-Pair-Id={}", source.key_pair_id);
    let query = source.parts.query.unwrap_or_default();
    let both = [format!("{expires}&{id}"), format!("{id}&{expires}")];
    let mut found = Vec::new();
    for more in [&both[0], &both[1], &expires, &id] {
        for query in [format!("{query}&{more}"), format!("{more}&{query}")] {
            found.push(source.with_query(query.trim_matches('&')));
        }
    }
    found
}

/// Names as PHP and ASP.NET change them.
pub(super) fn names(source: &Source<'_>) -> Vec<String> {
    let all = source.parameters();
    if all.is_empty() || all.len() > MOST_WRITTEN {
        return Vec::new();
    }
    let names: Vec<Vec<String>> = all.iter().map(|one| other_names(one)).collect();
    source.with_queries(&mixed(&names, "&", source.most(256, 0)))
}

/// A parameter with its name in other forms, the same number for each.
fn other_names(parameter: &str) -> Vec<String> {
    let end = parameter.find('=').unwrap_or(parameter.len());
    let (name, value) = parameter.split_at(end);
    let mut camel = name.to_ascii_lowercase();
    for part in words("id name key type code date") {
        if let Some(start) = camel.strip_suffix(part).filter(|start| !start.is_empty()) {
            camel = format!("{start}{}", capitalized(part));
        }
    }
    let forms = [
        name.to_owned(),
        name.replacen('_', ".", 1),
        name.replace('_', "."),
        name.replace('_', "%20"),
        name.replace(['-', '.'], "_"),
        capitalized(name),
        capitalized(&camel),
        camel,
        name.to_ascii_lowercase(),
    ];
    forms.iter().map(|form| format!("{form}{value}")).collect()
}
