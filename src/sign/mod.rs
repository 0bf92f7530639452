//! Signing: the signer, its engines, the sign command, and signed policies, URLs and cookies.

pub(crate) mod command;
pub(crate) mod signed_cookies;
pub(crate) mod signed_policy;
pub(crate) mod signed_url;
pub(crate) mod signer;
pub(crate) mod verifier;

mod engine;

use crate::key::ecdsa;

#[cfg(feature = "aws-lc")]
mod aws_lc;
#[cfg(feature = "lanes")]
mod lanes;

pub use command::SignCommand;
pub use engine::implementations;
pub use signed_cookies::SignedCookies;
pub use signed_policy::SignedPolicy;
pub use signed_url::SignedUrl;
pub use signer::Signer;

/// The x-coordinates, modulo the order of P-256, of its generator times public digests: for finding
/// out what was signed.
pub(crate) fn multiples_of_generator(digests: &[&[u8]]) -> Vec<[u8; 32]> {
    let scalars: Vec<_> = digests.iter().map(|digest| ecdsa::padded(digest)).collect();
    #[cfg(feature = "lanes")]
    if let Some(multiples) = cfsign_lanes::multiples_of_generator(&scalars) {
        return multiples;
    }
    let multiple = ecdsa::multiple_of_generator;
    // AWS-LC does not reduce a coordinate; one of 2^32 is not below the order.
    #[cfg(feature = "aws-lc")]
    let multiple =
        |scalar: &_| aws_lc::p256_multiply_generator(scalar).unwrap_or_else(|| multiple(scalar));
    scalars.iter().map(multiple).collect()
}
