//! `cfsign policy`: prints the policies that `cfsign url` would sign.

use clap::Args;

use crate::Result;
use crate::cli::args::{self, FormatFlags, SigningFlags, TextOrJson, UrlFlags};
use crate::cli::context::Context;
use crate::cli::render;
use crate::cli::request::{Request, all_given, missing};
use crate::cli::source;
use crate::cli::warnings::Warnings;

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES, override_usage = USAGE)]
#[command(mut_args = hide_without_effect)]
pub struct PolicyCommand {
    #[command(flatten)]
    url: UrlFlags,

    #[command(flatten)]
    output: FormatFlags,

    // Accepted so that a command line for `cfsign url` works.
    #[command(flatten)]
    _signing: SigningFlags,
}

const USAGE: &str = "cfsign policy <URL>... -e <TIME>";

const EXAMPLES: &str = "\
Examples:
  cfsign policy https://cdn.example.com/a.jpg -e 1h
  cfsign policy https://cdn.example.com/a.mp4 -r \"https://cdn.example.com/*\" \\
      -e 1h --ip 192.0.2.0/24 > policy.json";

/// Hides the flags that only matter for the signature.
fn hide_without_effect(argument: clap::Arg) -> clap::Arg {
    let heading = argument.get_help_heading().unwrap_or_default();
    let is_for_signature = [args::REQUIRED, args::SIGNING].contains(&heading);
    let is_hidden = is_for_signature && argument.get_id() != "expires";
    argument.hide(is_hidden)
}

impl PolicyCommand {
    pub fn run(self, context: &Context, warnings: &mut Warnings) -> Result<String> {
        let expires = self.url.conditions.required(self.url.changes.resign);
        let required = [self.url.required()?, expires];
        if !all_given(&required) {
            return Err(missing(&required, "cfsign policy URL -e 1h"));
        }
        source::one_reads_stdin(&[
            ("URL", self.url.stdin()),
            ("--policy", self.url.conditions.policy.as_ref()),
        ])?;
        let mut lines = String::new();
        for Request { url, policy } in self.url.requests(context.now, true, warnings)? {
            lines += &match self.output.format {
                TextOrJson::Text => policy.as_str().to_owned(),
                TextOrJson::Json => render::signed_url::json(&url, &policy, None),
            };
            lines.push('\n');
        }
        Ok(lines)
    }
}
