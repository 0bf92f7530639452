//! The search for what was signed: changes composed breadth-first, the likeliest first, within a budget.
//!
//! A guess is a policy text. It is built from a URL, an expiry and a spelling, each the received one or an alternative from
//! the tables, and is right if the signature matches it. So the answer is proved, never likely.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use super::change::{Change, Variant, hash_of};
use super::policy_rules::{MESSAGES, Message, SPELLINGS, Spelling};
use super::{expiry_rules, url_rules};
use crate::key::{SignedDigest, SignedHash};
use crate::sign::multiples_of_generator;

/// How much work a search may do.
pub(super) struct Budget {
    /// Comparisons with the signature.
    pub(super) guesses: usize,
    /// Bytes of all guesses, and of the alternatives that they are made of.
    pub(super) bytes: usize,
}

impl Budget {
    /// Some 50 milliseconds for a kind of signature.
    pub(super) fn for_signature(signature: &SignedDigest) -> Self {
        match signature {
            // A guess is a hash.
            SignedDigest::Pkcs1 { .. } => Budget {
                guesses: 40_000,
                bytes: 64 << 20,
            },
            // A guess is a multiplication on the curve.
            SignedDigest::P256(_) => Budget {
                guesses: 10_000,
                bytes: 24 << 20,
            },
            _ => Budget {
                guesses: 20_000,
                bytes: 8 << 20,
            },
        }
    }

    fn is_spent(&self) -> bool {
        self.guesses == 0
    }

    /// Counts bytes that were made whether or not they are guessed.
    fn charge(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_sub(bytes);
        if self.bytes == 0 {
            self.guesses = 0;
        }
    }

    fn spend(&mut self, bytes: usize) -> bool {
        if self.guesses == 0 || self.bytes < bytes {
            self.guesses = 0;
            return false;
        }
        self.guesses -= 1;
        self.bytes -= bytes;
        true
    }
}

/// A policy text, and the parts of it that the search varies.
pub(super) struct Template {
    text: String,
    parts: Option<Parts>,
}

struct Parts {
    /// The URL or pattern.
    resource: String,
    /// The expiry as written.
    expires: String,
    before: String,
    middle: String,
    after: String,
}

impl Template {
    /// A text in which nothing is varied.
    pub(super) fn whole(text: &str) -> Self {
        Template {
            text: text.to_owned(),
            parts: None,
        }
    }

    /// A text in which resource and expiry are varied, if they are where they are expected: a malformed policy may have
    /// them elsewhere, or escaped.
    pub(super) fn of(text: &str, resource: &str, expires: &str) -> Self {
        Template {
            text: text.to_owned(),
            parts: Parts::of(text, resource, expires),
        }
    }

    /// The text with another JSON string for its resource, and another expiry.
    fn write(&self, literal: &str, expires: &str) -> String {
        match &self.parts {
            Some(parts) => [&parts.before, literal, &parts.middle, expires, &parts.after].concat(),
            None => self.text.clone(),
        }
    }
}

impl Parts {
    fn of(text: &str, resource: &str, expires: &str) -> Option<Self> {
        let literal = serde_json::to_string(resource).ok()?;
        let (before, rest) = text.split_once(&literal)?;
        let less_than = rest.find("\"DateLessThan\"")?;
        let place = less_than + rest[less_than..].find(expires)?;
        Some(Parts {
            resource: resource.to_owned(),
            expires: expires.to_owned(),
            before: before.to_owned(),
            middle: rest[..place].to_owned(),
            after: rest[place + expires.len()..].to_owned(),
        })
    }
}

/// A message that may have been signed, and how it comes from the one that was received.
#[derive(Clone, Default)]
struct Guess {
    /// The resource after one change; `None` for the received one.
    first_url: Option<String>,
    /// The resource after another.
    second_url: Option<String>,
    expires: Option<String>,
    spellings: Vec<&'static Spelling>,
    message: Option<&'static Message>,
}

/// The search for the message under one signature.
pub(super) struct Search<'a> {
    signature: &'a SignedDigest,
    hash: SignedHash,
    template: &'a Template,
    resource: &'a str,
    expires: &'a str,
    urls: Vec<Variant>,
    expiries: Vec<Variant>,
    seen: HashSet<u64>,
    /// Guesses that are compared with the signature together, which is faster for P-256.
    pending: Vec<(Vec<u8>, Guess)>,
    found: Option<Guess>,
}

/// The ranks at which the rounds of a search end. In each round, pairs are tried whose ranks add up to no more.
const ROUNDS: [usize; 9] = [2, 4, 6, 8, 10, 13, 17, 24, 100];

/// The rank of the spelling with this index.
fn spelling_rank(index: usize) -> usize {
    index / 3
}

/// The rank of the message with this index.
fn message_rank(index: usize) -> usize {
    2 + index / 2
}

impl<'a> Search<'a> {
    pub(super) fn new(
        signature: &'a SignedDigest,
        hash: SignedHash,
        template: &'a Template,
    ) -> Self {
        let mut search = Search {
            signature,
            hash,
            template,
            resource: "",
            expires: "",
            urls: Vec::new(),
            expiries: Vec::new(),
            seen: HashSet::new(),
            pending: Vec::new(),
            found: None,
        };
        if let Some(parts) = &template.parts {
            search.resource = &parts.resource;
            search.expires = &parts.expires;
            search.urls = url_rules::alternatives(&parts.resource);
            search.expiries = expiry_rules::alternatives(&parts.expires);
        }
        search
    }

    /// Whether the text as it is was signed.
    pub(super) fn is_unchanged(&mut self, budget: &mut Budget) -> bool {
        self.guess(Guess::default(), budget);
        self.changes().is_some()
    }

    /// The one change after which the signature matches, of those up to a rank.
    pub(super) fn one_change(&mut self, limit: usize, budget: &mut Budget) -> Option<Vec<Change>> {
        for url in self.urls.clone() {
            if url.rank <= limit && self.is_new(&url.text) {
                let guess = Guess {
                    first_url: Some(url.text),
                    ..Guess::default()
                };
                self.guess(guess, budget);
            }
        }
        for expiry in self.expiries.clone() {
            if expiry.rank <= limit {
                let guess = Guess {
                    expires: Some(expiry.text),
                    ..Guess::default()
                };
                self.guess(guess, budget);
            }
        }
        self.respell(&Guess::default(), &(0..=limit), budget);
        self.changes()
    }

    /// The two changes after which the signature matches.
    pub(super) fn two_changes(&mut self, budget: &mut Budget) -> Option<Vec<Change>> {
        let (urls, expiries) = (self.urls.clone(), self.expiries.clone());
        let mut start = 0;
        for end in ROUNDS {
            let ranks = start..=end;
            for url in &urls {
                let Some(ranks) = left(&ranks, url.rank) else {
                    break;
                };
                if self.is_over(budget) {
                    return self.changes();
                }
                self.change_again(&url.text, &expiries, &ranks, budget);
            }
            for expiry in &expiries {
                let Some(ranks) = left(&ranks, expiry.rank) else {
                    break;
                };
                let guess = Guess {
                    expires: Some(expiry.text.clone()),
                    ..Guess::default()
                };
                self.respell(&guess, &ranks, budget);
            }
            for (index, first) in SPELLINGS.iter().enumerate() {
                let Some(ranks) = left(&ranks, spelling_rank(index)) else {
                    break;
                };
                let guess = Guess {
                    spellings: vec![first],
                    ..Guess::default()
                };
                self.respell(&guess, &ranks, budget);
            }
            start = end + 1;
        }
        self.changes()
    }

    /// Guesses that `url` and a second change make.
    fn change_again(
        &mut self,
        url: &str,
        expiries: &[Variant],
        ranks: &RangeInclusive<usize>,
        budget: &mut Budget,
    ) {
        let first = Guess {
            first_url: Some(url.to_owned()),
            ..Guess::default()
        };
        let alternatives = url_rules::alternatives(url);
        budget.charge(alternatives.iter().map(|other| other.text.len()).sum());
        for other in alternatives {
            if ranks.contains(&other.rank) && self.is_new(&other.text) {
                let guess = Guess {
                    second_url: Some(other.text),
                    ..first.clone()
                };
                self.guess(guess, budget);
            }
        }
        for expiry in expiries {
            if ranks.contains(&expiry.rank) {
                let guess = Guess {
                    expires: Some(expiry.text.clone()),
                    ..first.clone()
                };
                self.guess(guess, budget);
            }
        }
        self.respell(&first, ranks, budget);
    }

    /// Guesses that a spelling or message, of those in a range of ranks, makes of another.
    fn respell(&mut self, guess: &Guess, ranks: &RangeInclusive<usize>, budget: &mut Budget) {
        for (index, spelling) in SPELLINGS.iter().enumerate() {
            if ranks.contains(&spelling_rank(index)) {
                let mut guess = guess.clone();
                guess.spellings.push(spelling);
                self.guess(guess, budget);
            }
        }
        for (index, message) in MESSAGES.iter().enumerate() {
            if ranks.contains(&message_rank(index)) {
                let guess = Guess {
                    message: Some(message),
                    ..guess.clone()
                };
                self.guess(guess, budget);
            }
        }
    }

    fn is_new(&mut self, resource: &str) -> bool {
        self.seen.insert(hash_of(resource))
    }

    fn is_over(&self, budget: &Budget) -> bool {
        self.found.is_some() || budget.is_spent()
    }

    /// Compares a guess with the signature, at once or together with later ones.
    fn guess(&mut self, guess: Guess, budget: &mut Budget) {
        if self.is_over(budget) {
            return;
        }
        let resource = guess.second_url.as_ref().or(guess.first_url.as_ref());
        let resource = resource.map_or(self.resource, String::as_str);
        let expires = guess.expires.as_deref().unwrap_or(self.expires);
        // Without escapes, as programs write that build JSON by hand, and with them, if there is a difference.
        let raw = self.template.write(&format!("\"{resource}\""), expires);
        let needs_escapes = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
        let escaped = resource.bytes().any(needs_escapes).then(|| {
            let literal = serde_json::to_string(resource).unwrap_or_default();
            self.template.write(&literal, expires)
        });
        for text in [Some(raw), escaped].into_iter().flatten() {
            if let Some(message) = guess.message_of(text)
                && budget.spend(message.len() + 64)
            {
                let digest = self.hash.digest(&message);
                self.pending.push((digest, guess.clone()));
            }
        }
        if self.pending.len() >= self.signature.batch_size() {
            self.compare();
        }
    }

    /// Compares the pending guesses with the signature.
    fn compare(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        let digests: Vec<&[u8]> = pending
            .iter()
            .map(|(digest, _)| digest.as_slice())
            .collect();
        let matching = match self.signature.x_coordinates() {
            Some(expected) if digests.len() > 1 => match multiples_of_generator(&digests) {
                Some(multiples) => multiples.iter().position(|x| expected.contains(x)),
                None => self.signature.position(self.hash, &digests),
            },
            _ => self.signature.position(self.hash, &digests),
        };
        if let Some(index) = matching {
            self.found = pending.into_iter().nth(index).map(|(_, guess)| guess);
        }
    }

    /// The changes of the guess that was right; the last to happen comes first.
    fn changes(&mut self) -> Option<Vec<Change>> {
        if self.found.is_none() {
            self.compare();
        }
        let guess = self.found.as_ref()?;
        let mut changes = Vec::new();
        let mut resource = self.resource;
        for url in [&guess.first_url, &guess.second_url].into_iter().flatten() {
            changes.extend(url_rules::change(resource, url));
            resource = url;
        }
        if let Some(expires) = &guess.expires {
            changes.extend(expiry_rules::change(self.expires, expires));
        }
        changes.extend(guess.spellings.iter().map(|spelling| spelling.change()));
        changes.extend(guess.message.map(Message::change));
        Some(changes)
    }
}

impl Guess {
    /// The message in its spelling; `None` if a spelling changes nothing.
    fn message_of(&self, mut text: String) -> Option<Vec<u8>> {
        for spelling in &self.spellings {
            let respelt = (spelling.rewrite)(&text);
            if respelt == text {
                return None;
            }
            text = respelt;
        }
        Some(match self.message {
            Some(message) => (message.of)(&text),
            None => text.into_bytes(),
        })
    }
}

/// The ranks that a second change may have beside a first with this rank, for a sum in a range.
fn left(ranks: &RangeInclusive<usize>, rank: usize) -> Option<RangeInclusive<usize>> {
    let end = ranks.end().checked_sub(rank)?;
    Some(ranks.start().saturating_sub(rank)..=end)
}
