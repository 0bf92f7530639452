//! Vectors of eight unsigned 64-bit integers, one for each message, with a 52-bit multiply-add.

use std::ops::{Add, Sub};

/// The number of lanes in a vector, and so of messages that are signed at a time.
pub const LANES: usize = 8;

/// The size of a limb in bits: the operand size of the multiply-add instructions of AVX-512 IFMA.
pub const LIMB_BITS: usize = 52;

/// The value bits of a limb.
pub const LIMB_MASK: u64 = (1 << LIMB_BITS) - 1;

/// An instruction set with vectors.
///
/// A value of the type proves that the processor supports the instructions, and vectors are only
/// made from such a value. That makes the operations of [`Vector`] safe to call.
pub trait InstructionSet: Copy {
    type Vector: Vector;

    /// Calls `f` in a function that is compiled for these instructions.
    ///
    /// Only what is inlined into that function is compiled for them as well, so closures that are
    /// passed here, and all that they call, are marked `#[inline(always)]`. The code would still be
    /// correct otherwise, but an order of magnitude slower.
    fn run<T>(self, f: impl FnOnce() -> T) -> T;

    /// A vector of eight numbers.
    fn load(self, lanes: [u64; LANES]) -> Self::Vector;

    /// A vector with the same number in each lane.
    fn splat(self, number: u64) -> Self::Vector;
}

/// Eight unsigned 64-bit integers. Addition and subtraction are modulo 2^64.
pub trait Vector: Copy + Add<Output = Self> + Sub<Output = Self> {
    /// One bit for each lane.
    type Mask: Copy;

    fn store(self) -> [u64; LANES];

    /// `self + (a b mod 2^52)`, where only the low 52 bits of `a` and `b` count.
    fn add_product_low(self, a: Self, b: Self) -> Self;

    /// `self + ⌊a b / 2^52⌋`, where only the low 52 bits of `a` and `b` count.
    fn add_product_high(self, a: Self, b: Self) -> Self;

    /// The low 52 bits.
    fn limb(self) -> Self;

    /// The high 12 bits with their sign, which is what a limb carries to the next one.
    fn carry(self) -> Self;

    /// The lanes in which both are equal.
    fn equals(self, other: Self) -> Self::Mask;

    /// `other` in the lanes of the mask, and `self` in the rest.
    fn select(self, mask: Self::Mask, other: Self) -> Self;
}
