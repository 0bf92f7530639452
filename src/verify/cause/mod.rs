//! The cause of a denial: read first, then undo, then prove.
//!
//! ```text
//! repair      what the request itself shows is undone, and judged again
//! opened      the signature is opened with the given keys, in whatever form it was sent
//! rules       give candidates of what was signed; search multiplies them, the usual ones first
//! found       the text that the signature was made over, compared with what arrived
//! ```
//!
//! A cause is named only if it is proved: with what is found, the check that failed passes. The
//! sentences come from a comparison of two texts, whichever rule found them.

use super::compare::Change;
use super::memory::Memory;
use super::parameters::{Carrier, SigningParameters};
use super::verdict::{CheckName, Outcome, Verdict};
use super::{SignedRequest, TrustedKey, judge};
use crate::key::SignedHash;
use crate::key::key_pair_id::KeyPairId;
use crate::sign::SignedUrl;
use crate::url::UrlParts;
use crate::url::signing_parameters::{Name, SigningParameter};
use found::Explanation;
use opened::{Opened, open};
use repair::{Attempt, attempts};
use rules::Source;
use search::{Budget, Found, STEPS_OF_OTHER_KEYS, Search};
use template::Template;

mod found;
pub(super) mod invalid_signature;
mod opened;
mod repair;
pub(super) mod route;
mod rules;
mod search;
mod template;

/// The bytes of candidates that a guess may take on average.
const BYTES_OF_A_GUESS: usize = 1_000;

/// The most keys that are tried.
const MOST_KEYS: usize = 20;

/// The most repaired requests that are searched.
const MOST_SEARCHED: usize = 3;

/// The steps of the search that are made for every request before the costly ones for any.
const USUAL_STEPS: usize = 10;

/// A request as received or repaired, with the verdict on it.
struct Case {
    url: SignedUrl,
    parameters: SigningParameters,
    verdict: Verdict,
    /// The changes that the repairs undid, and the fixes for them.
    changes: Vec<Change>,
    fixes: Vec<String>,
}

/// Adds changes, cause and fix to a denial, if they can be proved.
pub(super) fn explain(
    verdict: &mut Verdict,
    request: &SignedRequest<'_>,
    parameters: &SigningParameters,
    memory: &mut Memory,
) {
    if request.url.as_str().len() > SignedUrl::LONGEST {
        let longest = SignedUrl::LONGEST;
        verdict.fix = Some(format!(
            "shorten the URL: CloudFront accepts {longest} bytes"
        ));
        return;
    }
    if !has_unexplained(verdict) {
        return;
    }
    let received = Case {
        url: request.url.clone(),
        parameters: parameters.clone(),
        verdict: verdict.clone(),
        changes: Vec::new(),
        fixes: Vec::new(),
    };
    let explained = explained(request, received, memory);
    if let Some((case, explanation)) = explained {
        explanation.complete(verdict, request, &case, memory);
    }
}

/// Returns whether a check failed that a change to the request may explain: not only the time or
/// the address.
fn has_unexplained(verdict: &Verdict) -> bool {
    let is_of_policy = |name| {
        matches!(
            name,
            CheckName::Start | CheckName::Expiry | CheckName::Ip | CheckName::Cookies
        )
    };
    let mut checks = verdict.checks.iter();
    checks.any(|check| check.outcome == Outcome::Fail && !is_of_policy(check.name))
}

fn explained(
    request: &SignedRequest<'_>,
    received: Case,
    memory: &mut Memory,
) -> Option<(Case, Explanation)> {
    let cases = repaired_cases(request, &received, memory);
    let (proved, others): (Vec<Case>, Vec<Case>) = cases
        .into_iter()
        .partition(|case| is_proved(case, &received, request));
    if let Some(case) = proved.into_iter().next() {
        let explanation = Explanation::of_repair(&case);
        return Some((case, explanation));
    }
    if passes(&received.verdict, CheckName::Signature) {
        let explanation = Explanation::of_resource(&received)?;
        return Some((received, explanation));
    }
    let mut searched = vec![received];
    searched.extend(others);
    search_all(request, searched, memory)
}

fn passes(verdict: &Verdict, name: CheckName) -> bool {
    verdict.outcome(name) == Some(Outcome::Pass)
}

/// The requests that repairs give, each judged again.
fn repaired_cases(request: &SignedRequest<'_>, received: &Case, memory: &mut Memory) -> Vec<Case> {
    let mut cases = Vec::new();
    for attempt in attempts(&received.url.as_given(), &received.parameters) {
        let Attempt {
            url,
            parameters,
            changes,
            fixes,
            ..
        } = attempt;
        let Ok(url) = SignedUrl::parse(&url) else {
            continue;
        };
        let repaired = SignedRequest {
            url: &url,
            ..*request
        };
        let verdict = judge(&repaired, &parameters, memory);
        cases.push(Case {
            url,
            parameters,
            verdict,
            changes,
            fixes,
        });
    }
    cases
}

/// Returns whether a repair proves something: a check that failed, or was not made, passes, and
/// nothing fails that a change to the request may explain, but for the resource of a policy whose
/// signature could not be read before.
fn is_proved(case: &Case, received: &Case, request: &SignedRequest<'_>) -> bool {
    if case.changes.is_empty()
        || !passes(&case.verdict, CheckName::Signature)
        || case.verdict.outcome(CheckName::KeyPairId) == Some(Outcome::Fail)
    {
        return false;
    }
    // A signature proves nothing about the ID, so a repaired one has to be known or regular.
    let id = case
        .parameters
        .get(SigningParameter::KeyPairId)
        .unwrap_or_default();
    let is_sent = received.parameters.get(SigningParameter::KeyPairId) == Some(id);
    let is_known = request
        .keys
        .iter()
        .any(|key| key.id.as_ref().is_some_and(|own| own.as_str() == id));
    let is_regular = id.parse().is_ok_and(|id: KeyPairId| id.oddity().is_none());
    if !is_sent && !is_known && !is_regular {
        return false;
    }
    !passes(&received.verdict, CheckName::Signature) || !has_unexplained(&case.verdict)
}

/// Searches for the signed text of each request that has a signature of a given key.
fn search_all(
    request: &SignedRequest<'_>,
    cases: Vec<Case>,
    memory: &mut Memory,
) -> Option<(Case, Explanation)> {
    let mut searchable: Vec<(Case, Vec<Opened<'_>>, Vec<Template>)> = Vec::new();
    for case in cases {
        let templates = templates(&case);
        let opened = opened(request, &case, memory);
        let is_new = |other: &(Case, Vec<Opened<'_>>, Vec<Template>)| {
            other.0.url.unsigned() != case.url.unsigned() || other.0.parameters != case.parameters
        };
        let is_searchable = !opened.is_empty() && !templates.is_empty();
        if is_searchable && searchable.len() < MOST_SEARCHED && searchable.iter().all(is_new) {
            searchable.push((case, opened, templates));
        }
    }
    let keys: usize = searchable.iter().map(|(_, opened, _)| opened.len()).sum();
    let guesses = memory.guesses / keys.max(1);
    let budget = Budget {
        guesses,
        bytes: guesses * BYTES_OF_A_GUESS,
    };
    let mut budgets = vec![budget; keys];
    for steps in [0..USUAL_STEPS, USUAL_STEPS..Search::steps()] {
        let mut number = 0;
        for place in 0..searchable.len() {
            let (case, opened, templates) = &searchable[place];
            let behind = parameters_behind(case);
            let id = case
                .parameters
                .get(SigningParameter::KeyPairId)
                .unwrap_or_default();
            for (index, opened) in opened.iter().enumerate() {
                let budget = &mut budgets[number];
                number += 1;
                for template in templates {
                    let source = Source {
                        url: &template.url,
                        parts: UrlParts::parse(&template.url),
                        behind: &behind,
                        expires: &template.expires,
                        key_pair_id: id,
                        is_second: false,
                    };
                    let requested = requested_hash(case);
                    let mut search = Search::new(opened, requested, template, source, budget);
                    let last = if index == 0 && !template.is_other {
                        steps.end
                    } else {
                        STEPS_OF_OTHER_KEYS
                    };
                    let found = found_by(&mut search, steps.start, last, memory);
                    if let Some(found) = found {
                        memory.route = Some(found.route);
                        let explanation = Explanation::of_text(found, opened, template, case);
                        let (case, ..) = searchable.swap_remove(place);
                        return Some((case, explanation));
                    }
                }
            }
        }
    }
    None
}

/// Makes the steps of a search, the one first that explained the request before.
fn found_by(search: &mut Search<'_>, first: usize, last: usize, memory: &Memory) -> Option<Found> {
    if first == 0
        && let Some(route) = memory.route
        && let Some(found) = search.repeat(route)
    {
        return Some(found);
    }
    for step in first..last {
        let found = search.step(step);
        if found.is_some() {
            return found;
        }
    }
    None
}

fn requested_hash(case: &Case) -> SignedHash {
    let hash = &case.verdict.received.hash;
    hash.as_ref()
        .map_or(SignedHash::Sha1, |hash| SignedHash::of(*hash))
}

/// The signature of a request, opened with the keys that its ID names, then with the others.
fn opened<'a>(request: &SignedRequest<'a>, case: &Case, memory: &mut Memory) -> Vec<Opened<'a>> {
    let Some(value) = case.parameters.get(SigningParameter::Signature) else {
        return Vec::new();
    };
    let id = case
        .parameters
        .get(SigningParameter::KeyPairId)
        .unwrap_or_default();
    let is_named = |key: &&TrustedKey| key.id.as_ref().is_none_or(|own| own.as_str() == id);
    let keys = request.keys.iter().take(MOST_KEYS);
    let (named, others): (Vec<_>, Vec<_>) = keys.partition(is_named);
    open(value, &[named, others].concat(), memory)
}

/// The policy texts of a request, whose URL and expiry the search varies.
fn templates(case: &Case) -> Vec<Template> {
    let Ok(policy) = &case.verdict.received.policy else {
        return Vec::new();
    };
    let url = case.url.unsigned();
    if let Some(expires) = &policy.expires {
        return vec![Template::canned(&url, expires)];
    }
    let Ok(text) = std::str::from_utf8(&policy.bytes) else {
        return Vec::new();
    };
    let custom = Template::custom(text);
    let mut canned = Template::canned(&url, &custom.expires);
    canned.is_other = true;
    vec![custom, canned]
}

/// The parameters of the application that stand behind the signature.
fn parameters_behind(case: &Case) -> Vec<String> {
    let parameters = UrlParts::parse(case.url.as_str()).parameters();
    let is_signing = |parameter: &&str| {
        let name = parameter.split('=').next().unwrap_or_default();
        matches!(Name::of(name), Name::Signing(_))
    };
    let behind = parameters.skip_while(|parameter| !is_signing(parameter));
    let behind = behind.filter(|parameter| !is_signing(parameter));
    behind.map(str::to_owned).collect()
}
