//! The search for the signed text: changes composed breadth-first, the likeliest first, within a budget.
//!
//! A guess is a policy text. It is built from a URL, an expiry and a spelling, each the received one or an alternative from
//! the tables, and is right if the signature matches it. So the answer is proved, never likely.

use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::rc::Rc;

use super::budget::Budget;
use super::change::Change;
use super::policy_rules::{MESSAGES, Message, SPELLINGS, Spelling};
use super::template::Template;
use super::{expiry_rules, url_rules};
use crate::key::{SignedDigest, SignedHash};
use crate::sign::multiples_of_generator;

/// A message that may have been signed, and the changes that led to the received one.
#[derive(Clone, Default)]
struct Guess {
    /// The resource after one change; `None` for the received one.
    first_url: Option<Rc<str>>,
    /// The resource after another.
    second_url: Option<Rc<str>>,
    expires: Option<Rc<str>>,
    spellings: [Option<&'static Spelling>; 2],
    message: Option<&'static Message>,
}

/// The search for the message under one signature, with one hash and one template.
pub(super) struct Search<'a> {
    signature: &'a SignedDigest,
    pub(super) hash: SignedHash,
    pub(super) template: &'a Template,
    seen: HashSet<u64>,
    /// Guesses that are compared with the signature together, which is faster for P-256.
    pending: Vec<(Vec<u8>, Guess)>,
    /// The x-coordinates of P-256 that the right guess gives.
    expected: Option<[[u8; 32]; 2]>,
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
        Search {
            signature,
            hash,
            template,
            seen: HashSet::new(),
            pending: Vec::new(),
            expected: signature.x_coordinates(),
            found: None,
        }
    }

    /// Returns whether the text as it is was signed.
    pub(super) fn is_unchanged(&mut self, budget: &mut Budget) -> bool {
        self.guess(Guess::default(), budget);
        self.changes().is_some()
    }

    /// The one change after which the signature matches, of those up to a rank.
    pub(super) fn one_change(&mut self, limit: usize, budget: &mut Budget) -> Option<Vec<Change>> {
        let template = self.template;
        for url in &template.urls {
            if url.rank <= limit && self.seen.insert(url.hash) {
                let first_url = Some(Rc::clone(&url.text));
                let guess = Guess {
                    first_url,
                    ..Guess::default()
                };
                self.guess(guess, budget);
            }
        }
        self.change_expiry(&Guess::default(), &(0..=limit), budget);
        self.respell(&Guess::default(), &(0..=limit), budget);
        self.changes()
    }

    /// The two changes after which the signature matches.
    pub(super) fn two_changes(&mut self, budget: &mut Budget) -> Option<Vec<Change>> {
        let template = self.template;
        let mut start = 0;
        for end in ROUNDS {
            let ranks = start..=end;
            for url in &template.urls {
                let Some(ranks) = left(&ranks, url.rank) else {
                    break;
                };
                if self.is_over(budget) {
                    return self.changes();
                }
                self.change_again(&url.text, &ranks, budget);
            }
            for expiry in &template.expiries {
                let Some(ranks) = left(&ranks, expiry.rank) else {
                    break;
                };
                let guess = Guess {
                    expires: Some(Rc::clone(&expiry.text)),
                    ..Guess::default()
                };
                self.respell(&guess, &ranks, budget);
            }
            for (index, first) in SPELLINGS.iter().enumerate() {
                let Some(ranks) = left(&ranks, spelling_rank(index)) else {
                    break;
                };
                let guess = Guess {
                    spellings: [Some(first), None],
                    ..Guess::default()
                };
                self.respell(&guess, &ranks, budget);
            }
            start = end + 1;
        }
        self.changes()
    }

    /// Guesses that `url` and a second change make.
    fn change_again(&mut self, url: &Rc<str>, ranks: &RangeInclusive<usize>, budget: &mut Budget) {
        let first = Guess {
            first_url: Some(Rc::clone(url)),
            ..Guess::default()
        };
        let alternatives = url_rules::alternatives(url, *ranks.end());
        budget.spend(alternatives.bytes);
        for other in alternatives.found() {
            if ranks.contains(&other.rank) && self.seen.insert(other.hash) {
                let guess = Guess {
                    second_url: Some(other.text),
                    ..first.clone()
                };
                self.guess(guess, budget);
            }
        }
        self.change_expiry(&first, ranks, budget);
        self.respell(&first, ranks, budget);
    }

    /// Guesses that another expiry, of those in a range of ranks, makes of another guess.
    fn change_expiry(&mut self, guess: &Guess, ranks: &RangeInclusive<usize>, budget: &mut Budget) {
        let template = self.template;
        for expiry in &template.expiries {
            if ranks.contains(&expiry.rank) {
                let guess = Guess {
                    expires: Some(Rc::clone(&expiry.text)),
                    ..guess.clone()
                };
                self.guess(guess, budget);
            }
        }
    }

    /// Guesses that a spelling or message, of those in a range of ranks, makes of another guess.
    fn respell(&mut self, guess: &Guess, ranks: &RangeInclusive<usize>, budget: &mut Budget) {
        for (index, spelling) in SPELLINGS.iter().enumerate() {
            if ranks.contains(&spelling_rank(index)) {
                let mut guess = guess.clone();
                let place = usize::from(guess.spellings[0].is_some());
                guess.spellings[place] = Some(spelling);
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

    fn is_over(&self, budget: &Budget) -> bool {
        self.found.is_some() || budget.is_spent()
    }

    /// Compares a guess with the signature, at once or together with later ones.
    fn guess(&mut self, guess: Guess, budget: &mut Budget) {
        if self.is_over(budget) {
            return;
        }
        let resource = guess.second_url.as_ref().or(guess.first_url.as_ref());
        let resource = resource.map(|url| url.as_ref());
        let (raw, escaped) = self.template.write(resource, guess.expires.as_deref());
        for text in [Some(raw), escaped].into_iter().flatten() {
            let work = text.len() + self.signature.work_of_a_guess();
            if let Some(message) = guess.message_of(text)
                && budget.spend(work)
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
        let mut pending = std::mem::take(&mut self.pending);
        let digests: Vec<&[u8]> = pending
            .iter()
            .map(|(digest, _)| digest.as_slice())
            .collect();
        let multiples = match self.expected {
            Some(_) if digests.len() > 1 => multiples_of_generator(&digests),
            _ => None,
        };
        let matching = match (multiples, self.expected) {
            (Some(multiples), Some(expected)) => {
                multiples.iter().position(|x| expected.contains(x))
            }
            _ => self.signature.position(self.hash, &digests),
        };
        self.found = matching.map(|index| pending.swap_remove(index).1);
    }

    /// The changes of the guess that was right; the last to happen comes first.
    fn changes(&mut self) -> Option<Vec<Change>> {
        if self.found.is_none() {
            self.compare();
        }
        let guess = self.found.as_ref()?;
        let mut changes = Vec::new();
        if let Some(parts) = &self.template.parts {
            let mut resource = parts.resource.as_str();
            for url in [&guess.first_url, &guess.second_url].into_iter().flatten() {
                changes.extend(url_rules::change(resource, url));
                resource = url;
            }
            if let Some(expires) = &guess.expires {
                changes.extend(expiry_rules::change(&parts.expires, expires));
            }
        }
        let spellings = guess.spellings.into_iter().flatten();
        changes.extend(spellings.map(Spelling::change));
        changes.extend(guess.message.map(Message::change));
        Some(changes)
    }
}

impl Guess {
    /// The message in its spelling; `None` if a spelling changes nothing.
    fn message_of(&self, mut text: String) -> Option<Vec<u8>> {
        for spelling in self.spellings.into_iter().flatten() {
            let respelled = (spelling.rewrite)(&text);
            if respelled == text {
                return None;
            }
            text = respelled;
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
