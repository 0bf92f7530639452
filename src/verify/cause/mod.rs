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

use super::check::verdict_on;
use super::checker::Checker;
use super::parameters::SigningParameters;
use super::verdict::{CheckName, Outcome, Verdict};
use super::{SignedRequest, TrustedKey};
use crate::key::SignedHash;
use crate::key::key_pair_id::KeyPairId;
use crate::policy::{PolicyType, canned_text};
use crate::sign::SignedUrl;
use crate::url::UrlParts;
use crate::url::signing_parameters::{SigningParameter, is_signing};
use finding::Finding;
use found::Explanation;
use opened::open;
use repair::attempts;
use search::{MOST_GUESSES, STEPS, Search, USUAL_STEPS};
use std::rc::Rc;
use template::Template;

mod finding;
mod found;
mod opened;
mod repair;
mod rules;
mod search;
mod template;

/// The most keys that are tried.
const MOST_KEYS: usize = 20;

/// The most searches, one for each key and policy text of each repaired request, after which no
/// more requests are searched.
const MOST_SEARCHES: usize = 4;

/// A request as received or repaired, with the verdict on it.
struct Case {
    url: SignedUrl,
    parameters: SigningParameters,
    verdict: Verdict,
    /// The changes that the repairs undid.
    findings: Vec<Finding>,
}

/// Adds changes, cause and fix to a denial, if they can be proved.
pub(super) fn explain(
    verdict: &mut Verdict,
    request: &SignedRequest<'_>,
    parameters: &SigningParameters,
    checker: &mut Checker,
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
        findings: Vec::new(),
    };
    let explained = explained(request, received, checker);
    if let Some((case, explanation)) = explained {
        explanation.complete(verdict, request, parameters, &case, checker);
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
    checker: &mut Checker,
) -> Option<(Case, Explanation)> {
    let mut others = Vec::new();
    for attempt in attempts(&received.url.as_given(), &received.parameters) {
        let (parameters, findings) = (attempt.parameters, attempt.findings);
        let case = Case::judged(request, &attempt.url, parameters, findings, checker);
        others.extend(case);
    }
    let proved = others
        .iter()
        .position(|case| is_proved(case, &received, request));
    if let Some(place) = proved {
        let case = others.swap_remove(place);
        let explanation = Explanation::of_resource(&case);
        return Some((case, explanation));
    }
    if passes(&received.verdict, CheckName::Signature) {
        let explanation = Explanation::of_resource(&received);
        return (!explanation.is_empty()).then_some((received, explanation));
    }
    let mut searched = vec![received];
    searched.extend(others);
    search_all(request, searched, checker)
}

fn passes(verdict: &Verdict, name: CheckName) -> bool {
    verdict.outcome(name) == Some(Outcome::Pass)
}

/// Returns whether a repair proves something: a check that failed, or was not made, passes, and
/// nothing fails that a change to the request may explain, but for the resource of a policy whose
/// signature could not be read before.
fn is_proved(case: &Case, received: &Case, request: &SignedRequest<'_>) -> bool {
    if case.findings.is_empty()
        || !passes(&case.verdict, CheckName::Signature)
        || case.verdict.outcome(CheckName::KeyPairId) == Some(Outcome::Fail)
    {
        return false;
    }
    // A signature proves nothing about the ID, so a repaired one has to be known or regular.
    let id = case.key_pair_id();
    let mut known = request.keys.iter().filter_map(|key| key.id.as_ref());
    let is_plausible = id == received.key_pair_id()
        || known.any(|own| own.as_str() == id)
        || id.parse().is_ok_and(|id: KeyPairId| id.oddity().is_none());
    let is_new = !passes(&received.verdict, CheckName::Signature);
    is_plausible && (is_new || !has_unexplained(&case.verdict))
}

/// Searches for the signed text of each request that has a signature of a given key.
fn search_all(
    request: &SignedRequest<'_>,
    mut cases: Vec<Case>,
    checker: &mut Checker,
) -> Option<(Case, Explanation)> {
    let mut searches: Vec<Search> = Vec::new();
    for (place, case) in cases.iter().enumerate() {
        let is_same = |search: &Search| {
            let other = &cases[search.case];
            other.url.unsigned() == case.url.unsigned() && other.parameters == case.parameters
        };
        if !searches.iter().any(is_same) && searches.len() < MOST_SEARCHES {
            searches.extend(searches_of(request, place, case, checker));
        }
    }
    let guesses = checker.guesses.unwrap_or(MOST_GUESSES) / searches.len().max(1);
    let route = checker.route.clone();
    let mut found = None;
    for (place, search) in searches.iter_mut().enumerate() {
        search.allow(guesses);
        found = found.or_else(|| Some((place, search.repeat(&route)?)));
    }
    for steps in [0..USUAL_STEPS, USUAL_STEPS..STEPS.len()] {
        for (place, search) in searches.iter_mut().enumerate() {
            for step in steps.clone() {
                found = found.or_else(|| Some((place, search.step(step)?)));
            }
        }
    }
    let (place, signed) = found?;
    checker.route.clone_from(&signed.route);
    let search = searches.swap_remove(place);
    let explanation = Explanation::of_text(signed, &search, &cases[search.case]);
    Some((cases.swap_remove(search.case), explanation))
}

/// The searches for a request: with the keys that its ID names, then with the others.
fn searches_of(
    request: &SignedRequest<'_>,
    place: usize,
    case: &Case,
    checker: &mut Checker,
) -> Vec<Search> {
    let id = case.key_pair_id();
    let signature = case.parameters.get(SigningParameter::Signature);
    let is_named = |key: &&TrustedKey| key.id.as_ref().is_none_or(|own| own.as_str() == id);
    let keys = request.keys.iter().take(MOST_KEYS);
    let (named, others): (Vec<_>, Vec<_>) = keys.partition(is_named);
    let keys = [named, others].concat();
    let mut searches = Vec::new();
    for template in templates(case).into_iter().map(Rc::new) {
        for opened in open(signature.unwrap_or_default(), id, &keys, checker) {
            let mut search = Search::new(place, case, opened, Rc::clone(&template));
            search.is_unlikely = !searches.is_empty();
            searches.push(search);
        }
    }
    searches
}

impl Case {
    /// A request with another URL and other signing parameters, if it is one.
    fn judged(
        request: &SignedRequest<'_>,
        url: &str,
        parameters: SigningParameters,
        findings: Vec<Finding>,
        checker: &mut Checker,
    ) -> Option<Self> {
        let url = SignedUrl::parse(url).ok()?;
        let request = SignedRequest {
            url: &url,
            ..*request
        };
        Some(Case {
            verdict: verdict_on(&request, &parameters, &url.unsigned(), None, checker),
            url,
            parameters,
            findings,
        })
    }

    fn key_pair_id(&self) -> &str {
        let id = self.parameters.get(SigningParameter::KeyPairId);
        id.unwrap_or_default()
    }

    fn hash(&self) -> SignedHash {
        let hash = self.verdict.received.hash.as_ref();
        hash.map_or(SignedHash::Sha1, |hash| SignedHash::of(*hash))
    }

    /// The parameters of the application that stand behind the signature.
    fn parameters_behind(&self) -> Vec<String> {
        let parameters = UrlParts::parse(self.url.as_str()).parameters();
        let behind = parameters.skip_while(|parameter| !is_signing(parameter));
        let behind = behind.filter(|parameter| !is_signing(parameter));
        behind.map(str::to_owned).collect()
    }
}

/// The policy texts of a request, whose URL and expiry the search varies.
fn templates(case: &Case) -> Vec<Template> {
    let Ok(policy) = &case.verdict.received.policy else {
        return Vec::new();
    };
    let Ok(text) = std::str::from_utf8(&policy.bytes) else {
        return Vec::new();
    };
    let own = Template::of(text);
    if policy.policy_type == PolicyType::Canned {
        return vec![own];
    }
    let mut canned = Template::of(&canned_text(&case.url.unsigned(), &own.expires));
    canned.is_other = true;
    vec![own, canned]
}
