//! RSA signatures, the costly part of P-256 signatures, and verification, by AWS-LC.
//!
//! This is the only module that calls C. It uses functions that `openssl/rsa.h`, `openssl/ec.h`,
//! `openssl/ecdsa.h` and `openssl/bn.h` declare.

#![allow(unsafe_code)]

use std::ffi::{c_int, c_uint};
use std::mem::ManuallyDrop;
use std::ptr::{NonNull, null, null_mut};

use aws_lc_sys::{
    BIGNUM, BN_bin2bn, BN_bn2bin_padded, BN_clear_free, EC_KEY, EC_KEY_free,
    EC_KEY_new_by_curve_name, EC_KEY_set_public_key, EC_POINT, EC_POINT_free,
    EC_POINT_get_affine_coordinates, EC_POINT_mul, EC_POINT_new, EC_POINT_oct2point, EC_group_p256,
    ECDSA_verify, ERR_clear_error, NID_X9_62_prime256v1, NID_sha1, NID_sha256, RSA,
    RSA_FLAG_NO_BLINDING, RSA_NO_PADDING, RSA_free, RSA_new, RSA_new_public_key, RSA_set_flags,
    RSA_set0_crt_params, RSA_set0_factors, RSA_set0_key, RSA_sign, RSA_size, RSA_verify_raw,
};

use crate::key::RsaNumbers;
#[cfg(test)]
use crate::key::ecdsa::faults;
use crate::key::hash::HashAlgorithm;

/// An RSA key, private or public, in AWS-LC's memory, which AWS-LC wipes when it is freed.
pub(super) struct Rsa(NonNull<RSA>);

// SAFETY: an `RSA` is not tied to the thread that made it. It may be used by several threads at
// once as long as none of them changes its key; its own caches are behind locks (openssl/rsa.h),
// and nothing here changes a key once it is made.
unsafe impl Send for Rsa {}
// SAFETY: as above.
unsafe impl Sync for Rsa {}

impl Rsa {
    /// Copies the numbers of a private key that has been checked; `None` if AWS-LC rejects them.
    ///
    /// AWS-LC's own key parser would check them again, in constant time, which takes as long as
    /// half a signature.
    pub(super) fn new(numbers: &RsaNumbers) -> Option<Self> {
        // SAFETY: the function takes nothing.
        let key = Rsa(NonNull::new(unsafe { RSA_new() })?);
        let [n, e, d, p, q, dp, dq, qinv] = numbers;
        let n = Number::new(n)?;
        let e = Number::new(e)?;
        let d = Number::new(d)?;
        let p = Number::new(p)?;
        let q = Number::new(q)?;
        let dp = Number::new(dp)?;
        let dq = Number::new(dq)?;
        let qinv = Number::new(qinv)?;
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

    /// Copies modulus and exponent of a public key, big-endian; `None` if AWS-LC rejects them.
    pub(super) fn public(n: &[u8], e: &[u8]) -> Option<Self> {
        let (n, e) = (Number::new(n)?, Number::new(e)?);
        // SAFETY: the numbers are valid, and the function copies them.
        let key = NonNull::new(unsafe { RSA_new_public_key(n.0.as_ptr(), e.0.as_ptr()) });
        if key.is_none() {
            clear_errors();
        }
        key.map(Rsa)
    }

    /// The padded message in a signature, as long as the modulus: `signature^e mod n` (RSAVP1,
    /// RFC 8017, section 5.2.2). `None` for a signature that is not as long, or not below `n`.
    pub(super) fn open(&self, signature: &[u8]) -> Option<Vec<u8>> {
        let mut block = vec![0; self.size()];
        let mut length = 0;
        // SAFETY: `block` has the RSA_size bytes that the function may write, and `signature` is a
        // slice. The key is only read.
        let done = unsafe {
            RSA_verify_raw(
                self.0.as_ptr(),
                &mut length,
                block.as_mut_ptr(),
                block.len(),
                signature.as_ptr(),
                signature.len(),
                RSA_NO_PADDING,
            )
        };
        if done != 1 {
            clear_errors();
            return None;
        }
        (length == block.len()).then_some(block)
    }

    /// The length of the modulus in bytes.
    fn size(&self) -> usize {
        // SAFETY: the key is valid as long as `self` is.
        unsafe { RSA_size(self.0.as_ptr()) as usize }
    }

    /// The PKCS#1 v1.5 signature over a digest; `None` for a key too short for the hash.
    pub(super) fn sign(&self, hash: HashAlgorithm, digest: &[u8]) -> Option<Vec<u8>> {
        let nid = match hash {
            HashAlgorithm::Sha1 => NID_sha1,
            HashAlgorithm::Sha256 => NID_sha256,
        };
        let mut signature = vec![0; self.size()];
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
        #[cfg(test)]
        faults::strike(faults::Step::AwsLc, &mut signature);
        Some(signature)
    }
}

impl Drop for Rsa {
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
    #[cfg(test)]
    faults::strike(faults::Step::AwsLc, &mut bytes);
    done.then_some(bytes)
}

/// A P-256 public key.
pub(super) struct P256Public(NonNull<EC_KEY>);

// SAFETY: an `EC_KEY` is not tied to the thread that made it, and may be used by several threads at
// once as long as none of them changes it (openssl/ec_key.h); nothing here does once it is made.
unsafe impl Send for P256Public {}
// SAFETY: as above.
unsafe impl Sync for P256Public {}

impl P256Public {
    /// Takes the coordinates of a point, big-endian; `None` if it is not on the curve.
    pub(super) fn new([x, y]: &[[u8; 32]; 2]) -> Option<Self> {
        // The uncompressed form of SEC1.
        let bytes = [&[4], &x[..], y].concat();
        // SAFETY: the functions take nothing but the number of a curve and a static group.
        let (key, point) = unsafe {
            (
                P256Public(NonNull::new(EC_KEY_new_by_curve_name(
                    NID_X9_62_prime256v1,
                ))?),
                Point(NonNull::new(EC_POINT_new(EC_group_p256()))?),
            )
        };
        // SAFETY: group, point and key are valid, and nobody else has the latter two; pointer and
        // length are those of a slice. The key gets a copy of the point.
        let done = unsafe {
            EC_POINT_oct2point(
                EC_group_p256(),
                point.0.as_ptr(),
                bytes.as_ptr(),
                bytes.len(),
                null_mut(),
            ) == 1
                && EC_KEY_set_public_key(key.0.as_ptr(), point.0.as_ptr()) == 1
        };
        if !done {
            clear_errors();
        }
        done.then_some(key)
    }

    /// Verifies an ECDSA signature in ASN.1 DER over a digest.
    pub(super) fn verifies(&self, digest: &[u8], signature: &[u8]) -> bool {
        // SAFETY: pointers and lengths are those of slices, and the key is only read. The function
        // ignores its first argument.
        let valid = unsafe {
            ECDSA_verify(
                0,
                digest.as_ptr(),
                digest.len(),
                signature.as_ptr(),
                signature.len(),
                self.0.as_ptr(),
            )
        };
        if valid != 1 {
            clear_errors();
        }
        valid == 1
    }
}

impl Drop for P256Public {
    fn drop(&mut self) {
        // SAFETY: the key came from AWS-LC, and this is its only owner.
        unsafe { EC_KEY_free(self.0.as_ptr()) };
    }
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
