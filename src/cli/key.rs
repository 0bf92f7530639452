//! `cfsign key`: making key pairs, and saying what a key is.

use cfsign::{Hash, KeyFile, KeyHolding, PublicKey};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::everywhere::Everywhere;
use super::key_generate::GenerateCommand;
use super::report::Terminal;
use super::source::{self, Source};
use super::warnings::Warnings;
use super::{flags, print, signing_key};

/// Make, show and identify keys
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
#[command(arg_required_else_help = true, after_help = "Example:\n  cfsign key public cf.pem > cf.pub.pem")]
struct PublicCommand {
    #[command(flatten)]
    key: KeyFlags,
}

/// Say what a key is and whether CloudFront takes it
///
/// The fingerprint is that of the public key, so the two halves of a pair show the same.
#[derive(Args)]
#[command(arg_required_else_help = true, after_help = "Example:\n  cfsign key inspect cf.pem")]
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
    #[arg(value_name = "SOURCE", value_parser = flags::source())]
    key: Source,

    /// Passphrase of an encrypted key: a file, env:NAME or -; asked for at a terminal
    #[arg(long, value_name = "SOURCE", env = "CFSIGN_PASSPHRASE", hide_env_values = true, value_parser = flags::source())]
    passphrase: Option<Source>,
}

/// A key file with its public key, private half or not.
struct Subject {
    holds: &'static str,
    format: String,
    public: PublicKey,
}

impl KeyCommand {
    pub fn run(self, everywhere: &Everywhere, terminal: &Terminal) -> anyhow::Result<()> {
        match self.command {
            Command::Generate(command) => command.run(),
            Command::Public(PublicCommand { key }) => print(&key.subject()?.public.to_pem()?),
            Command::Inspect(InspectCommand { key, json }) => {
                let subject = key.subject()?;
                let mut warnings = Warnings::default();
                if subject.holds == PRIVATE {
                    warnings.look_at_key_file(&key.key);
                }
                warnings.settle(everywhere, terminal)?;
                print(&if json { subject.json()? } else { subject.text()? })
            }
        }
    }
}

const PRIVATE: &str = "private key";

impl KeyFlags {
    fn subject(&self) -> cfsign::Result<Subject> {
        source::one_reads_stdin(&[("SOURCE", Some(&self.key)), ("--passphrase", self.passphrase.as_ref())])?;
        let file = KeyFile::read(&self.key.read()?).map_err(|e| e.about(&self.key))?;
        let format = file.format.clone();
        Ok(match file.holding {
            KeyHolding::Public(public) => Subject { holds: "public key", format, public },
            _ => Subject {
                holds: PRIVATE,
                format,
                public: signing_key::open(file, &self.key, self.passphrase.as_ref())?.public_key(),
            },
        })
    }
}

impl Subject {
    fn text(&self) -> cfsign::Result<String> {
        let key_type = self.public.key_type();
        let accepted = if key_type.accepted_by_cloudfront() {
            "takes it"
        } else {
            "does not take it: RSA 2048 and ECDSA P-256 only"
        };
        Ok(format!(
            "holds        {} ({})\ntype         {key_type}\nCloudFront   {accepted}\nsigns with   {} by default\nfingerprint  SHA256:{}\n",
            self.holds,
            self.format,
            match key_type.default_hash() {
                Hash::Sha1 => "SHA-1",
                Hash::Sha256 => "SHA-256",
            },
            self.public.fingerprint()?
        ))
    }

    fn json(&self) -> cfsign::Result<String> {
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
            holds: self.holds,
            format: &self.format,
            r#type: key_type.to_string(),
            accepted_by_cloudfront: key_type.accepted_by_cloudfront(),
            default_hash: key_type.default_hash().to_string(),
            fingerprint: self.public.fingerprint()?,
        };
        let object =
            serde_json::to_string(&fields).map_err(|e| cfsign::Error::new(format!("cannot write JSON: {e}")))?;
        Ok(object + "\n")
    }
}
