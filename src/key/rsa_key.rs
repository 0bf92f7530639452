//! RSA private keys.

use std::sync::OnceLock;

use crypto_bigint::{BoxedUint, ConcatenatingMul, Integer as _, NonZero};
use rsa::pkcs1::{DecodeRsaPrivateKey, RsaPrivateKeyRef, UintRef, Version};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use zeroize::Zeroizing;

/// An RSA private key with two primes.
pub(super) struct RsaKey {
    numbers: RsaNumbers,
    /// The key as the `rsa` crate has it. Computing it takes half as long as a signature by AWS-LC, which does not need it.
    full: OnceLock<rsa::PrivateKey>,
}

impl RsaKey {
    /// Reads the PKCS#1 form (RFC 8017); `None` for numbers that do not belong to one key. `dp`, `dq` and `qinv` are
    /// computed where they are wrong.
    pub(super) fn from_pkcs1_der(der: &[u8]) -> Option<Self> {
        let structure = RsaPrivateKeyRef::try_from(der).ok()?;
        if let Some(numbers) = RsaNumbers::checked(&structure) {
            let full = OnceLock::new();
            return Some(RsaKey { numbers, full });
        }
        RsaKey::new(rsa::PrivateKey::from_pkcs1_der(der).ok()?)
    }

    /// `None` for a key with more than two primes.
    pub(super) fn new(key: rsa::PrivateKey) -> Option<Self> {
        Some(RsaKey {
            numbers: RsaNumbers::new(&key)?,
            full: key.into(),
        })
    }

    #[cfg(any(feature = "aws-lc", target_arch = "x86_64"))]
    pub(super) fn numbers(&self) -> &RsaNumbers {
        &self.numbers
    }

    /// The key as the `rsa` crate has it; `None` if the crate refuses it.
    pub(super) fn full(&self) -> Option<&rsa::PrivateKey> {
        if self.full.get().is_none() {
            let RsaNumbers { n, e, d, p, q, .. } = &self.numbers;
            let bits = u32::try_from(8 * n.len()).ok()?;
            let [n, e, d, p, q] =
                [n, e, d, p, q].map(|number| BoxedUint::from_be_slice(number, bits).ok());
            let key = rsa::PrivateKey::from_components(n?, e?, d?, vec![p?, q?]).ok()?;
            // Another thread may have been faster, with the same key.
            let _ = self.full.set(key);
        }
        self.full.get()
    }

    pub(super) fn public_key(&self) -> rsa::PublicKey {
        let [n, e] = [&self.numbers.n, &self.numbers.e]
            .map(|number| BoxedUint::from_be_slice_vartime(number));
        rsa::PublicKey::new_unchecked(n, e)
    }

    /// The length of the modulus.
    pub(super) fn bits(&self) -> usize {
        let n = &self.numbers.n;
        let leading_zeros = n.first().map_or(0, |byte| byte.leading_zeros());
        8 * n.len() - leading_zeros as usize
    }
}

/// The big-endian numbers of an RSA key with two primes, without leading zeros, named as in
/// RFC 8017, section 3.2.
#[derive(Clone)]
pub(crate) struct RsaNumbers {
    pub n: Number,
    pub e: Number,
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

type Number = Zeroizing<Vec<u8>>;

type Integer = Zeroizing<BoxedUint>;

impl RsaNumbers {
    /// `None` for a key with more than two primes.
    fn new(key: &rsa::PrivateKey) -> Option<Self> {
        let [p, q] = key.primes() else { return None };
        let qinv = Zeroizing::new(key.qinv()?.retrieve());
        let [n, e, d, p, q, dp, dq, qinv] =
            [key.n(), key.e(), key.d(), p, q, key.dp()?, key.dq()?, &qinv]
                .map(|number| Zeroizing::new(number.to_be_bytes_trimmed_vartime().into_vec()));
        Some(RsaNumbers {
            n,
            e,
            d,
            p,
            q,
            dp,
            dq,
            qinv,
        })
    }

    /// The numbers of a PKCS#1 structure; `None` if they do not belong to one key with two primes.
    fn checked(key: &RsaPrivateKeyRef<'_>) -> Option<Self> {
        let number = |number: UintRef<'_>| Zeroizing::new(number.as_bytes().to_vec());
        let numbers = RsaNumbers {
            n: number(key.modulus),
            e: number(key.public_exponent),
            d: number(key.private_exponent),
            p: number(key.prime1),
            q: number(key.prime2),
            dp: number(key.exponent1),
            dq: number(key.exponent2),
            qinv: number(key.coefficient),
        };
        (key.version() == Version::TwoPrime && numbers.belong_together()?).then_some(numbers)
    }

    /// Returns whether the numbers are those of one key (RFC 8017, section 3.2); `None` if one of them is longer than it may
    /// be, `e` longer than 32 bits.
    fn belong_together(&self) -> Option<bool> {
        let size = self.n.len();
        let half = size.div_ceil(2);
        let (n, e, d) = (
            integer(&self.n, size)?,
            integer(&self.e, 4)?,
            integer(&self.d, size)?,
        );
        let (p, q) = (integer(&self.p, half)?, integer(&self.q, half)?);
        let (dp, dq) = (integer(&self.dp, half)?, integer(&self.dq, half)?);
        let qinv = integer(&self.qinv, half)?;

        let one = BoxedUint::one();
        let is_odd = |number: &BoxedUint| number.is_odd().to_bool();
        if !is_odd(&p) || !is_odd(&q) || !is_odd(&e) || *e == one || *d >= *n || *qinv >= *p {
            return Some(false);
        }
        let p_less_one = Zeroizing::new(p.wrapping_sub(&one));
        let q_less_one = Zeroizing::new(q.wrapping_sub(&one));
        Some(
            *product(&p, &q) == *n
                && remainder(&d, &p_less_one)? == dp
                && remainder(&d, &q_less_one)? == dq
                && *remainder(&product(&e, &dp), &p_less_one)? == one
                && *remainder(&product(&e, &dq), &q_less_one)? == one
                && *remainder(&product(&q, &qinv), &p)? == one,
        )
    }
}

/// A big-endian number of at most `size` bytes.
fn integer(bytes: &[u8], size: usize) -> Option<Integer> {
    let bits = u32::try_from(8 * size).ok()?;
    BoxedUint::from_be_slice(bytes, bits)
        .ok()
        .map(Zeroizing::new)
}

fn product(a: &BoxedUint, b: &BoxedUint) -> Integer {
    Zeroizing::new(a.concatenating_mul(b))
}

/// `None` for a modulus of zero.
fn remainder(number: &BoxedUint, modulus: &BoxedUint) -> Option<Integer> {
    let modulus = Zeroizing::new(NonZero::new(modulus.clone()).into_option()?);
    Some(Zeroizing::new(number.rem(&modulus)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// The numbers of a key as they are in its file, and as the `rsa` crate computes them.
    #[test]
    fn numbers_of_one_key_belong_together() {
        let der = std::fs::read("tests/keys/rsa2048-pkcs1.der").unwrap();
        let computed = RsaNumbers::new(&rsa::PrivateKey::from_pkcs1_der(&der).unwrap()).unwrap();
        let read = RsaNumbers::checked(&RsaPrivateKeyRef::try_from(&der[..]).unwrap()).unwrap();
        let fields: [fn(&mut RsaNumbers) -> &mut Number; 8] = [
            |numbers| &mut numbers.n,
            |numbers| &mut numbers.e,
            |numbers| &mut numbers.d,
            |numbers| &mut numbers.p,
            |numbers| &mut numbers.q,
            |numbers| &mut numbers.dp,
            |numbers| &mut numbers.dq,
            |numbers| &mut numbers.qinv,
        ];
        for (index, field) in fields.into_iter().enumerate() {
            assert_eq!(
                field(&mut read.clone()),
                field(&mut computed.clone()),
                "{index}"
            );
            let mut damaged = read.clone();
            let last = field(&mut damaged).len() - 1;
            field(&mut damaged)[last] ^= 2;
            assert_ne!(damaged.belong_together(), Some(true), "{index}");
        }
    }
}
