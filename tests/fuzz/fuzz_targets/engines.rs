//! All implementations of signing make the same signatures over the same policies, whatever those say: several at a time,
//! AWS-LC and pure Rust.
#![no_main]

use std::sync::LazyLock;

use cfsign::{Conditions, HashAlgorithm, Policy, PrivateKey, Resource, Signer, base64};
use cfsign_fuzz::{ID, key, time};
use libfuzzer_sys::fuzz_target;

/// Each key twice: the signer takes one.
static KEYS: LazyLock<Vec<(PrivateKey, Signer)>> = LazyLock::new(|| {
    [
        "rsa512.pem",
        "rsa1024.pem",
        "rsa2048-pkcs8.pem",
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

fuzz_target!(|input: (u8, u8, u32, &str)| {
    let (key, count, expires, name) = input;
    let (key, signer) = &KEYS[usize::from(key) % KEYS.len()];
    let mut policies = Vec::new();
    for i in 0..count % 20 {
        let Ok(resource) = Resource::stream(&format!("{name}{i}")) else {
            return;
        };
        let conditions = Conditions::until(time(expires.into()));
        policies.push(Policy::custom(&resource, conditions).expect("a policy"));
    }
    let many = signer.sign_many(policies.clone());
    for (policy, signed) in policies.into_iter().zip(many) {
        let pure = key
            .sign(HashAlgorithm::Sha256, policy.as_str().as_bytes())
            .expect("a key that is long enough");
        let single = signer.sign(policy).expect("a signature");
        assert_eq!(single.signature(), base64::encode(&pure), "{key:?}");
        assert_eq!(
            signed.expect("a signature").query(),
            single.query(),
            "{key:?}"
        );
    }
});
