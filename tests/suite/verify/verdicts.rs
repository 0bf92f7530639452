//! `verify`: what is denied is denied for the right reason, and what openssl signs is allowed.

use cfsign::url::signing_parameters::SigningParameter;
use cfsign::verify::cookie::CookieSet;
use cfsign::verify::response::{AnsweredBy, identify};
use cfsign::verify::{Checker, Code, Reason, SignedRequest};
use cfsign::{HashAlgorithm, SignedUrl, Timestamp, base64};
use proptest::prelude::*;

use crate::common::requests::{
    END, ID, NOW, canned, is_allowed, judge, request, trusted, with_canned, with_custom,
};
use crate::common::{
    Sandbox, cloudfront_base64, openssl, openssl_is_here, private_key, run_with, text,
};

#[test]
fn reasons_and_answers() {
    let url = "https://h.example/a";
    let conditions = |more: &str| {
        format!(
            r#"{{"Statement":[{{"Resource":"https://h.example/*","Condition":{{"DateLessThan":{{"AWS:EpochTime":{END}}}{more}}}}}]}}"#
        )
    };
    let starts =
        |time: i64| conditions(&format!(r#","DateGreaterThan":{{"AWS:EpochTime":{time}}}"#));
    let ip = conditions(r#","IpAddress":{"AWS:SourceIp":"192.0.2.0/24"}"#);
    let custom = |policy: &str| with_custom(url, policy, policy);
    let good = with_canned(url, canned(url, END), HashAlgorithm::Sha1, "");
    let client = |address: &str| Some(address.parse().unwrap());
    for (request, address, reason, answer) in [
        (good.clone(), None, Reason::Ok, None),
        (url.into(), None, Reason::Missing, Some(Code::MissingKey)),
        (
            good.replace("Expires=", "expires="),
            None,
            Reason::Missing,
            None,
        ),
        (
            good.replace("Signature=", "Signature=&x="),
            None,
            Reason::Missing,
            None,
        ),
        (
            good.replace("Key-Pair-Id=", "Key-Pair-ID="),
            None,
            Reason::Missing,
            Some(Code::MissingKey),
        ),
        (
            format!("{good}&Expires=1"),
            None,
            Reason::Duplicate,
            // CloudFront documents no code for it.
            None,
        ),
        (
            format!("{good}&Policy=abc_"),
            None,
            Reason::Signature,
            Some(Code::AccessDenied),
        ),
        (
            good.replace("Expires=1800000000", "Expires=1e9"),
            None,
            Reason::Encoding,
            Some(Code::MalformedPolicy),
        ),
        (
            good.replace("_&Key", "=&Key"),
            None,
            Reason::Encoding,
            Some(Code::MalformedSignature),
        ),
        (
            format!("{good}&Hash-Algorithm=MD5"),
            None,
            Reason::Encoding,
            Some(Code::AccessDenied),
        ),
        (
            good.replace('~', "%7E")
                .replace('_', "%5F")
                .replace("Key-Pair-Id", "Key%2DPair%2DId"),
            None,
            Reason::Ok,
            None,
        ),
        (format!("{good}#fragment"), None, Reason::Ok, None),
        (custom(&conditions("")), None, Reason::Ok, None),
        (
            with_canned(
                "https://h.example/a b",
                canned("https://h.example/a%20b", END),
                HashAlgorithm::Sha1,
                "",
            ),
            None,
            Reason::Ok,
            None,
        ),
        (
            with_canned(
                "https://h.example/a b",
                canned("https://h.example/a b", END),
                HashAlgorithm::Sha1,
                "",
            ),
            None,
            Reason::Signature,
            Some(Code::AccessDenied),
        ),
        (
            good.replace("?Expires", "?&Expires"),
            None,
            Reason::Ok,
            None,
        ),
        (
            good.replace("=18", "=018"),
            None,
            Reason::Encoding,
            Some(Code::MalformedPolicy),
        ),
        (custom(&starts(NOW - 1)), None, Reason::Ok, None),
        (
            custom(&starts(NOW)),
            None,
            Reason::NotYetValid,
            Some(Code::AccessDenied),
        ),
        (
            custom(&conditions("").replace(&END.to_string(), &NOW.to_string())),
            None,
            Reason::Expired,
            Some(Code::AccessDenied),
        ),
        (
            custom(&conditions("").replace(&END.to_string(), &(NOW + 1).to_string())),
            None,
            Reason::Ok,
            None,
        ),
        (custom(&ip), client("192.0.2.255"), Reason::Ok, None),
        (
            custom(&ip),
            client("192.0.3.0"),
            Reason::Ip,
            Some(Code::AccessDenied),
        ),
        (custom(&ip), None, Reason::Ip, None),
        (
            custom(&ip.replace("/24", "/0")),
            client("8.8.8.8"),
            Reason::Ok,
            None,
        ),
        (
            custom(&conditions("").replace("18000", "18000000")),
            None,
            Reason::Policy,
            Some(Code::MalformedPolicy),
        ),
        (
            custom("{}"),
            None,
            Reason::Policy,
            Some(Code::MalformedPolicy),
        ),
        (
            custom("\u{fffd}"),
            None,
            Reason::Policy,
            Some(Code::MalformedPolicy),
        ),
        (
            custom(&conditions("").replace("h.example", "i.example")),
            None,
            Reason::Resource,
            Some(Code::AccessDenied),
        ),
    ] {
        let verdict = judge(&request, &[trusted(None, "rsa2048-pkcs8.pem")], address);
        assert_eq!(
            (verdict.reason, verdict.code),
            (reason, answer),
            "{request}: {:?}",
            verdict.checks
        );
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
        ("rsa512.pem", "rsa512.pem"),
        ("rsa1024.pem", "rsa1024.pem"),
        ("rsa2047.pem", "rsa2047.pem"),
        ("rsa2048-e3.pem", "rsa2048-e3.pem"),
        ("p256-sec1.pem", "p256-public.pem"),
    ] {
        for (hash, announced) in [("-sha1", ""), ("-sha256", "&Hash-Algorithm=SHA256")] {
            let policy = canned(url, END);
            let signature = cloudfront_base64(&openssl(
                sandbox.path(),
                &["dgst", hash, "-sign", key],
                policy.as_bytes(),
            ));
            let signed =
                format!("{url}&Expires={END}&Signature={signature}&Key-Pair-Id={ID}{announced}");
            let now = format!("@{NOW}");
            let output = sandbox
                .cfsign(&["verify", &signed, "--public-key", public, "--now", &now])
                .output()
                .unwrap();
            assert_eq!(
                output.status.code(),
                Some(0),
                "{key} {hash}: {}",
                text(&output.stdout)
            );
        }
    }
}

#[test]
fn every_flipped_bit_of_a_signature_is_denied() {
    let url = "https://h.example/a?x=1";
    let policy = canned(url, END);
    for (name, hash, announced) in [
        ("rsa1024.pem", HashAlgorithm::Sha1, ""),
        (
            "p256-pkcs8.pem",
            HashAlgorithm::Sha256,
            "&Hash-Algorithm=SHA256",
        ),
    ] {
        let signature = private_key(name).sign(hash, policy.as_bytes()).unwrap();
        let keys = [trusted(None, name)];
        for bit in 0..signature.len() * 8 {
            let mut flipped = signature.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let credentials = format!(
                "Expires={END}&Signature={}&Key-Pair-Id={ID}{announced}",
                base64::encode(&flipped)
            );
            assert!(
                !is_allowed(&format!("{url}&{credentials}"), &keys),
                "{name}: bit {bit}"
            );
        }
    }
}

#[test]
fn every_flipped_bit_of_a_policy_or_a_url_is_denied() {
    let url = "https://h.example/a/b?x=1&y=%C3";
    let keys = [trusted(None, "p256-pkcs8.pem")];
    let policy = canned(url, END);
    let signature = base64::encode(
        &private_key("p256-pkcs8.pem")
            .sign(HashAlgorithm::Sha256, policy.as_bytes())
            .unwrap(),
    );
    let tail = format!("Signature={signature}&Key-Pair-Id={ID}&Hash-Algorithm=SHA256");
    assert!(is_allowed(&format!("{url}&Expires={END}&{tail}"), &keys));
    for bit in 0..policy.len() * 8 {
        let mut flipped = policy.clone().into_bytes();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let request = format!("{url}&Policy={}&{tail}", base64::encode(&flipped));
        assert!(!is_allowed(&request, &keys), "policy: bit {bit}");
    }
    for bit in 0..url.len() * 8 {
        let mut flipped = url.to_owned().into_bytes();
        flipped[bit / 8] ^= 1 << (bit % 8);
        // A bit may make the URL unreadable, which is an error and no verdict.
        let request = format!("{}&Expires={END}&{tail}", String::from_utf8_lossy(&flipped));
        let allowed = SignedUrl::parse(&request).is_ok() && is_allowed(&request, &keys);
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
                let _ = cookies.sent_to("https://h.example/", Timestamp::from_unix(NOW).unwrap());
            }
        }
    }
}

/// RFC 6265: which cookies a browser sends where.
#[test]
fn cookies_go_where_browsers_send_them() {
    let set = "CloudFront-Policy=p; CloudFront-Signature=s; CloudFront-Key-Pair-Id=K1";
    let lines = |attributes: &str| {
        set.split("; ")
            .map(|pair| format!("Set-Cookie: {pair}{attributes}\r\n"))
            .collect::<String>()
    };
    let jar = |below: &str, path: &str, secure: &str| {
        let line = |pair: &str| {
            format!(
                "cdn.example.com\t{below}\t{path}\t{secure}\t0\t{}\n",
                pair.replacen('=', "\t", 1)
            )
        };
        set.split("; ").map(line).collect::<String>()
    };
    let now = Timestamp::from_unix(NOW).unwrap();
    for (text, url, sent) in [
        (format!("Cookie: {set}"), "http://any.example/", true),
        (lines(""), "http://any.example/", true),
        (lines("; Secure"), "https://any.example/", true),
        (lines("; Secure"), "http://any.example/", false),
        (lines("; Secure"), "http://localhost:8080/", true),
        (
            lines("; Domain=example.com; Path=/v"),
            "https://cdn.example.com/v/a",
            true,
        ),
        (
            lines("; Domain=example.com; Path=/v"),
            "https://cdn.example.com/video",
            false,
        ),
        (
            lines("; Domain=example.com"),
            "https://example.com.evil.example/",
            false,
        ),
        (
            lines("; Domain=.EXAMPLE.com"),
            "https://cdn.example.com",
            true,
        ),
        (
            lines("; Domain=; Path=v"),
            "https://cdn.example.com/a",
            true,
        ),
        (
            lines("; Domain=cloudfront.net"),
            "https://d111.cloudfront.net/a",
            false,
        ),
        (jar("TRUE", "/", "FALSE"), "http://x.cdn.example.com/", true),
        (
            jar("FALSE", "/", "FALSE"),
            "http://x.cdn.example.com/",
            false,
        ),
        (
            jar("FALSE", "/v/", "TRUE"),
            "https://cdn.example.com/v/a",
            true,
        ),
        (
            jar("FALSE", "/v/", "TRUE"),
            "http://cdn.example.com/v/a",
            false,
        ),
    ] {
        let cookies = CookieSet::parse(&text).unwrap().sent_to(url, now);
        assert_eq!(
            cookies.parameters.get(SigningParameter::Policy).is_some(),
            sent,
            "{text:?} to {url}"
        );
    }
    let twice = CookieSet::parse(&(lines("") + &lines("")))
        .unwrap()
        .parameters();
    assert_eq!(
        format!("{twice:?}"),
        "[\"Policy\", \"Signature\", \"Key-Pair-Id\"]"
    );
}

/// The forms in which clients store, print and copy cookies; each has a cookie that is not
/// CloudFront's beside.
#[test]
fn cookies_are_read_in_each_form() {
    let now = Timestamp::from_unix(NOW).unwrap();
    let url = "https://cdn.example.com/v/a.m3u8";
    let pairs = "CloudFront-Policy=p; CloudFront-Signature=s~_; CloudFront-Key-Pair-Id=K1";
    let list = |more: &str| {
        let cookie = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap();
            format!(
                r#"{{"name":"{name}","value":"{value}","domain":"cdn.example.com","path":"/","secure":true{more}}}"#
            )
        };
        format!(
            "[{}]",
            pairs.split("; ").map(cookie).collect::<Vec<_>>().join(",")
        )
    };
    let har = |request: &str| {
        format!(
            r#"{{"log":{{"entries":[{{"request":{{"url":"https://cdn.example.com/x",{request}}}}}]}}}}"#
        )
    };
    for (form, text) in [
        ("header", format!("Cookie: a=b; {pairs}")),
        ("pairs", format!("a=b; {pairs}")),
        ("browser's list", list("")),
        (
            "browser's list with expiry",
            list(r#","expirationDate":1799999999.5,"hostOnly":true"#),
        ),
        (
            "storage state",
            format!(r#"{{"cookies":{},"origins":[]}}"#, list(r#","expires":-1"#)),
        ),
        ("HAR, cookies", har(&format!(r#""cookies":{}"#, list("")))),
        (
            "HAR, headers",
            har(&format!(
                r#""headers":[{{"name":"cookie","value":"{pairs}"}}]"#
            )),
        ),
        (
            "curl -v, request",
            format!("* Connected\n> GET / HTTP/2\n> cookie: {pairs}\n< HTTP/2 403\n"),
        ),
        (
            "curl -v, response",
            pairs
                .split("; ")
                .map(|pair| format!("< set-cookie: {pair}; Path=/\r\n"))
                .collect(),
        ),
        (
            "Copy as cURL",
            format!("curl 'https://cdn.example.com/' \\\n  -H 'accept: */*' \\\n  -b '{pairs}'"),
        ),
        (
            "Copy as cURL, header",
            format!("curl \"https://cdn.example.com/\" -H $'Cookie: {pairs}'"),
        ),
        (
            "Copy as cURL, cmd",
            format!("curl ^\"https://cdn.example.com/^\" ^\r\n  -H ^\"cookie: {pairs}^\""),
        ),
    ] {
        let sent = CookieSet::parse(&text).unwrap().sent_to(url, now);
        let value = |name| sent.parameters.get(name);
        assert_eq!(
            (
                value(SigningParameter::Policy),
                value(SigningParameter::Signature),
                value(SigningParameter::KeyPairId)
            ),
            (Some("p"), Some("s~_"), Some("K1")),
            "{form}: {text}"
        );
    }
    let twice = "Cookie: CloudFront-Policy=p; CloudFront-Policy=q";
    let twice = CookieSet::parse(twice).unwrap().parameters();
    assert_eq!(format!("{twice:?}"), r#"["Policy", "Policy"]"#);
}

/// The attribute for which a browser does not send a cookie.
#[test]
fn a_cookie_that_is_not_sent_has_a_reason() {
    let now = Timestamp::from_unix(NOW).unwrap();
    for (attributes, url, reason) in [
        (
            "; Secure",
            "http://h.example/a",
            "the cookies are Secure, but the URL is http",
        ),
        (
            "; Path=/b",
            "https://h.example/a",
            r#"Path "/b" does not cover the URL"#,
        ),
        (
            "; Domain=i.example",
            "https://h.example/a",
            r#"Domain "i.example" does not cover the host "h.example""#,
        ),
        (
            "; Domain=cloudfront.net",
            "https://d1.cloudfront.net/a",
            r#"Domain "cloudfront.net" is a public suffix, which browsers reject"#,
        ),
        ("; Max-Age=0", "https://h.example/a", "deleted by Max-Age=0"),
        (
            "; Max-Age=0; Expires=Sun, 31 Jan 2027 10:00:00 GMT",
            "https://h.example/a",
            "deleted by Max-Age=0",
        ),
    ] {
        let line = format!("Set-Cookie: CloudFront-Policy=p{attributes}");
        let sent = CookieSet::parse(&line).unwrap().sent_to(url, now);
        assert_eq!(
            sent.withheld,
            format!("CloudFront-Policy not sent: {reason}"),
            "{attributes}"
        );
    }
    let expired = "cdn.example.com\tFALSE\t/\tFALSE\t1789999999\tCloudFront-Policy\tp";
    let sent = CookieSet::parse(expired)
        .unwrap()
        .sent_to("https://cdn.example.com/", now);
    assert_eq!(
        sent.withheld,
        "CloudFront-Policy not sent: expired 2026-09-21T14:13:19Z"
    );
}

/// What an invalid signature establishes, and what is not documented.
#[test]
fn rows_say_what_is_known() {
    let url = "https://h.example/a";
    let policy = canned(url, END);
    let good = with_canned(url, &policy, HashAlgorithm::Sha1, "");
    let rsa = trusted(None, "rsa2048-pkcs8.pem");
    let signature = base64::encode(&[7; 253]);
    let short = format!("{url}?Expires={END}&Signature={signature}&Key-Pair-Id={ID}");
    let object = policy.replace(['[', ']'], "");
    let star = "https://h.example/a?f=attachment%3Bfilename*%3DUTF-8''a";
    for (label, request, key, row, allowed) in [
        (
            "valid",
            good.clone(),
            &rsa,
            "valid for the RSA 2048 key (SHA-1)",
            true,
        ),
        (
            "other URL",
            good.replace("/a?", "/b?"),
            &rsa,
            "made with this key (SHA-1), but over a different policy",
            false,
        ),
        (
            "SHA-256",
            with_canned(url, &policy, HashAlgorithm::Sha256, ""),
            &rsa,
            "made with this key, but with SHA-256 instead of SHA-1",
            false,
        ),
        (
            "other key",
            good.clone(),
            &trusted(None, "rsa2048-e3.pem"),
            "not a PKCS#1 v1.5 signature of this key",
            false,
        ),
        (
            "other kind",
            good.clone(),
            &trusted(None, "p256-pkcs8.pem"),
            "256 bytes, like an RSA signature; the key is ECDSA P-256",
            false,
        ),
        (
            "253 bytes",
            short,
            &rsa,
            "253 bytes; a signature of an RSA 2048 key has 256 (truncated?)",
            false,
        ),
        (
            "object",
            with_custom(url, &object, &object),
            &rsa,
            "the Statement of the policy is not in a list, which is not documented to work",
            true,
        ),
        (
            "both",
            format!("{}&Expires={END}", with_custom(url, &policy, &policy)),
            &rsa,
            "Expires and Policy in one request are not documented; evaluated by Policy",
            true,
        ),
        (
            "hash in lower case",
            with_canned(
                url,
                &policy,
                HashAlgorithm::Sha256,
                "&Hash-Algorithm=sha256",
            ),
            &rsa,
            "Hash-Algorithm is documented as SHA1 or SHA256, in capitals and without a hyphen",
            true,
        ),
        (
            "a * of its own",
            with_canned(star, canned(star, END), HashAlgorithm::Sha1, ""),
            &rsa,
            "the URL as requested",
            true,
        ),
        (
            "12 characters of an ID",
            good.replace(ID, "K2JCJMDEHXQW"),
            &rsa,
            r#""K2JCJMDEHXQW" does not look like the ID of a CloudFront public key (K and 12 or 13 capital letters and digits)"#,
            true,
        ),
        (
            "an ID in small letters",
            good.replace(ID, "Kids"),
            &rsa,
            r#""Kids" does not look like the ID of a CloudFront public key (K and 12 or 13 capital letters and digits)"#,
            true,
        ),
        (
            "an ID without K",
            good.replace(ID, "LIVE1"),
            &rsa,
            r#""LIVE1" does not look like the ID of a CloudFront public key (K and 12 or 13 capital letters and digits)"#,
            true,
        ),
    ] {
        let verdict = judge(&request, std::slice::from_ref(key), None);
        let details: Vec<&str> = verdict
            .checks
            .iter()
            .map(|check| check.detail.as_str())
            .collect();
        assert!(details.contains(&row), "{label}: {details:?}");
        assert_eq!(
            (verdict.allowed(), verdict.fix.is_none()),
            (allowed, allowed),
            "{label}"
        );
    }
}

/// What RFC 8017 allows and CloudFront does not expect: no DigestInfo, another hash, and PSS.
#[test]
fn a_signature_of_another_kind_is_named() {
    if !openssl_is_here("signatures of other kinds") {
        return;
    }
    let url = "https://h.example/a";
    let sandbox = Sandbox::new();
    sandbox.write("policy", canned(url, END));
    sandbox.write("other", canned("https://h.example/b", END));
    let rsa = trusted(None, "rsa2048-pkcs8.pem");
    for (command, row) in [
        (
            "dgst -sha1 -sign rsa2048-pkcs8.pem other",
            "made with this key (SHA-1), but over a different policy",
        ),
        (
            "dgst -sha384 -sign rsa2048-pkcs8.pem policy",
            "made with this key, but with SHA-384 instead of SHA-1",
        ),
        (
            "dgst -sha256 -sign rsa2048-pkcs8.pem other",
            "made with this key, but with SHA-256 instead of SHA-1 and over a different policy",
        ),
        (
            "dgst -sha1 -binary policy | openssl pkeyutl -sign -inkey rsa2048-pkcs8.pem",
            "made with this key, but without the name of a hash",
        ),
        (
            "dgst -sha1 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest -sign rsa2048-pkcs8.pem policy",
            "made with this key, but with RSA PSS",
        ),
        (
            "dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:0 -sign rsa2048-pkcs8.pem policy",
            "made with this key, but with RSA PSS",
        ),
        (
            "dgst -sha1 -sign rsa2048-e3.pem policy",
            "not a PKCS#1 v1.5 signature of this key",
        ),
    ] {
        // A random salt decides the bits that precede the padding.
        let times = if command.contains("saltlen:digest") {
            8
        } else {
            1
        };
        for _ in 0..times {
            let output = sandbox.shell(&format!("openssl {command}")).output();
            let signature = base64::encode(&output.unwrap().stdout);
            let request = format!("{url}?Expires={END}&Signature={signature}&Key-Pair-Id={ID}");
            let verdict = judge(&request, std::slice::from_ref(&rsa), None);
            let mut details = verdict.checks.iter().map(|check| check.detail.as_str());
            assert!(
                details.any(|detail| detail == row),
                "{command}: {verdict:?}"
            );
        }
    }
    // Only a key of the same kind may have made a P-256 signature.
    let sign = "printf x | openssl dgst -sha1 -sign p256-pkcs8.pem";
    let signature = base64::encode(&sandbox.shell(sign).output().unwrap().stdout);
    let request = format!("{url}?Expires={END}&Signature={signature}&Key-Pair-Id={ID}");
    for (key, fix) in [
        (
            "p256-pkcs8.pem",
            "compare the fingerprints of both keys (cfsign key inspect), then the policy text that CloudFront rebuilds from this URL with the text that was signed, byte by byte",
        ),
        (
            "rsa2048-pkcs8.pem",
            "sign with the private key of this public key, or add the signing key's public key to the key group; compare the fingerprints that cfsign key inspect prints",
        ),
    ] {
        let verdict = judge(&request, &[trusted(None, key)], None);
        assert_eq!(verdict.fix.as_deref(), Some(fix), "{key}");
    }
}

/// In DER, a number of one byte in front looks like the version of a private key.
#[test]
fn numbers_of_one_byte_in_a_signature_are_judged() {
    let sandbox = Sandbox::new();
    let most: &[u8] = &[0x7f; 32];
    let mut list = String::new();
    for number in [0, 1, 2, 3] {
        for (r, s) in [
            (&[number][..], most),
            (most, &[number]),
            (&[number], &[number]),
        ] {
            let [r_length, s_length] = [r.len() as u8, s.len() as u8];
            let header = [0x30, r_length + s_length + 4, 2, r_length];
            let signature = [&header[..], r, &[2, s_length], s].concat();
            let signature = base64::encode(&signature);
            list += &format!(
                "https://h.example/a?Expires={END}&Signature={signature}&Key-Pair-Id={ID}\n"
            );
        }
    }
    let arguments = ["verify", "-", "--public-key", "p256-public.pem"];
    let output = run_with(&mut sandbox.cfsign(&arguments), list.as_bytes());
    assert_eq!(
        (output.status.code(), text(&output.stderr).as_str()),
        (Some(1), "0 allowed, 12 denied\n")
    );
    assert_eq!(text(&output.stdout).lines().count(), 12);
    for url in list.lines() {
        let output = sandbox
            .cfsign(&["verify", url, "--public-key", "p256-public.pem"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    }
}

/// An answer beside a verdict.
#[test]
fn an_answer_has_the_code_of_the_check_only_if_it_is_its_sender() {
    let missing = identify("<Error><Code>MissingKey</Code></Error>");
    let fix = "quote the URL in a shell, or find out why the cookies are not sent: cfsign verify URL --cookies FILE --public-key cf.pub.pem";
    assert_eq!(missing.fix, Some(fix));
    assert_eq!(missing.answered_by, AnsweredBy::Signature);
    let no_object = "<Error><Code>AccessDenied</Code><HostId>x</HostId></Error>";
    assert_eq!(identify(no_object).answered_by, AnsweredBy::S3);
    let url = "https://h.example/a";
    let good = with_canned(url, canned(url, END), HashAlgorithm::Sha1, "");
    let verdict = judge(&good, &[trusted(None, "rsa2048-pkcs8.pem")], None);
    let denied = "<Error><Code>AccessDenied</Code><Message>Access denied</Message></Error>";
    let answer = identify(denied).beside(&verdict);
    let other = "valid for the given key: the distribution may trust another key, or the clock or client IP address differs";
    assert_eq!((answer.meaning, answer.fix), (other, None));
}

/// The next step fits the fault, and a code is given only where CloudFront's is known.
#[test]
fn a_denial_has_the_right_next_step() {
    let url = "https://h.example/a";
    let policy = canned(url, END);
    let good = with_canned(url, &policy, HashAlgorithm::Sha1, "");
    let cut = |count: usize| {
        let (start, rest) = good.split_once("Signature=").unwrap();
        let (signature, end) = rest.split_once('&').unwrap();
        format!("{start}Signature={}&{end}", &signature[..count])
    };
    let other_id = |id: &str| good.replace(ID, id);
    let sent = |signed: i64, sent: &str| {
        let url = with_canned(url, canned(url, signed), HashAlgorithm::Sha1, "");
        url.replace(&END.to_string(), sent)
    };
    let signed_and_sent = |expires: i64| sent(expires, &expires.to_string());
    let truncated = &policy[..policy.len() - 5];
    let milliseconds = canned(url, END * 1000);
    let documented =
        "sign a policy in the documented form: one statement, epoch seconds without quotes";
    for (label, request, code, fix) in [
        (
            "truncated signature",
            cut(240),
            Some(Code::AccessDenied),
            "copy the whole URL or cookie: the signature is truncated",
        ),
        (
            "policy cut in its base64",
            format!("{}&Policy=eyJTd", good.replace("Expires", "x")),
            Some(Code::MalformedPolicy),
            "copy the whole URL or cookie, with policy and signature in CloudFront's base64",
        ),
        (
            "policy cut in its JSON",
            with_custom(url, &policy, truncated),
            Some(Code::AccessDenied),
            "copy the whole URL or cookie: the policy is truncated",
        ),
        (
            "policy cut before it was signed",
            with_custom(url, truncated, truncated),
            Some(Code::MalformedPolicy),
            "copy the whole URL or cookie: the policy is truncated",
        ),
        (
            "malformed policy",
            with_custom(url, "{}", "{}"),
            Some(Code::MalformedPolicy),
            documented,
        ),
        (
            "no number",
            sent(END, "x1800000000"),
            Some(Code::MalformedPolicy),
            "send Expires in Unix seconds, such as 1801353600",
        ),
        (
            "milliseconds",
            signed_and_sent(1_801_353_600_000),
            Some(Code::MalformedPolicy),
            "sign again with the expiry in seconds: 1801353600",
        ),
        (
            "milliseconds that were not signed",
            sent(END, "1801353600000"),
            Some(Code::AccessDenied),
            "sign again with the expiry in seconds: 1801353600",
        ),
        (
            "seconds sent in milliseconds",
            sent(END, "1800000000000"),
            Some(Code::AccessDenied),
            "sign and send the same expiry, in Unix seconds",
        ),
        (
            "nanoseconds",
            signed_and_sent(1_801_353_600_000_000_000),
            Some(Code::MalformedPolicy),
            "sign again with the expiry in seconds: 1801353600",
        ),
        (
            "milliseconds in a policy",
            with_custom(url, &milliseconds, &milliseconds),
            Some(Code::MalformedPolicy),
            "sign again with the expiry in seconds: 1800000000",
        ),
        (
            "key group's ID",
            other_id("a1b2c3d4-5678-90ab-cdef-EXAMPLE11111"),
            Some(Code::InvalidKey),
            "use the public key's ID (K...), not the key group's",
        ),
        (
            "access key's ID",
            other_id("AKIAIOSFODNN7EXAMPLE"),
            Some(Code::InvalidKey),
            "use the public key's ID (K...), not the AWS access key's",
        ),
        (
            "key group's ID and another URL",
            other_id("a1b2c3d4-5678-90ab-cdef-EXAMPLE11111") + "&x=1",
            Some(Code::InvalidKey),
            "remove it, or sign the URL that includes it; use the public key's ID (K...), not the key group's",
        ),
        (
            "only an ID",
            format!("{url}?Key-Pair-Id={ID}"),
            None,
            "copy the whole signed URL, or sign it again",
        ),
        (
            "only the start",
            format!("{url}?Expires={END}"),
            Some(Code::MissingKey),
            "quote the URL: an unquoted & ends the command in a shell",
        ),
    ] {
        let verdict = judge(&request, &[trusted(None, "rsa2048-pkcs8.pem")], None);
        assert_eq!(
            (verdict.code, verdict.fix.as_deref()),
            (code, Some(fix)),
            "{label}: {:?}",
            verdict.checks
        );
    }
    for id in ["K1", "EXAMPLE", "my-key_1"] {
        let keys = [trusted(None, "rsa2048-pkcs8.pem")];
        assert!(is_allowed(&other_id(id), &keys), "{id}");
    }
}

#[test]
fn huge_and_binary_input_gets_an_answer() {
    let sandbox = Sandbox::new();
    let many = format!("https://h.example/a?{}", "x=1&".repeat(10_000));
    assert!(
        !judge(
            &format!("{many}Expires=1&Signature=AAAA&Key-Pair-Id=K1"),
            &[trusted(None, "rsa1024.pem")],
            None
        )
        .allowed()
    );
    let long = format!(
        "https://h.example/{}?Policy={}&Signature=AAAA&Key-Pair-Id=K1",
        "a".repeat(1_000_000),
        "A".repeat(1_000_000)
    );
    assert!(!judge(&long, &[trusted(None, "rsa1024.pem")], None).allowed());
    let policy = canned("https://h.example/b", END);
    let late = with_canned("https://h.example/a", &policy, HashAlgorithm::Sha1, "")
        .replace(&END.to_string(), &i64::MAX.to_string());
    assert!(!judge(&late, &[trusted(None, "rsa2048-pkcs8.pem")], None).allowed());
    let binary: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for (input, message) in [
        (binary, "standard input is binary data, not text"),
        (vec![b'='; 2_000_000], "neither a URL nor cookies"),
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

/// A checker remembers valid signatures, and comes to the same verdicts as one that does not.
#[test]
fn a_known_signature_changes_no_verdict() {
    let url = "https://h.example/v/a";
    let good = with_canned(url, canned(url, END), HashAlgorithm::Sha1, "");
    let policy = canned("https://h.example/v/*", END);
    let custom = with_custom(url, &policy, &policy);
    let keys = [trusted(None, "rsa2048-pkcs8.pem")];
    let others = [trusted(None, "rsa1024.pem")];
    let mut checker = Checker::default();
    for requested in [&good, &custom].repeat(3) {
        let requested = SignedUrl::parse(requested).unwrap();
        assert!(
            checker
                .evaluate(&request(&requested, &keys, None))
                .allowed()
        );
    }
    for (label, requested, keys, now, allowed) in [
        ("canned", good.clone(), &keys, NOW, true),
        ("custom", custom.clone(), &keys, NOW, true),
        (
            "canned, other URL",
            good.replace("/v/a", "/v/b"),
            &keys,
            NOW,
            false,
        ),
        (
            "custom, other URL",
            custom.replace("/v/a", "/v/b"),
            &keys,
            NOW,
            true,
        ),
        ("outside", custom.replace("/v/a", "/w/a"), &keys, NOW, false),
        ("expired", custom.clone(), &keys, END, false),
        (
            "other signature",
            custom.replace("Signature=", "Signature=AAAA"),
            &keys,
            NOW,
            false,
        ),
        ("other key", good.clone(), &others, NOW, false),
        ("the first key again", good, &keys, NOW, true),
    ] {
        let requested = SignedUrl::parse(&requested).unwrap();
        let request = SignedRequest {
            now: Timestamp::from_unix(now).unwrap(),
            ..request(&requested, keys, None)
        };
        let known = checker.evaluate(&request);
        let new = Checker::default().evaluate(&request);
        assert_eq!(known.allowed(), allowed, "{label}");
        assert_eq!(
            (known.reason, known.code),
            (new.reason, new.code),
            "{label}"
        );
        assert_eq!(known.checks, new.checks, "{label}");
        assert_eq!(known.signed_policy, new.signed_policy, "{label}");
    }
}
