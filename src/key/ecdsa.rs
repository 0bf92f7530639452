//! ECDSA on P-256 around a multiplication that is done elsewhere.
//!
//! Most of the work in a signature is to multiply the generator of the curve by the nonce, which AWS-LC does many times
//! as fast as `p256`, and to invert the nonce, for which `crypto-bigint` has a faster way. All of it takes constant time.
//! AWS-LC's own signing would draw a random nonce; the nonce of RFC 6979 keeps signatures reproducible, and needs no random
//! number.
//!
//! Source: FIPS 186-5, section 6.4.1; RFC 6979, section 3.2.

use crypto_bigint::U256;
use p256::ecdsa::Signature;
use p256::elliptic_curve::Curve;
use p256::elliptic_curve::bigint::ArrayEncoding;
use p256::elliptic_curve::ff::PrimeField;
use p256::elliptic_curve::ops::Reduce;
use p256::{FieldBytes, NistP256, Scalar, SecretKey};
use rfc6979::KGenerator;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The signature over a digest of up to 32 bytes; `multiple` gives the x coordinate of so many times the generator, both as 32 bytes,
/// the first of which weighs most. `None` where that fails.
pub(super) fn sign(
    key: &SecretKey,
    digest: &[u8],
    multiple: impl FnOnce(&[u8; 32]) -> Option<[u8; 32]>,
) -> Option<Signature> {
    let mut padded = FieldBytes::default();
    padded[32_usize.checked_sub(digest.len())?..].copy_from_slice(digest);
    let secret = Zeroizing::new(*key.to_nonzero_scalar());
    let mut nonce = Zeroizing::new([0; 32]);
    KGenerator::<Sha256, U256>::new(&secret.to_repr(), &padded, &[], &NistP256::ORDER)
        .fill_next_k(nonce.as_mut());
    let r = <Scalar as Reduce<_>>::reduce(&FieldBytes::from(multiple(&nonce)?));
    let inverse = Zeroizing::new(inverse(&nonce)?);
    let s = *inverse * (<Scalar as Reduce<_>>::reduce(&padded) + r * *secret);
    // Refuses zeros.
    Signature::from_scalars(r, s).ok()
}

/// The inverse modulo the order of the curve.
fn inverse(nonce: &[u8; 32]) -> Option<Scalar> {
    let nonce = Zeroizing::new(U256::from_be_slice(nonce));
    let inverse = nonce.invert_odd_mod(&NistP256::ORDER).into_option()?;
    Scalar::from_repr(Zeroizing::new(inverse).to_be_byte_array()).into_option()
}
