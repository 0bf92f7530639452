//! One change between what was signed and what was requested.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

/// A change, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// The event, in words.
    pub(super) cause: Cow<'static, str>,
    /// The next step.
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
pub(super) fn summary(changes: &[Change]) -> (String, String) {
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

/// A text that may have been signed.
#[derive(Debug, Clone)]
pub(super) struct Variant {
    pub(super) text: Rc<str>,
    /// The place in the order of likelihood; 0 is the likeliest.
    pub(super) rank: usize,
    /// A hash to recognize the text: a collision hides a guess, and never makes a wrong one.
    pub(super) hash: u64,
}

/// A cause: text, or a closure that formats it, since that takes longer than to make an alternative.
pub(super) trait Cause {
    fn text(self) -> Cow<'static, str>;
}

impl Cause for &'static str {
    fn text(self) -> Cow<'static, str> {
        self.into()
    }
}

impl<F: FnOnce() -> String> Cause for F {
    fn text(self) -> Cow<'static, str> {
        self().into()
    }
}

/// Collects alternatives of a text. Each stands for a change, of which only the wanted one is put in words.
pub(super) struct Variants<'a> {
    found: Vec<Variant>,
    /// The change that the wanted alternative stands for.
    pub(super) change: Option<Change>,
    /// Bytes of all alternatives that were made, the same ones counted again.
    pub(super) bytes: usize,
    seen: HashSet<u64>,
    wanted: Option<&'a str>,
    /// The highest rank that is collected.
    limit: usize,
    weight: usize,
    /// The number of alternatives from the current rule.
    count: usize,
}

/// The most alternatives that one rule adds.
const MOST_OF_A_RULE: usize = 300;

/// The most bytes of all alternatives of one text: some thousands of a usual length, some hundreds of the longest.
const MOST_BYTES: usize = 1 << 20;

impl<'a> Variants<'a> {
    /// Collects the alternatives of `original` up to the rank `limit`.
    pub(super) fn up_to(limit: usize, original: &str) -> Self {
        Variants {
            found: Vec::new(),
            change: None,
            bytes: 0,
            seen: HashSet::from([hash_of(original)]),
            wanted: None,
            limit,
            weight: 0,
            count: 0,
        }
    }

    /// Looks for the change of `original` that the alternative `wanted` stands for.
    pub(super) fn wanting(wanted: &'a str, original: &str) -> Self {
        Variants {
            wanted: Some(wanted),
            ..Variants::up_to(usize::MAX, original)
        }
    }

    /// Starts the next rule; a rule with a higher weight is less likely. `false` if no alternative of it is collected.
    pub(super) fn start_rule(&mut self, weight: usize) -> bool {
        self.weight = weight;
        self.count = 0;
        !self.is_full()
    }

    /// Returns whether the current rule should stop.
    pub(super) fn is_full(&self) -> bool {
        self.count == MOST_OF_A_RULE || self.bytes >= MOST_BYTES || self.rank() > self.limit
    }

    fn rank(&self) -> usize {
        self.weight + self.count / 3
    }

    /// Adds an alternative, unless it is the original or known.
    pub(super) fn push(&mut self, text: impl Into<String>, cause: impl Cause, fix: &'static str) {
        let text = text.into();
        self.bytes += text.len();
        let hash = hash_of(&text);
        if self.is_full() || !self.seen.insert(hash) {
            return;
        }
        if self.wanted == Some(&text) {
            self.change = Some(Change::new(cause.text(), fix));
        }
        let rank = self.rank();
        self.count += 1;
        self.found.push(Variant {
            text: text.into(),
            rank,
            hash,
        });
    }

    /// The alternatives, the likeliest first.
    pub(super) fn found(mut self) -> Vec<Variant> {
        self.found.sort_by_key(|variant| variant.rank);
        self.found
    }
}

fn hash_of(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
