//! `cfsign sign` and `cfsign sign-cookies`: command lines of the AWS CLI, in which `aws cloudfront`
//! is replaced by `cfsign`.

use clap::Args;

use super::cookies::CookiesCommand;
use super::url::UrlCommand;
use crate::Result;
use crate::cli::aws;
use crate::cli::context::Context;
use crate::cli::warnings::Warnings;

#[derive(Args)]
#[command(args = aws::options())]
pub struct SignCommand {
    #[command(flatten)]
    url: UrlCommand,
}

#[derive(Args)]
#[command(args = aws::options())]
pub struct SignCookiesCommand {
    /// URL or pattern to grant access to
    #[arg(long, value_name = "URL")]
    url: Option<String>,

    #[command(flatten)]
    cookies: CookiesCommand,
}

impl SignCommand {
    pub fn run(self, context: &Context, warnings: &mut Warnings) -> Result<String> {
        warnings.check_aws_options();
        self.url.run(context, warnings)
    }
}

impl SignCookiesCommand {
    pub fn run(self, context: &Context, warnings: &mut Warnings) -> Result<String> {
        warnings.check_aws_options();
        self.cookies.for_aws_cli(self.url).run(context, warnings)
    }
}
