//! The search for the signed text: rules and their products, the usual ones first, within a budget.
//!
//! A guess is right if the signature matches it, so what is found is proved, never likely.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::opened::Opened;
use super::route::Route;
use super::rules::expiry::{EXPIRY_RULES, HOURS, MILLISECONDS, TEXT};
use super::rules::message::messages;
use super::rules::policy::{COMMON, POLICY_RULES};
use super::rules::{Source, URL_RULES, USUAL, is_tracker};
use super::template::Template;
use crate::key::SignedHash;
use crate::sign::multiples_of_generator;
use crate::url::UrlParts;

/// The work that a search may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    pub(super) guesses: usize,
    /// The bytes of all candidates, known ones too: a bound for the longest URLs.
    pub(super) bytes: usize,
}

/// What was signed.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) url: String,
    pub(super) expires: String,
    /// The policy text.
    pub(super) policy: Vec<u8>,
    /// The message, if it is not the policy text.
    pub(super) message: Option<Vec<u8>>,
    pub(super) hash: SignedHash,
    pub(super) route: Route,
}

/// The URL rules that a step applies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Urls {
    None,
    /// One of those that go with other events.
    Usual,
    One,
    TwoUsual,
    Two,
}

impl Urls {
    /// The number of rules that are tried.
    fn count(self) -> usize {
        match self {
            Urls::Usual | Urls::TwoUsual => USUAL,
            _ => URL_RULES.len(),
        }
    }
}

/// The policy rules that a step applies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Texts {
    Plain,
    /// One of the usual writers.
    Common,
    One,
    Two,
    /// What is signed in place of the text.
    Messages,
    /// What is signed in place of the text of a usual writer.
    CommonMessages,
}

/// A part of the search: the products of some rules.
struct Step {
    /// Starts from the URL without the parameters behind the signature, without those of
    /// trackers, with the other scheme, and with all combinations of the three.
    is_short: bool,
    urls: Urls,
    expiries: &'static [usize],
    texts: Texts,
}

const fn from_url(urls: Urls, expiries: &'static [usize], texts: Texts) -> Step {
    let is_short = false;
    Step {
        is_short,
        urls,
        expiries,
        texts,
    }
}

const fn from_short(urls: Urls, expiries: &'static [usize], texts: Texts) -> Step {
    let is_short = true;
    Step {
        is_short,
        urls,
        expiries,
        texts,
    }
}

const SMALL: &[usize] = &[TEXT, MILLISECONDS, HOURS, 3, 4];

/// The steps, in the order of what they find for their cost.
const STEPS: &[Step] = &[
    from_url(Urls::None, &[], Texts::Plain),
    from_short(Urls::None, &[], Texts::Plain),
    from_url(Urls::None, &[], Texts::Messages),
    from_url(Urls::None, &[], Texts::One),
    from_url(Urls::One, &[], Texts::Plain),
    from_url(Urls::None, SMALL, Texts::Plain),
    from_short(Urls::None, &[], Texts::One),
    from_short(Urls::None, &[], Texts::Messages),
    from_short(Urls::One, &[], Texts::Plain),
    from_short(Urls::None, SMALL, Texts::Plain),
    from_url(Urls::None, &[], Texts::Two),
    from_url(Urls::None, &[5, 6], Texts::Plain),
    from_url(Urls::None, &[7, 8], Texts::Plain),
    from_url(Urls::None, SMALL, Texts::Common),
    from_url(Urls::None, &[], Texts::CommonMessages),
    from_url(Urls::One, &[], Texts::Common),
    from_url(Urls::Usual, &[MILLISECONDS, HOURS], Texts::Plain),
    from_short(Urls::Usual, &[HOURS], Texts::Plain),
    from_short(Urls::TwoUsual, &[], Texts::Plain),
    from_url(Urls::Two, &[], Texts::Plain),
    from_short(Urls::Two, &[], Texts::Plain),
];

impl Step {
    fn is_common(&self) -> bool {
        matches!(self.texts, Texts::Common | Texts::CommonMessages)
    }

    fn signs_messages(&self) -> bool {
        matches!(self.texts, Texts::Messages | Texts::CommonMessages)
    }

    /// Returns whether all hashes are tried where the signature names none.
    fn tries_all_hashes(&self) -> bool {
        let is_cheap = self.urls == Urls::None || !self.is_short && self.urls == Urls::One;
        is_cheap && self.expiries.is_empty() && self.texts == Texts::Plain
    }
}

/// The number of steps for keys that the request does not name.
pub(super) const STEPS_OF_OTHER_KEYS: usize = 9;

/// The search under one signature, with the texts that one template gives.
pub(super) struct Search<'a> {
    opened: &'a Opened<'a>,
    hashes: Vec<SignedHash>,
    template: &'a Template,
    source: Source<'a>,
    budget: &'a mut Budget,
    /// The rules to which the search is limited.
    only: Option<Route>,
    seen: HashSet<u64>,
    /// The URLs that two rules have given.
    pairs: HashSet<u64>,
    /// Guesses that are compared with the signature together, which is faster for P-256.
    pending: Vec<(Vec<u8>, Found)>,
    /// The x-coordinates of P-256 that the right guess gives.
    expected: Option<[[u8; 32]; 2]>,
    found: Option<Found>,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        opened: &'a Opened<'a>,
        requested: SignedHash,
        template: &'a Template,
        source: Source<'a>,
        budget: &'a mut Budget,
    ) -> Self {
        Search {
            opened,
            hashes: opened.digest.hashes(requested),
            template,
            source,
            budget,
            only: None,
            seen: HashSet::new(),
            pairs: HashSet::new(),
            pending: Vec::new(),
            expected: opened.digest.x_coordinates(),
            found: None,
        }
    }

    /// The number of steps.
    pub(super) fn steps() -> usize {
        STEPS.len()
    }

    /// Makes one step.
    pub(super) fn step(&mut self, number: usize) -> Option<Found> {
        let route = Route {
            step: number,
            base: 0,
            urls: [None; 2],
            expiry: None,
            policies: [None; 2],
        };
        self.run(route);
        self.compare();
        self.found.take()
    }

    /// Repeats the step that found another text, with its rules only.
    pub(super) fn repeat(&mut self, route: Route) -> Option<Found> {
        self.only = Some(route);
        let found = self.step(route.step);
        self.only = None;
        found
    }

    fn run(&mut self, route: Route) {
        let bases = if STEPS[route.step].is_short {
            1..8
        } else {
            0..1
        };
        for base in bases {
            if self.only.is_some_and(|only| only.base != base) {
                continue;
            }
            let Some(url) = self.base(base) else {
                continue;
            };
            let route = Route { base, ..route };
            match STEPS[route.step].urls {
                Urls::None => self.with_expiries(&url, route),
                Urls::Usual | Urls::One => self.with_rules(&url, 0, route),
                Urls::TwoUsual | Urls::Two => self.with_two_rules(&url, route),
            }
        }
    }

    /// The URL that some of the three most frequent events leave, one a bit; `None` if one of
    /// them changes nothing.
    fn base(&self, events: usize) -> Option<String> {
        let mut parts = UrlParts::parse(self.source.url);
        let behind = self.source.behind;
        let mut kept: Vec<&str> = parts.parameters().collect();
        for (bit, is_removed) in [
            (
                1,
                &(|one: &str| behind.iter().any(|own| own == one)) as &dyn Fn(&str) -> bool,
            ),
            (2, &is_tracker),
        ] {
            let before = kept.len();
            if events & bit != 0 {
                kept.retain(|one| !is_removed(one));
                if kept.len() == before {
                    return None;
                }
            }
        }
        let query = kept.join("&");
        parts.query = (!kept.is_empty()).then_some(&query);
        if events & 4 != 0 {
            parts.scheme = Some(match parts.scheme? {
                "https" => "http",
                _ => "https",
            });
        }
        Some(parts.to_string())
    }

    /// The URLs that the rules give, each with the place of its rule.
    fn candidates(
        &mut self,
        url: &str,
        is_second: bool,
        count: usize,
        only: Option<usize>,
    ) -> Vec<(usize, String)> {
        let source = self.source.with(url, is_second);
        let mut found = Vec::new();
        for (number, rule) in URL_RULES.iter().enumerate().take(count) {
            if only.is_some_and(|only| only != number) {
                continue;
            }
            for candidate in rule(&source) {
                self.budget.bytes = self.budget.bytes.saturating_sub(candidate.len());
                found.push((number, candidate));
            }
            if self.is_over() {
                break;
            }
        }
        found
    }

    fn with_rules(&mut self, url: &str, place: usize, route: Route) {
        let only = self.only.and_then(|only| only.urls[place]);
        let is_light = place > 0 || STEPS[route.step].urls == Urls::Usual;
        let count = STEPS[route.step].urls.count();
        for (number, candidate) in self.candidates(url, is_light, count, only) {
            // Many pairs of rules meet in the same URL.
            if place > 0 && !self.pairs.insert(hash_of(candidate.as_bytes())) {
                continue;
            }
            let mut route = route;
            route.urls[place] = Some(number);
            self.with_expiries(&candidate, route);
            if self.is_over() {
                return;
            }
        }
    }

    fn with_two_rules(&mut self, url: &str, route: Route) {
        let only = self.only.and_then(|only| only.urls[0]);
        let mut firsts = HashSet::new();
        let count = STEPS[route.step].urls.count();
        for (number, candidate) in self.candidates(url, true, count, only) {
            if !firsts.insert(hash_of(candidate.as_bytes())) {
                continue;
            }
            let mut route = route;
            route.urls[0] = Some(number);
            self.with_rules(&candidate, 1, route);
            if self.is_over() {
                return;
            }
        }
    }

    fn with_expiries(&mut self, url: &str, route: Route) {
        let step = &STEPS[route.step];
        if step.expiries.is_empty() {
            let expires = self.template.expires.clone();
            return self.with_writers(url, &expires, route);
        }
        let Ok(sent) = self.template.expires.parse::<i64>() else {
            return;
        };
        for number in step.expiries {
            if self.only.is_some_and(|only| only.expiry != Some(*number)) {
                continue;
            }
            let route = Route {
                expiry: Some(*number),
                ..route
            };
            for expires in EXPIRY_RULES[*number](sent) {
                self.with_writers(url, &expires, route);
                if self.is_over() {
                    return;
                }
            }
        }
    }

    fn with_writers(&mut self, url: &str, expires: &str, route: Route) {
        let step = &STEPS[route.step];
        for text in self.template.write(url, expires) {
            let mut trial = Trial {
                url,
                expires,
                policy: text.as_bytes(),
                route,
            };
            if [Texts::Plain, Texts::Messages].contains(&step.texts) {
                self.with_messages(&trial);
                continue;
            }
            let rules = if step.is_common() {
                COMMON
            } else {
                POLICY_RULES
            };
            let most = if step.texts == Texts::Two {
                MOST_OF_A_PAIR
            } else {
                usize::MAX
            };
            for (number, rule) in rules.iter().enumerate() {
                if self.leaves_out(0, number) {
                    continue;
                }
                trial.route.policies = [Some(number), None];
                for first in rule(&text).into_iter().take(most) {
                    if step.texts == Texts::Two {
                        self.with_second_writer(&first, number, &trial);
                    } else {
                        self.with_messages(&Trial {
                            policy: &first,
                            ..trial
                        });
                    }
                    if self.is_over() {
                        return;
                    }
                }
            }
        }
    }

    fn with_second_writer(&mut self, first: &[u8], number: usize, trial: &Trial<'_>) {
        let Ok(text) = std::str::from_utf8(first) else {
            return;
        };
        for (second, rule) in POLICY_RULES.iter().enumerate().skip(number + 1) {
            if self.leaves_out(1, second) {
                continue;
            }
            for policy in rule(text).into_iter().take(MOST_OF_A_PAIR) {
                let mut trial = Trial {
                    policy: &policy,
                    ..*trial
                };
                trial.route.policies[1] = Some(second);
                self.with_messages(&trial);
            }
        }
    }

    fn leaves_out(&self, place: usize, rule: usize) -> bool {
        self.only
            .is_some_and(|only| only.policies[place] != Some(rule))
    }

    fn with_messages(&mut self, trial: &Trial<'_>) {
        if !STEPS[trial.route.step].signs_messages() {
            return self.guess(trial, None);
        }
        for message in messages(trial.policy) {
            self.guess(trial, Some(message));
        }
        let url = trial.url.as_bytes();
        for message in [url.to_vec(), [url, b"\n"].concat()] {
            self.guess(trial, Some(message));
        }
    }

    fn is_over(&self) -> bool {
        self.found.is_some() || self.budget.guesses == 0 || self.budget.bytes == 0
    }

    /// Compares a guess with the signature, at once or together with later ones.
    fn guess(&mut self, trial: &Trial<'_>, message: Option<Vec<u8>>) {
        let text = message.as_deref().unwrap_or(trial.policy);
        self.budget.bytes = self.budget.bytes.saturating_sub(text.len());
        if self.is_over() || !self.seen.insert(hash_of(text)) {
            return;
        }
        let count = if STEPS[trial.route.step].tries_all_hashes() {
            self.hashes.len()
        } else {
            1
        };
        for hash in self.hashes.clone().into_iter().take(count) {
            // With P-256 a guess costs a multiplication besides.
            let cost = if self.expected.is_some() { 2 } else { 1 };
            self.budget.guesses = self.budget.guesses.saturating_sub(cost);
            let digest = hash.digest(text);
            if self.expected.is_none() && !self.opened.digest.matches(hash, &digest) {
                continue;
            }
            let found = Found {
                url: trial.url.to_owned(),
                expires: trial.expires.to_owned(),
                policy: trial.policy.to_vec(),
                message: message.clone(),
                hash,
                route: trial.route,
            };
            if self.expected.is_none() {
                self.found = Some(found);
                return;
            }
            self.pending.push((digest, found));
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
                self.budget.guesses = self.budget.guesses.saturating_sub(4 * digests.len());
                let matches = |(digest, found): &(Vec<u8>, Found)| {
                    self.opened.digest.matches(found.hash, digest)
                };
                pending.iter().position(matches)
            }
        };
        if let Some(place) = place {
            self.found = Some(pending.swap_remove(place).1);
        }
    }
}

/// The most texts of a policy rule that are combined with those of another.
const MOST_OF_A_PAIR: usize = 6;

/// The guesses that are compared together.
const BATCH: usize = 64;

/// A policy text that may have been signed, and what it is made of.
#[derive(Clone, Copy)]
struct Trial<'a> {
    url: &'a str,
    expires: &'a str,
    policy: &'a [u8],
    route: Route,
}

fn hash_of(text: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
