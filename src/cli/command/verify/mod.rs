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
use crate::cli::source::{self, Source};
use crate::cli::terminal::Terminal;
use crate::cli::warnings::Warnings;
use crate::verify::SigningParameters;
use crate::verify::Verdict;
use crate::verify::answer::{Answer, identify};
use crate::verify::cookie::CookieSet;
use crate::{Error, KeyPairId, SignedUrl, SigningParameter};

mod circumstances;
mod list;
mod many;

use circumstances::{Circumstances, address, warn_about};
use many::ManyFlags;

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub struct VerifyCommand {
    /// URL as requested, quoted; - reads a list, table or access log from stdin
    #[arg(value_name = "URL")]
    urls: Vec<OsString>,

    /// Required: public key in the trusted key group; a private key or certificate also works. Repeat as ID=SOURCE for several keys
    #[arg(long, value_name = "[ID=]SOURCE", value_parser = OsStringValueParser::new().try_map(key_source))]
    public_key: Vec<KeyFlag>,

    /// Cookies of the client: Cookie or Set-Cookie headers, a cookie jar, JSON, HAR, curl -v output or "Copy as cURL"
    #[arg(long, value_name = "SOURCE", value_parser = args::cookie_source())]
    cookies: Option<Source>,

    /// IP address of the client
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    ip: Option<IpAddr>,

    /// Deny URLs that expire sooner than this, e.g. 7d
    #[arg(long, value_name = "DURATION", value_parser = args::duration)]
    #[arg(allow_hyphen_values = true)]
    valid_for: Option<Duration>,

    /// Show who sent a 403: CloudFront, S3, WAF or the origin. SOURCE is the response body; no URL needed
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
  cfsign verify 'https://cdn.example.com/a.jpg?Expires=...' \\
      --public-key K2JCJMDEHXQW5F=cf.pub.pem
  cfsign verify https://cdn.example.com/v/a.m3u8 --cookies jar \\
      --public-key cf.pub.pem
  cfsign verify - --public-key cf.pub.pem --valid-for 7d < links.txt
  zcat *.gz | cfsign verify - --public-key cf.pub.pem --summary
  curl -s URL | cfsign verify --answer -

Exit codes: 0 allowed, 1 denied or undetermined, 2 not verified";

const EXAMPLE: &str = "cfsign verify 'https://d111111abcdef8.cloudfront.net/image.jpg?Expires=...' --public-key cf.pub.pem; - reads URLs from standard input";

/// A value of `--public-key`.
#[derive(Debug, Clone)]
struct KeyFlag {
    id: Option<KeyPairId>,
    source: Source,
}

impl VerifyCommand {
    /// The key pair ID in the first URL.
    fn requested_id(&self) -> Option<KeyPairId> {
        let parameters = SigningParameters::of_url(self.urls.first()?.to_str()?);
        parameters.get(SigningParameter::KeyPairId)?.parse().ok()
    }

    pub fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let terminal = &context.terminal;
        self.check_stdin()?;
        let answer = match &self.answer {
            Some(source) => {
                let bytes = source.read().map_err(|e| with_curl(e, source))?;
                Some(identify(&source.decode(&bytes)?))
            }
            None => None,
        };
        if self.many.merges() {
            return self.many.merged(self.json, terminal);
        }
        let urls = self.requested()?;
        if let Requested::Nothing = urls {
            let answer = answer.ok_or_else(|| Error::new("missing URL").with_hint(EXAMPLE))?;
            if self.json {
                terminal.print(&render::answer::json(&answer)?)?;
            } else {
                terminal.print_styled(&render::answer::text(&answer))?;
            }
            return Ok(ExitCode::from(1));
        }
        if self.public_key.is_empty() {
            return Err(Error::new("missing --public-key")
                .with_hint("use --public-key cf.pub.pem; the private key also works")
                .into());
        }
        let mut warnings = Warnings::default();
        let mut keys = Vec::new();
        for flag in &self.public_key {
            for key in keys::public_keys(&flag.source, flag.id.as_ref())? {
                let id = key.id.clone().or_else(|| self.requested_id());
                warnings.check_key_type(&flag.source, key.key.key_type(), id.as_ref());
                keys.push(key);
            }
        }
        let circumstances = Circumstances {
            keys,
            cookies: self.cookies.as_ref().map(read_cookies).transpose()?,
            ip: self.ip,
            now: context.now,
            valid_for: self.valid_for.unwrap_or_default(),
        };
        let mut urls = match urls {
            Requested::Single(url) => {
                return self.one(&url, &circumstances, answer, warnings, terminal);
            }
            Requested::Several(urls) => self.many.open(Some(urls))?,
            Requested::Nothing | Requested::List => self.many.open(None)?,
        };
        if !self.urls.is_empty()
            && !self.many.summarizes()
            && let Some(url) = urls.only_url()?
        {
            return self.one(&url, &circumstances, answer, warnings, terminal);
        }
        if answer.is_some() {
            let error = "--answer cannot be used together with several URLs";
            return Err(Error::new(error)
                .with_hint("pass the URL whose response it is")
                .into());
        }
        terminal.settle(warnings)?;
        self.many.run(urls, circumstances, self.json, terminal)
    }

    fn requested(&self) -> crate::Result<Requested> {
        let urls = self.urls.iter();
        let mut urls: Vec<String> = urls.map(|url| url.to_string_lossy().into_owned()).collect();
        let has_list = self.many.source().is_some();
        if has_list && !urls.is_empty() {
            return Err(Error::new("--input cannot be used together with URLs")
                .with_hint("put all URLs in the list"));
        }
        if has_list || urls == ["-"] {
            return Ok(Requested::List);
        }
        if urls.iter().any(|url| url == "-") {
            return Err(Error::new("- cannot be used together with other URLs")
                .with_hint("put all URLs on standard input, one per line"));
        }
        Ok(match urls.len() {
            0 => Requested::Nothing,
            1 => Requested::Single(urls.remove(0)),
            _ => Requested::Several(urls),
        })
    }

    fn check_stdin(&self) -> crate::Result<()> {
        let from_stdin = self
            .urls
            .iter()
            .any(|url| url == "-")
            .then_some(Source::Stdin);
        let list = self.many.source();
        let keys = self.public_key.iter();
        let mut readers: Vec<_> = keys
            .map(|flag| ("--public-key", Some(&flag.source)))
            .collect();
        readers.push(("URL", from_stdin.as_ref()));
        readers.push(("--input", list.as_ref()));
        readers.push(("--cookies", self.cookies.as_ref()));
        readers.push(("--answer", self.answer.as_ref()));
        source::one_reads_stdin(&readers)
    }

    /// The full report on one URL.
    fn one(
        &self,
        url: &str,
        circumstances: &Circumstances,
        answer: Option<Answer>,
        mut warnings: Warnings,
        terminal: &Terminal,
    ) -> anyhow::Result<ExitCode> {
        let url = SignedUrl::parse(url.trim_ascii())
            .map_err(|e| misplaced::instead_of_stdin(url, "cfsign verify - ...").unwrap_or(e))?;
        let verdict = crate::verify(&circumstances.request(&url));
        let answer = answer.map(|answer| answer.beside(&verdict));
        warn_about(&url, &verdict, &mut warnings);
        terminal.settle(warnings)?;
        if self.json {
            terminal.print(&render::verdict::json(
                &url.unsigned(),
                &verdict,
                answer.as_ref(),
            )?)?;
        } else {
            let mut text = render::verdict::text(&verdict);
            if let Some(answer) = &answer {
                text += &format!("\n{}", render::answer::text(answer));
                if is_another_code(&verdict, answer) {
                    text += "note:    the checks above predict another code; is this the response to this request?\n";
                }
            }
            terminal.print_styled(&text)?;
        }
        Ok(exit_code(&verdict))
    }
}

/// The error for a response that cannot be read; for a URL, with the command that requests it.
fn with_curl(error: Error, source: &Source) -> Error {
    let name = source.to_string();
    match name.trim_matches('"') {
        url if url.contains("://") => {
            error.with_hint(format!("curl -sSi '{url}' | cfsign verify --answer -"))
        }
        _ => error,
    }
}

/// The URLs that are requested.
enum Requested {
    Nothing,
    Single(String),
    Several(Vec<String>),
    /// Those of standard input or `--input`.
    List,
}

/// Returns whether CloudFront's answer has another code than the verdict, which may have none.
fn is_another_code(verdict: &Verdict, answer: &Answer) -> bool {
    match (verdict.code, answer.signature_code()) {
        (Some(predicted), Some(sent)) => predicted != sent,
        _ => false,
    }
}

fn exit_code(verdict: &Verdict) -> ExitCode {
    ExitCode::from(u8::from(!verdict.allowed()))
}

/// Reads cookies in any of their forms.
pub fn read_cookies(source: &Source) -> crate::Result<CookieSet> {
    // A HAR file has the bodies of all responses.
    const LARGEST: u64 = 256 << 20;
    let bytes = source.read_up_to(LARGEST, "cookies")?;
    CookieSet::parse(&source.decode(&bytes)?).map_err(|e| e.context(source))
}

/// `SOURCE` or `ID=SOURCE`.
fn key_source(value: OsString) -> crate::Result<KeyFlag> {
    let named = value
        .to_str()
        .and_then(|text| text.split_once('='))
        .and_then(|(id, source)| Some((id.parse().ok()?, source)));
    Ok(match named {
        Some((id, source)) => KeyFlag {
            id: Some(id),
            source: Source::parse(source.into())?,
        },
        None => KeyFlag {
            id: None,
            source: Source::parse(value)?,
        },
    })
}
