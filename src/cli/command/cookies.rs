//! `cfsign cookies`: creates sets of signed cookies, and deletes them.

use clap::{Args, ValueEnum};

use crate::cli::args::{self, ConditionFlags, JsonFlag, SigningFlags};
use crate::cli::aws;
use crate::cli::context::Context;
use crate::cli::cookie_attributes::{CookieAttributes, host_of};
use crate::cli::keys::Needs;
use crate::cli::misplaced;
use crate::cli::render::cookies as render;
use crate::cli::request::PolicySpec;
use crate::cli::warnings::Warnings;
use crate::url::UrlParts;
use crate::{Error, Policy, Resource, Result, SignedCookies, Timestamp, quoted};

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES, override_usage = USAGE)]
#[command(mut_arg("resource", |argument| argument.help("A RESOURCE, as a flag (as in the AWS CLI)").hide_short_help(true)))]
pub struct CookiesCommand {
    /// URL or pattern to grant access to; * and ? are wildcards
    ///
    /// Each resource gets its own set of cookies, whose Path is the folder before the first
    /// wildcard.
    #[arg(value_name = "RESOURCE")]
    resources: Vec<String>,

    #[command(flatten)]
    conditions: ConditionFlags,

    #[command(flatten)]
    attributes: CookieAttributes,

    /// set-cookie (default), cookie, json, netscape, curl, ffmpeg
    ///
    /// set-cookie prints Set-Cookie header lines, cookie one Cookie header, json an object of names
    /// and values, netscape a cookie jar for curl -b and wget, curl a command, ffmpeg a value for
    /// -headers.
    #[arg(long, value_name = "FORMAT", value_enum, ignore_case = true, help_heading = args::OUTPUT)]
    #[arg(default_value_if("json", "true", "json"))]
    format: Option<Format>,

    #[command(flatten)]
    json: JsonFlag,

    /// Print Set-Cookie lines that delete the cookies; needs no key
    #[arg(long, conflicts_with_all = ["format", "json", "persistent"], help_heading = args::OUTPUT)]
    clear: bool,

    #[command(flatten)]
    signing: SigningFlags,
}

/// `aws cloudfront sign-cookies`, where `aws cloudfront` is replaced by `cfsign`.
#[derive(Args)]
#[command(args = aws::options())]
pub struct SignCookiesCommand {
    /// URL or pattern to grant access to
    #[arg(long, value_name = "URL")]
    url: Option<String>,

    #[command(flatten)]
    cookies: CookiesCommand,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    SetCookie,
    Cookie,
    Json,
    Netscape,
    Curl,
    Ffmpeg,
    /// JSON as the AWS CLI prints it.
    #[value(skip)]
    AwsJson,
}

const USAGE: &str = "cfsign cookies <RESOURCE>... -k <ID> -p <SOURCE> -e <TIME>";

const EXAMPLE: &str =
    "cfsign cookies \"https://cdn.example.com/videos/*\" -k K2JCJMDEHXQW5F -p cf.pem -e 1h";

const EXAMPLES: &str = "\
Examples:
  cfsign cookies \"https://cdn.example.com/v/*\" -k K2JCJMDEHXQW5F -p cf.pem -e 6h
  cfsign cookies \"https://cdn.example.com/v/*\" -e 6h --format netscape > jar
  cfsign cookies --clear --domain example.com";

impl SignCookiesCommand {
    /// The command: a policy over the URL or over `--policy-resource`, and cookies in JSON unless
    /// there is a `--format`.
    pub fn into_cookies(self) -> CookiesCommand {
        let mut cookies = self.cookies;
        if cookies.conditions.resource.is_none() {
            cookies.resources.extend(self.url);
        }
        cookies.format = cookies.format.or(Some(Format::AwsJson));
        cookies
    }
}

impl CookiesCommand {
    pub fn run(&self, context: &Context, warnings: &mut Warnings) -> Result<String> {
        let resources = self.resources()?;
        self.check_attributes(&resources)?;
        if self.clear {
            return self.clear(&resources, warnings);
        }
        let is_given = !resources.is_empty() || self.conditions.policy.is_some();
        let keys = self.signing.key_sources(&Needs {
            own: &[("RESOURCE", is_given)],
            conditions: &self.conditions,
            optional_expiry: false,
            input: ("RESOURCE", None),
            example: EXAMPLE,
        })?;
        let policies = self.policies(&resources, context.now)?;
        let paths = self.paths(&resources)?;
        let signer = keys.signer(warnings)?;
        warnings.about_cookie_paths(&paths);
        let mut text = String::new();
        if self.format() == Format::Netscape {
            text += render::JAR_HEADER;
        }
        for (policy, path) in policies.into_iter().zip(paths) {
            warnings.about_policy(&policy, context.now);
            let signed = signer.sign(policy)?;
            let policy = signed.policy();
            let attributes = self.attributes(path, Some(policy.conditions().expires));
            if let Some(resource) = policy.resource() {
                warnings.about_cookie_resource(resource, self.attributes.path.as_deref());
            }
            if matches!(self.format(), Format::SetCookie | Format::Netscape) {
                warnings.about_cookie_attributes(&attributes, policy.resource());
            }
            let cookies = SignedCookies::new(&signed);
            warnings.about_cookie_lengths(&cookies);
            text += &self.render(&cookies, policy.resource(), &attributes)?;
        }
        Ok(text)
    }

    /// The lines that delete the cookies of each set.
    fn clear(&self, resources: &[Resource], warnings: &mut Warnings) -> Result<String> {
        let mut text = String::new();
        for path in self.paths(resources)? {
            let attributes = self.attributes(path, None);
            warnings.about_cookie_attributes(&attributes, resources.first());
            text += &render::clear(&attributes);
        }
        Ok(text)
    }

    /// The resources of the arguments and of `--resource`.
    fn resources(&self) -> Result<Vec<Resource>> {
        let mut resources = Vec::new();
        for text in &self.resources {
            resources.push(text.parse().map_err(|e: Error| {
                misplaced::instead_of_url(text).unwrap_or_else(|| e.context("RESOURCE"))
            })?);
        }
        resources.extend(self.conditions.pattern(false)?);
        Ok(resources)
    }

    /// Rejects attributes that the format cannot represent.
    fn check_attributes(&self, resources: &[Resource]) -> Result<()> {
        let several = (resources.len() > 1).then_some("more than one RESOURCE");
        let mut given = self.attributes.flags().chain(several);
        let unsupported = match self.format() {
            Format::SetCookie => None,
            Format::Netscape => given.find(|flag| *flag == "--same-site"),
            _ => given.next(),
        };
        let Some(flag) = unsupported else {
            return Ok(());
        };
        // That of the AWS CLI has no name.
        let format = self.format().to_possible_value();
        let format = format.as_ref().map_or("json", |format| format.get_name());
        let message = format!("{flag} is not supported with --format {format}");
        Err(Error::new(message)
            .with_hint("use --format set-cookie, or netscape, which has no --same-site"))
    }

    fn format(&self) -> Format {
        self.format.unwrap_or_default()
    }

    /// The `Path` of each set. Several sets have the same names, so their paths must differ.
    fn paths(&self, resources: &[Resource]) -> Result<Vec<String>> {
        if resources.len() < 2 {
            return Ok(vec![self.attributes.path().to_owned()]);
        }
        let mut paths = Vec::new();
        for resource in resources {
            let given = self.attributes.path.clone();
            let path = given.unwrap_or_else(|| folder_of(resource));
            if paths.contains(&path) {
                let path = quoted(&path);
                let message = format!(
                    "several resources have the Path {path}, and browsers keep only one cookie set"
                );
                return Err(Error::new(message)
                    .with_hint("use one resource that covers them, or run cfsign for each"));
            }
            paths.push(path);
        }
        Ok(paths)
    }

    /// The attributes of a set with this expiry; without one, those that delete it.
    fn attributes(&self, path: String, expires: Option<Timestamp>) -> CookieAttributes {
        CookieAttributes {
            path: Some(path),
            expires: expires.filter(|_| self.attributes.persistent),
            ..self.attributes.clone()
        }
    }

    /// The policy of each set.
    fn policies(&self, resources: &[Resource], now: Timestamp) -> Result<Vec<Policy>> {
        let mut spec = PolicySpec::new(&self.conditions, false, now)?;
        let mut policies = Vec::new();
        for own in resources {
            if spec.document.is_none() {
                spec.resource = Some(own.clone());
            }
            // A custom policy is right for both readings of a ?.
            spec.custom = self.conditions.custom || own.is_probably_pattern();
            policies.push(spec.policy(own, own.as_str(), None)?);
        }
        if resources.is_empty() {
            policies.extend(spec.document);
        }
        Ok(policies)
    }

    fn render(
        &self,
        cookies: &SignedCookies,
        resource: Option<&Resource>,
        attributes: &CookieAttributes,
    ) -> Result<String> {
        match self.format() {
            Format::SetCookie => Ok(render::set_cookie(cookies, attributes)),
            Format::Json => Ok(render::json(cookies)),
            Format::AwsJson => Ok(render::aws_json(cookies)),
            Format::Cookie | Format::Ffmpeg => Ok(format!("Cookie: {}\n", render::header(cookies))),
            Format::Curl => Ok(render::curl(cookies, resource)),
            Format::Netscape => {
                let domain = attributes.domain.clone();
                let host = domain.or_else(|| host_of(resource?));
                let host = host.filter(|host| !host.contains(['*', '?']));
                let host = host.ok_or_else(|| {
                    Error::new("a cookie jar needs a host, and the resource has none")
                        .with_hint("use --domain cdn.example.com")
                })?;
                Ok(render::jar(cookies, attributes, &host))
            }
        }
    }
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
