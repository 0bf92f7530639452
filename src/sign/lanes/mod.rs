//! RSA-2048 and P-256 signatures, eight at a time, one in each lane of a vector register.
//!
//! ```text
//! vector.rs      eight 64-bit integers with a 52-bit multiply-add: avx512.rs, portable.rs
//! limbs.rs       big numbers as limbs of 52 bits
//! montgomery.rs  modular arithmetic
//! rsa.rs         RSA private-key operation and check
//! p256.rs        multiples of the generator of P-256; ecdsa.rs makes signatures of them
//! ```
//!
//! Nothing here branches on a secret or uses it as an index: the sequence of instructions and
//! memory addresses depends on public numbers only. Secrets are wiped after each group of messages.

use std::sync::OnceLock;

use zeroize::zeroize_stack;

use crate::key::hash::HashAlgorithm;
use crate::key::{PrivateKey, ecdsa as scalars};
use avx512::Avx512Ifma;
use ecdsa::{EcdsaKey, Input};
use limbs::{store, to_bytes};
use p256::Curve;
use rsa::RsaKey;
pub(super) use vector::LANES;

mod avx512;
#[cfg(test)]
mod comparisons;
mod ecdsa;
mod limbs;
mod montgomery;
mod p256;
#[cfg(test)]
mod portable;
mod rsa;
#[cfg(test)]
mod side_channels;
mod vector;

/// The curve and its table, which is computed once.
fn curve(instructions: Avx512Ifma) -> &'static Curve {
    static CURVE: OnceLock<Curve> = OnceLock::new();
    CURVE.get_or_init(|| Curve::new(instructions))
}

/// The x-coordinates, modulo the order of P-256, of public multiples of its generator. Digests are big-endian, of at most
/// 32 bytes. `None` if the processor lacks the instructions, or for a digest that is zero or not below the order.
pub(super) fn multiples_of_generator(digests: &[&[u8]]) -> Option<Vec<[u8; 32]>> {
    let instructions = Avx512Ifma::detect()?;
    let curve = curve(instructions);
    let scalars: Vec<[u8; 32]> = digests
        .iter()
        .map(|digest| scalars::padded(digest))
        .collect();
    if !scalars.iter().all(scalars::is_scalar) {
        return None;
    }
    let groups: Vec<[[u8; 32]; LANES]> = scalars
        .chunks(LANES)
        .map(|group| std::array::from_fn(|lane| group[lane.min(group.len() - 1)]))
        .collect();
    let mut coordinates = Vec::with_capacity(digests.len() + LANES);
    for x in curve.multiples_of_generator(instructions, &groups) {
        coordinates.extend(
            store(&x)
                .iter()
                .map(to_bytes::<{ p256::LIMBS }, { p256::SIZE }>),
        );
    }
    coordinates.truncate(digests.len());
    Some(coordinates)
}

/// A private key prepared for signing several messages at a time, on a processor that can.
pub(super) struct LanesKey {
    instructions: Avx512Ifma,
    numbers: Numbers,
}

/// On the heap, since a value that is moved leaves a copy on the stack.
enum Numbers {
    Rsa(Box<RsaKey>),
    P256(Box<EcdsaKey>),
}

impl Numbers {
    #[inline(never)]
    fn new(key: &PrivateKey) -> Option<Self> {
        if let Some(scalar) = key.p256_scalar() {
            return Some(Numbers::P256(Box::new(EcdsaKey::new(&scalar))));
        }
        let key = RsaKey::new(&key.rsa_numbers()?)?;
        Some(Numbers::Rsa(Box::new(key)))
    }
}

impl LanesKey {
    /// `None` if the processor lacks the instructions, or for RSA keys of other sizes than 2048 bits.
    pub(super) fn new(key: &PrivateKey) -> Option<Self> {
        // More than copies of the numbers take.
        const STACK: usize = 16 << 10;
        let instructions = Avx512Ifma::detect()?;
        let numbers = Numbers::new(key);
        zeroize_stack::<STACK>();
        Some(LanesKey {
            instructions,
            numbers: numbers?,
        })
    }

    /// The signatures over some digests, encoded as [`PrivateKey::sign`] encodes them. `None` in
    /// place of a signature that could not be made, or did not pass the check.
    pub(super) fn sign(&self, hash: HashAlgorithm, digests: &[Vec<u8>]) -> Vec<Option<Vec<u8>>> {
        match &self.numbers {
            Numbers::Rsa(key) => self.sign_rsa(key, hash, digests),
            Numbers::P256(key) => self.sign_p256(key, digests),
        }
    }

    fn sign_rsa(
        &self,
        key: &RsaKey,
        hash: HashAlgorithm,
        digests: &[Vec<u8>],
    ) -> Vec<Option<Vec<u8>>> {
        let mut signatures = Vec::with_capacity(digests.len());
        for group in digests.chunks(LANES) {
            // Lanes that are left over repeat the last message.
            let last = group.len() - 1;
            let messages = std::array::from_fn(|lane| rsa::pad(hash, &group[lane.min(last)]));
            let signed = key.sign(self.instructions, &messages);
            for signature in &signed[..group.len()] {
                signatures.push(signature.map(Vec::from));
            }
        }
        signatures
    }

    fn sign_p256(&self, key: &EcdsaKey, digests: &[Vec<u8>]) -> Vec<Option<Vec<u8>>> {
        let curve = curve(self.instructions);
        let scalar = key.to_bytes();
        let mut inputs = Vec::with_capacity(digests.len());
        for digest in digests {
            let digest = scalars::padded(digest);
            let nonce = scalars::nonce(&scalar, &digest);
            inputs.push(Input { digest, nonce });
        }
        ecdsa::sign(curve, self.instructions, key, &inputs)
            .into_iter()
            .map(|signature| scalars::to_der(signature.r, signature.s))
            .collect()
    }
}
