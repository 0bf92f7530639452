//! Verdicts on many URLs, one line each, on all cores.

use std::io::{self, BufRead, IsTerminal, Read};
use std::iter;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::time::Instant;

use super::Circumstances;
use crate::batch::pipeline;
use crate::cli::render;
use crate::cli::terminal::Terminal;
use crate::cli::warnings::{Repeated, Warnings};
use crate::url::UrlParts;
use crate::verify::evaluate;
use crate::{Error, SignedUrl, text};

/// A line longer than this is not a URL.
const LONGEST_LINE: usize = 1 << 20;

/// Lines with a URL each.
pub type Lines = Box<dyn Iterator<Item = crate::Result<String>> + Send>;

/// The requested URLs.
pub enum Urls {
    Single(String),
    Lines(Lines),
}

/// Reads standard input up to its second URL. A single URL may be wrapped: the lines after the first that are no URLs
/// belong to it, and a note says so.
pub fn read_stdin(terminal: &Terminal) -> crate::Result<Urls> {
    /// More lines than a wrapped URL has.
    const MOST: usize = 1000;
    let mut lines = stdin_lines()?;
    let mut blank = 0;
    let mut first: Vec<String> = Vec::new();
    while let Some(line) = lines.next().transpose()? {
        if first.is_empty() && line.is_empty() {
            blank += 1;
            continue;
        }
        let is_list = !first.is_empty() && (line.contains("://") || first.len() == MOST);
        first.push(line);
        if is_list {
            // Blank lines count, for the numbers of lines.
            let read = iter::repeat_n(String::new(), blank).chain(first).map(Ok);
            return Ok(Urls::Lines(Box::new(read.chain(lines))));
        }
    }
    first.retain(|line| !line.is_empty());
    if first.len() > 1 {
        let count = first.len();
        terminal.note(&format!("{count} lines were read as one wrapped URL"));
    }
    Ok(Urls::Single(first.join("\n")))
}

fn stdin_lines() -> crate::Result<Lines> {
    let name = "standard input";
    let reader = text::Reader::new(io::stdin());
    let reader = reader.map_err(|e| text::cannot_read(name, &e))?;
    text::check_start(reader.start()).map_err(|e| e.context(name))?;
    let mut stdin = io::BufReader::with_capacity(1 << 16, reader);
    Ok(Box::new(iter::from_fn(move || {
        let mut line = Vec::new();
        let limit = LONGEST_LINE as u64;
        match stdin.by_ref().take(limit).read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(_) => {
                let line = line.trim_ascii_end();
                let text = std::str::from_utf8(line).map_err(|_| text::not_utf8(line));
                Some(text.map(str::to_owned).map_err(|e| e.context(name)))
            }
            Err(e) => Some(Err(text::cannot_read(name, &e))),
        }
    })))
}

/// The URLs that one worker gets at a time.
const CHUNK: usize = 64;

struct Chunk {
    first: u64,
    urls: Vec<String>,
}

/// The output of a chunk.
#[derive(Default)]
struct Report {
    text: String,
    allowed: u64,
    denied: u64,
    /// The number of a line, and the reason why it is not a URL.
    errors: Vec<(u64, Error)>,
    warnings: Repeated,
}

/// Prints a verdict per line; the exit code is 1 if any URL is denied, and 2 if any line is no URL.
pub fn run(
    mut lines: Lines,
    circumstances: Circumstances,
    json: bool,
    terminal: &Terminal,
) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let mut next = 1;
    let read = move || -> anyhow::Result<Option<Chunk>> {
        let urls = lines
            .by_ref()
            .take(CHUNK)
            .collect::<crate::Result<Vec<_>>>()?;
        let first = next;
        next += urls.len() as u64;
        Ok((!urls.is_empty()).then_some(Chunk { first, urls }))
    };
    let strict = terminal.strict;
    let map = move |chunk: Chunk| report(&chunk, &circumstances, json, strict);
    let (mut allowed, mut denied, mut errors) = (0, 0, 0);
    let mut warnings = Repeated::default();
    let write = |report: crate::Result<Report>| -> anyhow::Result<()> {
        let report = report?;
        allowed += report.allowed;
        denied += report.denied;
        errors += report.errors.len();
        warnings.merge(report.warnings);
        if json {
            terminal.print(&report.text)?;
        } else {
            terminal.print_styled(&report.text)?;
        }
        for (line, error) in &report.errors {
            terminal.error(&format!("line {line}: {error}"), None);
        }
        Ok(())
    };
    let workers = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    pipeline::run(workers, read, map, write)?;
    for warning in warnings.into_texts() {
        terminal.warn(&warning);
    }
    if io::stderr().is_terminal() {
        let total = allowed + denied;
        let seconds = started.elapsed().as_secs_f64();
        let rate = total as f64 / seconds.max(1e-3);
        terminal.note(&format!(
            "{allowed} allowed, {denied} denied in {seconds:.1} s ({rate:.0} URLs/s)"
        ));
    }
    Ok(match (errors, denied) {
        (1.., _) => ExitCode::from(2),
        (0, 1..) => ExitCode::from(1),
        _ => ExitCode::SUCCESS,
    })
}

fn report(
    chunk: &Chunk,
    circumstances: &Circumstances,
    json: bool,
    strict: bool,
) -> crate::Result<Report> {
    let mut report = Report::default();
    for (number, line) in (chunk.first..).zip(&chunk.urls) {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let url = match SignedUrl::parse(line) {
            Ok(url) => url,
            Err(error) => {
                report.errors.push((number, error));
                continue;
            }
        };
        let mut warnings = Warnings::default();
        warnings.check_host(UrlParts::parse(line).host());
        if let Some(warning) = warnings.into_iter().next() {
            if strict {
                report.errors.push((number, Error::new(warning.text)));
                continue;
            }
            report.warnings.add(number, warning);
        }
        let request = circumstances.request(&url);
        // The cause is not in a line, and its search takes most of the time.
        let verdict = if json {
            crate::verify(&request)
        } else {
            evaluate(&request)
        };
        if verdict.allowed() {
            report.allowed += 1;
        } else {
            report.denied += 1;
        }
        report.text += &if json {
            render::verdict::json(&url.unsigned(), &verdict, None)?
        } else {
            render::verdict::line(url.as_str(), &verdict)
        };
    }
    Ok(report)
}
