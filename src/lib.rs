//! Signed URLs for private content on Amazon CloudFront.
//!
//! A policy says which resource may be fetched, until when and from where; its bytes are signed with a private key, and
//! CloudFront checks the signature with the public one:
//!
//! ```text
//! UnsignedUrl, Conditions -> Policy -> Signer -> SignedPolicy -> SignedUrl
//! ```
//!
//! The library does not print, exit, or read the clock or the environment. Only a [`SignCommand`] starts a process, which
//! inherits the environment.
//!
//! ```
//! use cfsign::{Conditions, KeyFile, Policy, SignedUrl, Signer, Timestamp, UnsignedUrl};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = KeyFile::read("the signing key", &std::fs::read("tests/keys/rsa2048-pkcs8.pem")?)?.into_private(None)?;
//! let signer = Signer::new("K2JCJMDEHXQW5F".parse()?, key);
//!
//! let url = UnsignedUrl::parse("https://d111111abcdef8.cloudfront.net/image.jpg?size=large")?;
//! let policy = Policy::canned(&url.resource(), Timestamp::from_unix(1_800_000_000)?)?;
//! assert_eq!(
//!     policy.as_str(),
//!     r#"{"Statement":[{"Resource":"https://d111111abcdef8.cloudfront.net/image.jpg?size=large","Condition":{"DateLessThan":{"AWS:EpochTime":1800000000}}}]}"#
//! );
//!
//! let signed = SignedUrl::new(&url, &signer.sign(policy)?);
//! assert!(signed.as_str().starts_with(
//!     "https://d111111abcdef8.cloudfront.net/image.jpg?size=large&Expires=1800000000&Signature="
//! ));
//! assert!(signed.as_str().ends_with("&Key-Pair-Id=K2JCJMDEHXQW5F"));
//!
//! // A custom policy covers a pattern, from a start, for some addresses; signed once, it serves every URL it covers.
//! let videos = "https://d111111abcdef8.cloudfront.net/videos/*".parse()?;
//! let conditions = Conditions {
//!     expires: Timestamp::from_unix(1_800_000_000)?,
//!     starts: Some(Timestamp::from_unix(1_790_000_000)?),
//!     ip: Some("192.0.2.0/24".parse()?),
//! };
//! let signed_policy = signer.sign(Policy::custom(&videos, conditions)?)?;
//! for name in ["a.mp4", "b.mp4"] {
//!     let url = UnsignedUrl::parse(&format!("https://d111111abcdef8.cloudfront.net/videos/{name}"))?;
//!     assert!(videos.covers(url.as_str()));
//!     assert!(SignedUrl::new(&url, &signed_policy).as_str().contains("?Policy="));
//! }
//! # Ok(())
//! # }
//! ```

pub mod base64;
pub mod playlist;
pub mod sign;
pub mod url;
pub mod verify;

mod error;
mod key;
mod policy;
mod redact;
mod time;

#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod batch;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;

pub use error::{Error, ErrorKind, Result, io_reason, printable, quoted};
pub use key::hash::HashAlgorithm;
pub use key::key_pair_id::KeyPairId;
pub use key::{EncryptedKey, KeyContent, KeyFile, KeyType, PrivateKey, PublicKey};
pub use policy::ip_range::IpRange;
pub use policy::{Conditions, Policy, PolicyType};
pub use redact::looks_like_key;
pub use sign::{SignCommand, SignedCookies, SignedPolicy, SignedUrl, Signer};
pub use time::{Timestamp, When, parse_duration};
pub use url::{Matcher, Resource, UnsignedUrl};
pub use verify::verify;
