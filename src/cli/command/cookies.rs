//! `cfsign cookies`: a set of signed cookies.

use crate::cli::render::{self, CookieAttributes};
use crate::cli::shell;
use crate::url::signing_parameters::shown;
use crate::{Error, Policy, Resource, SignedCookies, quoted};
use clap::{Args, ValueEnum};

use crate::cli::args::{ConditionFlags, SigningFlags};
use crate::cli::global::GlobalFlags;
use crate::cli::report::Terminal;
use crate::cli::request::{self, Required, Template};
use crate::cli::stdout::print;
use crate::cli::warnings::Warnings;

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub struct CookiesCommand {
    /// What the cookies open: a URL, or a pattern in which * stands for any characters
    #[arg(value_name = "RESOURCE")]
    what: Option<String>,

    #[command(flatten)]
    signing: SigningFlags,

    #[command(flatten)]
    conditions: ConditionFlags,

    #[command(flatten)]
    attributes: AttributeFlags,

    /// set-cookie: header lines; cookie: a Cookie header; json; netscape: a cookie jar; curl: a command; ffmpeg: a value for
    /// -headers
    #[arg(
        long,
        value_enum,
        ignore_case = true,
        value_name = "FORMAT",
        default_value = "set-cookie",
        help_heading = "Output"
    )]
    #[arg(hide_default_value = true, hide_possible_values = true)]
    format: Format,

    /// Short for --format json
    #[arg(long, conflicts_with = "format", help_heading = "Output")]
    json: bool,
}

// How browsers treat the cookies: for `set-cookie` and `netscape`.
#[derive(Args)]
#[command(next_help_heading = "Cookies (set-cookie and netscape)")]
struct AttributeFlags {
    /// Send them to this domain and those below it, instead of to the host that sets them
    #[arg(long, value_name = "DOMAIN", value_parser = domain)]
    domain: Option<String>,

    /// Send them to paths below this one, instead of to all
    #[arg(long, value_name = "PATH", value_parser = path)]
    path: Option<String>,

    /// strict, lax or none
    #[arg(
        long,
        value_enum,
        ignore_case = true,
        value_name = "WHEN",
        hide_possible_values = true
    )]
    same_site: Option<SameSite>,

    /// Send them over http too
    #[arg(long)]
    no_secure: bool,

    /// Let scripts read them
    #[arg(long)]
    no_http_only: bool,

    /// Have browsers keep them until the end of access, instead of until they are closed
    #[arg(long)]
    persistent: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SameSite {
    Strict,
    Lax,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    SetCookie,
    Cookie,
    Json,
    Netscape,
    Curl,
    Ffmpeg,
}

const EXAMPLES: &str = "\
Examples:
  cfsign cookies 'https://cdn.example.com/v/*' -k K2JCJMDEHXQW5F -p cf.pem \\
      -e 6h --domain example.com
  cfsign cookies 'https://cdn.example.com/v/*' -k K2JCJMDEHXQW5F -p cf.pem \\
      -e 6h --format netscape > jar && curl -b jar https://cdn.example.com/v/a";

impl CookiesCommand {
    pub fn run(self, global: &GlobalFlags, terminal: &Terminal) -> anyhow::Result<()> {
        let now = global.now()?;
        let mut warnings = Warnings::default();
        let [key_pair_id, private_key] = self.signing.required()?;
        let resource = Required {
            name: "RESOURCE",
            given: self.what.is_some() || self.conditions.policy.is_some(),
            hint: "cfsign cookies 'https://cdn.example.com/videos/*' ..., or --policy FILE",
        };
        request::check_required(
            &[
                resource,
                key_pair_id,
                private_key,
                self.conditions.required(),
            ],
            "cfsign cookies 'https://cdn.example.com/videos/*' -k K2JCJMDEHXQW5F -p cf.pem -e 1h",
        )?;
        self.signing
            .check_stdin(&self.conditions, ("RESOURCE", None))?;
        if self.conditions.resource.is_some() {
            let hint = "cfsign cookies 'https://cdn.example.com/videos/*' ...";
            return Err(Error::new(
                "--resource is for signed URLs; the resource of cookies is the argument itself",
            )
            .with_hint(hint)
            .into());
        }
        self.check_attributes()?;
        let resource = self
            .what
            .as_deref()
            .map(str::parse::<Resource>)
            .transpose()?;
        let policy = self.policy(resource.as_ref(), now)?;
        warnings.look_at_policy(&policy, now);
        if let Some(resource) = policy.resource() {
            warnings.look_at_cookie_resource(resource, self.attributes.path.as_deref());
        }
        let signed = self.signing.signer(&mut warnings)?.sign(policy)?;
        let cookies = SignedCookies::new(&signed);
        let host = signed.policy().resource().and_then(host_of);
        let attributes = self.attributes.resolve(signed.policy());
        if matches!(self.format(), Format::SetCookie | Format::Netscape) {
            warnings.look_at_cookie_attributes(&attributes, host.as_deref());
        }
        for (name, value) in cookies.iter() {
            warnings.look_at_cookie(name, value);
        }
        let text = match self.format() {
            Format::Json => render::cookie_json(&cookies) + "\n",
            Format::SetCookie => render::set_cookie(&cookies, &attributes),
            Format::Cookie | Format::Ffmpeg => {
                format!("Cookie: {}\n", render::cookie_header(&cookies))
            }
            Format::Netscape => {
                let host = attributes
                    .domain
                    .clone()
                    .or(host)
                    .filter(|host| !host.contains(['*', '?']))
                    .ok_or_else(|| {
                        Error::new("a cookie jar names the host, and the resource does not")
                            .with_hint("--domain cdn.example.com")
                    })?;
                render::cookie_jar(&cookies, &attributes, &host)
            }
            Format::Curl => {
                let url = signed
                    .policy()
                    .resource()
                    .filter(|resource| !resource.has_wildcard());
                let url = url
                    .map(|url| format!(" {}", shell::quoted(url.as_str())))
                    .unwrap_or_default();
                format!(
                    "curl --globoff --path-as-is --cookie {}{url}\n",
                    shell::quoted(&render::cookie_header(&cookies))
                )
            }
        };
        warnings.settle(global, terminal)?;
        print(&text)
    }

    fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }

    /// Refuses attributes that the format has no place for.
    fn check_attributes(&self) -> crate::Result<()> {
        let AttributeFlags {
            domain,
            path,
            same_site,
            no_secure,
            no_http_only,
            persistent,
        } = &self.attributes;
        let in_both = [
            ("--domain", domain.is_some()),
            ("--path", path.is_some()),
            ("--no-secure", *no_secure),
            ("--no-http-only", *no_http_only),
            ("--persistent", *persistent),
        ];
        let same_site = [("--same-site", same_site.is_some())];
        let placeless: &[&[(&str, bool)]] = match self.format() {
            Format::SetCookie => &[],
            Format::Netscape => &[&same_site],
            _ => &[&in_both, &same_site],
        };
        match placeless.iter().copied().flatten().find(|(_, given)| *given) {
            Some((flag, _)) => Err(Error::new(format!("{flag} has no place in this format"))
                .with_hint("cookies have attributes in --format set-cookie, and most of them in --format netscape")),
            None => Ok(()),
        }
    }

    fn policy(&self, resource: Option<&Resource>, now: crate::Timestamp) -> anyhow::Result<Policy> {
        let required = || {
            Error::new("a RESOURCE is required: what the cookies open").with_hint(
                "cfsign cookies 'https://cdn.example.com/videos/*' ..., or --policy FILE",
            )
        };
        match (Template::new(&self.conditions, false, now)?, resource) {
            (Template::Written(policy), None) => Ok(policy),
            (Template::Written(policy), Some(resource)) => match policy.resource() {
                Some(own) if own != resource && !own.covers(resource.as_str()) => {
                    Err(Error::new(format!(
                        "the policy's resource {} does not cover {}",
                        shown(own.as_str()),
                        quoted(resource.as_str())
                    ))
                    .with_hint("leave out the argument: --policy says what the cookies open")
                    .into())
                }
                _ => Ok(policy),
            },
            (Template::Built(_), None) => Err(required().into()),
            (Template::Built(terms), Some(resource)) => Ok(terms.policy(resource)?),
        }
    }
}

impl AttributeFlags {
    fn resolve(&self, policy: &Policy) -> CookieAttributes {
        CookieAttributes {
            domain: self.domain.clone(),
            path: self.path.clone().unwrap_or_else(|| "/".into()),
            secure: !self.no_secure,
            http_only: !self.no_http_only,
            same_site: self.same_site.map(|same_site| match same_site {
                SameSite::Strict => "Strict",
                SameSite::Lax => "Lax",
                SameSite::None => "None",
            }),
            expires: self.persistent.then_some(policy.conditions().expires),
        }
    }
}

/// The host of a resource, in lower case, wildcards included; `None` where it has none of its own.
fn host_of(resource: &Resource) -> Option<String> {
    let (_, rest) = resource.as_str().split_once("://")?;
    let host = rest
        .split(['/', '?', ':'])
        .next()
        .filter(|host| !host.is_empty())?;
    Some(host.to_ascii_lowercase())
}

fn domain(text: &str) -> crate::Result<String> {
    let name = text.trim_start_matches('.');
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    match is_name {
        true => Ok(text.into()),
        false => Err(Error::new(format!("{} is not a domain name", quoted(text)))
            .with_hint("a domain is one like example.com, without protocol and path")),
    }
}

fn path(text: &str) -> crate::Result<String> {
    let plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b';');
    match plain && text.starts_with('/') {
        true => Ok(text.into()),
        false => Err(
            Error::new(format!("{} is not a path of a cookie", quoted(text)))
                .with_hint("a path begins with /, and is percent-encoded: /videos/"),
        ),
    }
}
