//! Signs URLs and cookies for private content on Amazon CloudFront, and verifies them offline.
//!
//! # Start here
//!
//! Read a key, make a [`Signer`], sign a URL that expires at a given time:
//!
//! ```
//! use cfsign::{PrivateKey, Signer, Timestamp};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = PrivateKey::from_pem(&std::fs::read("tests/keys/rsa2048-pkcs8.pem")?)?;
//! let signer = Signer::new("K2JCJMDEHXQW5F".parse()?, key);
//! let signed = signer.sign_url(
//!     "https://d111111abcdef8.cloudfront.net/image.jpg?size=large",
//!     Timestamp::from_unix(1_800_000_000)?,
//! )?;
//!
//! assert!(signed.as_str().starts_with(
//!     "https://d111111abcdef8.cloudfront.net/image.jpg?size=large&Expires=1800000000&Signature="
//! ));
//! assert!(signed.as_str().ends_with("&Key-Pair-Id=K2JCJMDEHXQW5F"));
//! # Ok(())
//! # }
//! ```
//!
//! A custom policy covers a pattern and may restrict the start time and the client's IPv4 address.
//! Signed once, it serves every URL that it covers, as query parameters or as cookies:
//!
//! ```
//! use cfsign::{Conditions, Policy, PrivateKey, Resource, SignedUrl, Signer, Timestamp};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let key = PrivateKey::from_pem(&std::fs::read("tests/keys/p256-pkcs8.pem")?)?;
//! # let signer = Signer::new("K2JCJMDEHXQW5F".parse()?, key);
//! let videos: Resource = "https://d111111abcdef8.cloudfront.net/videos/*".parse()?;
//! let conditions = Conditions {
//!     expires: Timestamp::from_unix(1_800_000_000)?,
//!     starts: Some(Timestamp::from_unix(1_790_000_000)?),
//!     ip: Some("192.0.2.0/24".parse()?),
//! };
//! let policy = Policy::custom(&videos, conditions)?;
//! let signed_policy = signer.sign(policy.clone())?;
//! for name in ["a.mp4", "b.mp4"] {
//!     let url = format!("https://d111111abcdef8.cloudfront.net/videos/{name}").parse()?;
//!     let signed = SignedUrl::new(&url, &signed_policy);
//!     assert!(signed.as_str().contains(".mp4?Policy="));
//! }
//!
//! let cookies = signer.sign_cookies(policy)?;
//! let names: Vec<&str> = cookies.iter().map(|(name, _)| name).collect();
//! assert_eq!(names[..2], ["CloudFront-Policy", "CloudFront-Signature"]);
//! # Ok(())
//! # }
//! ```
//!
//! [`Signer::remote`] signs with a key that stays in a KMS or HSM, [`verify`](verify()) evaluates a
//! request as CloudFront would, and [`playlist`] rewrites HLS and DASH manifests.
//!
//! # Conventions
//!
//! - Nothing prints, exits, or reads the clock or the environment; [`SignCommand`] alone starts a
//!   process. Every type is `Send` and `Sync`.
//! - URLs are bytes: nothing is normalized, reordered or re-encoded. A URL that clients would
//!   change is an error.
//! - Keys and passphrases are wiped from the memory that this crate owns, and no `Debug` shows them
//!   or a signature. Other crates' buffers are wiped only if the program's allocator does it.
//! - An [`Error`] is one sentence, an optional hint, and an [`ErrorKind`] to match on.
//!
//! # Features
//!
//! - `cli` (default): the command-line tool. A program that uses the library needs
//!   `default-features = false, features = ["aws-lc"]`.
//! - `lanes` (default): signs eight at a time on processors with AVX-512 IFMA.
//! - `aws-lc` (default): signs with AWS-LC, which needs a C compiler to build. Without it, signing
//!   is pure Rust and slower.
//!
//! # Stability
//!
//! The public items follow Semantic Versioning, except those hidden from this documentation. A
//! minor version may add variants to `non_exhaustive` enums; texts of errors are not stable.

pub mod base64;
pub mod playlist;
#[doc(hidden)]
pub mod url;
pub mod verify;

mod error;
mod key;
mod policy;
mod redact;
mod sign;
mod temporary;
#[doc(hidden)]
pub mod text;
mod time;

#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod batch;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;

pub use error::{Error, ErrorKind, Result};
pub use key::hash::HashAlgorithm;
pub use key::key_pair_id::KeyPairId;
pub use key::{EncryptedKey, KeyContent, KeyFile, KeyType, PrivateKey, PublicKey};
pub use policy::ip_range::IpRange;
pub use policy::{Conditions, Deviation, Policy, PolicyType};
pub use redact::is_showable;
pub use sign::{SignCommand, SignedCookies, SignedPolicy, SignedUrl, Signer, implementations};
pub use time::{Timestamp, When, parse_duration};
pub use url::signing_parameters::SigningParameter;
pub use url::{Matcher, Resource, UnsignedUrl};
pub use verify::verify;

#[cfg(feature = "cli")]
use {
    error::io_reason,
    redact::{contains_key, escaped, printable, quoted, shown_in_quotes},
};
