//! `cfsign url`: signs one or more URLs.

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::cli::args::{self, JsonFlag, SigningFlags, UrlFlags};
use crate::cli::context::Context;
use crate::cli::render::signed_url as render;
use crate::cli::request::Request;
use crate::cli::warnings::Warnings;
use crate::{Error, SignedPolicy, SignedUrl, UnsignedUrl};

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
    #[arg(
        default_value_t,
        default_value_if("json", "true", "json"),
        hide_default_value = true
    )]
    format: Format,

    #[command(flatten)]
    json: JsonFlag,

    /// Percent-encode ?, = and &, to pass the URL in another URL's query
    #[arg(long, conflicts_with_all = ["format", "json"], help_heading = args::OUTPUT)]
    escape: bool,

    #[command(flatten)]
    signing: SigningFlags,
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
  cfsign url 'https://cdn.example.com/a.zip?v=2' -e 2027-01-31 --ip 192.0.2.0/24
  cfsign url https://cdn.example.com/a.ts -e 6h -r 'https://cdn.example.com/*'";

impl UrlCommand {
    pub fn run(self, context: &Context, mut warnings: Warnings) -> anyhow::Result<ExitCode> {
        let keys = self.signing.resolve()?;
        keys.check_required(
            &[self.url.required()],
            &self.url.conditions,
            self.url.changes.resign,
            "cfsign url URL -k K2JCJMDEHXQW5F -p cf.pem -e 1h",
        )?;
        keys.check_stdin(&self.url.conditions, ("URL", self.url.stdin().as_ref()))?;
        if self.url.changes.stream && self.format == Format::Curl {
            return Err(Error::new("--format curl cannot be used with --stream")
                .with_hint("--format text prints the signed stream name")
                .into());
        }
        let spec = self.url.spec(context.now)?;
        let requests = self.url.resolve(&spec, context.now, &mut warnings)?;
        let signer = keys.signer(&mut warnings)?;
        let mut lines = String::new();
        for Request { url, policy } in requests {
            let signed = signer.sign(policy)?;
            let signed_url = SignedUrl::new(&url, &signed);
            warnings.check_signed_url(&url, &signed_url, signed.policy().resource());
            if self.escape {
                warnings.check_escaped(&url);
            }
            lines += &self.line(&url, &signed_url, &signed);
            lines.push('\n');
        }
        context.terminal.settle(warnings)?;
        context.terminal.print(&lines)?;
        Ok(ExitCode::SUCCESS)
    }

    /// The result in the requested format.
    fn line(&self, url: &UnsignedUrl, signed_url: &SignedUrl, signed: &SignedPolicy) -> String {
        if self.escape {
            return signed_url.escaped();
        }
        match self.format {
            Format::Text => signed_url.to_string(),
            Format::Json => render::json(url, signed_url, signed),
            Format::Query => signed.query().to_owned(),
            Format::Curl => render::curl(signed_url),
        }
    }
}
