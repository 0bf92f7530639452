//! The differences between two paths, segment by segment.

use super::change::ChangeKind;
use super::difference::Difference;
use super::spelling::{Spelling, folded};
use crate::url::resource::Resource;

const SEGMENT: &str = "the path segment";

/// The most segments that are compared one by one.
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
    // Another number of segments means that slashes are spelled otherwise.
    if let Some(spelling) = Spelling::between(signed, received)
        && was.len() != is.len()
    {
        return vec![whole.spelled(spelling)];
    }
    let (before, after) = (signed.strip_suffix('/'), received.strip_suffix('/'));
    // An index document stands behind a slash that belongs to its folder.
    let is_folder = signed.starts_with(received) || received.starts_with(signed);
    if before.is_some() == after.is_some() || is_folder && was.len() == is.len() {
        let [was_plain, is_plain] = [&was, &is].map(|own| without_dots(own).join("/"));
        if was_plain == is_plain || is_pattern && covers(&was_plain, &is_plain) {
            return vec![whole.noted("empty and dot segments")];
        }
        if was.len().max(is.len()) > MOST_SEGMENTS {
            return vec![whole];
        }
        return segments(&was, &is, is_pattern);
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

/// Walks along two lists of segments and gives what differs.
fn segments<'a>(was: &[&'a str], is: &[&'a str], is_pattern: bool) -> Vec<Difference<'a>> {
    let mut found = Vec::new();
    let (mut at, mut to) = (0, 0);
    while at < was.len() || to < is.len() {
        let (removed, added) = gap(&was[at..], &is[to..], is_pattern);
        for place in 0..removed.max(added) {
            let signed = was[at..at + removed].get(place);
            let received = is[to..to + added].get(place);
            let [signed, received] =
                [signed, received].map(|own| own.filter(|own| !own.is_empty()));
            let (signed, received) = (signed.copied(), received.copied());
            if signed != received {
                found.push(Difference::new(ChangeKind::Path, SEGMENT, signed, received));
            }
        }
        (at, to) = (at + removed, to + added);
        let (Some(signed), Some(received)) = (was.get(at), is.get(to)) else {
            continue;
        };
        if is_pattern && signed.contains('*') {
            return found;
        }
        if let Some(spelling) = Spelling::between(signed, received)
            && signed != received
        {
            let changed = Difference::new(ChangeKind::Path, SEGMENT, *signed, *received);
            found.push(changed.spelled(spelling));
        }
        (at, to) = (at + 1, to + 1);
    }
    found
}

/// The fewest segments to leave out of each list until both go on alike, or end.
fn gap(was: &[&str], is: &[&str], is_pattern: bool) -> (usize, usize) {
    let is_star = |at: usize| is_pattern && was.get(at).is_some_and(|own| own.contains('*'));
    let mut counts = Vec::new();
    for removed in 0..=was.len() {
        counts.extend((0..=is.len()).map(|added| (removed, added)));
    }
    // A `*` covers anything, so segments in front of it were probably changed, not left out.
    counts.sort_by_key(|(removed, added)| {
        let is_unlikely = is_star(*removed) && removed != added;
        removed + added + if is_unlikely { 2 } else { 0 }
    });
    let goes_on = |(removed, added): &(usize, usize)| match (was.get(*removed), is.get(*added)) {
        (Some(_), Some(_)) if is_star(*removed) => {
            covers(&was[*removed..].join("/"), &is[*added..].join("/"))
        }
        (Some(was), Some(is)) => {
            is_pattern && covers(was, is) || was == is || folded(was) == folded(is)
        }
        (was, is) => was == is,
    };
    let first = counts.into_iter().find(goes_on);
    first.unwrap_or((was.len(), is.len()))
}
