//! Why a request is denied: events between signing and request, each with the text that was signed
//! and the kinds of changes, which follow from how the case is made.

use std::time::Duration;

use cfsign::verify::compare::ChangeKind::{self, *};
use cfsign::verify::cookie::CookieSet;
use cfsign::verify::{Checker, Reason, SignedRequest, Verdict};
use cfsign::{HashAlgorithm, SignedUrl, Timestamp, base64};

use crate::common::private_key;
use crate::common::requests::{self, END, ID, canned, judge, trusted, with_canned, with_custom};

const RSA: &str = "rsa2048-pkcs8.pem";
const P256: &str = "p256-pkcs8.pem";

/// A request for `requested` with a signature over `message`.
fn request(key: &str, message: &[u8], requested: &str, expires: &str) -> Verdict {
    let url = signed(key, message, requested, expires);
    judge(&url, &[trusted(None, key)], None)
}

fn signed(key: &str, message: &[u8], requested: &str, expires: &str) -> String {
    let signature = private_key(key).sign(HashAlgorithm::Sha1, message).unwrap();
    let separator = if requested.contains('?') { '&' } else { '?' };
    let signature = base64::encode(&signature);
    format!("{requested}{separator}Expires={expires}&Signature={signature}&Key-Pair-Id={ID}")
}

fn kinds(verdict: &Verdict) -> Vec<ChangeKind> {
    let mut kinds: Vec<ChangeKind> = Vec::new();
    for change in &verdict.changes {
        if !kinds.contains(&change.kind) {
            kinds.push(change.kind);
        }
    }
    kinds
}

/// Asserts that the signed text is proved, and that each change has a piece of each side.
fn assert_proved(verdict: &Verdict, signed: &str, label: &str) {
    assert_eq!(
        verdict.signed_policy.as_deref(),
        Some(signed),
        "{label}: {:?}",
        verdict.checks
    );
    assert!(verdict.cause.is_some() && verdict.fix.is_some(), "{label}");
}

/// Asks again with the URL that the fix names.
fn assert_fix_works(verdict: &Verdict, key: &str, label: &str) {
    let url = verdict.working_url.as_deref();
    let url = url.unwrap_or_else(|| panic!("{label}: {:?}", verdict.fix));
    let again = judge(url, &[trusted(None, key)], None);
    assert!(again.allowed(), "{label}: {url}: {:?}", again.checks);
}

/// URLs as signed and as requested, behind `https://h.example`.
const URLS: &[(&str, &str)] = &[
    ("/a?x=1", "/a?x=1&utm_source=2"),
    ("/a", "/a?b=2&fbclid=3&c"),
    ("/a?x=1&y=2", "/a?y=2&x=1"),
    ("/a?b=2&a=1&d=4&c=3", "/a?a=1&b=2&c=3&d=4"),
    ("/a?t=10:30&n=J%20D&f", "/a?f=&n=J+D&t=10%3A30"),
    ("/a?t[]=1&t[]=2", "/a?t%5B0%5D=1&t%5B1%5D=2"),
    ("/a?t=1&t=2", "/a?t=1%2C2"),
    ("/a?x=1&y=2", "/a?x=1;y=2"),
    ("/a?x.y=1", "/a?x_y=1"),
    ("/a%2520b", "/a%20b"),
    ("/a%20b", "/a%2520b"),
    ("/caf%C3%A9", "/cafe%CC%81"),
    ("/caf%E9", "/caf%C3%A9"),
    ("/caf%C3%A9", "/caf%C3%83%C2%A9"),
    ("/caf%C3%A9%2Fb", "/caf%c3%a9%2fb"),
    ("/a b", "/a%20b"),
    ("/a+b%2Bc", "/a%20b+c"),
    ("/a%2Fb%2Fc", "/a/b/c"),
    ("/a/it's", "/a/it%E2%80%99s"),
    ("/a/b", "/a/%E2%80%8Bb"),
    ("/a//b", "/a/b"),
    ("/a/b/", "/a/b"),
    ("/prod/a/b", "/a/b"),
    ("/a/b", "/media/a/b"),
    ("/files/a", "/assets/a"),
    ("/a/index.html", "/a/"),
    ("/a/b.jpg", "/a/b.webp"),
    ("/a/b.js", "/a/b.1a2b3c4d.js"),
    ("/a", "/a;jsessionid=1F"),
    ("/Docs/Report.PDF", "/docs/report.pdf"),
    ("/a?filter=&x=1", "/a?x=1"),
    ("/a?x=1&&y=2", "/a?x=1&y=2"),
    ("/a%2Db%5Fc", "/a-b_c"),
    ("/a%3Fb", "/a?b"),
    ("/a%5Cb", "/a/b"),
    ("/a?Expires=1800000000", "/a"),
    ("/a#page=3", "/a"),
    ("/a?x=1&amp;y=2", "/a?x=1&y=2"),
];

#[test]
fn urls_that_changed_are_proved() {
    for (signed, requested) in URLS {
        let signed = format!("https://h.example{signed}");
        let requested = format!("https://h.example{requested}");
        let message = canned(&signed, END);
        for key in [RSA, P256] {
            let verdict = request(key, message.as_bytes(), &requested, &END.to_string());
            let label = format!("{signed} {requested}");
            assert_proved(&verdict, &message, &label);
            // What clients change, and what CloudFront removes, cannot be requested.
            let is_requestable = !signed.contains([' ', '#']) && !signed.contains("Expires=");
            if is_requestable {
                assert_fix_works(&verdict, key, &label);
            }
        }
    }
}

#[test]
fn hosts_that_changed_are_proved() {
    for (signed, requested, expected) in [
        ("https://h.example/a", "http://h.example/a", Scheme),
        ("https://h.example/a", "https://www.h.example/a", Host),
        (
            "https://origin.h.example/a",
            "https://cdn.h.example/a",
            Host,
        ),
        ("https://H.Example/a", "https://h.example/a", Host),
        ("https://h.example/a", "https://h.example./a", Host),
        (
            "https://m\u{fc}nchen.example/a",
            "https://xn--mnchen-3ya.example/a",
            Host,
        ),
        ("https://h.example:8443/a", "https://h.example/a", Port),
        ("https://h.example/a", "https://h.example:3000/a", Port),
    ] {
        let message = canned(signed, END);
        let verdict = request(RSA, message.as_bytes(), requested, &END.to_string());
        assert_proved(&verdict, &message, signed);
        assert_eq!(kinds(&verdict), [expected], "{signed}");
        if signed.is_ascii() {
            assert_fix_works(&verdict, RSA, signed);
        }
    }
}

#[test]
fn expiries_that_changed_are_proved() {
    for (signed, sent) in [
        ("\"1800000000\"", "1800000000"),
        ("1800000000.0", "1800000000"),
        ("1.8e9", "1800000000"),
        ("1800000000", "1800000000000"),
        ("1800000000123", "1800000000"),
        ("\"1800000000000\"", "1800000000"),
        ("1800003600", "1800000000"),
        ("1799979300", "1800000000"),
        ("1800000003", "1800000000"),
        ("1800000000", "1800000123"),
        ("1800000000.25", "1800000000"),
        ("1800082800", "1800000000"),
    ] {
        let message = canned("https://h.example/a", END).replace("1800000000", signed);
        let verdict = request(RSA, message.as_bytes(), "https://h.example/a", sent);
        assert_proved(&verdict, &message, signed);
        assert_eq!(kinds(&verdict), [Expiry], "{signed}");
        if signed.len() == 10 && signed.bytes().all(|byte| byte.is_ascii_digit()) {
            assert_fix_works(&verdict, RSA, signed);
        }
    }
}

#[test]
fn policy_texts_and_messages_are_proved() {
    let url = "https://h.example/a?x=1&y=2";
    let policy = canned(url, END);
    let digest = HashAlgorithm::Sha256.hexadecimal(policy.as_bytes());
    let spaced = format!(
        r#"{{"Statement": [{{"Resource": "{url}", "Condition": {{"DateLessThan": {{"AWS:EpochTime": {END}}}}}}}]}}"#
    );
    let reordered = format!(
        r#"{{"Statement":[{{"Condition":{{"DateLessThan":{{"AWS:EpochTime":{END}}}}},"Resource":"{url}"}}]}}"#
    );
    for (message, expected, is_policy) in [
        (spaced.clone(), PolicyText, true),
        (spaced.replace('/', "\\/"), PolicyText, true),
        (reordered, PolicyText, true),
        (policy.replace('&', "\\u0026"), PolicyText, true),
        (policy.replace('"', "'"), PolicyText, false),
        (format!("\u{feff}{policy}\r\n"), PolicyText, false),
        (format!("{policy};"), PolicyText, false),
        (
            policy.replace("AWS:EpochTime", "aws:EpochTime"),
            PolicyText,
            false,
        ),
        (
            policy.replace("[{", "{").replace("}]", "}"),
            PolicyText,
            true,
        ),
        (digest, SignedMessage, false),
        (base64::encode(policy.as_bytes()), SignedMessage, false),
        (url.to_owned(), SignedMessage, false),
        (String::new(), SignedMessage, false),
    ] {
        let verdict = request(RSA, message.as_bytes(), url, &END.to_string());
        assert_proved(&verdict, &message, &message);
        assert_eq!(kinds(&verdict), [expected], "{message}");
        // CloudFront takes the signed text as a custom policy if it is one.
        if is_policy {
            assert_fix_works(&verdict, RSA, &message);
        }
    }
    let utf_16: Vec<u8> = policy.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let verdict = request(RSA, &utf_16, url, &END.to_string());
    assert_eq!(kinds(&verdict), [PolicyText]);
}

#[test]
fn several_events_are_proved() {
    for (signed, requested, sent) in [
        (
            "https://h.example/a?t=10:30&f",
            "http://h.example/a?f=&t=10%3A30&utm_source=x",
            END,
        ),
        (
            "https://h.example/a/b",
            "https://www.h.example/a/b/?gclid=1",
            END,
        ),
        (
            "https://h.example/userUploads/README.txt",
            "https://h.example/useruploads/readme.txt",
            END,
        ),
        (
            "https://h.example/a/b?x=1",
            "https://h.example/cdn/a/b?x=1&utm_id=1",
            END + 3_600,
        ),
    ] {
        let message = canned(signed, END);
        for key in [RSA, P256] {
            let verdict = request(key, message.as_bytes(), requested, &sent.to_string());
            assert_proved(&verdict, &message, requested);
        }
    }
}

/// A resource and a URL that it does not cover: what differs is in both texts.
#[test]
fn resources_are_compared_with_the_url() {
    for (resource, requested, expected) in [
        (
            "https://h.example/a",
            "https://h.example/a?x=1",
            ParameterAdded,
        ),
        ("https://h.example/a/*", "https://h.example/b/c", Path),
        ("https://h.example/a/*", "http://h.example/a/c", Scheme),
        ("https://g.example/*", "https://h.example/a", Host),
    ] {
        let policy = canned(resource, END);
        let url = with_custom(requested, &policy, &policy);
        let verdict = judge(&url, &[trusted(None, RSA)], None);
        assert_proved(&verdict, &policy, resource);
        assert_eq!(kinds(&verdict), [expected], "{resource}");
    }
}

/// RFC 7518, section 3.4, for r and s; the rest is what programs do to bytes.
#[test]
fn signatures_are_read_in_other_forms() {
    let url = "https://h.example/a";
    let sign = |key: &str| {
        private_key(key)
            .sign(HashAlgorithm::Sha1, canned(url, END).as_bytes())
            .unwrap()
    };
    let hexadecimal = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let signature = sign(RSA);
    // SEQUENCE { INTEGER r, INTEGER s }, whose numbers may have a zero in front or be shorter.
    let der = sign(P256);
    let (r, s) = der[4..].split_at(der[3].into());
    let fixed = |number: &[u8]| {
        let all = [&[0; 32], number].concat();
        all[all.len() - 32..].to_vec()
    };
    let r_and_s = [fixed(r), fixed(&s[2..])].concat();
    let reversed: Vec<u8> = signature.iter().rev().copied().collect();
    for (key, sent) in [
        (RSA, base64::encode(base64::encode(&signature).as_bytes())),
        (RSA, base64::encode(hexadecimal(&signature).as_bytes())),
        (RSA, hexadecimal(&signature)),
        (RSA, base64::encode(&reversed)),
        (RSA, format!("vault:v1:{}", base64::encode(&signature))),
        (RSA, format!("{}.", base64::encode(&signature))),
        (P256, base64::encode(&r_and_s)),
        (P256, hexadecimal(&r_and_s)),
    ] {
        let sent = format!("{url}?Expires={END}&Signature={sent}&Key-Pair-Id={ID}");
        let verdict = judge(&sent, &[trusted(None, key)], None);
        assert_eq!(
            kinds(&verdict),
            [SignatureEncoding],
            "{sent}: {:?}",
            verdict.checks
        );
        assert_fix_works(&verdict, key, &sent);
    }
}

/// A pattern that was signed as if it were one URL works as the custom policy that it is.
#[test]
fn a_canned_policy_over_a_pattern_is_sent_as_a_custom_one() {
    let message = canned("https://h.example/v/*", END);
    let verdict = request(
        RSA,
        message.as_bytes(),
        "https://h.example/v/a.mp4",
        &END.to_string(),
    );
    assert_proved(&verdict, &message, "pattern");
    assert_eq!(kinds(&verdict), [PolicyType]);
    assert_fix_works(&verdict, RSA, "pattern");
}

/// A key whose ID the request does not say: one of the key group, or one with a changed ID.
#[test]
fn another_key_or_id_is_proved() {
    let url = "https://h.example/a";
    let message = canned(url, END);
    let signed = signed(RSA, message.as_bytes(), url, &END.to_string());
    for (others, expected) in [(Some(ID), Key), (Some("K2JCJMDEHXQW5G"), KeyPairId)] {
        let keys = [trusted(Some("K1"), RSA), trusted(others, P256)];
        let verdict = judge(&signed, &keys, None);
        assert_proved(&verdict, &message, "another ID");
        assert_eq!(kinds(&verdict), [expected]);
        let fixed = signed.replace(ID, "K1");
        assert_eq!(verdict.working_url, Some(fixed));
    }
}

/// Damage to cookies, which is none to the URL.
#[test]
fn damaged_cookies_are_proved() {
    let url = "https://h.example/a";
    let message = canned(url, END);
    let signed = signed(RSA, message.as_bytes(), url, &END.to_string());
    let (_, query) = signed.split_once('?').unwrap();
    let cookies = format!("CloudFront-{}", query.replace('&', "; CloudFront-"));
    let verdict_with = |cookies: &str| {
        let cookies = CookieSet::parse(cookies).unwrap();
        let (url, keys) = (SignedUrl::parse(url).unwrap(), [trusted(None, RSA)]);
        cfsign::verify(&SignedRequest {
            cookies: Some(&cookies),
            ..requests::request(&url, &keys, None)
        })
    };
    let expires = format!("Expires={END}");
    for damaged in [
        cookies.replace(&expires, &format!("Expires=%22{END}%22")),
        format!("{cookies}; CloudFront-Signature=AAAA"),
    ] {
        let verdict = verdict_with(&damaged);
        assert_proved(&verdict, &message, &damaged);
        assert_eq!(kinds(&verdict), [Cookie], "{damaged}");
    }
    // The signature is found to be valid, and only the check says what to do.
    let verdict = verdict_with(&cookies.replace("Key-Pair-Id", "Keypair-Id"));
    let fix = "rename it to CloudFront-Key-Pair-Id";
    assert_eq!(verdict.fix.as_deref(), Some(fix));
}

/// A signature of another key, and requests with one plain fault: nothing is invented.
#[test]
fn strangers_have_no_cause() {
    let good = with_canned(
        "https://h.example/a",
        canned("https://h.example/a", END),
        HashAlgorithm::Sha1,
        "",
    );
    let keys = [trusted(None, "rsa2048-e3.pem")];
    let verdict = judge(&good, &keys, None);
    assert_eq!((verdict.cause.as_deref(), verdict.changes.len()), (None, 0));
    assert!(verdict.fix.is_some_and(|fix| fix.contains("private key")));
    let message = "nothing that anyone derives from the URL";
    let mut checker = Checker::with_guesses(500);
    for key in [RSA, P256] {
        for number in 0..40 {
            let url = format!("https://h.example/v/{number}.ts?a={number}&b=x%20y");
            let url = signed(key, message.as_bytes(), &url, &END.to_string());
            let url = SignedUrl::parse(&url).unwrap();
            let keys = [trusted(None, key)];
            let verdict = checker.verify(&SignedRequest {
                url: &url,
                cookies: None,
                keys: &keys,
                now: Timestamp::from_unix(END - 1_000).unwrap(),
                ip: None,
                valid_for: Duration::ZERO,
            });
            assert_eq!(verdict.cause, None, "{url}");
            assert!(verdict.fix.is_some(), "{url}");
        }
    }
    let any = canned("https://h.example/a", END).replace(
        "}}}]}",
        r#"},"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"}}}]}"#,
    );
    let elsewhere = with_custom("https://h.example/a", &any, &any);
    let verdict = judge(
        &elsewhere,
        &[trusted(None, RSA)],
        Some("198.51.100.7".parse().unwrap()),
    );
    assert_eq!(
        (verdict.reason, verdict.cause.as_deref()),
        (Reason::Ip, None)
    );
}

/// Two things are wrong: the fix names both.
#[test]
fn a_fix_names_what_else_is_wrong() {
    let url = "https://h.example/a";
    let message = canned(url, 1_700_000_000);
    let verdict = request(
        RSA,
        message.as_bytes(),
        &format!("{url}?utm_source=x"),
        "1700000000",
    );
    assert_eq!(
        verdict.fix.as_deref(),
        Some("remove it, or sign the URL that includes it; sign the URL again with a later expiry")
    );
    assert_eq!(verdict.working_url, None);
    let limited = canned(url, END).replace(
        "}}}]}",
        r#"},"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"}}}]}"#,
    );
    let elsewhere = with_custom("https://h.example/b", &limited, &limited);
    let verdict = judge(&elsewhere, &[trusted(None, RSA)], None);
    let fix = verdict.fix.unwrap();
    assert!(fix.ends_with("find out whether the client's address is in 192.0.2.0/24"));
}

/// What explained one request is tried first on the next, and with no guess for more.
#[test]
fn a_checker_remembers_what_explained_a_denial() {
    let keys = [trusted(None, RSA)];
    let mut checker = Checker::default();
    for (guesses, is_explained) in [(60_000, true), (30, true), (30, false)] {
        if !is_explained {
            checker = Checker::with_guesses(guesses);
        }
        let message = canned("https://h.example/a/b.js", END);
        let url = signed(
            RSA,
            message.as_bytes(),
            "http://h.example/x/a/b.js?t=%31",
            &END.to_string(),
        );
        let url = SignedUrl::parse(&url).unwrap();
        let verdict = checker.verify(&SignedRequest {
            url: &url,
            cookies: None,
            keys: &keys,
            now: Timestamp::from_unix(END - 1_000).unwrap(),
            ip: None,
            valid_for: Duration::ZERO,
        });
        assert_eq!(verdict.cause.is_some(), is_explained, "{guesses}");
    }
}
