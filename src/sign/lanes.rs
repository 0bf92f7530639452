//! Signatures several at a time, one in each lane of a vector register, on processors that can.

use cfsign_lanes::{Input, P256, Rsa, RsaNumbers};

use crate::key::hash::HashAlgorithm;
use crate::key::{PrivateKey, SignedHash, ecdsa, pkcs1_block};

/// A private key prepared for signing several messages at a time.
pub(super) enum Lanes {
    Rsa(Rsa),
    P256(P256),
}

impl Lanes {
    /// `None` if the processor lacks the instructions, or for RSA keys of other sizes than 2048 bits.
    pub(super) fn new(key: &PrivateKey) -> Option<Self> {
        if let Some(scalar) = key.p256_scalar() {
            return P256::new(&scalar).map(Lanes::P256);
        }
        let numbers = key.rsa_numbers()?;
        let numbers = RsaNumbers {
            n: &numbers.n,
            e: &numbers.e,
            p: &numbers.p,
            q: &numbers.q,
            dp: &numbers.dp,
            dq: &numbers.dq,
            qinv: &numbers.qinv,
        };
        Rsa::new(&numbers).map(Lanes::Rsa)
    }

    /// The signatures over some digests with the same key, encoded as [`PrivateKey::sign`] encodes
    /// them. `None` in place of a signature that could not be made, or did not pass the check.
    pub(super) fn sign(
        &self,
        key: &PrivateKey,
        hash: HashAlgorithm,
        digests: &[Vec<u8>],
    ) -> Vec<Option<Vec<u8>>> {
        match self {
            Lanes::Rsa(rsa) => sign_rsa(rsa, hash, digests),
            Lanes::P256(p256) => match key.p256_scalar() {
                Some(scalar) => sign_p256(p256, &scalar, digests),
                None => vec![None; digests.len()],
            },
        }
    }
}

fn sign_rsa(rsa: &Rsa, hash: HashAlgorithm, digests: &[Vec<u8>]) -> Vec<Option<Vec<u8>>> {
    let mut messages = Vec::with_capacity(digests.len());
    for digest in digests {
        messages.push(pkcs1_block(SignedHash::of(hash), digest));
    }
    let signatures = rsa.sign(&messages).into_iter();
    signatures
        .map(|signature| Some(signature?.to_vec()))
        .collect()
}

fn sign_p256(p256: &P256, scalar: &[u8; 32], digests: &[Vec<u8>]) -> Vec<Option<Vec<u8>>> {
    let mut inputs = Vec::with_capacity(digests.len());
    for digest in digests {
        let digest = ecdsa::padded(digest);
        let nonce = ecdsa::nonce(scalar, &digest);
        inputs.push(Input { digest, nonce });
    }
    let signatures = p256.sign(&inputs).into_iter();
    signatures
        .map(|signature| ecdsa::to_der(signature.r, signature.s))
        .collect()
}
