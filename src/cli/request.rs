//! From flags to what they mean: which URLs, each under which policy.

use cfsign::signing_parameters::{self, shown};
use cfsign::{Conditions, Error, Policy, Resource, Timestamp, UnsignedUrl, content_disposition, percent, quoted};

use super::flags::{ConditionFlags, UrlFlags};
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
    let urls = flags.urls.iter().chain(&flags.url).map(|text| unsigned(text, flags)).collect::<Result<Vec<_>, _>>()?;
    if urls.is_empty() {
        return Err(Error::new("a URL is required")
            .with_hint("a URL is https://d111111abcdef8.cloudfront.net/image.jpg, as an argument or behind --url")
            .into());
    }
    let template = Template::new(conditions, flags.stream, now)?;
    let mut requests = Vec::with_capacity(urls.len());
    for url in urls {
        let policy = template.policy_for(&url)?;
        warnings.look_at_url(&url);
        warnings.look_at_policy(&policy, now);
        requests.push(Request { url, policy });
    }
    Ok(requests)
}

/// The URL with all that the flags do to it before it is signed.
fn unsigned(text: &str, flags: &UrlFlags) -> cfsign::Result<UnsignedUrl> {
    let mut text = if flags.encode { percent::encode(text) } else { text.to_owned() };
    if flags.resign {
        text = signing_parameters::strip(&text);
    }
    let url = if flags.stream { UnsignedUrl::stream(&text) } else { UnsignedUrl::parse(&text) }?;
    let own = flags.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let url = own.into_iter().try_fold(url, |url, (name, value)| url.with_own_parameter(name, value))?;
    match &flags.download_as {
        None => Ok(url),
        Some(_) if url.has_parameter(content_disposition::PARAMETER) => Err(Error::new(format!(
            "--download-as adds the query parameter \"{0}\", and the URL has it already",
            content_disposition::PARAMETER
        ))
        .with_hint("leave out one of the two")),
        Some(header) => url.with_own_parameter(content_disposition::PARAMETER, header),
    }
}

/// What makes a policy of each URL.
pub enum Template {
    /// The policy of `--policy`, for every URL.
    Written(Policy),
    Built {
        conditions: Conditions,
        pattern: Option<Resource>,
        custom: bool,
    },
}

impl Template {
    pub fn new(flags: &ConditionFlags, stream: bool, now: Timestamp) -> anyhow::Result<Self> {
        if let Some(source) = &flags.policy {
            return Ok(Template::Written(read_policy(source)?));
        }
        let expires = match (flags.expires, flags.expires_in) {
            (Some(when), _) => when.resolve(now).map_err(|e| e.about("--expires"))?,
            (None, Some(duration)) => now.plus(duration).map_err(|e| e.about("--expires-in"))?,
            (None, None) => {
                return Err(Error::new("--expires is required: the end of access")
                    .with_hint("--expires 1h, --expires 2027-01-31, or --policy FILE for a policy written by hand")
                    .into());
            }
        };
        let starts = flags.starts.map(|when| when.resolve(now)).transpose().map_err(|e| e.about("--starts"))?;
        let conditions = Conditions { expires, starts, ip: flags.ip };
        let pattern = flags.pattern(stream).map_err(|e| e.about("--resource"))?;
        Ok(Template::Built { conditions, pattern, custom: flags.custom })
    }

    /// The policy for one URL: canned where that says everything, custom where it does not or is asked for.
    fn policy_for(&self, url: &UnsignedUrl) -> cfsign::Result<Policy> {
        let policy = match self {
            Template::Written(policy) => policy.clone(),
            Template::Built { conditions, pattern, custom } => {
                let own = url.resource();
                let resource = pattern.as_ref().unwrap_or(&own);
                if *custom || *resource != own {
                    Policy::custom(resource, *conditions)?
                } else {
                    Policy::canned_or_custom(resource, *conditions)?
                }
            }
        };
        match policy.resource() {
            Some(resource) if !resource.covers(url.resource().as_str()) => Err(Error::new(format!(
                "the resource {} does not cover {}",
                shown(resource.as_str()),
                quoted(url.as_str())
            ))
            .with_hint("* stands for any characters and ? for one, within protocol, domain, path or query; a * at the end of the path also covers the query")),
            _ => Ok(policy),
        }
    }
}

fn read_policy(source: &Source) -> cfsign::Result<Policy> {
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
        Err(_) => {
            Err(Error::new(format!("{name} is not UTF-8 text")).with_hint("save it as UTF-8, as CloudFront reads it"))
        }
    }
}
