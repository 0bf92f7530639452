//! `cfsign key public`: the public key, as PEM or as what uploads it to CloudFront.

use clap::{Args, ValueEnum};

use super::KeyFlags;
use crate::cli::keys::PublicHalf;
use crate::cli::warnings::Warnings;
use crate::{Error, Result};

/// Print the public key of a pair, to upload to CloudFront
#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub struct PublicCommand {
    #[command(flatten)]
    key: KeyFlags,

    /// pem (default), terraform, cloudformation or aws-cli
    ///
    /// All but pem upload the key: terraform prints an aws_cloudfront_public_key resource,
    /// cloudformation an AWS::CloudFront::PublicKey resource in YAML, aws-cli a command.
    #[arg(long, value_enum, ignore_case = true, default_value_t)]
    #[arg(hide_default_value = true)]
    format: Format,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Pem,
    Terraform,
    Cloudformation,
    AwsCli,
}

const EXAMPLES: &str = "\
Examples:
  cfsign key public cf.pem > cf.pub.pem
  cfsign key public cf.pem --format terraform > public-key.tf";

impl PublicCommand {
    pub fn run(self, warnings: &mut Warnings) -> Result<String> {
        let halves = self.key.read(warnings)?;
        if halves.len() > 1 && self.format != Format::Pem {
            let message = format!("{} contains {} public keys", self.key.key, halves.len());
            return Err(
                Error::new(message).with_hint("upload one key at a time; --format pem prints all")
            );
        }
        let mut text = String::new();
        for PublicHalf { key, .. } in halves {
            warnings.about_key_type(&self.key.key, key.key_type(), None);
            let (name, pem) = (name(&key.fingerprint()?), key.to_pem()?);
            text += &match self.format {
                Format::Pem => pem,
                Format::Terraform => terraform(&name, &pem),
                Format::Cloudformation => cloudformation(&name, &pem),
                Format::AwsCli => aws_cli(&name, &pem),
            };
        }
        Ok(text)
    }
}

/// A name for the key in CloudFront, and a caller reference that no other key has.
pub fn name(fingerprint: &str) -> String {
    format!("cfsign-{}", fingerprint.get(..8).unwrap_or(fingerprint))
}

// In each form the PEM text keeps the line break at its end: CloudFront stores it so, and Terraform
// would replace a key that differs.

fn terraform(name: &str, pem: &str) -> String {
    let pem = indented(pem, 4);
    format!(
        "\
resource \"aws_cloudfront_public_key\" \"{name}\" {{
  name        = \"{name}\"
  encoded_key = <<-EOT
{pem}  EOT
}}
"
    )
}

fn cloudformation(name: &str, pem: &str) -> String {
    let pem = indented(pem, 10);
    // Logical IDs are alphanumeric.
    let id = name.replace('-', "");
    format!(
        "\
Resources:
  {id}:
    Type: AWS::CloudFront::PublicKey
    Properties:
      PublicKeyConfig:
        CallerReference: {name}
        Name: {name}
        EncodedKey: |
{pem}"
    )
}

fn aws_cli(name: &str, pem: &str) -> String {
    // Neither a name nor PEM has anything but line breaks that JSON or a shell would escape.
    let pem = pem.replace('\n', "\\n");
    let config =
        format!("{{\"CallerReference\":\"{name}\",\"Name\":\"{name}\",\"EncodedKey\":\"{pem}\"}}");
    format!("aws cloudfront create-public-key --public-key-config '{config}'\n")
}

fn indented(text: &str, spaces: usize) -> String {
    let lines = text.lines();
    lines
        .map(|line| format!("{:spaces$}{line}\n", ""))
        .collect()
}
