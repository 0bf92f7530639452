//! Faults: one bit of one number is wrong in one lane, at any step of a P-256 signature or of its
//! check. The signature that comes out is the right one, or none.
#![allow(clippy::print_stderr, clippy::unwrap_used)]

use std::array::from_fn;
use std::cell::Cell;

use zeroize::Zeroizing;

use super::comparisons::{Numbers64, by_p256, point};
use super::ecdsa::Key;
use super::p256::{Curve, LIMBS};
use super::portable::Portable;
use super::vector::{LANES, LIMB_BITS};
use super::{Bytes, Input, Signature, ecdsa};

thread_local! {
    /// The number of operations until the fault.
    static LEFT: Cell<u64> = const { Cell::new(u64::MAX) };
    /// The lane and the bit that it flips.
    static PLACE: Cell<(usize, u32)> = const { Cell::new((0, 0)) };
}

/// Counts an operation of the portable vectors. Where it is the one to go wrong, flips a bit of its
/// result. Inlined into unrolled arithmetic, it would double the time in which the tests compile.
#[inline(never)]
pub fn done(mut lanes: [u64; LANES]) -> [u64; LANES] {
    let left = LEFT.get();
    LEFT.set(left.wrapping_sub(1));
    if left == 0 {
        let (lane, bit) = PLACE.get();
        lanes[lane] ^= 1 << bit;
    }
    lanes
}

/// Two messages in each lane, which are verified together.
const MESSAGES: usize = 2 * LANES;

/// A key, messages and their signatures.
struct Case {
    scalar: Bytes,
    inputs: [Input; MESSAGES],
    expected: [Signature; MESSAGES],
}

impl Case {
    fn new(random: &mut Numbers64) -> Self {
        let mut below_order = || {
            let mut number: Bytes = random.bytes();
            number[0] &= 0x7f;
            number
        };
        let scalar = below_order();
        let inputs = from_fn(|_| Input {
            digest: below_order(),
            nonce: Zeroizing::new(below_order()),
        });
        let expected = inputs
            .each_ref()
            .map(|input| by_p256(&scalar, &input.nonce, &input.digest));
        Case {
            scalar,
            inputs,
            expected,
        }
    }

    /// Asserts that no signature is wrong, and returns the lanes of those that are missing.
    fn missing(&self, signatures: &[Option<Signature>], what: &str) -> Vec<usize> {
        assert_eq!(signatures.len(), MESSAGES);
        let mut missing = Vec::new();
        for (index, signature) in signatures.iter().enumerate() {
            match signature {
                Some(signature) => assert_eq!(signature, &self.expected[index], "{what}"),
                None => missing.push(index % LANES),
            }
        }
        missing
    }
}

#[test]
fn no_signature_leaves_after_a_fault_in_an_operation() {
    const FAULTS: u64 = 1_200;
    let curve = Curve::new(Portable);
    let mut random = Numbers64(13);
    let case = Case::new(&mut random);
    let key = Key::new(&curve, Portable, &case.scalar, &point(&case.scalar));
    LEFT.set(u64::MAX);
    let signatures = ecdsa::sign(&curve, Portable, &key, &case.inputs);
    assert!(case.missing(&signatures, "no fault").is_empty());
    let operations = u64::MAX - LEFT.get();
    let mut caught = 0;
    for fault in 0..FAULTS {
        // At all steps in turn, from the first to the last.
        let operation = operations * fault / FAULTS + random.next() % (operations / FAULTS);
        let (lane, bit) = (fault as usize % LANES, random.next() as u32 % 64);
        PLACE.set((lane, bit));
        LEFT.set(operation);
        let signatures = ecdsa::sign(&curve, Portable, &key, &case.inputs);
        LEFT.set(u64::MAX);
        let what = format!("operation {operation} of {operations}, lane {lane}, bit {bit}");
        let missing = case.missing(&signatures, &what);
        assert!(missing.iter().all(|missing| *missing == lane), "{what}");
        caught += missing.len().min(1);
    }
    eprintln!("{caught} of {FAULTS} faults had an effect");
    assert!(caught > FAULTS as usize / 4, "{caught}");
}

/// The same wrong multiple of the generator serves the signature and its check.
#[test]
fn no_signature_leaves_after_a_fault_in_the_table() {
    let mut curve = Curve::new(Portable);
    let mut random = Numbers64(17);
    let case = Case::new(&mut random);
    let key = Key::new(&curve, Portable, &case.scalar, &point(&case.scalar));
    let mut caught = 0;
    for fault in 0..300 {
        let window = fault % curve.generator.0.len();
        let digit = random.next() as usize % 16;
        let (coordinate, limb) = (fault % 2, random.next() as usize % (LIMBS - 1));
        let bit = 1 << (random.next() % LIMB_BITS as u64);
        curve.generator.0[window][digit][coordinate][limb] ^= bit;
        let signatures = ecdsa::sign(&curve, Portable, &key, &case.inputs);
        let what = format!("window {window}, digit {digit}, {coordinate}, {limb}, {bit:x}");
        caught += case.missing(&signatures, &what).len();
        curve.generator.0[window][digit][coordinate][limb] ^= bit;
    }
    eprintln!("{caught} signatures were not made");
    assert!(caught > 50, "{caught}");
}

/// A key whose number has changed makes signatures that nobody can verify, and reveals both.
#[test]
fn no_signature_leaves_after_a_fault_in_the_key() {
    let curve = Curve::new(Portable);
    let mut random = Numbers64(19);
    let case = Case::new(&mut random);
    let mut key = Key::new(&curve, Portable, &case.scalar, &point(&case.scalar));
    for bit in 0..255 {
        key.scalar[bit / LIMB_BITS] ^= 1 << (bit % LIMB_BITS);
        let signatures = ecdsa::sign(&curve, Portable, &key, &case.inputs);
        assert_eq!(signatures, [None; MESSAGES], "bit {bit}");
        key.scalar[bit / LIMB_BITS] ^= 1 << (bit % LIMB_BITS);
    }
}
