//! The implementations of signing (several at a time, AWS-LC, pure Rust) against each other and
//! against the standards: with good keys, and with RSA keys whose numbers are damaged.

use std::sync::LazyLock;

use cfsign::url::percent::encode;
use cfsign::{
    Conditions, HashAlgorithm, KeyFile, KeyType, Policy, PrivateKey, Signer, Timestamp, base64,
};
use num_bigint::BigUint;
use proptest::prelude::*;
use rsa::pkcs1::der::{Decode, Encode};
use rsa::pkcs1::{RsaPrivateKeyRef, UintRef};

use crate::common::{Sandbox, private_key, root, stdout_of};

/// RFC 6979, appendix A.2.5: P-256 with SHA-256, messages "sample" and "test".
#[test]
fn p256_signatures_are_those_of_rfc_6979() {
    let hex = |text: &str| -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
            .collect()
    };
    let private = hex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
    // SEC1: version 1, the private number, the curve prime256v1.
    let sec1 = [
        &hex("30310201010420")[..],
        &private,
        &hex("a00a06082a8648ce3d030107"),
    ]
    .concat();
    let key = KeyFile::read("RFC 6979", &sec1)
        .unwrap()
        .into_private(None)
        .unwrap();
    for (message, r, s) in [
        (
            "sample",
            "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
            "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
        ),
        (
            "test",
            "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
            "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083",
        ),
    ] {
        let integer = |number: &str| {
            let bytes = hex(number);
            let sign = if bytes[0] >= 0x80 { vec![0] } else { vec![] };
            [vec![2, (bytes.len() + sign.len()) as u8], sign, bytes].concat()
        };
        let body = [integer(r), integer(s)].concat();
        let der = [vec![0x30, body.len() as u8], body].concat();
        assert_eq!(
            key.sign(HashAlgorithm::Sha256, message.as_bytes()).unwrap(),
            der,
            "{message}"
        );
    }
}

#[test]
fn the_version_names_what_may_sign() {
    #[cfg(target_arch = "x86_64")]
    let has_lanes = cfg!(feature = "lanes") && is_x86_feature_detected!("avx512ifma");
    #[cfg(not(target_arch = "x86_64"))]
    let has_lanes = false;
    let lanes = if has_lanes {
        "cfsign-lanes (AVX-512 IFMA), "
    } else {
        ""
    };
    let aws_lc = if cfg!(feature = "aws-lc") {
        "AWS-LC, "
    } else {
        ""
    };
    let expected = format!(
        "cfsign {}\nsigns with {lanes}{aws_lc}the crates rsa and p256\n",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(
        stdout_of(&mut Sandbox::new().cfsign(&["--version"])),
        expected
    );
}

/// Keys of every kind that the engines take, some of them new in each run.
static KEYS: LazyLock<Vec<(String, PrivateKey)>> = LazyLock::new(|| {
    let files = [
        "rsa512.pem",
        "rsa1024.pem",
        "rsa2047.pem",
        "rsa2048-pkcs8.pem",
        "rsa2048-e3.pem",
        "rsa4096.pem",
        "p256-pkcs8.pem",
    ];
    let fixed = files.map(|name| (name.to_owned(), private_key(name)));
    let new = [
        KeyType::Rsa(1024),
        KeyType::Rsa(1536),
        KeyType::P256,
        KeyType::P256,
    ];
    let new = new.map(|key_type| PrivateKey::generate(key_type).unwrap());
    fixed
        .into_iter()
        .chain(new.map(|key| (key.to_pem().unwrap().to_string(), key)))
        .collect()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// What [`Signer`] makes, with AWS-LC where that is compiled in, is what [`PrivateKey::sign`]
    /// makes in pure Rust.
    #[test]
    fn both_engines_make_the_same_signatures(name in "[!-~]{0,200}", expires in 0..9_223_372_036_i64) {
        let resource = format!("https://h.example/*{}", encode(&name).replace(['?', '#', '\\'], "")).parse().unwrap();
        let until = Conditions::until(Timestamp::from_unix(expires).unwrap());
        let policy = Policy::custom(&resource, until).unwrap();
        for (key_name, key) in KEYS.iter() {
            for hash in [HashAlgorithm::Sha1, HashAlgorithm::Sha256] {
                let same = KeyFile::read("key", key.to_pem().unwrap().as_bytes()).unwrap().into_private(None).unwrap();
                let signer = Signer::new("K2JCJMDEHXQW5F".parse().unwrap(), same).with_hash(hash);
                let pure = base64::encode(&key.sign(hash, policy.as_str().as_bytes()).unwrap());
                let signed = signer.sign(policy.clone()).unwrap();
                prop_assert_eq!(signed.signature(), pure, "{} {}", key_name, hash);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// [`Signer::sign_many`] is [`Signer::sign`] many times, whatever the key and the number of policies.
    #[test]
    fn many_policies_are_signed_as_one(count in 0..40_usize, seed: u32) {
        let policy = |i: usize| {
            let resource = format!("https://h.example/{seed}/{i}").parse().unwrap();
            Policy::canned(&resource, Timestamp::from_unix(1_800_000_000).unwrap()).unwrap()
        };
        for (key_name, key) in KEYS.iter().filter(|(_, key)| key.key_type() != KeyType::Rsa(4096)) {
            let same = PrivateKey::from_pem(key.to_pem().unwrap().as_bytes()).unwrap();
            let signer = Signer::new("K2JCJMDEHXQW5F".parse().unwrap(), same);
            let many = signer.sign_many((0..count).map(policy).collect());
            prop_assert_eq!(many.len(), count);
            for (i, signed) in many.into_iter().enumerate() {
                let (signed, single) = (signed.unwrap(), signer.sign(policy(i)).unwrap());
                prop_assert_eq!(signed.query(), single.query(), "{} {}", key_name, i);
            }
        }
    }
}

/// 100,000 messages and 200 new keys: several at a time, with AWS-LC, and every 16th in pure Rust,
/// which is slow with RSA.
#[test]
#[ignore = "takes minutes; .ci/run runs it"]
fn many_messages_and_keys() {
    for name in ["rsa2048-pkcs8.pem", "rsa2048-e3.pem", "p256-pkcs8.pem"] {
        compare(name, private_key(name), 33_334);
    }
    for number in 0..200 {
        let key_type = match number % 10 {
            0 => KeyType::Rsa(1024),
            1 => KeyType::Rsa(1536),
            2..6 => KeyType::Rsa(2048),
            _ => KeyType::P256,
        };
        let key = PrivateKey::generate(key_type).unwrap();
        compare(&key.to_pem().unwrap(), key, 40);
    }
}

fn compare(name: &str, key: PrivateKey, count: usize) {
    let same = PrivateKey::from_pem(key.to_pem().unwrap().as_bytes()).unwrap();
    let signer = Signer::new("K2JCJMDEHXQW5F".parse().unwrap(), same);
    let hash = key.key_type().default_hash();
    let expires = Timestamp::from_unix(1_800_000_000).unwrap();
    let resource = |i: usize| format!("https://h.example/{i}").parse().unwrap();
    let policies: Vec<Policy> = (0..count)
        .map(|i| Policy::canned(&resource(i), expires).unwrap())
        .collect();
    let many = signer.sign_many(policies.clone());
    for (i, (policy, signed)) in policies.into_iter().zip(many).enumerate() {
        let signed = signed.unwrap();
        if i % 16 == 0 {
            let pure = key.sign(hash, policy.as_str().as_bytes()).unwrap();
            assert_eq!(signed.signature(), base64::encode(&pure), "{name} {i}");
        }
        let single = signer.sign(policy).unwrap();
        assert_eq!(signed.signature(), single.signature(), "{name} {i}");
    }
}

/// A key that is too short for the hash fails for each policy, and a remote key is asked for each.
#[test]
fn every_policy_has_its_own_result() {
    let policies = |count: usize| -> Vec<Policy> {
        let expires = Timestamp::from_unix(1_800_000_000).unwrap();
        (0..count)
            .map(|i| format!("https://h.example/{i}").parse().unwrap())
            .map(|resource| Policy::canned(&resource, expires).unwrap())
            .collect()
    };
    let id = "K2JCJMDEHXQW5F";
    let remote = Signer::remote(id.parse().unwrap(), HashAlgorithm::Sha1, |_, message| {
        if message.windows(3).any(|part| part == b"/3\"") {
            return Err(cfsign::Error::new("refused"));
        }
        Ok(message.to_vec())
    });
    let results = remote.sign_many(policies(9));
    for (i, result) in results.iter().enumerate() {
        assert_eq!(result.is_err(), i == 3, "{i}");
    }
    let short = PrivateKey::generate(KeyType::Rsa(376));
    let Ok(short) = short else { return };
    let signer = Signer::new(id.parse().unwrap(), short).with_hash(HashAlgorithm::Sha256);
    let results = signer.sign_many(policies(17));
    assert!(results.len() == 17 && results.iter().all(Result::is_err));
}

/// The numbers of an RSA key as a file says them.
#[derive(Clone)]
struct Numbers {
    e: u64,
    d: BigUint,
    p: BigUint,
    q: BigUint,
    dp: BigUint,
    dq: BigUint,
    qinv: BigUint,
}

impl Numbers {
    /// Those of the test key.
    fn good() -> Self {
        let der = std::fs::read(root().join("tests/keys/rsa2048-pkcs1.der")).unwrap();
        let key = RsaPrivateKeyRef::from_der(&der).unwrap();
        let number = |number: UintRef<'_>| BigUint::from_bytes_be(number.as_bytes());
        Numbers {
            e: 65537,
            d: number(key.private_exponent),
            p: number(key.prime1),
            q: number(key.prime2),
            dp: number(key.exponent1),
            dq: number(key.exponent2),
            qinv: number(key.coefficient),
        }
    }

    /// Those of a key with these factors, which need not be prime.
    fn of(p: BigUint, q: BigUint) -> Self {
        let (e, one) = (65537_u64, BigUint::from(1_u8));
        let order = (&p - &one) * (&q - &one);
        // d is (1 + k * order) / e for the k that leaves no remainder.
        let d = (1..e)
            .map(|k| &one + &order * k)
            .find(|product| product % e == BigUint::from(0_u8))
            .unwrap()
            / e;
        let (dp, dq) = (&d % (&p - &one), &d % (&q - &one));
        Numbers {
            e,
            d,
            p,
            q,
            dp,
            dq,
            qinv: one,
        }
    }

    /// The signatures of pure Rust and of [`Signer`]; `None` where the key is refused as a whole.
    fn signatures(&self) -> Option<[Option<String>; 2]> {
        let (n, e) = (&self.p * &self.q, BigUint::from(self.e));
        let bytes = [
            &n, &e, &self.d, &self.p, &self.q, &self.dp, &self.dq, &self.qinv,
        ]
        .map(|n| n.to_bytes_be());
        let [n, e, d, p, q, dp, dq, qinv] =
            bytes.each_ref().map(|bytes| UintRef::new(bytes).unwrap());
        let der = RsaPrivateKeyRef {
            modulus: n,
            public_exponent: e,
            private_exponent: d,
            prime1: p,
            prime2: q,
            exponent1: dp,
            exponent2: dq,
            coefficient: qinv,
            other_prime_infos: None,
        }
        .to_der()
        .unwrap();
        let key = || {
            KeyFile::read("key", &der)
                .and_then(|file| file.into_private(None))
                .ok()
        };
        let until = Timestamp::from_unix(1_800_000_000).unwrap();
        let policy = Policy::canned(&"https://h.example/a".parse().unwrap(), until).unwrap();
        let pure = key()?
            .sign(HashAlgorithm::Sha1, policy.as_str().as_bytes())
            .ok()
            .map(|bytes| base64::encode(&bytes));
        let signed = Signer::new("K2JCJMDEHXQW5F".parse().unwrap(), key()?).sign(policy);
        Some([
            pure,
            signed.ok().map(|signed| signed.signature().to_owned()),
        ])
    }
}

/// RFC 8017 lets the primes stand in either order; the numbers of the Chinese remainder theorem
/// follow from the others.
#[test]
fn one_rsa_key_makes_one_signature_however_it_is_written() {
    let good = Numbers::good();
    let signatures = good.signatures().unwrap();
    assert!(signatures[0].is_some() && signatures[0] == signatures[1]);
    for (what, numbers) in [
        (
            "the primes the other way round",
            Numbers {
                p: good.q.clone(),
                q: good.p.clone(),
                ..good.clone()
            },
        ),
        (
            "another d mod p-1",
            Numbers {
                dp: BigUint::from(5_u8),
                ..good.clone()
            },
        ),
        (
            "another d mod q-1",
            Numbers {
                dq: BigUint::from(0_u8),
                ..good.clone()
            },
        ),
        (
            "another 1/q mod p",
            Numbers {
                qinv: BigUint::from(0_u8),
                ..good.clone()
            },
        ),
    ] {
        assert_eq!(numbers.signatures(), Some(signatures.clone()), "{what}");
    }
}

#[test]
fn rsa_numbers_that_do_not_fit_make_no_signature() {
    let good = Numbers::good();
    let two = BigUint::from(2_u8);
    let mut odd = &good.q + &two;
    while (&odd - 1_u8) % 65537_u64 == BigUint::from(0_u8) {
        odd += &two;
    }
    for (what, numbers) in [
        (
            "a factor that is not prime",
            Numbers::of(good.p.clone(), odd.clone()),
        ),
        ("no factor that is prime", Numbers::of(&odd + &two, odd)),
        (
            "an even factor",
            Numbers::of(good.p.clone(), &good.q + 1_u8),
        ),
        (
            "one factor twice",
            Numbers::of(good.p.clone(), good.p.clone()),
        ),
        (
            "a factor of one",
            Numbers {
                p: &good.p * &good.q,
                q: BigUint::from(1_u8),
                ..good.clone()
            },
        ),
        (
            "a private exponent above the modulus",
            Numbers {
                d: &good.d + (&good.p - 1_u8) * (&good.q - 1_u8),
                ..good.clone()
            },
        ),
        (
            "another private exponent",
            Numbers {
                d: &good.d + &two,
                ..good.clone()
            },
        ),
        (
            "a public exponent of one",
            Numbers {
                e: 1,
                d: BigUint::from(1_u8),
                ..good.clone()
            },
        ),
        (
            "an even public exponent",
            Numbers {
                e: 65536,
                ..good.clone()
            },
        ),
        (
            "nothing but ones",
            Numbers {
                e: 1,
                ..Numbers::of(two.clone(), two)
            },
        ),
    ] {
        assert!(
            matches!(numbers.signatures(), None | Some([None, None])),
            "{what}"
        );
    }
}
