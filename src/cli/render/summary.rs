//! A summary of many verdicts: the count, and a table for people.

use crate::cli::terminal::{GOOD, NEXT, WRONG};
use crate::escaped;
use crate::verify::summary::{Group, Summary};

/// The count of requests, on one line.
pub fn count(sum: &Summary) -> String {
    let (allowed, denied) = (grouped(sum.allowed), grouped(sum.denied()));
    let mut line = format!("{allowed} allowed, {denied} denied");
    let others = [
        (sum.passed_over, "not signed"),
        (sum.unreadable, "not read"),
    ];
    for (count, what) in others {
        if count > 0 {
            line += &format!(", {} {what}", grouped(count));
        }
    }
    line
}

/// The groups with their shares of all requests, the most frequent first.
pub fn text(sum: &Summary) -> String {
    let requests = grouped(sum.requests);
    let mut text = format!("{requests} requests: {}\n", count(sum));
    let most = sum.groups.first().map_or(0, |group| group.count);
    let width = grouped(most).len();
    for group in &sum.groups {
        let style = if group.reason == "ok" { GOOD } else { WRONG };
        let share = 100.0 * group.count as f64 / sum.requests.max(1) as f64;
        let count = grouped(group.count);
        let title = title(group);
        text += &format!("\n{count:>width$}  {share:>5.1} %  {style}{title}{style:#}\n");
        let time = match (&group.first, &group.last) {
            (Some(first), Some(last)) if first != last => Some(format!("{first} to {last}")),
            (first, _) => first.clone(),
        };
        let details = [
            ("time:", time),
            ("example:", Some(group.example.clone())),
            ("cause:", group.cause.clone()),
            ("fix:", group.fix.clone()),
        ];
        for (name, detail) in details {
            if let Some(detail) = detail {
                text += &format!("    {NEXT}{name:<8}{NEXT:#}  {}\n", escaped(&detail));
            }
        }
    }
    text
}

fn title(group: &Group) -> String {
    let mut title = match group.status {
        Some(status) => format!("{status} {}", group.reason),
        None => group.reason.clone(),
    };
    if !group.kinds.is_empty() {
        title += &format!(" ({})", group.kinds.join(", "));
    }
    title
}

/// A number with commas between groups of three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&[u8]> = digits.as_bytes().rchunks(3).rev().collect();
    String::from_utf8_lossy(&groups.join(&b","[..])).into_owned()
}
