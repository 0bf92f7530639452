//! Cookies in the forms in which clients record them, and the reasons for which none is sent.

use cfsign::verify::cookie::{CookieSet, Sent};
use cfsign::{SigningParameter, Timestamp};

const URL: &str = "https://cdn.example.com/v/a.m3u8";
const PAIRS: &str = "CloudFront-Policy=p; CloudFront-Signature=s; CloudFront-Key-Pair-Id=K1";

fn sent(text: &str, url: &str) -> Sent {
    let now = Timestamp::from_unix(1_795_564_800).unwrap();
    CookieSet::parse(text).unwrap().sent_to(url, now)
}

/// The policy that is sent, or the reasons why none is.
fn outcome(text: &str, url: &str) -> String {
    let sent = sent(text, url);
    match sent.parameters.get(SigningParameter::Policy) {
        Some(policy) if sent.withheld.is_empty() => policy.to_owned(),
        _ => sent.withheld,
    }
}

/// An entry of a HAR file: a request with the value of its `Cookie` header, and those of the
/// `Set-Cookie` headers of its answer.
fn entry(url: &str, cookie: &str, set: &[&str]) -> String {
    let header = |name: &str, value: &str| format!(r#"{{"name":"{name}","value":"{value}"}}"#);
    let sent = if cookie.is_empty() {
        String::new()
    } else {
        header("Cookie", cookie)
    };
    let set: Vec<String> = set
        .iter()
        .map(|value| header("Set-Cookie", value))
        .collect();
    format!(
        r#"{{"request":{{"url":"{url}","headers":[{sent}],"cookies":[]}},"response":{{"headers":[{}],"cookies":[]}}}}"#,
        set.join(",")
    )
}

fn har(entries: &[String]) -> String {
    format!(r#"{{"log":{{"entries":[{}]}}}}"#, entries.join(","))
}

#[test]
fn each_form_is_read() {
    for (form, text) in [
        ("Flutter map", r#"{"Cookie":"CloudFront-Policy=p;CloudFront-Signature=s;CloudFront-Key-Pair-Id=K1"}"#.to_owned()),
        ("Postman", r#"[{"key":"CloudFront-Policy","value":"p","domain":"cdn.example.com","path":"/","hostOnly":true}]"#.to_owned()),
        ("tough-cookie", r#"{"version":"tough-cookie@4.1.3","cookies":[{"key":"CloudFront-Policy","value":"p","path":"/"}]}"#.to_owned()),
        ("Firefox", r#"{"Response Cookies":{"CloudFront-Policy":{"httpOnly":true,"path":"/","value":"p"}}}"#.to_owned()),
        ("Python dict", "{'CloudFront-Policy': 'p', 'CloudFront-Signature': 's'}".to_owned()),
        ("YAML", "CloudFront-Policy: p\nCloudFront-Signature: s\n".to_owned()),
        ("environment", "CloudFront-Policy=\"p\"\nCloudFront-Signature=s\n".to_owned()),
        ("raw request", format!("GET /v/a.m3u8 HTTP/1.1\r\nHost: cdn.example.com\r\nCookie: {PAIRS}\r\n\r\n")),
        ("wget", format!("wget --header='Cookie: {PAIRS}' {URL}")),
        ("PowerShell's curl", format!("curl.exe \"{URL}\" `\n  -H \"accept: */*\" `\n  -H \"cookie: {PAIRS}\"")),
        ("bash's quotes", "curl -H $'cookie: CloudFront-Policy=p; note=it\\'s \\u0021; a=b' https://h.example/".to_owned()),
        ("a backslash in double quotes", "curl -H \"cookie: a=C:\\dir; CloudFront-Policy=p\" https://h.example/".to_owned()),
        ("joined flag", format!("curl '-bCloudFront-Policy=p' {URL}")),
        ("document.cookie in a console", format!("\"{PAIRS}\"\n")),
        ("Copy as fetch", format!("fetch(\"{URL}\", {{\n  \"headers\": {{\n    \"accept\": \"*/*\",\n    \"cookie\": \"{PAIRS}\"\n  }}\n}});")),
        ("jar from a terminal", "cdn.example.com    FALSE   /   TRUE    0   CloudFront-Policy   p\n".to_owned()),
        ("HAR", har(&[entry("https://cdn.example.com/login", "", &[]), entry(URL, PAIRS, &[])])),
        ("curl -v of another path", format!("> GET /x HTTP/2\n> Host: cdn.example.com\n> cookie: {PAIRS}\n>\n< HTTP/2 403\n")),
    ] {
        assert_eq!(outcome(&text, URL), "p", "{form}");
    }
}

#[test]
fn a_recorded_request_is_judged_by_what_it_sent() {
    let login = "https://cdn.example.com/login";
    let set = ["CloudFront-Policy=q; Path=/; Secure; HttpOnly"];
    let not_sent = "CloudFront-Policy not sent: an earlier response set them, but the request has no such cookies";
    let rows = [
        ("set, and sent by this request", har(&[entry(login, "", &set), entry(URL, PAIRS, &[])]), "p"),
        ("set, and not sent", har(&[entry(login, "", &set), entry(URL, "theme=dark", &[])]), not_sent),
        ("sent by another request only", har(&[entry(login, "", &set), entry("https://cdn.example.com/v/b", PAIRS, &[]), entry(URL, "a=b", &[])]), not_sent),
        ("set after the request", har(&[entry(URL, "a=b", &[]), entry(login, "", &set)]), ""),
        (
            "set for another folder",
            har(&[entry(login, "", &["CloudFront-Policy=q; Path=/images"]), entry(URL, "a=b", &[])]),
            "CloudFront-Policy not sent: Path \"/images\" does not cover the URL",
        ),
        ("this URL was not requested", har(&[entry(login, "", &set)]), "q"),
        (
            "another host only",
            har(&[entry("https://other.example/v/a.m3u8", PAIRS, &[])]),
            "CloudFront-Policy, CloudFront-Signature, CloudFront-Key-Pair-Id not sent: Domain \"other.example\" does not cover the host \"cdn.example.com\"",
        ),
        (
            "curl -v: login, then the request without its cookies",
            "> POST /login HTTP/2\n> Host: cdn.example.com\n< HTTP/2 200\n< set-cookie: CloudFront-Policy=q; Path=/\n> GET /v/a.m3u8 HTTP/2\n> Host: cdn.example.com\n< HTTP/2 403\n".to_owned(),
            not_sent,
        ),
        (
            "curl -v: a header of its own",
            "> GET /v/a.m3u8 HTTP/2\n> Host: cdn.example.com\n> CloudFront-Policy: p\n< HTTP/2 403\n".to_owned(),
            "CloudFront-Policy not sent: sent as a header of its own, not in the Cookie header",
        ),
    ];
    for (what, text, expected) in rows {
        assert_eq!(outcome(&text, URL), expected, "{what}");
    }
}

#[test]
fn browsers_drop_cookies_for_a_reason() {
    let long = format!("Set-Cookie: CloudFront-Policy={}", "p".repeat(4_079));
    let rows = [
        (
            "Set-Cookie: CloudFront-Policy=p; SameSite=None",
            "CloudFront-Policy not sent: browsers reject SameSite=None without Secure",
        ),
        (
            "Set-Cookie: CloudFront-Policy=p; SameSite=None; Secure",
            "p",
        ),
        (
            long.as_str(),
            "CloudFront-Policy not sent: 4097 bytes; browsers keep at most 4096",
        ),
        (
            "Set-Cookie: CloudFront-Policy=p; Domain=com",
            "CloudFront-Policy not sent: Domain \"com\" is a public suffix, which browsers reject",
        ),
        ("Set-Cookie: CloudFront-Policy=p; Domain=example.com", "p"),
        (
            "Set-Cookie: CloudFront-Policy=p; Path=/; CloudFront-Signature=s",
            "CloudFront-Signature not sent: behind another cookie in one Set-Cookie line, of which browsers keep the first",
        ),
        (
            "Set-Cookie: CloudFront-Policy=p; Path=/, CloudFront-Signature=s; Path=/",
            "CloudFront-Signature not sent: behind another cookie in one Set-Cookie line, of which browsers keep the first",
        ),
        (
            "Cookie: CloudFront-Policy=p, CloudFront-Signature=s",
            "CloudFront-Policy, CloudFront-Signature not sent: separated by a comma, which makes it part of the value before",
        ),
        (
            r#"[{"name":"CloudFront-Policy","value":"p","sameSite":"no_restriction","secure":false}]"#,
            "CloudFront-Policy not sent: browsers reject SameSite=None without Secure",
        ),
        (
            "curl -H 'CloudFront-Policy: p' https://h.example/",
            "CloudFront-Policy not sent: sent as a header of its own, not in the Cookie header",
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(outcome(text, URL), expected, "{text}");
    }
}

#[test]
fn quotes_around_a_value_are_reported() {
    let sent = sent(
        "Cookie: CloudFront-Policy=\"p\"; CloudFront-Signature=s",
        URL,
    );
    assert_eq!(sent.parameters.get(SigningParameter::Policy), Some("p"));
    assert!(sent.has_quotes);
}

/// What is not read is an error, never a request without cookies.
#[test]
fn other_forms_are_errors() {
    let unsupported = "contains cookies of CloudFront in a form that is not supported";
    let rows = [
        (
            "Copy as fetch on one line",
            r#"fetch("https://h.example/a", {"headers": {"cookie": "CloudFront-Policy=p"}});"#,
            unsupported,
        ),
        (
            "Copy as PowerShell",
            "$session.Cookies.Add((New-Object System.Net.Cookie(\"CloudFront-Policy\", \"p\", \"/\", \"h.example\")))",
            unsupported,
        ),
        (
            "HTTPie, of which only some names would be read",
            "http https://h.example/a 'Cookie:CloudFront-Policy=p; CloudFront-Signature=s'",
            unsupported,
        ),
        (
            "other JSON",
            r#"{"a":{"headers":{"x":"CloudFront-Policy=p"}}}"#,
            unsupported,
        ),
        ("no cookie", "hello", "contains no cookies"),
        ("empty", "", "contains no cookies"),
        (
            "HAR without cookies",
            r#"{"log":{"entries":[{"request":{"url":"https://h.example/","headers":[]}}]}}"#,
            "contains no cookies",
        ),
        (
            "doubled member",
            r#"[{"name":"CloudFront-Policy","value":"p","value":"q"}]"#,
            "has an object with a key more than once",
        ),
        (
            "doubled name",
            r#"{"CloudFront-Policy":"p","CloudFront-Policy":"q"}"#,
            "has an object with a key more than once",
        ),
        ("list of names", r#"["CloudFront-Policy"]"#, unsupported),
    ];
    for (what, text, expected) in rows {
        assert_eq!(
            CookieSet::parse(text).unwrap_err().to_string(),
            expected,
            "{what}"
        );
    }
    let sanitized = CookieSet::parse(&har(&[entry(URL, "", &[])])).unwrap_err();
    assert!(
        sanitized
            .hint()
            .unwrap()
            .starts_with("Chrome leaves cookies out of a HAR file")
    );
}

/// A jar of 80,000 cookies of as many hosts took 70 s and a line of 7 MB.
#[test]
fn many_cookies_take_little_time_and_few_words() {
    let line = |n: usize| format!(".a{n}.example\tTRUE\t/\tTRUE\t0\tCloudFront-c{n}\tv\n");
    let jar: String = (0..80_000).map(line).collect();
    let start = std::time::Instant::now();
    let reasons = sent(&jar, URL).withheld;
    assert_eq!(reasons.matches(" not sent: ").count(), 20);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
