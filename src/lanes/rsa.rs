//! RSA-2048 signatures, eight at a time: RSASP1 with the Chinese remainder theorem (RFC 8017,
//! section 5.2.1), by fixed-window exponentiation.
//!
//! Every signature is checked against the public key before it is returned: one that was computed
//! wrongly modulo one of the primes would reveal the private key (D. Boneh, R. DeMillo and
//! R. Lipton, "On the importance of checking cryptographic protocols for faults", 1997).

use std::array::from_fn;

use zeroize::Zeroize;

use super::limbs::{
    Limbs, Numbers, add, carry, from_bytes, load, splat, store, subtract, to_bytes, wipe,
};
use super::montgomery::{Modulus, Montgomery};
use super::vector::{InstructionSet, LANES, Vector};
use crate::{Block, on_a_wiped_stack};

/// The size of a modulus and of a signature in bytes.
pub const SIZE: usize = 256;

/// The limbs of a prime, which leave more than four bits of `R` unused.
const HALF: usize = 20;
/// The limbs of the modulus.
const FULL: usize = 2 * HALF;

/// The bits of an exponent that one multiplication covers. The table of powers for five bits would
/// not fit into a first-level cache of 32 KiB.
const WINDOW: usize = 4;
const POWERS: usize = 1 << WINDOW;
const DIGITS: usize = SIZE / 2 * 8 / WINDOW;

/// An RSA-2048 private key with precomputed Montgomery constants.
pub struct Key {
    n: Modulus<FULL>,
    e: u32,
    pub(super) p: Prime,
    pub(super) q: Prime,
    pub(super) qinv: Limbs<HALF>,
}

pub(super) struct Prime {
    modulus: Modulus<HALF>,
    /// The digits of the exponent to the base 16, most significant first.
    pub(super) exponent: [u8; DIGITS],
}

impl Key {
    /// Takes the numbers of [`Rsa::new`](crate::Rsa::new).
    pub fn new([n, e, _, p, q, dp, dq, qinv]: [&[u8]; 8]) -> Option<Self> {
        let sizes_match = is_odd_with(n, SIZE)
            && is_odd_with(p, SIZE / 2)
            && is_odd_with(q, SIZE / 2)
            && [dp, dq, qinv].iter().all(|number| number.len() <= SIZE / 2);
        if !sizes_match {
            return None;
        }
        let exponent = e;
        let mut e = [0; 4];
        e[4_usize.checked_sub(exponent.len())?..].copy_from_slice(exponent);
        let e = u32::from_be_bytes(e);
        if e < 3 || e % 2 == 0 {
            return None;
        }
        Some(Key {
            n: Modulus::new(n),
            e,
            p: Prime::new(p, dp),
            q: Prime::new(q, dq),
            qinv: from_bytes(qinv),
        })
    }

    /// The signatures of eight padded messages, each of which must be below the modulus. `None`
    /// in place of a signature that does not verify.
    pub fn sign<I: InstructionSet>(
        &self,
        instructions: I,
        messages: &[Block; LANES],
    ) -> [Option<Block>; LANES] {
        on_a_wiped_stack(|| {
            instructions.run(
                #[inline(always)]
                || {
                    let messages = messages.each_ref().map(|block| from_bytes(block));
                    let message: Numbers<I, FULL> = load(instructions, &messages);
                    let signature = self.signature_of(instructions, &message);
                    let correct = self.verify(instructions, &signature, &message);
                    let signatures = store(&signature);
                    from_fn(|lane| correct[lane].then(|| to_bytes(&signatures[lane])))
                },
            )
        })
    }

    /// `message^d mod n` (RSASP1, RFC 8017, section 5.2.1), not checked yet.
    #[inline(always)]
    pub(super) fn signature_of<I: InstructionSet>(
        &self,
        instructions: I,
        message: &Numbers<I, FULL>,
    ) -> Numbers<I, FULL> {
        let p = self.p.modulus.on(instructions);
        let q = self.q.modulus.on(instructions);
        let mut powers = Powers::new(instructions);
        let m1 = power(&p, message, &self.p.exponent, &mut powers);
        let m2 = power(&q, message, &self.q.exponent, &mut powers);
        combine(&p, &q, &splat(instructions, &self.qinv), &m1, &m2)
    }

    /// The lanes in which `signature^e = message mod n` (RSAVP1, RFC 8017, section 5.2.2).
    #[inline(always)]
    fn verify<I: InstructionSet>(
        &self,
        instructions: I,
        signature: &Numbers<I, FULL>,
        message: &Numbers<I, FULL>,
    ) -> [bool; LANES] {
        let n = self.n.on(instructions);
        let base = n.product(signature, &n.r(2));
        let mut power = base;
        let mut wide = [base; 2];
        for bit in (0..self.e.ilog2()).rev() {
            n.square(&mut power, &mut wide, |_| {});
            if self.e >> bit & 1 == 1 {
                // The exponent is odd. A last factor that is not in Montgomery form takes the
                // result out of it as well.
                let factor = if bit > 0 { &base } else { signature };
                n.multiply(&mut power, factor);
            }
        }
        let (recovered, message) = (store(&n.reduce(&power)), store(message));
        from_fn(|lane| {
            let limbs = recovered[lane].iter().zip(&message[lane]);
            limbs.fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
        })
    }
}

/// Returns whether a big-endian number is odd and has exactly `8 size` bits.
fn is_odd_with(number: &[u8], size: usize) -> bool {
    number.len() == size && number[0] >= 0x80 && number[size - 1] % 2 == 1
}

impl Drop for Key {
    fn drop(&mut self) {
        for prime in [&mut self.p, &mut self.q] {
            prime.modulus.zeroize();
            prime.exponent.zeroize();
        }
        self.qinv.zeroize();
    }
}

impl Prime {
    fn new(prime: &[u8], exponent: &[u8]) -> Self {
        let mut padded = [0; SIZE / 2];
        padded[SIZE / 2 - exponent.len()..].copy_from_slice(exponent);
        let exponent = from_fn(|digit| padded[digit / 2] >> (4 * (1 - digit % 2)) & 0xf);
        padded.zeroize();
        Prime {
            modulus: Modulus::new(prime),
            exponent,
        }
    }
}

/// `message^exponent` modulo a prime, for an exponent in digits to the base 16.
#[inline(always)]
fn power<I: InstructionSet>(
    prime: &Montgomery<'_, I, HALF>,
    message: &Numbers<I, FULL>,
    exponent: &[u8; DIGITS],
    powers: &mut Powers<I>,
) -> Numbers<I, HALF> {
    prime.instructions.run(
        #[inline(always)]
        || {
            powers.fill(prime, message);
            let mut power = prime.r(1);
            let mut wide = [power; 2];
            for &digit in exponent {
                let mut factor = [prime.instructions.splat(0); HALF];
                for quarter in 0..WINDOW {
                    let lookup = powers.lookup(digit, quarter, &mut factor);
                    prime.square(&mut power, &mut wide, lookup);
                }
                prime.multiply(&mut power, &factor);
            }
            prime.multiply(&mut power, &prime.one());
            prime.reduce(&power)
        },
    )
}

/// The number that is `m1` modulo p and `m2` modulo q (Garner's formula):
/// `m2 + q h` with `h = (m1 - m2) qinv mod p`.
#[inline(always)]
fn combine<I: InstructionSet>(
    p: &Montgomery<'_, I, HALF>,
    q: &Montgomery<'_, I, HALF>,
    qinv: &Numbers<I, HALF>,
    m1: &Numbers<I, HALF>,
    m2: &Numbers<I, HALF>,
) -> Numbers<I, FULL> {
    // Both primes have their highest bit set, so 2 p exceeds q and makes up for a negative
    // difference.
    let mut h = subtract(&add(&add(m1, p.modulus()), p.modulus()), m2);
    carry(&mut h);
    p.multiply(&mut h, &p.r(2));
    p.multiply(&mut h, qinv);
    let h = p.reduce(&h);
    let mut sum = [p.instructions.splat(0); FULL];
    sum[..HALF].copy_from_slice(m2);
    for i in 0..HALF {
        for j in 0..HALF {
            sum[i + j] = sum[i + j].add_product_low(h[i], q.modulus()[j]);
            sum[i + j + 1] = sum[i + j + 1].add_product_high(h[i], q.modulus()[j]);
        }
    }
    carry(&mut sum);
    sum
}

/// The powers 0 to 15 of a message modulo a prime, which are as secret as the prime.
struct Powers<I: InstructionSet> {
    instructions: I,
    table: Box<[Numbers<I, HALF>; POWERS]>,
}

impl<I: InstructionSet> Powers<I> {
    #[inline(always)]
    fn new(instructions: I) -> Self {
        let table = Box::new([[instructions.splat(0); HALF]; POWERS]);
        Powers {
            instructions,
            table,
        }
    }

    #[inline(always)]
    fn fill(&mut self, prime: &Montgomery<'_, I, HALF>, message: &Numbers<I, FULL>) {
        // The message is low + R high, and its Montgomery form is low R + high R^2.
        let mut low = [self.instructions.splat(0); HALF];
        let mut high = low;
        low.copy_from_slice(&message[..HALF]);
        high.copy_from_slice(&message[HALF..]);
        prime.multiply(&mut low, &prime.r(2));
        prime.multiply(&mut high, &prime.r(3));
        let mut base = add(&low, &high);
        carry(&mut base);
        let mut power = prime.r(1);
        for entry in self.table.iter_mut() {
            *entry = power;
            prime.multiply(&mut power, &base);
        }
    }

    /// Copies one power to `factor`, limb by limb, if it is in the given quarter of the table.
    ///
    /// All powers are read whatever the digit is, so that neither time nor cache depend on it.
    #[inline(always)]
    fn lookup<'a>(
        &'a self,
        digit: u8,
        quarter: usize,
        factor: &'a mut Numbers<I, HALF>,
    ) -> impl FnMut(usize) + 'a {
        const QUARTER: usize = POWERS / WINDOW;
        let digit = self.instructions.splat(digit.into());
        let first = quarter * QUARTER;
        let mut selected = [digit.equals(digit); QUARTER];
        for (entry, selected) in selected.iter_mut().enumerate() {
            *selected = digit.equals(self.instructions.splat((first + entry) as u64));
        }
        #[inline(always)]
        move |limb| {
            for (entry, &selected) in selected.iter().enumerate() {
                let power = self.table[first + entry][limb];
                factor[limb] = factor[limb].select(selected, power);
            }
        }
    }
}

impl<I: InstructionSet> Drop for Powers<I> {
    #[inline(always)]
    fn drop(&mut self) {
        wipe(self.instructions, &mut *self.table);
    }
}
