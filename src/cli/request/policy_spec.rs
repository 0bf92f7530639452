//! The policies that the flags describe.
//!
//! [`PolicySpec`] is made once for a run; [`PolicySpec::policy`] makes the policy of each URL.

use std::time::Duration;

use crate::cli::args::ConditionFlags;
use crate::cli::shell;
use crate::cli::source::LARGEST_SOURCE;
use crate::url::signing_parameters::shown;
use crate::{
    Conditions, Error, IpRange, Policy, PolicyType, Resource, Result, SignedUrl, Timestamp, When,
    quoted,
};

/// The policy of each URL, as far as the flags or the columns of a row determine it.
#[derive(Clone, Default, PartialEq)]
pub struct PolicySpec {
    /// `--policy`: the policy of every URL, in place of everything below.
    pub document: Option<Policy>,
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

impl ConditionFlags {
    /// The value of `--resource`, a pattern of URLs or of stream names.
    pub fn pattern(&self, stream: bool) -> Result<Option<Resource>> {
        let parse = if stream { Resource::stream } else { str::parse };
        let resource = self.resource.as_deref().map(parse);
        resource.transpose().map_err(|e| e.context("--resource"))
    }
}

impl PolicySpec {
    pub fn new(flags: &ConditionFlags, stream: bool, now: Timestamp) -> Result<Self> {
        let mut spec = PolicySpec {
            ip: flags.ip,
            resource: flags.pattern(stream)?,
            custom: flags.custom,
            round: flags.round,
            ..PolicySpec::default()
        };
        if let Some(source) = &flags.policy {
            let name = format!("the policy in {source}");
            let text = source.read_no_key(LARGEST_SOURCE, "a policy")?;
            let policy = Policy::from_json(&name, &text)?;
            spec.resource = policy.resource().cloned();
            if let Some(resource) = spec.resource.as_ref().filter(|_| !stream) {
                let checked = resource.as_str().parse::<Resource>();
                checked.map_err(|e| e.context(format_args!("{name}: Resource")))?;
            }
            spec.document = Some(policy);
            return Ok(spec);
        }
        let expires_in = time("--expires-in", flags.expires_in.map(When::FromNow), now)?;
        spec.expires = time("--expires", flags.expires, now)?.or(expires_in);
        spec.starts = time("--starts", flags.starts, now)?;
        Ok(spec)
    }

    /// The spec of a URL that is already signed; `None` if it is not.
    fn of_signed(signed_url: &SignedUrl) -> Result<Option<Self>> {
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
        Ok(Some(PolicySpec {
            expires: Some(conditions.expires),
            starts: conditions.starts,
            ip: conditions.ip,
            resource,
            custom: policy.policy_type() == PolicyType::Custom,
            ..PolicySpec::default()
        }))
    }

    /// This spec, completed by another one.
    pub fn or(self, other: &PolicySpec) -> PolicySpec {
        PolicySpec {
            document: self.document,
            expires: self.expires.or(other.expires),
            starts: self.starts.or(other.starts),
            ip: self.ip.or(other.ip),
            resource: self.resource.or_else(|| other.resource.clone()),
            custom: self.custom || other.custom,
            round: self.round.or(other.round),
            url_may_be_pattern: self.url_may_be_pattern || other.url_may_be_pattern,
        }
    }

    /// The conditions of the policy, rounded by `--round`.
    pub fn conditions(&self) -> Result<Conditions> {
        let mut expires = self.expires.ok_or_else(|| {
            Error::new("there is no expiry")
                .with_hint("use --expires 1h, or a column named expires with a value in each row")
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

    /// One policy for everything that `resource` covers.
    pub fn policy_over(&self, resource: &Resource) -> Result<Policy> {
        match &self.document {
            Some(document) => Ok(document.clone()),
            None => Policy::custom(resource, self.conditions()?),
        }
    }

    /// The policy of `url`, canned if possible: for the resource of the spec, or else for `own`.
    /// What the spec lacks comes from `old`, the signed URL that `--resign` replaces.
    ///
    /// # Errors
    /// There is no expiry, a wildcard where no pattern may be, or a resource that does not cover
    /// the URL.
    pub fn policy(&self, own: &Resource, url: &str, old: Option<&SignedUrl>) -> Result<Policy> {
        if let Some(signed_url) = old
            && self.document.is_none()
        {
            if let Some(old) = PolicySpec::of_signed(signed_url)? {
                return self.clone().or(&old).policy(own, url, None);
            }
            if self.expires.is_none() {
                return Err(no_expiry_to_keep(signed_url.as_str()));
            }
        }
        if let Some(resource) = &self.resource
            && resource != own
        {
            if !resource.covers(url) {
                return Err(not_covered(resource, url));
            }
            return self.policy_over(resource);
        }
        if let Some(document) = &self.document {
            return Ok(document.clone());
        }
        if self.resource.is_none() && !self.url_may_be_pattern && own.as_str().contains('*') {
            return Err(wildcard(own));
        }
        Policy::new(own, self.conditions()?, self.custom)
    }
}

fn wildcard(url: &Resource) -> Error {
    let file = url.as_str().replace('*', "NAME");
    let pattern = shell::quoted(url.as_str());
    let message = format!("{} contains *, a wildcard in policies", shown(url.as_str()));
    Error::new(message).with_hint(format!(
        "{file} --resource {pattern} signs one URL with this pattern; --encode writes %2A for a * \
         in a name"
    ))
}

/// The error for a URL that `resource` does not cover.
pub fn not_covered(resource: &Resource, url: &str) -> Error {
    let longest = SignedUrl::LONGEST;
    for (what, text) in [("resource", resource.as_str()), ("URL", url)] {
        let (length, text) = (text.len(), shown(text));
        if length > longest {
            return Error::new(format!(
                "the {what} {text} is {length} bytes long; CloudFront accepts at most {longest}"
            ));
        }
    }
    let (resource, url) = (shown(resource.as_str()), quoted(url));
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
