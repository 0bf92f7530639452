//! Signatures several at a time, one in each lane of a vector register, on processors that can.

use cfsign_lanes::{Block, Input, P256, Rsa};
use zeroize::Zeroizing;

use crate::key::hash::HashAlgorithm;
use crate::key::{PrivateKey, ecdsa};

/// A private key prepared for signing several messages at a time.
pub(super) enum Lanes {
    Rsa(Rsa),
    P256(P256, Zeroizing<[u8; 32]>),
}

impl Lanes {
    /// `None` if the processor lacks the instructions, or for RSA keys of other sizes than 2048
    /// bits.
    pub(super) fn new(key: &PrivateKey) -> Option<Self> {
        if let Some(scalar) = key.p256_scalar() {
            let point = key.public_key().p256_coordinates()?;
            let key = P256::new(&scalar, &point)?;
            return Some(Lanes::P256(key, scalar));
        }
        let numbers = key.rsa_numbers()?;
        let numbers = numbers.each_ref().map(|number| number.as_slice());
        Rsa::new(numbers).map(Lanes::Rsa)
    }

    /// The signatures over some messages with the same key, encoded as [`PrivateKey::sign`] encodes
    /// them. `None` in place of a signature that could not be made, or did not pass the check.
    pub(super) fn sign(&self, hash: HashAlgorithm, messages: &[&[u8]]) -> Vec<Option<Vec<u8>>> {
        match self {
            Lanes::Rsa(rsa) => sign_rsa(rsa, hash, messages),
            Lanes::P256(p256, scalar) => sign_p256(p256, scalar, hash, messages),
        }
    }
}

fn sign_rsa(rsa: &Rsa, hash: HashAlgorithm, messages: &[&[u8]]) -> Vec<Option<Vec<u8>>> {
    let mut blocks = vec![[0; size_of::<Block>()]; messages.len()];
    for (block, message) in blocks.iter_mut().zip(messages) {
        // A block of this size has room for every hash.
        if let Some(padded) = hash.padded(message, block.len()) {
            block.copy_from_slice(&padded);
        }
    }
    let signatures = rsa.sign(&blocks).into_iter();
    signatures
        .map(|signature| Some(signature?.to_vec()))
        .collect()
}

fn sign_p256(
    p256: &P256,
    scalar: &[u8; 32],
    hash: HashAlgorithm,
    messages: &[&[u8]],
) -> Vec<Option<Vec<u8>>> {
    let mut inputs = Vec::with_capacity(messages.len());
    for message in messages {
        inputs.push(input(scalar, hash, message));
    }
    let mut signatures = Vec::with_capacity(messages.len());
    for (index, signature) in p256.sign(&inputs).into_iter().enumerate() {
        // A faulty nonce gives a valid signature too, which reveals the key together with the
        // correct one, so the nonce is computed again.
        let again = input(scalar, hash, messages[index]);
        let is_same = again.digest == inputs[index].digest && again.nonce == inputs[index].nonce;
        let signature = signature.filter(|_| is_same);
        signatures.push(signature.and_then(|signature| ecdsa::to_der(signature.r, signature.s)));
    }
    signatures
}

fn input(scalar: &[u8; 32], hash: HashAlgorithm, message: &[u8]) -> Input {
    let digest = ecdsa::padded(&hash.digest(message));
    let nonce = ecdsa::nonce(scalar, &digest);
    Input { digest, nonce }
}
