//! `cfsign inspect`: the content of a signed URL or cookie set. It needs no key, and says nothing
//! about validity.

use std::ffi::OsString;

use clap::Args;

use super::verify::read_cookies;
use crate::cli::args;
use crate::cli::context::Context;
use crate::cli::misplaced;
use crate::cli::render;
use crate::cli::render::inspection::Inspection;
use crate::cli::source::Source;
use crate::verify::SigningParameters;
use crate::verify::cookie::CookieSet;
use crate::{Error, Result, SignedUrl};

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub struct InspectCommand {
    /// Signed URL or cookies, quoted; - reads either from stdin
    #[arg(value_name = "URL|COOKIES", allow_hyphen_values = true)]
    what: Option<OsString>,

    /// Cookies: a file, env:NAME or -, in any of the forms that verify reads
    #[arg(long, value_name = "SOURCE", conflicts_with = "what", value_parser = args::source())]
    cookies: Option<Source>,

    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  cfsign inspect \"https://cdn.example.com/a.jpg?Expires=...\"
  cfsign inspect --cookies jar --json";

const EXAMPLE: &str = "cfsign inspect \
    \"https://d111111abcdef8.cloudfront.net/image.jpg?Expires=...\", or --cookies FILE";

impl InspectCommand {
    pub fn run(self, context: &Context) -> Result<String> {
        let inspection = if let Some(source) = &self.cookies {
            in_cookies(&read_cookies(source)?).map_err(|e| e.context(source))?
        } else if let Some(what) = &self.what {
            if what == "-" {
                in_text(&Source::Stdin.read_text("a URL or cookies")?)?
            } else {
                in_text(&what.to_string_lossy())?
            }
        } else {
            return Err(Error::new("missing URL or cookies").with_hint(EXAMPLE));
        };
        Ok(if self.json {
            render::json_line(&inspection)
        } else {
            inspection.text(context.now)
        })
    }
}

/// Text that starts as a URL is one, and text that starts with a signing parameter is the query of
/// one; anything else is cookies.
fn in_text(text: &str) -> Result<Inspection> {
    // As it is written in HTML.
    let text = &text.trim().replace("&amp;", "&");
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        let url = SignedUrl::parse(text)?;
        let parameters = SigningParameters::of_url(url.as_str());
        return Ok(Inspection::of(Some(url.unsigned()), &parameters));
    }
    let query = text.trim_start_matches(['?', '&']);
    let parameters = SigningParameters::of_url(&format!("https://h/?{query}"));
    if !parameters.is_empty() {
        return Ok(Inspection::of(None, &parameters));
    }
    let cookies = CookieSet::parse(text).map_err(|_| {
        misplaced::instead_of_stdin(text, "pipe {} to cfsign inspect -").unwrap_or_else(|| {
            Error::new("the input is neither a URL nor cookies").with_hint(
                "a URL starts with https://; cookies are a Cookie: header, Set-Cookie: lines, a \
                 cookie jar or JSON; --cookies FILE reads them from a file",
            )
        })
    })?;
    in_cookies(&cookies).map_err(|e| e.context("the input"))
}

fn in_cookies(cookies: &CookieSet) -> Result<Inspection> {
    let parameters = cookies.parameters();
    if parameters.is_empty() {
        let hint = "the names of CloudFront's cookies start with CloudFront-, e.g. \
            CloudFront-Policy and CloudFront-Signature";
        return Err(Error::new("contains no CloudFront cookies").with_hint(hint));
    }
    Ok(Inspection::of(None, &parameters))
}
