//! RSA signatures, and the costly part of P-256 signatures, by AWS-LC.
//!
//! This is the only module that calls C. It uses functions that `openssl/rsa.h`, `openssl/ec.h` and
//! `openssl/bn.h` declare.

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

use crate::key::RsaNumbers;
use crate::key::hash::HashAlgorithm;

/// An RSA private key in AWS-LC's memory, which AWS-LC wipes when it is freed.
pub(super) struct RsaKey(NonNull<RSA>);

// SAFETY: an `RSA` is not tied to the thread that made it. It may be used by several threads at
// once as long as none of them changes its key; its own caches are behind locks (openssl/rsa.h),
// and nothing here changes a key once it is made.
unsafe impl Send for RsaKey {}
// SAFETY: as above.
unsafe impl Sync for RsaKey {}

impl RsaKey {
    /// Copies the numbers of a key that has been checked; `None` if AWS-LC rejects them.
    ///
    /// AWS-LC's own key parser would check them again, in constant time, which takes as long as
    /// half a signature.
    pub(super) fn new(numbers: &RsaNumbers) -> Option<Self> {
        // SAFETY: the function takes nothing.
        let key = RsaKey(NonNull::new(unsafe { RSA_new() })?);
        let n = Number::new(&numbers.n)?;
        let e = Number::new(&numbers.e)?;
        let d = Number::new(&numbers.d)?;
        let p = Number::new(&numbers.p)?;
        let q = Number::new(&numbers.q)?;
        let dp = Number::new(&numbers.dp)?;
        let dq = Number::new(&numbers.dq)?;
        let qinv = Number::new(&numbers.qinv)?;
        let rsa = key.0.as_ptr();
        // SAFETY: the key and the numbers are valid, and nobody else has them. Each call takes
        // ownership of its numbers if it succeeds; it only fails if one is missing, and none is.
        let done = unsafe {
            RSA_set0_key(rsa, n.into_raw(), e.into_raw(), d.into_raw()) == 1
                && RSA_set0_factors(rsa, p.into_raw(), q.into_raw()) == 1
                && RSA_set0_crt_params(rsa, dp.into_raw(), dq.into_raw(), qinv.into_raw()) == 1
        };
        if !done {
            clear_errors();
            return None;
        }
        // The first random number of a process costs AWS-LC 23 ms, and only blinding would need
        // one. The exponentiation takes constant time without it, and the message, the padded hash
        // of a policy, is public.
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
        // SAFETY: `signature` has the RSA_size bytes that the function may write, and `digest` is a
        // slice whose length the function checks against the hash.
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
            clear_errors();
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

/// The x coordinate of `scalar` times the generator of P-256, in constant time. Both are
/// big-endian. `None` for a scalar that is zero or not below the order of the curve.
pub(super) fn p256_multiply_generator(scalar: &[u8; 32]) -> Option<[u8; 32]> {
    let (scalar, x) = (Number::new(scalar)?, Number::new(&[])?);
    // SAFETY: the group is static, and the point is owned by the guard around it.
    let (group, point) = unsafe {
        (
            EC_group_p256(),
            Point(NonNull::new(EC_POINT_new(EC_group_p256()))?),
        )
    };
    let mut bytes = [0; 32];
    // SAFETY: group, point and numbers are valid, and nobody else has them; null stands for what is
    // optional. The last function writes as many bytes as it is told `bytes` has.
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
        clear_errors();
    }
    done.then_some(bytes)
}

/// A number that is wiped when it is freed.
struct Number(NonNull<BIGNUM>);

impl Number {
    /// Reads a big-endian number.
    fn new(bytes: &[u8]) -> Option<Self> {
        // SAFETY: pointer and length are those of a slice, from which the function copies; null has
        // it make a new number.
        NonNull::new(unsafe { BN_bin2bn(bytes.as_ptr(), bytes.len(), null_mut()) }).map(Number)
    }

    /// Passes ownership to AWS-LC.
    fn into_raw(self) -> *mut BIGNUM {
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

/// Empties the thread's error queue, which nothing reads.
fn clear_errors() {
    // SAFETY: the function takes nothing and concerns only this thread.
    unsafe { ERR_clear_error() };
}
