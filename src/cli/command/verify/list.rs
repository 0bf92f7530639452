//! The requests of a list, a table or a log, and the verdicts on them.

use std::sync::{Mutex, PoisonError};

use super::circumstances::{Circumstances, address, warn_about};
use crate::batch::{Chunk, Column, Layout, Row};
use crate::cli::render;
use crate::cli::warnings::{Repeated, Warnings};
use crate::verify::cookie::CookieSet;
use crate::verify::log::{ListedRequest, LogLayout, Reading};
use crate::verify::summary::Summary;
use crate::verify::{Check, CheckName, Checker, Outcome, SigningParameters, Verdict};
use crate::{Error, Result, SignedUrl, When};

/// The most texts that are tried to explain one denial of many.
const GUESSES: usize = 5000;

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
    pub fn judge(&self, chunk: &Chunk) -> Result<Report> {
        let checkers = || self.checkers.lock().unwrap_or_else(PoisonError::into_inner);
        let spare = checkers().pop();
        let mut checker = spare.unwrap_or_else(|| self.checker());
        let mut report = Report::default();
        for row in Row::all(&self.layout, chunk) {
            if row.as_bytes().trim_ascii().is_empty() {
                continue;
            }
            match self.request(&row) {
                Ok(None) => {}
                Ok(Some(request)) => self.report(row.line, &request, &mut checker, &mut report)?,
                Err(error) => {
                    report.summary.unreadable += 1;
                    report.errors.push((row.line, error));
                }
            }
        }
        checkers().push(checker);
        Ok(report)
    }

    fn checker(&self) -> Checker {
        let checker = Checker::with_guesses(GUESSES);
        if self.json {
            return checker;
        }
        // A line says nothing of the checks.
        checker.without_details()
    }

    /// The request of a row; `None` for a comment in a log.
    fn request(&self, row: &Row) -> Result<Option<ListedRequest>> {
        if let Some(log) = &self.log {
            let line = row.get(Column::Url)?.unwrap_or_default();
            return log.request(&line);
        }
        self.layout.check(row)?;
        let url = match row.get(Column::SignedUrl)? {
            None if !self.layout.may_have(Column::SignedUrl) => row.get(Column::Url)?,
            None if self.layout.is_json() => row.get(Column::Url)?,
            signed_url => signed_url,
        };
        let url = url.ok_or_else(|| Error::new("the row has no signed URL"))?;
        let now = self.circumstances.now;
        let time = match row.get(Column::Now)? {
            Some(text) => Some(text.parse::<When>()?.resolve(now)?),
            None => None,
        };
        let ip = match row.get(Column::Ip)? {
            Some(text) => Some(address(&text)?),
            None => None,
        };
        let cookies = match row.get(Column::Cookies)? {
            Some(text) => Some(CookieSet::parse(&as_header(&text))?),
            None => None,
        };
        let reading = Reading {
            url: SignedUrl::parse(url.trim())?,
            cookies,
        };
        Ok(Some(ListedRequest {
            reading,
            decoded: None,
            time,
            ip,
            status: None,
        }))
    }

    fn report(
        &self,
        line: u64,
        request: &ListedRequest,
        checker: &mut Checker,
        report: &mut Report,
    ) -> Result<()> {
        report.summary.requests += 1;
        let reading = &request.reading;
        let may_be_unsigned = self.log.is_some() && request.status != Some(403);
        if may_be_unsigned
            && reading.cookies.is_none()
            && SigningParameters::of_url(reading.url.as_str()).is_empty()
        {
            report.summary.passed_over += 1;
            return Ok(());
        }
        let (reading, verdict) = self.verdict(request, checker);
        let mut warnings = Warnings::default();
        warn_about(&reading.url, &verdict, &mut warnings);
        let mut is_clear = !verdict.checks.iter().any(is_doubtful);
        for warning in warnings {
            is_clear = false;
            report.warnings.add(line, warning);
        }
        let is_refused = self.strict && verdict.allowed() && !is_clear;
        let is_allowed = verdict.allowed() && !is_refused;
        report.summary.allowed += u64::from(is_allowed);
        if self.summary {
            let url = reading.url.as_str();
            report
                .summary
                .add(&verdict, url, request.status, request.time);
        } else if !(self.quiet && is_allowed) {
            report.text += &if self.json {
                render::verdict::json(&reading.url.unsigned(), &verdict, None)?
            } else {
                render::verdict::line(reading.url.as_str(), &verdict, request.status, is_refused)
            };
        }
        Ok(())
    }

    /// The verdict on the reading that the signature proves, or else on the one that fewer changes
    /// explain.
    fn verdict<'a>(
        &self,
        request: &'a ListedRequest,
        checker: &mut Checker,
    ) -> (&'a Reading, Verdict) {
        let explains = self.summary || self.json;
        let signed = |reading| self.circumstances.listed(request, reading);
        let first = &request.reading;
        if let Some(decoded) = &request.decoded {
            for reading in [first, decoded] {
                let verdict = checker.evaluate(&signed(reading));
                let is_proved = verdict.outcome(CheckName::Signature) == Some(Outcome::Pass);
                if is_proved && (verdict.allowed() || !explains) {
                    return (reading, verdict);
                }
                if is_proved {
                    return (reading, checker.verify(&signed(reading)));
                }
            }
        }
        if !explains {
            return (first, checker.evaluate(&signed(first)));
        }
        let verdict = checker.verify(&signed(first));
        if let Some(decoded) = &request.decoded {
            let other = checker.verify(&signed(decoded));
            if changes(&other) < changes(&verdict) {
                return (decoded, other);
            }
        }
        (first, verdict)
    }
}

/// The number of changes that explain a denial.
fn changes(verdict: &Verdict) -> usize {
    match verdict.changes.len() {
        0 => usize::MAX,
        count => count,
    }
}

/// Cookies of a row as a header, which is how most tables have them.
fn as_header(cookies: &str) -> String {
    if cookies.starts_with("CloudFront-") {
        format!("Cookie: {cookies}")
    } else {
        cookies.to_owned()
    }
}

fn is_doubtful(check: &Check) -> bool {
    check.outcome == Outcome::Unknown && check.name != CheckName::Cookies
}
