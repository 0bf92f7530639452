//! `verify`: what is denied is denied for the right reason, and a cause is named only where it is one.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::net::Ipv4Addr;

use cfsign::cookie::CookieSet;
use cfsign::credentials::Credentials;
use cfsign::verify::{Reason, SignedRequest, TrustedKey, Verdict};
use cfsign::{Hash, KeyFile, PrivateKey, SignedUrl, Timestamp, alphabet};
use proptest::prelude::*;

use common::{Sandbox, cloudfront_base64, openssl, openssl_is_here, root, run_with, text};

const NOW: i64 = 1_790_000_000;
const END: i64 = 1_800_000_000;
const ID: &str = "K2JCJMDEHXQW5F";

fn private(name: &str) -> PrivateKey {
    KeyFile::read(name, &std::fs::read(root().join("tests/keys").join(name)).unwrap())
        .unwrap()
        .into_private(None)
        .unwrap()
}

fn trusted(id: Option<&str>, name: &str) -> TrustedKey {
    TrustedKey { id: id.map(|id| id.parse().unwrap()), key: private(name).public_key() }
}

fn judge(url: &str, keys: &[TrustedKey], ip: Option<Ipv4Addr>) -> Verdict {
    let url = SignedUrl::parse(url).unwrap();
    let (unsigned, credentials) = (url.unsigned(), url.credentials());
    cfsign::verify(&SignedRequest {
        url: &unsigned,
        credentials: &credentials,
        keys,
        now: Timestamp::from_unix(NOW).unwrap(),
        ip,
    })
}

/// The guide's canned policy, written out.
fn canned(url: &str, end: i64) -> String {
    format!(r#"{{"Statement":[{{"Resource":"{url}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{end}}}}}}}]}}"#)
}

/// `url` with signing parameters whose signature is over `policy`.
fn with_canned(url: &str, policy: &str, hash: Hash, announced: &str) -> String {
    let signature = alphabet::encode(&private("rsa2048-pkcs8.pem").sign(hash, policy.as_bytes()).unwrap());
    let separator = if url.contains('?') { "&" } else { "?" };
    format!("{url}{separator}Expires={END}&Signature={signature}&Key-Pair-Id={ID}{announced}")
}

fn with_custom(url: &str, signed: &str, sent: &str) -> String {
    let signature = alphabet::encode(&private("rsa2048-pkcs8.pem").sign(Hash::Sha1, signed.as_bytes()).unwrap());
    let separator = if url.contains('?') { "&" } else { "?" };
    format!("{url}{separator}Policy={}&Signature={signature}&Key-Pair-Id={ID}", alphabet::encode(sent.as_bytes()))
}

/// Signed with one URL, requested with another.
fn changed(signed: &str, requested: &str) -> Verdict {
    judge(&with_canned(requested, &canned(signed, END), Hash::Sha1, ""), &[trusted(None, "rsa2048-pkcs8.pem")], None)
}

fn cause(verdict: &Verdict) -> Option<&str> {
    verdict.cause.as_ref().map(|cause| cause.cause.as_str())
}

#[test]
fn causes_of_a_url_that_changed() {
    let encoding_gained = "the URL was signed without percent-encoding that it has now";
    let encoding_lost = "the URL was signed with percent-encoding that it has lost";
    for (signed, requested, expected) in [
        (
            "https://h.example/a?x=1",
            "https://h.example/a?x=1&utm=2",
            "the query parameter \"utm\" was added after signing",
        ),
        ("https://h.example/a", "https://h.example/a?utm=2", "the query parameter \"utm\" was added after signing"),
        (
            "https://h.example/a?x=1",
            "https://h.example/a?b=2&x=1&c",
            "the query parameters \"b\", \"c\" were added after signing",
        ),
        (
            "https://h.example/a?x=1&y=2",
            "https://h.example/a?y=2&x=1",
            "the query parameters stand in another order than when they were signed",
        ),
        (
            "https://h.example/a?a=1&b=2&c=3&d=4",
            "https://h.example/a?c=3&a=1&d=4&b=2",
            "the query parameters stand in another order than when they were signed",
        ),
        ("https://h.example/a", "http://h.example/a", "https was signed, and http is requested"),
        ("http://h.example/a", "https://h.example/a", "http was signed, and https is requested"),
        ("https://h.example/a b", "https://h.example/a%20b", encoding_gained),
        ("https://h.example/ü~", "https://h.example/%C3%BC~", encoding_gained),
        ("https://h.example/~a", "https://h.example/%7Ea", encoding_gained),
        ("https://h.example/%28a%29", "https://h.example/(a)", encoding_lost),
        ("https://h.example/a%7Eb%2F", "https://h.example/a%7eb%2f", "the URL was signed with %XX in upper case"),
        ("https://h.example/a%c3%bc", "https://h.example/a%C3%BC", "the URL was signed with %xx in lower case"),
        ("https://h.example/a+b", "https://h.example/a%20b", "the URL was signed with + for a space, and has %20"),
        ("https://h.example/a%20b", "https://h.example/a+b", "the URL was signed with %20 for a space, and has +"),
        ("https://h.example", "https://h.example/", "the URL was signed without the path / that clients ask for"),
        ("https://h.example/a/", "https://h.example/a", "the URL was signed with a / at the end of its path"),
        ("https://h.example/a", "https://h.example/a/", "the URL was signed without the / at the end of its path"),
        ("https://h.example/a", "https://H.example/a", "the host was signed in lower case"),
        ("https://h.example/a?", "https://h.example/a", "the URL was signed with a lone ? at its end"),
    ] {
        let verdict = changed(signed, requested);
        assert_eq!((verdict.reason, cause(&verdict)), (Reason::Signature, Some(expected)), "{signed} as {requested}");
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
        (policy.clone() + "\n", "the policy was signed with a line break at its end"),
        (policy.clone() + "\r\n", "the policy was signed with a line break at its end"),
        (python, "the policy was signed with white space behind colons and commas"),
        (policy.replace('/', "\\/"), "the policy was signed with its slashes escaped as \\/"),
        (policy.replace('&', "\\u0026"), "the policy was signed with & escaped as \\u0026"),
    ] {
        let verdict = judge(&with_canned(url, &signed, Hash::Sha1, ""), &keys, None);
        assert_eq!((verdict.reason, cause(&verdict)), (Reason::Signature, Some(expected)), "{signed}");
    }
    for (signed, sent, expected) in [
        (policy.clone() + "\n", policy.clone(), "the policy was signed with a line break at its end"),
        (
            policy.clone(),
            policy.clone() + "\n",
            "the policy travelled with a line break at its end that was not signed",
        ),
        (policy.clone(), policy.replace(",", ", "), "the policy travelled with white space that was not signed"),
    ] {
        let verdict = judge(&with_custom(url, &signed, &sent), &keys, None);
        assert_eq!((verdict.reason, cause(&verdict)), (Reason::Signature, Some(expected)), "{signed:?} {sent:?}");
    }
}

#[test]
fn causes_of_another_hash_or_key() {
    let url = "https://h.example/a";
    let keys = [trusted(None, "rsa2048-pkcs8.pem")];
    let unannounced = judge(&with_canned(url, &canned(url, END), Hash::Sha256, ""), &keys, None);
    assert_eq!(cause(&unannounced), Some("the signature was made with SHA256, and the request announces SHA1"));
    let announced = judge(&with_canned(url, &canned(url, END), Hash::Sha1, "&Hash-Algorithm=SHA256"), &keys, None);
    assert_eq!(cause(&announced), Some("the signature was made with SHA1, and the request announces SHA256"));

    let signed = with_canned(url, &canned(url, END), Hash::Sha1, "");
    let wrong_id =
        judge(&signed, &[trusted(Some("K1"), "rsa2048-e3.pem"), trusted(Some("K2"), "rsa2048-pkcs8.pem")], None);
    let another = "the signature was made with another of the keys given, K2";
    assert_eq!((wrong_id.reason, cause(&wrong_id)), (Reason::KeyPairId, Some(another)));
    let wrong_key =
        judge(&signed, &[trusted(Some(ID), "rsa2048-e3.pem"), trusted(Some("K2"), "rsa2048-pkcs8.pem")], None);
    assert_eq!((wrong_key.reason, cause(&wrong_key)), (Reason::Signature, Some(another)));
    let right = judge(&signed, &[trusted(Some("K1"), "rsa2048-e3.pem"), trusted(Some(ID), "rsa2048-pkcs8.pem")], None);
    assert!(right.allowed());
}

#[test]
fn causes_of_a_resource_that_does_not_cover() {
    let policy = |resource: &str| canned(resource, END);
    let keys = [trusted(None, "rsa2048-pkcs8.pem")];
    for (resource, requested, expected) in [
        ("https://h.example/a?x=1", "https://h.example/a", Some("the query \"x=1\" that was signed is not in the URL")),
        ("https://h.example/a", "https://h.example/a?x=1", Some("the query parameter \"x\" was added after signing")),
        ("https://h.example/*", "http://h.example/a", Some("https was signed, and http is requested")),
        (
            "https://h.example/a b*",
            "https://h.example/a%20b",
            Some("the URL was signed without percent-encoding that it has now"),
        ),
        ("https://h.example/b/*", "https://h.example/a", None),
        ("https://h.example/v?deo/*", "https://h.example/v", None),
        ("https://h.example/*", "https://i.example/a", None),
    ] {
        let verdict = judge(&with_custom(requested, &policy(resource), &policy(resource)), &keys, None);
        assert_eq!((verdict.reason, cause(&verdict)), (Reason::Resource, expected), "{resource} for {requested}");
    }
}

/// Changes that nothing which is tried can explain.
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
        assert_eq!((verdict.reason, cause(&verdict)), (Reason::Signature, None), "{signed} as {requested}");
    }
    let url = "https://h.example/a?x=1&y=2";
    let later = with_canned(url, &canned(url, END - 1), Hash::Sha1, "");
    assert_eq!(cause(&judge(&later, &[trusted(None, "rsa2048-pkcs8.pem")], None)), None);
    let good = with_canned(url, &canned(url, END), Hash::Sha1, "");
    assert_eq!(cause(&judge(&good, &[trusted(None, "rsa2048-e3.pem")], None)), None);
}

#[test]
fn reasons_and_answers() {
    let url = "https://h.example/a";
    let conditions = |more: &str| {
        format!(
            r#"{{"Statement":[{{"Resource":"https://h.example/*","Condition":{{"DateLessThan":{{"AWS:EpochTime":{END}}}{more}}}}}]}}"#
        )
    };
    let starts = |time: i64| conditions(&format!(r#","DateGreaterThan":{{"AWS:EpochTime":{time}}}"#));
    let ip = conditions(r#","IpAddress":{"AWS:SourceIp":"192.0.2.0/24"}"#);
    let custom = |policy: &str| with_custom(url, policy, policy);
    let good = with_canned(url, &canned(url, END), Hash::Sha1, "");
    let client = |address: &str| Some(address.parse().unwrap());
    for (request, address, reason, answer) in [
        (good.clone(), None, Reason::Ok, None),
        (url.into(), None, Reason::Missing, Some("MissingKey")),
        (good.replace("Expires=", "expires="), None, Reason::Missing, Some("MissingKey")),
        (good.replace("Signature=", "Signature=&x="), None, Reason::Missing, Some("MissingKey")),
        (format!("{good}&Expires=1"), None, Reason::Duplicate, Some("AccessDenied")),
        (format!("{good}&Policy=abc_"), None, Reason::Duplicate, Some("AccessDenied")),
        (good.replace("Expires=1800000000", "Expires=1e9"), None, Reason::Encoding, Some("MalformedPolicy")),
        (good.replace("_&Key", "=&Key"), None, Reason::Encoding, Some("MalformedPolicy")),
        (format!("{good}&Hash-Algorithm=MD5"), None, Reason::Encoding, Some("MalformedPolicy")),
        (
            good.replace('~', "%7E").replace('_', "%5F").replace("Key-Pair-Id", "Key%2DPair%2DId"),
            None,
            Reason::Ok,
            None,
        ),
        (format!("{good}#fragment"), None, Reason::Ok, None),
        (custom(&conditions("")), None, Reason::Ok, None),
        (
            with_canned("https://h.example/a b", &canned("https://h.example/a%20b", END), Hash::Sha1, ""),
            None,
            Reason::Ok,
            None,
        ),
        (
            with_canned("https://h.example/a b", &canned("https://h.example/a b", END), Hash::Sha1, ""),
            None,
            Reason::Signature,
            Some("AccessDenied"),
        ),
        (good.replace("?Expires", "?&Expires"), None, Reason::Ok, None),
        (good.replace("=18", "=018"), None, Reason::Encoding, Some("MalformedPolicy")),
        (custom(&starts(NOW - 1)), None, Reason::Ok, None),
        (custom(&starts(NOW)), None, Reason::NotYetValid, Some("AccessDenied")),
        (
            custom(&conditions("").replace(&END.to_string(), &NOW.to_string())),
            None,
            Reason::Expired,
            Some("AccessDenied"),
        ),
        (custom(&conditions("").replace(&END.to_string(), &(NOW + 1).to_string())), None, Reason::Ok, None),
        (custom(&ip), client("192.0.2.255"), Reason::Ok, None),
        (custom(&ip), client("192.0.3.0"), Reason::Ip, Some("AccessDenied")),
        (custom(&ip), None, Reason::Ip, Some("AccessDenied")),
        (custom(&ip.replace("/24", "/0")), client("8.8.8.8"), Reason::Ok, None),
        (custom(&conditions("").replace("18000", "18000000")), None, Reason::Policy, Some("MalformedPolicy")),
        (custom("{}"), None, Reason::Policy, Some("MalformedPolicy")),
        (custom("\u{fffd}"), None, Reason::Policy, Some("MalformedPolicy")),
        (custom(&conditions("").replace("h.example", "i.example")), None, Reason::Resource, Some("AccessDenied")),
    ] {
        let verdict = judge(&request, &[trusted(None, "rsa2048-pkcs8.pem")], address);
        assert_eq!((verdict.reason, verdict.answer()), (reason, answer), "{request}: {:?}", verdict.checks);
    }
}

/// What openssl signs is allowed, with both kinds of key and both hashes.
#[test]
fn what_openssl_signs_is_allowed() {
    if !openssl_is_here("verifying what openssl signs") {
        return;
    }
    let sandbox = Sandbox::new();
    let url = "https://h.example/a?x=1";
    for (key, public) in [
        ("rsa2048-pkcs8.pem", "rsa2048-certificate.pem"),
        ("rsa1024.pem", "rsa1024.pem"),
        ("rsa2048-e3.pem", "rsa2048-e3.pem"),
        ("p256-sec1.pem", "p256-public.pem"),
    ] {
        for (hash, announced) in [("-sha1", ""), ("-sha256", "&Hash-Algorithm=SHA256")] {
            let policy = canned(url, END);
            let signature =
                cloudfront_base64(&openssl(sandbox.path(), &["dgst", hash, "-sign", key], policy.as_bytes()));
            let signed = format!("{url}&Expires={END}&Signature={signature}&Key-Pair-Id={ID}{announced}");
            let now = format!("@{NOW}");
            let output = sandbox.cfsign(&["verify", &signed, "--public-key", public, "--now", &now]).output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{key} {hash}: {}", text(&output.stdout));
        }
    }
}

#[test]
fn every_flipped_bit_of_a_signature_is_denied() {
    let url = "https://h.example/a?x=1";
    let policy = canned(url, END);
    for (name, hash, announced) in
        [("rsa1024.pem", Hash::Sha1, ""), ("p256-pkcs8.pem", Hash::Sha256, "&Hash-Algorithm=SHA256")]
    {
        let signature = private(name).sign(hash, policy.as_bytes()).unwrap();
        let keys = [trusted(None, name)];
        for bit in 0..signature.len() * 8 {
            let mut flipped = signature.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let credentials =
                format!("Expires={END}&Signature={}&Key-Pair-Id={ID}{announced}", alphabet::encode(&flipped));
            assert!(!judge(&format!("{url}&{credentials}"), &keys, None).allowed(), "{name}: bit {bit}");
        }
    }
}

#[test]
fn every_flipped_bit_of_a_policy_or_a_url_is_denied() {
    let url = "https://h.example/a/b?x=1&y=%C3";
    let keys = [trusted(None, "p256-pkcs8.pem")];
    let policy = canned(url, END);
    let signature = alphabet::encode(&private("p256-pkcs8.pem").sign(Hash::Sha256, policy.as_bytes()).unwrap());
    let tail = format!("Signature={signature}&Key-Pair-Id={ID}&Hash-Algorithm=SHA256");
    assert!(judge(&format!("{url}&Expires={END}&{tail}"), &keys, None).allowed());
    for bit in 0..policy.len() * 8 {
        let mut flipped = policy.clone().into_bytes();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let request = format!("{url}&Policy={}&{tail}", alphabet::encode(&flipped));
        assert!(!judge(&request, &keys, None).allowed(), "policy: bit {bit}");
    }
    for bit in 0..url.len() * 8 {
        let mut flipped = url.to_owned().into_bytes();
        flipped[bit / 8] ^= 1 << (bit % 8);
        // A bit may make the URL unreadable, which is an error and no verdict.
        let request = format!("{}&Expires={END}&{tail}", String::from_utf8_lossy(&flipped));
        let allowed = SignedUrl::parse(&request).is_ok() && judge(&request, &keys, None).allowed();
        assert!(!allowed, "URL: bit {bit}: {request}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_request_gets_a_verdict(query in "(&?(Expires|Policy|Signature|Key-Pair-Id|Hash-Algorithm|x)=[A-Za-z0-9_~%-]{0,12}){0,7}", path in "\\PC{0,20}") {
        if let Ok(url) = SignedUrl::parse(&format!("https://h.example/{path}?{query}")) {
            prop_assert!(!judge(url.as_str(), &[trusted(None, "p256-pkcs8.pem")], None).allowed());
        }
    }

    #[test]
    fn any_text_is_cookies_or_is_refused(text in "\\PC{0,80}", tabs in "([a-z#./]{0,5}\t){0,8}[A-Za-z=;-]{0,30}") {
        for text in [&text, &tabs] {
            if let Ok(cookies) = CookieSet::parse(text) {
                let _: Credentials = cookies.credentials(Some("https://h.example/"));
            }
        }
    }
}

/// RFC 6265: which cookies a browser sends where.
#[test]
fn cookies_go_where_browsers_send_them() {
    let set = "CloudFront-Policy=p; CloudFront-Signature=s; CloudFront-Key-Pair-Id=K1";
    let lines = |attributes: &str| {
        set.split("; ").map(|pair| format!("Set-Cookie: {pair}{attributes}\r\n")).collect::<String>()
    };
    let jar = |below: &str, path: &str, secure: &str| {
        let line =
            |pair: &str| format!("cdn.example.com\t{below}\t{path}\t{secure}\t0\t{}\n", pair.replacen('=', "\t", 1));
        set.split("; ").map(line).collect::<String>()
    };
    for (text, url, sent) in [
        (format!("Cookie: {set}"), "http://any.example/", true),
        (lines(""), "http://any.example/", true),
        (lines("; Secure"), "https://any.example/", true),
        (lines("; Secure"), "http://any.example/", false),
        (lines("; Secure"), "http://localhost:8080/", true),
        (lines("; Domain=example.com; Path=/v"), "https://cdn.example.com/v/a", true),
        (lines("; Domain=example.com; Path=/v"), "https://cdn.example.com/video", false),
        (lines("; Domain=example.com"), "https://example.com.evil.example/", false),
        (lines("; Domain=.EXAMPLE.com"), "https://cdn.example.com", true),
        (lines("; Domain=; Path=v"), "https://cdn.example.com/a", true),
        (lines("; Domain=cloudfront.net"), "https://d111.cloudfront.net/a", false),
        (jar("TRUE", "/", "FALSE"), "http://x.cdn.example.com/", true),
        (jar("FALSE", "/", "FALSE"), "http://x.cdn.example.com/", false),
        (jar("FALSE", "/v/", "TRUE"), "https://cdn.example.com/v/a", true),
        (jar("FALSE", "/v/", "TRUE"), "http://cdn.example.com/v/a", false),
    ] {
        let credentials = CookieSet::parse(&text).unwrap().credentials(Some(url));
        assert_eq!(credentials.get("Policy").is_some(), sent, "{text:?} to {url}");
    }
    let twice = CookieSet::parse(&(lines("") + &lines(""))).unwrap().credentials(None);
    assert_eq!(format!("{twice:?}"), "[\"Policy\", \"Signature\", \"Key-Pair-Id\"]");
}

#[test]
fn huge_and_binary_input_gets_an_answer() {
    let sandbox = Sandbox::new();
    let many = format!("https://h.example/a?{}", "x=1&".repeat(10_000));
    assert!(
        !judge(&format!("{many}Expires=1&Signature=AAAA&Key-Pair-Id=K1"), &[trusted(None, "rsa1024.pem")], None)
            .allowed()
    );
    let long = format!(
        "https://h.example/{}?Policy={}&Signature=AAAA&Key-Pair-Id=K1",
        "a".repeat(1_000_000),
        "A".repeat(1_000_000)
    );
    assert!(!judge(&long, &[trusted(None, "rsa1024.pem")], None).allowed());
    let binary: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for (input, message) in [
        (binary, "holds none of CloudFront's cookies"),
        (vec![b'='; 2_000_000], "is larger than"),
        (b"{\"a\":[]}".to_vec(), "neither a URL nor cookies"),
        (vec![], "neither a URL nor cookies"),
    ] {
        let output = run_with(&mut sandbox.cfsign(&["inspect", "-"]), &input);
        assert_eq!(output.status.code(), Some(2));
        assert!(
            text(&output.stderr).starts_with("error: ") && text(&output.stderr).contains(message),
            "{}",
            text(&output.stderr)
        );
    }
}
