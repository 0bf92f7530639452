//! `cfsign verify`: what CloudFront would answer, and why.

use std::ffi::OsString;
use std::net::Ipv4Addr;
use std::process::ExitCode;

use crate::sign::parameters::SigningParameters;
use crate::verify::cookie::CookieSet;
use crate::verify::{Cause, Check, Outcome, Reason, SignedRequest, TrustedKey, Verdict};
use crate::{Error, KeyPairId, PolicyType, SignedUrl, printable, quoted};
use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser};
use serde::Serialize;

use crate::cli::args;
use crate::cli::global::GlobalFlags;
use crate::cli::keys;
use crate::cli::report::{DOUBTFUL, GOOD, NEXT, Terminal, WRONG};
use crate::cli::source::{self, Source};
use crate::cli::stdout::print;
use crate::cli::warnings::Warnings;

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub struct VerifyCommand {
    /// The URL as requested, in quotes; - reads it from standard input
    #[arg(value_name = "URL")]
    url: Option<OsString>,

    /// A public key of the key group, or its private key or certificate; ID=SOURCE ties it to a key pair ID; may be repeated
    #[arg(long, value_name = "[ID=]SOURCE", value_parser = OsStringValueParser::new().try_map(key_source))]
    public_key: Vec<(Option<KeyPairId>, Source)>,

    /// Cookies that go with the URL: a Cookie header, Set-Cookie lines, a cookie jar or JSON
    #[arg(long, value_name = "SOURCE", value_parser = args::cookie_source())]
    cookies: Option<Source>,

    /// IPv4 address of the client
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    ip: Option<Ipv4Addr>,

    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  cfsign verify 'https://cdn.example.com/a.jpg?Expires=...' \\
      --public-key K2JCJMDEHXQW5F=cf.pub.pem
  cfsign verify https://cdn.example.com/v/a.m3u8 --cookies jar \\
      --public-key cf.pub.pem";

impl VerifyCommand {
    pub fn run(self, global: &GlobalFlags, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let url = self.url.as_ref().map(|url| url.to_string_lossy()).ok_or_else(|| {
            Error::new("a URL is required").with_hint(
                "cfsign verify 'https://d111111abcdef8.cloudfront.net/image.jpg?Expires=...' --public-key cf.pub.pem",
            )
        })?;
        let mut readers: Vec<_> = self
            .public_key
            .iter()
            .map(|(_, source)| ("--public-key", Some(source)))
            .collect();
        let from_stdin = (url == "-").then_some(Source::Stdin);
        readers.push(("URL", from_stdin.as_ref()));
        readers.push(("--cookies", self.cookies.as_ref()));
        source::one_reads_stdin(&readers)?;
        let url = match &from_stdin {
            Some(stdin) => SignedUrl::parse(String::from_utf8_lossy(&stdin.read()?).trim())?,
            None => SignedUrl::parse(&url)?,
        };
        if self.public_key.is_empty() {
            return Err(Error::new("--public-key is required: the key that CloudFront has")
                .with_hint(
                    "--public-key cf.pub.pem; the private key does too, cfsign key public prints the public half",
                )
                .into());
        }
        let keys = self
            .public_key
            .iter()
            .map(|(id, source)| trusted(id.clone(), source))
            .collect::<crate::Result<Vec<_>>>()?;
        let mut warnings = Warnings::default();
        for ((_, source), trusted) in self.public_key.iter().zip(&keys) {
            warnings.look_at_key_type(source, trusted.key.key_type());
        }
        warnings.look_at_length(&url);
        warnings.settle(global, terminal)?;
        let unsigned = url.unsigned();
        let (credentials, note) = match &self.cookies {
            None => (url.credentials(), None),
            Some(source) => sent(&url, &read_cookies(source)?),
        };
        let now = global.now()?;
        let request = SignedRequest {
            url: &unsigned,
            credentials: &credentials,
            keys: &keys,
            now,
            ip: self.ip,
        };
        let mut verdict = crate::verify(&request);
        verdict.checks.splice(..0, note);
        match self.json {
            true => print(&json(&verdict, &credentials)?),
            false => terminal.print(&text(&verdict)),
        }?;
        Ok(ExitCode::from(u8::from(!verdict.allowed())))
    }
}

/// What a request for `url` carries when a browser has these cookies, and what there is to say about them.
fn sent(url: &SignedUrl, cookies: &CookieSet) -> (SigningParameters, Option<Check>) {
    let note = |detail: &str| {
        Some(Check {
            name: "cookies",
            outcome: Outcome::Unknown,
            detail: detail.into(),
        })
    };
    let in_url = url.credentials();
    if !in_url.is_empty() {
        return (
            in_url,
            note("are ignored: the URL carries signing parameters"),
        );
    }
    let sent = cookies.credentials(Some(&url.unsigned()));
    let held_back = sent.is_empty() && !cookies.credentials(None).is_empty();
    (
        sent,
        if held_back {
            note("are not sent to this URL: their Domain or Path is another")
        } else {
            None
        },
    )
}

fn trusted(id: Option<KeyPairId>, source: &Source) -> crate::Result<TrustedKey> {
    Ok(TrustedKey {
        id,
        key: keys::public_key(source)?,
    })
}

/// Reads cookies in any of the forms; bytes that are no text are no cookies of CloudFront's.
pub fn read_cookies(source: &Source) -> crate::Result<CookieSet> {
    CookieSet::parse(&String::from_utf8_lossy(&source.read()?)).map_err(|e| e.context(source))
}

/// `SOURCE` or `ID=SOURCE`.
fn key_source(value: OsString) -> crate::Result<(Option<KeyPairId>, Source)> {
    let id = value
        .to_str()
        .and_then(|text| text.split_once('='))
        .and_then(|(id, source)| Some((id.parse().ok()?, source)));
    match id {
        Some((id, source)) => Ok((Some(id), Source::parse(source.into())?)),
        None => Ok((None, Source::parse(value)?)),
    }
}

fn address(text: &str) -> crate::Result<Ipv4Addr> {
    text.parse().map_err(|_| {
        Error::new(format!("{} is not an IPv4 address", quoted(text)))
            .with_hint("a client's address is one like 192.0.2.10")
    })
}

/// The verdict for a person, in colours.
fn text(verdict: &Verdict) -> String {
    let mut text = String::new();
    for Check {
        name,
        outcome,
        detail,
    } in &verdict.checks
    {
        let (style, mark) = match outcome {
            Outcome::Pass => (GOOD, "ok"),
            Outcome::Fail => (WRONG, "no"),
            Outcome::Unknown => (DOUBTFUL, "??"),
        };
        text += &format!("{style}{mark}{style:#}  {name:<12} {}\n", printable(detail));
    }
    match verdict.answer() {
        None => text += &format!("\n{GOOD}allowed{GOOD:#}\n"),
        Some(_)
            if verdict
                .checks
                .iter()
                .all(|check| check.outcome != Outcome::Fail) =>
        {
            text += &format!("\n{DOUBTFUL}not known to be allowed{DOUBTFUL:#}\n");
        }
        Some(answer) => {
            text += &format!("\n{WRONG}denied:{WRONG:#} CloudFront would answer 403 {answer}\n")
        }
    }
    if let Some(Cause { cause, suggestion }) = &verdict.cause {
        let (cause, suggestion) = (printable(cause), printable(suggestion));
        text += &format!("{NEXT}cause:{NEXT:#} {cause}\n{NEXT}fix:{NEXT:#} {suggestion}\n");
    }
    text
}

fn json(verdict: &Verdict, credentials: &SigningParameters) -> crate::Result<String> {
    #[derive(Serialize)]
    struct Fields<'a> {
        allowed: bool,
        reason: Reason,
        answer: Option<&'static str>,
        checks: &'a [Check],
        policy: Option<String>,
        policy_type: Option<PolicyType>,
        key_pair_id: Option<&'a str>,
        cause: Option<&'a str>,
        suggestion: Option<&'a str>,
    }
    let decoded = verdict.decoded.as_ref();
    let fields = Fields {
        allowed: verdict.allowed(),
        reason: verdict.reason,
        answer: verdict.answer(),
        checks: &verdict.checks,
        policy: decoded.map(|decoded| String::from_utf8_lossy(&decoded.policy).into_owned()),
        policy_type: decoded.map(|decoded| decoded.policy_type),
        key_pair_id: credentials.get("Key-Pair-Id"),
        cause: verdict.cause.as_ref().map(|cause| cause.cause.as_str()),
        suggestion: verdict
            .cause
            .as_ref()
            .map(|cause| cause.suggestion.as_str()),
    };
    crate::cli::render::json_line(&fields)
}
