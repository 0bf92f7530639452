//! The `cfsign` command.
//!
//! Each command is one file or folder in `command`. Flags parse into the types of `args`; a command
//! resolves them into a plain request, reads the key, signs, and returns what to print.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::Error;
#[cfg(unix)]
use crate::SignCommand;

mod args;
mod closed_streams;
mod command;
mod cookie_attributes;
mod fetch;
mod global;
mod hints;
mod keys;
mod progress;
mod report;
mod request;
mod shell;
mod signals;
mod source;
mod stdout;
mod usage;
mod warnings;

pub mod atomic_file;
pub mod content_disposition;
pub mod render;

use command::{batch, completions, cookies, inspect, key, man, playlist, policy, url, verify};
use global::GlobalFlags;
use report::Terminal;
use warnings::Warnings;

/// Sign CloudFront URLs and cookies, and explain why CloudFront rejects them
#[derive(Parser)]
#[command(name = "cfsign", version, long_version = VERSION, max_term_width = 100, arg_required_else_help = true, disable_help_flag = true)]
#[command(hide_possible_values = true)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{REFERENCE}"), styles = report::STYLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    global: GlobalFlags,
}

#[derive(Subcommand)]
#[command(defer = true)]
enum Command {
    /// Sign one or more URLs
    #[command(alias = "sign")]
    Url(GlobalsLast<url::UrlCommand>),
    /// Create signed cookies
    #[command(alias = "sign-cookies")]
    Cookies(GlobalsLast<cookies::CookiesCommand>),
    /// Sign a list of URLs: lines, TSV, CSV or JSON Lines
    ///
    /// The output has the same order as the input. A row that cannot be signed is reported with its
    /// line number and gets no signed URL; the other rows are signed, and the exit code is 1.
    /// Tables name their columns in the first row, and are written with two more columns,
    /// signed_url and error. Besides url, the columns expires, starts, ip, resource and download_as
    /// are read; empty cells fall back to the flags. With --strict, rows with warnings are not signed.
    Batch(GlobalsLast<batch::BatchCommand>),
    /// Sign every reference in an HLS playlist or DASH manifest
    Playlist(GlobalsLast<playlist::PlaylistCommand>),
    /// Check a signed URL or signed cookies as CloudFront would
    ///
    /// Exits with 0 if the request is allowed and with 1 if it is denied or undetermined. cfsign
    /// does not know the distribution: the given keys are assumed to be in its trusted key group.
    Verify(GlobalsLast<verify::VerifyCommand>),
    /// Show the contents of a signed URL or signed cookies; needs no key
    ///
    /// The signature is not checked: use cfsign verify for that.
    Inspect(GlobalsLast<inspect::InspectCommand>),
    /// Print the policy that would be signed; needs no key
    ///
    /// To preview a cfsign url command, replace url with policy: flags for the key and the signature
    /// have no effect. Only the output formats text and json are accepted.
    Policy(GlobalsLast<policy::PolicyCommand>),
    /// Generate keys, print public keys, identify keys
    Key(GlobalsLast<key::KeyCommand>),
    /// Print a shell completion script
    Completions(GlobalsLast<completions::CompletionsCommand>),
    /// Print a man page
    Man(GlobalsLast<man::ManCommand>),
}

/// A command whose help shows the global options last. clap adds them first to a command whose
/// definition is deferred.
struct GlobalsLast<T>(T);

impl<T: Args> Args for GlobalsLast<T> {
    fn augment_args(command: clap::Command) -> clap::Command {
        let is_global = |argument: &&Arg| argument.is_global_set();
        let globals: Vec<Arg> = command.get_arguments().filter(is_global).cloned().collect();
        let mut command = T::augment_args(command);
        for global in globals {
            command = command.mut_arg(global.get_id(), |argument| argument);
        }
        command
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl<T: FromArgMatches> FromArgMatches for GlobalsLast<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        T::from_arg_matches(matches).map(GlobalsLast)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

/// The version, and the implementation of the signature algorithms.
const VERSION: &str = if cfg!(feature = "aws-lc") {
    concat!(env!("CARGO_PKG_VERSION"), "\nsigns with AWS-LC")
} else {
    concat!(env!("CARGO_PKG_VERSION"), "\nsigns in pure Rust")
};

const EXAMPLES: &str = "\
Examples:
  cfsign key generate cf.pem
  cfsign url https://cdn.example.com/a.jpg -k K2JCJMDEHXQW5F -p cf.pem -e 1h
  cfsign cookies 'https://cdn.example.com/v/*' -k K2JCJMDEHXQW5F -p cf.pem -e 6h
  cfsign verify 'https://cdn.example.com/a.jpg?Expires=...' \\
      --public-key cf.pub.pem";

const REFERENCE: &str = "\
Environment:
  CFSIGN_KEY_PAIR_ID  default for --key-pair-id
  CFSIGN_PRIVATE_KEY  default for --private-key
  CFSIGN_PASSPHRASE   default for --passphrase
  NO_COLOR            no colors

Exit codes:
  0  success; for verify: allowed
  1  verify: denied or undetermined; batch: at least one row was not signed
  2  usage, input, key or I/O error";

/// Runs the `cfsign` command: parses the arguments, does the work and returns the exit code.
pub fn main() -> ExitCode {
    // Best effort: on failure the defaults of the operating system apply.
    let _ = signals::survive_file_size_limit();
    let _ = signals::leave_no_core_file();
    remove_files_after_panic();
    let arguments = without_help_flags(std::env::args_os().collect());
    let terminal = Terminal::new(&arguments);
    let exit_code = match parse(&arguments).and_then(|cli| cli.run(&terminal)) {
        Ok(answer) => answer,
        Err(error) => terminal.report(&error),
    };
    // A run that stopped at an error may have commands for later rows.
    #[cfg(unix)]
    SignCommand::terminate_all();
    exit_code
}

/// Takes `-h` and `--help` out of `cfsign help -h`, which shows the help, as in git and cargo.
fn without_help_flags(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let begins_with = |words: &[&str]| arguments.iter().skip(1).zip(words).all(|(a, b)| a == b);
    if begins_with(&["help"]) || begins_with(&["key", "help"]) {
        arguments.retain(|argument| argument != "-h" && argument != "--help");
    }
    arguments
}

/// Leaves no temporary file behind where a panic aborts the process.
fn remove_files_after_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        report(panic);
        atomic_file::remove_unfinished();
    }));
}

/// Parses the command line; `--help` and `--version` are errors of clap's too.
fn parse(arguments: &[OsString]) -> anyhow::Result<Cli> {
    // clap quotes invalid arguments, and a key must not be shown.
    if arguments.iter().any(source::is_key) {
        return Err(Error::new(
            "an argument is a private key, and other processes can see command lines",
        )
        .with_hint(
            "use the name of a file, env:NAME for an environment variable, or - for standard input",
        )
        .into());
    }
    Cli::try_parse_from(arguments).map_err(|error| {
        if report::is_help(&error) {
            return error.into();
        }
        usage::explain(&error, &built(), arguments).into()
    })
}

/// The definition of all commands and their arguments.
fn built() -> clap::Command {
    let mut cfsign = Cli::command();
    cfsign.build();
    cfsign
}

impl Cli {
    /// Runs the command.
    fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let global = &self.global;
        let mut warnings = Warnings::default();
        let text = match self.command {
            Command::Url(command) => command.0.run(global.now()?, &mut warnings)?,
            Command::Cookies(command) => command.0.run(global.now()?, &mut warnings)?,
            Command::Policy(command) => command.0.run(global.now()?, &mut warnings)?,
            Command::Key(command) => command.0.run(&mut warnings)?,
            Command::Completions(command) => command.0.run(built())?,
            Command::Man(command) => {
                let mut cfsign = Cli::command().disable_help_subcommand(true);
                cfsign.build();
                return success(command.0.run(&cfsign, global.quiet, terminal));
            }
            Command::Inspect(command) => return success(command.0.run(global, terminal)),
            Command::Playlist(command) => return success(command.0.run(global, terminal)),
            Command::Batch(command) => return command.0.run(global, terminal),
            Command::Verify(command) => return command.0.run(global, terminal),
        };
        warnings.settle(global, terminal)?;
        stdout::print(&text)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn success(result: anyhow::Result<()>) -> anyhow::Result<ExitCode> {
    result.map(|()| ExitCode::SUCCESS)
}
