//! `cfsign policy`: prints the policies that `cfsign url` would sign.

use clap::{Args, ValueEnum};

use crate::cli::args::{self, ConditionFlags, SigningFlags, UrlFlags};
use crate::cli::global::GlobalFlags;
use crate::cli::render;
use crate::cli::report::Terminal;
use crate::cli::request;
use crate::cli::stdout::print;
use crate::cli::warnings::Warnings;

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES, override_usage = USAGE)]
#[command(mut_args = hide_without_effect)]
pub struct PolicyCommand {
    #[command(flatten)]
    url: UrlFlags,

    #[command(flatten)]
    conditions: ConditionFlags,

    // Accepted so that a command line for `cfsign url` works.
    #[command(flatten)]
    _signing: SigningFlags,

    #[command(flatten)]
    output: OutputFlags,
}

#[derive(Args)]
#[command(next_help_heading = "Output options")]
struct OutputFlags {
    /// text (default) or json
    #[arg(
        long,
        value_enum,
        ignore_case = true,
        value_name = "FORMAT",
        default_value = "text",
        hide = true
    )]
    format: Format,

    /// Print JSON
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

const USAGE: &str = "cfsign policy <URL>... --expires <TIME> [OPTIONS]";

const EXAMPLES: &str = "\
Examples:
  cfsign policy https://cdn.example.com/a.jpg -e 1h
  cfsign policy https://cdn.example.com/a.mp4 -r 'https://cdn.example.com/*' \\
      -e 1h --ip 192.0.2.0/24 > policy.json";

/// Hides the flags that only matter for the signature.
fn hide_without_effect(argument: clap::Arg) -> clap::Arg {
    let heading = argument.get_help_heading().unwrap_or_default();
    let hidden =
        [args::REQUIRED, args::SIGNING].contains(&heading) && argument.get_id() != "expires";
    if hidden {
        argument.hide(true)
    } else {
        argument
    }
}

impl PolicyCommand {
    pub fn run(self, global: &GlobalFlags, terminal: &Terminal) -> anyhow::Result<()> {
        let mut warnings = Warnings::default();
        let mut expires = self.conditions.required();
        expires.given |= self.url.changes.resign;
        request::check_required(&[self.url.required(), expires], "cfsign policy URL -e 1h")?;
        let requests =
            request::resolve_patterns(&self.url, &self.conditions, global.now()?, &mut warnings)?;
        warnings.settle(global, terminal)?;
        let mut lines = String::new();
        let is_json = self.output.json || self.output.format == Format::Json;
        for request in requests {
            lines += &if is_json {
                render::policy_json(&request.url, &request.policy)
            } else {
                request.policy.as_str().to_owned()
            };
            lines.push('\n');
        }
        print(&lines)
    }
}
