//! AWS-LC and pure Rust make the same signature over the same policy, whatever it says.
#![no_main]

use std::sync::LazyLock;

use cfsign::{Conditions, HashAlgorithm, Policy, PrivateKey, Resource, Signer, base64};
use cfsign_fuzz::{ID, key, time};
use libfuzzer_sys::fuzz_target;

/// Each twice: the signer keeps the one for itself.
static KEYS: LazyLock<Vec<(PrivateKey, Signer)>> = LazyLock::new(|| {
    [
        "rsa512.pem",
        "rsa1024.pem",
        "rsa2048-e3.pem",
        "p256-pkcs8.pem",
    ]
    .map(|name| {
        (
            key(name),
            Signer::new(ID.parse().expect("an ID"), key(name)).with_hash(HashAlgorithm::Sha256),
        )
    })
    .into()
});

fuzz_target!(|input: (u8, u32, &str)| {
    let (key, expires, name) = input;
    let Ok(resource) = Resource::stream(name) else {
        return;
    };
    let policy =
        Policy::custom(&resource, Conditions::until(time(expires.into()))).expect("a policy");
    let (key, signer) = &KEYS[usize::from(key) % KEYS.len()];
    let pure = key
        .sign(HashAlgorithm::Sha256, policy.as_str().as_bytes())
        .expect("a key that is long enough");
    assert_eq!(
        signer.sign(policy).expect("the same").signature(),
        base64::encode(&pure),
        "{key:?}"
    );
});
