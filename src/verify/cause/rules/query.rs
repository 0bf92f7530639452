//! Rules of the query: parameters that were added, and queries that a program wrote again.

use super::Source;
use super::spelling::{SPELLINGS, spelled};
use super::words::{TRACKER_PREFIXES, TRACKERS, words};
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
        return permutations(&received);
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

fn permutations(rest: &[usize]) -> Vec<Vec<usize>> {
    if rest.len() < 2 {
        return vec![rest.to_vec()];
    }
    let mut found = Vec::new();
    for (place, first) in rest.iter().enumerate() {
        let others = [&rest[..place], &rest[place + 1..]].concat();
        for mut order in permutations(&others) {
            order.insert(0, *first);
            found.push(order);
        }
    }
    found
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

/// Lists in the styles of PHP, qs, Rails and axios.
pub(super) fn arrays(source: &Source<'_>) -> Vec<String> {
    let all = source.parameters();
    let mut items: Vec<(String, String, bool)> = Vec::new();
    for parameter in all.iter().take(MOST_WRITTEN) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let plain = name.replace("%5B", "[").replace("%5D", "]");
        let base = plain.split('[').next().unwrap_or_default();
        let is_bracketed = plain.ends_with(']') && !base.is_empty();
        let base = if is_bracketed { base } else { name };
        for item in value.replace("%2C", ",").replace("%2c", ",").split(',') {
            let is_part = item.len() < value.len();
            items.push((base.to_owned(), item.to_owned(), is_bracketed || is_part));
        }
    }
    let is_list = |name: &str| {
        let same = items.iter().filter(|item| item.0 == name);
        same.clone().count() > 1 || same.clone().any(|item| item.2)
    };
    if !items.iter().any(|item| is_list(&item.0)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (open, close, is_numbered) in [
        ("", "", false),
        ("[", "]", false),
        ("[", "]", true),
        ("%5B", "%5D", false),
        ("%5B", "%5D", true),
        (".", "", true),
    ] {
        let mut written = Vec::new();
        for (place, (name, value, _)) in items.iter().enumerate() {
            let before = items[..place].iter().filter(|item| item.0 == *name).count();
            let number = if is_numbered {
                before.to_string()
            } else {
                String::new()
            };
            written.push(match is_list(name) {
                true => format!("{name}{open}{number}{close}={value}"),
                false => format!("{name}={value}"),
            });
        }
        found.push(source.with_query(&written.join("&")));
    }
    for comma in [",", "%2C", "|", "%7C", ";"] {
        for brackets in ["", "[]", "%5B%5D"] {
            let mut joined: Vec<(&str, String)> = Vec::new();
            for (name, value, _) in &items {
                match joined.iter_mut().find(|(own, _)| own == name) {
                    Some((_, values)) => *values += &format!("{comma}{value}"),
                    None => {
                        let brackets = if is_list(name) { brackets } else { "" };
                        joined.push((name, format!("{name}{brackets}={value}")));
                    }
                }
            }
            let written: Vec<&str> = joined.iter().map(|(_, text)| text.as_str()).collect();
            found.push(source.with_query(&written.join("&")));
        }
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
        ("%3B", "&"),
        ("&", ";"),
        ("&", "&amp;"),
        ("&amp;", "&"),
        ("&", "&#38;"),
        ("&", "%26"),
        ("%26", "&"),
        ("&&", "&"),
    ];
    let changed = pairs.iter().filter(|(old, _)| query.contains(old));
    changed
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

/// Names as PHP and ASP.NET change them, and queries in other capitals.
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
    if source.is_second {
        return found;
    }
    for (place, others) in spellings.iter().enumerate() {
        for other in others {
            let mut written = all.clone();
            written[place] = other;
            found.push(source.with_query(&written.join("&")));
        }
    }
    for written in product(&spellings, 256) {
        found.push(source.with_query(&written.join("&")));
    }
    found
}

/// A parameter with its name in other forms, the same number for each.
fn other_names(parameter: &str) -> Vec<String> {
    const PARTS: [&str; 9] = [
        "id", "name", "key", "type", "code", "date", "url", "size", "token",
    ];
    let end = parameter.find('=').unwrap_or(parameter.len());
    let (name, value) = parameter.split_at(end);
    let lower = name.to_ascii_lowercase();
    let mut camel = lower.clone();
    for part in PARTS {
        if let Some(start) = lower.strip_suffix(part)
            && !start.is_empty()
        {
            camel = format!("{start}{}", capitalized(part));
        }
    }
    let snake: Vec<String> = lower.split('_').map(capitalized).collect();
    let forms = [
        name.to_owned(),
        name.replacen('_', ".", 1),
        name.replace('_', "."),
        name.replace('_', "-"),
        name.replace('_', "+"),
        name.replace('_', "%20"),
        name.replace('-', "_"),
        name.replace('.', "_"),
        capitalized(name),
        capitalized(&camel),
        camel,
        snake.concat(),
        lower,
        name.to_ascii_uppercase(),
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
