//! The command line: flags, then what they mean, then the work.
//!
//! Each command is one file. Flags parse into types in [`flags`]; each command resolves the combinations into a plain
//! request before it reads a key or signs anything, and prints only when everything has been made.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::Error;

mod args;
mod command;
mod global;
mod hints;
mod keys;
mod progress;
mod report;
mod request;
mod signals;
mod source;
mod stdout;
mod usage;
mod warnings;

pub mod atomic_file;
pub mod render;

use command::{batch, completions, cookies, inspect, key, man, playlist, policy, url, verify};
use global::GlobalFlags;
use report::Terminal;

/// Sign Amazon CloudFront URLs and cookies, and say whether CloudFront would accept them
#[derive(Parser)]
#[command(name = "cfsign", version, long_version = VERSION, max_term_width = 100, arg_required_else_help = true)]
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
    /// Sign one or a few URLs
    Url(url::UrlCommand),
    /// Make a set of signed cookies
    Cookies(cookies::CookiesCommand),
    /// Sign a stream of URLs: lines, TSV, CSV or JSON Lines in, the same out
    ///
    /// Rows keep their order. One that cannot be signed is reported with its line and left without a signed URL; the rest goes on,
    /// and the exit code is 1. Tables name their columns in the first row, and come back whole with the columns signed_url and
    /// error. Besides url, the columns expires, starts, ip, resource and download_as are read, and stand for the flags of
    /// those names. With --strict, a row that there is a warning about counts as one that cannot be signed.
    Batch(batch::BatchCommand),
    /// Sign every reference of an HLS playlist or a DASH manifest
    Playlist(playlist::PlaylistCommand),
    /// Say whether CloudFront would serve a signed request, and why not
    ///
    /// Exits with 0 if the request is allowed, with 1 if it is denied. What a distribution is set up to trust, cfsign cannot
    /// know: it takes the keys that are given for the trusted key group.
    Verify(verify::VerifyCommand),
    /// Show what is in a signed URL or a set of signed cookies; needs no key
    ///
    /// Nothing is checked: `cfsign verify` says whether CloudFront would accept it.
    Inspect(inspect::InspectCommand),
    /// Print the policy that would be signed; needs no key
    Policy(policy::PolicyCommand),
    /// Make, show and identify keys
    Key(key::KeyCommand),
    /// Print a script that has a shell complete commands, flags and file names
    Completions(completions::CompletionsCommand),
    /// Print the man page of cfsign or of one of its commands, in roff
    Man(man::ManCommand),
}

/// The version, and what makes the signatures.
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
  CFSIGN_KEY_PAIR_ID  stands for --key-pair-id
  CFSIGN_PRIVATE_KEY  stands for --private-key
  CFSIGN_PASSPHRASE   stands for --passphrase
  NO_COLOR            no colours

Exit codes:
  0  done, or the answer is yes
  1  the answer is no, or a row of a batch was not signed
  2  it could not be done: a wrong flag, URL or key, or failed input or output";

/// Runs the `cfsign` command: parses the arguments, does the work and returns the exit code.
pub fn main() -> ExitCode {
    // Best effort: on failure the defaults of the operating system apply.
    let _ = signals::survive_file_size_limit();
    let _ = signals::leave_no_core_file();
    let arguments: Vec<_> = std::env::args_os().collect();
    let terminal = Terminal::new(&arguments);
    match parse(&arguments).and_then(|cli| cli.run(&terminal)) {
        Ok(answer) => answer,
        Err(error) => terminal.report(&error),
    }
}

/// Reads the command line; the error may also be clap's answer to `--help` or `--version`.
fn parse(arguments: &[OsString]) -> anyhow::Result<Cli> {
    // clap quotes the argument that it stumbles over, and this one must not be shown.
    if arguments.iter().any(source::is_key) {
        return Err(Error::new(
            "one of the arguments is a key, and a key on a command line can be seen by every process",
        )
        .with_hint("give the name of a file, env:NAME for an environment variable, or - for standard input")
        .into());
    }
    Ok(Cli::try_parse_from(arguments)?)
}

impl Cli {
    /// Does what was asked; the exit code is the answer, where the question was one.
    fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let global = self.global;
        match self.command {
            Command::Batch(command) => return command.run(&global, terminal),
            Command::Verify(command) => return command.run(&global, terminal),
            Command::Url(command) => command.run(&global, terminal),
            Command::Cookies(command) => command.run(&global, terminal),
            Command::Playlist(command) => command.run(&global, terminal),
            Command::Inspect(command) => command.run(&global, terminal),
            Command::Policy(command) => command.run(&global, terminal),
            Command::Key(command) => command.run(&global, terminal),
            Command::Completions(command) => command.run(),
            Command::Man(command) => command.run(&global, terminal),
        }?;
        Ok(ExitCode::SUCCESS)
    }
}
