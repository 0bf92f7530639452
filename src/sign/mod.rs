//! Signing: the signer, its engines, the sign command, and signed policies, URLs and cookies.

pub(crate) mod command;
pub(crate) mod signed_cookies;
pub(crate) mod signed_policy;
pub(crate) mod signed_url;
pub(crate) mod signer;
pub(crate) mod verifier;

mod engine;

use crate::key::hash::HashAlgorithm;
use crate::key::{SignedHash, pkcs1_block};

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
/// out what was signed, many at a time. `None` where the processor cannot do several at a time, and
/// for a digest that is zero or not below the order.
#[cfg(feature = "lanes")]
pub(crate) fn multiples_of_generator(digests: &[&[u8]]) -> Option<Vec<[u8; 32]>> {
    let scalars: Vec<_> = digests
        .iter()
        .map(|digest| crate::key::ecdsa::padded(digest))
        .collect();
    cfsign_lanes::multiples_of_generator(&scalars)
}

/// `None`, since one at a time is no faster here.
#[cfg(not(feature = "lanes"))]
pub(crate) fn multiples_of_generator(_: &[&[u8]]) -> Option<Vec<[u8; 32]>> {
    None
}
