//! A key signs what its public half accepts, the same with both engines, or is refused; it survives being written.
#![no_main]

use cfsign::{Conditions, HashAlgorithm, KeyContent, KeyFile, Policy, Signer, base64};
use cfsign_fuzz::{ID, NOW, time};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(file) = KeyFile::read("key", bytes) else {
        return;
    };
    let _ = file.format();
    if let KeyContent::Public(key) = file.content() {
        let pem = key.to_pem().expect("it was read");
        let again = KeyFile::read("key", pem.as_bytes()).expect("it was written");
        assert!(matches!(again.content(), KeyContent::Public(same) if same == key));
    }
    let Ok(key) = file.into_private(None) else {
        return;
    };
    let public = key.public_key();
    let pem = key.to_pem().expect("it was read");
    let again = KeyFile::read("key", pem.as_bytes())
        .and_then(|file| file.into_private(None))
        .expect("it was written");
    assert_eq!(again.public_key(), public);

    let until = Conditions::until(time(NOW));
    let policy = Policy::custom(&"*".parse().expect("a pattern"), until).expect("a policy");
    let pure = key.sign(HashAlgorithm::Sha1, policy.as_str().as_bytes());
    let signed = Signer::new(ID.parse().expect("an ID"), key)
        .with_hash(HashAlgorithm::Sha1)
        .sign(policy.clone());
    assert_eq!(signed.is_ok(), pure.is_ok());
    if let (Ok(signed), Ok(pure)) = (signed, pure) {
        assert_eq!(signed.signature(), base64::encode(&pure));
        assert!(public.verifies(HashAlgorithm::Sha1, policy.as_str().as_bytes(), &pure));
    }
});
