//! Verdicts on many requests, on all cores: lists, tables and access logs.

use std::io::{Cursor, Read, Write, stderr};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use clap::Args;

use super::list::{Circumstances, List, Report};
use crate::batch::{Chunks, Columns, Format, Layout, pipeline};
use crate::cli::args;
use crate::cli::input::Input;
use crate::cli::memory;
use crate::cli::render;
use crate::cli::request;
use crate::cli::source::Source;
use crate::cli::terminal::{self, Terminal};
use crate::cli::warnings::Repeated;
use crate::verify::log::LogLayout;
use crate::verify::summary::Summary;
use crate::{Error, ErrorKind, Result, UnsignedUrl, text};

/// The name of the format of access logs.
const LOG: &str = "log";

/// The rows that one worker gets at a time.
const ROWS_PER_CHUNK: usize = 64;

#[derive(Args)]
#[command(next_help_heading = "Lists and access logs")]
pub struct ManyFlags {
    /// List, table or access log to verify; - for stdin
    #[arg(long, value_name = "FILE", value_parser = args::source(), conflicts_with = "urls")]
    pub input: Option<Source>,

    /// lines, tsv, csv, jsonl or log [default: by content]
    #[arg(long, value_name = "FORMAT", ignore_case = true)]
    #[arg(hide_short_help = true, value_parser = ["lines", "tsv", "csv", "jsonl", LOG])]
    from: Option<String>,

    /// Names of the fields of a real-time log, in order
    #[arg(long, value_name = "NAMES", hide_short_help = true)]
    fields: Option<String>,

    /// Scheme and host of a log without x-host-header
    #[arg(long, value_name = "URL", value_parser = request::base_url, hide_short_help = true)]
    base_url: Option<UnsignedUrl>,

    /// Count the denied requests by reason, with a cause and a fix for each
    #[arg(long)]
    pub summary: bool,

    /// Add up summaries that were written with --json
    #[arg(long, value_name = "FILE", num_args = 1.., value_parser = args::source())]
    #[arg(requires = "summary", hide_short_help = true)]
    #[arg(conflicts_with_all = ["urls", "public_key", "cookies", "ip", "valid_for", "answer"])]
    #[arg(conflicts_with_all = ["input", "from", "fields", "base_url", "jobs"])]
    pub merge: Vec<Source>,

    /// Number of threads [default: number of CPUs]
    #[arg(short, long, value_name = "N", value_parser = args::jobs, hide_short_help = true)]
    jobs: Option<NonZeroUsize>,
}

/// The text of a list, and its name in messages.
pub struct Opened {
    reader: text::Reader<Box<dyn Read + Send>>,
    name: String,
}

impl Opened {
    /// The URL of a list that has no other.
    pub fn only_url(&mut self) -> Result<Option<String>> {
        let line = self.reader.only_line();
        let line = line.map_err(|e| text::cannot_read(&self.name, &e))?;
        Ok(line.filter(|line| {
            let is_line = Format::recognize(line.as_bytes()) == Format::Lines;
            is_line && line.contains("://") && !line.contains('\t')
        }))
    }
}

impl ManyFlags {
    /// Returns whether a flag was given that has no effect on the report on a single URL.
    pub fn wants_list(&self) -> bool {
        let reads_rows = self.from.is_some() || self.fields.is_some() || self.base_url.is_some();
        reads_rows || self.summary || self.jobs.is_some()
    }

    /// Adds up summaries and prints the sum.
    pub fn merged(&self, json: bool) -> anyhow::Result<ExitCode> {
        let mut sum = Summary::default();
        for source in &self.merge {
            let text = source.read_text("summaries")?;
            sum.merge(Summary::parse(&text).map_err(|e| e.context(source))?);
        }
        self.print(sum, json)
    }

    /// Opens the list: the URLs, or else the input.
    pub fn open(&self, urls: &[String]) -> Result<Opened> {
        let source = self.input.clone().unwrap_or(Source::Stdin);
        let single = "cfsign verify";
        let input = Input { source, single };
        let (name, opened): (String, Box<dyn Read + Send>) = if urls.is_empty() || urls == ["-"] {
            (input.source.to_string(), input.open()?)
        } else {
            ("URL".into(), Box::new(Cursor::new(urls.join("\n"))))
        };
        let reader = input.reader(opened)?;
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
        let format = match &self.from {
            _ if log.is_some() => Format::Lines,
            Some(name) => Format::named(name),
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
        self.print(sum, json)
    }

    /// The layout of an access log, if the input is one.
    fn log(&self, start: &[u8]) -> Result<Option<LogLayout>> {
        let base_url = self.base_url.as_ref().map(UnsignedUrl::as_str);
        let base_url = base_url.map(|url| url.trim_end_matches('/'));
        if let Some(names) = &self.fields {
            return LogLayout::of_fields(names, base_url).map(Some);
        }
        let from = self.from.as_deref();
        if from.is_some_and(|from| !from.eq_ignore_ascii_case(LOG)) {
            return Ok(None);
        }
        let log = LogLayout::recognize(&String::from_utf8_lossy(start), base_url)?;
        if log.is_none() && from.is_some() {
            let message = "has no line that names the fields of a CloudFront access log";
            return Err(Error::of_kind(ErrorKind::FieldsUnknown, message));
        }
        Ok(log)
    }

    /// Judges all requests and prints their verdicts.
    fn judge_all(
        &self,
        mut rows: Chunks<text::Reader<Box<dyn Read + Send>>>,
        list: List,
        terminal: &Terminal,
    ) -> anyhow::Result<Summary> {
        let json = list.json;
        let mut sum = Summary::default();
        let mut warnings = Repeated::default();
        let list = Arc::new(list);
        let write = |report: Report| -> anyhow::Result<()> {
            terminal::stream(&report.text, !json)?;
            sum.merge(report.summary);
            warnings.merge(report.warnings);
            for (line, error) in &report.errors {
                terminal::line_error(*line, error);
            }
            Ok(())
        };
        pipeline::run(
            memory::threads(self.jobs),
            move || Ok(rows.next_chunk()?),
            move |chunk| list.judge(&chunk),
            write,
        )?;
        for warning in warnings.into_texts() {
            terminal.warn(&warning);
        }
        Ok(sum)
    }

    /// Prints a summary, or the count of the rows that have been printed.
    fn print(&self, sum: Summary, json: bool) -> anyhow::Result<ExitCode> {
        let sum = sum.sorted();
        if !self.summary {
            // A count that nobody can be told changes nothing.
            let _ = writeln!(stderr(), "{}", render::summary::count(&sum));
        } else if json {
            terminal::print(&render::json_line(&sum))?;
        } else {
            terminal::print_styled(&render::summary::text(&sum))?;
        }
        Ok(ExitCode::from(match sum.unreadable {
            0 => u8::from(sum.denied() > 0),
            _ => 2,
        }))
    }
}

/// The error with a hint that is right for this command.
fn in_verify(error: Error) -> Error {
    match error.kind() {
        ErrorKind::NoUrlColumn { .. } => Error::new(error.to_string())
            .with_hint("the column of the URLs is called url or signed_url"),
        _ => error,
    }
}
