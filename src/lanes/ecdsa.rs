//! ECDSA signatures on P-256, for nonces that are given (FIPS 186-5, section 6.4.1).

use zeroize::{Zeroize, Zeroizing, zeroize_stack};

use super::limbs::{Limbs, add, carry, from_bytes, load, splat, store, to_bytes};
use super::p256::{Curve, LIMBS, Scalars, invert};
use super::vector::{InstructionSet, LANES};
use crate::Bytes;

/// A private key. It is stored as limbs, so that memory contains no copy in the form that files have.
pub struct Key(pub(super) Limbs<LIMBS>);

impl Key {
    pub fn new(scalar: &Bytes) -> Self {
        Key(from_bytes(scalar))
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
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

/// A signature. Its parts are zero in one of 2^255 cases, which the caller must reject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The x-coordinate of the nonce times the generator.
    pub r: Bytes,
    /// The proof that nonce and private key are known.
    pub s: Bytes,
}

/// Signs any number of digests; the cost is that of the next multiple of eight.
pub fn sign(
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
            let key = in_montgomery_form(splat(instructions, &key.0));
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
                let digests = lanes(group, |input| &input.digest);
                let digest: Scalars<I> = load(
                    instructions,
                    &digests.each_ref().map(|digest| from_bytes(digest)),
                );
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

/// One number of each input. Lanes that are left over repeat the last input.
fn lanes(group: &[Input], number: impl Fn(&Input) -> &Bytes) -> [Bytes; LANES] {
    std::array::from_fn(|lane| *number(&group[lane.min(group.len() - 1)]))
}
