//! The comparison of two texts: labelled rows, whose sentences were written from the documentation
//! of what systems do to URLs, and two properties for any texts.

use cfsign::verify::compare::{Change, expiry, policy, sentence, url};

fn kinds(changes: &[Change]) -> String {
    let mut kinds: Vec<String> = Vec::new();
    for change in changes {
        let kind = serde_json::to_string(&change.kind).unwrap_or_default();
        let kind = kind.trim_matches('"').to_owned();
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds.join(" ")
}

/// A signed and a requested URL without `https://cdn.example.com`, where that is all the same, and
/// the kinds and the sentence expected.
struct Row(&'static str, &'static str, &'static str, &'static str);

fn check(rows: &[Row], is_pattern: bool) {
    let mut wrong = Vec::new();
    for Row(signed, received, expected_kinds, expected) in rows {
        let whole = |text: &str| match text.strip_prefix('/') {
            Some(_) => format!("https://cdn.example.com{text}"),
            None => text.to_owned(),
        };
        let changes = url(&whole(signed), &whole(received), is_pattern);
        let found = (kinds(&changes), sentence(&changes).unwrap_or_default());
        if (found.0.as_str(), found.1.as_str()) != (*expected_kinds, *expected) {
            wrong.push(format!("{signed} -> {received}\n  expected {expected_kinds}: {expected}\n  found    {}: {}", found.0, found.1));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn urls() {
    check(
        &[
            Row("/a.jpg", "/a.jpg", "", ""),
            // Parameters.
            Row(
                "/a.jpg",
                "/a.jpg?utm_source=x",
                "parameter-added",
                "the query parameter \"utm_source=x\" was added after signing",
            ),
            Row(
                "/a?w=1",
                "/a?u=1&w=1&v=2",
                "parameter-added",
                "the query parameters \"u=1\" and \"v=2\" were added after signing",
            ),
            Row(
                "/a",
                "/a?a=1&b=2&c=3&d=4&e=5",
                "parameter-added",
                "the query parameters \"a=1\", \"b=2\", \"c=3\" and 2 more were added after signing",
            ),
            Row(
                "/a?tag=&v=3",
                "/a?v=3",
                "parameter-removed",
                "the query parameter \"tag=\" was removed after signing",
            ),
            Row(
                "/a?w=200",
                "/a?w=400",
                "parameter-changed",
                "the query parameter \"w=200\" was signed, but \"w=400\" was requested",
            ),
            Row(
                "/a?userId=1",
                "/a?user_id=1",
                "parameter-changed",
                "the query parameter \"userId=1\" was signed, but \"user_id=1\" was requested (another spelling of the name)",
            ),
            Row(
                "/a?Name=x",
                "/a?name=x",
                "parameter-changed",
                "the query parameter \"Name=x\" was signed, but \"name=x\" was requested (upper and lower case)",
            ),
            Row(
                "/a?id=4&Key-Pair-Id=K1",
                "/a?id=4",
                "parameter-removed",
                "the query parameter \"Key-Pair-Id=K1\" was removed after signing (CloudFront removes signing parameters)",
            ),
            // A query serialized again is one event.
            Row(
                "/a?b=1&a=2",
                "/a?a=2&b=1",
                "parameter-order",
                "the query parameters were reordered after signing",
            ),
            Row(
                "/a?t=10:30",
                "/a?t=10%3A30",
                "query-encoding",
                "the query was rewritten after signing (percent-encoding): \"t=10:30\" was signed, but \"t=10%3A30\" was requested",
            ),
            Row(
                "/a?t=10:30&name=John%20Doe",
                "/a?name=John+Doe&t=10%3A30&utm_source=x",
                "parameter-order query-encoding parameter-added",
                "the query was rewritten after signing (another order, percent-encoding, spaces as + or %20): \"t=10:30\" was signed, but \"t=10%3A30\" was requested, and 1 more changed; the query parameter \"utm_source=x\" was added after signing",
            ),
            Row(
                "/a?flag&v=3",
                "/a?flag=&v=3",
                "query-encoding",
                "the query was rewritten after signing (empty values with or without =): \"flag\" was signed, but \"flag=\" was requested",
            ),
            Row(
                "/a?t[]=1&t[]=2",
                "/a?t%5B0%5D=1&t%5B1%5D=2",
                "query-encoding",
                "the query was rewritten after signing (another form of arrays): \"t[]=1\" was signed, but \"t%5B0%5D=1\" was requested, and 1 more changed",
            ),
            Row(
                "/a?t=1&t=2",
                "/a?t=1%2C2",
                "query-encoding",
                "the query was rewritten after signing (another form of arrays): \"t=1\" was signed, but \"t=1%2C2\" was requested, and 1 more changed",
            ),
            Row(
                "/a?t=1,2",
                "/a?t[]=1&t[]=2",
                "query-encoding",
                "the query was rewritten after signing (another form of arrays): \"t=1,2\" was signed, but \"t[]=1\" was requested, and 1 more changed",
            ),
            Row(
                "/a?x=1&y=2",
                "/a?x=1;y=2",
                "query-encoding",
                "the query was rewritten after signing (; or & between parameters): \"&\" was signed, but \";\" was requested",
            ),
            Row(
                "/a?x=1&amp;y=2",
                "/a?x=1&y=2",
                "url-text",
                "the HTML escape \"&amp;\" was signed, but \"&\" was requested",
            ),
            Row(
                "/a?f=x;y&v=3",
                "/a?f=x%3By&v=3",
                "query-encoding",
                "the query was rewritten after signing (percent-encoding): \"f=x;y\" was signed, but \"f=x%3By\" was requested",
            ),
            Row(
                "/a?u=%2Fb%20c",
                "/a?u=%252Fb%2520c",
                "query-encoding",
                "the query was rewritten after signing (percent-encoded twice): \"u=%2Fb%20c\" was signed, but \"u=%252Fb%2520c\" was requested",
            ),
            Row(
                "/a?",
                "/a",
                "query-encoding",
                "the empty query \"?\" was removed after signing",
            ),
            // Scheme, host, port.
            Row(
                "https://h.example/a",
                "http://h.example/a",
                "scheme",
                "the scheme \"https\" was signed, but \"http\" was requested",
            ),
            Row(
                "https://CDN.example/a",
                "https://cdn.example/a",
                "host",
                "the host \"CDN.example\" was signed, but \"cdn.example\" was requested (upper and lower case)",
            ),
            Row(
                "https://h.example/a",
                "https://h.example./a",
                "host",
                "the host \"h.example\" was signed, but \"h.example.\" was requested (a dot at the end)",
            ),
            Row(
                "https://h.example/a",
                "https://www.h.example/a",
                "host",
                "the host \"h.example\" was signed, but \"www.h.example\" was requested (with and without www)",
            ),
            Row(
                "https://bücher.example/a",
                "https://xn--bcher-kva.example/a",
                "host",
                "the host \"bücher.example\" was signed, but \"xn--bcher-kva.example\" was requested (Punycode)",
            ),
            Row(
                "https://b.s3.amazonaws.com/a",
                "https://cdn.example.com/a",
                "host",
                "the host \"b.s3.amazonaws.com\" was signed, but \"cdn.example.com\" was requested (an S3 bucket; clients request the distribution)",
            ),
            Row(
                "https://d1.cloudfront.net/a",
                "https://cdn.example.com/a",
                "host",
                "the host \"d1.cloudfront.net\" was signed, but \"cdn.example.com\" was requested",
            ),
            Row(
                "https://h.example:8443/a",
                "https://h.example/a",
                "port",
                "the port \"8443\" was removed after signing",
            ),
            Row(
                "https://h.example/a",
                "https://h.example:443/a",
                "port",
                "the port \"443\" was added after signing",
            ),
            Row(
                "cdn.example.com/a",
                "https://cdn.example.com/a",
                "scheme",
                "the scheme \"https\" was added after signing (the URL was signed without it)",
            ),
            Row(
                "videos/a.mp4?x=1",
                "https://h.example/videos/a.mp4?x=1",
                "host",
                "the beginning \"https://h.example\" was added after signing (only the path was signed)",
            ),
            Row(
                "/a.pdf#page=2",
                "/a.pdf",
                "fragment",
                "the fragment \"#page=2\" was removed after signing (clients do not send it)",
            ),
            // Paths.
            Row(
                "/a%20b/c.pdf",
                "/a%20b%2Fc.pdf",
                "path-encoding",
                "the path \"/a%20b/c.pdf\" was signed, but \"/a%20b%2Fc.pdf\" was requested (percent-encoding)",
            ),
            Row(
                "/a%2Fb",
                "/a%2fb",
                "path-encoding",
                "the path segment \"a%2Fb\" was signed, but \"a%2fb\" was requested (hexadecimal digits in another case)",
            ),
            Row(
                "/a b/c+d",
                "/a+b/c+d",
                "path-encoding",
                "the path segment \"a b\" was signed, but \"a+b\" was requested (spaces as + or %20)",
            ),
            Row(
                "/a+b%2Bc",
                "/a%20b+c",
                "path-encoding",
                "the path segment \"a+b%2Bc\" was signed, but \"a%20b+c\" was requested (spaces as + or %20, percent-encoding)",
            ),
            Row(
                "/r+é",
                "/r%2B%C3%A9",
                "path-encoding",
                "the path segment \"r+é\" was signed, but \"r%2B%C3%A9\" was requested (percent-encoding)",
            ),
            Row(
                "/caf%E9",
                "/caf%C3%A9",
                "path-encoding",
                "the path segment \"caf%E9\" was signed, but \"caf%C3%A9\" was requested (Latin-1 or UTF-8)",
            ),
            Row(
                "/caf%C3%A9",
                "/cafe%CC%81",
                "path-encoding",
                "the path segment \"caf%C3%A9\" was signed, but \"cafe%CC%81\" was requested (Unicode normalization)",
            ),
            Row(
                "/my%20file",
                "/my%2520file",
                "path-encoding",
                "the path segment \"my%20file\" was signed, but \"my%2520file\" was requested (percent-encoded twice)",
            ),
            Row(
                "/%C3%AB",
                "/%C3%83%C2%AB",
                "path-encoding",
                "the path segment \"%C3%AB\" was signed, but \"%C3%83%C2%AB\" was requested (UTF-8 read as Latin-1)",
            ),
            Row(
                "/a/b.jpg",
                "/a/%E2%80%8Bb.jpg",
                "url-text",
                "the path segment \"b.jpg\" was signed, but \"%E2%80%8Bb.jpg\" was requested (invisible characters)",
            ),
            Row(
                "/a/b.jpg",
                "/a/%C2%A0b.jpg",
                "url-text",
                "the path segment \"b.jpg\" was signed, but \"%C2%A0b.jpg\" was requested (white space)",
            ),
            Row(
                "/it's",
                "/it%E2%80%99s",
                "url-text",
                "the path segment \"it's\" was signed, but \"it%E2%80%99s\" was requested (typographic quotes or dashes)",
            ),
            Row(
                "/Img/productHero.png",
                "/img/producthero.png",
                "path",
                "the path segment \"Img\" was signed, but \"img\" was requested, and 1 more changed (upper and lower case)",
            ),
            Row(
                "/docs%5Cr.m3u8",
                "/docs/r.m3u8",
                "path-encoding",
                "the path \"/docs%5Cr.m3u8\" was signed, but \"/docs/r.m3u8\" was requested (backslashes)",
            ),
            Row(
                "/a//b.png",
                "/a/b.png",
                "path",
                "the path \"/a//b.png\" was signed, but \"/a/b.png\" was requested (empty and dot segments)",
            ),
            Row(
                "/a/x/../b",
                "/a/b",
                "path",
                "the path \"/a/x/../b\" was signed, but \"/a/b\" was requested (empty and dot segments)",
            ),
            Row(
                "/a.csv",
                "/a.csv/",
                "path",
                "the trailing slash \"/\" was added after signing",
            ),
            Row(
                "/a.csv/?p=2",
                "/a.csv?p=2",
                "path",
                "the trailing slash \"/\" was removed after signing",
            ),
            Row(
                "/prod/v/a.jpg",
                "/v/a.jpg",
                "path",
                "the path segment \"prod\" was removed after signing",
            ),
            Row(
                "/a.jpg",
                "/cdn/a.jpg/",
                "path",
                "the trailing slash \"/\" was added after signing; the path segment \"cdn\" was added after signing",
            ),
            Row(
                "/docs/s.mp4",
                "/_next/static/docs/s.mp4",
                "path",
                "the path segments \"_next\" and \"static\" were added after signing",
            ),
            Row(
                "/files/x/a.pdf",
                "/cdn/x/a.pdf",
                "path",
                "the path segment \"files\" was signed, but \"cdn\" was requested",
            ),
            Row(
                "/x/a.jpg",
                "/x/a.webp",
                "path",
                "the path segment \"a.jpg\" was signed, but \"a.webp\" was requested",
            ),
            Row(
                "/x/index.html",
                "/x/",
                "path",
                "the path segment \"index.html\" was removed after signing",
            ),
            Row(
                "/x/a.pdf",
                "/x/a.pdf;jsessionid=1F",
                "path",
                "the path segment \"a.pdf\" was signed, but \"a.pdf;jsessionid=1F\" was requested",
            ),
            Row(
                "/who%3Fme.pdf",
                "/who?me.pdf",
                "path-encoding",
                "the path \"/who%3Fme.pdf\" was signed, but \"/who?me.pdf\" was requested (percent-encoding)",
            ),
            // Several at once, each in its sentence.
            Row(
                "https://h.example/prod/a.pdf",
                "http://www.h.example/a.pdf/",
                "scheme host path",
                "the scheme \"https\" was signed, but \"http\" was requested; the host \"h.example\" was signed, but \"www.h.example\" was requested (with and without www); the trailing slash \"/\" was added after signing; the path segment \"prod\" was removed after signing",
            ),
            // A pattern with a canned policy; a `*` that is requested too is none.
            Row(
                "/v/*",
                "/v/a.ts",
                "policy-type",
                "the pattern \"https://cdn.example.com/v/*\" was signed, but \"https://cdn.example.com/v/a.ts\" was requested (a canned policy covers one URL)",
            ),
            Row(
                "http*://h.example/a",
                "https://h.example/a",
                "policy-type",
                "the pattern \"http*://h.example/a\" was signed, but \"https://h.example/a\" was requested (a canned policy covers one URL)",
            ),
            Row(
                "/a?star=a*b",
                "/a?star=a*b&x=1",
                "parameter-added",
                "the query parameter \"x=1\" was added after signing",
            ),
        ],
        false,
    );
}

#[test]
fn patterns() {
    check(
        &[
            Row("/v/*", "/v/a/b.ts?x=1", "", ""),
            Row(
                "/v/*",
                "/w/a/b.ts?x=1",
                "path",
                "the path segment \"v\" was signed, but \"w\" was requested",
            ),
            Row(
                "/v/*",
                "//v/./a.ts",
                "path",
                "the path \"/v/*\" was signed, but \"//v/./a.ts\" was requested (empty and dot segments)",
            ),
            Row(
                "/v/*.m3u8",
                "/v/1.ts",
                "path",
                "the path segment \"*.m3u8\" was signed, but \"1.ts\" was requested",
            ),
            Row(
                "/v/*.mp4",
                "/w/x/y.mp4",
                "path",
                "the path segment \"v\" was signed, but \"w\" was requested",
            ),
            Row(
                "http*://h.example/v/*",
                "https://i.example/v/a",
                "host",
                "the host \"h.example\" was signed, but \"i.example\" was requested",
            ),
            Row(
                "*.example.com/v/*",
                "https://cdn.example.com/w/a",
                "path",
                "the path segment \"v\" was signed, but \"w\" was requested",
            ),
            Row(
                "/a.mp4?q=*",
                "/a.mp4?r=1",
                "parameter-removed parameter-added",
                "the query parameter \"q=*\" was removed after signing; the query parameter \"r=1\" was added after signing",
            ),
            Row(
                "/a.mp4?q=*",
                "/b.mp4?q=1&r=2",
                "path",
                "the path segment \"a.mp4\" was signed, but \"b.mp4\" was requested",
            ),
            Row(
                "https://h.example/a",
                "https://h.example/a?x=1",
                "parameter-added",
                "the query parameter \"x=1\" was added after signing",
            ),
            Row(
                "/my%20files/*",
                "/my%2520files/a",
                "path-encoding",
                "the path segment \"my%20files\" was signed, but \"my%2520files\" was requested (percent-encoded twice)",
            ),
        ],
        true,
    );
}

#[test]
fn expiries() {
    let rows = [
        ("1800000000", "1800000000", ""),
        (
            "\"1800000000\"",
            "1800000000",
            "the expiry \"1800000000\" was signed, but 1800000000 was received (signed in quotes)",
        ),
        (
            "1800000000.0",
            "1800000000",
            "the expiry 1800000000.0 was signed, but 1800000000 was received (signed as a floating-point number)",
        ),
        (
            "1800000000.25",
            "1800000000",
            "the expiry 1800000000.25 was signed, but 1800000000 was received (signed with a fraction of a second)",
        ),
        (
            "1.8e9",
            "1800000000",
            "the expiry 1.8e9 was signed, but 1800000000 was received (signed with an exponent)",
        ),
        (
            "1800000000000",
            "1800000000",
            "the expiry 1800000000000 was signed, but 1800000000 was received: milliseconds were signed",
        ),
        (
            "1800000000",
            "1800000000123",
            "the expiry 1800000000 was signed, but 1800000000123 was received: milliseconds were received",
        ),
        (
            "1800000000",
            "1800007200",
            "the expiry 1800000000 was signed, but 1800007200 was received, 2 hours later: another time zone?",
        ),
        (
            "1800020700",
            "1800000000",
            "the expiry 1800020700 was signed, but 1800000000 was received, 5 hours 45 minutes earlier: another time zone?",
        ),
        (
            "1800000000",
            "1800000002",
            "the expiry 1800000000 was signed, but 1800000002 was received, 2 seconds later: rounded to an hour or computed twice?",
        ),
        (
            "1800000007",
            "1800000009",
            "the expiry 1800000007 was signed, but 1800000009 was received, 2 seconds later: computed twice?",
        ),
        (
            "1800000007",
            "1800864007",
            "the expiry 1800000007 was signed, but 1800864007 was received, 10 days later",
        ),
        (
            "soon",
            "1800000000",
            "the expiry soon was signed, but 1800000000 was received",
        ),
    ];
    for (signed, received, expected) in rows {
        let changes = expiry(signed, received);
        assert_eq!(sentence(&changes).unwrap_or_default(), expected);
        assert!(
            changes
                .iter()
                .all(|change| change.signed.as_deref() == Some(signed))
        );
    }
}

const CANNED: &str = r#"{"Statement":[{"Resource":"https://cdn.example.com/a?x=1&y=2","Condition":{"DateLessThan":{"AWS:EpochTime":1800000000}}}]}"#;

#[test]
fn policies() {
    let utf16: Vec<u8> = CANNED.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let pretty = "{\r\n  \"Statement\": [{\"Resource\":\"https://cdn.example.com/a?x=1&y=2\",\"Condition\":{\"DateLessThan\":{\"AWS:EpochTime\":1800000000}}}]\r\n}";
    let rows: Vec<(Vec<u8>, &str)> = vec![
        (CANNED.into(), ""),
        (CANNED.replace(':', ": ").into(), ""),
        (utf16, "the policy was signed in UTF-16"),
        (format!("\u{feff}{CANNED}\n").into(), "the policy was signed with a byte-order mark, with a line break at the end"),
        (format!("{CANNED};").into(), "the policy was signed with \";\" at the end"),
        (serde_json::to_string(CANNED).unwrap_or_default().into(), "the policy was signed as a JSON string"),
        (CANNED.replace('"', "'").into(), "the policy was signed with single quotes"),
        (pretty.into(), "the policy was signed with CRLF line breaks"),
        (CANNED.replace(",\"", ", \"").into(), "the policy was signed with spaces"),
        (CANNED.replace("/a", "\\/a").into(), "the policy was signed with \\/ for /"),
        (CANNED.replace('&', "\\u0026").into(), "the policy was signed with \\u0026 for &"),
        (CANNED.replace("[{", "{").replace("}]}", "}}").into(), "the policy was signed with Statement as an object"),
        (CANNED.replace("Condition", "Conditions").into(), "the policy was signed with \"Conditions\" for \"Condition\""),
        (CANNED.replace("{\"Statement", "{\"Version\":\"2012-10-17\",\"Statement").into(), "the policy was signed with \"Version\""),
        (
            r#"{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":1800000000}},"Resource":"https://cdn.example.com/a?x=1&y=2"}]}"#.into(),
            "the policy was signed with its keys in another order",
        ),
        (CANNED.replace("1800000000", "1800003600").into(), "another policy text was signed"),
        (b"hello".into(), "the policy was signed without \"Statement\", without \"Resource\", without \"Condition\", without \"DateLessThan\", without \"AWS:EpochTime\""),
    ];
    for (signed, expected) in rows {
        let changes = policy(&signed, CANNED.as_bytes());
        let shown = String::from_utf8_lossy(&signed).into_owned();
        assert_eq!(changes.is_empty(), signed == CANNED.as_bytes(), "{shown}");
        if !expected.is_empty() {
            assert_eq!(sentence(&changes).unwrap_or_default(), expected, "{shown}");
        }
    }
    let spaced = CANNED.replace(",\"", ", \"");
    let changes = policy(CANNED.as_bytes(), spaced.as_bytes());
    assert_eq!(
        sentence(&changes).unwrap_or_default(),
        "the signed policy was received with spaces"
    );
}

/// A small generator of numbers (Marsaglia, "Xorshift RNGs", 2003), so that a failure can be
/// repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

#[test]
fn differences_are_found_and_their_pieces_stand_in_the_texts() {
    const PARTS: [&str; 40] = [
        "https://",
        "http*://",
        "*",
        "cdn.example.com",
        ":443",
        "/",
        "a",
        "A",
        "b.jpg",
        "?",
        "&",
        "=",
        "x=1",
        "y[]=2",
        "y[0]=2",
        "y=1,2",
        "%20",
        "+",
        " ",
        "%2F",
        "%2f",
        "%25",
        "%",
        ";",
        "&amp;",
        "#",
        ".",
        "..",
        "é",
        "%C3%A9",
        "%E9",
        "\u{200b}",
        "index.html",
        "\\",
        "\"",
        "%3F",
        "@",
        "xn--",
        "Signature=1",
        "\\?",
    ];
    let mut random = Random(22);
    for _ in 0..3_000 {
        let mut text = || {
            let count = random.below(12);
            (0..count)
                .map(|_| PARTS[random.below(PARTS.len())])
                .collect::<String>()
        };
        let (signed, received) = (text(), text());
        for is_pattern in [false, true] {
            let changes = url(&signed, &received, is_pattern);
            let is_covered = || {
                let resource = signed.parse::<cfsign::Resource>();
                !is_pattern || resource.is_ok_and(|resource| !resource.covers(&received))
            };
            if changes.is_empty() {
                assert!(signed == received || is_pattern, "{signed:?} {received:?}");
            }
            if signed != received && is_covered() {
                assert!(!changes.is_empty(), "{signed:?} {received:?}");
            }
            check_pieces(&changes, &signed, &received);
        }
        check_pieces(&expiry(&signed, &received), &signed, &received);
        let policy_of =
            |text: &str| CANNED.replace("/a?x=1&y=2", &text.replace(['"', '\\'], "\\\""));
        let (signed, received) = (policy_of(&signed), policy_of(&received));
        let changes = policy(signed.as_bytes(), received.as_bytes());
        assert_eq!(changes.is_empty(), signed == received);
        check_pieces(&changes, &signed, &received);
    }
}

fn check_pieces(changes: &[Change], signed: &str, received: &str) {
    for change in changes {
        let stands = |piece: &Option<String>, text: &str| {
            piece
                .as_ref()
                .is_none_or(|piece| text.contains(piece.as_str()))
        };
        assert!(stands(&change.signed, signed), "{change:?} {signed:?}");
        assert!(
            stands(&change.received, received),
            "{change:?} {received:?}"
        );
        assert!(!change.text.is_empty());
    }
}

#[test]
fn hostile_texts_take_little_time() {
    let many = (0..2_000)
        .map(|n| format!("a{n}=%4{}", n % 10))
        .collect::<Vec<_>>()
        .join("&");
    let deep = "/a*b".repeat(2_000);
    let same = "a=1&".repeat(2_000);
    let pairs = [
        (format!("/a?{many}"), format!("/a?{many}&x")),
        (format!("/a?{same}"), format!("/a?b=1&{same}")),
        (deep.clone(), deep.replace('b', "c")),
        (format!("/a?{}", "a=1,".repeat(2_000)), format!("/a?{same}")),
    ];
    let start = std::time::Instant::now();
    for (signed, received) in pairs {
        for is_pattern in [false, true] {
            let (signed, received) = (
                format!("https://h.example{signed}"),
                format!("https://h.example{received}"),
            );
            assert!(!url(&signed, &received, is_pattern).is_empty());
        }
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
