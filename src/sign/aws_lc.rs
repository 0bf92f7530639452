//! RSA signatures, and the costly part of P-256 signatures, by AWS-LC: five times as fast as in pure Rust.
//!
//! This is the one module that calls C. The functions used are those that `openssl/rsa.h`, `openssl/ec.h` and
//! `openssl/bn.h` declare, and the only thing held is one `RSA` object.

#![allow(unsafe_code)]

use std::ffi::{c_int, c_uint};
use std::mem::ManuallyDrop;
use std::ptr::{NonNull, null, null_mut};

use aws_lc_sys::{
    BIGNUM, BN_bin2bn, BN_bn2bin_padded, BN_clear_free, EC_POINT, EC_POINT_free,
    EC_POINT_get_affine_coordinates, EC_POINT_mul, EC_POINT_new, EC_group_p256, ERR_clear_error,
    NID_sha1, NID_sha256, RSA, RSA_FLAG_NO_BLINDING, RSA_free, RSA_new, RSA_set_flags,
    RSA_set0_crt_params, RSA_set0_factors, RSA_set0_key, RSA_sign, RSA_size,
};

use crate::key::hash::HashAlgorithm;

/// An RSA private key in AWS-LC's memory, which AWS-LC wipes when it is freed.
pub(super) struct RsaKey(NonNull<RSA>);

// SAFETY: an `RSA` is not tied to the thread that made it. It may be used by several threads at once as long as none of
// them changes its key; its own caches are behind locks (openssl/rsa.h), and nothing here changes a key once it is made.
unsafe impl Send for RsaKey {}
// SAFETY: as above.
unsafe impl Sync for RsaKey {}

impl RsaKey {
    /// Takes over the numbers of a key that has been checked, in the order of PKCS#1 (RFC 8017); `None` for one that
    /// AWS-LC does not take.
    ///
    /// AWS-LC's own reader would check them again, in constant time, which takes as long as half a signature.
    pub(super) fn new(numbers: &[impl AsRef<[u8]>; 8]) -> Option<Self> {
        // SAFETY: the function takes nothing.
        let key = RsaKey(NonNull::new(unsafe { RSA_new() })?);
        let [n, e, d, p, q, dp, dq, qinv] = numbers
            .each_ref()
            .map(|number| Number::new(number.as_ref()));
        let (n, e, d, p, q, dp, dq, qinv) = (n?, e?, d?, p?, q?, dp?, dq?, qinv?);
        let rsa = key.0.as_ptr();
        // SAFETY: the key and the numbers are valid, and nobody else has them. Each call takes its numbers over if it
        // succeeds, which it does not only where one is missing; none is.
        let done = unsafe {
            RSA_set0_key(rsa, n.given_away(), e.given_away(), d.given_away()) == 1
                && RSA_set0_factors(rsa, p.given_away(), q.given_away()) == 1
                && RSA_set0_crt_params(rsa, dp.given_away(), dq.given_away(), qinv.given_away())
                    == 1
        };
        if !done {
            forget_errors();
            return None;
        }
        // The first random number of a process costs AWS-LC 23 ms, and blinding would be the only thing to need one. Its
        // exponentiation takes constant time, and what is signed is the padded hash of a policy, which is no secret.
        //
        // SAFETY: the key is valid and nobody else has it yet.
        unsafe { RSA_set_flags(rsa, RSA_FLAG_NO_BLINDING as c_int) };
        Some(key)
    }

    /// The PKCS#1 v1.5 signature over a digest; `None` for a key too short for the hash.
    pub(super) fn sign(&self, hash: HashAlgorithm, digest: &[u8]) -> Option<Vec<u8>> {
        let nid = match hash {
            HashAlgorithm::Sha1 => NID_sha1,
            HashAlgorithm::Sha256 => NID_sha256,
        };
        // SAFETY: the key is valid as long as `self` is.
        let size = unsafe { RSA_size(self.0.as_ptr()) };
        let mut signature = vec![0; size as usize];
        let mut length: c_uint = 0;
        // SAFETY: `signature` has the RSA_size bytes that the function may write, and `digest` is a slice whose length
        // the function checks against the hash.
        let done = unsafe {
            RSA_sign(
                nid as c_int,
                digest.as_ptr(),
                digest.len(),
                signature.as_mut_ptr(),
                &mut length,
                self.0.as_ptr(),
            )
        };
        if done != 1 {
            forget_errors();
            return None;
        }
        signature.truncate(length as usize);
        Some(signature)
    }
}

impl Drop for RsaKey {
    fn drop(&mut self) {
        // SAFETY: the key came from AWS-LC, and this is its only owner.
        unsafe { RSA_free(self.0.as_ptr()) };
    }
}

/// The x coordinate of `scalar` times the generator of P-256, in constant time; both have their first byte weigh most.
/// `None` for a scalar that is zero or not below the order of the curve.
pub(super) fn p256_multiple(scalar: &[u8; 32]) -> Option<[u8; 32]> {
    let (scalar, x) = (Number::new(scalar)?, Number::new(&[])?);
    // SAFETY: the group is static, and the point is owned by the guard around it.
    let (group, point) = unsafe {
        (
            EC_group_p256(),
            Point(NonNull::new(EC_POINT_new(EC_group_p256()))?),
        )
    };
    let mut bytes = [0; 32];
    // SAFETY: group, point and numbers are valid, and nobody else has them; null stands for what is optional. The last
    // function writes as many bytes as it is told `bytes` has.
    let done = unsafe {
        EC_POINT_mul(
            group,
            point.0.as_ptr(),
            scalar.0.as_ptr(),
            null(),
            null(),
            null_mut(),
        ) == 1
            && EC_POINT_get_affine_coordinates(
                group,
                point.0.as_ptr(),
                x.0.as_ptr(),
                null_mut(),
                null_mut(),
            ) == 1
            && BN_bn2bin_padded(bytes.as_mut_ptr(), bytes.len(), x.0.as_ptr()) == 1
    };
    if !done {
        forget_errors();
    }
    done.then_some(bytes)
}

/// A number that is wiped when it is freed.
struct Number(NonNull<BIGNUM>);

impl Number {
    /// The number that these bytes stand for, the first of which weighs most.
    fn new(bytes: &[u8]) -> Option<Self> {
        // SAFETY: pointer and length are those of a slice, from which the function copies; null has it make a new number.
        NonNull::new(unsafe { BN_bin2bn(bytes.as_ptr(), bytes.len(), null_mut()) }).map(Number)
    }

    /// The number for AWS-LC to keep.
    fn given_away(self) -> *mut BIGNUM {
        ManuallyDrop::new(self).0.as_ptr()
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        // SAFETY: the number came from AWS-LC, and this is its only owner.
        unsafe { BN_clear_free(self.0.as_ptr()) };
    }
}

struct Point(NonNull<EC_POINT>);

impl Drop for Point {
    fn drop(&mut self) {
        // SAFETY: the point came from AWS-LC, and this is its only owner.
        unsafe { EC_POINT_free(self.0.as_ptr()) };
    }
}

/// Empties the thread's list of errors: the reason is told in Rust.
fn forget_errors() {
    // SAFETY: the function takes nothing and concerns only this thread.
    unsafe { ERR_clear_error() };
}
