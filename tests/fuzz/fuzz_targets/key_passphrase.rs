//! An encrypted key opens or is refused, whatever stands outside the encryption or inside it.
#![no_main]

use cfsign::{HashAlgorithm, KeyFile};
use libfuzzer_sys::fuzz_target;
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::Encode;
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::{Kdf, Parameters};

const PASSPHRASE: &[u8] = b"correct horse";

fuzz_target!(|bytes: &[u8]| {
    if is_cheap(bytes) {
        open(bytes);
    }
    let cheap =
        Parameters::generate_pbkdf2_sha256_aes256cbc(1, &[0; 16], [0; 16]).expect("a scheme");
    let encrypted_data = cheap
        .encrypt(PASSPHRASE, bytes)
        .expect("bytes can be encrypted");
    let info = EncryptedPrivateKeyInfoRef {
        encryption_algorithm: cheap.into(),
        encrypted_data: OctetStringRef::new(&encrypted_data).expect("it is short"),
    };
    open(&info.to_der().expect("it is short"));
});

fn open(der: &[u8]) {
    let Ok(file) = KeyFile::read("key", der) else {
        return;
    };
    if let Ok(key) = file.into_private(Some(PASSPHRASE)) {
        if let Ok(signature) = key.sign(HashAlgorithm::Sha1, b"message") {
            assert!(
                key.public_key()
                    .verifies(HashAlgorithm::Sha1, b"message", &signature)
            );
        }
    }
}

/// Whether the file asks for little work: cfsign allows seconds of it, which is what a fuzzer would look for.
fn is_cheap(der: &[u8]) -> bool {
    let Ok(info) = EncryptedPrivateKeyInfoRef::try_from(der) else {
        return true;
    };
    match &info.encryption_algorithm {
        EncryptionScheme::Pbes2(Parameters {
            kdf: Kdf::Pbkdf2(kdf),
            ..
        }) => kdf.iteration_count <= 100,
        EncryptionScheme::Pbes2(_) => false,
        _ => true,
    }
}
