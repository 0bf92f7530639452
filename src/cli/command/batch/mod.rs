//! `cfsign batch`: a stream of rows, each signed.
//!
//! ```text
//! input -> chunks of rows -> workers: row -> URL, policy -> signed URL -> row with its result -> output, in order
//! ```

use std::io::{IsTerminal, stdout};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread::available_parallelism;

use crate::batch::pipeline;
use crate::batch::{Chunks, Format, Layout};
use crate::{Error, quoted};
use clap::builder::{StringValueParser, TypedValueParser};
use clap::{Args, ValueEnum};

use crate::cli::args::{ChangeFlags, ConditionFlags, SigningFlags};
use crate::cli::global::GlobalFlags;
use crate::cli::progress::Progress;
use crate::cli::report::Terminal;
use crate::cli::request::Template;
use crate::cli::source;
use crate::cli::stdout::output_file;
use crate::cli::warnings::Warnings;
use destination::Destination;
use input::Input;
use row_signer::{BaseUrl, RowSigner};
use tally::Tally;

mod destination;
mod input;
mod row_signer;
mod tally;

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub struct BatchCommand {
    /// What to read; standard input if there is none, or it is -
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    #[command(flatten)]
    rows: RowFlags,

    #[command(flatten)]
    changes: ChangeFlags,

    #[command(flatten)]
    signing: SigningFlags,

    #[command(flatten)]
    conditions: ConditionFlags,
}

#[derive(Args)]
#[command(next_help_heading = "Rows")]
struct RowFlags {
    /// lines, tsv, csv or jsonl; by default what the name of FILE ends in, and lines otherwise
    #[arg(
        long,
        value_enum,
        ignore_case = true,
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    from: Option<FormatName>,

    /// The form of the output, if not that of the input
    #[arg(
        long,
        value_enum,
        ignore_case = true,
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    to: Option<FormatName>,

    /// What to put in front of rows that are paths and not whole URLs
    #[arg(long, value_name = "URL")]
    base_url: Option<BaseUrl>,

    /// Write to a file, which appears when it is complete; - for standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// How many rows are worked on at a time; by default as many as there are cores
    #[arg(short, long, value_name = "N", value_parser = jobs())]
    jobs: Option<NonZeroUsize>,

    /// Stop at the first row that cannot be signed
    #[arg(long)]
    fail_fast: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatName {
    Lines,
    Tsv,
    Csv,
    Jsonl,
}

const EXAMPLES: &str = "\
Examples:
  cfsign batch urls.txt -k K2JCJMDEHXQW5F -p cf.pem -e 7d > signed.txt
  cfsign batch customers.csv -k K2JCJMDEHXQW5F -p cf.pem -o links.csv
  cd dist && find . -type f | cut -c3- | cfsign batch --encode -e 7d \\
      --base-url https://cdn.example.com/builds/42";

/// Why a run ends before its input.
enum Stop {
    /// Nobody reads the output any more.
    ClosedPipe,
    /// A row was bad, under `--fail-fast`.
    BadRow,
    Failed(Error),
}

impl BatchCommand {
    pub fn run(self, global: &GlobalFlags, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let now = global.now()?;
        let mut warnings = Warnings::default();
        let RowFlags {
            from,
            to,
            base_url,
            output,
            jobs,
            fail_fast,
        } = self.rows;
        let output = output_file(output);
        let input = Input::new(self.file);
        self.signing
            .check_stdin(&self.conditions, Some(input.source()))?;
        let template = Template::new(&self.conditions, self.changes.stream, now)?;
        let from = from
            .map(FormatName::format)
            .or(input.format())
            .unwrap_or(Format::Lines);
        let to = to.map_or(from, FormatName::format);
        let opened = input.open()?;
        let progress = Progress::new(
            opened.size,
            global.quiet || output.is_none() && stdout().is_terminal(),
        );
        let signer = self.signing.signer(&mut warnings)?;
        let strict = global.strict;
        let rows = RowSigner::new(template, signer, self.changes, base_url, now, &mut warnings)?;
        warnings.settle(global, terminal)?;

        let mut chunks = Chunks::new(opened.reader, input.to_string(), from, rows.at_a_time());
        let mut first = chunks.first_chunk()?;
        if source::begins_a_key(&first.bytes) {
            return Err(
                Error::new(format!("{input} holds a key, where rows with URLs belong"))
                    .with_hint("--private-key takes the key, and FILE the rows to sign")
                    .into(),
            );
        }
        let layout =
            Layout::read(from, to, &mut first).map_err(|e| e.context(format_args!("{input}:")))?;
        rows.check_columns(&layout)?;

        let mut tally = Tally::new(terminal, global.quiet, progress);
        let mut destination = Destination::open(output)?;
        let ended = destination.write(layout.header()).and_then(|()| {
            let mut first = Some(first);
            pipeline::run(
                jobs.or(available_parallelism().ok())
                    .unwrap_or(NonZeroUsize::MIN),
                move || {
                    first
                        .take()
                        .map_or_else(|| chunks.next_chunk(), |first| Ok(Some(first)))
                        .map_err(Stop::Failed)
                },
                move |chunk| rows.sign_each(&layout, &chunk, strict, fail_fast),
                |signed| {
                    destination.write(&signed.rows.output)?;
                    tally.add(signed);
                    if fail_fast && tally.bad() > 0 {
                        Err(Stop::BadRow)
                    } else {
                        Ok(())
                    }
                },
            )
        });
        match ended {
            Ok(()) => destination.commit()?,
            Err(Stop::ClosedPipe) => return Ok(ExitCode::SUCCESS),
            Err(Stop::BadRow) => {}
            Err(Stop::Failed(error)) => return Err(error.into()),
        }
        Ok(tally.finish(fail_fast))
    }
}

impl FormatName {
    fn format(self) -> Format {
        match self {
            FormatName::Lines => Format::Lines,
            FormatName::Tsv => Format::Tsv,
            FormatName::Csv => Format::Csv,
            FormatName::Jsonl => Format::Jsonl,
        }
    }
}

/// A number of threads. More than a thousand are a slip of the finger.
fn jobs() -> impl TypedValueParser<Value = NonZeroUsize> {
    StringValueParser::new().try_map(|text| {
        let jobs = text
            .parse::<NonZeroUsize>()
            .ok()
            .filter(|jobs| jobs.get() <= 1024);
        jobs.ok_or_else(|| {
            Error::new(format!("{} is not a number from 1 to 1024", quoted(&text)))
                .with_hint("--jobs 2")
        })
    })
}
