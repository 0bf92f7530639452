//! RSA signatures, and the costly part of P-256 signatures, by AWS-LC: five times as fast as in pure Rust.
//!
//! This is the one module that calls C. The functions used are those that `openssl/rsa.h`, `openssl/ec.h` and
//! `openssl/bn.h` declare, and the only thing held is one `RSA` object.

#![allow(unsafe_code)]

use std::ffi::{c_int, c_uint};
use std::ptr::{NonNull, null, null_mut};

use aws_lc_sys::{
    BIGNUM, BN_bin2bn, BN_bn2bin_padded, BN_clear_free, BN_new, EC_POINT, EC_POINT_free,
    EC_POINT_get_affine_coordinates, EC_POINT_mul, EC_POINT_new, EC_group_p256, ERR_clear_error, NID_sha1, NID_sha256,
    RSA, RSA_FLAG_NO_BLINDING, RSA_free, RSA_private_key_from_bytes, RSA_set_flags, RSA_sign, RSA_size,
};

use crate::hash::Hash;

/// An RSA private key in AWS-LC's memory, which AWS-LC wipes when it is freed.
pub(super) struct RsaKey(NonNull<RSA>);

// SAFETY: an `RSA` is not tied to the thread that made it. It may be used by several threads at once as long as none of
// them changes its key; its own caches are behind locks (openssl/rsa.h), and nothing here changes a key once it is made.
unsafe impl Send for RsaKey {}
// SAFETY: as above.
unsafe impl Sync for RsaKey {}

impl RsaKey {
    /// Reads the PKCS#1 DER (RFC 8017) of a key; `None` for one that AWS-LC does not take.
    pub(super) fn from_pkcs1_der(der: &[u8]) -> Option<Self> {
        // SAFETY: pointer and length are those of a slice, which the function reads and does not keep.
        let key = unsafe { RSA_private_key_from_bytes(der.as_ptr(), der.len()) };
        let Some(key) = NonNull::new(key) else {
            forget_errors();
            return None;
        };
        // The first random number of a process costs AWS-LC 23 ms, and blinding would be the only thing to need one. Its
        // exponentiation takes constant time, and what is signed is the padded hash of a policy, which is no secret.
        //
        // SAFETY: the key is valid and nobody else has it yet.
        unsafe { RSA_set_flags(key.as_ptr(), RSA_FLAG_NO_BLINDING as c_int) };
        Some(RsaKey(key))
    }

    /// The PKCS#1 v1.5 signature over a digest; `None` for a key too short for the hash.
    pub(super) fn sign(&self, hash: Hash, digest: &[u8]) -> Option<Vec<u8>> {
        let nid = match hash {
            Hash::Sha1 => NID_sha1,
            Hash::Sha256 => NID_sha256,
        };
        // SAFETY: the key is valid as long as `self` is.
        let size = unsafe { RSA_size(self.0.as_ptr()) };
        let mut signature = vec![0; size as usize];
        let mut length: c_uint = 0;
        // SAFETY: `signature` has the RSA_size bytes that the function may write, and `digest` is a slice whose length
        // the function checks against the hash.
        let done = unsafe {
            RSA_sign(nid as c_int, digest.as_ptr(), digest.len(), signature.as_mut_ptr(), &mut length, self.0.as_ptr())
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
    // SAFETY: these functions take nothing, or the pointer and length of an array which they copy. Each result is owned,
    // and freed by the guard around it, which does not mind a null pointer.
    let (group, scalar, x) =
        unsafe { (EC_group_p256(), Number(BN_bin2bn(scalar.as_ptr(), scalar.len(), null_mut())), Number(BN_new())) };
    // SAFETY: the group is static.
    let point = Point(unsafe { EC_POINT_new(group) });
    if scalar.0.is_null() || x.0.is_null() || point.0.is_null() {
        forget_errors();
        return None;
    }
    let mut bytes = [0; 32];
    // SAFETY: group, point and numbers are valid, and nobody else has them; null stands for what is optional. The last
    // function writes as many bytes as it is told `bytes` has.
    let done = unsafe {
        EC_POINT_mul(group, point.0, scalar.0, null(), null(), null_mut()) == 1
            && EC_POINT_get_affine_coordinates(group, point.0, x.0, null_mut(), null_mut()) == 1
            && BN_bn2bin_padded(bytes.as_mut_ptr(), bytes.len(), x.0) == 1
    };
    if !done {
        forget_errors();
    }
    done.then_some(bytes)
}

/// A number that is wiped when it is freed.
struct Number(*mut BIGNUM);

impl Drop for Number {
    fn drop(&mut self) {
        // SAFETY: the number came from AWS-LC or is null, and this is its only owner.
        unsafe { BN_clear_free(self.0) };
    }
}

struct Point(*mut EC_POINT);

impl Drop for Point {
    fn drop(&mut self) {
        // SAFETY: the point came from AWS-LC or is null, and this is its only owner.
        unsafe { EC_POINT_free(self.0) };
    }
}

/// Empties the thread's list of errors: the reason is told in Rust.
fn forget_errors() {
    // SAFETY: the function takes nothing and concerns only this thread.
    unsafe { ERR_clear_error() };
}
