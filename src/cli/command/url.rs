//! `cfsign url`: signs one or more URLs.

use clap::{Args, ValueEnum};

use crate::cli::args::{self, JsonFlag, SigningFlags, UrlFlags};
use crate::cli::aws;
use crate::cli::context::Context;
use crate::cli::keys::Needs;
use crate::cli::render::signed_url as render;
use crate::cli::request::Request;
use crate::cli::warnings::Warnings;
use crate::{Error, Result, SignedUrl};

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES, override_usage = USAGE)]
pub struct UrlCommand {
    #[command(flatten)]
    url: UrlFlags,

    /// text (default), json, query or curl
    ///
    /// text prints one signed URL per line, json one object per line, query the signing parameters
    /// to append to any URL that the policy covers, curl a command that requests the URL.
    #[arg(long, value_name = "FORMAT", value_enum, ignore_case = true, help_heading = args::OUTPUT)]
    #[arg(default_value_t, default_value_if("json", "true", "json"))]
    #[arg(hide_default_value = true)]
    format: Format,

    #[command(flatten)]
    json: JsonFlag,

    /// Percent-encode ?, = and &, to pass the URL in another URL's query
    #[arg(long, conflicts_with_all = ["format", "json"], help_heading = args::OUTPUT)]
    escape: bool,

    #[command(flatten)]
    signing: SigningFlags,
}

/// `aws cloudfront sign`, where `aws cloudfront` is replaced by `cfsign`.
#[derive(Args)]
#[command(args = aws::options())]
pub struct SignCommand {
    #[command(flatten)]
    pub url: UrlCommand,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
    Query,
    Curl,
}

const USAGE: &str = "cfsign url <URL>... -k <ID> -p <SOURCE> -e <TIME>";

const EXAMPLES: &str = "\
Examples:
  cfsign url https://cdn.example.com/a.jpg -k K2JCJMDEHXQW5F -p cf.pem -e 1h
  cfsign url \"https://cdn.example.com/a.zip?v=2\" -e 2027-01-31 --ip 192.0.2.0/24
  cfsign url https://cdn.example.com/a.ts -e 6h -r \"https://cdn.example.com/*\"";

impl UrlCommand {
    pub fn run(self, context: &Context, warnings: &mut Warnings) -> Result<String> {
        let (conditions, changes) = (&self.url.conditions, &self.url.changes);
        let keys = self.signing.key_sources(&Needs {
            own: &[self.url.required()?],
            conditions,
            optional_expiry: changes.resign,
            input: ("URL", self.url.stdin()),
            example: "cfsign url URL -k K2JCJMDEHXQW5F -p cf.pem -e 1h",
        })?;
        if changes.stream && self.format == Format::Curl {
            let message = "--format curl cannot be used with --stream";
            return Err(
                Error::new(message).with_hint("--format text prints the signed stream name")
            );
        }
        let requests = self.url.requests(context.now, false, warnings)?;
        let signer = keys.signer(warnings)?;
        let mut lines = String::new();
        for Request { url, policy } in requests {
            let signed = signer.sign(policy)?;
            let signed_url = SignedUrl::new(&url, &signed);
            warnings.about_signed_url(&url, &signed_url, signed.policy().resource());
            if self.escape {
                warnings.about_escaped(&url);
            }
            lines += &match self.format {
                _ if self.escape => signed_url.escaped(),
                Format::Text => signed_url.to_string(),
                Format::Json => render::json(&url, signed.policy(), Some((&signed_url, &signed))),
                Format::Query => signed.query().to_owned(),
                Format::Curl => render::curl(&signed_url),
            };
            lines.push('\n');
        }
        Ok(lines)
    }
}
