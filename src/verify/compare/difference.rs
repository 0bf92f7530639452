//! Differences between two texts, put into words together with those like them.

use super::change::{Change, ChangeKind, distinct};
use super::spelling::{Effect, Spelling};
use crate::error::{listed, quoted};

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
    /// The kinds of difference, separated by commas, such as `upper and lower case`; may be empty.
    pub(super) note: &'static str,
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
            note: "",
            signed: signed.into(),
            received: received.into(),
        }
    }

    pub(super) fn noted(self, note: &'static str) -> Self {
        Difference { note, ..self }
    }

    /// The difference of a path or a parameter as one of spelling.
    pub(super) fn spelled(self, spelling: &Spelling) -> Self {
        let kind = match (spelling.effect, self.kind) {
            (Effect::Encoding, ChangeKind::Path) => ChangeKind::PathEncoding,
            (Effect::Encoding, _) => ChangeKind::QueryEncoding,
            (Effect::Text, _) => ChangeKind::UrlText,
            (Effect::Case, kind) => kind,
        };
        let note = spelling.note;
        Difference { kind, note, ..self }
    }

    /// Returns whether one sentence speaks of both.
    fn is_like(&self, other: &Difference<'_>) -> bool {
        if self.subject == QUERY {
            return other.subject == QUERY;
        }
        self.subject == other.subject
            && self.note == other.note
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
    let note = match first.note {
        "" => String::new(),
        note => format!(" ({note})"),
    };
    if first.signed.is_some() && first.received.is_some() {
        return format!("{subject} {}{note}", pairs(group));
    }
    let verb = match first.signed {
        Some(_) => "removed",
        None => "added",
    };
    let pieces = group.iter().filter_map(|own| own.signed.or(own.received));
    let pieces = list(&pieces.collect::<Vec<_>>());
    match group.len() {
        1 => format!("{subject} {pieces} was {verb} after signing{note}"),
        _ => format!("{subject}s {pieces} were {verb} after signing{note}"),
    }
}

/// The sentence for a query that was serialized again.
fn query_sentence(group: &[&Difference<'_>]) -> String {
    let notes = distinct(group.iter().flat_map(|own| own.note.split(", ")));
    // A difference in order has no pieces.
    let mut group = group.to_vec();
    group.retain(|own| own.signed.is_some());
    if group.is_empty() {
        return "the query parameters were reordered after signing".into();
    }
    let (notes, pairs) = (notes.join(", "), pairs(&group));
    format!("the query was rewritten after signing ({notes}): {pairs}")
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
    let names = pieces.iter().take(LISTED).map(|piece| quoted(piece));
    let mut names: Vec<String> = names.collect();
    if pieces.len() > LISTED {
        names.push(format!("{} more", pieces.len() - LISTED));
    }
    listed(&names.iter().map(String::as_str).collect::<Vec<_>>())
}
