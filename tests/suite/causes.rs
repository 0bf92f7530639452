//! Why a request is denied: a cause is named only where it is one.

use cfsign::HashAlgorithm;
use cfsign::verify::{Reason, Verdict};

use crate::common::requests::{END, ID, canned, judge, trusted, with_canned, with_custom};

/// Signed with one URL, requested with another.
fn changed(signed: &str, requested: &str) -> Verdict {
    judge(
        &with_canned(requested, &canned(signed, END), HashAlgorithm::Sha1, ""),
        &[trusted(None, "rsa2048-pkcs8.pem")],
        None,
    )
}

fn cause(verdict: &Verdict) -> Option<&str> {
    verdict.cause.as_deref()
}

#[test]
fn causes_of_a_url_that_changed() {
    for (signed, requested, expected) in [
        (
            "https://h.example/a?x=1",
            "https://h.example/a?x=1&utm=2",
            "the query parameter \"utm=2\" was added after signing",
        ),
        (
            "https://h.example/a",
            "https://h.example/a?utm=2",
            "the query parameter \"utm=2\" was added after signing",
        ),
        (
            "https://h.example/a?x=1",
            "https://h.example/a?b=2&x=1&c",
            "the query parameters \"b=2\", \"c\" were added after signing",
        ),
        (
            "https://h.example/a?x=1&y=2",
            "https://h.example/a?y=2&x=1",
            "the query parameters were signed in another order",
        ),
        (
            "https://h.example/a?a=1&b=2&c=3&d=4",
            "https://h.example/a?c=3&a=1&d=4&b=2",
            "the query parameters were signed in another order",
        ),
        (
            "https://h.example/a",
            "http://h.example/a",
            "https was signed, but http was requested",
        ),
        (
            "http://h.example/a",
            "https://h.example/a",
            "http was signed, but https was requested",
        ),
        (
            "https://h.example/a b",
            "https://h.example/a%20b",
            "the URL was signed with spaces not percent-encoded",
        ),
        (
            "https://h.example/ü~",
            "https://h.example/%C3%BC~",
            "the URL was signed with non-ASCII characters not percent-encoded",
        ),
        (
            "https://h.example/~a",
            "https://h.example/%7Ea",
            "the URL was signed with \"~\" not percent-encoded",
        ),
        (
            "https://h.example/%28a%29",
            "https://h.example/(a)",
            "the URL was signed with more percent-encoding",
        ),
        (
            "https://h.example/a%7Eb%2F",
            "https://h.example/a%7eb%2f",
            "the URL was signed with upper-case %XX",
        ),
        (
            "https://h.example/a%c3%bc",
            "https://h.example/a%C3%BC",
            "the URL was signed with lower-case %xx",
        ),
        (
            "https://h.example/a+b",
            "https://h.example/a%20b",
            "the URL was signed with + for a space, but now has %20",
        ),
        (
            "https://h.example/a%20b",
            "https://h.example/a+b",
            "the URL was signed with %20 for a space, but now has +",
        ),
        (
            "https://h.example",
            "https://h.example/",
            "the URL was signed without the path /, which clients add",
        ),
        (
            "https://h.example/a/",
            "https://h.example/a",
            "the URL was signed with a / at the end of its path",
        ),
        (
            "https://h.example/a",
            "https://h.example/a/",
            "the URL was signed without the / at the end of its path",
        ),
        (
            "https://h.example/a",
            "https://H.example/a",
            "the host was signed in lower case",
        ),
        (
            "https://h.example/a?",
            "https://h.example/a",
            "the URL was signed with a lone ? at its end",
        ),
    ] {
        let verdict = changed(signed, requested);
        assert_eq!(
            (verdict.reason, cause(&verdict)),
            (Reason::Signature, Some(expected)),
            "{signed} as {requested}"
        );
    }
}

#[test]
fn causes_of_a_policy_that_was_written_otherwise() {
    let url = "https://h.example/a?x=1&y=2";
    let policy = canned(url, END);
    let keys = [trusted(None, "rsa2048-pkcs8.pem")];
    let python = format!(
        r#"{{"Statement": [{{"Resource": "{url}", "Condition": {{"DateLessThan": {{"AWS:EpochTime": {END}}}}}}}]}}"#
    );
    for (signed, expected) in [
        (
            policy.clone() + "\n",
            "the policy was signed with a line break at its end",
        ),
        (
            policy.clone() + "\r\n",
            "the policy was signed with a line break at its end",
        ),
        (
            python,
            "the policy was signed with spaces after colons and commas",
        ),
        (
            policy.replace('/', "\\/"),
            "the policy was signed with its slashes escaped as \\/",
        ),
        (
            policy.replace('&', "\\u0026"),
            "the policy was signed with & escaped as \\u0026",
        ),
    ] {
        let verdict = judge(
            &with_canned(url, &signed, HashAlgorithm::Sha1, ""),
            &keys,
            None,
        );
        assert_eq!(
            (verdict.reason, cause(&verdict)),
            (Reason::Signature, Some(expected)),
            "{signed}"
        );
    }
    for (signed, sent, expected) in [
        (
            policy.clone() + "\n",
            policy.clone(),
            "the policy was signed with a line break at its end",
        ),
        (
            policy.clone(),
            policy.clone() + "\n",
            "the policy was sent with white space that was not signed",
        ),
        (
            policy.clone(),
            policy.replace(",", ", "),
            "the policy was sent with white space that was not signed",
        ),
    ] {
        let verdict = judge(&with_custom(url, &signed, &sent), &keys, None);
        assert_eq!(
            (verdict.reason, cause(&verdict)),
            (Reason::Signature, Some(expected)),
            "{signed:?} {sent:?}"
        );
    }
}

#[test]
fn causes_of_another_hash_or_key() {
    let url = "https://h.example/a";
    let keys = [trusted(None, "rsa2048-pkcs8.pem")];
    let unannounced = judge(
        &with_canned(url, &canned(url, END), HashAlgorithm::Sha256, ""),
        &keys,
        None,
    );
    assert_eq!(
        cause(&unannounced),
        Some("the signature was made with SHA-256, but the request says SHA-1")
    );
    let announced = judge(
        &with_canned(
            url,
            &canned(url, END),
            HashAlgorithm::Sha1,
            "&Hash-Algorithm=SHA256",
        ),
        &keys,
        None,
    );
    assert_eq!(
        cause(&announced),
        Some("the signature was made with SHA-1, but the request says SHA-256")
    );

    let signed = with_canned(url, &canned(url, END), HashAlgorithm::Sha1, "");
    let wrong_id = judge(
        &signed,
        &[
            trusted(Some("K1"), "rsa2048-e3.pem"),
            trusted(Some("K2"), "rsa2048-pkcs8.pem"),
        ],
        None,
    );
    let another = "the signature was made with the key K2, but the request says \"K2JCJMDEHXQW5F\"";
    assert_eq!(
        (wrong_id.reason, cause(&wrong_id)),
        (Reason::KeyPairId, Some(another))
    );
    let wrong_key = judge(
        &signed,
        &[
            trusted(Some(ID), "rsa2048-e3.pem"),
            trusted(Some("K2"), "rsa2048-pkcs8.pem"),
        ],
        None,
    );
    assert_eq!(
        (wrong_key.reason, cause(&wrong_key)),
        (Reason::Signature, Some(another))
    );
    let right = judge(
        &signed,
        &[
            trusted(Some("K1"), "rsa2048-e3.pem"),
            trusted(Some(ID), "rsa2048-pkcs8.pem"),
        ],
        None,
    );
    assert!(right.allowed());
}

/// The expiry that was signed and the one that was sent; the likeliest reason is a guess, and says so.
#[test]
fn causes_of_another_expiry() {
    let url = "https://h.example/a";
    let keys = [trusted(None, "rsa2048-pkcs8.pem")];
    for (signed, words) in [
        (END - 1, "1 s later)"),
        (END + 10, "10 s earlier)"),
        (END + 59, "59 s earlier) (rounded?)"),
        (END - 3600, "1 h later) (a time zone?)"),
        (END + 20_700, "5 h 45 min earlier) (a time zone?)"),
        (END - 86_400, "1 day later)"),
        (END + 7 * 86_400, "7 days earlier)"),
    ] {
        let request = with_canned(url, &canned(url, signed), HashAlgorithm::Sha1, "");
        let verdict = judge(&request, &keys, None);
        let expected = format!("the expiry {signed} was signed, but {END} was sent ({words}");
        assert_eq!(cause(&verdict), Some(expected.as_str()), "{words}");
    }
}

#[test]
fn causes_of_a_resource_that_does_not_cover() {
    let policy = |resource: &str| canned(resource, END);
    let keys = [trusted(None, "rsa2048-pkcs8.pem")];
    for (resource, requested, expected) in [
        (
            "https://h.example/a?x=1",
            "https://h.example/a",
            Some("the signed query \"x=1\" is missing from the URL"),
        ),
        (
            "https://h.example/a",
            "https://h.example/a?x=1",
            Some("the query parameter \"x=1\" was added after signing"),
        ),
        (
            "https://h.example/*",
            "http://h.example/a",
            Some("https was signed, but http was requested"),
        ),
        (
            "https://h.example/a b*",
            "https://h.example/a%20b",
            Some("the URL was signed with spaces not percent-encoded"),
        ),
        ("https://h.example/b/*", "https://h.example/a", None),
        ("https://h.example/v?deo/*", "https://h.example/v", None),
        (
            "https://h.example/*",
            "https://i.example/a",
            Some("the host \"h.example\" was signed, but \"i.example\" was requested"),
        ),
    ] {
        let verdict = judge(
            &with_custom(requested, &policy(resource), &policy(resource)),
            &keys,
            None,
        );
        assert_eq!(
            (verdict.reason, cause(&verdict)),
            (Reason::Resource, expected),
            "{resource} for {requested}"
        );
    }
}

/// Changes that the search cannot undo, since the request does not have what was signed.
#[test]
fn no_cause_is_named_that_is_none() {
    for (signed, requested) in [
        ("https://h.example/a", "https://h.example/b"),
        ("https://h.example/a?x=1", "https://h.example/a?x=2"),
        ("https://h.example/a?x=1&y=2", "https://h.example/a?x=1"),
        ("https://h.example/a", "https://i.example/a"),
        ("https://h.example/a/b", "https://h.example/a%2Bb"),
    ] {
        let verdict = changed(signed, requested);
        assert_eq!(
            (verdict.reason, cause(&verdict), verdict.fix.is_some()),
            (Reason::Signature, None, true),
            "{signed} as {requested}"
        );
    }
    let url = "https://h.example/a?x=1&y=2";
    let good = with_canned(url, &canned(url, END), HashAlgorithm::Sha1, "");
    let other_key = judge(&good, &[trusted(None, "rsa2048-e3.pem")], None);
    assert_eq!((cause(&other_key), other_key.fix.is_some()), (None, true));
}
