//! What a command printed is a signature of a length that keys have, the same when it is printed as base64, or refused.
#![no_main]

use cfsign::{HashAlgorithm, KeyType, SignCommand, base64};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|output: &[u8]| {
    for hash in [HashAlgorithm::Sha1, HashAlgorithm::Sha256] {
        for key_type in [None, Some(KeyType::Rsa(2048)), Some(KeyType::P256)] {
            let Ok(signature) = SignCommand::signature_in(output, hash, key_type) else {
                continue;
            };
            match key_type {
                Some(KeyType::Rsa(_)) => assert_eq!(signature.len(), 256),
                Some(KeyType::P256) => assert!(signature[0] == 0x30 && signature.len() <= 72),
                _ => assert!(
                    [128, 256, 384, 512].contains(&signature.len()) || signature.len() <= 72
                ),
            }
            let printed = base64::encode(&signature);
            // Base64 that happens to be all hexadecimal digits is taken for that.
            if !printed.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                let again = SignCommand::signature_in(printed.as_bytes(), hash, key_type)
                    .expect("a signature");
                assert_eq!(again, signature);
            }
        }
    }
});
