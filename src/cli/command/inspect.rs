//! `cfsign inspect`: what a signed URL or a set of cookies holds. It needs no key, and says nothing about validity.

use std::ffi::OsString;

use crate::sign::parameters::SigningParameters;
use crate::verify::cookie::CookieSet;
use crate::verify::{Outcome, SignedRequest, Verdict};
use crate::{Error, IpRange, Policy, PolicyType, Resource, SignedUrl, Timestamp, printable};
use clap::Args;
use serde::Serialize;

use crate::cli::args;
use crate::cli::global::GlobalFlags;
use crate::cli::report::Terminal;
use crate::cli::source::Source;
use crate::cli::stdout::print;

use super::verify;

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub struct InspectCommand {
    /// A signed URL or cookies, in quotes; - reads either from standard input
    #[arg(value_name = "URL|COOKIES", allow_hyphen_values = true)]
    what: Option<OsString>,

    /// Cookies: a Cookie header, Set-Cookie lines, a cookie jar or JSON
    #[arg(long, value_name = "SOURCE", conflicts_with = "what", value_parser = args::cookie_source())]
    cookies: Option<Source>,

    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  cfsign inspect 'https://cdn.example.com/a.jpg?Expires=...'
  cfsign inspect --cookies jar --json";

/// What was found; what is not there, or cannot be read, is `None`.
#[derive(Serialize)]
struct Findings {
    url: Option<String>,
    policy_type: Option<PolicyType>,
    policy: Option<String>,
    resource: Option<Resource>,
    starts: Option<Timestamp>,
    expires: Option<Timestamp>,
    ip: Option<String>,
    key_pair_id: Option<String>,
    hash: Option<String>,
    signature_bytes: Option<usize>,
    problem: Option<String>,
}

impl InspectCommand {
    pub fn run(self, global: &GlobalFlags, _: &Terminal) -> anyhow::Result<()> {
        let now = global.now()?;
        let findings = match (&self.what, &self.cookies) {
            (_, Some(source)) => findings_in_cookies(&verify::read_cookies(source)?, now)
                .map_err(|e| e.context(source))?,
            (Some(what), _) if what == "-" => {
                look_at(&String::from_utf8_lossy(&Source::Stdin.read()?), now)?
            }
            (Some(what), _) => look_at(&what.to_string_lossy(), now)?,
            (None, None) => {
                let hint = "cfsign inspect 'https://d111111abcdef8.cloudfront.net/image.jpg?Expires=...', or --cookies FILE";
                return Err(Error::new("a URL or cookies are required")
                    .with_hint(hint)
                    .into());
            }
        };
        print(&if self.json {
            crate::cli::render::json_line(&findings)?
        } else {
            findings.text(now)
        })
    }
}

/// A URL where the text begins as one, cookies otherwise.
fn look_at(text: &str, now: Timestamp) -> crate::Result<Findings> {
    let text = text.trim();
    let begins = |start: &str| {
        text.get(..start.len())
            .is_some_and(|own| own.eq_ignore_ascii_case(start))
    };
    if begins("http://") || begins("https://") {
        let url = SignedUrl::parse(text)?;
        return Ok(findings(Some(url.unsigned()), &url.credentials(), now));
    }
    let cookies = CookieSet::parse(text).map_err(|_| {
        Error::new("this is neither a URL nor cookies").with_hint(
            "a URL begins with https://; cookies are a Cookie: header, Set-Cookie: lines, a cookie jar or JSON; --cookies FILE reads them from a file",
        )
    })?;
    findings_in_cookies(&cookies, now).map_err(|e| e.context("this"))
}

fn findings_in_cookies(cookies: &CookieSet, now: Timestamp) -> crate::Result<Findings> {
    match cookies.credentials(None) {
        none if none.is_empty() => Err(Error::new("holds none of CloudFront's cookies")
            .with_hint("their names begin with CloudFront-, such as CloudFront-Policy and CloudFront-Signature")),
        credentials => Ok(findings(None, &credentials, now)),
    }
}

fn findings(url: Option<String>, credentials: &SigningParameters, now: Timestamp) -> Findings {
    // Cookies stand without their URL, so the policy that CloudFront would build from it cannot be shown.
    let request = SignedRequest {
        url: url.as_deref().unwrap_or_default(),
        credentials,
        keys: &[],
        now,
        ip: None,
    };
    let Verdict {
        decoded,
        policy,
        checks,
        ..
    } = crate::verify(&request);
    let readable = ["parameters", "policy"];
    let failed = checks
        .iter()
        .filter(|check| readable.contains(&check.name))
        .find(|check| check.outcome == Outcome::Fail);
    let problem = failed.map(|check| match credentials.is_empty() {
        true => "there is no signature in it".to_owned(),
        false => format!("{}: {}", check.name, check.detail),
    });
    let has_text = decoded
        .as_ref()
        .filter(|decoded| url.is_some() || decoded.policy_type == PolicyType::Custom);
    let conditions = policy.as_ref().map(Policy::conditions);
    Findings {
        policy_type: decoded.as_ref().map(|decoded| decoded.policy_type),
        policy: has_text.map(|decoded| String::from_utf8_lossy(&decoded.policy).into_owned()),
        resource: policy
            .as_ref()
            .filter(|_| has_text.is_some())
            .and_then(|policy| policy.resource().cloned()),
        starts: conditions.and_then(|conditions| conditions.starts),
        expires: conditions.map(|conditions| conditions.expires),
        ip: conditions
            .and_then(|conditions| conditions.ip)
            .as_ref()
            .map(IpRange::to_string),
        key_pair_id: credentials.get("Key-Pair-Id").map(str::to_owned),
        hash: decoded.as_ref().map(|decoded| decoded.hash.to_string()),
        signature_bytes: decoded.as_ref().map(|decoded| decoded.signature.len()),
        problem,
        url,
    }
}

impl Findings {
    fn text(&self, now: Timestamp) -> String {
        let time = |time: Timestamp| format!("{time} ({})", time.relative_to(now));
        let policy_type = self.policy_type.map(|policy_type| match policy_type {
            PolicyType::Canned => "canned".to_owned(),
            PolicyType::Custom => "custom".to_owned(),
        });
        let rows = [
            ("url", self.url.clone()),
            ("problem", self.problem.clone()),
            ("policy type", policy_type),
            ("policy", self.policy.clone()),
            ("resource", self.resource.as_ref().map(Resource::to_string)),
            ("starts", self.starts.map(time)),
            ("expires", self.expires.map(time)),
            ("IP", self.ip.clone()),
            ("key pair ID", self.key_pair_id.clone()),
            ("hash", self.hash.clone()),
            (
                "signature",
                self.signature_bytes.map(|bytes| format!("{bytes} bytes")),
            ),
        ];
        rows.into_iter()
            .filter_map(|(name, value)| Some(format!("{name:<12} {}\n", long(&value?))))
            .collect()
    }
}

/// Text from outside in full, line by line as short as it is shown elsewhere.
fn long(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    characters
        .chunks(200)
        .map(|chunk| printable(&chunk.iter().collect::<String>()))
        .collect()
}
