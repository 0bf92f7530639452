//! From flags to what they mean: which URLs, each under which policy.

use cfsign::{Conditions, Error, Policy, Resource, Timestamp, UnsignedUrl, content_disposition, quoted, unsigned_url};

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
            .with_hint("cfsign url https://d111111abcdef8.cloudfront.net/image.jpg ...")
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
    let mut text = if flags.encode { unsigned_url::encode(text) } else { text.to_owned() };
    if flags.resign {
        text = unsigned_url::without_signature(&text);
    }
    let url = if flags.stream { UnsignedUrl::stream(&text) } else { UnsignedUrl::parse(&text) }?;
    let download = flags.download_as.iter().map(|header| (content_disposition::PARAMETER, header.as_str()));
    let own = flags.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    own.chain(download).try_fold(url, |url, (name, value)| url.with_own_parameter(name, value))
}

/// What makes a policy of each URL.
enum Template {
    /// The policy of `--policy`, for every URL.
    Written(Policy),
    Built {
        conditions: Conditions,
        pattern: Option<Resource>,
        custom: bool,
    },
}

impl Template {
    fn new(flags: &ConditionFlags, stream: bool, now: Timestamp) -> anyhow::Result<Self> {
        if let Some(source) = &flags.policy {
            return Ok(Template::Written(read_policy(source)?));
        }
        let expires =
            flags.expires.map(|when| when.resolve(now)).or(flags.expires_in.map(|duration| now.plus(duration)));
        let expires = expires.ok_or_else(|| {
            Error::new("--expires is required: the end of access")
                .with_hint("--expires 1h, --expires 2027-01-31, or --policy FILE for a policy written by hand")
        })?;
        let conditions = Conditions { expires, starts: flags.starts.map(|when| when.resolve(now)), ip: flags.ip };
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
                    Policy::shortest(resource, *conditions)?
                }
            }
        };
        match policy.resource() {
            Some(resource) if !resource.covers(url.resource().as_str()) => Err(Error::new(format!(
                "the resource {} does not cover {}",
                quoted(resource.as_str()),
                quoted(url.as_str())
            ))
            .with_hint("* stands for any characters and ? for one, within protocol, domain, path or query; a * at the end of the path also covers the query")),
            _ => Ok(policy),
        }
    }
}

fn read_policy(source: &Source) -> cfsign::Result<Policy> {
    let bytes = source.read()?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Error::new("is not UTF-8 text").with_hint("save it as UTF-8, as CloudFront reads it"));
    text.and_then(Policy::from_json).map_err(|e| e.about(format_args!("the policy in {source}")))
}
