//! The policies that the flags describe.
//!
//! [`PolicySpec`] is made once for a run; [`PolicySpec::policy`] makes the policy of each URL.

use std::time::Duration;

use super::ChangedUrl;
use crate::cli::args::ConditionFlags;
use crate::cli::source::{LARGEST, Source};
use crate::url::signing_parameters::shown;
use crate::{
    Conditions, Error, IpRange, Policy, PolicyType, Resource, Result, SignedUrl, Timestamp,
    UnsignedUrl, When, quoted,
};

/// The policy of each URL, as far as the flags determine it.
#[derive(Clone)]
pub enum PolicySpec {
    /// The policy of `--policy`, for every URL.
    Document(Policy),
    /// A policy with these terms.
    Terms(Terms),
}

/// The parts of a policy.
#[derive(Clone, Default, PartialEq)]
pub struct Terms {
    pub expires: Option<Timestamp>,
    pub starts: Option<Timestamp>,
    pub ip: Option<IpRange>,
    /// The resource, if not the URL itself.
    pub resource: Option<Resource>,
    /// `--custom`: the policy is custom even if a canned one is enough.
    pub custom: bool,
    /// `--round`: the slot that times are rounded to.
    pub round: Option<Duration>,
    /// A wildcard in a URL makes the URL a pattern, and is not an error.
    pub url_may_be_pattern: bool,
}

impl PolicySpec {
    pub fn new(flags: &ConditionFlags, stream: bool, now: Timestamp) -> Result<Self> {
        if let Some(source) = &flags.policy {
            let policy = read_policy(source)?;
            if let Some(resource) = policy.resource().filter(|_| !stream) {
                let checked = resource.as_str().parse::<Resource>();
                checked.map_err(|e| e.context(format_args!("the policy in {source}: Resource")))?;
            }
            return Ok(PolicySpec::Document(policy));
        }
        let expires_in = flags.expires_in.map(When::FromNow);
        let expires_in = time("--expires-in", expires_in, now)?;
        Ok(PolicySpec::Terms(Terms {
            expires: time("--expires", flags.expires, now)?.or(expires_in),
            starts: time("--starts", flags.starts, now)?,
            ip: flags.ip,
            resource: flags.pattern(stream)?,
            custom: flags.custom,
            round: flags.round,
            url_may_be_pattern: false,
        }))
    }

    /// The spec for URLs that may contain wildcards, which make them patterns.
    pub fn with_patterns(mut self) -> Self {
        if let PolicySpec::Terms(terms) = &mut self {
            terms.url_may_be_pattern = true;
        }
        self
    }

    /// The resource of the policies, if the flags name one.
    pub fn resource(&self) -> Option<&Resource> {
        match self {
            PolicySpec::Document(policy) => policy.resource(),
            PolicySpec::Terms(terms) => terms.resource.as_ref(),
        }
    }

    /// One policy for everything that `resource` covers.
    pub fn policy_over(&self, resource: &Resource) -> Result<Policy> {
        match self {
            PolicySpec::Document(policy) => Ok(policy.clone()),
            PolicySpec::Terms(terms) => Policy::custom(resource, terms.conditions()?),
        }
    }

    /// The policy for one URL: canned if possible.
    pub fn policy(&self, changed: &ChangedUrl) -> Result<Policy> {
        let url = &changed.url;
        let policy = match self {
            PolicySpec::Document(policy) => policy.clone(),
            PolicySpec::Terms(terms) => terms.policy(&url.resource(), changed.old.as_ref())?,
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
    pub fn of_signed(signed_url: &SignedUrl) -> Result<Option<Self>> {
        let Some(policy) = signed_url.policy().map_err(|e| e.context("--resign:"))? else {
            return Ok(None);
        };
        // A policy for the URL itself follows changes to the URL; one without resource covers all.
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
    pub fn conditions(&self) -> Result<Conditions> {
        let mut expires = self.expires.ok_or_else(|| {
            Error::new("missing --expires")
                .with_hint("use --expires 1h, or add a column named expires")
        })?;
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

    /// The policy for the resource in the terms, or else for `own`. Missing terms come from `old`,
    /// the signed URL that `--resign` replaces.
    /// It is an error if there is no expiry, or a wildcard where no pattern may be.
    pub fn policy(&self, own: &Resource, old: Option<&SignedUrl>) -> Result<Policy> {
        let completed;
        let mut terms = self;
        if let Some(signed_url) = old {
            if let Some(old) = Terms::of_signed(signed_url)? {
                completed = self.clone().or(&old);
                terms = &completed;
            } else if self.expires.is_none() {
                return Err(no_expiry_to_keep(signed_url.as_str()));
            }
        }
        let conditions = terms.conditions()?;
        match &terms.resource {
            Some(resource) if resource != own => return Policy::custom(resource, conditions),
            None if !terms.url_may_be_pattern && own.as_str().contains('*') => {
                return Err(wildcard(own));
            }
            _ => {}
        }
        Policy::new(own, conditions, terms.custom)
    }
}

fn wildcard(url: &Resource) -> Error {
    let file = url.as_str().replace('*', "NAME");
    let message = format!("{} contains *, a wildcard in policies", shown(url.as_str()));
    Error::new(message).with_hint(format!(
        "{file} --resource '{url}' signs one URL with this pattern; --encode writes %2A for a * in \
         a name"
    ))
}

/// The error for a URL that `resource` does not cover.
pub fn not_covered(resource: &Resource, url: &UnsignedUrl) -> Error {
    let longest = SignedUrl::LONGEST;
    for (what, text) in [("resource", resource.as_str()), ("URL", url.as_str())] {
        let (length, text) = (text.len(), shown(text));
        if length > longest {
            return Error::new(format!(
                "the {what} {text} is {length} bytes long; CloudFront accepts at most {longest}"
            ));
        }
    }
    let (resource, url) = (shown(resource.as_str()), quoted(url.as_str()));
    Error::new(format!("the resource {resource} does not cover {url}")).with_hint(
        "* matches any characters and ? exactly one, within scheme, domain, path or query; \
         a * at the end of the path also matches the query",
    )
}

/// The error for a URL without a signature, where `--resign` should keep the expiry.
pub fn no_expiry_to_keep(url: &str) -> Error {
    let message = format!("{} has no signature with an expiry to keep", shown(url));
    Error::new(message).with_hint("use --expires TIME to set the expiry")
}

fn time(flag: &str, when: Option<When>, now: Timestamp) -> Result<Option<Timestamp>> {
    let time = when.map(|when| when.resolve(now));
    time.transpose().map_err(|e| e.context(flag))
}

fn read_policy(source: &Source) -> Result<Policy> {
    let bytes = source.read_no_key(LARGEST, "a policy");
    let bytes = bytes.map_err(|e| match source {
        Source::File(path) if path.to_string_lossy().trim_start().starts_with('{') => {
            Error::new("--policy takes a file name or -, not the policy itself")
                .with_hint("use --policy - and send the policy to standard input")
        }
        _ => e,
    })?;
    Policy::from_json(format!("the policy in {source}"), &source.decode(&bytes)?)
}
