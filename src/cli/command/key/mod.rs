//! `cfsign key`: making key pairs, and saying what a key is.

use crate::{HashAlgorithm, KeyContent, KeyFile, PublicKey};
use clap::{Args, Subcommand};
use serde::Serialize;

mod generate;

use crate::cli::args::{self, PassphraseFlag};
use crate::cli::global::GlobalFlags;
use crate::cli::keys;
use crate::cli::report::Terminal;
use crate::cli::source::{self, Source};
use crate::cli::stdout::print;
use crate::cli::warnings::Warnings;
use generate::GenerateCommand;

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

/// Print the public half of a key as PEM, to upload to CloudFront
#[derive(Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Example:\n  cfsign key public cf.pem > cf.pub.pem"
)]
struct PublicCommand {
    #[command(flatten)]
    key: KeyFlags,
}

/// Say what a key is and whether CloudFront takes it
///
/// The fingerprint is that of the public key, so the two halves of a pair show the same.
#[derive(Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Example:\n  cfsign key inspect cf.pem"
)]
struct InspectCommand {
    #[command(flatten)]
    key: KeyFlags,

    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct KeyFlags {
    /// The key, private or public, or a certificate: a file, env:NAME, or - for standard input
    #[arg(value_name = "SOURCE", value_parser = args::source())]
    key: Source,

    #[command(flatten)]
    passphrase: PassphraseFlag,
}

/// A key file, looked at as far as its public key.
struct Subject {
    is_private: bool,
    format: String,
    public: PublicKey,
}

impl KeyCommand {
    pub fn run(self, global: &GlobalFlags, terminal: &Terminal) -> anyhow::Result<()> {
        let mut warnings = Warnings::default();
        let result = match self.command {
            Command::Generate(command) => return command.run(),
            Command::Public(PublicCommand { key }) => {
                let subject = key.subject(&mut warnings)?;
                warnings.look_at_key_type(&key.key, subject.public.key_type());
                subject.public.to_pem()?
            }
            Command::Inspect(InspectCommand { key, json: false }) => {
                key.subject(&mut warnings)?.text()?
            }
            Command::Inspect(InspectCommand { key, json: true }) => {
                key.subject(&mut warnings)?.json()?
            }
        };
        warnings.settle(global, terminal)?;
        print(&result)
    }
}

impl KeyFlags {
    fn subject(&self, warnings: &mut Warnings) -> crate::Result<Subject> {
        let passphrase = self.passphrase.passphrase()?;
        source::one_reads_stdin(&[
            ("SOURCE", Some(&self.key)),
            ("--passphrase", passphrase.as_ref()),
        ])?;
        let file = KeyFile::read(&self.key, &self.key.read()?)?;
        let format = file.format();
        if let KeyContent::Public(public) = file.content() {
            return Ok(Subject {
                is_private: false,
                format,
                public: public.clone(),
            });
        }
        warnings.look_at_key_file(&self.key);
        let public = keys::open(file, &self.key, passphrase.as_ref())?.public_key();
        Ok(Subject {
            is_private: true,
            format,
            public,
        })
    }
}

impl Subject {
    fn holds(&self) -> &'static str {
        if self.is_private {
            "private key"
        } else {
            "public key"
        }
    }

    fn text(&self) -> crate::Result<String> {
        let key_type = self.public.key_type();
        let accepted = if key_type.accepted_by_cloudfront() {
            "takes it"
        } else {
            "does not take it: RSA 2048 and ECDSA P-256 only"
        };
        Ok(format!(
            "holds        {} ({})\ntype         {key_type}\nCloudFront   {accepted}\nsigns with   {} by default\nfingerprint  SHA256:{}\n",
            self.holds(),
            self.format,
            match key_type.default_hash() {
                HashAlgorithm::Sha1 => "SHA-1",
                HashAlgorithm::Sha256 => "SHA-256",
            },
            self.public.fingerprint()?
        ))
    }

    fn json(&self) -> crate::Result<String> {
        #[derive(Serialize)]
        struct Fields<'a> {
            holds: &'a str,
            format: &'a str,
            r#type: String,
            accepted_by_cloudfront: bool,
            default_hash: String,
            fingerprint: String,
        }
        let key_type = self.public.key_type();
        let fields = Fields {
            holds: self.holds(),
            format: &self.format,
            r#type: key_type.to_string(),
            accepted_by_cloudfront: key_type.accepted_by_cloudfront(),
            default_hash: key_type.default_hash().to_string(),
            fingerprint: self.public.fingerprint()?,
        };
        crate::cli::render::json_line(&fields)
    }
}
