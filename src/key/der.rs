//! The ASN.1 structures that contain keys, distinguished by their content, not by PEM label or file
//! name.

use std::fmt;

use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::asn1::{
    AnyRef, BitStringRef, ContextSpecific, ObjectIdentifier, OctetStringRef, UintRef,
};
use pkcs8::der::{Decode, Encode, Reader, SliceReader, TagNumber};
use pkcs8::spki::{SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};
use rsa::pkcs1;
use x509_cert::Certificate;
use zeroize::Zeroizing;

use super::{EncryptedKey, KeyContent, KeyType, PrivateKey, PublicKey, ber, damaged};
use crate::error::{Error, ErrorKind, Result};

/// The ASN.1 structures of keys.
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

/// The longest RSA modulus that is read, in bits; openssl's limit too.
pub(super) const LONGEST_RSA: usize = 16_384;

/// Reads the key in a DER structure; `None` if it is not one of the [structures](Structure) of
/// keys.
pub(super) fn read(der: &[u8]) -> Option<Result<(Structure, KeyContent)>> {
    // Encrypted PKCS#8 has the shape of SubjectPublicKeyInfo, with an octet string for the bit
    // string.
    let is_encrypted = SubjectPublicKeyInfo::<AnyRef<'_>, &OctetStringRef>::from_der(der).is_ok();
    let (structure, key) = if is_encrypted {
        let key = EncryptedKey::new(der).map(KeyContent::Encrypted);
        (Structure::EncryptedPkcs8, key)
    } else if let Some(key) = pkcs8_private(der) {
        (Structure::Pkcs8, key.map(KeyContent::Private))
    } else if pkcs1::RsaPrivateKeyRef::from_der(der).is_ok() {
        (Structure::Pkcs1, rsa_private(der).map(KeyContent::Private))
    } else if let Some(key) = EcPrivateKey::from_der(der) {
        (Structure::Sec1, key.read(None).map(KeyContent::Private))
    } else if SubjectPublicKeyInfoRef::from_der(der).is_ok() {
        let key = spki(der).map(KeyContent::Public);
        (Structure::SubjectPublicKeyInfo, key)
    } else if let Ok(key) = pkcs1::RsaPublicKeyRef::from_der(der) {
        let key = rsa_public(&key).map(KeyContent::Public);
        (Structure::Pkcs1Public, key)
    } else if let Ok(certificate) = Certificate::from_der(der) {
        let info = certificate.tbs_certificate().subject_public_key_info();
        let info = info.to_der().map_err(|_| inconsistent());
        let key = info.and_then(|info| spki(&info)).map(KeyContent::Public);
        (Structure::Certificate, key)
    } else {
        return None;
    };
    Some(key.map(|key| (structure, key)))
}

/// Reads the key in a PKCS#8 structure; `None` for another structure.
pub(super) fn pkcs8_private(der: &[u8]) -> Option<Result<PrivateKey>> {
    let info = PrivateKeyInfoRef::from_der(der).ok()?;
    Some(match info.algorithm.oid {
        RSA => inner(info.private_key.as_bytes()).and_then(|key| rsa_private(&key)),
        EC => inner(info.private_key.as_bytes()).and_then(|key| {
            let key = EcPrivateKey::from_der(&key).ok_or_else(inconsistent)?;
            key.read(info.algorithm.parameters)
        }),
        algorithm => Err(other_key(algorithm)),
    })
}

/// The structure inside an octet or bit string.
fn inner(ber: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    ber::to_der(ber).ok_or_else(inconsistent)
}

fn rsa_private(der: &[u8]) -> Result<PrivateKey> {
    let key = pkcs1::RsaPrivateKeyRef::from_der(der).map_err(|_| inconsistent())?;
    check_length(key.modulus.as_bytes())?;
    if key.version() == pkcs1::Version::Multi {
        let message = "is a multi-prime RSA key, which is not supported";
        return Err(Error::of_kind(ErrorKind::UnsupportedKey, message));
    }
    PrivateKey::from_pkcs1_der(der).ok_or_else(inconsistent)
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
            match curve.decode_as::<ObjectIdentifier>() {
                Ok(P256) => {}
                Ok(curve) => return Err(other_key(curve)),
                Err(_) if is_explicit_p256(curve) => {}
                Err(_) => return Err(explicit_curve()),
            }
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

fn spki(der: &[u8]) -> Result<PublicKey> {
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| inconsistent())?;
    let key = info.subject_public_key.as_bytes();
    let curve = info.algorithm.parameters_oid();
    match (info.algorithm.oid, curve) {
        (RSA, _) => {
            let key = inner(key.ok_or_else(inconsistent)?)?;
            rsa_public(&pkcs1::RsaPublicKeyRef::from_der(&key).map_err(|_| inconsistent())?)
        }
        (EC, Ok(curve)) if curve != P256 => Err(other_key(curve)),
        (EC, Err(_)) if !info.algorithm.parameters.is_some_and(is_explicit_p256) => {
            Err(explicit_curve())
        }
        (EC, _) => key
            .and_then(PublicKey::from_p256_point)
            .ok_or_else(inconsistent),
        (algorithm, _) => Err(other_key(algorithm)),
    }
}

fn rsa_public(key: &pkcs1::RsaPublicKeyRef<'_>) -> Result<PublicKey> {
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

/// Returns whether a curve that is described by its parameters (ECParameters of RFC 3279, which
/// openssl reads) is P-256 (FIPS 186-4, D.1.2.3).
fn is_explicit_p256(curve: AnyRef<'_>) -> bool {
    const P: [u8; 32] = *b"\xff\xff\xff\xff\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
    const B: [u8; 32] = *b"\x5a\xc6\x35\xd8\xaa\x3a\x93\xe7\xb3\xeb\xbd\x55\x76\x98\x86\xbc\x65\x1d\x06\xb0\xcc\x53\xb0\xf6\x3b\xce\x3c\x3e\x27\xd2\x60\x4b";
    const G_X: [u8; 32] = *b"\x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40\xf2\x77\x03\x7d\x81\x2d\xeb\x33\xa0\xf4\xa1\x39\x45\xd8\x98\xc2\x96";
    const N: [u8; 32] = *b"\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51";
    // The curve has a = p - 3.
    let mut a = P;
    a[31] -= 3;
    let parameters = curve.sequence(|reader| {
        u8::decode(reader)?;
        let prime = reader.sequence(|reader| {
            AnyRef::decode(reader)?;
            UintRef::decode(reader)
        })?;
        let coefficients = reader.sequence(|reader| {
            let a = <&OctetStringRef>::decode(reader)?;
            let b = <&OctetStringRef>::decode(reader)?;
            Option::<BitStringRef<'_>>::decode(reader)?;
            Ok::<_, pkcs8::der::Error>([a, b])
        })?;
        let generator = <&OctetStringRef>::decode(reader)?;
        let order = UintRef::decode(reader)?;
        Option::<UintRef<'_>>::decode(reader)?;
        let is_p256 = prime.as_bytes() == P
            && coefficients.map(OctetStringRef::as_bytes) == [&a[..], &B]
            && generator.as_bytes().get(1..33) == Some(&G_X)
            && order.as_bytes() == N;
        Ok::<_, pkcs8::der::Error>(is_p256)
    });
    parameters.unwrap_or(false)
}

fn explicit_curve() -> Error {
    let message = "is an EC key with the parameters of another curve than P-256";
    Error::of_kind(ErrorKind::UnsupportedKey, message)
}

fn inconsistent() -> Error {
    damaged("its parameters are inconsistent")
}
