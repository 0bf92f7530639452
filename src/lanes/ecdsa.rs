//! ECDSA signatures on P-256, for nonces that are given (FIPS 186-5, section 6.4).
//!
//! Every signature is verified before it is returned. Nonces that depend on the digest alone, as
//! those of RFC 6979 do, make a wrong signature beside the right one reveal the key (C. Ambrose,
//! J. Bos, B. Fay, M. Joye, M. Lochter and B. Murray, "Differential attacks on deterministic
//! signatures", 2018). Computing `(n - k) G` in place of `k G` would not be enough: the digits of both
//! are opposite wherever those of `n` are zero, which is half of them, so that a wrong multiple in
//! the table gives opposite sums. The verification uses the public key and other scalars.

use zeroize::{Zeroize, Zeroizing, zeroize_stack};

use super::limbs::{Limbs, add, carry, from_bytes, load, splat, store, to_bytes};
use super::p256::{Curve, LIMBS, Multiples, Scalars, invert};
use super::vector::{InstructionSet, LANES};
use crate::Bytes;

/// A private key with its public key.
pub struct Key {
    /// As limbs, so that memory contains no copy in the form that files have.
    pub(super) scalar: Limbs<LIMBS>,
    public: Multiples,
}

impl Key {
    /// `point` has the coordinates of the public key.
    pub fn new(
        curve: &Curve,
        instructions: impl InstructionSet,
        scalar: &Bytes,
        point: &[Bytes; 2],
    ) -> Self {
        Key {
            scalar: from_bytes(scalar),
            public: curve.multiples(instructions, point),
        }
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.scalar.zeroize();
    }
}

/// The inputs of one signature besides the key.
#[allow(missing_debug_implementations)]
pub struct Input {
    /// The leftmost 256 bits of a digest. It need not be below the order.
    pub digest: Bytes,
    /// A number above zero and below the order that is never used for another digest.
    pub nonce: Zeroizing<Bytes>,
}

/// A signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The x-coordinate of the nonce times the generator.
    pub r: Bytes,
    /// The proof that the nonce and the private key are known.
    pub s: Bytes,
}

/// Signs any number of digests; the cost is that of the next multiple of eight. `None` in place of
/// a signature that does not verify.
pub fn sign(
    curve: &Curve,
    instructions: impl InstructionSet,
    key: &Key,
    inputs: &[Input],
) -> Vec<Option<Signature>> {
    let signatures = sign_unchecked(curve, instructions, key, inputs);
    let valid = verify(curve, instructions, &key.public, inputs, &signatures);
    let checked = signatures.into_iter().zip(valid);
    checked
        .map(|(signature, valid)| valid.then_some(signature))
        .collect()
}

/// Signs without verifying.
pub(super) fn sign_unchecked(
    curve: &Curve,
    instructions: impl InstructionSet,
    key: &Key,
    inputs: &[Input],
) -> Vec<Signature> {
    // Above what the calculation needs: numbers that were spilled from registers.
    const STACK: usize = 32 << 10;
    let signatures = sign_in_own_frame(curve, instructions, key, inputs);
    zeroize_stack::<STACK>();
    signatures
}

#[inline(never)]
fn sign_in_own_frame<I: InstructionSet>(
    curve: &Curve,
    instructions: I,
    key: &Key,
    inputs: &[Input],
) -> Vec<Signature> {
    let groups = inputs.chunks(LANES);
    let nonces: Zeroizing<Vec<[Bytes; LANES]>> = Zeroizing::new(
        groups
            .clone()
            .map(|group| lanes(group, |input| &input.nonce))
            .collect(),
    );
    let x = curve.multiples_of_generator(instructions, &nonces);
    instructions.run(
        #[inline(always)]
        || {
            let order = curve.n.on(instructions);
            let in_montgomery_form = |number: Scalars<I>| order.product(&number, &order.r(2));
            let key = in_montgomery_form(splat(instructions, &key.scalar));
            let mut inverses: Vec<Scalars<I>> = nonces
                .iter()
                .map(|nonces| {
                    load(
                        instructions,
                        &nonces.each_ref().map(|nonce| from_bytes(nonce)),
                    )
                })
                .map(in_montgomery_form)
                .collect();
            invert(&order, &mut inverses);
            let mut signatures = Vec::with_capacity(inputs.len());
            for ((group, r), inverse) in groups.zip(&x).zip(&inverses) {
                let digest = numbers(instructions, group, |input| &input.digest);
                let mut s = add(&order.product(r, &key), &digest);
                carry(&mut s);
                let s = order.reduce(&order.product(&s, inverse));
                let (r, s) = (store(r), store(&s));
                for lane in 0..group.len() {
                    signatures.push(Signature {
                        r: to_bytes(&r[lane]),
                        s: to_bytes(&s[lane]),
                    });
                }
            }
            signatures
        },
    )
}

/// Verifies signatures over the digests of as many inputs (FIPS 186-5, section 6.4.2).
fn verify<I: InstructionSet>(
    curve: &Curve,
    instructions: I,
    public: &Multiples,
    inputs: &[Input],
    signatures: &[Signature],
) -> Vec<bool> {
    instructions.run(
        #[inline(always)]
        || {
            let order = curve.n.on(instructions);
            let mut inverses: Vec<Scalars<I>> = Vec::with_capacity(signatures.len());
            for group in signatures.chunks(LANES) {
                let s = numbers(instructions, group, |signature| &signature.s);
                inverses.push(order.product(&s, &order.r(2)));
            }
            // A zero makes all inverses in its lane zero, with which no signature verifies.
            invert(&order, &mut inverses);
            let mut valid = Vec::with_capacity(signatures.len());
            let groups = inputs.chunks(LANES).zip(signatures.chunks(LANES));
            for ((inputs, signatures), inverse) in groups.zip(&inverses) {
                let digest = numbers(instructions, inputs, |input| &input.digest);
                let r = numbers(instructions, signatures, |signature| &signature.r);
                let u1 = store(&order.reduce(&order.product(&digest, inverse)));
                let u2 = store(&order.reduce(&order.product(&r, inverse)));
                let (u1, u2) = (u1.each_ref().map(to_bytes), u2.each_ref().map(to_bytes));
                let terms = [(&curve.generator, &u1), (public, &u2)];
                let lanes = curve.sum_has_x(instructions, &terms, &r);
                valid.extend_from_slice(&lanes[..signatures.len()]);
            }
            valid
        },
    )
}

/// One number of each item, loaded into the lanes.
#[inline(always)]
fn numbers<I: InstructionSet, T>(
    instructions: I,
    group: &[T],
    number: impl Fn(&T) -> &Bytes,
) -> Scalars<I> {
    let numbers = lanes(group, number);
    load(
        instructions,
        &numbers.each_ref().map(|number| from_bytes(number)),
    )
}

/// One number of each item. Lanes that are left over repeat the last item.
fn lanes<T>(group: &[T], number: impl Fn(&T) -> &Bytes) -> [Bytes; LANES] {
    std::array::from_fn(|lane| *number(&group[lane.min(group.len() - 1)]))
}
