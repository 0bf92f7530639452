//! `cfsign key`: generates, converts and identifies keys.

use std::process::ExitCode;

use crate::{KeyContent, KeyFile, PublicKey, Result};
use clap::{Args, Subcommand};

mod generate;
mod inspect;
mod public;

use crate::cli::args::{self, PassphraseFlag};
use crate::cli::context::Context;
use crate::cli::keys;
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

/// The public key in a key file, and how the file encodes it.
struct Subject {
    is_private: bool,
    format: String,
    public: PublicKey,
}

impl KeyCommand {
    pub fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Generate(command) => command.run(context),
            Command::Public(command) => command.run(context),
            Command::Inspect(command) => command.run(context),
        }
    }
}

impl KeyFlags {
    fn read(&self, warnings: &mut Warnings) -> Result<Subject> {
        let passphrase = self.passphrase.source()?;
        source::one_reads_stdin(&[
            ("SOURCE", Some(&self.key)),
            ("--passphrase", passphrase.as_ref()),
        ])?;
        let file: KeyFile = keys::read(&self.key, "SOURCE")?;
        let format = file.format();
        if let KeyContent::Public(public) = file.content() {
            return Ok(Subject {
                is_private: false,
                format,
                public: public.clone(),
            });
        }
        warnings.check_key_file(&self.key);
        let private = keys::open(file, &self.key, passphrase.as_ref())?;
        Ok(Subject {
            is_private: true,
            format,
            public: private.public_key(),
        })
    }
}

impl Subject {
    fn kind(&self) -> &'static str {
        if self.is_private {
            "private key"
        } else {
            "public key"
        }
    }
}
