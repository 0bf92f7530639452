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
    /// Takes the big-endian numbers of a key with two primes, without leading zeros, in the order
    /// of PKCS#1 (RFC 8017, appendix A.1.2): `n`, `e`, `d`, `p`, `q`, `d mod p-1`, `d mod q-1`
    /// and `1/q mod p`.
    ///
    /// `None` also for a modulus that does not have 2048 bits, primes of unequal size, or a public
    /// exponent above 2^32.
    pub fn new(numbers: [&[u8]; 8]) -> Option<Self> {
        let instructions = Instructions::detect()?;
        let key = on_a_wiped_stack(|| rsa::Key::new(numbers).map(Box::new))?;
        Some(Rsa { instructions, key })
    }

    /// The signatures of padded messages below the modulus. `None` in place of one that does not
    /// verify. The cost is that of the next multiple of eight.
    pub fn sign(&self, messages: &[Block]) -> Vec<Option<Block>> {
        let mut signatures = Vec::with_capacity(messages.len());
        for group in messages.chunks(LANES) {
            let messages = lanes(group, |message| *message);
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
        let curve = curve(instructions);
        let key =
            on_a_wiped_stack(|| Box::new(ecdsa::Key::new(curve, instructions, scalar, point)));
        Some(P256 { instructions, key })
    }

    /// The signatures of some digests with their nonces. `None` in place of one that does not
    /// verify. The cost is that of the next multiple of eight.
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
    let groups = scalars.chunks(LANES);
    let groups: Vec<_> = groups.map(|group| lanes(group, |scalar| *scalar)).collect();
    let curve = curve(instructions);
    let mut coordinates = Vec::with_capacity(scalars.len() + LANES);
    for point in curve.multiples_of_generator(instructions, &groups) {
        let x = store(&curve.x_coordinates(instructions, &point));
        coordinates.extend(x.each_ref().map(to_bytes));
    }
    coordinates.truncate(scalars.len());
    Some(coordinates)
}

/// The curve and its table, which is computed once.
fn curve(instructions: Instructions) -> &'static Curve {
    static CURVE: OnceLock<Curve> = OnceLock::new();
    CURVE.get_or_init(|| Curve::new(instructions))
}

/// One value for each lane from a group of items. Lanes that are left over repeat the last item.
fn lanes<T, U>(group: &[T], value: impl Fn(&T) -> U) -> [U; LANES] {
    std::array::from_fn(|lane| value(&group[lane.min(group.len() - 1)]))
}

/// Does some work with secrets, and wipes the stack that it used.
#[inline(never)]
fn on_a_wiped_stack<T>(work: impl FnOnce() -> T) -> T {
    // More than the work needs: numbers that were spilled from registers.
    const STACK: usize = 48 << 10;
    let done = in_own_frame(work);
    zeroize_stack::<STACK>();
    done
}

#[inline(never)]
fn in_own_frame<T>(work: impl FnOnce() -> T) -> T {
    work()
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
