//! The differences between two paths, segment by segment.

use super::change::ChangeKind;
use super::difference::Difference;
use super::spelling::Spelling;
use crate::url::resource::Resource;

const SEGMENT: &str = "the path segment";

/// The most segments that are aligned, beside those that both paths begin and end with.
const MOST_SEGMENTS: usize = 60;

/// The differences between a signed path, or the path of a pattern, and a requested one.
pub(super) fn path<'a>(
    signed: &'a str,
    received: &'a str,
    is_pattern: bool,
) -> Vec<Difference<'a>> {
    if signed == received || is_pattern && covers(signed, received) {
        return Vec::new();
    }
    let was: Vec<&str> = signed.split('/').collect();
    let is: Vec<&str> = received.split('/').collect();
    let whole = Difference::new(ChangeKind::Path, "the path", signed, received);
    if let Some(spelling) = Spelling::between(signed, received) {
        // Another number of segments means that slashes are spelled otherwise.
        if was.len() != is.len() {
            return vec![whole.spelled(spelling, ChangeKind::PathEncoding)];
        }
        let pairs = was.into_iter().zip(is).filter(|(was, is)| was != is);
        let segments = pairs.map(|(was, is)| Difference::new(ChangeKind::Path, SEGMENT, was, is));
        return segments
            .map(|own| own.spelled(spelling, ChangeKind::PathEncoding))
            .collect();
    }
    let (before, after) = (signed.strip_suffix('/'), received.strip_suffix('/'));
    if before.is_some() == after.is_some() {
        if without_dots(&was) == without_dots(&is) {
            return vec![whole.noted("empty and dot segments")];
        }
        return segments(&was, &is, is_pattern);
    }
    // An index document stands behind a slash that belongs to its folder.
    let is_folder = signed.starts_with(received) || received.starts_with(signed);
    if is_folder && was.len() == is.len() {
        let name = Difference::new(ChangeKind::Path, SEGMENT, None, None);
        return vec![match before {
            None => Difference {
                signed: was.last().copied(),
                ..name
            },
            Some(_) => Difference {
                received: is.last().copied(),
                ..name
            },
        }];
    }
    let [signed_slash, slash] = [before, after].map(|without| without.and(Some("/")));
    let slash = Difference::new(ChangeKind::Path, "the trailing slash", signed_slash, slash);
    let mut found = vec![slash];
    found.extend(path(
        before.unwrap_or(signed),
        after.unwrap_or(received),
        is_pattern,
    ));
    found
}

/// Returns whether a part of a pattern covers a part of a path.
fn covers(pattern: &str, text: &str) -> bool {
    pattern.contains(['*', '?']) && Resource::verbatim(pattern).covers(text)
}

/// The segments after `.` and `..` are resolved and empty ones left out.
fn without_dots<'a>(segments: &[&'a str]) -> Vec<&'a str> {
    let mut resolved = Vec::new();
    for segment in segments {
        match *segment {
            "" | "." => {}
            ".." => drop(resolved.pop()),
            name => resolved.push(name),
        }
    }
    resolved
}

/// The next step of an alignment.
#[derive(Clone, Copy)]
enum Step {
    /// A signed segment stands for a number of requested ones, more than one if it has a `*`.
    Pair(usize),
    Removed,
    Added,
    End,
}

/// Aligns two lists of segments at the least cost (Wagner and Fischer 1974) and gives what differs.
fn segments<'a>(was: &[&'a str], is: &[&'a str], is_pattern: bool) -> Vec<Difference<'a>> {
    let start = was.iter().zip(is).take_while(|(was, is)| was == is).count();
    let (was, is) = (&was[start..], &is[start..]);
    let end = was
        .iter()
        .rev()
        .zip(is.iter().rev())
        .take_while(|(was, is)| was == is)
        .count();
    let (was, is) = (&was[..was.len() - end], &is[..is.len() - end]);
    let mut found = Vec::new();
    if was.len().max(is.len()) > MOST_SEGMENTS {
        return found;
    }
    let steps = cheapest_steps(was, is, is_pattern);
    let (mut at, mut to) = (0, 0);
    loop {
        match steps[at][to].1 {
            Step::End => return found,
            Step::Pair(count) => {
                let (signed, received) = (was[at], is[to]);
                if count == 1 && pair_cost(signed, received, is_pattern) > 0 {
                    let changed = Difference::new(ChangeKind::Path, SEGMENT, signed, received);
                    found.push(match Spelling::between(signed, received) {
                        Some(spelling) => changed.spelled(spelling, ChangeKind::PathEncoding),
                        None => changed,
                    });
                }
                (at, to) = (at + 1, to + count);
            }
            Step::Removed => {
                found.push(Difference::new(ChangeKind::Path, SEGMENT, was[at], None));
                at += 1;
            }
            Step::Added => {
                found.push(Difference::new(ChangeKind::Path, SEGMENT, None, is[to]));
                to += 1;
            }
        }
    }
}

/// For each position the cost of all that follows, and the next step.
fn cheapest_steps(was: &[&str], is: &[&str], is_pattern: bool) -> Vec<Vec<(usize, Step)>> {
    const LONE: usize = 4;
    let mut steps = vec![vec![(0, Step::End); is.len() + 1]; was.len() + 1];
    for at in (0..=was.len()).rev() {
        for to in (0..=is.len()).rev() {
            let mut choices = Vec::new();
            if at < was.len() && to < is.len() {
                let cost = pair_cost(was[at], is[to], is_pattern);
                choices.push((steps[at + 1][to + 1].0 + cost, Step::Pair(1)));
            }
            if at < was.len() && is_pattern && was[at].contains('*') {
                let runs =
                    (2..=is.len() - to).filter(|count| covers_run(was[at], &is[to..to + count]));
                choices.extend(
                    runs.map(|count| (steps[at + 1][to + count].0 + count - 1, Step::Pair(count))),
                );
            }
            if at < was.len() {
                choices.push((steps[at + 1][to].0 + LONE, Step::Removed));
            }
            if to < is.len() {
                choices.push((steps[at][to + 1].0 + LONE, Step::Added));
            }
            if let Some(cheapest) = choices.into_iter().min_by_key(|(cost, _)| *cost) {
                steps[at][to] = cheapest;
            }
        }
    }
    steps
}

/// The cost of letting one segment stand for another.
fn pair_cost(was: &str, is: &str, is_pattern: bool) -> usize {
    if was == is || is_pattern && covers(was, is) {
        0
    } else if Spelling::between(was, is).is_some() {
        1
    } else {
        4
    }
}

/// Returns whether a segment with a `*` may cover several, by what stands before its first and
/// after its last `*`.
fn covers_run(pattern: &str, segments: &[&str]) -> bool {
    let before = pattern.split('*').next().unwrap_or_default();
    let after = pattern.rsplit('*').next().unwrap_or_default();
    segments[0].starts_with(before) && segments[segments.len() - 1].ends_with(after)
}
