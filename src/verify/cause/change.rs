//! One change between what was signed and what was requested.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A change, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// What happened.
    pub(super) cause: Cow<'static, str>,
    /// What to do about it.
    pub(super) fix: Cow<'static, str>,
}

impl Change {
    pub(super) fn new(
        cause: impl Into<Cow<'static, str>>,
        fix: impl Into<Cow<'static, str>>,
    ) -> Self {
        Change {
            cause: cause.into(),
            fix: fix.into(),
        }
    }
}

/// Several changes as one sentence each for cause and fix; repetitions are left out.
pub(super) fn summary(changes: &[&Change]) -> (String, String) {
    let joined = |text: fn(&Change) -> &str| {
        let mut texts: Vec<&str> = Vec::new();
        for change in changes {
            if !texts.contains(&text(change)) {
                texts.push(text(change));
            }
        }
        texts.join("; ")
    };
    (joined(|change| &change.cause), joined(|change| &change.fix))
}

/// What may have been signed.
#[derive(Debug, Clone)]
pub(super) struct Variant {
    pub(super) text: String,
    /// The place in the order of likelihood; 0 is the likeliest.
    pub(super) rank: usize,
}

/// Collects alternatives of a text. Each stands for a change, which is put in words only for the one that is looked for:
/// that takes longer than to make the alternative.
pub(super) struct Variants<'a> {
    found: Vec<Variant>,
    seen: HashSet<u64>,
    wanted: Option<&'a str>,
    change: Option<Change>,
    weight: usize,
    /// How many alternatives the current rule gave.
    count: usize,
    /// How many more bytes all of them may have.
    left_bytes: usize,
}

/// The most alternatives that one rule gives.
const MOST_OF_A_RULE: usize = 300;

/// The most bytes of all alternatives of one text: some thousands of a usual length, some hundreds of the longest.
const MOST_BYTES: usize = 2 << 20;

impl<'a> Variants<'a> {
    /// Collects the alternatives of `original`; `wanted` is the one whose change is looked for.
    pub(super) fn of(original: &str, wanted: Option<&'a str>) -> Self {
        Variants {
            found: Vec::new(),
            seen: HashSet::from([hash_of(original)]),
            wanted,
            change: None,
            weight: 0,
            count: 0,
            left_bytes: MOST_BYTES,
        }
    }

    /// Starts with the next rule; a rule with a higher weight is less likely.
    pub(super) fn start_rule(&mut self, weight: usize) {
        self.weight = weight;
        self.count = 0;
    }

    /// Whether the current rule should stop.
    pub(super) fn is_full(&self) -> bool {
        self.count == MOST_OF_A_RULE || self.left_bytes == 0
    }

    /// Adds an alternative, unless it is the original or known.
    pub(super) fn push(&mut self, text: impl Into<String>, cause: &'static str, fix: &'static str) {
        self.push_with(text, fix, || cause.into());
    }

    /// Adds an alternative whose change is put in words by `cause`.
    pub(super) fn push_with(
        &mut self,
        text: impl Into<String>,
        fix: &'static str,
        cause: impl FnOnce() -> Cow<'static, str>,
    ) {
        let text = text.into();
        if self.is_full() || !self.seen.insert(hash_of(&text)) {
            return;
        }
        if self.wanted == Some(&text) {
            self.change = Some(Change::new(cause(), fix));
        }
        let rank = self.weight + self.count / 3;
        self.count += 1;
        self.left_bytes = self.left_bytes.saturating_sub(text.len());
        self.found.push(Variant { text, rank });
    }

    /// The alternatives, the likeliest first.
    pub(super) fn found(self) -> Vec<Variant> {
        let mut found = self.found;
        found.sort_by_key(|variant| variant.rank);
        found
    }

    /// The change that the wanted alternative stands for.
    pub(super) fn change(self) -> Option<Change> {
        self.change
    }
}

/// A hash to recognize a text that was seen before. A collision hides a guess, and never makes a wrong one.
pub(super) fn hash_of(text: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
