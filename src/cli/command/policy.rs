//! `cfsign policy`: the exact text that would be signed.

use clap::Args;

use crate::cli::args::{ConditionFlags, UrlFlags};
use crate::cli::global::GlobalFlags;
use crate::cli::report::Terminal;
use crate::cli::request;
use crate::cli::stdout::print;
use crate::cli::warnings::Warnings;

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub struct PolicyCommand {
    #[command(flatten)]
    url: UrlFlags,

    #[command(flatten)]
    conditions: ConditionFlags,
}

const EXAMPLES: &str = "\
Examples:
  cfsign policy https://cdn.example.com/a.jpg -e 1h
  cfsign policy https://cdn.example.com/a.mp4 -r 'https://cdn.example.com/*' \\
      -e 1h --ip 192.0.2.0/24 > policy.json";

impl PolicyCommand {
    pub fn run(self, global: &GlobalFlags, terminal: &Terminal) -> anyhow::Result<()> {
        let mut warnings = Warnings::default();
        let requests = request::resolve(&self.url, &self.conditions, global.now()?, &mut warnings)?;
        warnings.settle(global, terminal)?;
        print(
            &requests
                .iter()
                .map(|request| format!("{}\n", request.policy.as_str()))
                .collect::<String>(),
        )
    }
}
