//! Numbers as little-endian limbs of 52 bits, and their big-endian bytes.

use std::hint::black_box;

use super::vector::{InstructionSet, LANES, LIMB_BITS, LIMB_MASK, Vector};

/// One number in `K` limbs.
pub type Limbs<const K: usize> = [u64; K];

/// Eight numbers in `K` limbs, one in each lane.
pub type Numbers<I, const K: usize> = [<I as InstructionSet>::Vector; K];

/// The limbs of a big-endian number that fits.
#[inline(always)]
pub fn from_bytes<const K: usize>(big_endian: &[u8]) -> Limbs<K> {
    let mut limbs = [0; K];
    for (position, byte) in big_endian.iter().rev().enumerate() {
        let (index, shift) = (position * 8 / LIMB_BITS, position * 8 % LIMB_BITS);
        let bits = u64::from(*byte) << shift;
        limbs[index] |= bits & LIMB_MASK;
        if shift + 8 > LIMB_BITS && index + 1 < K {
            limbs[index + 1] |= bits >> LIMB_BITS;
        }
    }
    limbs
}

/// The last `N` bytes of a number, big-endian. Its limbs are carried.
#[inline(always)]
pub fn to_bytes<const K: usize, const N: usize>(limbs: &Limbs<K>) -> [u8; N] {
    let mut big_endian = [0; N];
    for (position, byte) in big_endian.iter_mut().rev().enumerate() {
        let (index, shift) = (position * 8 / LIMB_BITS, position * 8 % LIMB_BITS);
        let mut bits = limbs[index] >> shift;
        if shift + 8 > LIMB_BITS && index + 1 < K {
            bits |= limbs[index + 1] << (LIMB_BITS - shift);
        }
        *byte = bits as u8;
    }
    big_endian
}

// The functions below are loops over arrays, not `std::array::from_fn`: its inner functions are not
// always inlined, and then not compiled for the instructions of the caller.

/// Puts one number into each lane.
#[inline(always)]
pub fn load<I: InstructionSet, const K: usize>(
    instructions: I,
    numbers: &[Limbs<K>; LANES],
) -> Numbers<I, K> {
    let mut vectors = [instructions.splat(0); K];
    for limb in 0..K {
        let mut lanes = [0; LANES];
        for lane in 0..LANES {
            lanes[lane] = numbers[lane][limb];
        }
        vectors[limb] = instructions.load(lanes);
    }
    vectors
}

/// Puts the same number into all lanes.
#[inline(always)]
pub fn splat<I: InstructionSet, const K: usize>(
    instructions: I,
    number: &Limbs<K>,
) -> Numbers<I, K> {
    let mut vectors = [instructions.splat(0); K];
    for limb in 0..K {
        vectors[limb] = instructions.splat(number[limb]);
    }
    vectors
}

/// The number in each lane.
#[inline(always)]
pub fn store<V: Vector, const K: usize>(numbers: &[V; K]) -> [Limbs<K>; LANES] {
    let mut lanes = [[0; K]; LANES];
    for (limb, vector) in numbers.iter().enumerate() {
        for (lane, value) in vector.store().into_iter().enumerate() {
            lanes[lane][limb] = value;
        }
    }
    lanes
}

/// Reduces every limb but the last to 52 bits. The last one keeps the sign of the number.
#[inline(always)]
pub fn carry<V: Vector, const K: usize>(numbers: &mut [V; K]) {
    for limb in 1..K {
        numbers[limb] = numbers[limb] + numbers[limb - 1].carry();
        numbers[limb - 1] = numbers[limb - 1].limb();
    }
}

/// `a + b` in each limb.
#[inline(always)]
pub fn add<V: Vector, const K: usize>(a: &[V; K], b: &[V; K]) -> [V; K] {
    let mut sum = *a;
    for limb in 0..K {
        sum[limb] = sum[limb] + b[limb];
    }
    sum
}

/// `a - b` in each limb.
#[inline(always)]
pub fn subtract<V: Vector, const K: usize>(a: &[V; K], b: &[V; K]) -> [V; K] {
    let mut difference = *a;
    for limb in 0..K {
        difference[limb] = difference[limb] - b[limb];
    }
    difference
}

/// Replaces secret numbers by zeros, before their memory is freed.
#[inline(always)]
pub fn wipe<I: InstructionSet, const K: usize>(instructions: I, numbers: &mut [Numbers<I, K>]) {
    for number in numbers.iter_mut() {
        *number = [instructions.splat(0); K];
    }
    // Otherwise LLVM leaves out writes that nothing reads.
    black_box(numbers);
}

/// `b` in the lanes of the mask, and `a` in the rest.
#[inline(always)]
pub fn select<V: Vector, const K: usize>(a: &[V; K], mask: V::Mask, b: &[V; K]) -> [V; K] {
    let mut selected = *a;
    for limb in 0..K {
        selected[limb] = selected[limb].select(mask, b[limb]);
    }
    selected
}
