//! The numbers of an RSA private key, for implementations of RSA that have no key format of their
//! own.

use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use zeroize::Zeroizing;

/// The big-endian numbers of an RSA key with two primes, without leading zeros, named as in
/// RFC 8017, section 3.2.
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

type Number = Zeroizing<Vec<u8>>;

impl RsaNumbers {
    /// `None` for a key with more than two primes.
    pub(super) fn new(key: &rsa::PrivateKey) -> Option<Self> {
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
}
