//! Signing: the signer, its engines, the sign command, and signed policies, URLs and cookies.

pub(crate) mod command;
pub(crate) mod signed_cookies;
pub(crate) mod signed_policy;
pub(crate) mod signed_url;
pub(crate) mod signer;
pub(crate) mod verifier;

mod engine;

use crate::key::hash::HashAlgorithm;
use crate::key::{SignedHash, ecdsa, pkcs1_block};

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

/// A message as RSA signs it: its digest with padding, as long as the modulus (EMSA-PKCS1-v1_5,
/// RFC 8017, section 9.2). `None` if the key is too short for the hash.
fn padded(hash: HashAlgorithm, message: &[u8], length: usize) -> Option<Vec<u8>> {
    pkcs1_block(SignedHash::of(hash), &hash.digest(message), length)
}

/// The x-coordinates, modulo the order of P-256, of public multiples of its generator: for finding
/// out what was signed. `None` where only the `p256` crate computes them, and for a digest that is
/// zero or not below the order.
pub(crate) fn multiples_of_generator(digests: &[&[u8]]) -> Option<Vec<[u8; 32]>> {
    let scalars = digests.iter().map(|digest| ecdsa::padded(digest));
    #[cfg(feature = "lanes")]
    if cfsign_lanes::instructions().is_some() {
        return cfsign_lanes::multiples_of_generator(&scalars.collect::<Vec<_>>());
    }
    // AWS-LC does not reduce a coordinate; one of 2^32 is not below the order.
    #[cfg(feature = "aws-lc")]
    let multiply = |scalar| aws_lc::p256_multiply_generator(&scalar);
    #[cfg(not(feature = "aws-lc"))]
    let multiply = |_| None;
    scalars.map(multiply).collect()
}
