//! Verdicts on many requests, on all cores: lists, tables and access logs.

use std::io::{Cursor, Read, Write, stderr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;

use clap::{Args, ValueEnum};

use super::{Circumstances, warn_about};
use crate::batch::{Chunk, Chunks, Column, Columns, Format, Layout, Row, pipeline};
use crate::cli::args;
use crate::cli::input::Input;
use crate::cli::render;
use crate::cli::request;
use crate::cli::source::Source;
use crate::cli::terminal::{Terminal, hint_for};
use crate::cli::warnings::{Repeated, Warnings};
use crate::verify::cookie::CookieSet;
use crate::verify::log::{ListedRequest, LogLayout, Reading};
use crate::verify::summary::Summary;
use crate::verify::{Check, CheckName, Checker, Outcome, SigningParameters, Verdict};
use crate::{Error, ErrorKind, Result, SignedUrl, UnsignedUrl, When, text};

/// The most texts that are tried to explain one denial of many.
const GUESSES: usize = 5000;

/// The rows that one worker gets at a time.
const ROWS_PER_CHUNK: usize = 64;

#[derive(Args)]
#[command(next_help_heading = "Lists and access logs")]
pub struct ManyFlags {
    /// List, table or access log to verify; - for stdin
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,

    /// lines, tsv, csv, jsonl or log [default: by content]
    #[arg(
        long,
        ignore_case = true,
        value_name = "FORMAT",
        hide_short_help = true
    )]
    from: Option<FormatName>,

    /// Names of the fields of a real-time log, in order
    #[arg(long, value_name = "NAMES", hide_short_help = true)]
    fields: Option<String>,

    /// Scheme and host of a log without x-host-header
    #[arg(long, value_name = "URL", value_parser = request::base_url, hide_short_help = true)]
    base_url: Option<UnsignedUrl>,

    /// Count the denied requests by reason, with a cause and a fix for each
    #[arg(long)]
    summary: bool,

    /// Print the summary as CSV
    #[arg(
        long,
        requires = "summary",
        conflicts_with = "json",
        hide_short_help = true
    )]
    csv: bool,

    /// Add up summaries that were written with --json
    #[arg(long, value_name = "FILE", num_args = 1.., value_parser = args::source())]
    #[arg(requires = "summary", hide_short_help = true)]
    merge: Vec<Source>,

    /// Number of threads [default: number of CPUs]
    #[arg(short, long, value_name = "N", value_parser = args::jobs(), hide_short_help = true)]
    jobs: Option<NonZeroUsize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatName {
    Lines,
    Tsv,
    Csv,
    Jsonl,
    Log,
}

/// The text of a list.
type Reader = text::Reader<Box<dyn Read + Send>>;

/// An open list.
pub struct Opened {
    reader: Reader,
    /// Its name in messages.
    name: String,
}

impl Opened {
    /// The URL of a list that has no other.
    pub fn only_url(&mut self) -> Result<Option<String>> {
        let line = self.reader.only_line();
        let line = line.map_err(|e| text::cannot_read(&self.name, &e))?;
        let is_url = |line: &String| {
            let is_line = Format::recognize(line.as_bytes()) == Format::Lines;
            is_line && line.contains("://") && !line.contains('\t')
        };
        Ok(line.filter(is_url))
    }
}

impl ManyFlags {
    /// The source of the list, if there is one.
    pub fn source(&self) -> Option<Source> {
        let input = Input::new(self.input.clone(), "");
        self.input.is_some().then(|| input.source().clone())
    }

    /// Returns whether summaries are to be added up.
    pub fn merges(&self) -> bool {
        !self.merge.is_empty()
    }

    /// Returns whether a summary is printed instead of verdicts.
    pub fn summarizes(&self) -> bool {
        self.summary
    }

    /// Adds up summaries and prints the sum.
    pub fn merged(&self, json: bool, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        const LARGEST: u64 = 256 << 20;
        let mut sum = Summary::default();
        for source in &self.merge {
            let text = source.decode(&source.read_up_to(LARGEST, "summaries")?)?;
            sum.merge(Summary::parse(&text).map_err(|e| e.context(source))?);
        }
        self.print(&sum, json, terminal)
    }

    /// Opens a list: `urls`, or the input.
    pub fn open(&self, urls: Option<Vec<String>>) -> Result<Opened> {
        let input = Input::new(self.input.clone(), "cfsign verify");
        let (reader, name): (Box<dyn Read + Send>, _) = match &urls {
            Some(urls) => (Box::new(Cursor::new(urls.join("\n"))), "URL".into()),
            None => (input.open()?.reader, input.to_string()),
        };
        let reader = text::Reader::new(reader).map_err(|e| text::cannot_read(&name, &e))?;
        if urls.is_none() {
            input.check_content(reader.start())?;
        }
        Ok(Opened { reader, name })
    }

    /// Prints a verdict per request, or a summary; the exit code is 1 if any request is denied, and
    /// 2 if any row cannot be read.
    pub fn run(
        &self,
        opened: Opened,
        circumstances: Circumstances,
        json: bool,
        terminal: &Terminal,
    ) -> anyhow::Result<ExitCode> {
        let Opened { reader, name } = opened;
        let log = self.log(reader.start()).map_err(|e| e.context(&name))?;
        let format = match self.from {
            _ if log.is_some() => Format::Lines,
            Some(FormatName::Tsv) => Format::Tsv,
            Some(FormatName::Csv) => Format::Csv,
            Some(FormatName::Jsonl) => Format::Jsonl,
            Some(_) => Format::Lines,
            None => Format::recognize(reader.start()),
        };
        let mut rows = Chunks::new(reader, name, format, ROWS_PER_CHUNK)?;
        let list = List {
            layout: Layout::read(&mut rows, format, Columns::to_verify()).map_err(in_verify)?,
            log,
            circumstances,
            json,
            summary: self.summary,
            quiet: terminal.quiet,
            strict: terminal.strict,
            checkers: Mutex::default(),
        };
        let sum = self.judge_all(rows, list, terminal)?;
        if self.summary {
            return self.print(&sum, json, terminal);
        }
        // A count that nobody can be told changes nothing.
        let _ = writeln!(stderr(), "{}", render::summary::count(&sum));
        Ok(exit_code(&sum))
    }

    /// The layout of an access log, if the input is one.
    fn log(&self, start: &[u8]) -> Result<Option<LogLayout>> {
        let base_url = self.base_url.as_ref().map(UnsignedUrl::as_str);
        let base_url = base_url.map(|url| url.trim_end_matches('/'));
        if let Some(names) = &self.fields {
            return LogLayout::of_fields(names, base_url).map(Some);
        }
        if self.from.is_some_and(|from| from != FormatName::Log) {
            return Ok(None);
        }
        let log = LogLayout::recognize(&String::from_utf8_lossy(start), base_url)?;
        if log.is_none() && self.from.is_some() {
            let message = "has no line that names the fields of a CloudFront access log";
            return Err(Error::of_kind(ErrorKind::FieldsUnknown, message));
        }
        Ok(log)
    }

    /// Judges all requests and prints their verdicts.
    fn judge_all(
        &self,
        mut rows: Chunks<Reader>,
        list: List,
        terminal: &Terminal,
    ) -> anyhow::Result<Summary> {
        let json = list.json;
        let mut sum = Summary::default();
        let mut warnings = Repeated::default();
        let mut last_hint = None;
        let list = Arc::new(list);
        let write = |report: Result<Report>| -> anyhow::Result<()> {
            let report = report?;
            if json {
                terminal.print(&report.text)?;
            } else {
                terminal.print_styled(&report.text)?;
            }
            sum.merge(report.summary);
            warnings.merge(report.warnings);
            for (line, error) in &report.errors {
                let hint = hint_for(error);
                // A hint that has just been shown is not repeated.
                let new_hint = hint.as_deref().filter(|_| hint != last_hint);
                terminal.error(&format!("line {line}: {error}"), new_hint);
                last_hint = hint;
            }
            Ok(())
        };
        let jobs = self.jobs.or(available_parallelism().ok());
        pipeline::run(
            jobs.unwrap_or(NonZeroUsize::MIN),
            move || rows.next_chunk().map_err(anyhow::Error::from),
            move |chunk| list.judge(&chunk),
            write,
        )?;
        for warning in warnings.into_texts() {
            terminal.warn(&warning);
        }
        Ok(sum)
    }

    fn print(&self, sum: &Summary, json: bool, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        if json {
            terminal.print(&render::json_line(sum)?)?;
        } else if self.csv {
            terminal.print(&render::summary::csv(sum))?;
        } else {
            terminal.print_styled(&render::summary::text(sum))?;
        }
        Ok(exit_code(sum))
    }
}

fn exit_code(sum: &Summary) -> ExitCode {
    ExitCode::from(match sum.unreadable {
        0 => u8::from(sum.denied() > 0),
        _ => 2,
    })
}

/// The error with a hint that is right for this command.
fn in_verify(error: Error) -> Error {
    match error.kind() {
        ErrorKind::NoUrlColumn { .. } => Error::new(error.to_string())
            .with_hint("the column of the URLs is called url or signed_url"),
        _ => error,
    }
}

/// A list of requests, and what is the same for all of them.
struct List {
    layout: Layout,
    log: Option<LogLayout>,
    circumstances: Circumstances,
    json: bool,
    summary: bool,
    quiet: bool,
    strict: bool,
    /// The checkers that no thread is using. Each remembers what explained its last denial.
    checkers: Mutex<Vec<Checker>>,
}

/// The verdicts on the rows of a chunk.
#[derive(Default)]
struct Report {
    text: String,
    summary: Summary,
    /// The lines of the rows that cannot be read, and the reasons.
    errors: Vec<(u64, Error)>,
    warnings: Repeated,
}

impl List {
    fn judge(&self, chunk: &Chunk) -> Result<Report> {
        let checkers = || self.checkers.lock().unwrap_or_else(PoisonError::into_inner);
        let spare = checkers().pop();
        let mut checker = spare.unwrap_or_else(|| Checker::with_guesses(GUESSES));
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
            Some(text) => Some(super::address(&text)?),
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
        let is_signed = reading.cookies.is_some()
            || !SigningParameters::of_url(reading.url.as_str()).is_empty();
        if self.log.is_some() && !is_signed && request.status != Some(403) {
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
