//! ECDSA signatures on P-256, for nonces that are given (FIPS 186-5, section 6.4).
//!
//! Every signature is verified before it is returned. Nonces that depend on the digest alone, as
//! those of RFC 6979 do, make a wrong signature beside the right one reveal the key (C. Ambrose,
//! J. Bos, B. Fay, M. Joye, M. Lochter and B. Murray, "Differential attacks on deterministic
//! signatures", 2018). Computing `(n - k) G` beside `k G` would not be enough: their digits are
//! opposite wherever those of `n` are zero, which is half of them, so that a wrong multiple in the
//! table gives opposite points. The verification uses the public key and other scalars.
//!
//! The signatures in one lane are verified together (D. Naccache, D. M'Raihi, S. Vaudenay and
//! D. Raphaeli, "Can D.S.A. be improved?", 1994), weighted with powers of two: a wrong multiple of
//! the table is added to or subtracted from some of them, and no such sum of powers of two is zero.

use zeroize::{Zeroize, Zeroizing};

use super::limbs::{Limbs, add, carry, from_bytes, load, splat, store, to_bytes, wipe};
use super::p256::{AffinePoints, Curve, Field, LIMBS, Multiples, Scalars, invert};
use super::vector::{InstructionSet, LANES};
use crate::{Bytes, lanes, on_a_wiped_stack};

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
/// a signature that does not verify, and of those that were verified with it.
pub fn sign(
    curve: &Curve,
    instructions: impl InstructionSet,
    key: &Key,
    inputs: &[Input],
) -> Vec<Option<Signature>> {
    let unchecked = sign_unchecked(curve, instructions, key, inputs);
    let valid = verify(curve, instructions, key, inputs, &unchecked);
    let signatures = unchecked.signatures.into_iter().zip(valid.iter().cycle());
    signatures
        .map(|(signature, valid)| valid.then_some(signature))
        .collect()
}

/// Signatures, and the points that their nonces give.
pub(super) struct Unchecked<I: InstructionSet> {
    pub(super) signatures: Vec<Signature>,
    points: Vec<AffinePoints<I>>,
}

/// Signs without verifying.
pub(super) fn sign_unchecked<I: InstructionSet>(
    curve: &Curve,
    instructions: I,
    key: &Key,
    inputs: &[Input],
) -> Unchecked<I> {
    on_a_wiped_stack(|| sign_with_nonces(curve, instructions, key, inputs))
}

fn sign_with_nonces<I: InstructionSet>(
    curve: &Curve,
    instructions: I,
    key: &Key,
    inputs: &[Input],
) -> Unchecked<I> {
    let groups = inputs.chunks(LANES);
    let mut nonces = Zeroizing::new(Vec::with_capacity(groups.len()));
    for group in groups.clone() {
        nonces.push(lanes(group, |input| *input.nonce));
    }
    let points = curve.multiples_of_generator(instructions, &nonces);
    let signatures = instructions.run(
        #[inline(always)]
        || {
            let order = curve.n.on(instructions);
            let key = order.product(&splat(instructions, &key.scalar), &order.r(2));
            let mut inverses: Vec<Scalars<I>> = Vec::with_capacity(groups.len());
            for group in groups.clone() {
                let nonce = numbers(instructions, group, |input| *input.nonce);
                inverses.push(order.product(&nonce, &order.r(2)));
            }
            invert(&order, &mut inverses);
            let mut signatures = Vec::with_capacity(inputs.len());
            for ((group, point), inverse) in groups.zip(&points).zip(&inverses) {
                let r = curve.x_coordinates(instructions, point);
                let digest = numbers(instructions, group, |input| input.digest);
                let mut s = add(&order.product(&r, &key), &digest);
                carry(&mut s);
                let s = order.reduce(&order.product(&s, inverse));
                let (r, s) = (store(&r), store(&s));
                for lane in 0..group.len() {
                    signatures.push(Signature {
                        r: to_bytes(&r[lane]),
                        s: to_bytes(&s[lane]),
                    });
                }
            }
            wipe(instructions, &mut inverses);
            signatures
        },
    );
    Unchecked { signatures, points }
}

/// The lanes in which all signatures are valid (FIPS 186-5, section 6.4.2): in which the sum of the
/// points `(r, y)` is that of the multiples `u1 G + u2 Q`, each weighted with a power of two.
///
/// `r` counts as the x-coordinate itself. A point whose x-coordinate is not below the order makes
/// the lane invalid, which happens in one of 2^128 cases.
fn verify<I: InstructionSet>(
    curve: &Curve,
    instructions: I,
    key: &Key,
    inputs: &[Input],
    unchecked: &Unchecked<I>,
) -> [bool; LANES] {
    instructions.run(
        #[inline(always)]
        || {
            let field = Field::new(&curve.p, instructions);
            let order = Field::new(&curve.n, instructions);
            let groups = unchecked.signatures.chunks(LANES);
            let mut inverses: Vec<Scalars<I>> = Vec::with_capacity(groups.len());
            for group in groups.clone() {
                let s = numbers(instructions, group, |signature| signature.s);
                inverses.push(order.product(&s, &order.montgomery.r(2)));
            }
            // A zero makes all inverses in its lane zero, and the multiples the point at infinity.
            invert(&order.montgomery, &mut inverses);
            let mut u1 = [instructions.splat(0); LIMBS];
            let mut u2 = u1;
            let mut sum = field.infinity();
            let groups = inputs.chunks(LANES).zip(groups);
            for (index, (inputs, signatures)) in groups.enumerate() {
                let digest = numbers(instructions, inputs, |input| input.digest);
                let r = numbers(instructions, signatures, |signature| signature.r);
                u1 = order.sum(&order.twice(&u1), &order.product(&digest, &inverses[index]));
                u2 = order.sum(&order.twice(&u2), &order.product(&r, &inverses[index]));
                let point = AffinePoints {
                    x: field.product(&r, &field.montgomery.r(2)),
                    y: unchecked.points[index].y,
                };
                sum = if index == 0 {
                    field.jacobian(&point)
                } else {
                    field.add(&field.double(&sum), &point)
                };
            }
            let [u1, u2] = [u1, u2].map(|u| {
                let u = store(&order.montgomery.reduce(&u));
                u.each_ref().map(to_bytes)
            });
            let multiples = [(&curve.generator, &u1), (&key.public, &u2)];
            field.same(&sum, &field.sum_of_multiples(&multiples))
        },
    )
}

/// One number of each item, loaded into the lanes.
#[inline(always)]
fn numbers<I: InstructionSet, T>(
    instructions: I,
    group: &[T],
    number: impl Fn(&T) -> Bytes,
) -> Scalars<I> {
    load(
        instructions,
        &lanes(group, |item| from_bytes(&number(item))),
    )
}
