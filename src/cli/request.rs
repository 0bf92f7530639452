//! From flags to requests: the URLs, and the policy for each.

use std::borrow::Cow;
use std::time::Duration;

use crate::url::percent;
use crate::url::signing_parameters::{self, shown};
use crate::{
    Conditions, Error, IpRange, Policy, PolicyType, Resource, SignedUrl, Timestamp, UnsignedUrl,
    quoted,
};

use super::args::{ChangeFlags, ConditionFlags, SigningFlags, UrlFlags};
use super::content_disposition;
use super::source::{Source, begins_a_key};
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
                hint: "use -k K2JCJMDEHXQW5F, or set CFSIGN_KEY_PAIR_ID; aws cloudfront list-public-keys shows the IDs",
            },
            Required {
                name: "--private-key",
                given: self.sign_command.is_some() || self.private_key()?.is_some(),
                hint: "use -p cf.pem, or set CFSIGN_PRIVATE_KEY; cfsign key generate creates a key pair",
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
    "use --expires 1h, --expires 2027-01-31, or --policy FILE for a custom policy";

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
            if begins_a_key(&bytes) {
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

/// Resolves the flags into one request for each URL to sign.
///
/// # Errors
/// Among others, a URL that contains a wildcard: it becomes a pattern only by `--resource`.
pub fn resolve(
    flags: &UrlFlags,
    conditions: &ConditionFlags,
    now: Timestamp,
    warnings: &mut Warnings,
) -> anyhow::Result<Vec<Request>> {
    let template = Template::new(conditions, flags.changes.stream, now)?;
    resolve_with(flags, &template, now, warnings)
}

/// Resolves the flags into one request for each URL, which may contain wildcards.
pub fn resolve_patterns(
    flags: &UrlFlags,
    conditions: &ConditionFlags,
    now: Timestamp,
    warnings: &mut Warnings,
) -> anyhow::Result<Vec<Request>> {
    let mut template = Template::new(conditions, flags.changes.stream, now)?;
    if let Template::Built(terms) = &mut template {
        terms.url_may_be_pattern = true;
    }
    resolve_with(flags, &template, now, warnings)
}

fn resolve_with(
    flags: &UrlFlags,
    template: &Template,
    now: Timestamp,
    warnings: &mut Warnings,
) -> anyhow::Result<Vec<Request>> {
    let mut requests = Vec::new();
    for text in flags.texts()? {
        let prepared = flags.changes.prepare(&text)?;
        let policy = template.policy_for(&prepared)?;
        warnings.look_at_url(&prepared.url);
        warnings.look_at_url_policy(&policy, now);
        let url = prepared.url;
        requests.push(Request { url, policy });
    }
    Ok(requests)
}

/// A URL with every change that precedes signing.
pub struct Prepared {
    pub url: UnsignedUrl,
    /// The URL with the signature that `--resign` replaces.
    pub old: Option<SignedUrl>,
}

impl ChangeFlags {
    /// Applies the flags to a URL.
    pub fn prepare(&self, text: &str) -> crate::Result<Prepared> {
        self.prepare_with(text, self.download_as.as_deref())
    }

    /// Applies the flags to a URL, with this value of `response-content-disposition` instead of that of `--download-as`.
    pub fn prepare_with(&self, text: &str, attachment: Option<&str>) -> crate::Result<Prepared> {
        UnsignedUrl::check_end(text)?;
        let mut text = Cow::Borrowed(text);
        if self.encode {
            text = percent::encode(&text).into();
        }
        let mut old = None;
        if self.resign {
            if !self.stream {
                old = Some(SignedUrl::parse(&text)?);
            }
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
        if let Some(attachment) = attachment {
            let name = content_disposition::PARAMETER;
            if url.has_parameter(name) {
                let message = format!("the URL already has the query parameter \"{name}\"");
                return Err(Error::new(message).with_hint("remove it, or leave out --download-as"));
            }
            url = url.with_own_parameter(name, attachment)?;
        }
        Ok(Prepared { url, old })
    }
}

/// The policy of each URL, as far as the flags determine it.
#[derive(Clone)]
pub enum Template {
    /// The policy of `--policy`, for every URL.
    Written(Policy),
    /// A policy with these terms.
    Built(Terms),
}

/// The parts of a policy.
#[derive(Clone, Default, PartialEq)]
pub struct Terms {
    pub expires: Option<Timestamp>,
    pub starts: Option<Timestamp>,
    pub ip: Option<IpRange>,
    /// The resource, if not the URL itself.
    pub resource: Option<Resource>,
    /// Whether the policy is custom even if a canned one is enough.
    pub custom: bool,
    /// `--round`: the slot that times are rounded to.
    pub round: Option<Duration>,
    /// Whether a wildcard in a URL makes the URL a pattern; it is an error otherwise.
    pub url_may_be_pattern: bool,
}

impl Template {
    pub fn new(flags: &ConditionFlags, stream: bool, now: Timestamp) -> anyhow::Result<Self> {
        if let Some(source) = &flags.policy {
            return Ok(Template::Written(read_policy(source)?));
        }
        let mut terms = Terms {
            ip: flags.ip,
            resource: flags.pattern(stream).map_err(|e| e.context("--resource"))?,
            custom: flags.custom,
            round: flags.round,
            ..Terms::default()
        };
        if let Some(when) = flags.expires {
            terms.expires = Some(when.resolve(now).map_err(|e| e.context("--expires"))?);
        }
        if let Some(duration) = flags.expires_in {
            terms.expires = Some(now.plus(duration).map_err(|e| e.context("--expires-in"))?);
        }
        if let Some(when) = flags.starts {
            terms.starts = Some(when.resolve(now).map_err(|e| e.context("--starts"))?);
        }
        Ok(Template::Built(terms))
    }

    /// The resource of the policies, if the flags name one.
    pub fn resource(&self) -> Option<&Resource> {
        match self {
            Template::Written(policy) => policy.resource(),
            Template::Built(terms) => terms.resource.as_ref(),
        }
    }

    /// One policy for everything that `resource` covers.
    pub fn policy_over(&self, resource: &Resource) -> crate::Result<Policy> {
        match self {
            Template::Written(policy) => Ok(policy.clone()),
            Template::Built(terms) => Policy::custom(resource, terms.conditions()?),
        }
    }

    /// The policy for one URL: canned if possible.
    pub fn policy_for(&self, prepared: &Prepared) -> crate::Result<Policy> {
        let url = &prepared.url;
        let policy = match self {
            Template::Written(policy) => policy.clone(),
            Template::Built(terms) => terms.completed(prepared.old.as_ref())?.policy_for(url)?,
        };
        match policy.resource() {
            Some(resource) if !resource.covers(url.without_empty_query()) => {
                Err(not_covered(resource, url))
            }
            _ => Ok(policy),
        }
    }
}

impl Terms {
    /// The terms of a URL that is already signed; `None` if it is not.
    pub fn of_signed(signed_url: &SignedUrl) -> crate::Result<Option<Self>> {
        let Some(policy) = signed_url.policy().map_err(|e| e.context("--resign:"))? else {
            return Ok(None);
        };
        // A policy for the URL itself follows changes to the URL. One without a resource covers everything.
        let resource = match policy.resource() {
            Some(resource) if resource.as_str() == signed_url.unsigned() => None,
            Some(resource) => Some(resource.clone()),
            None => Some("*".parse()?),
        };
        let conditions = policy.conditions();
        Ok(Some(Terms {
            expires: Some(conditions.expires),
            starts: conditions.starts,
            ip: conditions.ip,
            resource,
            custom: policy.policy_type() == PolicyType::Custom,
            ..Terms::default()
        }))
    }

    /// These terms, completed by those of the signature that is replaced.
    fn completed(&self, old: Option<&SignedUrl>) -> crate::Result<Cow<'_, Terms>> {
        let old = old.map(Terms::of_signed).transpose()?.flatten();
        Ok(match old {
            Some(old) => Cow::Owned(self.clone().or(&old)),
            None => Cow::Borrowed(self),
        })
    }

    /// These terms, completed by `others`.
    pub fn or(self, others: &Terms) -> Terms {
        Terms {
            expires: self.expires.or(others.expires),
            starts: self.starts.or(others.starts),
            ip: self.ip.or(others.ip),
            resource: self.resource.or_else(|| others.resource.clone()),
            custom: self.custom || others.custom,
            round: self.round.or(others.round),
            url_may_be_pattern: self.url_may_be_pattern || others.url_may_be_pattern,
        }
    }

    /// The conditions of the policy, rounded by `--round`.
    pub fn conditions(&self) -> crate::Result<Conditions> {
        let mut expires = self
            .expires
            .ok_or_else(|| Error::new("missing --expires").with_hint(EXPIRES_HINT))?;
        let mut starts = self.starts;
        if let Some(slot) = self.round {
            expires = expires.round_up(slot).map_err(|e| e.context("--round"))?;
            starts = starts.map(|starts| starts.round_down(slot));
        }
        Ok(Conditions {
            expires,
            starts,
            ip: self.ip,
        })
    }

    /// The policy for a URL.
    fn policy_for(&self, url: &UnsignedUrl) -> crate::Result<Policy> {
        if self.resource.is_none() && !self.url_may_be_pattern && url.as_str().contains('*') {
            return Err(wildcard(url));
        }
        self.policy(&url.resource())
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

fn wildcard(url: &UnsignedUrl) -> Error {
    let message = format!("{} contains *, a wildcard in policies", shown(url.as_str()));
    let hint =
        "use --resource PATTERN to sign a pattern, or --encode if the * is part of a name (%2A)";
    Error::new(message).with_hint(hint)
}

/// Parses the value of `--base-url`.
pub fn base_url(text: &str) -> crate::Result<UnsignedUrl> {
    UnsignedUrl::parse(text).map_err(|e| {
        let first_segment = text.split('/').next().unwrap_or_default();
        if text.contains("://") || text.starts_with('$') || !first_segment.contains('.') {
            return e;
        }
        e.with_hint_about(text, format!("use --base-url https://{text}"))
    })
}

/// The error for a URL that `resource` does not cover.
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
    Error::new(format!(
        "the resource {} does not cover {}",
        shown(resource.as_str()),
        quoted(url.as_str())
    ))
    .with_hint("* matches any characters and ? exactly one, within scheme, domain, path or query; a * at the end of the path also matches the query")
}

fn read_policy(source: &Source) -> crate::Result<Policy> {
    let bytes = source.read().map_err(|e| match source {
        Source::File(path) if path.to_string_lossy().trim_start().starts_with('{') => {
            Error::new("--policy takes a file name or -, not the policy itself")
                .with_hint("use --policy - and send the policy to standard input")
        }
        _ => e,
    })?;
    if begins_a_key(&bytes) {
        return Err(Error::new(format!("{source} contains a key, not a policy"))
            .with_hint("use --private-key for the key"));
    }
    let name = format!("the policy in {source}");
    match std::str::from_utf8(&bytes) {
        Ok(text) => Policy::from_json(name, text),
        Err(_) => {
            Err(Error::new(format!("{name} is not valid UTF-8"))
                .with_hint("save the file as UTF-8"))
        }
    }
}
