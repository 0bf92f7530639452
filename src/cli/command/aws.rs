//! `cfsign sign` and `cfsign sign-cookies`: command lines of the AWS CLI, in which `aws cloudfront`
//! is replaced by `cfsign`.

use std::process::ExitCode;

use clap::Args;

use super::cookies::CookiesCommand;
use super::url::UrlCommand;
use crate::cli::aws::AwsFlags;
use crate::cli::context::Context;
use crate::cli::warnings::Warnings;

#[derive(Args)]
pub struct SignCommand {
    #[command(flatten)]
    url: UrlCommand,

    #[command(flatten)]
    aws: AwsFlags,
}

#[derive(Args)]
pub struct SignCookiesCommand {
    /// URL or pattern to grant access to
    #[arg(long, value_name = "URL")]
    url: Option<String>,

    #[command(flatten)]
    cookies: CookiesCommand,

    #[command(flatten)]
    aws: AwsFlags,
}

impl SignCommand {
    pub fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        self.url.run(context, warnings(&self.aws))
    }
}

impl SignCookiesCommand {
    pub fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let cookies = self.cookies.for_aws_cli(self.url);
        cookies.run(context, warnings(&self.aws))
    }
}

/// The warning about options without an effect, if there are any.
fn warnings(flags: &AwsFlags) -> Warnings {
    let mut warnings = Warnings::default();
    warnings.check_aws_options(&flags.0);
    warnings
}
