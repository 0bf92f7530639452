//! `cfsign url`: one signed URL a line.

use crate::cli::render;
use crate::{Error, SignedUrl, Signer};
use clap::{Args, ValueEnum};

use crate::cli::args::{ConditionFlags, SigningFlags, UrlFlags};
use crate::cli::global::GlobalFlags;
use crate::cli::report::Terminal;
use crate::cli::request::{self, Request};
use crate::cli::stdout::print;
use crate::cli::warnings::Warnings;

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
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
#[command(next_help_heading = "Output")]
struct OutputFlags {
    /// text: the signed URL; json: an object a line; query: only the parameters; curl: a command
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

    /// Percent-encode ?, = and & in the result, to embed it in a page or in another query
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

const EXAMPLES: &str = "\
Examples:
  cfsign url https://cdn.example.com/a.jpg -k K2JCJMDEHXQW5F -p cf.pem -e 1h
  cfsign url 'https://cdn.example.com/a.zip?v=2' -k K2JCJMDEHXQW5F -p env:KEY \\
      -e 2027-01-31
  cfsign url https://cdn.example.com/v/a.m3u8 -e 6h \\
      -r 'https://cdn.example.com/v/*'";

impl UrlCommand {
    pub fn run(self, global: &GlobalFlags, terminal: &Terminal) -> anyhow::Result<()> {
        let now = global.now()?;
        let mut warnings = Warnings::default();
        self.signing.check_stdin(&self.conditions, None)?;
        if self.url.changes.stream && self.output.format == Format::Curl {
            return Err(Error::new(
                "--format curl makes a command that asks for a URL, and a stream name is none",
            )
            .with_hint("--format text prints the signed name")
            .into());
        }
        let requests = request::resolve(&self.url, &self.conditions, now, &mut warnings)?;
        let signer = self.signing.signer(&mut warnings)?;
        let mut lines = String::new();
        for request in requests {
            lines += &self.output.line(request, &signer, &mut warnings)?;
            lines.push('\n');
        }
        warnings.settle(global, terminal)?;
        print(&lines)
    }
}

impl OutputFlags {
    /// Signs one request and writes it in the form asked for.
    fn line(
        &self,
        request: Request,
        signer: &Signer,
        warnings: &mut Warnings,
    ) -> crate::Result<String> {
        let signed = signer.sign(request.policy)?;
        let signed_url = SignedUrl::new(&request.url, &signed);
        warnings.look_at_signed_url(&request.url, &signed_url);
        if self.escape && request.url.as_str().contains('%') {
            warnings.look_at_escaped(&request.url);
        }
        Ok(match if self.json { Format::Json } else { self.format } {
            _ if self.escape => signed_url.escaped(),
            Format::Json => render::json(&request.url, &signed_url, &signed),
            Format::Text => signed_url.to_string(),
            Format::Query => signed.query().to_owned(),
            Format::Curl => render::curl(&signed_url),
        })
    }
}
