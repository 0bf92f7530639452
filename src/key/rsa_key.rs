//! RSA private keys.

use std::sync::OnceLock;

use crypto_bigint::{BoxedUint, ConcatenatingMul, Integer as _, NonZero};
use rsa::pkcs1::{DecodeRsaPrivateKey, RsaPrivateKeyRef, UintRef, Version};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use zeroize::Zeroizing;

/// An RSA private key with two primes.
pub(super) struct RsaKey {
    integers: Integers,
    /// The key as the `rsa` crate has it. Computing it takes half as long as a signature by AWS-LC,
    /// which does not need it.
    full: OnceLock<rsa::PrivateKey>,
}

impl RsaKey {
    /// Reads the PKCS#1 form (RFC 8017); `None` for numbers that do not belong to one key. `dp`,
    /// `dq` and `qinv` are computed where they are wrong.
    pub(super) fn from_pkcs1_der(der: &[u8]) -> Option<Self> {
        let structure = RsaPrivateKeyRef::try_from(der).ok()?;
        if let Some(integers) = Integers::checked(&structure) {
            let full = OnceLock::new();
            return Some(RsaKey { integers, full });
        }
        RsaKey::new(rsa::PrivateKey::from_pkcs1_der(der).ok()?)
    }

    /// `None` for a key with more than two primes.
    pub(super) fn new(key: rsa::PrivateKey) -> Option<Self> {
        Some(RsaKey {
            integers: Integers::new(&key)?,
            full: key.into(),
        })
    }

    /// The numbers as bytes.
    #[cfg(any(feature = "aws-lc", feature = "lanes"))]
    pub(super) fn numbers(&self) -> RsaNumbers {
        let bytes =
            |integer: &Integer| Zeroizing::new(integer.to_be_bytes_trimmed_vartime().into_vec());
        let integers = &self.integers;
        RsaNumbers {
            n: bytes(&integers.n),
            e: bytes(&integers.e),
            d: bytes(&integers.d),
            p: bytes(&integers.p),
            q: bytes(&integers.q),
            dp: bytes(&integers.dp),
            dq: bytes(&integers.dq),
            qinv: bytes(&integers.qinv),
        }
    }

    /// The key as the `rsa` crate has it; `None` if the crate refuses it.
    pub(super) fn full(&self) -> Option<&rsa::PrivateKey> {
        if self.full.get().is_none() {
            let Integers { n, e, d, p, q, .. } = &self.integers;
            let [n, e, d, p, q] = [n, e, d, p, q].map(|integer| BoxedUint::clone(integer));
            let key = rsa::PrivateKey::from_components(n, e, d, vec![p, q]).ok()?;
            // Another thread may have been faster, with the same key.
            let _ = self.full.set(key);
        }
        self.full.get()
    }

    pub(super) fn public_key(&self) -> rsa::PublicKey {
        let Integers { n, e, .. } = &self.integers;
        rsa::PublicKey::new_unchecked(BoxedUint::clone(n), BoxedUint::clone(e))
    }

    /// The length of the modulus.
    pub(super) fn bits(&self) -> usize {
        self.integers.n.bit_width_vartime() as usize
    }
}

/// The big-endian numbers of an RSA key with two primes, without leading zeros, named as in
/// RFC 8017, section 3.2.
#[cfg(any(feature = "aws-lc", feature = "lanes"))]
pub(crate) struct RsaNumbers {
    pub n: Number,
    pub e: Number,
    #[cfg_attr(not(feature = "aws-lc"), expect(dead_code))]
    pub d: Number,
    pub p: Number,
    pub q: Number,
    /// `d mod p-1`
    pub dp: Number,
    /// `d mod q-1`
    pub dq: Number,
    /// `1/q mod p`
    pub qinv: Number,
}

#[cfg(any(feature = "aws-lc", feature = "lanes"))]
type Number = Zeroizing<Vec<u8>>;

/// The numbers for calculations, under the same names. Not as bytes, so that memory does not contain
/// them as files do.
struct Integers {
    n: Integer,
    e: Integer,
    d: Integer,
    p: Integer,
    q: Integer,
    dp: Integer,
    dq: Integer,
    qinv: Integer,
}

type Integer = Zeroizing<BoxedUint>;

impl Integers {
    /// `None` for a key with more than two primes.
    fn new(key: &rsa::PrivateKey) -> Option<Self> {
        let [p, q] = key.primes() else { return None };
        let qinv = key.qinv()?.retrieve();
        let [n, e, d, p, q, dp, dq] = [key.n(), key.e(), key.d(), p, q, key.dp()?, key.dq()?]
            .map(|integer| Zeroizing::new(BoxedUint::clone(integer)));
        Some(Integers {
            n,
            e,
            d,
            p,
            q,
            dp,
            dq,
            qinv: Zeroizing::new(qinv),
        })
    }

    /// The numbers of a PKCS#1 structure; `None` if they do not belong to one key with two primes,
    /// or are longer than they may be, `e` longer than 32 bits.
    fn checked(key: &RsaPrivateKeyRef<'_>) -> Option<Self> {
        let size = key.modulus.as_bytes().len();
        let half = size.div_ceil(2);
        let integers = Integers {
            n: integer(key.modulus, size)?,
            e: integer(key.public_exponent, 4)?,
            d: integer(key.private_exponent, size)?,
            p: integer(key.prime1, half)?,
            q: integer(key.prime2, half)?,
            dp: integer(key.exponent1, half)?,
            dq: integer(key.exponent2, half)?,
            qinv: integer(key.coefficient, half)?,
        };
        let has_two_primes = key.version() == Version::TwoPrime;
        (has_two_primes && integers.belong_together()).then_some(integers)
    }

    /// Returns whether the numbers are those of one key (RFC 8017, section 3.2).
    fn belong_together(&self) -> bool {
        let Integers {
            n,
            e,
            d,
            p,
            q,
            dp,
            dq,
            qinv,
        } = self;
        let one = BoxedUint::one();
        let is_odd = |number: &BoxedUint| number.is_odd().to_bool();
        if !is_odd(p) || !is_odd(q) || !is_odd(e) || **e == one || **d >= **n || **qinv >= **p {
            return false;
        }
        let p_less_one = Zeroizing::new(p.wrapping_sub(&one));
        let q_less_one = Zeroizing::new(q.wrapping_sub(&one));
        product(p, q) == *n
            && remainder(d, &p_less_one).as_ref() == Some(dp)
            && remainder(d, &q_less_one).as_ref() == Some(dq)
            && is_one(remainder(&product(e, dp), &p_less_one))
            && is_one(remainder(&product(e, dq), &q_less_one))
            && is_one(remainder(&product(q, qinv), p))
    }
}

/// A number of at most `size` bytes.
fn integer(number: UintRef<'_>, size: usize) -> Option<Integer> {
    let bits = u32::try_from(8 * size).ok()?;
    let integer = BoxedUint::from_be_slice(number.as_bytes(), bits).ok()?;
    Some(Zeroizing::new(integer))
}

fn product(a: &BoxedUint, b: &BoxedUint) -> Integer {
    Zeroizing::new(a.concatenating_mul(b))
}

/// `None` for a modulus of zero.
fn remainder(number: &BoxedUint, modulus: &BoxedUint) -> Option<Integer> {
    let modulus = Zeroizing::new(NonZero::new(modulus.clone()).into_option()?);
    Some(Zeroizing::new(number.rem(&modulus)))
}

fn is_one(number: Option<Integer>) -> bool {
    number.is_some_and(|number| number.is_one().to_bool())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// The numbers of a key as they are in its file, and as the `rsa` crate computes them.
    #[test]
    fn numbers_of_one_key_belong_together() {
        let der = std::fs::read("tests/keys/rsa2048-pkcs1.der").unwrap();
        let structure = RsaPrivateKeyRef::try_from(&der[..]).unwrap();
        let read = || Integers::checked(&structure).unwrap();
        let computed = Integers::new(&rsa::PrivateKey::from_pkcs1_der(&der).unwrap()).unwrap();
        let fields: [fn(&mut Integers) -> &mut Integer; 8] = [
            |numbers| &mut numbers.n,
            |numbers| &mut numbers.e,
            |numbers| &mut numbers.d,
            |numbers| &mut numbers.p,
            |numbers| &mut numbers.q,
            |numbers| &mut numbers.dp,
            |numbers| &mut numbers.dq,
            |numbers| &mut numbers.qinv,
        ];
        let mut computed = computed;
        for (index, field) in fields.into_iter().enumerate() {
            let mut damaged = read();
            assert_eq!(field(&mut damaged), field(&mut computed), "{index}");
            let two = BoxedUint::from(2u64);
            *field(&mut damaged) = Zeroizing::new(field(&mut damaged).wrapping_add(&two));
            assert!(!damaged.belong_together(), "{index}");
        }
    }
}
