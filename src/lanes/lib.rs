//! RSA-2048 and P-256 signatures, eight at a time, one in each lane of a vector register.
//!
//! ```text
//! vector.rs      eight 64-bit integers with a 52-bit multiply-add: avx512.rs, portable.rs
//! limbs.rs       big numbers as limbs of 52 bits
//! montgomery.rs  modular arithmetic
//! rsa.rs         RSA private-key operation and check
//! p256.rs        sums of multiples of points of P-256; ecdsa.rs signs and verifies with them
//! ```
//!
//! Numbers and blocks go in, blocks come out: padding, nonces and DER are left to the caller. Keys
//! and multiples are `None` on a processor that lacks the instructions.
//!
//! Nothing here branches on a secret or uses it as an index: the sequence of instructions and
//! memory addresses depends on public numbers only. Secrets are wiped after each group of messages,
//! and so is the stack, to which the compiler spills registers that nothing else can reach.

use std::fmt;
use std::sync::OnceLock;

use zeroize::zeroize_stack;

#[cfg(target_arch = "x86_64")]
use avx512::Avx512Ifma as Instructions;
pub use ecdsa::{Input, Signature};
use limbs::{store, to_bytes};
use p256::{Curve, is_scalar};
#[cfg(not(target_arch = "x86_64"))]
use portable::Portable as Instructions;
pub use rsa::RsaNumbers;
pub use vector::LANES;

#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(test)]
mod comparisons;
mod ecdsa;
#[cfg(test)]
mod faults;
mod limbs;
mod montgomery;
mod p256;
#[cfg(any(test, not(target_arch = "x86_64")))]
mod portable;
mod rsa;
#[cfg(all(test, target_arch = "x86_64"))]
mod side_channels;
mod vector;

/// A padded message or a signature of RSA-2048: a big-endian number.
pub type Block = [u8; rsa::SIZE];

/// A digest, scalar or coordinate of P-256: a big-endian number.
pub type Bytes = [u8; p256::SIZE];

/// The name of the instructions, if the processor has them.
pub fn instructions() -> Option<&'static str> {
    Instructions::detect().map(|_| Instructions::NAME)
}

/// An RSA-2048 private key.
pub struct Rsa {
    instructions: Instructions,
    /// On the heap, since a value that is moved leaves a copy on the stack.
    key: Box<rsa::Key>,
}

impl Rsa {
    /// `None` also for a modulus that does not have 2048 bits, primes of unequal size, or a public
    /// exponent above 2^32.
    pub fn new(numbers: &RsaNumbers<'_>) -> Option<Self> {
        let instructions = Instructions::detect()?;
        let key = made_on_a_wiped_stack(|| rsa::Key::new(numbers).map(Box::new))?;
        Some(Rsa { instructions, key })
    }

    /// The signatures of padded messages below the modulus. `None` in place of one that does not
    /// verify. The cost is that of the next multiple of eight.
    pub fn sign(&self, messages: &[Block]) -> Vec<Option<Block>> {
        let mut signatures = Vec::with_capacity(messages.len());
        for group in messages.chunks(LANES) {
            // Lanes that are left over repeat the last message.
            let last = group.len() - 1;
            let messages = std::array::from_fn(|lane| group[lane.min(last)]);
            let signed = self.key.sign(self.instructions, &messages);
            signatures.extend_from_slice(&signed[..group.len()]);
        }
        signatures
    }
}

/// A P-256 private key.
pub struct P256 {
    instructions: Instructions,
    key: Box<ecdsa::Key>,
}

impl P256 {
    /// Takes a number above zero and below the order, and the coordinates of its public key.
    pub fn new(scalar: &Bytes, point: &[Bytes; 2]) -> Option<Self> {
        let instructions = Instructions::detect()?;
        let key = made_on_a_wiped_stack(|| {
            let curve = curve(instructions);
            Box::new(ecdsa::Key::new(curve, instructions, scalar, point))
        });
        Some(P256 { instructions, key })
    }

    /// The signatures of some digests with their nonces. `None` in place of one that does not verify.
    /// The cost is that of the next multiple of eight.
    ///
    /// A signature with a wrong nonce verifies, so the caller makes nonces twice and compares them.
    pub fn sign(&self, inputs: &[Input]) -> Vec<Option<Signature>> {
        let curve = curve(self.instructions);
        ecdsa::sign(curve, self.instructions, &self.key, inputs)
    }
}

/// The x-coordinates, modulo the order, of public multiples of the generator of P-256. `None` also
/// if a scalar is zero or not below the order.
pub fn multiples_of_generator(scalars: &[Bytes]) -> Option<Vec<Bytes>> {
    let instructions = Instructions::detect()?;
    if !scalars.iter().all(is_scalar) {
        return None;
    }
    let groups: Vec<[Bytes; LANES]> = scalars
        .chunks(LANES)
        .map(|group| std::array::from_fn(|lane| group[lane.min(group.len() - 1)]))
        .collect();
    let mut coordinates = Vec::with_capacity(scalars.len() + LANES);
    for point in curve(instructions).multiples_of_generator(instructions, &groups) {
        let x = curve(instructions).x_coordinates(instructions, &point);
        coordinates.extend(
            store(&x)
                .iter()
                .map(to_bytes::<{ p256::LIMBS }, { p256::SIZE }>),
        );
    }
    coordinates.truncate(scalars.len());
    Some(coordinates)
}

/// The curve and its table, which is computed once.
fn curve(instructions: Instructions) -> &'static Curve {
    static CURVE: OnceLock<Curve> = OnceLock::new();
    CURVE.get_or_init(|| Curve::new(instructions))
}

#[inline(never)]
fn made_on_a_wiped_stack<T>(make: impl FnOnce() -> T) -> T {
    // More than copies of a key's numbers take.
    const STACK: usize = 16 << 10;
    let made = in_own_frame(make);
    zeroize_stack::<STACK>();
    made
}

#[inline(never)]
fn in_own_frame<T>(make: impl FnOnce() -> T) -> T {
    make()
}

impl fmt::Debug for Rsa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rsa")
    }
}

impl fmt::Debug for P256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("P256")
    }
}
