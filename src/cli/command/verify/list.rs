//! The requests of a list, a table or a log, and the verdicts on them.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::batch::{Chunk, Column, Layout, Row};
use crate::cli::render;
use crate::cli::warnings::{Repeated, Warnings};
use crate::url::UrlParts;
use crate::verify::cookie::CookieSet;
use crate::verify::log::{ListedRequest, LogLayout, Reading};
use crate::verify::summary::Summary;
use crate::verify::{
    CheckName, Checker, Outcome, SignedRequest, SigningParameters, TrustedKey, Verdict,
};
use crate::{Error, KeyPairId, Result, SignedUrl, Timestamp, When, quoted};

/// The most texts that are tried to explain one denial of many.
const GUESSES: usize = 5000;

/// Everything about the requests that they do not say themselves.
pub struct Circumstances {
    pub keys: Vec<TrustedKey>,
    pub cookies: Option<CookieSet>,
    pub ip: Option<IpAddr>,
    pub now: Timestamp,
    pub valid_for: Duration,
}

impl Circumstances {
    /// A request, as one of its readings.
    pub fn request<'a>(
        &'a self,
        listed: &ListedRequest,
        reading: &'a Reading,
    ) -> SignedRequest<'a> {
        SignedRequest {
            url: &reading.url,
            cookies: reading.cookies.as_ref().or(self.cookies.as_ref()),
            keys: &self.keys,
            now: listed.time.unwrap_or(self.now),
            ip: listed.ip.or(self.ip),
            valid_for: self.valid_for,
        }
    }
}

/// A list of requests, and what is the same for all of them.
pub struct List {
    pub layout: Layout,
    /// The layout of the lines, if they are those of an access log.
    pub log: Option<LogLayout>,
    pub circumstances: Circumstances,
    pub json: bool,
    /// Denials are counted and explained, and nothing is written for a row.
    pub summary: bool,
    /// Nothing is written for an allowed request.
    pub quiet: bool,
    /// A request that is allowed with a doubt counts as denied.
    pub strict: bool,
    /// The checkers that no thread is using. Each remembers what explained its last denial.
    pub checkers: Mutex<Vec<Checker>>,
}

/// The verdicts on the rows of a chunk.
#[derive(Default)]
pub struct Report {
    /// The verdicts, a line each.
    pub text: String,
    pub summary: Summary,
    /// The lines of the rows that cannot be read, and the reasons.
    pub errors: Vec<(u64, Error)>,
    pub warnings: Repeated,
}

impl List {
    /// Judges the requests of a chunk.
    pub fn judge(&self, chunk: &Chunk) -> Report {
        let checkers = || self.checkers.lock().unwrap_or_else(PoisonError::into_inner);
        let spare = checkers().pop();
        let mut checker = spare.unwrap_or_else(|| Checker::with_guesses(GUESSES));
        if !self.json {
            // A line says nothing of the checks.
            checker = checker.without_details();
        }
        let mut report = Report::default();
        for row in Row::all(&self.layout, chunk) {
            if row.is_blank() || row.as_bytes().trim_ascii().is_empty() {
                continue;
            }
            match self.request(&row) {
                Ok(None) => {}
                Ok(Some(request)) => self.report(row.line, &request, &mut checker, &mut report),
                Err(error) => {
                    report.summary.unreadable += 1;
                    report.errors.push((row.line, error));
                }
            }
        }
        checkers().push(checker);
        report
    }

    /// The request of a row; `None` for a comment in a log.
    fn request(&self, row: &Row) -> Result<Option<ListedRequest>> {
        if let Some(log) = &self.log {
            let line = row.get(Column::Url)?.unwrap_or_default();
            return log.request(line);
        }
        row.check()?;
        let mut url = row.get(Column::SignedUrl)?;
        if url.is_none() && (self.layout.is_json() || !self.layout.may_have(Column::SignedUrl)) {
            url = row.get(Column::Url)?;
        }
        let url = url.ok_or_else(|| Error::new("the row has no signed URL"))?;
        let mut request = ListedRequest::new(SignedUrl::parse(url.trim())?);
        if let Some(text) = row.get(Column::Now)? {
            request.time = Some(text.parse::<When>()?.resolve(self.circumstances.now)?);
        }
        if let Some(text) = row.get(Column::Ip)? {
            request.ip = Some(address(text)?);
        }
        if let Some(text) = row.get(Column::Cookies)? {
            request.reading.cookies = Some(CookieSet::parse(text)?);
        }
        Ok(Some(request))
    }

    fn report(
        &self,
        line: u64,
        request: &ListedRequest,
        checker: &mut Checker,
        report: &mut Report,
    ) {
        report.summary.requests += 1;
        let may_be_unsigned = self.log.is_some() && request.status != Some(403);
        if may_be_unsigned
            && request.reading.cookies.is_none()
            && SigningParameters::of_url(request.reading.url.as_str()).is_empty()
        {
            report.summary.passed_over += 1;
            return;
        }
        let (reading, verdict) = self.verdict(request, checker);
        let mut warnings = Warnings::default();
        warn_about(&reading.url, &verdict, &mut warnings);
        let mut is_clear = !verdict.has_doubt();
        for warning in warnings {
            is_clear = false;
            report.warnings.add(line, warning);
        }
        let is_refused = self.strict && verdict.allowed() && !is_clear;
        let is_allowed = verdict.allowed() && !is_refused;
        report.summary.allowed += u64::from(is_allowed);
        let url = reading.url.as_str();
        let status = request.status;
        if self.summary {
            report.summary.add(&verdict, url, status, request.time);
        } else if !self.quiet || !is_allowed {
            report.text += &if self.json {
                render::verdict::json(&reading.url.unsigned(), &verdict, status, None)
            } else {
                render::verdict::line(url, &verdict, status, is_refused)
            };
        }
    }

    /// The verdict on the reading that the signature proves, or else on the one that fewer changes
    /// explain.
    fn verdict<'a>(
        &self,
        request: &'a ListedRequest,
        checker: &mut Checker,
    ) -> (&'a Reading, Verdict) {
        let judge = if self.summary || self.json {
            Checker::verify
        } else {
            Checker::evaluate
        };
        let signed = |reading| self.circumstances.request(request, reading);
        let first = &request.reading;
        let Some(decoded) = &request.decoded else {
            return (first, judge(checker, &signed(first)));
        };
        for reading in [first, decoded] {
            let verdict = checker.evaluate(&signed(reading));
            if verdict.outcome(CheckName::Signature) == Some(Outcome::Pass) {
                return (reading, judge(checker, &signed(reading)));
            }
        }
        let verdict = judge(checker, &signed(first));
        let other = judge(checker, &signed(decoded));
        let fewer = other.changes.len() < verdict.changes.len() || verdict.changes.is_empty();
        if fewer && !other.changes.is_empty() {
            return (decoded, other);
        }
        (first, verdict)
    }
}

/// Warns about a request, whatever the verdict on it.
pub fn warn_about(url: &SignedUrl, verdict: &Verdict, warnings: &mut Warnings) {
    warnings.about_length(url);
    warnings.about_host(UrlParts::parse(url.as_str()).host());
    if verdict.outcome(CheckName::KeyPairId) == Some(Outcome::Unknown)
        && let Ok(id) = &verdict.received.key_pair_id
        && let Ok(id) = id.parse::<KeyPairId>()
    {
        warnings.about_key_pair_id(&id);
    }
}

/// Parses the address of a client.
pub fn address(text: &str) -> Result<IpAddr> {
    text.parse().map_err(|_| {
        Error::new(format!("{} is not an IP address", quoted(text)))
            .with_hint("a client's address is one like 192.0.2.10")
    })
}
