//! `cfsign url`: signs one or more URLs.

use crate::cli::render;
use crate::{Error, SignedPolicy, SignedUrl, UnsignedUrl};
use clap::{Args, ValueEnum};

use crate::cli::args::{ConditionFlags, SigningFlags, UrlFlags};
use crate::cli::global::GlobalFlags;
use crate::cli::report::Terminal;
use crate::cli::request::{self, Request};
use crate::cli::stdout::print;
use crate::cli::warnings::Warnings;

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES, override_usage = USAGE)]
pub struct UrlCommand {
    #[command(flatten)]
    url: UrlFlags,

    #[command(flatten)]
    signing: SigningFlags,

    #[command(flatten)]
    conditions: ConditionFlags,

    #[command(flatten)]
    output: OutputFlags,
}

#[derive(Args)]
#[command(next_help_heading = "Output options")]
struct OutputFlags {
    /// text (default), json, query (only the parameters) or curl
    ///
    /// text prints one signed URL per line, json one object per line, query the signing parameters to append to any URL that
    /// the policy covers, curl a command that requests the URL.
    #[arg(
        long,
        value_enum,
        ignore_case = true,
        value_name = "FORMAT",
        default_value = "text",
        hide_default_value = true,
        hide_possible_values = true
    )]
    format: Format,

    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,

    /// Percent-encode ?, = and & in the signed URL, to embed it in a page
    #[arg(long, conflicts_with_all = ["format", "json"])]
    escape: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Query,
    Curl,
}

const USAGE: &str = "\
cfsign url <URL>... --key-pair-id <ID> --private-key <SOURCE> --expires <TIME> [OPTIONS]";

const EXAMPLES: &str = "\
Examples:
  cfsign url https://cdn.example.com/a.jpg -k K2JCJMDEHXQW5F -p cf.pem -e 1h
  cfsign url 'https://cdn.example.com/a.zip?v=2' -e 2027-01-31 --ip 192.0.2.0/24
  cfsign url https://cdn.example.com/v/a.m3u8 -e 6h \\
      -r 'https://cdn.example.com/v/*'";

impl UrlCommand {
    pub fn run(self, global: &GlobalFlags, terminal: &Terminal) -> anyhow::Result<()> {
        let now = global.now()?;
        let mut warnings = Warnings::default();
        let [key_pair_id, private_key] = self.signing.required()?;
        let mut expires = self.conditions.required();
        expires.given |= self.url.changes.resign;
        request::check_required(
            &[self.url.required(), key_pair_id, private_key, expires],
            "cfsign url URL -k K2JCJMDEHXQW5F -p cf.pem -e 1h",
        )?;
        self.signing
            .check_stdin(&self.conditions, ("URL", self.url.stdin().as_ref()))?;
        if self.url.changes.stream && self.output.format == Format::Curl {
            return Err(Error::new("--format curl cannot be used with --stream")
                .with_hint("--format text prints the signed stream name")
                .into());
        }
        let requests = request::resolve(&self.url, &self.conditions, now, &mut warnings)?;
        let signer = self.signing.signer(&mut warnings)?;
        let mut lines = String::new();
        for Request { url, policy } in requests {
            let signed = signer.sign(policy)?;
            let signed_url = SignedUrl::new(&url, &signed);
            warnings.look_at_signed_url(&url, &signed_url);
            if self.output.escape && url.as_str().contains('%') {
                warnings.look_at_escaped(&url);
            }
            lines += &self.output.line(&url, &signed_url, &signed);
            lines.push('\n');
        }
        warnings.settle(global, terminal)?;
        print(&lines)
    }
}

impl OutputFlags {
    fn is_json(&self) -> bool {
        self.json || self.format == Format::Json
    }

    /// The result in the requested format.
    fn line(&self, url: &UnsignedUrl, signed_url: &SignedUrl, signed: &SignedPolicy) -> String {
        if self.escape {
            return signed_url.escaped();
        }
        if self.is_json() {
            return render::json(url, signed_url, signed);
        }
        match self.format {
            Format::Query => signed.query().to_owned(),
            Format::Curl => render::curl(signed_url),
            Format::Text | Format::Json => signed_url.to_string(),
        }
    }
}
