//! The ASN.1 structures that contain keys, distinguished by their content, not by PEM label or file
//! name.

use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::asn1::{AnyRef, ObjectIdentifier};
use pkcs8::der::{Decode, Encode};
use pkcs8::spki::SubjectPublicKeyInfoRef;
use rsa::pkcs1::{RsaPrivateKeyRef, RsaPublicKeyRef, Version};
use sec1::{EcParameters, EcPrivateKey};
use x509_cert::Certificate;

use super::{KeyContent, KeyType, LONGEST_RSA, PrivateKey, PublicKey, damaged};
use crate::error::{Error, ErrorKind, Result};
use crate::redact::sequence_content;

/// The name of the structure of a certificate.
pub(super) const CERTIFICATE: &str = "certificate";

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");

/// Reads the key in a DER structure, with the name of the structure; `None` if it is not one of
/// those of keys.
pub(super) fn read(der: &[u8]) -> Option<Result<(&'static str, KeyContent)>> {
    let (structure, key) = if let Some(key) = pkcs8_private(der) {
        ("PKCS#8", key.map(KeyContent::Private))
    } else if let Ok(key) = RsaPrivateKeyRef::from_der(der) {
        ("PKCS#1", rsa_private(&key).map(KeyContent::Private))
    } else if sequence_content(der).starts_with(&[2, 1, 1, 4]) {
        ("SEC1", ec_private(der, None).map(KeyContent::Private))
    } else if let Ok(info) = SubjectPublicKeyInfoRef::from_der(der) {
        let key = spki(&info).map(KeyContent::Public);
        ("SubjectPublicKeyInfo", key)
    } else if let Ok(key) = RsaPublicKeyRef::from_der(der) {
        let key = rsa_public(&key).map(KeyContent::Public);
        ("PKCS#1 public", key)
    } else if let Ok(certificate) = Certificate::from_der(der) {
        let info = certificate.tbs_certificate().subject_public_key_info();
        let info = info.to_der().ok()?;
        let key = spki(&SubjectPublicKeyInfoRef::from_der(&info).ok()?);
        (CERTIFICATE, key.map(KeyContent::Public))
    } else {
        return None;
    };
    Some(key.map(|key| (structure, key)))
}

/// Reads the key in a PKCS#8 structure; `None` for another structure.
pub(super) fn pkcs8_private(der: &[u8]) -> Option<Result<PrivateKey>> {
    let info = PrivateKeyInfoRef::from_der(der).ok()?;
    let key = info.private_key.as_bytes();
    Some(match info.algorithm.oid {
        RSA => RsaPrivateKeyRef::from_der(key)
            .map_err(|_| inconsistent())
            .and_then(|key| rsa_private(&key)),
        EC => ec_private(key, info.algorithm.parameters),
        algorithm => Err(other_key(algorithm)),
    })
}

fn rsa_private(key: &RsaPrivateKeyRef<'_>) -> Result<PrivateKey> {
    check_length(key.modulus.as_bytes())?;
    if key.version() == Version::Multi {
        let message = "is a multi-prime RSA key, which is not supported";
        return Err(Error::of_kind(ErrorKind::UnsupportedKey, message));
    }
    PrivateKey::from_pkcs1(key).ok_or_else(inconsistent)
}

/// Reads ECPrivateKey (RFC 5915); `outer` is the curve that PKCS#8 names outside the structure.
fn ec_private(der: &[u8], outer: Option<AnyRef<'_>>) -> Result<PrivateKey> {
    outer.map_or(Ok(()), check_curve)?;
    let key = EcPrivateKey::from_der(der).map_err(|_| unusual())?;
    match key.parameters {
        Some(EcParameters::NamedCurve(curve)) if curve != P256 => Err(other_key(curve)),
        _ if key.private_key.len() > 32 => Err(unusual()),
        _ => PrivateKey::from_sec1(key).ok_or_else(inconsistent),
    }
}

fn spki(info: &SubjectPublicKeyInfoRef<'_>) -> Result<PublicKey> {
    let key = info.subject_public_key.as_bytes();
    let key = key.ok_or_else(inconsistent)?;
    match info.algorithm.oid {
        RSA => RsaPublicKeyRef::from_der(key)
            .map_err(|_| inconsistent())
            .and_then(|key| rsa_public(&key)),
        EC => {
            check_curve(info.algorithm.parameters.ok_or_else(inconsistent)?)?;
            PublicKey::from_p256_point(key).ok_or_else(inconsistent)
        }
        algorithm => Err(other_key(algorithm)),
    }
}

fn rsa_public(key: &RsaPublicKeyRef<'_>) -> Result<PublicKey> {
    check_length(key.modulus.as_bytes())?;
    PublicKey::from_pkcs1(key).ok_or_else(inconsistent)
}

fn check_length(modulus: &[u8]) -> Result<()> {
    let bits = modulus.len() * 8;
    if bits <= LONGEST_RSA {
        return Ok(());
    }
    let [own, longest] = [bits, LONGEST_RSA].map(KeyType::Rsa);
    let message = format!("is an {own} key; the longest supported is {longest}");
    Err(Error::of_kind(ErrorKind::UnsupportedKey, message))
}

/// Refuses curves other than P-256.
fn check_curve(curve: AnyRef<'_>) -> Result<()> {
    match curve.decode_as::<ObjectIdentifier>() {
        Ok(P256) => Ok(()),
        Ok(curve) => Err(other_key(curve)),
        Err(_) => Err(unusual()),
    }
}

/// The error for what openssl reads and few programs write: the parameters of a curve in place of
/// its name (ECParameters of RFC 3279), and private numbers with leading zeros.
fn unusual() -> Error {
    Error::new("is an EC key in an unusual form, which is not supported")
        .with_hint("convert it: openssl pkey -in FILE -ec_param_enc named_curve -out cf.pem")
}

/// The error for a key that is known by the identifier of its algorithm or curve.
fn other_key(oid: ObjectIdentifier) -> Error {
    unsupported_key(match oid.to_string().as_str() {
        "1.2.840.10040.4.1" => "a DSA key",
        "1.2.840.113549.1.1.10" => "an RSA-PSS key",
        "1.3.101.110" => "an X25519 key",
        "1.3.101.112" => "an Ed25519 key",
        "1.3.101.113" => "an Ed448 key",
        "1.3.132.0.10" => "an ECDSA secp256k1 key",
        "1.3.132.0.33" => "an ECDSA P-224 key",
        "1.3.132.0.34" => "an ECDSA P-384 key",
        "1.3.132.0.35" => "an ECDSA P-521 key",
        other => return unsupported_key(&format!("a key with the algorithm or curve {other}")),
    })
}

/// The error for a key of a type that CloudFront does not accept.
pub(super) fn unsupported_key(what: &str) -> Error {
    let message = format!("is {what}; CloudFront accepts RSA 2048 and ECDSA P-256");
    Error::of_kind(ErrorKind::UnsupportedKey, message)
}

fn inconsistent() -> Error {
    damaged("its parameters are inconsistent")
}
