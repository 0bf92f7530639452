//! Signing: the signer, its engines, the sign command, and signed policies, URLs and cookies.

pub(crate) mod command;
pub(crate) mod signed_cookies;
pub(crate) mod signed_policy;
pub(crate) mod signed_url;
pub(crate) mod signer;

mod engine;
mod received;

#[cfg(feature = "aws-lc")]
mod aws_lc;
#[cfg(target_arch = "x86_64")]
mod lanes;

pub use command::SignCommand;
pub use signed_cookies::SignedCookies;
pub use signed_policy::SignedPolicy;
pub use signed_url::SignedUrl;
pub use signer::Signer;

/// The x-coordinates, modulo the order of P-256, of public multiples of its generator: for finding
/// out what was signed, many at a time. `None` where the processor cannot do several at a time.
pub(crate) fn multiples_of_generator(digests: &[&[u8]]) -> Option<Vec<[u8; 32]>> {
    #[cfg(target_arch = "x86_64")]
    return lanes::multiples_of_generator(digests);
    #[cfg(not(target_arch = "x86_64"))]
    return None;
}
