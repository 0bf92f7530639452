//! RSA private keys.

use std::sync::OnceLock;

use crypto_bigint::{ConcatenatingMul, Integer as _, NonZero};
use rsa::BoxedUint;
use rsa::pkcs1::{EncodeRsaPrivateKey, RsaPrivateKeyRef, UintRef};
use zeroize::Zeroizing;

/// An RSA private key with two primes.
pub(super) struct RsaKey {
    /// `n`, `e`, `d`, `p`, `q`, `d mod p-1`, `d mod q-1` and `1/q mod p`, as they were read. AWS-LC
    /// and the lanes sign with the last three and check the result; [`RsaKey::full`] computes its
    /// own.
    numbers: [Integer; 8],
    /// The key as the `rsa` crate has it. Making it takes ten times as long as the check of the
    /// numbers, and AWS-LC does not need it.
    full: OnceLock<rsa::PrivateKey>,
}

/// An integer, not big-endian bytes, so that memory does not contain the bytes of a key file.
type Integer = Zeroizing<BoxedUint>;

/// The big-endian numbers of an RSA key with two primes, without leading zeros, in the order of
/// PKCS#1 (RFC 8017, appendix A.1.2): `n`, `e`, `d`, `p`, `q`, `d mod p-1`, `d mod q-1` and
/// `1/q mod p`.
#[cfg(any(feature = "aws-lc", feature = "lanes"))]
pub(crate) type RsaNumbers = [Zeroizing<Vec<u8>>; 8];

impl RsaKey {
    /// Reads a PKCS#1 structure with two primes; `None` for numbers that do not belong to one key.
    pub(super) fn from_pkcs1(key: &RsaPrivateKeyRef<'_>) -> Option<Self> {
        let size = key.modulus.as_bytes().len();
        let key = RsaKey {
            numbers: [
                integer(key.modulus, size)?,
                integer(key.public_exponent, size)?,
                integer(key.private_exponent, size)?,
                integer(key.prime1, size)?,
                integer(key.prime2, size)?,
                integer(key.exponent1, size)?,
                integer(key.exponent2, size)?,
                integer(key.coefficient, size)?,
            ],
            full: OnceLock::new(),
        };
        key.is_consistent().then_some(key)
    }

    /// Takes the numbers of a generated key.
    pub(super) fn new(key: &rsa::PrivateKey) -> Option<Self> {
        let der = key.to_pkcs1_der().ok()?;
        RsaKey::from_pkcs1(&RsaPrivateKeyRef::try_from(der.as_bytes()).ok()?)
    }

    /// Checks that `n = pq`, and that `ed = 1` modulo `p-1` and `q-1`.
    fn is_consistent(&self) -> bool {
        const LONGEST_E: u32 = 33;
        let [n, e, d, p, q, ..] = &self.numbers;
        let e_bits = e.bit_width_vartime();
        let ed = Zeroizing::new(e.concatenating_mul(&**d));
        n.is_odd().to_bool()
            && **n == p.concatenating_mul(&**q)
            && p != q
            && **d < **n
            && (2..=LONGEST_E).contains(&e_bits)
            && is_one_modulo_predecessor(&ed, p)
            && is_one_modulo_predecessor(&ed, q)
    }

    #[cfg(any(feature = "aws-lc", feature = "lanes"))]
    pub(super) fn numbers(&self) -> RsaNumbers {
        let numbers = self.numbers.each_ref();
        numbers.map(|number| Zeroizing::new(number.to_be_bytes_trimmed_vartime().into_vec()))
    }

    /// The key as the `rsa` crate has it; `None` if the crate refuses it.
    pub(super) fn full(&self) -> Option<&rsa::PrivateKey> {
        if self.full.get().is_none() {
            let [n, e, d, p, q, ..] = &self.numbers;
            let half = n.bit_width_vartime().div_ceil(2);
            let longer = p.bit_width_vartime().max(q.bit_width_vartime());
            let from_components = if longer <= half {
                rsa::PrivateKey::from_components
            } else {
                rsa::PrivateKey::from_components_with_wide_primes
            };
            let [n, e, d, p, q] = [n, e, d, p, q].map(|number| (**number).clone());
            let key = from_components(n, e, d, vec![p, q]).ok()?;
            // Another thread may have been faster, with the same key.
            let _ = self.full.set(key);
        }
        self.full.get()
    }

    pub(super) fn public_key(&self) -> rsa::PublicKey {
        let [n, e, ..] = &self.numbers;
        rsa::PublicKey::new_unchecked((**n).clone(), (**e).clone())
    }

    /// The length of the modulus.
    pub(super) fn bits(&self) -> usize {
        self.numbers[0].bit_width_vartime() as usize
    }
}

/// A number of at most `size` bytes.
fn integer(number: UintRef<'_>, size: usize) -> Option<Integer> {
    let bytes = number.as_bytes();
    let bits = u32::try_from(8 * bytes.len()).ok()?;
    let integer = BoxedUint::from_be_slice(bytes, bits).ok()?;
    (bytes.len() <= size).then_some(Zeroizing::new(integer))
}

fn is_one_modulo_predecessor(number: &BoxedUint, prime: &BoxedUint) -> bool {
    let predecessor = Zeroizing::new(prime.wrapping_sub(BoxedUint::one()));
    let Some(modulus) = NonZero::new((*predecessor).clone()).into_option() else {
        return false;
    };
    let modulus = Zeroizing::new(modulus);
    Zeroizing::new(number.rem(&*modulus)).is_one().to_bool()
}
