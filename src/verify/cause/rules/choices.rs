//! Choices among several texts at each of several places.

use std::cmp::Reverse;

use crate::verify::compare::distinct;

/// Chooses a text of each list, and joins them: the n-th of every list, then all choices from as
/// many different texts of each list as give at most `most`.
pub(super) fn mixed(lists: &[Vec<String>], separator: &str, most: usize) -> Vec<String> {
    let longest = lists.iter().map(Vec::len).max().unwrap_or_default();
    let mut found = Vec::new();
    for number in 0..longest {
        let alike = lists
            .iter()
            .map(|list| list.get(number).unwrap_or(&list[0]));
        let alike: Vec<&str> = alike.map(String::as_str).collect();
        found.push(alike.join(separator));
    }
    let lists = lists
        .iter()
        .map(|list| distinct(list.iter().map(String::as_str)));
    let distinct: Vec<Vec<&str>> = lists.collect();
    let sizes = |width: usize| distinct.iter().map(move |texts| texts.len().min(width));
    let count = |width: usize| sizes(width).fold(1, usize::saturating_mul);
    let Some(width) = (2..=12).rev().find(|width| count(*width) <= most) else {
        return found;
    };
    let mut choices = vec![String::new()];
    for (place, texts) in distinct.iter().enumerate() {
        let separator = if place == 0 { "" } else { separator };
        let mut longer = Vec::new();
        for choice in &choices {
            for text in texts.iter().take(width) {
                longer.push(format!("{choice}{separator}{text}"));
            }
        }
        choices = longer;
    }
    found.extend(choices);
    found
}

/// Puts any of some forms, which stand for the same, in each place where one of them stands.
pub(super) fn varied(text: &str, forms: &[&str], most: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    loop {
        let places = forms
            .iter()
            .filter_map(|form| Some((rest.find(form)?, Reverse(form.len()))));
        let Some((place, Reverse(length))) = places.min() else {
            break;
        };
        pieces.push(vec![rest[..place].to_owned()]);
        pieces.push(forms.iter().map(|form| (*form).to_owned()).collect());
        rest = &rest[place + length..];
    }
    pieces.push(vec![rest.to_owned()]);
    mixed(&pieces, "", most)
}

/// All orders of some things.
pub(super) fn permutations(count: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    for next in 0..count {
        let mut longer = Vec::new();
        for order in &orders {
            for place in (0..=next).rev() {
                let mut order = order.clone();
                order.insert(place, next);
                longer.push(order);
            }
        }
        orders = longer;
    }
    orders
}
