//! Which of the ASN.1 structures that hold keys some DER is, and the key in it.
//!
//! The structures are told apart by their shape alone, so a wrong PEM label or file name does no harm.

use std::fmt;

use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::asn1::ObjectIdentifier;
use pkcs8::der::{Decode, Encode};
use pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use rsa::pkcs1;
use sec1::EcPrivateKey;
use x509_cert::Certificate;

use super::{KeyType, LOOK_FOR_DAMAGE, PrivateKey, PublicKey};
use crate::error::{Error, Result};

/// The ASN.1 structures in which keys are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Structure {
    Pkcs1,
    Pkcs8,
    EncryptedPkcs8,
    Sec1,
    SubjectPublicKeyInfo,
    Pkcs1Public,
    Certificate,
}

impl fmt::Display for Structure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Structure::Pkcs1 => "PKCS#1",
            Structure::Pkcs8 => "PKCS#8",
            Structure::EncryptedPkcs8 => "encrypted PKCS#8",
            Structure::Sec1 => "SEC1",
            Structure::SubjectPublicKeyInfo => "SubjectPublicKeyInfo",
            Structure::Pkcs1Public => "PKCS#1 public",
            Structure::Certificate => "certificate",
        })
    }
}

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");

pub(super) const GENERATE: &str = "cfsign key generate makes a key that CloudFront takes";

/// The longest RSA modulus that the `rsa` crate reads.
pub(super) const LONGEST_RSA: usize = 4096;

/// What other keys are called, by the identifier of their algorithm or curve.
const OTHERS: [(ObjectIdentifier, &str); 9] = [
    (
        ObjectIdentifier::new_unwrap("1.2.840.10040.4.1"),
        "a DSA key",
    ),
    (
        ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10"),
        "an RSA key for PSS signatures only",
    ),
    (ObjectIdentifier::new_unwrap("1.3.101.110"), "an X25519 key"),
    (
        ObjectIdentifier::new_unwrap("1.3.101.112"),
        "an Ed25519 key",
    ),
    (ObjectIdentifier::new_unwrap("1.3.101.113"), "an Ed448 key"),
    (
        ObjectIdentifier::new_unwrap("1.3.132.0.10"),
        "an ECDSA key on the curve secp256k1",
    ),
    (
        ObjectIdentifier::new_unwrap("1.3.132.0.33"),
        "an ECDSA P-224 key",
    ),
    (
        ObjectIdentifier::new_unwrap("1.3.132.0.34"),
        "an ECDSA P-384 key",
    ),
    (
        ObjectIdentifier::new_unwrap("1.3.132.0.35"),
        "an ECDSA P-521 key",
    ),
];

/// A key that is not encrypted.
pub(super) enum PlainKey {
    Private(PrivateKey),
    Public(PublicKey),
}

/// The key in a DER structure that is not encrypted; `None` where it is none of those known.
pub(super) fn key(der: &[u8]) -> Option<(Structure, Result<PlainKey>)> {
    let private = |key: Result<PrivateKey>| key.map(PlainKey::Private);
    if let Some(key) = pkcs8_private(der) {
        return Some((Structure::Pkcs8, private(key)));
    }
    if pkcs1::RsaPrivateKeyRef::from_der(der).is_ok() {
        return Some((Structure::Pkcs1, private(rsa_private(der))));
    }
    if EcPrivateKey::from_der(der).is_ok() {
        return Some((Structure::Sec1, private(ec_private(der, None))));
    }
    if SubjectPublicKeyInfoRef::from_der(der).is_ok() {
        return Some((
            Structure::SubjectPublicKeyInfo,
            public(der).map(PlainKey::Public),
        ));
    }
    if let Ok(key) = pkcs1::RsaPublicKeyRef::from_der(der) {
        let key = checked_length(key.modulus.as_bytes())
            .and_then(|()| PublicKey::from_pkcs1(&key).ok_or_else(bad_numbers));
        return Some((Structure::Pkcs1Public, key.map(PlainKey::Public)));
    }
    if let Ok(certificate) = Certificate::from_der(der) {
        let spki = certificate
            .tbs_certificate()
            .subject_public_key_info()
            .to_der();
        let key = spki
            .map_err(|_| bad_numbers())
            .and_then(|spki| public(&spki));
        return Some((Structure::Certificate, key.map(PlainKey::Public)));
    }
    None
}

/// The key in a PKCS#8 structure; `None` where it is no such structure.
pub(super) fn pkcs8_private(der: &[u8]) -> Option<Result<PrivateKey>> {
    let info = PrivateKeyInfoRef::from_der(der).ok()?;
    Some(match info.algorithm.oid {
        RSA => rsa_private(info.private_key.as_bytes()),
        EC => match info.algorithm.parameters_oid() {
            Ok(curve) => ec_private(info.private_key.as_bytes(), Some(curve)),
            Err(_) => Err(unnamed_curve()),
        },
        _ => Err(other(info.algorithm.oid)),
    })
}

fn rsa_private(der: &[u8]) -> Result<PrivateKey> {
    let key = pkcs1::RsaPrivateKeyRef::from_der(der).map_err(|_| bad_numbers())?;
    checked_length(key.modulus.as_bytes())?;
    if key.version() == pkcs1::Version::Multi {
        return Err(Error::new(
            "holds an RSA key of more than two primes, which cfsign does not read",
        )
        .with_hint(GENERATE));
    }
    PrivateKey::from_pkcs1_der(der).ok_or_else(bad_numbers)
}

/// `curve` is the one named outside the structure, where that is not left to the structure itself.
fn ec_private(der: &[u8], curve: Option<ObjectIdentifier>) -> Result<PrivateKey> {
    let key = EcPrivateKey::from_der(der).map_err(|_| bad_numbers())?;
    match curve.or_else(|| {
        key.parameters
            .and_then(|parameters| parameters.named_curve())
    }) {
        None | Some(P256) => PrivateKey::from_sec1_der(der).ok_or_else(bad_numbers),
        Some(curve) => Err(other(curve)),
    }
}

fn public(spki: &[u8]) -> Result<PublicKey> {
    let info = SubjectPublicKeyInfoRef::from_der(spki).map_err(|_| bad_numbers())?;
    let AlgorithmIdentifierRef { oid, .. } = info.algorithm;
    match (oid, info.algorithm.parameters_oid().ok()) {
        (RSA, _) => {
            let key = info
                .subject_public_key
                .as_bytes()
                .and_then(|key| pkcs1::RsaPublicKeyRef::from_der(key).ok())
                .ok_or_else(bad_numbers)?;
            checked_length(key.modulus.as_bytes())?;
            PublicKey::from_pkcs1(&key).ok_or_else(bad_numbers)
        }
        (EC, Some(P256)) => PublicKey::from_p256_spki_der(spki).ok_or_else(bad_numbers),
        (EC, Some(curve)) => Err(other(curve)),
        _ => Err(other(oid)),
    }
}

fn checked_length(modulus: &[u8]) -> Result<()> {
    let bits = modulus.len() * 8;
    if bits <= LONGEST_RSA {
        return Ok(());
    }
    Err(Error::new(format!(
        "holds an {} key, and cfsign reads up to {LONGEST_RSA} bits",
        KeyType::Rsa(bits)
    ))
    .with_hint("CloudFront takes RSA 2048 and ECDSA P-256; cfsign key generate makes either"))
}

fn other(oid: ObjectIdentifier) -> Error {
    let what = OTHERS.iter().find(|(known, _)| *known == oid).map_or_else(
        || format!("a key of the kind {oid}"),
        |(_, what)| (*what).to_owned(),
    );
    Error::new(format!(
        "holds {what}, and CloudFront takes RSA and ECDSA P-256"
    ))
    .with_hint(GENERATE)
}

fn unnamed_curve() -> Error {
    Error::new("holds an EC key whose curve is not named")
        .with_hint("openssl ec -in OLD.pem -param_enc named_curve -out NEW.pem names the curve")
}

fn bad_numbers() -> Error {
    Error::new("holds a damaged key: its numbers do not fit together").with_hint(LOOK_FOR_DAMAGE)
}
