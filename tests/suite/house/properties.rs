//! Properties that hold for every input, and hostile input for everything that parses.

use cfsign::url::UrlParts;
use cfsign::url::percent::encode;
use cfsign::url::signing_parameters::strip;
use cfsign::verify::cookie::CookieSet;
use cfsign::verify::{Received, SigningParameters};
use cfsign::{
    Conditions, HashAlgorithm, IpRange, KeyContent, KeyFile, KeyPairId, Policy, Resource,
    SignCommand, SignedCookies, SignedUrl, Signer, Timestamp, UnsignedUrl, When, base64,
    parse_duration,
};
use proptest::prelude::*;

use crate::common::{private_key, root};

/// RFC 4648, section 10, and the three characters that CloudFront replaces.
#[test]
fn the_alphabet() {
    for (bytes, text) in [
        (&b""[..], ""),
        (b"f", "Zg__"),
        (b"fo", "Zm8_"),
        (b"foo", "Zm9v"),
        (b"foobar", "Zm9vYmFy"),
        (&[0xfb, 0xef, 0xbe], "----"),
        (&[0xff, 0xff, 0xff], "~~~~"),
    ] {
        assert_eq!(base64::encode(bytes), text);
    }
}

/// A long pattern takes several machine words of the matcher, and a match carries from one to the
/// next.
#[test]
fn long_patterns_are_compared_to_their_end() {
    for length in 40..200 {
        let text: String = ('a'..='z').cycle().take(length).collect();
        let pattern: Resource = format!("https://h.example/*{text}?").parse().unwrap();
        for (end, covered) in [
            (format!("{text}!"), true),
            (format!("xyz{text}!"), true),
            (text.clone(), false),
            (format!("{}!", &text[1..]), false),
            (format!("{text}!!"), false),
        ] {
            let url = format!("https://h.example/{end}");
            assert_eq!(pattern.covers(&url), covered, "{url}");
        }
    }
}

/// White space in the strings of a policy is signed, and that between them is removed.
#[test]
fn strings_of_a_policy_keep_their_white_space() {
    for resource in [
        "https://h.example/a b*",
        "https://h.example/a\\\" \\\" b*",
        "https://h.example/ \\\\",
        "https://h.example/\\u0020 *",
    ] {
        let written = format!(
            "{{ \"Statement\" :\n[\t{{\"Resource\" : \"{resource}\",\r\n\"Condition\":{{\"DateLessThan\":{{\"AWS:EpochTime\" :1800000000}}}}}} ] }}\n"
        );
        let signed = format!(
            r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":1800000000}}}}}}]}}"#
        );
        let policy = Policy::from_json("the policy", &written).unwrap();
        assert_eq!(policy.as_str(), signed);
    }
}

/// The guide's examples, and what follows from its exceptions ("Values that you specify in the
/// policy statement").
#[test]
fn resources_cover_what_the_guide_shows() {
    for (pattern, url, covered) in [
        (
            "https://www.example.com/hello*world",
            "https://www.example.com/hello-world",
            true,
        ),
        (
            "https://www.example.com/hello*world",
            "https://www.example.com/hello?world",
            false,
        ),
        (
            "https://d111111abcdef8.cloudfront.net/*game_download.zip*",
            "https://d111111abcdef8.cloudfront.net/game_download.zip",
            true,
        ),
        (
            "https://d111111abcdef8.cloudfront.net/*game_download.zip*",
            "https://d111111abcdef8.cloudfront.net/example_game_download.zip?license=yes",
            true,
        ),
        (
            "https://d111111abcdef8.cloudfront.net/*game_download.zip*",
            "https://d111111abcdef8.cloudfront.net/test_game_download.zip?license=temp",
            true,
        ),
        ("*", "http://anything.example/at/all?x=1", true),
        ("*example.com", "https://www.example.com/", true),
        ("*example.com", "https://www.example.com/a", false),
        ("*://*.example.com/*", "http://www.example.com/a?x", true),
        ("http*://example.com/a", "https://example.com/a", true),
        ("http://example.com/a", "https://example.com/a", false),
        ("https://example.com*", "https://example.com/a/b?x=1", true),
        (
            "https://example.com*",
            "https://example.com.evil.example/a",
            true,
        ),
        ("https://example.com/a*", "https://example.com/a", true),
        ("https://example.com/a*", "https://example.com/a?x=1", true),
        ("https://example.com/a*\\?*", "https://example.com/ab", true),
        (
            "https://example.com/a\\?x=*",
            "https://example.com/a?x=1",
            true,
        ),
        (
            "https://example.com/a\\?x=*",
            "https://example.com/abx=1",
            false,
        ),
        (
            "https://example.com/a?x=*",
            "https://example.com/a?x=1",
            true,
        ),
        (
            "https://example.com/a?x=*",
            "https://example.com/abx=1",
            true,
        ),
        ("https://example.com/a?c", "https://example.com/abc", true),
        ("https://example.com/a?c", "https://example.com/ac", false),
        ("https://ex?mple.com/a", "https://example.com/a", true),
        ("https://example?com/a", "https://example/com/a", false),
        ("https://EX?MPLE.com/a", "https://example.COM/a", true),
        ("https://example.com/A", "https://example.com/a", false),
        ("https://*/a", "https://example.com/b/a", false),
        ("https://*/*/a", "https://example.com/b/a", true),
        (
            "*/redirect?u=https://x*",
            "https://h/redirect?u=https://x/y",
            true,
        ),
        ("https://h?u=/x", "https://h/?u=/x", true),
        ("videos/*", "videos/a.mp4", true),
        ("videos/*", "video/a.mp4", false),
        // A stream's name was in any case, like a host.
        ("videos/*", "Videos/a.mp4", false),
        ("https://h/*", "videos/a.mp4", false),
    ] {
        let resource = if url.contains("://") {
            pattern.parse().unwrap()
        } else {
            Resource::stream(pattern).unwrap()
        };
        assert_eq!(resource.covers(url), covered, "{pattern} over {url}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Patterns that were URLs once: their characters turned into wildcards, left out or changed.
    #[test]
    fn resources_cover_what_the_guide_says(url in "[abB]{1,3}(/[abB/]{0,5})?(\\?[ab?/]{0,4})?", edits in proptest::collection::vec((any::<prop::sample::Index>(), "[abB*?!]?"), 0..5), protocol in "https?://|http\\*://|\\*://|\\*?") {
        let mut pattern = url.clone();
        for (place, edit) in edits {
            let place = place.index(pattern.len());
            pattern.replace_range(place..place + 1, &edit);
            if pattern.is_empty() {
                pattern.push('*');
            }
        }
        // Here `!` stands for an escaped question mark.
        let pattern = protocol.clone() + &pattern.replace('!', "\\?");
        let (resource, url) = match protocol.as_str() {
            "" => (Resource::stream(&pattern), url),
            _ => (pattern.parse(), format!("https://{url}")),
        };
        if let Ok(resource) = resource {
            prop_assert_eq!(resource.covers(&url), crate::common::by_the_book::covers(resource.as_str(), &url), "{} over {}", resource, url);
        }
    }

    #[test]
    fn a_url_is_covered_by_itself_as_a_pattern(url in "https?://[a-z.]{1,20}(/[!-~]{0,30})?") {
        if let Ok(url) = UnsignedUrl::parse(&url) {
            // Not the same text, so that the match has to be made.
            let pattern = url.resource().as_str().replacen("http", "*", 1).replacen("*s:", "*:", 1);
            prop_assert!(pattern.parse::<Resource>().unwrap().covers(url.resource().as_str()));
        }
    }

    #[test]
    fn times_are_read_or_refused(text in "\\PC{0,30}") {
        let _ = text.parse::<When>();
        let _ = parse_duration(&text);
    }

    #[test]
    fn numbers_and_dates_are_read_or_refused(text in "[@+-]?[0-9]{0,25}[smhdwyT:. +-]{0,3}[0-9]{0,8}[smhdwyzZ]?") {
        if let Ok(when) = text.parse::<When>() {
            let time = when.resolve(Timestamp::from_unix(1_800_000_000).unwrap());
            prop_assert!(time.is_err() || time.is_ok_and(|time| (0..=253_402_300_799).contains(&time.unix())));
        }
    }

    #[test]
    fn rfc_3339_goes_out_and_comes_back(seconds in 0i64..=9_223_372_036) {
        let time = Timestamp::from_unix(seconds).unwrap();
        prop_assert_eq!(time.to_string().parse::<When>().unwrap(), When::At(time));
    }

    #[test]
    fn small_values_are_read_or_refused(text in "\\PC{0,40}") {
        let _ = (text.parse::<IpRange>(), text.parse::<KeyPairId>(), text.parse::<HashAlgorithm>(), text.parse::<Resource>());
    }

    #[test]
    fn encoding_makes_a_url_of_any_text(text in "\\PC{0,60}") {
        let encoded = encode(&format!("https://h.example/{text}"));
        prop_assert_eq!(&encode(&encoded), &encoded);
        prop_assert_eq!(&strip(&strip(&encoded)), &strip(&encoded));
        if let Err(e) = UnsignedUrl::parse(&encoded) {
            let reason = e.to_string();
            prop_assert!(text.contains(['#', '\\']) || reason.contains("query parameter"), "{}: {}", encoded, reason);
        }
    }

    #[test]
    fn urls_keep_their_bytes(path in "[!-~]{0,40}") {
        let text = format!("https://h.example/{path}");
        if let Ok(url) = UnsignedUrl::parse(&text) {
            let signer = Signer::new("K2JCJMDEHXQW5F".parse().unwrap(), private_key("p256-pkcs8.pem"));
            let policy = Policy::canned(&url.resource(), Timestamp::from_unix(1_800_000_000).unwrap());
            prop_assert_eq!(policy.is_err(), path.contains('*'));
            let Ok(policy) = policy else { return Ok(()) };
            let signed = SignedUrl::new(&url, &signer.sign(policy).unwrap());
            let empty_query = path.find('?').is_some_and(|start| start + 1 == path.len());
            prop_assert_eq!(strip(signed.as_str()), if empty_query { &text[..text.len() - 1] } else { &text });
            prop_assert!(signed.as_str().starts_with(&text));
        }
    }

    #[test]
    fn a_policy_is_read_as_it_was_written(expires in 2i64..4_000_000_000, start in proptest::option::of(0i64..4_000_000_000), ip in proptest::option::of(any::<u32>()), bits in 0u8..=32) {
        let conditions = Conditions {
            expires: Timestamp::from_unix(expires).unwrap(),
            starts: start.map(|start| Timestamp::from_unix(start % expires).unwrap()),
            ip: ip.map(|ip| format!("{}/{bits}", std::net::Ipv4Addr::from(ip)).parse().unwrap()),
        };
        let resource: Resource = "https://h.example/*?x=<&>".replace(['<', '>'], "").parse().unwrap();
        let policy = Policy::custom(&resource, conditions).unwrap();
        let read = Policy::from_json("policy", policy.as_str()).unwrap();
        prop_assert_eq!(read, policy);
    }

    #[test]
    fn policies_are_read_or_refused(text in "[{}\\[\\]\",:a-zA-Z0-9 .-]{0,80}") {
        let _ = Policy::from_json("policy", &text);
    }

    #[test]
    fn damaged_policies_are_read_or_refused(place in 0usize..150, byte in any::<char>()) {
        let mut text: Vec<char> = r#"{"Statement":[{"Resource":"https://h.example/a","Condition":{"DateLessThan":{"AWS:EpochTime":1800000000},"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"}}}]}"#.chars().collect();
        let place = place % text.len();
        text[place] = byte;
        let text: String = text.into_iter().collect();
        if let Ok(policy) = Policy::from_json("policy", &text) {
            prop_assert_eq!(policy.as_str(), text.chars().filter(|c| !" \t\r\n".contains(*c) || *c == byte && in_string(&text, place)).collect::<String>());
        }
    }
}

/// Whether the character at `place` stands between quotes.
fn in_string(text: &str, place: usize) -> bool {
    text.chars().take(place).filter(|c| *c == '"').count() % 2 == 1
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_a_key_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = KeyFile::read("key", &bytes);
        let _ = KeyFile::read("key", &[&[0x30, 0x82][..], &bytes].concat());
        let _ = KeyFile::read("key", &[b"-----BEGIN PRIVATE KEY-----\n", &bytes[..], b"\n-----END PRIVATE KEY-----\n"].concat());
    }

    /// A key with one changed byte may still be a key (its CRT numbers are not all used), but is
    /// never a panic.
    #[test]
    fn damaged_keys_are_read_or_refused(file in proptest::sample::select(vec!["rsa2048-pkcs8.der", "rsa2048-pkcs1.der", "p256-pkcs8.der", "p256-sec1.der", "rsa2048-public.der", "rsa2048-encrypted.der", "rsa2048-pkcs8.pem"]), place in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = std::fs::read(root().join("tests/keys").join(file)).unwrap();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        if cut {
            bytes.truncate(place);
        }
        if let Ok(file) = KeyFile::read("key", &bytes) {
            // Opening an encrypted key takes a while, so only changes in its head, which says how
            // that is done.
            if !matches!(file.content(), KeyContent::Encrypted(_)) || place < 60 {
                let _ = file.into_private(Some(b"correct horse")).map(|key| key.sign(HashAlgorithm::Sha1, b"message"));
            }
        }
    }
}

/// RFC 3986, sections 3.2.1 to 3.2.3.
#[test]
fn an_authority_is_user_information_host_and_port() {
    for (authority, host, port) in [
        ("h.example", "h.example", None),
        ("h.example:8443", "h.example", Some("8443")),
        ("h.example:", "h.example", Some("")),
        ("user:password@h.example:80", "h.example", Some("80")),
        ("user:password@h.example", "h.example", None),
        ("a@b@h", "h", None),
        ("[2001:db8::1]", "[2001:db8::1]", None),
        ("[2001:db8::1]:443", "[2001:db8::1]", Some("443")),
        ("u@[::1]:8", "[::1]", Some("8")),
    ] {
        let url = format!("https://{authority}/a:b@c?d://e");
        let parts = UrlParts::parse(&url);
        assert_eq!((parts.host(), parts.port()), (host, port), "{url}");
        assert_eq!((parts.scheme, parts.path), (Some("https"), "/a:b@c"));
        assert_eq!(
            (parts.query, parts.to_string()),
            (Some("d://e"), url.clone())
        );
    }
}

/// RFC 3986, section 3.2.3: a port is digits; a wildcard stands for some.
#[test]
fn ports_of_resources() {
    for (resource, valid) in [
        ("https://h.example:8443/*", true),
        ("https://h.example:8*/a", true),
        ("https://h.example:*/a", true),
        ("https://h.example:80?x=1", true),
        ("https://h.example:x*/a", false),
        ("https://h.example:99999/a", false),
    ] {
        assert_eq!(resource.parse::<Resource>().is_ok(), valid, "{resource}");
    }
}

/// RFC 4632: an address is in a block if their first bits are the same; RFC 1918: private
/// addresses.
#[test]
fn addresses_and_their_blocks() {
    for (block, inside, outside) in [
        ("192.0.2.0/24", "192.0.2.0", "192.0.3.0"),
        ("192.0.2.0/24", "192.0.2.255", "192.0.1.255"),
        ("192.0.2.129/25", "192.0.2.128", "192.0.2.127"),
        ("192.0.2.10", "192.0.2.10", "192.0.2.11"),
        ("128.0.0.0/1", "255.255.255.255", "127.255.255.255"),
    ] {
        let range: IpRange = block.parse().unwrap();
        assert!(range.contains(inside.parse().unwrap()), "{block} {inside}");
        assert!(
            !range.contains(outside.parse().unwrap()),
            "{block} {outside}"
        );
    }
    let all: IpRange = "0.0.0.0/0".parse().unwrap();
    assert!(all.contains("255.255.255.255".parse().unwrap()));
    for (address, private) in [
        ("10.255.0.1", true),
        ("172.31.0.0/16", true),
        ("172.32.0.0/16", false),
        ("192.168.0.0/24", true),
        ("192.169.0.0/24", false),
        ("127.0.0.1", true),
        ("128.0.0.1", false),
    ] {
        assert_eq!(
            address.parse::<IpRange>().unwrap().is_private(),
            private,
            "{address}"
        );
    }
}

/// RFC 3986, sections 2 and 3.1; the host is left to IDNA, and a quote is encoded where the
/// WHATWG's URL standard does.
#[test]
fn what_a_url_cannot_contain_is_encoded() {
    for (text, encoded) in [
        (
            "https://h.example/a b%20c%",
            "https://h.example/a%20b%20c%25",
        ),
        (
            "https://b\u{fc}cher.example/\u{fc}",
            "https://b\u{fc}cher.example/%C3%BC",
        ),
        ("https://h.example/'?b='", "https://h.example/'?b=%27"),
        ("https://h.example/*?*", "https://h.example/%2A?%2A"),
        ("1:// /a b", "1://%20/a%20b"),
        ("a b?'", "a%20b?%27"),
    ] {
        assert_eq!(encode(text), encoded, "{text}");
    }
}

/// A pattern and a URL are compared if each is at most as long as CloudFront accepts.
#[test]
fn what_is_too_long_is_not_compared() {
    let start = "https://h.example/";
    let longest = SignedUrl::LONGEST - start.len();
    for (pattern, url, covered) in [
        ("*a".into(), "a".repeat(longest), true),
        ("*a".into(), "a".repeat(longest + 1), false),
        ("*".repeat(longest), "a".into(), true),
        ("*".repeat(longest + 1), "a".into(), false),
    ] {
        let lengths = (pattern.len(), url.len());
        let resource: Resource = format!("{start}{pattern}").parse().unwrap();
        assert_eq!(
            resource.covers(&format!("{start}{url}")),
            covered,
            "{lengths:?}"
        );
    }
}

/// Matching that goes back and tries again would take longer than anybody waits.
#[test]
fn hostile_patterns_come_to_an_end() {
    // As long as a URL that is compared at all.
    let url = format!("https://h.example/{}", "a".repeat(8000));
    for pattern in [
        "*a".repeat(1000) + "b",
        "a*".repeat(1000) + "b",
        "?*".repeat(1000) + "b",
        "*".repeat(2000) + "b",
        "a?".repeat(1000) + "b*",
    ] {
        let resource: Resource = format!("https://h.example/{pattern}").parse().unwrap();
        assert!(!resource.covers(&url), "{}", &pattern[..10]);
    }
}

#[test]
fn values_are_text_wherever_text_is_taken() {
    fn text(value: impl AsRef<str>) -> String {
        value.as_ref().to_owned()
    }
    let address = "https://d111111abcdef8.cloudfront.net/a.jpg";
    let url: UnsignedUrl = address.parse().unwrap();
    let expires = Timestamp::from_unix(1_800_000_000).unwrap();
    let canned = r#"{"Statement":[{"Resource":"https://d111111abcdef8.cloudfront.net/a.jpg","Condition":{"DateLessThan":{"AWS:EpochTime":1800000000}}}]}"#;
    let resource: Resource = address.parse().unwrap();
    assert_eq!(text(Policy::canned(&resource, expires).unwrap()), canned);
    assert_eq!(text(url), address);
    assert_eq!(text(resource), address);
    assert_eq!(text(address.parse::<SignedUrl>().unwrap()), address);
    let id = "K2JCJMDEHXQW5F";
    assert_eq!(text(id.parse::<KeyPairId>().unwrap()), id);
}

#[test]
fn debug_shows_nothing_of_a_key_or_a_signature() {
    let key = private_key("rsa2048-pkcs8.pem");
    let file = std::fs::read(root().join("tests/keys/rsa2048-encrypted.pem")).unwrap();
    let encrypted = KeyFile::read("key", &file).unwrap();
    let command = SignCommand::new("vault write -field=signature KEY").unwrap();
    let shown_key = format!("{key:?}");
    let signer = Signer::new("K2JCJMDEHXQW5F".parse().unwrap(), key);
    let remote = Signer::remote(
        "K2JCJMDEHXQW5F".parse().unwrap(),
        HashAlgorithm::Sha256,
        |_, _| Ok(Vec::new()),
    );
    let url = UnsignedUrl::parse("https://h.example/a.jpg").unwrap();
    let expires = Timestamp::from_unix(1_800_000_000).unwrap();
    let signed = signer
        .sign(Policy::canned(&url.resource(), expires).unwrap())
        .unwrap();
    let signed_url = SignedUrl::new(&url, &signed);
    let parameters = SigningParameters::of_url(signed_url.as_str());
    let received = Received::decode(&parameters, url.as_str());
    let cookies = CookieSet::parse("Cookie: CloudFront-Signature=Zm9v").unwrap();
    for (shown, expected) in [
        (shown_key, "PrivateKey(RSA 2048)"),
        (
            format!("{encrypted:?}"),
            "KeyFile { name: \"key\", content: Encrypted(EncryptedKey), structure: \"encrypted PKCS#8\", encoding: \"PEM\", id: None }",
        ),
        (
            format!("{signer:?}"),
            "Signer { key_pair_id: KeyPairId(\"K2JCJMDEHXQW5F\"), key: PrivateKey(RSA 2048), hash: Sha1 }",
        ),
        (
            format!("{command:?}"),
            "SignCommand { public_key: None, timeout: 60s, .. }",
        ),
        (
            format!("{remote:?}"),
            "Signer { key_pair_id: KeyPairId(\"K2JCJMDEHXQW5F\"), key: Remote, hash: Sha256 }",
        ),
        (
            format!("{signed:?}"),
            &format!(
                "SignedPolicy {{ policy: {:?}, key_pair_id: KeyPairId(\"K2JCJMDEHXQW5F\"), hash: Sha1, .. }}",
                signed.policy()
            ),
        ),
        (
            format!("{signed_url:?}"),
            "SignedUrl(\"https://h.example/a.jpg?...\")",
        ),
        (
            format!("{:?}", SignedCookies::new(&signed)),
            r#"["CloudFront-Expires", "CloudFront-Signature", "CloudFront-Key-Pair-Id"]"#,
        ),
        (
            format!("{parameters:?}"),
            r#"["Expires", "Signature", "Key-Pair-Id"]"#,
        ),
        (
            format!("{received:?}"),
            "Received { hash: Ok(Sha1), undocumented: None, .. }",
        ),
        (
            format!("{:?}", received.policy),
            "Ok(PolicyText { policy_type: Canned, .. })",
        ),
        (
            format!("{cookies:?}"),
            "CookieSet([Request { authority: None, target: None, sent: [Cookie(\"CloudFront-Signature\")], set: [] }])",
        ),
        (
            format!("{:?}", url.resource().matcher()),
            r#"Matcher("https://h.example/a.jpg")"#,
        ),
    ] {
        assert_eq!(shown, expected);
    }
}
