//! The ASN.1 structures that contain keys, distinguished by their content, not by PEM label or file
//! name.

use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::asn1::{AnyRef, BitStringRef, ContextSpecific, ObjectIdentifier, OctetStringRef};
use pkcs8::der::{Decode, Encode, Reader, SliceReader, TagNumber};
use pkcs8::spki::SubjectPublicKeyInfoRef;
use rsa::pkcs1::{RsaPrivateKeyRef, RsaPublicKeyRef, Version};
use x509_cert::Certificate;

use super::{KeyContent, KeyType, LONGEST_RSA, PrivateKey, PublicKey, damaged};
use crate::error::{Error, ErrorKind, Result};

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
    } else if let Some(key) = EcPrivateKey::from_der(der) {
        ("SEC1", key.read(None).map(KeyContent::Private))
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
        RSA => match RsaPrivateKeyRef::from_der(key) {
            Ok(key) => rsa_private(&key),
            Err(_) => Err(inconsistent()),
        },
        EC => match EcPrivateKey::from_der(key) {
            Some(key) => key.read(info.algorithm.parameters),
            None => Err(inconsistent()),
        },
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

/// ECPrivateKey (RFC 5915), in the forms that openssl reads: a number of any length, optional curve
/// and public key.
struct EcPrivateKey<'a> {
    number: &'a OctetStringRef,
    curve: Option<AnyRef<'a>>,
    public: Option<BitStringRef<'a>>,
}

impl<'a> EcPrivateKey<'a> {
    fn from_der(der: &'a [u8]) -> Option<Self> {
        let mut reader = SliceReader::new(der).ok()?;
        let key = reader.sequence(|reader| {
            u8::decode(reader)?;
            let number = reader.decode()?;
            let curve = ContextSpecific::decode_explicit(reader, TagNumber(0))?;
            let public = ContextSpecific::decode_explicit(reader, TagNumber(1))?;
            Ok::<_, pkcs8::der::Error>(EcPrivateKey {
                number,
                curve: curve.map(|field| field.value),
                public: public.map(|field| field.value),
            })
        });
        key.ok()
    }

    /// Reads the key; `outer` is the curve that PKCS#8 names outside the structure.
    fn read(&self, outer: Option<AnyRef<'_>>) -> Result<PrivateKey> {
        if let Some(curve) = outer.or(self.curve) {
            check_curve(
                curve,
                "openssl ec -in FILE -param_enc named_curve -out cf.pem",
            )?;
        }
        let key = PrivateKey::from_p256_number(self.number.as_bytes()).ok_or_else(inconsistent)?;
        match self.public.and_then(|public| public.as_bytes()) {
            Some(point) if PublicKey::from_p256_point(point) != Some(key.public_key()) => {
                Err(inconsistent())
            }
            _ => Ok(key),
        }
    }
}

fn spki(info: &SubjectPublicKeyInfoRef<'_>) -> Result<PublicKey> {
    let key = info
        .subject_public_key
        .as_bytes()
        .ok_or_else(inconsistent)?;
    match info.algorithm.oid {
        RSA => match RsaPublicKeyRef::from_der(key) {
            Ok(key) => rsa_public(&key),
            Err(_) => Err(inconsistent()),
        },
        EC => {
            let curve = info.algorithm.parameters.ok_or_else(inconsistent)?;
            check_curve(
                curve,
                "openssl ec -pubin -in FILE -param_enc named_curve -pubout -out cf.pub.pem",
            )?;
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
    let message = format!(
        "is an {} key; the longest supported is {}",
        KeyType::Rsa(bits),
        KeyType::Rsa(LONGEST_RSA)
    );
    Err(Error::of_kind(ErrorKind::UnsupportedKey, message))
}

/// Refuses curves other than P-256, and curves described by their parameters (ECParameters of
/// RFC 3279), which `conversion` replaces by a name.
fn check_curve(curve: AnyRef<'_>, conversion: &str) -> Result<()> {
    const MESSAGE: &str =
        "has the parameters of its curve in place of the curve's name, which is not supported";
    match curve.decode_as::<ObjectIdentifier>() {
        Ok(P256) => Ok(()),
        Ok(curve) => Err(other_key(curve)),
        Err(_) => Err(Error::new(MESSAGE).with_hint(format!("convert it: {conversion}"))),
    }
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
