//! Policies and IDs that services live on, though CloudFront does not document all of them.

use cfsign::verify::{CheckName, Outcome, Reason};
use cfsign::{HashAlgorithm, KeyPairId, Policy};

use crate::common::requests::{END, canned, judge, trusted, with_canned, with_custom};

const URL: &str = "https://cdn.example.com/a.mp4";

#[test]
fn policies_in_use_are_allowed() {
    let condition = format!(r#""Condition":{{"DateLessThan":{{"AWS:EpochTime":{END}}}}}"#);
    let resource = r#""Resource":"https://cdn.example.com/*""#;
    let unknown =
        |key: &str| format!("the policy has the unknown key {key:?}, which CloudFront ignores");
    let rows = [
        (
            "plain",
            format!(r#"{{"Statement":[{{{resource},{condition}}}]}}"#),
            "well-formed".to_owned(),
        ),
        (
            "a key beside Statement",
            format!(r#"{{"Statement":[{{{resource},{condition}}}],"tid":"1"}}"#),
            unknown("tid"),
        ),
        (
            "a key before Resource",
            format!(r#"{{"Statement":[{{"unique_hash":"0a1b",{resource},{condition}}}]}}"#),
            unknown("unique_hash"),
        ),
        (
            "an object as statement",
            format!(r#"{{"Statement":{{{resource},{condition}}}}}"#),
            "the Statement of the policy is not in a list, which is not documented to work".into(),
        ),
        (
            "escaped slashes",
            format!(
                r#"{{"Statement":[{{{},{condition}}}]}}"#,
                resource.replace('/', "\\/")
            ),
            "well-formed".into(),
        ),
        (
            "white space, Condition first",
            format!("{{\"Statement\": [\n  {{{condition}, {resource}}}\n]}}\n"),
            "well-formed".into(),
        ),
        (
            "until 9999",
            format!(
                r#"{{"Statement":[{{{resource},{}}}]}}"#,
                condition.replace(&END.to_string(), "253402300799")
            ),
            "the expiry is after 2262-04-11, the latest that CloudFront documents".into(),
        ),
    ];
    let keys = [trusted(None, "rsa2048-pkcs8.pem")];
    for (what, policy, detail) in rows {
        let verdict = judge(&with_custom(URL, &policy, &policy), &keys, None);
        assert_eq!(verdict.reason, Reason::Ok, "{what}");
        let check = verdict
            .checks
            .iter()
            .find(|check| check.name == CheckName::Policy)
            .unwrap();
        let outcome = if detail == "well-formed" {
            Outcome::Pass
        } else {
            Outcome::Unknown
        };
        assert_eq!(
            (check.detail.as_str(), check.outcome),
            (detail.as_str(), outcome),
            "{what}"
        );
    }
    let in_condition = format!(
        r#"{{"Statement":[{{{resource},{}}}]}}"#,
        condition.replace("DateLessThan", "DateLessThen")
    );
    let late = format!(
        r#"{{"Statement":[{{{resource},{}}}]}}"#,
        condition.replace(&END.to_string(), "253402300800")
    );
    for policy in [in_condition, late] {
        let verdict = judge(&with_custom(URL, &policy, &policy), &keys, None);
        assert_eq!(verdict.reason, Reason::Policy, "{policy}");
    }
}

#[test]
fn every_address_needs_no_address() {
    let policy = |range: &str| {
        format!(
            r#"{{"Statement":[{{"Resource":"{URL}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{END}}},"IpAddress":{{"AWS:SourceIp":"{range}"}}}}}}]}}"#
        )
    };
    let keys = [trusted(None, "rsa2048-pkcs8.pem")];
    for (range, address, reason) in [
        ("0.0.0.0/0", None, Reason::Ok),
        ("0.0.0.0/0", Some("203.0.113.9"), Reason::Ok),
        ("0.0.0.0/0", Some("2001:db8::1"), Reason::Ip),
        ("0.0.0.0/1", None, Reason::Ip),
    ] {
        let policy = policy(range);
        let address = address.map(|address| address.parse().unwrap());
        let verdict = judge(&with_custom(URL, &policy, &policy), &keys, address);
        assert_eq!(verdict.reason, reason, "{range} {address:?}");
    }
}

/// The IDs of other signers' tests, and those that are certainly none.
#[test]
fn ids_are_odd_or_wrong() {
    for (id, oddity) in [
        ("K2JCJMDEHXQW5", None),
        ("K2JCJMDEHXQW5F", None),
        ("APKAEIBAERJR2EXAMPLE", None),
        ("DelegateKeyPairId", Some("does not look like")),
        (
            "AKIAIOSFODNN7EXAMPLE",
            Some("looks like an AWS access key ID"),
        ),
        ("pk-apka_cloudfront", Some("does not look like")),
        (
            "f1c2d3e4-0000-4000-8000-0123456789ab",
            Some("looks like the ID of a key group"),
        ),
    ] {
        let parsed: KeyPairId = id.parse().unwrap();
        assert!(
            match oddity {
                Some(start) => parsed
                    .oddity()
                    .is_some_and(|oddity| oddity.starts_with(start)),
                None => parsed.oddity().is_none(),
            },
            "{id}"
        );
    }
    for id in ["", "K 1", "K1\n", "K=1", "K/1", "é"] {
        assert!(id.parse::<KeyPairId>().is_err(), "{id:?}");
    }
    let url = with_canned(URL, canned(URL, END), HashAlgorithm::Sha1, "");
    let verdict = judge(
        &url.replace(
            "Key-Pair-Id=K2JCJMDEHXQW5F",
            "Key-Pair-Id=DelegateKeyPairId",
        ),
        &[trusted(None, "rsa2048-pkcs8.pem")],
        None,
    );
    assert_eq!(verdict.reason, Reason::Ok);
}

#[test]
fn a_policy_is_canned_if_that_is_enough() {
    use cfsign::{Conditions, PolicyType, Resource, Timestamp};

    let until = Conditions::until(Timestamp::from_unix(END).unwrap());
    let url: Resource = URL.parse().unwrap();
    let pattern: Resource = "https://cdn.example.com/*".parse().unwrap();
    let from = Conditions {
        starts: Some(Timestamp::from_unix(END - 1).unwrap()),
        ..until
    };
    for (resource, conditions, custom, expected) in [
        (&url, until, false, PolicyType::Canned),
        (&url, until, true, PolicyType::Custom),
        (&url, from, false, PolicyType::Custom),
        (&pattern, until, false, PolicyType::Custom),
    ] {
        assert_eq!(
            Policy::new(resource, conditions, custom)
                .unwrap()
                .policy_type(),
            expected
        );
    }
}
