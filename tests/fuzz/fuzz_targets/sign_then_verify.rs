//! A signed URL is allowed as it is, and denied with a byte changed, unless its policy covers what the change made of it.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use cfsign::verify::TrustedKey;
use cfsign::{Conditions, HashAlgorithm, Policy, PolicyType, SignedUrl, Signer, UnsignedUrl};
use cfsign_fuzz::{ID, NOW, judge, key, time, trusted};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    custom: bool,
    sha256: bool,
    place: u16,
    byte: u8,
    lifetime: u32,
    path: &'a str,
}

static KEYS: LazyLock<Vec<TrustedKey>> = LazyLock::new(|| trusted(&key("rsa512.pem")));
static SIGNERS: LazyLock<[Signer; 2]> = LazyLock::new(|| {
    [HashAlgorithm::Sha1, HashAlgorithm::Sha256]
        .map(|hash| Signer::new(ID.parse().expect("an ID"), key("rsa512.pem")).with_hash(hash))
});

fuzz_target!(|input: Input| {
    let Ok(url) = UnsignedUrl::parse(&format!("https://h.example/{}", input.path)) else {
        return;
    };
    let conditions = Conditions::until(time(NOW + 1 + i64::from(input.lifetime)));
    let policy = match input.custom {
        true => Policy::custom(&url.resource(), conditions),
        false => Policy::new(&url.resource(), conditions, false),
    };
    let signed_policy = SIGNERS[usize::from(input.sha256)]
        .sign(policy.expect("a policy"))
        .expect("a signature");
    let signed = SignedUrl::new(&url, &signed_policy);
    let request = SignedUrl::parse(signed.as_str()).expect("a URL");
    assert!(
        judge(&request, None, &KEYS).allowed(),
        "{}",
        signed.as_str()
    );

    let mut changed = signed.as_str().as_bytes().to_vec();
    let place = usize::from(input.place) % changed.len();
    if changed[place] == input.byte || !input.byte.is_ascii() {
        return;
    }
    changed[place] = input.byte;
    let changed = String::from_utf8(changed).expect("ASCII");
    let Ok(request) = SignedUrl::parse(&changed) else {
        return;
    };
    if judge(&request, None, &KEYS).allowed() {
        let policy = signed_policy.policy();
        assert_eq!(policy.policy_type(), PolicyType::Custom, "{changed}");
        assert!(
            policy
                .resource()
                .expect("it has one")
                .covers(&request.unsigned()),
            "{changed}"
        );
    }
});
