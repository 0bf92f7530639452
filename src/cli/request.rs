//! From flags to requests: the URLs, and the policy for each.

use std::borrow::Cow;

use crate::url::signing_parameters::{self, shown};
use crate::url::{content_disposition, percent};
use crate::{
    Conditions, Error, IpRange, Policy, Resource, SignedUrl, Timestamp, UnsignedUrl, quoted,
};

use super::args::{ChangeFlags, ConditionFlags, SigningFlags, UrlFlags};
use super::source::{self, Source};
use super::warnings::Warnings;

/// The most bytes of URLs that `cfsign url -` reads; longer lists are for `cfsign batch`.
const MOST_URLS: u64 = 16 << 20;

/// A URL and the policy to sign for it.
pub struct Request {
    pub url: UnsignedUrl,
    pub policy: Policy,
}

/// A flag or argument that a command needs.
pub struct Required {
    pub name: &'static str,
    pub given: bool,
    /// The next step if nothing else is missing.
    pub hint: &'static str,
}

/// Reports everything that is missing in one error; `example` is a complete command line.
pub fn check_required(required: &[Required], example: &str) -> crate::Result<()> {
    let missing: Vec<&Required> = required.iter().filter(|flag| !flag.given).collect();
    let names: Vec<&str> = missing.iter().map(|flag| flag.name).collect();
    match names.as_slice() {
        [] => Ok(()),
        [name] => Err(Error::new(format!("missing {name}")).with_hint(missing[0].hint)),
        [first @ .., last] => {
            let message = format!("missing {} and {last}", first.join(", "));
            Err(Error::new(message).with_hint(example))
        }
    }
}

impl SigningFlags {
    /// The key pair ID and the private key.
    pub fn required(&self) -> crate::Result<[Required; 2]> {
        Ok([
            Required {
                name: "--key-pair-id",
                given: self.key_pair_id()?.is_some(),
                hint: "-k K2JCJMDEHXQW5F, or set CFSIGN_KEY_PAIR_ID; aws cloudfront list-public-keys shows the IDs",
            },
            Required {
                name: "--private-key",
                given: self.sign_command.is_some() || self.private_key()?.is_some(),
                hint: "-p cf.pem, or set CFSIGN_PRIVATE_KEY; cfsign key generate creates a key pair",
            },
        ])
    }
}

impl ConditionFlags {
    /// The expiry.
    pub fn required(&self) -> Required {
        Required {
            name: "--expires",
            given: self.expires.is_some() || self.expires_in.is_some() || self.policy.is_some(),
            hint: EXPIRES_HINT,
        }
    }
}

const EXPIRES_HINT: &str =
    "--expires 1h, --expires 2027-01-31, or --policy FILE for a custom policy";

impl UrlFlags {
    /// The URLs, as an argument that a command needs.
    pub fn required(&self) -> Required {
        Required {
            name: "URL",
            given: !self.urls.is_empty() || self.url.is_some(),
            hint: "cfsign url https://d111111abcdef8.cloudfront.net/image.jpg ...; - reads URLs from stdin",
        }
    }

    /// Standard input, if URLs are read from it.
    pub fn stdin(&self) -> Option<Source> {
        self.urls
            .iter()
            .any(|url| url == "-")
            .then_some(Source::Stdin)
    }

    /// The URLs as given: those of `-` are the lines of standard input, without empty ones.
    fn texts(&self) -> crate::Result<Vec<String>> {
        let mut texts = Vec::new();
        for url in self.urls.iter().chain(&self.url) {
            if url != "-" {
                texts.push(url.clone());
                continue;
            }
            let bytes = Source::Stdin.read_up_to(MOST_URLS, "URLs")?;
            if source::begins_a_key(&bytes) {
                return Err(Error::new("standard input contains a key, not URLs")
                    .with_hint("use --private-key - for the key"));
            }
            let lines = std::str::from_utf8(&bytes)
                .map_err(|_| Error::new("standard input is not valid UTF-8"))?
                .lines();
            texts.extend(lines.filter(|line| !line.is_empty()).map(str::to_owned));
        }
        Ok(texts)
    }
}

/// Resolves the flags into one request for each URL.
pub fn resolve(
    flags: &UrlFlags,
    conditions: &ConditionFlags,
    now: Timestamp,
    warnings: &mut Warnings,
) -> anyhow::Result<Vec<Request>> {
    let mut urls = Vec::new();
    for text in flags.texts()? {
        urls.push(flags.changes.unsigned(&text)?);
    }
    let template = Template::new(conditions, flags.changes.stream, now)?;
    let mut requests = Vec::with_capacity(urls.len());
    for url in urls {
        let policy = template.policy_for(&url)?;
        warnings.look_at_url(&url);
        warnings.look_at_policy(&policy, now);
        requests.push(Request { url, policy });
    }
    Ok(requests)
}

impl ChangeFlags {
    /// The URL with all that the flags do to it before it is signed.
    pub fn unsigned(&self, text: &str) -> crate::Result<UnsignedUrl> {
        self.unsigned_with(text, self.download_as.as_deref())
    }

    /// The same with this value of `response-content-disposition` for that of `--download-as`.
    pub fn unsigned_with(
        &self,
        text: &str,
        attachment: Option<&str>,
    ) -> crate::Result<UnsignedUrl> {
        UnsignedUrl::check_end(text)?;
        let mut text = Cow::Borrowed(text);
        if self.encode {
            text = percent::encode(&text).into();
        }
        if self.resign {
            text = signing_parameters::strip(&text).into();
        }
        let mut url = if self.stream {
            UnsignedUrl::stream(&text)
        } else {
            UnsignedUrl::parse(&text)
        }?;
        for (name, value) in &self.query {
            url = url.with_own_parameter(name, value)?;
        }
        match attachment {
            None => Ok(url),
            Some(_) if url.has_parameter(content_disposition::PARAMETER) => Err(Error::new(format!(
                "the URL has the query parameter \"{0}\" already, which would name the download",
                content_disposition::PARAMETER
            ))
            .with_hint("leave out one of the two")),
            Some(header) => url.with_own_parameter(content_disposition::PARAMETER, header),
        }
    }
}

/// What makes a policy of each URL.
#[derive(Clone)]
pub enum Template {
    /// The policy of `--policy`, for every URL.
    Written(Policy),
    /// A policy of these terms.
    Built(Terms),
}

/// What a policy is built of.
#[derive(Clone)]
pub struct Terms {
    pub expires: Option<Timestamp>,
    pub starts: Option<Timestamp>,
    pub ip: Option<IpRange>,
    /// What the policy covers, if not the URL itself.
    pub resource: Option<Resource>,
    pub custom: bool,
}

impl Template {
    pub fn new(flags: &ConditionFlags, stream: bool, now: Timestamp) -> anyhow::Result<Self> {
        if let Some(source) = &flags.policy {
            return Ok(Template::Written(read_policy(source)?));
        }
        let expires = match (flags.expires, flags.expires_in) {
            (Some(when), _) => Some(when.resolve(now).map_err(|e| e.context("--expires"))?),
            (None, Some(duration)) => {
                Some(now.plus(duration).map_err(|e| e.context("--expires-in"))?)
            }
            (None, None) => None,
        };
        let starts = flags
            .starts
            .map(|when| when.resolve(now))
            .transpose()
            .map_err(|e| e.context("--starts"))?;
        let resource = flags.pattern(stream).map_err(|e| e.context("--resource"))?;
        Ok(Template::Built(Terms {
            expires,
            starts,
            ip: flags.ip,
            resource,
            custom: flags.custom,
        }))
    }

    /// What the policies cover, where the flags say so.
    pub fn resource(&self) -> Option<&Resource> {
        match self {
            Template::Written(policy) => policy.resource(),
            Template::Built(terms) => terms.resource.as_ref(),
        }
    }

    /// One policy for all that `resource` covers.
    pub fn policy_over(&self, resource: &Resource) -> crate::Result<Policy> {
        match self {
            Template::Written(policy) => Ok(policy.clone()),
            Template::Built(terms) => Policy::custom(resource, terms.conditions()?),
        }
    }

    /// The policy for one URL: canned where that says everything, custom where it does not or is asked for.
    pub fn policy_for(&self, url: &UnsignedUrl) -> crate::Result<Policy> {
        let policy = match self {
            Template::Written(policy) => policy.clone(),
            Template::Built(terms) => terms.policy(&url.resource())?,
        };
        check_covers(&policy, url)?;
        Ok(policy)
    }
}

impl Terms {
    /// When and from where access is allowed.
    pub fn conditions(&self) -> crate::Result<Conditions> {
        let expires = self
            .expires
            .ok_or_else(|| Error::new("missing --expires").with_hint(EXPIRES_HINT))?;
        Ok(Conditions {
            expires,
            starts: self.starts,
            ip: self.ip,
        })
    }

    /// The policy over `own`, or over the resource that the terms name.
    pub fn policy(&self, own: &Resource) -> crate::Result<Policy> {
        let conditions = self.conditions()?;
        match &self.resource {
            Some(resource) if resource != own => Policy::custom(resource, conditions),
            _ if self.custom => Policy::custom(own, conditions),
            _ => Policy::canned_or_custom(own, conditions),
        }
    }
}

/// Refuses a URL that the policy would not open.
fn check_covers(policy: &Policy, url: &UnsignedUrl) -> crate::Result<()> {
    match policy.resource() {
        Some(resource) if !resource.covers(url.without_empty_query()) => {
            Err(not_covered(resource, url))
        }
        _ => Ok(()),
    }
}

/// The value of `--base-url`.
pub fn base_url(text: &str) -> crate::Result<UnsignedUrl> {
    UnsignedUrl::parse(text).map_err(|e| match text.contains("://") || text.starts_with('/') {
        true => e,
        false => e.with_hint_about(text, format!("--base-url https://{text}")),
    })
}

/// Why a policy over `resource` would not open the URL.
pub fn not_covered(resource: &Resource, url: &UnsignedUrl) -> Error {
    for (what, text) in [("resource", resource.as_str()), ("URL", url.as_str())] {
        if text.len() > SignedUrl::LONGEST {
            return Error::new(format!(
                "the {what} {} is {} bytes long; CloudFront accepts at most {}",
                shown(text),
                text.len(),
                SignedUrl::LONGEST
            ));
        }
    }
    Error::new(format!("the resource {} does not cover {}", shown(resource.as_str()), quoted(url.as_str())))
        .with_hint("* stands for any characters and ? for one, within protocol, domain, path or query; a * at the end of the path also covers the query")
}

fn read_policy(source: &Source) -> crate::Result<Policy> {
    let bytes = source.read().map_err(|e| match source {
        Source::File(path) if path.to_string_lossy().trim_start().starts_with('{') => {
            Error::new("--policy holds a policy itself, where the place of one belongs")
                .with_hint("--policy FILE, or --policy - and the policy on standard input")
        }
        _ => e,
    })?;
    let name = format!("the policy in {source}");
    match std::str::from_utf8(&bytes) {
        Ok(text) => Policy::from_json(name, text),
        Err(_) => Err(Error::new(format!("{name} is not UTF-8 text"))
            .with_hint("save it as UTF-8, as CloudFront reads it")),
    }
}
