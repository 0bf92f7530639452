//! `cfsign policy`: prints the policies that `cfsign url` would sign.

use clap::Args;

use crate::cli::args::{self, ConditionFlags, FormatFlags, SigningFlags, TextOrJson, UrlFlags};
use crate::cli::render;
use crate::cli::request::{self, Request, Template};
use crate::cli::source;
use crate::cli::warnings::Warnings;
use crate::{Result, Timestamp};

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES, override_usage = USAGE)]
#[command(mut_args = hide_without_effect)]
pub struct PolicyCommand {
    #[command(flatten)]
    conditions: ConditionFlags,

    #[command(flatten)]
    url: UrlFlags,

    #[command(flatten)]
    output: FormatFlags<TextOrJson>,

    // Accepted so that a command line for `cfsign url` works.
    #[command(flatten)]
    _signing: SigningFlags,
}

const USAGE: &str = "cfsign policy <URL>... -e <TIME>";

const EXAMPLES: &str = "\
Examples:
  cfsign policy https://cdn.example.com/a.jpg -e 1h
  cfsign policy https://cdn.example.com/a.mp4 -r 'https://cdn.example.com/*' \\
      -e 1h --ip 192.0.2.0/24 > policy.json";

/// Hides the flags that only matter for the signature.
fn hide_without_effect(argument: clap::Arg) -> clap::Arg {
    let heading = argument.get_help_heading().unwrap_or_default();
    let is_for_signature = [args::REQUIRED, args::SIGNING].contains(&heading);
    let is_hidden = is_for_signature && argument.get_id() != "expires";
    argument.hide(is_hidden)
}

impl PolicyCommand {
    /// The lines to print.
    pub fn run(self, now: Timestamp, warnings: &mut Warnings) -> Result<String> {
        let required = [
            self.url.required(),
            self.conditions.required(self.url.changes.resign),
        ];
        request::check_required(&required, "cfsign policy URL -e 1h")?;
        source::one_reads_stdin(&[
            ("URL", self.url.stdin().as_ref()),
            ("--policy", self.conditions.policy.as_ref()),
        ])?;
        let stream = self.url.changes.stream;
        let template = Template::new(&self.conditions, stream, now)?.with_patterns();
        let requests = request::resolve(&self.url, &template, now, warnings)?;
        let mut lines = String::new();
        for Request { url, policy } in requests {
            lines += &match self.output.format() {
                TextOrJson::Text => policy.as_str().to_owned(),
                TextOrJson::Json => render::signed_url::policy_json(&url, &policy),
            };
            lines.push('\n');
        }
        Ok(lines)
    }
}
