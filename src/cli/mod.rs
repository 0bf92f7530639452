//! The `cfsign` command.
//!
//! Each command is one file or folder in `command`. Flags parse into the types of `args`; a command
//! resolves them into a plain request, reads the key, signs, and prints the result.

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::LazyLock;

use clap::{CommandFactory, Parser, Subcommand};

use crate::{Error, SignCommand, temporary};

mod args;
mod atomic_file;
mod aws;
mod command;
mod context;
mod cookie_attributes;
mod definition;
mod input;
mod keys;
mod misplaced;
mod passphrase;
mod progress;
mod request;
mod shell;
mod signals;
mod source;
mod synonyms;
mod terminal;
mod usage;
mod warnings;

pub mod content_disposition;
pub mod memory;
pub mod render;

use command::{batch, completions, cookies, inspect, key, man, playlist, policy, url, verify};
use context::GlobalFlags;
use terminal::Terminal;
use warnings::Warnings;

/// Sign CloudFront URLs and cookies, and explain why CloudFront rejects them
#[derive(Parser)]
#[command(name = "cfsign", version, long_version = VERSION.as_str(), max_term_width = 100, arg_required_else_help = true, disable_help_flag = true)]
#[command(hide_possible_values = true)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{REFERENCE}"), styles = terminal::STYLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    global: GlobalFlags,
}

#[derive(Subcommand)]
enum Command {
    /// Sign one or more URLs
    Url(url::UrlCommand),
    /// Sign one or more URLs (as in the AWS CLI)
    #[command(hide = true)]
    Sign(url::SignCommand),
    /// Create signed cookies
    Cookies(cookies::CookiesCommand),
    /// Create signed cookies (as in the AWS CLI)
    #[command(hide = true)]
    SignCookies(cookies::SignCookiesCommand),
    /// Sign a list of URLs: lines, TSV, CSV or JSON Lines
    ///
    /// The output has the same order as the input. A row that cannot be signed is reported with its
    /// line number and gets no signed URL; the other rows are signed, and the exit code is 1.
    /// Tables name their columns in the first row, and are written with two more columns,
    /// signed_url and error. Besides url, the columns expires, starts, ip, resource and download_as
    /// are read; empty cells fall back to the flags. With --strict, rows with warnings are not
    /// signed.
    Batch(batch::BatchCommand),
    /// Sign every reference in an HLS playlist or DASH manifest
    Playlist(playlist::PlaylistCommand),
    /// Check a signed URL or signed cookies as CloudFront would
    ///
    /// Exits with 0 if the request is allowed and with 1 if it is denied or undetermined. cfsign
    /// does not know the distribution: the given keys are assumed to be in its trusted key group.
    Verify(verify::VerifyCommand),
    /// Show the contents of a signed URL or signed cookies; needs no key
    ///
    /// The signature is not checked: use cfsign verify for that.
    Inspect(inspect::InspectCommand),
    /// Print the policy that would be signed; needs no key
    ///
    /// To preview a cfsign url command, replace url with policy: flags for the key and the
    /// signature have no effect. Only the output formats text and json are accepted.
    Policy(policy::PolicyCommand),
    /// Generate keys, print public keys, identify keys
    Key(key::KeyCommand),
    /// Print a shell completion script
    Completions(completions::CompletionsCommand),
    /// Print a man page
    Man(man::ManCommand),
}

/// The version, and what may sign in this build on this processor.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let implementations = crate::implementations().join(", ");
    let version = env!("CARGO_PKG_VERSION");
    format!("{version}\nsigns with {implementations}")
});

const EXAMPLES: &str = "\
Examples:
  cfsign key generate cf.pem
  cfsign url https://cdn.example.com/a.jpg -k K2JCJMDEHXQW5F -p cf.pem -e 1h
  cfsign cookies \"https://cdn.example.com/v/*\" -k K2JCJMDEHXQW5F -p cf.pem -e 6h
  cfsign verify \"https://cdn.example.com/a.jpg?Expires=...\" \\
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
    #[cfg(unix)]
    let _ = signals::set_limits();
    signals::set_clean_up(clean_up);
    remove_files_after_panic();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if is_cut_off(&arguments) {
        Terminal::default().warn(terminal::CUT_OFF_HINT);
    }
    let exit_code = run(&arguments).unwrap_or_else(|error| terminal::report(&error));
    // A run that stopped at an error may have commands for later rows.
    SignCommand::terminate_all();
    exit_code
}

/// Returns whether the shell probably took an `&` in a URL for the end of the command.
fn is_cut_off(arguments: &[OsString]) -> bool {
    let last = arguments.last().map(|last| last.to_string_lossy());
    last.is_some_and(|last| last.contains("://") && last.contains('?'))
        && terminal::is_in_background()
}

/// Leaves nothing behind: no program that signs, no file, no line of progress, and no terminal
/// that does not echo.
fn clean_up() {
    SignCommand::terminate_all();
    progress::clear();
    #[cfg(unix)]
    signals::restore_terminal();
}

/// Leaves no temporary file behind where a panic aborts the process.
fn remove_files_after_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // The standard library panics if it cannot start a thread, and only the text shows that.
        let message = panic.to_string();
        if message.contains("failed to allocate") || message.contains("failed to spawn thread") {
            memory::end();
        }
        report(panic);
        temporary::remove_all();
    }));
}

/// Parses the command line and runs the command; `--help` and `--version` are errors of clap's.
fn run(arguments: &[OsString]) -> anyhow::Result<ExitCode> {
    // clap quotes invalid arguments, and a key must not be shown.
    if arguments.iter().any(source::is_key) {
        let message = "an argument is a private key, and other processes can see command lines";
        let hint = "use the name of a file, env:NAME for an environment variable, or - for standard \
            input";
        return Err(Error::new(message).with_hint(hint).into());
    }
    if let Some(error) = usage::misread(built, arguments) {
        return Err(error.into());
    }
    match Cli::try_parse_from(arguments) {
        Ok(cli) => cli.run(),
        Err(help) if usage::is_help(&help) => terminal::print_help(&help),
        Err(error) => Err(usage::explain(error, &built(), arguments).into()),
    }
}

/// The definition of all commands and their arguments.
fn built() -> clap::Command {
    let mut cfsign = Cli::command();
    cfsign.build();
    cfsign
}

impl Cli {
    fn run(self) -> anyhow::Result<ExitCode> {
        let context = &self.global.context()?;
        let mut warnings = Warnings::default();
        if let Command::Sign(_) | Command::SignCookies(_) = &self.command {
            warnings.about_aws_options();
        }
        let text = match self.command {
            Command::Url(command) => command.run(context, &mut warnings)?,
            Command::Sign(command) => command.url.run(context, &mut warnings)?,
            Command::Cookies(command) => command.run(context, &mut warnings)?,
            Command::SignCookies(command) => command.into_cookies().run(context, &mut warnings)?,
            Command::Batch(command) => return command.run(context),
            Command::Playlist(command) => return command.run(context),
            Command::Verify(command) => return command.run(context),
            Command::Inspect(command) => command.run(context)?,
            Command::Policy(command) => command.run(context, &mut warnings)?,
            Command::Key(command) => command.run(&mut warnings)?,
            Command::Completions(command) => command.run(built())?,
            Command::Man(command) => command.run(Cli::command(), context)?,
        };
        context.terminal.settle(warnings)?;
        terminal::print(&text)?;
        Ok(ExitCode::SUCCESS)
    }
}
