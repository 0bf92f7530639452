//! ECDSA signatures on P-256, and their parts for implementations that compute the costly ones.
//!
//! Source: FIPS 186-5, section 6.4.1; RFC 6979, section 3.2.

use p256::ecdsa::Signature;
use p256::elliptic_curve::bigint::U256;
use p256::elliptic_curve::ops::Reduce;
use p256::elliptic_curve::{Curve, Group, ff::PrimeField, point::AffineCoordinates};
use p256::{FieldBytes, NistP256, ProjectivePoint, Scalar, SecretKey};
use primeorder::BasepointTable;
use rfc6979::KGenerator;
use sha2::Sha256;
use zeroize::Zeroizing;

/// A big-endian number.
pub(crate) type Bytes = [u8; 32];

/// A digest as a number: its first 32 bytes, or all of a shorter one (FIPS 186-5, section 6.4.1).
pub(crate) fn padded(digest: &[u8]) -> Bytes {
    let digest = &digest[..digest.len().min(32)];
    let mut padded = [0; 32];
    padded[32 - digest.len()..].copy_from_slice(digest);
    padded
}

/// The nonce for a digest, made from the key with HMAC-SHA-256. It is above zero and below the
/// order of the curve.
pub(crate) fn nonce(key: &Bytes, digest: &Bytes) -> Zeroizing<Bytes> {
    let mut nonce = Zeroizing::new([0; 32]);
    KGenerator::<Sha256, U256>::new(key, digest, &[], &NistP256::ORDER).fill_next_k(nonce.as_mut());
    #[cfg(test)]
    faults::strike(faults::Step::Nonce, nonce.as_mut());
    nonce
}

/// The ASN.1 DER form of a signature; `None` if one of its numbers is zero or not below the order.
pub(crate) fn to_der(r: Bytes, s: Bytes) -> Option<Vec<u8>> {
    let signature = Signature::from_scalars(r, s).ok()?;
    Some(signature.to_der().as_bytes().to_vec())
}

/// The x coordinate of a multiple of the curve's generator, in constant time.
pub(super) fn multiply_generator(scalar: &Bytes) -> Option<Bytes> {
    let scalar = Zeroizing::new(Scalar::from_repr((*scalar).into()).into_option()?);
    let point = ProjectivePoint::mul_by_generator(&*scalar).to_affine();
    Some(point.x().into())
}

/// The x coordinate, modulo the order, of a public multiple of the generator.
pub(crate) fn multiple_of_generator(scalar: &Bytes) -> Bytes {
    // The same table as a feature of the `p256` crate makes every start with a key slower.
    static TABLE: BasepointTable<ProjectivePoint, 33> = BasepointTable::new();
    let scalar = <Scalar as Reduce<FieldBytes>>::reduce(&(*scalar).into());
    x_coordinate(&TABLE.mul_vartime(&scalar))
}

/// The x coordinate of a public point, modulo the order.
pub(super) fn x_coordinate(point: &ProjectivePoint) -> Bytes {
    let x = AffineCoordinates::x(&point.to_affine());
    <Scalar as Reduce<FieldBytes>>::reduce(&x).to_bytes().into()
}

/// The signature over a digest. `multiply_generator` returns what [`multiply_generator`] does, or
/// `None` if it fails.
pub(super) fn sign(
    key: &SecretKey,
    digest: &[u8],
    multiply_generator: impl FnOnce(&Bytes) -> Option<Bytes>,
) -> Option<Vec<u8>> {
    let d = Zeroizing::new(*key.to_nonzero_scalar());
    let digest = padded(digest);
    let scalar = Zeroizing::new(d.to_repr().into());
    let used = nonce(&scalar, &digest);
    let x = multiply_generator(&used)?;
    let k = Zeroizing::new(Scalar::from_repr((*used).into()).into_option()?);
    let inverse = Zeroizing::new(k.invert().into_option()?);
    let r = <Scalar as Reduce<FieldBytes>>::reduce(&x.into());
    let z = <Scalar as Reduce<FieldBytes>>::reduce(&digest.into());
    let s = *inverse * (z + r * *d);
    // A faulty nonce gives a valid signature too, which reveals the key together with the
    // correct one, so the nonce is computed again.
    if nonce(&scalar, &digest) != used {
        return None;
    }
    to_der(r.to_repr().into(), s.to_repr().into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use p256::ecdsa::SigningKey;
    use p256::ecdsa::signature::hazmat::PrehashSigner;

    use super::*;

    #[test]
    fn signatures_are_those_of_the_p256_crate() {
        for number in 1..=64 {
            let key = SecretKey::from_slice(&[number; 32]).unwrap();
            // As long as one of SHA-1, and as one of SHA-256 that is not below the order.
            for digest in [&[number; 20][..], &[255 - number; 32], &[0xff; 32]] {
                let expected: Signature = SigningKey::from(&key).sign_prehash(digest).unwrap();
                let signature = sign(&key, digest, multiply_generator).unwrap();
                assert_eq!(signature, expected.to_der().as_bytes(), "{number}");
            }
        }
    }
}

/// Faults for tests: one bit of a result is wrong.
#[cfg(test)]
pub(crate) mod faults {
    use std::cell::Cell;

    /// A step that can go wrong.
    #[derive(Clone, Copy, PartialEq)]
    pub(crate) enum Step {
        Nonce,
        AwsLc,
    }

    thread_local! {
        /// The step, the number of times that it goes well before, and the bit that is flipped.
        static NEXT: Cell<Option<(Step, usize, usize)>> = const { Cell::new(None) };
    }

    /// Plans a fault on this thread.
    pub(crate) fn plan(step: Step, before: usize, bit: usize) {
        NEXT.set(Some((step, before, bit)));
    }

    /// Flips the bit if the fault is due.
    pub(crate) fn strike(step: Step, result: &mut [u8]) {
        let Some((planned, before, bit)) = NEXT.get().filter(|(planned, ..)| *planned == step)
        else {
            return;
        };
        NEXT.set(before.checked_sub(1).map(|before| (planned, before, bit)));
        if before == 0 {
            result[bit / 8] ^= 1 << (bit % 8);
        }
    }

    /// Returns whether the planned fault has happened.
    pub(crate) fn happened() -> bool {
        NEXT.take().is_none()
    }
}
