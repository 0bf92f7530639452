//! `cfsign key`: generates, converts and identifies keys.

use crate::Result;
use clap::{Args, Subcommand};

mod generate;
mod inspect;
mod public;

use crate::cli::args::{self, PassphraseFlag};
use crate::cli::keys::{self, PublicHalf};
use crate::cli::source::{self, Source};
use crate::cli::warnings::Warnings;
use generate::GenerateCommand;
use inspect::InspectCommand;
use public::PublicCommand;

#[derive(Args)]
#[command(arg_required_else_help = true)]
pub struct KeyCommand {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Generate(GenerateCommand),
    Public(PublicCommand),
    Inspect(InspectCommand),
}

#[derive(Args)]
struct KeyFlags {
    /// Private key, public key or certificate; - for stdin
    ///
    /// A file name, env:NAME for an environment variable, or - for standard input.
    #[arg(value_name = "SOURCE", value_parser = args::source())]
    key: Source,

    #[command(flatten)]
    passphrase: PassphraseFlag,
}

impl KeyCommand {
    pub fn run(self, warnings: &mut Warnings) -> anyhow::Result<String> {
        match self.command {
            Command::Generate(command) => command.run(),
            Command::Public(command) => Ok(command.run(warnings)?),
            Command::Inspect(command) => Ok(command.run(warnings)?),
        }
    }
}

impl KeyFlags {
    /// The private key in the file, or else all public keys.
    fn read(&self, warnings: &mut Warnings) -> Result<Vec<PublicHalf>> {
        let passphrase = self.passphrase.source()?;
        source::one_reads_stdin(&[
            ("SOURCE", Some(&self.key)),
            ("--passphrase", passphrase.as_ref()),
        ])?;
        let mut halves = keys::public_halves(&self.key, "SOURCE", passphrase.as_ref())?;
        if halves.first().is_some_and(|half| half.is_private) {
            warnings.about_key_file(&self.key);
            halves.truncate(1);
        }
        Ok(halves)
    }
}
