//! URLs before they are signed: their parts, the resource that a policy names, and
//! percent-encoding.

pub mod percent;
pub mod signing_parameters;

mod authority;
pub(crate) mod clients;
mod diagnosis;
mod matcher;
pub(crate) mod parts;
pub(crate) mod resource;
pub(crate) mod unsigned;

pub use clients::{ClientChange, MOST_CLIENTS};
pub use matcher::Matcher;
pub use parts::UrlParts;
pub use resource::Resource;
pub use unsigned::UnsignedUrl;

/// Returns whether a host is that of S3 or of another AWS service: an origin, which ignores the
/// signatures of CloudFront.
pub(crate) fn is_aws_host(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let domains = [".amazonaws.com", ".amazonaws.com.cn"];
    domains.iter().any(|domain| host.ends_with(domain))
}

/// The length of the longest URL that CloudFront accepts, in bytes.
pub(crate) const LONGEST_URL: usize = 8192;
