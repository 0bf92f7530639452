//! Rules of the query: parameters that were added, and queries that a program wrote again.

use super::spelling::{SPELLINGS, spelled};
use super::words::{TRACKER_PREFIXES, TRACKERS, words};
use super::{Source, permutations};
use crate::url::percent;

/// The most parameters of a query that is written again.
const MOST_WRITTEN: usize = 40;

/// Returns whether trackers add a parameter with this name.
pub(in crate::verify::cause) fn is_tracker(parameter: &str) -> bool {
    let name = parameter.split('=').next().unwrap_or_default();
    let name = percent::decode(name).to_ascii_lowercase();
    words(TRACKER_PREFIXES).any(|prefix| name.starts_with(prefix))
        || words(TRACKERS).any(|tracker| tracker == name)
}

/// Without parameters: those behind the signature, the trackers', each run of neighbours, each
/// subset of a few.
pub(super) fn removed(source: &Source<'_>) -> Vec<String> {
    const MOST_RUNS: usize = 40;
    const MOST_SUBSETS: usize = 10;
    let all = source.parameters();
    let count = all.len();
    let mut found = Vec::new();
    let mut keep = |kept: Vec<&str>| found.push(source.with_query(&kept.join("&")));
    keep(without(&all, |own| {
        source.behind.iter().any(|one| one == own)
    }));
    keep(without(&all, is_tracker));
    let shortest = if count > MOST_RUNS { count } else { 1 };
    for length in (1..=count).rev() {
        for start in 0..=count - length {
            let is_at_an_end = start == 0 || start + length == count;
            if length >= shortest || is_at_an_end && count < 1_000 {
                keep([&all[..start], &all[start + length..]].concat());
            }
        }
        if count > MOST_RUNS && length + MOST_RUNS < count {
            break;
        }
    }
    if count <= MOST_SUBSETS && !source.is_second {
        for subset in 1_u32..1 << count {
            let mut kept = Vec::new();
            for (index, parameter) in all.iter().enumerate() {
                if subset >> index & 1 == 1 {
                    kept.push(*parameter);
                }
            }
            keep(kept);
        }
    }
    found
}

/// The parameters that `is_removed` does not choose.
fn without<'a>(all: &[&'a str], is_removed: impl Fn(&str) -> bool) -> Vec<&'a str> {
    let kept = all.iter().filter(|parameter| !is_removed(parameter));
    kept.copied().collect()
}

/// The query as serializers write it: other spellings of names and values, another order, both.
pub(super) fn written_again(source: &Source<'_>) -> Vec<String> {
    let all = source.parameters();
    if all.is_empty() || all.len() > MOST_WRITTEN {
        return Vec::new();
    }
    let spellings: Vec<Vec<String>> = all.iter().map(|one| spelled(one)).collect();
    let alike = |order: &[usize], spelling: usize| {
        let written = order
            .iter()
            .map(|index| spellings[*index][spelling].as_str());
        source.with_query(&written.collect::<Vec<_>>().join("&"))
    };
    let as_received: Vec<usize> = (0..all.len()).collect();
    let (most_orders, most_both) = if source.is_second { (4, 3) } else { (6, 5) };
    let orders = orders(&all, most_orders);
    let mut found = Vec::new();
    for spelling in 0..SPELLINGS {
        found.push(alike(&as_received, spelling));
    }
    for order in &orders {
        found.push(alike(order, 0));
    }
    if all.len() <= most_both {
        for order in &orders {
            for spelling in 1..SPELLINGS {
                found.push(alike(order, spelling));
            }
        }
    }
    let most = if source.is_second { 24 } else { 600 };
    let mixed = product(&spellings, most);
    let all_orders = if mixed.len() * orders.len() > most {
        1
    } else {
        orders.len()
    };
    for order in &orders[..all_orders] {
        for written in &mixed {
            let written = order.iter().map(|index| written[*index]);
            found.push(source.with_query(&written.collect::<Vec<_>>().join("&")));
        }
    }
    found
}

/// Orders of parameters: all of a few, sorted and moved ones of more.
fn orders(all: &[&str], most: usize) -> Vec<Vec<usize>> {
    let count = all.len();
    let received: Vec<usize> = (0..count).collect();
    if count <= most {
        return permutations(count);
    }
    let mut sorted = received.clone();
    sorted.sort_by_key(|index| all[*index].split('=').next());
    let mut by_text = received.clone();
    by_text.sort_by_key(|index| all[*index]);
    let reversed = received.iter().rev().copied().collect();
    let mut orders = vec![received.clone(), sorted, by_text, reversed];
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

/// All choices of one text from each list, of as many texts of each list as give at most `most`.
pub(super) fn product(lists: &[Vec<String>], most: usize) -> Vec<Vec<&str>> {
    let mut distinct: Vec<Vec<&str>> = Vec::new();
    for list in lists {
        let mut texts: Vec<&str> = Vec::new();
        for text in list {
            if !texts.contains(&text.as_str()) {
                texts.push(text);
            }
        }
        distinct.push(texts);
    }
    let size = |width: usize| {
        let sizes = distinct.iter().map(|texts| texts.len().min(width));
        sizes.fold(1_usize, usize::saturating_mul)
    };
    let width = (2..=12).rev().find(|width| size(*width) <= most);
    let mut choices: Vec<Vec<&str>> = vec![Vec::new()];
    for texts in &distinct {
        let mut longer = Vec::new();
        for choice in &choices {
            for text in texts.iter().take(width.unwrap_or(1)) {
                longer.push([choice.as_slice(), &[*text]].concat());
            }
        }
        choices = longer;
    }
    choices
}

/// Lists in the styles of PHP, qs, Rails and axios; `#` is the number of an item.
pub(super) fn arrays(source: &Source<'_>) -> Vec<String> {
    let mut items: Vec<(String, String)> = Vec::new();
    let mut lists: Vec<String> = Vec::new();
    for parameter in source.parameters().iter().take(MOST_WRITTEN) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let plain = name.replace("%5B", "[").replace("%5D", "]");
        let base = plain.split('[').next().unwrap_or_default();
        let values = value.replace("%2C", ",");
        let is_again = items.iter().any(|(own, _)| own == base);
        if plain.ends_with(']') || values.contains(',') || is_again {
            lists.push(base.to_owned());
        }
        items.extend(
            values
                .split(',')
                .map(|value| (base.to_owned(), value.to_owned())),
        );
    }
    if lists.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for style in ["", "[]", "[#]", "%5B%5D", "%5B#%5D", ".#"] {
        let mut written = Vec::new();
        for (place, (name, value)) in items.iter().enumerate() {
            let before = items[..place].iter().filter(|(own, _)| own == name).count();
            let style = if lists.contains(name) { style } else { "" };
            let style = style.replace('#', &before.to_string());
            written.push(format!("{name}{style}={value}"));
        }
        found.push(source.with_query(&written.join("&")));
    }
    for (comma, style) in [
        (",", ""),
        ("%2C", ""),
        (",", "[]"),
        ("%2C", "[]"),
        ("|", ""),
    ] {
        let mut written = Vec::new();
        for (place, (name, _)) in items.iter().enumerate() {
            if items[..place].iter().any(|(own, _)| own == name) {
                continue;
            }
            let same = items.iter().filter(|(own, _)| own == name);
            let values: Vec<&str> = same.map(|(_, value)| value.as_str()).collect();
            let style = if lists.contains(name) { style } else { "" };
            written.push(format!("{name}{style}={}", values.join(comma)));
        }
        found.push(source.with_query(&written.join("&")));
    }
    found
}

/// Another separator of parameters, and `&` as HTML writes it.
pub(super) fn separators(source: &Source<'_>) -> Vec<String> {
    let Some(query) = source.parts.query else {
        return Vec::new();
    };
    let pairs = [
        (";", "&"),
        ("&", ";"),
        ("&", "&amp;"),
        ("&amp;", "&"),
        ("&", "%26"),
        ("%26", "&"),
    ];
    pairs
        .iter()
        .map(|(old, new)| source.with_query(&query.replace(old, new)))
        .collect()
}

/// Signing parameters in the URL, as when it is signed twice.
pub(super) fn signing_parameters(source: &Source<'_>) -> Vec<String> {
    let expires = format!("Expires={}", source.expires);
    let id = format!("Key-Pair-Id={}", source.key_pair_id);
    let query = source.parts.query.unwrap_or_default();
    let ends = [
        vec![expires.as_str()],
        vec![&id],
        vec![&expires, &id],
        vec![&id, &expires],
    ];
    let mut found = Vec::new();
    for end in ends {
        let mut parameters = end.clone();
        if !query.is_empty() {
            parameters.insert(0, query);
            found.push(source.with_query(&[end.join("&"), query.to_owned()].join("&")));
        }
        found.push(source.with_query(&parameters.join("&")));
    }
    found
}

/// Names as PHP and ASP.NET change them.
pub(super) fn names(source: &Source<'_>) -> Vec<String> {
    let all = source.parameters();
    if all.is_empty() || all.len() > MOST_WRITTEN {
        return Vec::new();
    }
    let spellings: Vec<Vec<String>> = all.iter().map(|one| other_names(one)).collect();
    let mut found = Vec::new();
    for spelling in 0..spellings[0].len() {
        let written: Vec<&str> = spellings.iter().map(|all| all[spelling].as_str()).collect();
        found.push(source.with_query(&written.join("&")));
    }
    let most = if source.is_second { 1 } else { 256 };
    let mixed = product(&spellings, most);
    found.extend(
        mixed
            .iter()
            .map(|written| source.with_query(&written.join("&"))),
    );
    found
}

/// A parameter with its name in other forms, the same number for each.
fn other_names(parameter: &str) -> Vec<String> {
    const PARTS: [&str; 6] = ["id", "name", "key", "type", "code", "date"];
    let end = parameter.find('=').unwrap_or(parameter.len());
    let (name, value) = parameter.split_at(end);
    let mut camel = name.to_ascii_lowercase();
    for part in PARTS {
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

/// A word with a capital at its start.
pub(super) fn capitalized(word: &str) -> String {
    let mut text = word.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}
