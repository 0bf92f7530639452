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

/// The length of the longest URL that CloudFront accepts, in bytes.
pub(crate) const LONGEST_URL: usize = 8192;
