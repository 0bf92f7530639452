//! The command line: flags, then what they mean, then the work.
//!
//! Each command is one file. Flags parse into types in [`flags`]; each command resolves the combinations into a plain
//! request before it reads a key or signs anything, and prints only when everything has been made.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use cfsign::{Error, io_reason, quoted};
use clap::{Parser, Subcommand};

mod batch;
mod completions;
mod cookies;
mod everywhere;
mod flags;
mod inspect;
mod key;
mod key_generate;
mod key_loading;
mod man;
mod playlist;
mod playlist_tree;
mod policy;
mod progress;
mod request;
mod source;
mod url;
mod usage;
mod verify;
mod warnings;

pub mod report;
pub mod signals;

use everywhere::Everywhere;
use report::Terminal;

/// Sign Amazon CloudFront URLs and cookies, and say whether CloudFront would accept them
#[derive(Parser)]
#[command(name = "cfsign", version, long_version = VERSION, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{REFERENCE}"), styles = report::STYLES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    everywhere: Everywhere,
}

#[derive(Subcommand)]
#[command(defer = true)]
enum Command {
    Url(url::UrlCommand),
    Cookies(cookies::CookiesCommand),
    Batch(batch::BatchCommand),
    Playlist(playlist::PlaylistCommand),
    Verify(verify::VerifyCommand),
    Inspect(inspect::InspectCommand),
    Policy(policy::PolicyCommand),
    Key(key::KeyCommand),
    Completions(completions::CompletionsCommand),
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
  cfsign url https://d111111abcdef8.cloudfront.net/image.jpg -k K2JCJMDEHXQW5F -p cf.pem -e 1h
  cfsign cookies 'https://cdn.example.com/videos/*' -k K2JCJMDEHXQW5F -p cf.pem -e 6h
  cfsign verify 'https://d111111abcdef8.cloudfront.net/image.jpg?Expires=...' --public-key cf.pub.pem
  cfsign key generate cf.pem";

const REFERENCE: &str = "\
Environment:
  CFSIGN_KEY_PAIR_ID  stands for --key-pair-id
  CFSIGN_PRIVATE_KEY  stands for --private-key
  CFSIGN_PASSPHRASE   stands for --passphrase
  NO_COLOR            no colours

Exit codes:
  0  done, or the answer is yes
  1  the answer is no
  2  it could not be done: a wrong flag, URL or key, or input or output that failed";

/// Reads the command line; the error may also be clap's answer to `--help` or `--version`.
pub fn parse(arguments: &[OsString]) -> anyhow::Result<Cli> {
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
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let everywhere = self.everywhere;
        match self.command {
            Command::Batch(command) => return command.run(&everywhere, terminal),
            Command::Verify(command) => return command.run(&everywhere, terminal),
            Command::Url(command) => command.run(&everywhere, terminal),
            Command::Cookies(command) => command.run(&everywhere, terminal),
            Command::Playlist(command) => command.run(&everywhere, terminal),
            Command::Inspect(command) => command.run(&everywhere, terminal),
            Command::Policy(command) => command.run(&everywhere, terminal),
            Command::Key(command) => command.run(&everywhere, terminal),
            Command::Completions(command) => command.run(),
            Command::Man(command) => command.run(&everywhere, terminal),
        }?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes a finished result to standard output; a reader that has gone away is no error.
fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(cannot_print(&e).into()),
        _ => Ok(()),
    }
}

/// A value as a JSON object on one line, with what a terminal would not show as it is in JSON's escapes.
fn json_line(value: &impl serde::Serialize) -> cfsign::Result<String> {
    let object = serde_json::to_string(value).map_err(|e| Error::new(format!("cannot write JSON: {e}")))?;
    let mut line = String::with_capacity(object.len() + 1);
    for c in object.chars() {
        match c.is_ascii() || c.escape_debug().len() == 1 {
            true => line.push(c),
            false => line.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}"))),
        }
    }
    line.push('\n');
    Ok(line)
}

fn cannot_print(error: &io::Error) -> Error {
    Error::new(format!("cannot write to standard output: {}", io_reason(error)))
}

fn cannot_write(path: &Path, error: &io::Error) -> Error {
    Error::new(format!("cannot write {}: {}", quoted(&path.to_string_lossy()), io_reason(error)))
}
