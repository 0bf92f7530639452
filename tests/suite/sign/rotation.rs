//! Signing again what is signed already, and signatures that stay the same: `--resign` and
//! `--round`.

use cfsign::{
    Conditions, HashAlgorithm, Policy, Resource, SignedUrl, Signer, Timestamp, UnsignedUrl,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use crate::common::requests::{ID, NOW, judge, trusted};
use crate::common::{Sandbox, outcome, private_key, stdout_of, text};

const OLD_ID: &str = "K1AAAAAAAAAAAA";

/// Options for the new key.
const NEW: [&str; 4] = ["-k", ID, "-p", "rsa2048-pkcs8.pem"];

/// A URL and conditions under which it can be requested at [`NOW`] from 192.0.2.10.
fn signed_by_the_old_key() -> impl Strategy<Value = SignedUrl> {
    let path = "[a-z]{1,8}(/[a-z0-9%]{0,0}[a-z0-9]{1,8}){0,3}";
    let query = proptest::option::of("[a-z]=[a-z0-9&]{0,6}");
    let times = (1..500_000_000_i64, proptest::option::of(1..500_000_000_i64));
    let rest = (any::<bool>(), any::<bool>(), 0..3);
    (path, query, times, rest).prop_map(|(path, query, (until, since), (ip, sha1, resource))| {
        let mut text = format!("https://h.example/{path}");
        if let Some(query) = query {
            text += &format!("?{query}");
        }
        let url = UnsignedUrl::parse(&text).unwrap();
        let conditions = Conditions {
            expires: Timestamp::from_unix(NOW + until).unwrap(),
            starts: since.map(|since| Timestamp::from_unix(NOW - since).unwrap()),
            ip: ip.then(|| "192.0.2.0/24".parse().unwrap()),
        };
        let pattern: Resource = "https://h.example/*".parse().unwrap();
        let policy = match resource {
            0 => Policy::new(&url.resource(), conditions, false),
            1 => Policy::custom(&url.resource(), conditions),
            _ => Policy::custom(&pattern, conditions),
        };
        let hash = if sha1 {
            HashAlgorithm::Sha1
        } else {
            HashAlgorithm::Sha256
        };
        let signer = Signer::new(OLD_ID.parse().unwrap(), private_key("p256-pkcs8.pem"));
        SignedUrl::new(&url, &signer.with_hash(hash).sign(policy.unwrap()).unwrap())
    })
}

#[test]
fn a_thousand_urls_move_to_another_key_with_their_conditions() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = signed_by_the_old_key();
    let old: Vec<SignedUrl> = (0..1000)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .collect();
    let lines: String = old.iter().map(|url| format!("{url}\n")).collect();
    let sandbox = Sandbox::new();
    let now = format!("@{NOW}");
    sandbox.write("old.txt", lines);
    let mut batch = sandbox.cfsign(&["batch", "old.txt", "--resign", "--now", &now, "-q"]);
    let output = batch.args(NEW).output().unwrap();
    assert_eq!(
        (output.status.code(), text(&output.stderr)),
        (Some(0), String::new())
    );
    let new = text(&output.stdout);
    assert_eq!(new.lines().count(), old.len());
    let key = [trusted(Some(ID), "rsa2048-pkcs8.pem")];
    for (new, old) in new.lines().zip(&old) {
        let new_url = SignedUrl::parse(new).unwrap();
        assert_eq!(new_url.unsigned(), old.unsigned());
        assert_eq!(new_url.policy().unwrap(), old.policy().unwrap(), "{old}");
        assert!(
            judge(new, &key, "192.0.2.10".parse().ok()).allowed(),
            "{new}"
        );
    }
}

#[test]
fn what_is_given_replaces_what_was_signed() {
    let sandbox = Sandbox::new();
    sandbox.write("url", stdout_of(&mut sandbox.shell(
        "cfsign url 'https://h.example/v/a?x=1' -r 'https://h.example/v/*' --ip 192.0.2.0/24 --starts 2026-11-01 -e 2027-01-31 -k K1AAAAAAAAAAAA -p p256-pkcs8.pem --now 2026-12-01",
    )));
    let policy = |flags: &str| {
        let line = format!("cfsign policy \"$(cat url)\" --resign --now 2026-12-01 {flags}");
        outcome(&sandbox, &line)
    };
    let custom = |resource: &str, expires: i64, ip: &str| {
        let text = format!(
            r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}},"IpAddress":{{"AWS:SourceIp":"{ip}"}},"DateGreaterThan":{{"AWS:EpochTime":1793491200}}}}}}]}}"#
        );
        (Some(0), text + "\n", String::new())
    };
    let pattern = "https://h.example/v/*";
    for (flags, expected) in [
        ("", custom(pattern, 1_801_353_600, "192.0.2.0/24")),
        (
            "-e 2027-02-01",
            custom(pattern, 1_801_440_000, "192.0.2.0/24"),
        ),
        (
            "--ip 198.51.100.7",
            custom(pattern, 1_801_353_600, "198.51.100.7/32"),
        ),
        (
            "-r 'https://h.example/*'",
            custom("https://h.example/*", 1_801_353_600, "192.0.2.0/24"),
        ),
        // The old resource has to cover the new URL.
        (
            "--query y=2",
            custom(pattern, 1_801_353_600, "192.0.2.0/24"),
        ),
    ] {
        assert_eq!(policy(flags), expected, "{flags}");
    }
    let line = "cfsign policy https://h.example/a --resign --now 2026-12-01";
    let missing = "error: \"https://h.example/a\" has no signature with an expiry to keep\nhint: use --expires TIME to set the expiry\n";
    assert_eq!(
        outcome(&sandbox, line),
        (Some(2), String::new(), missing.into())
    );
    let line = "cfsign policy 'https://h.example/a?Policy=e30_&Signature=x' --resign -e 1h";
    let (status, stdout, stderr) = outcome(&sandbox, line);
    assert_eq!((status, stdout.as_str()), (Some(2), ""));
    assert!(
        stderr.starts_with("error: --resign: the policy of the URL"),
        "{stderr}"
    );
}

/// A slot is as long as `--round`; runs within one print the same bytes, and never less time than
/// asked for.
#[test]
fn runs_within_a_slot_print_the_same_url() {
    let sandbox = Sandbox::new();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut urls = std::collections::BTreeSet::new();
    for _ in 0..100 {
        let now = (1_800_000_001..=1_800_000_900_i64)
            .new_tree(&mut runner)
            .unwrap()
            .current();
        urls.insert(stdout_of(
            sandbox
                .cfsign(&["url", "https://h.example/a", "-e", "1h", "--round", "15m"])
                .args([
                    "-k",
                    ID,
                    "-p",
                    "p256-pkcs8.pem",
                    "--now",
                    &format!("@{now}"),
                ]),
        ));
    }
    assert_eq!(urls.len(), 1, "{urls:?}");
    let expires = format!("?Expires={}&", 1_800_000_900 + 3600);
    assert!(urls.first().unwrap().contains(&expires), "{urls:?}");
}

#[test]
fn rounding_applies_to_rows_starts_and_old_expiries() {
    let sandbox = Sandbox::new();
    for (line, expected) in [
        (
            "cfsign policy https://h.example/a -e 1h --starts now --round 1h --now @1800000001",
            r#""DateLessThan":{"AWS:EpochTime":1800007200},"DateGreaterThan":{"AWS:EpochTime":1800000000}"#,
        ),
        (
            "cfsign policy https://h.example/a -e 1800003600 --round 1h --now @1800000001",
            r#""DateLessThan":{"AWS:EpochTime":1800003600}"#,
        ),
        (
            "cfsign policy 'https://h.example/a?Expires=1800000001' --resign --round 1h --now @1800000000",
            r#""DateLessThan":{"AWS:EpochTime":1800003600}"#,
        ),
        (
            "printf 'url,expires\nhttps://h.example/a,90m\n' | cfsign batch --from csv --to lines --round 1h --now @1800000001 -k K2JCJMDEHXQW5F -p p256-pkcs8.pem",
            "Expires=1800007200&",
        ),
    ] {
        let (status, stdout, stderr) = outcome(&sandbox, line);
        assert_eq!((status, stderr.as_str()), (Some(0), ""), "{line}");
        assert!(stdout.contains(expected), "{line}: {stdout}");
    }
    let line = "cfsign policy https://h.example/a -e 1h --round 0";
    let (status, stdout, stderr) = outcome(&sandbox, line);
    let message =
        "error: --round \"0\" is less than a second\nhint: use a duration such as 15m or 1h\n";
    assert_eq!(
        (status, stdout.as_str(), stderr.as_str()),
        (Some(2), "", message)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rounding_up_is_the_next_multiple(seconds in 0i64..9_000_000_000, slot in 1u64..10_000_000) {
        let time = Timestamp::from_unix(seconds).unwrap();
        let duration = std::time::Duration::from_secs(slot);
        let (down, up) = (time.round_down(duration).unix(), time.round_up(duration).unwrap().unix());
        let slot = i64::try_from(slot).unwrap();
        prop_assert!(down <= seconds && seconds <= up);
        prop_assert!(up - seconds < slot && seconds - down < slot);
        prop_assert_eq!((up % slot, down % slot), (0, 0));
    }
}
