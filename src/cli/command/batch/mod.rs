//! `cfsign batch`: a stream of rows, each signed.
//!
//! ```text
//! input -> chunks of rows -> threads: row -> URL, policy -> signed URL -> row with its result -> output, in order
//! ```

use std::io::{IsTerminal, stdin};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::batch::{Chunks, Column, Columns, Format, Layout};
use crate::url::signing_parameters::shown;
use crate::{Error, KeyType, Result, Signer};
use clap::Args;

use crate::cli::args::{self, ChangeFlags, ConditionFlags, SigningFlags};
use crate::cli::context::Context;
use crate::cli::input::Input;
use crate::cli::keys::Needs;
use crate::cli::memory;
use crate::cli::progress::{Progress, stdout_is_read};
use crate::cli::request::{self, PolicySpec};
use crate::cli::source::Source;
use crate::cli::terminal::output_file;
use crate::cli::warnings::Warnings;
use row_signer::RowSigner;
use run::{Stop, Tally, sign_all};
use shared_policy::SharedPolicy;

mod row_signer;
mod run;
mod shared_policy;

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES, override_usage = USAGE)]
pub struct BatchCommand {
    /// Rows to sign; standard input if omitted or -
    #[arg(value_parser = args::source())]
    file: Option<Source>,

    #[command(flatten)]
    conditions: ConditionFlags,

    #[command(flatten)]
    rows: RowFlags,

    #[command(flatten)]
    changes: ChangeFlags,

    #[command(flatten)]
    signing: SigningFlags,
}

#[derive(Args)]
#[command(next_help_heading = "Row options")]
struct RowFlags {
    /// lines, tsv, csv or jsonl [default: by extension, or lines]
    #[arg(long, ignore_case = true, value_name = "FORMAT", value_parser = Format::NAMES)]
    from: Option<String>,

    /// Format of the output [default: that of the input]
    #[arg(long, ignore_case = true, value_name = "FORMAT", value_parser = Format::NAMES)]
    to: Option<String>,

    /// Name of the column with the URL [default: url]
    #[arg(long, value_name = "NAME")]
    url_column: Option<String>,

    /// Base URL for rows that contain only a path
    #[arg(long, value_name = "URL", value_parser = base_url)]
    base_url: Option<String>,

    /// Write to a file, atomically; - for standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Number of threads [default: number of CPUs]
    #[arg(short, long, value_name = "N", value_parser = args::jobs)]
    jobs: Option<NonZeroUsize>,

    /// Stop at the first row that cannot be signed
    #[arg(long, hide_short_help = true)]
    fail_fast: bool,
}

const USAGE: &str = "cfsign batch [FILE] -k <ID> -p <SOURCE> -e <TIME>";

const EXAMPLES: &str = "\
Examples:
  cfsign batch urls.txt -k K2JCJMDEHXQW5F -p cf.pem -e 7d > signed.txt
  cfsign batch customers.csv -k K2JCJMDEHXQW5F -p cf.pem -o links.csv
  ls | cfsign batch --encode -e 7d --base-url https://cdn.example.com/videos";

impl BatchCommand {
    pub fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let (now, terminal) = (context.now, &context.terminal);
        let mut warnings = Warnings::default();
        let flags = self.rows;
        let output = output_file(flags.output);
        // A terminal is read only if - asks for it.
        let has_input = self.file.is_some() || !stdin().is_terminal();
        let input = Input {
            source: self.file.unwrap_or(Source::Stdin),
            single: "cfsign url",
        };
        let from = flags.from.as_deref();
        let from = from.map_or_else(|| input.format(), Format::named);
        let to = flags.to.as_deref().map_or(from, Format::named);
        let keys = self.signing.key_sources(&Needs {
            own: &[("FILE", has_input)],
            conditions: &self.conditions,
            // The rows of a table may have their own.
            optional_expiry: self.changes.resign || from != Format::Lines,
            input: ("FILE", Some(&input.source)),
            example: "cfsign batch FILE -k K2JCJMDEHXQW5F -p cf.pem -e 7d",
        })?;
        let spec = PolicySpec::new(&self.conditions, self.changes.stream, now)?;
        if flags.url_column.is_some() && from == Format::Lines {
            let error = Error::new("--url-column requires rows with columns");
            return Err(error
                .with_hint("use --from csv, --from tsv or --from jsonl")
                .into());
        }
        let opened = input.open()?;
        let hides_progress = terminal.quiet || output.is_none() && stdout_is_read();
        let progress = Progress::new(input.size(), hides_progress);

        let signer = keys.signer(&mut warnings)?;
        let shared = SharedPolicy::new(&spec, &self.changes, &signer, now, &mut warnings)?;
        terminal.settle(warnings)?;

        let reader = input.reader(opened)?;
        let most_rows = rows_per_chunk(shared.as_ref(), &signer);
        let mut chunks = Chunks::new(reader, input.source.to_string(), from, most_rows)?;
        let url_column = flags.url_column.as_deref().unwrap_or(Column::Url.name());
        let layout = Layout::read(&mut chunks, to, Columns::to_sign(url_column))?;
        let may_lack_expiry = spec.document.is_some() || self.changes.resign;
        if !may_lack_expiry && !layout.may_have(Column::Expires) {
            // Without an expiry, no row could be signed.
            spec.conditions()?;
        }
        let signer = RowSigner {
            signer,
            spec,
            shared,
            changes: self.changes,
            base_url: flags.base_url,
            now,
            strict: terminal.strict,
            fail_fast: flags.fail_fast,
            layout,
        };

        let jobs = memory::threads(flags.jobs);
        let mut tally = Tally::new(terminal, progress);
        let mut output = run::open(output.as_deref())?;
        match sign_all(signer, chunks, jobs, &mut output, &mut tally) {
            Ok(()) => output.commit()?,
            Err(Stop::BadRow) => {}
            Err(Stop::Failed(error)) => return Err(error),
        }
        Ok(tally.finish(&input.source, flags.fail_fast))
    }
}

/// Parses the value of `--base-url`, without a `/` at its end.
fn base_url(text: &str) -> Result<String> {
    let url = request::base_url(text)?;
    if url.as_str().contains('?') {
        let message = format!("{} has a query, so paths cannot follow it", shown(text));
        let hint = "use --base-url https://cdn.example.com/builds/42, and --query NAME=VALUE for \
            the query";
        return Err(Error::new(message).with_hint(hint));
    }
    Ok(text.strip_suffix('/').unwrap_or(text).to_owned())
}

/// The rows that a thread gets at a time: those of some milliseconds, and one for a remote signer.
fn rows_per_chunk(shared: Option<&SharedPolicy>, signer: &Signer) -> usize {
    match (shared, signer.key_type()) {
        (Some(shared), _) => ((1 << 20) / shared.signed.query().len()).clamp(1, 512),
        (None, Some(KeyType::P256)) => 128,
        (None, Some(_)) => 16,
        (None, None) => 1,
    }
}
