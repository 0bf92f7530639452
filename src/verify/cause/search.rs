//! The search for the signed text: rules and their products, the usual ones first, within a budget.
//!
//! A guess is right if the signature matches it, so what is found is proved, never likely.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use super::Case;
use super::opened::Opened;
use super::rules::expiry::EXPIRY_RULES;
use super::rules::message::messages;
use super::rules::policy::POLICY_RULES;
use super::rules::{Source, URL_RULES, USUAL, short};
use super::template::Template;
use crate::key::SignedHash;
use crate::sign::multiples_of_generator;
use crate::url::UrlParts;

/// The rules of one kind, of which a step applies each in turn.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Table {
    /// The parameters behind the signature, those of trackers and the scheme, in all combinations.
    Short,
    Url,
    /// The rules of URLs that go with other events.
    Usual,
    /// The rules of expiries between two places.
    Expiry(usize, usize),
    Policy,
    /// What is signed in place of the policy.
    Message,
}

const SMALL: Table = Table::Expiry(0, 5);
const UNITS: Table = Table::Expiry(1, 3);

/// The steps, in the order of what they find for their cost: each is a product of tables.
pub(super) const STEPS: &[&[Table]] = &[
    &[],
    &[Table::Short],
    &[Table::Message],
    &[Table::Policy],
    &[Table::Url],
    &[SMALL],
    &[Table::Short, Table::Policy],
    &[Table::Short, Table::Message],
    &[Table::Short, Table::Url],
    &[Table::Short, SMALL],
    &[Table::Policy, Table::Policy],
    &[Table::Expiry(5, 7)],
    &[Table::Expiry(7, 9)],
    &[Table::Short, Table::Expiry(5, 7)],
    &[Table::Short, Table::Policy, Table::Policy],
    &[Table::Usual, UNITS],
    &[Table::Short, Table::Usual, UNITS],
    &[Table::Short, Table::Usual, Table::Usual],
    &[Table::Url, Table::Url],
    &[Table::Short, Table::Url, Table::Url],
    &[Table::Short, Table::Expiry(7, 9)],
];

impl Table {
    fn rules(self) -> usize {
        match self {
            Table::Short => 7,
            Table::Url => URL_RULES.len(),
            Table::Usual => USUAL,
            Table::Expiry(first, end) => end - first,
            Table::Policy => POLICY_RULES.len(),
            Table::Message => 1,
        }
    }

    fn is_of_urls(&self) -> bool {
        matches!(self, Table::Url | Table::Usual)
    }
}

/// What may have been signed.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) url: Rc<str>,
    pub(super) expires: Rc<str>,
    /// The policy text; empty until it is written.
    pub(super) policy: Vec<u8>,
    /// The message, if it is not the policy text.
    pub(super) message: Option<Vec<u8>>,
    pub(super) hash: SignedHash,
    /// The route to what was found.
    pub(super) route: Vec<usize>,
}

impl Draft {
    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut draft = self.clone();
        change(&mut draft);
        draft
    }
}

/// The search under one signature, with the texts that one template gives.
pub(super) struct Search {
    /// The place of the request among those that are searched.
    pub(super) case: usize,
    pub(super) opened: Opened,
    pub(super) template: Template,
    /// The key is not the one that the request names, or the policy is not the one that it has.
    pub(super) is_unlikely: bool,
    /// The parameters of the application that stand behind the signature.
    behind: Vec<String>,
    key_pair_id: String,
    hashes: Vec<SignedHash>,
    /// The work that is left: of guesses, and of all candidates by their lengths.
    budget: usize,
    /// The step, and the places of the rules in its tables that are being applied.
    route: Vec<usize>,
    /// The route to which the search is limited.
    only: Option<Vec<usize>>,
    /// What was guessed, and what other rules were applied to.
    seen: HashSet<u64>,
    /// Guesses that are compared with the signature together, which is faster for P-256.
    pending: Vec<(Vec<u8>, Draft)>,
    /// The x-coordinates of P-256 that the right guess gives.
    expected: Option<[[u8; 32]; 2]>,
    found: Option<Draft>,
}

/// The work of one guess, in bytes of candidates.
const GUESS: usize = 2_000;

/// The steps that are made for unlikely keys and policies too.
const LIKELY_STEPS: usize = 9;

/// The most guesses at the text under one signature.
pub(super) const MOST_GUESSES: usize = 60_000;

/// The most texts of a policy rule that are combined with those of another.
const MOST_OF_A_PAIR: usize = 6;

/// The guesses that are compared together.
const BATCH: usize = 64;

impl Search {
    pub(super) fn new(place: usize, case: &Case, opened: Opened, template: Template) -> Self {
        Search {
            case: place,
            is_unlikely: false,
            behind: case.parameters_behind(),
            key_pair_id: case.key_pair_id().to_owned(),
            hashes: opened.digest.hashes(case.hash()),
            budget: 0,
            route: Vec::new(),
            only: None,
            seen: HashSet::new(),
            pending: Vec::new(),
            expected: opened.digest.x_coordinates(),
            found: None,
            opened,
            template,
        }
    }

    pub(super) fn allow(&mut self, guesses: usize) {
        self.budget = guesses * GUESS;
    }

    /// Makes one step.
    pub(super) fn step(&mut self, step: usize) -> Option<Draft> {
        if self.is_unlikely && step >= LIKELY_STEPS {
            return None;
        }
        let draft = Draft {
            url: self.template.url.as_str().into(),
            expires: self.template.expires.as_str().into(),
            policy: Vec::new(),
            message: None,
            hash: SignedHash::Sha1,
            route: Vec::new(),
        };
        self.route = vec![step];
        self.walk(&draft, STEPS[step]);
        self.compare();
        self.found.take()
    }

    /// Repeats the step that found another text, with its rules only.
    pub(super) fn repeat(&mut self, route: &[usize]) -> Option<Draft> {
        let step = *route.first()?;
        self.only = Some(route.to_vec());
        let found = self.step(step);
        self.only = None;
        found
    }

    /// Applies the rules of some tables, one after the other, and guesses what they give.
    fn walk(&mut self, draft: &Draft, tables: &'static [Table]) {
        let Some((table, rest)) = tables.split_first() else {
            return self.guess(draft);
        };
        let is_second_writer = *table == Table::Policy && !draft.policy.is_empty();
        let is_pair = is_second_writer || rest.first() == Some(&Table::Policy);
        for number in 0..table.rules() {
            let is_left_out = match &self.only {
                Some(only) => only.get(self.route.len()) != Some(&number),
                // Programs compose writers in the order of the table.
                None => is_second_writer && self.route.last() >= Some(&number),
            };
            if is_left_out {
                continue;
            }
            let mut candidates = self.apply(*table, number, draft);
            if is_pair && *table == Table::Policy {
                candidates.truncate(MOST_OF_A_PAIR);
            }
            for candidate in candidates {
                let length = candidate.url.len() + candidate.policy.len();
                self.budget = self.budget.saturating_sub(length);
                if self.is_over() {
                    return;
                }
                // Many pairs of rules meet in the same text.
                let key = (rest, &candidate.url, &candidate.policy);
                if rest.is_empty() || self.only.is_some() || self.seen.insert(hash_of(key)) {
                    self.route.push(number);
                    self.walk(&candidate, rest);
                    self.route.pop();
                }
            }
        }
    }

    /// What one rule makes of a draft.
    fn apply(&self, table: Table, number: usize, draft: &Draft) -> Vec<Draft> {
        let of_urls = STEPS[self.route[0]].iter().filter(|own| own.is_of_urls());
        let source = Source {
            url: &draft.url,
            parts: UrlParts::parse(&draft.url),
            behind: &self.behind,
            expires: &draft.expires,
            key_pair_id: &self.key_pair_id,
            is_light: table == Table::Usual || of_urls.count() > 1,
        };
        let (mut urls, mut expiries, mut found) = (Vec::new(), Vec::new(), Vec::new());
        match table {
            Table::Short => urls = short(&source, number + 1),
            Table::Url | Table::Usual => urls = URL_RULES[number](&source),
            Table::Expiry(first, _) => {
                let sent = draft.expires.parse();
                expiries = sent.map(EXPIRY_RULES[first + number]).unwrap_or_default();
            }
            Table::Policy => {
                for text in self.policies(draft) {
                    let text = String::from_utf8(text).unwrap_or_default();
                    for policy in POLICY_RULES[number](&text) {
                        found.push(draft.with(|own| own.policy = policy));
                    }
                }
            }
            Table::Message => {
                for policy in self.policies(draft) {
                    let draft = draft.with(|own| own.policy.clone_from(&policy));
                    for message in messages(&policy, &draft.url) {
                        found.push(draft.with(|own| own.message = Some(message)));
                    }
                }
            }
        }
        for url in urls {
            found.push(draft.with(|own| own.url = url.into()));
        }
        for expires in expiries {
            found.push(draft.with(|own| own.expires = expires.into()));
        }
        found
    }

    /// The text of a draft's policy, or those that its URL and expiry give.
    fn policies(&self, draft: &Draft) -> Vec<Vec<u8>> {
        if draft.policy.is_empty() {
            return self.template.write(&draft.url, &draft.expires);
        }
        vec![draft.policy.clone()]
    }

    fn is_over(&self) -> bool {
        self.found.is_some() || self.budget == 0
    }

    /// Compares a guess with the signature, at once or together with later ones.
    fn guess(&mut self, draft: &Draft) {
        let is_cheap = match STEPS[self.route[0]] {
            [] => true,
            [table] => *table == Table::Short || table.is_of_urls(),
            _ => false,
        };
        let hashes = if is_cheap { self.hashes.len() } else { 1 };
        for policy in self.policies(draft) {
            let text = draft.message.as_deref().unwrap_or(&policy);
            if self.is_over() || !self.seen.insert(hash_of(text)) {
                continue;
            }
            for hash in self.hashes.clone().into_iter().take(hashes) {
                // With P-256 a guess costs a multiplication besides.
                let cost = if self.expected.is_some() { 2 } else { 1 };
                self.budget = self.budget.saturating_sub(cost * GUESS);
                let digest = hash.digest(text);
                if self.expected.is_none() && !self.opened.digest.matches(hash, &digest) {
                    continue;
                }
                let mut found = draft.clone();
                found.policy.clone_from(&policy);
                found.hash = hash;
                found.route.clone_from(&self.route);
                if self.expected.is_none() {
                    self.found = Some(found);
                    return;
                }
                self.pending.push((digest, found));
            }
        }
        if self.pending.len() >= BATCH {
            self.compare();
        }
    }

    /// Compares the pending guesses with a signature of P-256.
    fn compare(&mut self) {
        let Some(expected) = self.expected else {
            return;
        };
        let mut pending = std::mem::take(&mut self.pending);
        let digests: Vec<&[u8]> = pending
            .iter()
            .map(|(digest, _)| digest.as_slice())
            .collect();
        let place = match multiples_of_generator(&digests) {
            Some(multiples) => multiples.iter().position(|x| expected.contains(x)),
            None => {
                // One at a time costs five times as much.
                let cost = 4 * GUESS * digests.len();
                self.budget = self.budget.saturating_sub(cost);
                pending
                    .iter()
                    .position(|(digest, draft)| self.opened.digest.matches(draft.hash, digest))
            }
        };
        if let Some(place) = place {
            self.found = Some(pending.swap_remove(place).1);
        }
    }
}

fn hash_of(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}
