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
use super::rules::{RARE, Source, URL_RULES, short};
use super::template::Template;
use crate::key::{SignedDigest, SignedHash};
use crate::sign::multiples_of_generator;
use crate::url::UrlParts;

/// The rules of one kind, of which a step applies each in turn.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Table {
    /// The parameters behind the signature, those of trackers and the scheme, in all combinations.
    Short,
    /// The rules of URLs between two places.
    Url(usize, usize),
    /// The rules of expiries between two places.
    Expiry(usize, usize),
    Policy,
    /// What is signed in place of the policy.
    Message,
}

/// The rules of URLs, those that go with other events, and those with many candidates.
const URL: Table = Table::Url(0, RARE);
const USUAL: Table = Table::Url(0, 9);
const ALONE: Table = Table::Url(RARE, URL_RULES.len());

const SMALL: Table = Table::Expiry(0, 5);
const HOURS: Table = Table::Expiry(2, 3);

/// The steps, in the order of what they find for their cost: each is a product of tables.
pub(super) const STEPS: &[&[Table]] = &[
    &[],
    &[Table::Short],
    &[Table::Message],
    &[Table::Policy],
    &[URL],
    &[SMALL],
    &[Table::Short, Table::Policy],
    &[Table::Short, Table::Message],
    &[Table::Short, URL],
    &[Table::Short, SMALL],
    &[Table::Policy, Table::Policy],
    &[Table::Expiry(5, 7)],
    &[Table::Expiry(7, 9)],
    &[USUAL, HOURS],
    &[Table::Short, USUAL, HOURS],
    &[USUAL, USUAL],
    &[Table::Short, USUAL, USUAL],
    &[ALONE],
    &[Table::Short, Table::Expiry(5, 7)],
    &[URL, URL],
    &[Table::Short, Table::Expiry(7, 9)],
];

impl Table {
    fn rules(self) -> usize {
        match self {
            Table::Short => 7,
            Table::Url(first, end) | Table::Expiry(first, end) => end - first,
            Table::Policy => POLICY_RULES.len(),
            Table::Message => 1,
        }
    }
}

/// What may have been signed.
#[derive(Clone, Copy)]
struct Draft<'a> {
    url: &'a str,
    expires: &'a str,
    /// The policy text; empty until it is written.
    policy: &'a [u8],
    /// The message, if it is not the policy text.
    message: Option<&'a [u8]>,
}

/// What was signed.
pub(super) struct Signed {
    pub(super) url: String,
    pub(super) expires: String,
    pub(super) policy: Vec<u8>,
    /// The message, if it is not the policy text.
    pub(super) message: Option<Vec<u8>>,
    pub(super) hash: SignedHash,
    /// The route to what was found.
    pub(super) route: Vec<usize>,
}

/// The search under one signature, with the texts that one template gives.
pub(super) struct Search {
    /// The place of the request among those that are searched.
    pub(super) case: usize,
    pub(super) opened: Opened,
    pub(super) template: Rc<Template>,
    /// The key is not the one that the request names, or the policy is not the one that it has.
    pub(super) is_unlikely: bool,
    /// The parameters of the application that stand behind the signature.
    behind: Vec<String>,
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
    pending: Vec<(Vec<u8>, Signed)>,
    /// The x-coordinates of P-256 that the right guess gives.
    expected: Option<[[u8; 32]; 2]>,
    found: Option<Signed>,
}

/// The work of one guess, and of one candidate besides its length, in bytes of candidates.
const GUESS: usize = 1_700;
const CANDIDATE: usize = 300;

/// The steps that are made for every request before the costly ones for any, and for unlikely keys
/// and policies at all.
pub(super) const USUAL_STEPS: usize = 10;

/// The most guesses at the text under one signature.
pub(super) const MOST_GUESSES: usize = 51_000;

/// The most texts of a policy rule that are combined with those of another.
const MOST_OF_A_PAIR: usize = 6;

/// The guesses that are compared together.
const BATCH: usize = 64;

impl Search {
    pub(super) fn new(place: usize, case: &Case, opened: Opened, template: Rc<Template>) -> Self {
        Search {
            case: place,
            is_unlikely: false,
            behind: case.parameters_behind(),
            hashes: opened.digest.hashes(case.hash()),
            budget: 0,
            route: Vec::new(),
            only: None,
            seen: HashSet::new(),
            pending: Vec::new(),
            expected: match opened.digest {
                SignedDigest::P256(x_coordinates) => Some(x_coordinates),
                _ => None,
            },
            found: None,
            opened,
            template,
        }
    }

    pub(super) fn allow(&mut self, guesses: usize) {
        self.budget = guesses * (GUESS + CANDIDATE);
    }

    /// Makes one step.
    pub(super) fn step(&mut self, step: usize) -> Option<Signed> {
        if self.is_unlikely && step >= USUAL_STEPS {
            return None;
        }
        let template = Rc::clone(&self.template);
        let draft = Draft {
            url: &template.url,
            expires: &template.expires,
            policy: &[],
            message: None,
        };
        self.route = vec![step];
        self.walk(draft, STEPS[step]);
        self.compare();
        self.found.take()
    }

    /// Repeats the step that found another text, with its rules only.
    pub(super) fn repeat(&mut self, route: &[usize]) -> Option<Signed> {
        let step = *route.first()?;
        self.only = Some(route.to_vec());
        let found = self.step(step);
        self.only = None;
        found
    }

    /// Applies the rules of some tables, one after the other, and guesses what they give.
    fn walk(&mut self, draft: Draft<'_>, tables: &'static [Table]) {
        let Some((table, rest)) = tables.split_first() else {
            return self.guess(draft);
        };
        let is_second_writer = *table == Table::Policy && !draft.policy.is_empty();
        for number in 0..table.rules() {
            let is_left_out = match &self.only {
                Some(only) => only.get(self.route.len()) != Some(&number),
                // Programs compose writers in the order of the table.
                None => is_second_writer && self.route.last() >= Some(&number),
            };
            if is_left_out || self.is_over() {
                continue;
            }
            self.route.push(number);
            self.apply(*table, number, draft, rest);
            self.route.pop();
        }
    }

    /// Applies one rule to a draft, and goes on with each text that it gives.
    fn apply(&mut self, table: Table, number: usize, draft: Draft<'_>, rest: &'static [Table]) {
        match table {
            Table::Short | Table::Url(..) => {
                let source = self.source(draft);
                let urls = match table {
                    Table::Url(first, _) => URL_RULES[first + number](&source),
                    _ => short(&source, number + 1).into_iter().collect(),
                };
                for url in &urls {
                    self.go_on(Draft { url, ..draft }, rest);
                }
            }
            Table::Expiry(first, _) => {
                let sent = draft.expires.parse();
                let expiries = sent.map(EXPIRY_RULES[first + number]).unwrap_or_default();
                for expires in &expiries {
                    self.go_on(Draft { expires, ..draft }, rest);
                }
            }
            Table::Policy => {
                let is_pair = !draft.policy.is_empty() || rest.first() == Some(&Table::Policy);
                let most = if is_pair { MOST_OF_A_PAIR } else { usize::MAX };
                for text in self.policies(draft) {
                    let text = str::from_utf8(&text).unwrap_or_default();
                    for policy in POLICY_RULES[number](text).iter().take(most) {
                        self.go_on(Draft { policy, ..draft }, rest);
                    }
                }
            }
            Table::Message => {
                for policy in &self.policies(draft) {
                    let own = Draft { policy, ..draft };
                    for message in messages(policy, draft.url) {
                        let message = Some(message.as_slice());
                        self.go_on(Draft { message, ..own }, rest);
                    }
                }
            }
        }
    }

    /// What the rules of URLs apply to.
    fn source<'a>(&'a self, draft: Draft<'a>) -> Source<'a> {
        let tables = STEPS[self.route[0]].iter();
        let others = tables.filter(|table| **table != Table::Short);
        Source {
            url: draft.url,
            parts: UrlParts::parse(draft.url),
            behind: &self.behind,
            expires: draft.expires,
            key_pair_id: &self.opened.key_pair_id,
            is_light: others.count() > 1,
        }
    }

    /// Applies the tables that are left to what a rule made.
    fn go_on(&mut self, draft: Draft<'_>, rest: &'static [Table]) {
        self.spend(CANDIDATE + draft.url.len() + draft.policy.len());
        // Many pairs of rules meet in the same text.
        let is_new = rest.is_empty() || self.only.is_some() || {
            let key = hash_of((rest, draft.url, draft.policy));
            self.seen.insert(key)
        };
        if is_new && !self.is_over() {
            self.walk(draft, rest);
        }
    }

    /// The text of a draft's policy, or those that its URL and expiry give.
    fn policies(&self, draft: Draft<'_>) -> Vec<Vec<u8>> {
        if draft.policy.is_empty() {
            return self.template.write(draft.url, draft.expires);
        }
        vec![draft.policy.to_vec()]
    }

    fn spend(&mut self, work: usize) {
        self.budget = self.budget.saturating_sub(work);
    }

    fn is_over(&self) -> bool {
        self.found.is_some() || self.budget == 0
    }

    /// Compares a guess with the signature, at once or together with later ones.
    fn guess(&mut self, draft: Draft<'_>) {
        // Another hash than the request's, which ECDSA signatures do not tell, goes with little.
        let hashes = match STEPS[self.route[0]] {
            [] | [Table::Short] => self.hashes.len(),
            [URL] => self.hashes.len().min(2),
            _ => 1,
        };
        // With P-256 a guess costs a multiplication besides.
        let cost = if self.expected.is_some() { 2 } else { 1 };
        for policy in self.policies(draft) {
            let text = draft.message.unwrap_or(&policy);
            for place in 0..hashes {
                let hash = self.hashes[place];
                let digest = hash.digest(text);
                if self.is_over() || !self.seen.insert(hash_of(&digest)) {
                    continue;
                }
                self.spend(cost * GUESS);
                if self.expected.is_none() && !self.opened.digest.matches(hash, &digest) {
                    continue;
                }
                let signed = Signed {
                    url: draft.url.to_owned(),
                    expires: draft.expires.to_owned(),
                    policy: policy.clone(),
                    message: draft.message.map(<[u8]>::to_vec),
                    hash,
                    route: self.route.clone(),
                };
                if self.expected.is_none() {
                    self.found = Some(signed);
                    return;
                }
                self.pending.push((digest, signed));
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
        let mut multiples = multiples_of_generator(&digests).into_iter();
        if let Some(place) = multiples.position(|x| expected.contains(&x)) {
            self.found = Some(pending.swap_remove(place).1);
        }
    }
}

fn hash_of(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}
