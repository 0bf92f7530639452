//! `cfsign verify`: CloudFront's verdict on signed URLs, and the cause of a denial.

use std::ffi::OsString;
use std::net::IpAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser};

use crate::cli::args;
use crate::cli::context::Context;
use crate::cli::keys;
use crate::cli::misplaced;
use crate::cli::render;
use crate::cli::shell;
use crate::cli::source::{self, Source};
use crate::cli::terminal::{self, Terminal};
use crate::cli::warnings::Warnings;
use crate::verify::cookie::CookieSet;
use crate::verify::log::ListedRequest;
use crate::verify::response::{Response, identify};
use crate::verify::{SigningParameters, TrustedKey};
use crate::{Error, KeyPairId, Result, SignedUrl, SigningParameter};

mod list;
mod many;

use list::{Circumstances, address, warn_about};
use many::ManyFlags;

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub struct VerifyCommand {
    /// URL as requested, quoted; - reads a list, table or access log from stdin
    #[arg(value_name = "URL")]
    urls: Vec<OsString>,

    /// Required: public key in the trusted key group; a private key or certificate also works.
    /// Repeat as ID=SOURCE for several keys
    #[arg(long, value_name = "[ID=]SOURCE", value_parser = OsStringValueParser::new().try_map(key_source))]
    public_key: Vec<KeyFlag>,

    /// Cookies of the client: Cookie or Set-Cookie headers, a cookie jar, JSON, HAR, curl -v output
    /// or "Copy as cURL"
    #[arg(long, value_name = "SOURCE", value_parser = args::source())]
    cookies: Option<Source>,

    /// IP address of the client
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    ip: Option<IpAddr>,

    /// Deny URLs that expire sooner than this, e.g. 7d
    #[arg(long, value_name = "DURATION", value_parser = args::duration)]
    #[arg(allow_hyphen_values = true)]
    valid_for: Option<Duration>,

    /// Show who sent a 403: CloudFront, S3, WAF or the origin. SOURCE is the response, best with its
    /// headers (curl -i); no URL needed
    #[arg(long, value_name = "SOURCE", value_parser = args::source())]
    answer: Option<Source>,

    /// Print JSON, one object per URL
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    many: ManyFlags,
}

const EXAMPLES: &str = "\
Examples:
  cfsign verify \"https://cdn.example.com/a.jpg?Expires=...\" \\
      --public-key K2JCJMDEHXQW5F=cf.pub.pem
  cfsign verify https://cdn.example.com/v/a.m3u8 --cookies jar \\
      --public-key cf.pub.pem
  cfsign verify - --public-key cf.pub.pem --valid-for 7d < links.txt
  zcat *.gz | cfsign verify - --public-key cf.pub.pem --summary
  curl -si URL | cfsign verify --answer -

Exit codes: 0 allowed, 1 denied or undetermined, 2 not verified";

const EXAMPLE: &str = "cfsign verify \"https://d111111abcdef8.cloudfront.net/image.jpg?Expires=...\" \
    --public-key cf.pub.pem; - reads URLs from standard input";

/// A value of `--public-key`.
type KeyFlag = (Option<KeyPairId>, Source);

impl VerifyCommand {
    pub fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let terminal = &context.terminal;
        self.check_stdin()?;
        let answer = self.answer.as_ref().map(read_response).transpose()?;
        if !self.many.merge.is_empty() {
            return self.many.merged(self.json);
        }
        let urls = self.urls.iter();
        let urls: Vec<String> = urls.map(|url| url.to_string_lossy().into_owned()).collect();
        if urls.len() > 1 && urls.iter().any(|url| url == "-") {
            let error = Error::new("- cannot be used together with other URLs");
            return Err(error
                .with_hint("put all URLs on standard input, one per line")
                .into());
        }
        if urls.is_empty() && self.many.input.is_none() {
            let is_about_client = self.cookies.is_some() || self.ip.is_some();
            let is_about_url = !self.public_key.is_empty() || self.valid_for.is_some();
            let needs_url = is_about_client || is_about_url || self.many.wants_list();
            let answer = answer.filter(|_| !needs_url);
            let answer = answer.ok_or_else(|| Error::new("missing URL").with_hint(EXAMPLE))?;
            if self.json {
                terminal::print(&render::json_line(&answer))?;
            } else {
                terminal::print_styled(&render::verdict::response(&answer))?;
            }
            return Ok(ExitCode::from(1));
        }
        let mut warnings = Warnings::default();
        let circumstances = Circumstances {
            keys: self.keys(&mut warnings)?,
            cookies: self.cookies.as_ref().map(read_cookies).transpose()?,
            ip: self.ip,
            now: context.now,
            valid_for: self.valid_for.unwrap_or_default(),
        };
        if let [url] = urls.as_slice()
            && url != "-"
            && !self.many.wants_list()
        {
            return self.one(url, &circumstances, answer, warnings, terminal);
        }
        let mut list = self.many.open(&urls)?;
        if urls == ["-"]
            && !self.many.wants_list()
            && let Some(url) = list.only_url()?
        {
            return self.one(&url, &circumstances, answer, warnings, terminal);
        }
        if answer.is_some() {
            let error = Error::new("--answer cannot be used together with several URLs");
            return Err(error.with_hint("pass the URL whose response it is").into());
        }
        terminal.settle(warnings)?;
        self.many.run(list, circumstances, self.json, terminal)
    }

    fn check_stdin(&self) -> Result<()> {
        let reads_urls = self.urls.iter().any(|url| url == "-");
        let keys = self.public_key.iter();
        let mut readers: Vec<_> = keys
            .map(|(_, source)| ("--public-key", Some(source)))
            .collect();
        readers.extend([
            ("URL", reads_urls.then_some(&Source::Stdin)),
            ("--input", self.many.input.as_ref()),
            ("--cookies", self.cookies.as_ref()),
            ("--answer", self.answer.as_ref()),
        ]);
        source::one_reads_stdin(&readers)
    }

    fn keys(&self, warnings: &mut Warnings) -> Result<Vec<TrustedKey>> {
        if self.public_key.is_empty() {
            return Err(Error::new("missing --public-key")
                .with_hint("use --public-key cf.pub.pem; the private key also works"));
        }
        let mut all = Vec::new();
        for (id, source) in &self.public_key {
            for key in keys::public_keys(source, id.as_ref())? {
                let id = key.id.clone().or_else(|| self.requested_id());
                warnings.about_key_type(source, key.key.key_type(), id.as_ref());
                all.push(key);
            }
        }
        Ok(all)
    }

    /// The key pair ID in the first URL.
    fn requested_id(&self) -> Option<KeyPairId> {
        let parameters = SigningParameters::of_url(self.urls.first()?.to_str()?);
        parameters.get(SigningParameter::KeyPairId)?.parse().ok()
    }

    /// The full report on one URL.
    fn one(
        &self,
        url: &str,
        circumstances: &Circumstances,
        answer: Option<Response>,
        mut warnings: Warnings,
        terminal: &Terminal,
    ) -> anyhow::Result<ExitCode> {
        let url = SignedUrl::parse(url.trim_ascii()).map_err(|e| {
            misplaced::instead_of_stdin(url, "cfsign verify --input {} ...").unwrap_or(e)
        })?;
        let listed = ListedRequest::new(url);
        let url = &listed.reading.url;
        let verdict = crate::verify(&circumstances.request(&listed, &listed.reading));
        let answer = answer.map(|answer| answer.beside(&verdict));
        warn_about(url, &verdict, &mut warnings);
        terminal.settle(warnings)?;
        if self.json {
            let url = url.unsigned();
            let json = render::verdict::json(&url, &verdict, None, answer.as_ref());
            terminal::print(&json)?;
        } else {
            let mut text = render::verdict::text(&verdict);
            if let Some(answer) = &answer {
                text += &format!("\n{}", render::verdict::response(answer));
                if answer.contradicts(&verdict) {
                    text += "note:    the checks above predict another code; is this the response \
                        to this request?\n";
                }
            }
            terminal::print_styled(&text)?;
        }
        Ok(ExitCode::from(u8::from(!verdict.allowed())))
    }
}

/// Reads a response; the hint for a URL is the command that requests it.
fn read_response(source: &Source) -> Result<Response> {
    let text = source.read_text("a response").map_err(|error| {
        let name = source.to_string();
        if !name.contains("://") {
            return error;
        }
        let url = shell::quoted(name.trim_matches('"'));
        error.with_hint(format!("curl -sSi {url} | cfsign verify --answer -"))
    })?;
    Ok(identify(&text))
}

/// Reads cookies in any of their forms.
pub fn read_cookies(source: &Source) -> Result<CookieSet> {
    CookieSet::parse(&source.read_text("cookies")?).map_err(|e| e.context(source))
}

/// `SOURCE` or `ID=SOURCE`.
fn key_source(value: OsString) -> Result<KeyFlag> {
    if let Some((id, source)) = value.to_str().and_then(|text| text.split_once('='))
        && let Ok(id) = id.parse()
    {
        return Ok((Some(id), Source::parse(source.into())?));
    }
    Ok((None, Source::parse(value)?))
}
