//! `cfsign key`: generates, converts and identifies keys.

use crate::{KeyContent, KeyPairId, PublicKey, Result};
use clap::{Args, Subcommand};

mod generate;
mod inspect;
mod public;

use crate::cli::args::{self, PassphraseFlag};
use crate::cli::keys;
use crate::cli::source::{self, Source};
use crate::cli::terminal::Terminal;
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

/// The public half of a key in a key file, and how the file encodes it.
struct Subject {
    /// The ID in CloudFront, where the file gives one.
    id: Option<KeyPairId>,
    /// `private key` or `public key`.
    holds: &'static str,
    format: String,
    public: PublicKey,
}

const PRIVATE: &str = "private key";

impl KeyCommand {
    pub fn run(self, terminal: &Terminal, warnings: &mut Warnings) -> anyhow::Result<String> {
        match self.command {
            Command::Generate(command) => command.run(terminal),
            Command::Public(command) => Ok(command.run(warnings)?),
            Command::Inspect(command) => Ok(command.run(warnings)?),
        }
    }
}

impl KeyFlags {
    /// The private key in the file, or else all public keys.
    fn read(&self, warnings: &mut Warnings) -> Result<Vec<Subject>> {
        let passphrase = self.passphrase.resolve()?;
        source::one_reads_stdin(&[
            ("SOURCE", Some(&self.key)),
            ("--passphrase", passphrase.as_ref()),
        ])?;
        let mut subjects = Vec::new();
        for file in keys::read(&self.key, "SOURCE")? {
            let (id, format) = (file.id().cloned(), file.format());
            let (holds, public) = match file.content() {
                KeyContent::Public(public) => ("public key", public.clone()),
                _ => {
                    warnings.check_key_file(&self.key);
                    let private = keys::open(file, &self.key, passphrase.as_ref())?;
                    (PRIVATE, private.public_key())
                }
            };
            subjects.push(Subject {
                id,
                holds,
                format,
                public,
            });
            if holds == PRIVATE {
                break;
            }
        }
        Ok(subjects)
    }
}
