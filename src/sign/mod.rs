//! A policy in, a signature out: the signer, its engines, the sign command, and what CloudFront gets.

pub mod parameters;

pub(crate) mod command;
pub(crate) mod signed_cookies;
pub(crate) mod signed_url;
pub(crate) mod signer;

mod engine;
mod one_call;

#[cfg(feature = "aws-lc")]
mod aws_lc;
#[cfg(target_arch = "x86_64")]
mod lanes;

pub use command::SignCommand;
pub use signed_cookies::SignedCookies;
pub use signed_url::SignedUrl;
pub use signer::{SignedPolicy, Signer};
