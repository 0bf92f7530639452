//! Differences between two texts, put into words together with those like them.

use super::change::{Change, ChangeKind};
use super::spelling::{Effect, Spelling};
use crate::error::quoted;

/// The subject of everything that a serializer does to a query, which is said in one sentence.
pub(super) const QUERY: &str = "the query";

/// The most pieces that a sentence lists.
const LISTED: usize = 3;

/// One difference between a signed and a received text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Difference<'a> {
    pub(super) kind: ChangeKind,
    /// The part that differs, such as `the path segment`.
    pub(super) subject: &'static str,
    /// The kinds of difference, such as `upper and lower case`.
    pub(super) notes: &'static [&'static str],
    pub(super) signed: Option<&'a str>,
    pub(super) received: Option<&'a str>,
}

impl<'a> Difference<'a> {
    /// A difference without notes; a piece is `None` if nothing stands for the other one.
    pub(super) fn new(
        kind: ChangeKind,
        subject: &'static str,
        signed: impl Into<Option<&'a str>>,
        received: impl Into<Option<&'a str>>,
    ) -> Self {
        Difference {
            kind,
            subject,
            notes: &[],
            signed: signed.into(),
            received: received.into(),
        }
    }

    pub(super) fn noted(self, notes: &'static [&'static str]) -> Self {
        Difference { notes, ..self }
    }

    /// The difference as one of spelling; `encoding` is its kind if only the encoding differs.
    pub(super) fn spelled(self, spelling: &Spelling, encoding: ChangeKind) -> Self {
        let kind = match spelling.effect {
            Effect::Encoding => encoding,
            Effect::Text => ChangeKind::UrlText,
            Effect::Case => self.kind,
        };
        Difference {
            kind,
            notes: spelling.notes,
            ..self
        }
    }

    /// Returns whether one sentence speaks of both.
    fn is_like(&self, other: &Difference<'_>) -> bool {
        if self.subject == QUERY {
            return other.subject == QUERY;
        }
        self.subject == other.subject
            && self.notes == other.notes
            && self.signed.is_some() == other.signed.is_some()
            && self.received.is_some() == other.received.is_some()
    }
}

/// The differences as changes, those that are alike with the same sentence.
pub(super) fn in_words(differences: &[Difference<'_>]) -> Vec<Change> {
    let mut groups: Vec<Vec<&Difference<'_>>> = Vec::new();
    for difference in differences {
        let group = groups.iter_mut().find(|group| group[0].is_like(difference));
        match group {
            Some(group) => group.push(difference),
            None => groups.push(vec![difference]),
        }
    }
    let mut changes = Vec::new();
    for group in groups {
        let text = sentence(&group);
        changes.extend(group.iter().map(|difference| Change {
            kind: difference.kind,
            signed: difference.signed.map(str::to_owned),
            received: difference.received.map(str::to_owned),
            text: text.clone(),
        }));
    }
    changes
}

fn sentence(group: &[&Difference<'_>]) -> String {
    let first = group[0];
    if first.subject == QUERY {
        return query_sentence(group);
    }
    let subject = first.subject;
    let note = if first.notes.is_empty() {
        String::new()
    } else {
        format!(" ({})", first.notes.join(", "))
    };
    let (pieces, verb): (Vec<&str>, &str) = match (first.signed, first.received) {
        (Some(_), Some(_)) => return format!("{subject} {}{note}", pairs(group)),
        (Some(_), None) => (
            group.iter().filter_map(|own| own.signed).collect(),
            "removed",
        ),
        _ => (
            group.iter().filter_map(|own| own.received).collect(),
            "added",
        ),
    };
    let list = list(&pieces);
    if pieces.len() == 1 {
        format!("{subject} {list} was {verb} after signing{note}")
    } else {
        format!("{subject}s {list} were {verb} after signing{note}")
    }
}

/// The sentence for a query that was serialized again.
fn query_sentence(group: &[&Difference<'_>]) -> String {
    let mut notes: Vec<&str> = Vec::new();
    for note in group.iter().flat_map(|own| own.notes) {
        if !notes.contains(note) {
            notes.push(note);
        }
    }
    let with_pieces: Vec<&Difference<'_>> = group
        .iter()
        .copied()
        .filter(|own| own.signed.is_some())
        .collect();
    if with_pieces.is_empty() {
        return "the query parameters were reordered after signing".into();
    }
    let notes = notes.join(", ");
    format!(
        "the query was rewritten after signing ({notes}): {}",
        pairs(&with_pieces)
    )
}

/// The first pair of pieces in words, and the number of the others.
fn pairs(group: &[&Difference<'_>]) -> String {
    let signed = quoted(group[0].signed.unwrap_or_default());
    let received = quoted(group[0].received.unwrap_or_default());
    let mut words = format!("{signed} was signed, but {received} was requested");
    if group.len() > 1 {
        words += &format!(", and {} more changed", group.len() - 1);
    }
    words
}

/// Pieces in quotes: `"a", "b" and 3 more`.
fn list(pieces: &[&str]) -> String {
    let mut names: Vec<String> = pieces
        .iter()
        .take(LISTED)
        .map(|piece| quoted(piece))
        .collect();
    if pieces.len() > LISTED {
        names.push(format!("{} more", pieces.len() - LISTED));
    }
    let last = names.pop().unwrap_or_default();
    if names.is_empty() {
        return last;
    }
    format!("{} and {last}", names.join(", "))
}
