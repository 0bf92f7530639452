//! RSA signatures, the costly part of P-256 signatures, and verification, by AWS-LC.
//!
//! This is the only module that calls C. It uses functions that `openssl/rsa.h`, `openssl/ec.h`,
//! `openssl/ecdsa.h` and `openssl/bn.h` declare.

#![allow(unsafe_code)]

use std::ffi::c_int;
use std::mem::ManuallyDrop;
use std::ptr::{NonNull, null, null_mut};

use aws_lc_sys::{
    BIGNUM, BN_bin2bn, BN_clear_free, EC_KEY, EC_KEY_free, EC_KEY_new_by_curve_name,
    EC_KEY_set_public_key_affine_coordinates, EC_POINT_free, EC_POINT_mul, EC_POINT_new,
    EC_POINT_point2oct, EC_group_p256, ECDSA_verify, ERR_clear_error, NID_X9_62_prime256v1, RSA,
    RSA_FLAG_NO_BLINDING, RSA_NO_PADDING, RSA_free, RSA_new, RSA_new_public_key,
    RSA_private_encrypt, RSA_public_decrypt, RSA_set_flags, RSA_set0_crt_params, RSA_set0_factors,
    RSA_set0_key, RSA_size, point_conversion_form_t,
};

use crate::key::RsaNumbers;
#[cfg(test)]
use crate::key::ecdsa::faults;

/// An object of AWS-LC, which wipes the object when it is freed.
#[derive(Debug)]
struct Owned<T> {
    object: NonNull<T>,
    free: unsafe extern "C" fn(*mut T),
}

// SAFETY: no object here is tied to the thread that made it. Several threads may use a key at once
// as long as none of them changes it (openssl/rsa.h, openssl/ec_key.h), and nothing here changes
// one once it is made.
unsafe impl<T> Send for Owned<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Owned<T> {}

impl<T> Owned<T> {
    /// Takes a new object and the function that frees it; `None` if AWS-LC has made none.
    fn new(object: *mut T, free: unsafe extern "C" fn(*mut T)) -> Option<Self> {
        let object = NonNull::new(object);
        if object.is_none() {
            clear_errors();
        }
        object.map(|object| Owned { object, free })
    }

    fn as_ptr(&self) -> *mut T {
        self.object.as_ptr()
    }

    /// Passes ownership to AWS-LC.
    fn into_raw(self) -> *mut T {
        ManuallyDrop::new(self).as_ptr()
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        // SAFETY: the object came from AWS-LC, and this is its only owner.
        unsafe { (self.free)(self.as_ptr()) };
    }
}

/// A big-endian number.
fn number(bytes: &[u8]) -> Option<Owned<BIGNUM>> {
    // SAFETY: pointer and length are those of a slice, from which the function copies; null has it
    // make a new number.
    let number = unsafe { BN_bin2bn(bytes.as_ptr(), bytes.len(), null_mut()) };
    Owned::new(number, BN_clear_free)
}

/// An RSA key, private or public.
#[derive(Debug)]
pub(super) struct Rsa(Owned<RSA>);

impl Rsa {
    /// Copies the numbers of a private key that has been checked; `None` if AWS-LC rejects them.
    ///
    /// AWS-LC's own key parser would check them again, in constant time, which takes as long as
    /// half a signature.
    pub(super) fn new(numbers: &RsaNumbers) -> Option<Self> {
        // SAFETY: the function takes nothing.
        let key = Owned::new(unsafe { RSA_new() }, RSA_free)?;
        let [n, e, d, p, q, dp, dq, qinv] = numbers;
        let (n, e, d) = (number(n)?, number(e)?, number(d)?);
        let (p, q) = (number(p)?, number(q)?);
        let (dp, dq, qinv) = (number(dp)?, number(dq)?, number(qinv)?);
        let rsa = key.as_ptr();
        // SAFETY: the key and the numbers are valid, and nobody else has them. Each call takes
        // ownership of its numbers if it succeeds; it only fails if one is missing, and none is.
        let done = unsafe {
            RSA_set0_key(rsa, n.into_raw(), e.into_raw(), d.into_raw()) == 1
                && RSA_set0_factors(rsa, p.into_raw(), q.into_raw()) == 1
                && RSA_set0_crt_params(rsa, dp.into_raw(), dq.into_raw(), qinv.into_raw()) == 1
        };
        // The first random number of a process costs AWS-LC 23 ms, and only blinding would need
        // one. The exponentiation takes constant time without it, and the message, the padded hash
        // of a policy, is public.
        //
        // SAFETY: the key is valid and nobody else has it yet.
        unsafe { RSA_set_flags(rsa, RSA_FLAG_NO_BLINDING as c_int) };
        if_done(done, Rsa(key))
    }

    /// Copies modulus and exponent of a public key, big-endian; `None` if AWS-LC rejects them.
    pub(super) fn public(n: &[u8], e: &[u8]) -> Option<Self> {
        let (n, e) = (number(n)?, number(e)?);
        // SAFETY: the numbers are valid, and the function copies them.
        let key = unsafe { RSA_new_public_key(n.as_ptr(), e.as_ptr()) };
        Owned::new(key, RSA_free).map(Rsa)
    }

    /// The length of the modulus in bytes.
    pub(super) fn size(&self) -> usize {
        // SAFETY: the key is valid as long as `self` is.
        unsafe { RSA_size(self.0.as_ptr()) as usize }
    }

    /// The signature over a padded message: `block^d mod n` (RSASP1, RFC 8017, section 5.2.1).
    pub(super) fn sign(&self, block: &[u8]) -> Option<Vec<u8>> {
        let signature = self.exponentiate(RSA_private_encrypt, block);
        #[cfg(test)]
        let signature = signature.map(|mut signature| {
            faults::strike(faults::Step::AwsLc, &mut signature);
            signature
        });
        signature
    }

    /// The padded message in a signature, as long as the modulus: `signature^e mod n` (RSAVP1,
    /// RFC 8017, section 5.2.2). `None` for a signature that is not as long, or not below `n`.
    pub(super) fn open(&self, signature: &[u8]) -> Option<Vec<u8>> {
        self.exponentiate(RSA_public_decrypt, signature)
    }

    fn exponentiate(
        &self,
        function: unsafe extern "C" fn(usize, *const u8, *mut u8, *mut RSA, c_int) -> c_int,
        input: &[u8],
    ) -> Option<Vec<u8>> {
        let mut output = vec![0; self.size()];
        // SAFETY: `output` has the RSA_size bytes that both functions may write, and `input` is a
        // slice. The key is only read.
        let length = unsafe {
            function(
                input.len(),
                input.as_ptr(),
                output.as_mut_ptr(),
                self.0.as_ptr(),
                RSA_NO_PADDING,
            )
        };
        if_done(length == output.len() as c_int, output)
    }
}

/// The x coordinate of `scalar` times the generator of P-256, in constant time. Both are
/// big-endian. `None` for a multiple that is the point at infinity.
pub(super) fn p256_multiply_generator(scalar: &[u8; 32]) -> Option<[u8; 32]> {
    let scalar = number(scalar)?;
    // SAFETY: the group is static.
    let (group, point) = unsafe { (EC_group_p256(), EC_POINT_new(EC_group_p256())) };
    let point = Owned::new(point, EC_POINT_free)?;
    // The parity of y, and x (SEC1, section 2.3.3).
    let mut compressed = [0; 33];
    // SAFETY: group, point and number are valid, and nobody else has the latter two; null stands
    // for what is optional. The last function writes as many bytes as it is told there are.
    let done = unsafe {
        EC_POINT_mul(
            group,
            point.as_ptr(),
            scalar.as_ptr(),
            null(),
            null(),
            null_mut(),
        ) == 1
            && EC_POINT_point2oct(
                group,
                point.as_ptr(),
                point_conversion_form_t::POINT_CONVERSION_COMPRESSED,
                compressed.as_mut_ptr(),
                compressed.len(),
                null_mut(),
            ) == compressed.len()
    };
    let [_, x @ ..] = &mut compressed;
    #[cfg(test)]
    faults::strike(faults::Step::AwsLc, x);
    if_done(done, *x)
}

/// A P-256 public key.
#[derive(Debug)]
pub(super) struct P256Public(Owned<EC_KEY>);

impl P256Public {
    /// Takes the coordinates of a point, big-endian; `None` if it is not on the curve.
    pub(super) fn new([x, y]: &[[u8; 32]; 2]) -> Option<Self> {
        let (x, y) = (number(x)?, number(y)?);
        // SAFETY: the function takes nothing but the number of a curve.
        let key = unsafe { EC_KEY_new_by_curve_name(NID_X9_62_prime256v1) };
        let key = Owned::new(key, EC_KEY_free)?;
        // SAFETY: the key and the numbers are valid, and nobody else has them. The key gets a copy.
        let done = unsafe {
            EC_KEY_set_public_key_affine_coordinates(key.as_ptr(), x.as_ptr(), y.as_ptr())
        };
        if_done(done == 1, P256Public(key))
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
        if_done(valid == 1, ()).is_some()
    }
}

/// The result of functions that have succeeded.
fn if_done<T>(done: bool, result: T) -> Option<T> {
    if !done {
        clear_errors();
    }
    done.then_some(result)
}

/// Empties the thread's error queue, which nothing reads.
fn clear_errors() {
    // SAFETY: the function takes nothing and concerns only this thread.
    unsafe { ERR_clear_error() };
}
