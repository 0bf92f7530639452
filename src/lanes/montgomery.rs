//! Modular arithmetic on eight numbers at a time: Almost Montgomery Multiplication.
//!
//! A number `a` is represented by `a R mod m` with `R = 2^(52 K)`. Since `R` is at least 16 times
//! the modulus, results only need to stay below `2 m`, not below `m`, to be multiplied again: there
//! is no final subtraction, and so no comparison, until the very end.
//!
//! Sources: P. Montgomery, "Modular multiplication without trial division" (1985); S. Gueron and
//! V. Krasnov, "Software implementation of modular exponentiation, using advanced vector
//! instructions architectures" (2012).

use std::array::from_fn;
use std::hint::black_box;

use zeroize::Zeroize;

use super::limbs::{Limbs, Numbers, carry, from_bytes, select, splat, subtract};
use super::vector::{InstructionSet, LIMB_BITS, LIMB_MASK, Vector};

/// An odd modulus of `K` limbs, the same in all lanes.
pub struct Modulus<const K: usize> {
    limbs: Limbs<K>,
    /// `-1/m mod 2^52`.
    negated_inverse: u64,
    /// `R`, `R^2` and `R^3 mod m`.
    powers_of_r: [Limbs<K>; 3],
}

/// Arithmetic modulo a number, with the instructions of `I`.
pub struct Montgomery<'m, I: InstructionSet, const K: usize> {
    pub instructions: I,
    modulus: &'m Modulus<K>,
    limbs: Numbers<I, K>,
    negated_inverse: I::Vector,
}

impl<const K: usize> Modulus<K> {
    /// Takes an odd big-endian number of at most `52 K - 4` bits.
    pub fn new(big_endian: &[u8]) -> Self {
        let limbs = from_bytes(big_endian);
        // Newton's iteration: each step doubles the number of correct low bits, of which an odd
        // number has three when taken for its own inverse modulo 8.
        let inverse = (0..5).fold(limbs[0], |inverse, _| {
            inverse.wrapping_mul(2_u64.wrapping_sub(limbs[0].wrapping_mul(inverse)))
        });
        let mut power = from_fn(|limb| u64::from(limb == 0));
        let powers_of_r = from_fn(|_| {
            for _ in 0..LIMB_BITS * K {
                double(&mut power, &limbs);
            }
            power
        });
        power.zeroize();
        Modulus {
            limbs,
            negated_inverse: inverse.wrapping_neg() & LIMB_MASK,
            powers_of_r,
        }
    }

    #[inline(always)]
    pub fn on<I: InstructionSet>(&self, instructions: I) -> Montgomery<'_, I, K> {
        Montgomery {
            instructions,
            modulus: self,
            limbs: splat(instructions, &self.limbs),
            negated_inverse: instructions.splat(self.negated_inverse),
        }
    }
}

impl<const K: usize> Zeroize for Modulus<K> {
    fn zeroize(&mut self) {
        self.limbs.zeroize();
        self.negated_inverse.zeroize();
        self.powers_of_r.as_flattened_mut().zeroize();
    }
}

/// `2 a mod m`, for `a` below `m`, in constant time.
fn double<const K: usize>(a: &mut Limbs<K>, m: &Limbs<K>) {
    let mut twice = [0; K];
    let mut reduced = [0; K];
    let (mut carry, mut borrow) = (0, 0);
    for limb in 0..K {
        let sum = 2 * a[limb] + carry;
        (twice[limb], carry) = (sum & LIMB_MASK, sum >> LIMB_BITS);
        let difference = twice[limb].wrapping_sub(m[limb]).wrapping_sub(borrow);
        (reduced[limb], borrow) = (difference & LIMB_MASK, difference >> 63);
    }
    // All ones where 2 a is below m. The barrier keeps LLVM from making a branch of it.
    let keep = black_box(borrow.wrapping_neg());
    *a = from_fn(|limb| reduced[limb] ^ (keep & (reduced[limb] ^ twice[limb])));
}

impl<I: InstructionSet, const K: usize> Montgomery<'_, I, K> {
    /// The modulus in each lane.
    pub fn modulus(&self) -> &Numbers<I, K> {
        &self.limbs
    }

    /// `R^power mod m`; the first power represents the number 1.
    #[inline(always)]
    pub fn r(&self, power: usize) -> Numbers<I, K> {
        splat(self.instructions, &self.modulus.powers_of_r[power - 1])
    }

    /// The number 1 itself: a product with it is the number that the other factor represents.
    #[inline(always)]
    pub fn one(&self) -> Numbers<I, K> {
        let mut one = [self.instructions.splat(0); K];
        one[0] = self.instructions.splat(1);
        one
    }

    /// Replaces `a` by `a b / R`, which is below `m + a b / R`.
    #[inline(always)]
    pub fn multiply(&self, a: &mut Numbers<I, K>, b: &Numbers<I, K>) {
        self.instructions.run(
            #[inline(always)]
            || {
                let zero = self.instructions.splat(0);
                let mut sum = [zero; K];
                for &digit in b {
                    sum[0] = sum[0].add_product_low(a[0], digit);
                    let (quotient, carry) = self.quotient(sum[0]);
                    for limb in 1..K {
                        sum[limb - 1] = sum[limb]
                            .add_product_low(a[limb], digit)
                            .add_product_high(a[limb - 1], digit)
                            .add_product_low(self.limbs[limb], quotient)
                            .add_product_high(self.limbs[limb - 1], quotient);
                    }
                    sum[0] = sum[0] + carry;
                    sum[K - 1] = zero
                        .add_product_high(a[K - 1], digit)
                        .add_product_high(self.limbs[K - 1], quotient);
                }
                carry(&mut sum);
                *a = sum;
            },
        );
    }

    #[inline(always)]
    pub fn product(&self, a: &Numbers<I, K>, b: &Numbers<I, K>) -> Numbers<I, K> {
        let mut product = *a;
        self.multiply(&mut product, b);
        product
    }

    /// Replaces `a` by `a^2 / R`, which is below `m + a^2 / R`, with `wide` as working memory.
    ///
    /// `interleaved` is called `K` times between multiplications. Loads and selections that are
    /// done there cost next to nothing, since the multiplier is what everything waits for.
    #[inline(always)]
    pub fn square(
        &self,
        a: &mut Numbers<I, K>,
        wide: &mut [Numbers<I, K>; 2],
        mut interleaved: impl FnMut(usize),
    ) {
        square_columns(self.instructions.splat(0), a, wide.as_flattened_mut());
        let [low, high] = &*wide;
        let mut sum = *low;
        for (index, &next) in high.iter().enumerate() {
            let (quotient, carry) = self.quotient(sum[0]);
            for limb in 1..K {
                sum[limb - 1] = sum[limb]
                    .add_product_low(self.limbs[limb], quotient)
                    .add_product_high(self.limbs[limb - 1], quotient);
            }
            sum[0] = sum[0] + carry;
            sum[K - 1] = next.add_product_high(self.limbs[K - 1], quotient);
            interleaved(index);
        }
        carry(&mut sum);
        *a = sum;
    }

    /// The multiple of the modulus that makes the low limb of a sum zero when it is added, and what
    /// the low limb then carries.
    #[inline(always)]
    fn quotient(&self, low: I::Vector) -> (I::Vector, I::Vector) {
        let zero = self.instructions.splat(0);
        let quotient = zero.add_product_low(low, self.negated_inverse);
        // The low limb becomes the next multiple of 2^52, whatever the quotient is.
        let carry = (low + self.instructions.splat(LIMB_MASK)).carry();
        (quotient, carry)
    }

    /// `a - m`, or `a` if that is negative. Together with a bound of `2 m`, this is `a mod m`.
    #[inline(always)]
    pub fn reduce(&self, a: &Numbers<I, K>) -> Numbers<I, K> {
        subtract_if_not_less(self.instructions, a, &self.limbs)
    }
}

/// `a - b`, or `a` if that is negative.
#[inline(always)]
pub fn subtract_if_not_less<I: InstructionSet, const K: usize>(
    instructions: I,
    a: &Numbers<I, K>,
    b: &Numbers<I, K>,
) -> Numbers<I, K> {
    let mut difference = subtract(a, b);
    carry(&mut difference);
    let not_negative = difference[K - 1].carry().equals(instructions.splat(0));
    select(a, not_negative, &difference)
}

/// The number of limbs that are multiplied with each other while their sums stay in registers.
const BLOCK: usize = 4;

/// The columns of `a^2`: sums of the products that have the same weight, not yet carried.
///
/// This is product scanning (Comba's method) over blocks of limbs instead of single limbs. Products
/// of two different limbs are summed up once, and doubled.
#[inline(always)]
fn square_columns<V: Vector>(zero: V, a: &[V], columns: &mut [V]) {
    let (blocks, _) = a.as_chunks::<BLOCK>();
    let (columns, _) = columns.as_chunks_mut::<BLOCK>();
    let mut sums = [zero; 2 * BLOCK];
    for (weight, columns) in columns.iter_mut().enumerate() {
        let first = (weight + 1).saturating_sub(blocks.len());
        for low in first..weight.div_ceil(2) {
            let (a, b) = (&blocks[low], &blocks[weight - low]);
            for i in 0..BLOCK {
                for j in 0..BLOCK {
                    sums[i + j] = sums[i + j].add_product_low(a[i], b[j]);
                    sums[i + j + 1] = sums[i + j + 1].add_product_high(a[i], b[j]);
                }
            }
        }
        if weight % 2 == 0 && weight / 2 < blocks.len() {
            let a = &blocks[weight / 2];
            for i in 0..BLOCK {
                for j in i + 1..BLOCK {
                    sums[i + j] = sums[i + j].add_product_low(a[i], a[j]);
                    sums[i + j + 1] = sums[i + j + 1].add_product_high(a[i], a[j]);
                }
            }
        }
        for pair in 0..BLOCK / 2 {
            let limb = a[weight * BLOCK / 2 + pair];
            let (even, odd) = (sums[2 * pair], sums[2 * pair + 1]);
            columns[2 * pair] = (even + even).add_product_low(limb, limb);
            columns[2 * pair + 1] = (odd + odd).add_product_high(limb, limb);
        }
        for i in 0..BLOCK {
            sums[i] = sums[i + BLOCK];
            sums[i + BLOCK] = zero;
        }
    }
}
