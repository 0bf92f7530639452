//! `cfsign cookies`: creates sets of signed cookies, and deletes them.

use crate::cli::render::{self, CookieAttributes};
use crate::url::UrlParts;
use crate::url::signing_parameters::shown;
use crate::{Error, Policy, Resource, SignedCookies, SignedPolicy, Timestamp, quoted};
use clap::{Args, ValueEnum};

use crate::cli::args::{ConditionFlags, SigningFlags};
use crate::cli::global::GlobalFlags;
use crate::cli::report::Terminal;
use crate::cli::request::{self, Required, Template};
use crate::cli::stdout::print;
use crate::cli::warnings::Warnings;

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES, override_usage = USAGE)]
#[command(mut_arg("resource", |argument| argument.help("A RESOURCE, as a flag (as in the AWS CLI)")))]
pub struct CookiesCommand {
    /// URL or pattern that the cookies grant access to; * and ? are wildcards
    ///
    /// Several resources make a cookie set each. The Path of a set is the folder before the first wildcard.
    #[arg(value_name = "RESOURCE")]
    resources: Vec<String>,

    #[command(flatten)]
    signing: SigningFlags,

    #[command(flatten)]
    conditions: ConditionFlags,

    #[command(flatten)]
    attributes: AttributeFlags,

    #[command(flatten)]
    output: OutputFlags,
}

// The attributes of the cookies, for `set-cookie` and `netscape`.
#[derive(Args)]
#[command(next_help_heading = "Cookie attributes (set-cookie and netscape)")]
struct AttributeFlags {
    /// Send the cookies to this domain and its subdomains
    #[arg(long, value_name = "DOMAIN", value_parser = domain)]
    domain: Option<String>,

    /// Send the cookies to this path and those below it [default: /]
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

    /// Send the cookies over http too
    #[arg(long)]
    no_secure: bool,

    /// Let scripts read the cookies
    #[arg(long)]
    no_http_only: bool,

    /// Keep the cookies until they expire, not only until the browser is closed
    #[arg(long)]
    persistent: bool,
}

#[derive(Args)]
#[command(next_help_heading = "Output options")]
struct OutputFlags {
    /// set-cookie (default), cookie, json, netscape, curl or ffmpeg
    ///
    /// set-cookie prints Set-Cookie header lines, cookie one Cookie header, json an object of names and values, netscape a cookie
    /// jar for curl -b and wget, curl a command, ffmpeg a value for -headers.
    #[arg(
        long,
        value_enum,
        ignore_case = true,
        value_name = "FORMAT",
        default_value = "set-cookie",
        hide_default_value = true,
        hide_possible_values = true
    )]
    format: Format,

    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,

    /// Print Set-Cookie lines that delete the cookies; needs no key
    #[arg(long, conflicts_with_all = ["format", "json", "persistent"])]
    clear: bool,
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

const USAGE: &str = "\
cfsign cookies <RESOURCE>... --key-pair-id <ID> --private-key <SOURCE> --expires <TIME> [OPTIONS]";

const EXAMPLES: &str = "\
Examples:
  cfsign cookies 'https://cdn.example.com/v/*' -k K2JCJMDEHXQW5F -p cf.pem \\
      -e 6h --domain example.com
  cfsign cookies 'https://cdn.example.com/v/*' -k K2JCJMDEHXQW5F -p cf.pem \\
      -e 6h --format netscape > jar && curl -b jar https://cdn.example.com/v/a
  cfsign cookies --clear --domain example.com";

/// A cookie set before it is signed.
struct CookieSet {
    policy: Policy,
    attributes: CookieAttributes,
    /// The host of the resource, in lower case, with its wildcards.
    host: Option<String>,
}

impl CookiesCommand {
    pub fn run(self, global: &GlobalFlags, terminal: &Terminal) -> anyhow::Result<()> {
        let now = global.now()?;
        let mut warnings = Warnings::default();
        let resources = self.resources()?;
        self.check_attributes()?;
        if self.output.clear {
            let mut text = String::new();
            for path in self.paths(&resources)? {
                let attributes = self.attributes.resolve(path, None);
                let host = resources.first().and_then(host_of);
                warnings.look_at_cookie_attributes(&attributes, host.as_deref());
                text += &render::clear_cookies(&attributes);
            }
            warnings.settle(global, terminal)?;
            return print(&text);
        }
        self.check_required(&resources)?;
        self.signing
            .check_stdin(&self.conditions, ("RESOURCE", None))?;
        let sets = self.sets(&resources, now, &mut warnings)?;
        let signer = self.signing.signer(&mut warnings)?;
        let mut text = String::new();
        if self.format() == Format::Netscape {
            text += render::COOKIE_JAR_HEADER;
        }
        for set in sets {
            let signed = signer.sign(set.policy)?;
            let cookies = SignedCookies::new(&signed);
            for (name, value) in cookies.iter() {
                warnings.look_at_cookie(name, value);
            }
            text += &self.render(&cookies, &signed, &set.attributes, set.host)?;
        }
        warnings.settle(global, terminal)?;
        print(&text)
    }

    /// The resources of the arguments and of `--resource`.
    fn resources(&self) -> crate::Result<Vec<Resource>> {
        let mut resources = Vec::new();
        for text in &self.resources {
            resources.push(text.parse()?);
        }
        if let Some(text) = &self.conditions.resource {
            let resource = text.parse::<Resource>();
            resources.push(resource.map_err(|e| e.context("--resource"))?);
        }
        Ok(resources)
    }

    fn check_required(&self, resources: &[Resource]) -> crate::Result<()> {
        let [key_pair_id, private_key] = self.signing.required()?;
        let resource = Required {
            name: "RESOURCE",
            given: !resources.is_empty() || self.conditions.policy.is_some(),
            hint: "cfsign cookies 'https://cdn.example.com/videos/*' ..., or --policy FILE",
        };
        let expires = self.conditions.required();
        request::check_required(
            &[resource, key_pair_id, private_key, expires],
            "cfsign cookies 'https://cdn.example.com/videos/*' -k K2JCJMDEHXQW5F -p cf.pem -e 1h",
        )
    }

    fn format(&self) -> Format {
        if self.output.json {
            Format::Json
        } else {
            self.output.format
        }
    }

    /// Rejects attributes that the format cannot represent.
    fn check_attributes(&self) -> crate::Result<()> {
        let flags = &self.attributes;
        let given = [
            ("--same-site", flags.same_site.is_some()),
            ("--domain", flags.domain.is_some()),
            ("--path", flags.path.is_some()),
            ("--no-secure", flags.no_secure),
            ("--no-http-only", flags.no_http_only),
            ("--persistent", flags.persistent),
        ];
        let (format, unsupported) = match self.format() {
            Format::SetCookie => return Ok(()),
            Format::Netscape => ("netscape", &given[..1]),
            Format::Cookie => ("cookie", &given[..]),
            Format::Json => ("json", &given[..]),
            Format::Curl => ("curl", &given[..]),
            Format::Ffmpeg => ("ffmpeg", &given[..]),
        };
        match unsupported.iter().find(|(_, given)| *given) {
            Some((flag, _)) => Err(Error::new(format!(
                "{flag} is not supported with --format {format}"
            ))
            .with_hint("--format set-cookie supports all attributes, --format netscape all but --same-site")),
            None => Ok(()),
        }
    }

    /// The `Path` of each set. Cookies of several sets have the same names, so their paths must be different.
    fn paths(&self, resources: &[Resource]) -> crate::Result<Vec<String>> {
        if resources.len() < 2 {
            return Ok(vec![
                self.attributes.path.clone().unwrap_or_else(|| "/".into()),
            ]);
        }
        if !matches!(self.format(), Format::SetCookie | Format::Netscape) {
            return Err(
                Error::new("this format cannot represent several cookie sets")
                    .with_hint("use --format set-cookie or netscape, or one resource"),
            );
        }
        if self.attributes.path.is_some() {
            return Err(Error::new("--path cannot be used with several resources")
                .with_hint("leave it out: the Path of each set is the folder of its resource"));
        }
        let paths: Vec<String> = resources.iter().map(folder_of).collect();
        for (index, path) in paths.iter().enumerate() {
            if let Some(other) = paths[..index].iter().position(|other| other == path) {
                let message = format!(
                    "the cookies for {} and {} would have the same Path {}, and browsers keep only one set",
                    quoted(resources[other].as_str()),
                    quoted(resources[index].as_str()),
                    quoted(path)
                );
                return Err(Error::new(message)
                    .with_hint("use one resource that covers both, or run cfsign for each"));
            }
        }
        Ok(paths)
    }

    /// The policy, attributes and host of each set.
    fn sets(
        &self,
        resources: &[Resource],
        now: Timestamp,
        warnings: &mut Warnings,
    ) -> anyhow::Result<Vec<CookieSet>> {
        let paths = self.paths(resources)?;
        let policies = self.policies(resources, now)?;
        let mut sets = Vec::new();
        for (policy, path) in policies.into_iter().zip(paths) {
            warnings.look_at_policy(&policy, now);
            if let Some(resource) = policy.resource() {
                let path = self.attributes.path.as_deref();
                warnings.look_at_cookie_resource(resource, path);
            }
            let host = policy.resource().and_then(host_of);
            let attributes = self.attributes.resolve(path, Some(&policy));
            if matches!(self.format(), Format::SetCookie | Format::Netscape) {
                warnings.look_at_cookie_attributes(&attributes, host.as_deref());
            }
            sets.push(CookieSet {
                policy,
                attributes,
                host,
            });
        }
        let paths: Vec<&str> = sets
            .iter()
            .map(|set| set.attributes.path.as_str())
            .collect();
        warnings.look_at_cookie_paths(&paths);
        Ok(sets)
    }

    /// The policy of each set.
    fn policies(&self, resources: &[Resource], now: Timestamp) -> anyhow::Result<Vec<Policy>> {
        let mut conditions = self.conditions.clone();
        conditions.resource = None;
        let policy = match Template::new(&conditions, false, now)? {
            Template::Written(policy) => policy,
            Template::Built(terms) => {
                let policies = resources.iter().map(|resource| terms.policy(resource));
                return Ok(policies.collect::<Result<_, _>>()?);
            }
        };
        if resources.len() > 1 {
            return Err(Error::new(
                "--policy makes one cookie set, but there are several resources",
            )
            .with_hint("leave out the resources, or --policy")
            .into());
        }
        if let (Some(own), Some(resource)) = (policy.resource(), resources.first())
            && own != resource
            && !own.covers(resource.as_str())
        {
            return Err(Error::new(format!(
                "the resource {} of the policy does not cover {}",
                shown(own.as_str()),
                quoted(resource.as_str())
            ))
            .with_hint("leave out the argument: the resource is that of the policy")
            .into());
        }
        Ok(vec![policy])
    }

    fn render(
        &self,
        cookies: &SignedCookies,
        signed: &SignedPolicy,
        attributes: &CookieAttributes,
        host: Option<String>,
    ) -> crate::Result<String> {
        match self.format() {
            Format::SetCookie => Ok(render::set_cookie(cookies, attributes)),
            Format::Json => Ok(render::cookie_json(cookies) + "\n"),
            Format::Cookie | Format::Ffmpeg => {
                Ok(format!("Cookie: {}\n", render::cookie_header(cookies)))
            }
            Format::Curl => Ok(render::cookie_curl(cookies, signed.policy().resource())),
            Format::Netscape => {
                let host = attributes.domain.clone().or(host);
                match host.filter(|host| !host.contains(['*', '?'])) {
                    Some(host) => Ok(render::cookie_jar(cookies, attributes, &host)),
                    None => Err(
                        Error::new("a cookie jar needs a host, and the resource has none")
                            .with_hint("--domain cdn.example.com"),
                    ),
                }
            }
        }
    }
}

impl AttributeFlags {
    /// The attributes of a set; without a policy, those that delete it.
    fn resolve(&self, path: String, policy: Option<&Policy>) -> CookieAttributes {
        let expires = policy.map(|policy| policy.conditions().expires);
        CookieAttributes {
            domain: self.domain.clone(),
            path,
            secure: !self.no_secure,
            http_only: !self.no_http_only,
            same_site: self.same_site.map(|same_site| match same_site {
                SameSite::Strict => "Strict",
                SameSite::Lax => "Lax",
                SameSite::None => "None",
            }),
            expires: expires.filter(|_| self.persistent),
        }
    }
}

/// The host of a resource, in lower case, with its wildcards; `None` if it has none of its own.
fn host_of(resource: &Resource) -> Option<String> {
    let host = UrlParts::parse(resource.as_str()).host();
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

/// The folder of a resource before its first wildcard, with a trailing `/`.
fn folder_of(resource: &Resource) -> String {
    let path = UrlParts::parse(resource.as_str()).path;
    // A `;` would end the attribute.
    let literal = path.split(['*', ';']).next().unwrap_or_default();
    match literal.rfind('/') {
        Some(end) => literal[..=end].to_owned(),
        None => "/".to_owned(),
    }
}

fn domain(text: &str) -> crate::Result<String> {
    let name = text.trim_start_matches('.');
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    if is_name {
        return Ok(text.into());
    }
    Err(Error::new(format!("{} is not a domain name", quoted(text)))
        .with_hint("use a domain such as example.com, without scheme and path"))
}

fn path(text: &str) -> crate::Result<String> {
    let is_plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b';');
    if is_plain && text.starts_with('/') {
        return Ok(text.into());
    }
    Err(Error::new(format!("{} is not a cookie path", quoted(text)))
        .with_hint("a path begins with / and is percent-encoded, such as /videos/"))
}
