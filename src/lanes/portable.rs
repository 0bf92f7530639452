//! Vectors in plain Rust: the reference that the AVX-512 ones are tested against, and code that
//! Valgrind can follow. They are slower than one signature after another.

use std::array::from_fn;
use std::hint::black_box;
use std::ops::{Add, Sub};

#[cfg(test)]
use super::faults::done;
use super::vector::{InstructionSet, LANES, LIMB_BITS, LIMB_MASK, Vector};

/// The instructions that every processor has.
#[derive(Clone, Copy, Debug)]
pub struct Portable;

/// Eight lanes in an array.
#[derive(Clone, Copy, Debug)]
pub struct PortableVector([u64; LANES]);

#[cfg(not(target_arch = "x86_64"))]
impl Portable {
    pub const NAME: &str = "plain Rust";

    /// `None`: these vectors are only for tests.
    pub fn detect() -> Option<Self> {
        None
    }
}

impl InstructionSet for Portable {
    type Vector = PortableVector;

    #[inline(always)]
    fn run<T>(self, f: impl FnOnce() -> T) -> T {
        f()
    }

    #[inline(always)]
    fn load(self, lanes: [u64; LANES]) -> PortableVector {
        PortableVector(done(lanes))
    }

    #[inline(always)]
    fn splat(self, number: u64) -> PortableVector {
        PortableVector(done([number; LANES]))
    }
}

/// The result of an operation; in tests, it may be wrong.
#[cfg(not(test))]
fn done(lanes: [u64; LANES]) -> [u64; LANES] {
    lanes
}

#[inline(always)]
fn product(a: u64, b: u64) -> u128 {
    u128::from(a & LIMB_MASK) * u128::from(b & LIMB_MASK)
}

impl Add for PortableVector {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        PortableVector(done(from_fn(|lane| {
            self.0[lane].wrapping_add(other.0[lane])
        })))
    }
}

impl Sub for PortableVector {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        PortableVector(done(from_fn(|lane| {
            self.0[lane].wrapping_sub(other.0[lane])
        })))
    }
}

impl Vector for PortableVector {
    /// All bits of a lane, or none.
    type Mask = [u64; LANES];

    #[inline(always)]
    fn store(self) -> [u64; LANES] {
        done(self.0)
    }

    #[inline(always)]
    fn add_product_low(self, a: Self, b: Self) -> Self {
        PortableVector(done(from_fn(|lane| {
            let low = product(a.0[lane], b.0[lane]) as u64 & LIMB_MASK;
            self.0[lane].wrapping_add(low)
        })))
    }

    #[inline(always)]
    fn add_product_high(self, a: Self, b: Self) -> Self {
        PortableVector(done(from_fn(|lane| {
            let high = (product(a.0[lane], b.0[lane]) >> LIMB_BITS) as u64;
            self.0[lane].wrapping_add(high)
        })))
    }

    #[inline(always)]
    fn limb(self) -> Self {
        PortableVector(done(self.0.map(|number| number & LIMB_MASK)))
    }

    #[inline(always)]
    fn carry(self) -> Self {
        let carry = |number: u64| (number.cast_signed() >> LIMB_BITS).cast_unsigned();
        PortableVector(done(self.0.map(carry)))
    }

    #[inline(always)]
    fn equals(self, other: Self) -> [u64; LANES] {
        done(from_fn(|lane| {
            let difference = self.0[lane] ^ other.0[lane];
            let differs = (difference | difference.wrapping_neg()) >> 63;
            // Without the barrier LLVM recognizes the comparison and turns `select` into a branch.
            black_box(differs.wrapping_sub(1))
        }))
    }

    #[inline(always)]
    fn select(self, mask: [u64; LANES], other: Self) -> Self {
        PortableVector(done(from_fn(|lane| {
            self.0[lane] ^ (mask[lane] & (self.0[lane] ^ other.0[lane]))
        })))
    }
}
