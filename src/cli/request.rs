//! From flags to what they mean: which URLs, each under which policy.

use std::borrow::Cow;

use crate::url::signing_parameters::{self, shown};
use crate::url::{content_disposition, percent};
use crate::{Conditions, Error, IpRange, Policy, Resource, Timestamp, UnsignedUrl, quoted};

use super::args::{ChangeFlags, ConditionFlags, UrlFlags};
use super::source::Source;
use super::warnings::Warnings;

/// A URL and the policy that is to be signed for it.
pub struct Request {
    pub url: UnsignedUrl,
    pub policy: Policy,
}

/// What `flags` and `conditions` ask for, one request for each URL.
pub fn resolve(
    flags: &UrlFlags,
    conditions: &ConditionFlags,
    now: Timestamp,
    warnings: &mut Warnings,
) -> anyhow::Result<Vec<Request>> {
    let urls = flags
        .urls
        .iter()
        .chain(&flags.url)
        .map(|text| flags.changes.unsigned(text));
    let urls = urls.collect::<Result<Vec<_>, _>>()?;
    if urls.is_empty() {
        return Err(Error::new("a URL is required")
            .with_hint("a URL is https://d111111abcdef8.cloudfront.net/image.jpg, as an argument or behind --url")
            .into());
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
        let expires = self.expires.ok_or_else(|| {
            Error::new("--expires is required: the end of access").with_hint(
                "--expires 1h, --expires 2027-01-31, or --policy FILE for a policy written by hand",
            )
        })?;
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
