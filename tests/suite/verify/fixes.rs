//! Fixes, followed: what the verdict says to request is requested, and allowed. The signatures are
//! openssl's, of both types of keys, over canned and custom policies.

use cfsign::verify::cookie::CookieSet;
use cfsign::verify::{Checker, Code, Reason, SignedRequest, TrustedKey, Verdict};
use cfsign::{SignedUrl, base64};

use crate::common::requests::{END, ID, canned, is_allowed, request, trusted};
use crate::common::{Sandbox, cloudfront_base64, openssl, openssl_is_here};

const KEYS: [&str; 2] = ["rsa2048-pkcs8.pem", "p256-pkcs8.pem"];

/// A request for `url` with the value of a `Cookie` header.
struct Asked {
    url: String,
    cookies: Option<String>,
}

impl Asked {
    fn verdict(&self, key: &TrustedKey) -> Verdict {
        let url = SignedUrl::parse(&self.url).unwrap();
        let cookies = self
            .cookies
            .as_ref()
            .map(|cookies| format!("Cookie: {cookies}"));
        let cookies = cookies.map(|cookies| CookieSet::parse(&cookies).unwrap());
        Checker::default().verify(&SignedRequest {
            cookies: cookies.as_ref(),
            ..request(&url, std::slice::from_ref(key), None)
        })
    }

    /// Asserts that this is denied, and allowed after what the verdict says.
    fn follow(self, label: &str, key: &TrustedKey) {
        let denied = self.verdict(key);
        let fix = denied.fix.unwrap_or_else(|| panic!("{label}: no fix"));
        let (url, cookies) = (denied.working_url, denied.working_cookies);
        assert!(url.is_some() || cookies.is_some(), "{label}: {fix}");
        assert!(denied.cause.is_some(), "{label}: {fix}");
        let again = Asked {
            url: url.unwrap_or(self.url),
            cookies: cookies.or(self.cookies),
        };
        let allowed = again.verdict(key);
        assert!(allowed.allowed(), "{label}: {fix}: {:?}", allowed.checks);
    }
}

/// A signed URL of openssl, with each character in its signature in which the alphabets of base64
/// differ.
fn signed(sandbox: &Sandbox, key: &str, is_custom: bool, hash: &str) -> String {
    for number in 0.. {
        let url = format!("https://h.example/v/{number}?x=1&y=2");
        let resource = if is_custom {
            "https://h.example/v/*"
        } else {
            &url
        };
        let policy = canned(resource, END + i64::from(is_custom) * number);
        let signature = openssl(
            sandbox.path(),
            &["dgst", hash, "-sign", key],
            policy.as_bytes(),
        );
        let signature = cloudfront_base64(&signature);
        if !signature.contains('-') || !signature.contains('~') || !signature.ends_with('_') {
            continue;
        }
        let policy = match is_custom {
            true => format!("Policy={}", base64::encode(policy.as_bytes())),
            false => format!("Expires={END}"),
        };
        return format!("{url}&{policy}&Signature={signature}&Key-Pair-Id={ID}");
    }
    unreachable!()
}

/// The same parameters as cookies.
fn as_cookies(url: &str) -> Asked {
    let (url, parameters) = url.split_at(url.find("&Expires=").or(url.find("&Policy=")).unwrap());
    let cookies = parameters.replace('&', "; CloudFront-");
    Asked {
        url: url.to_owned(),
        cookies: Some(cookies[2..].to_owned()),
    }
}

/// What happens to a text on its way.
type Damage = fn(&str) -> String;

fn in_signature(text: &str, damage: Damage) -> String {
    let (before, value) = text.split_once("Signature=").unwrap();
    let (value, after) = value.split_at(value.find(['&', ';']).unwrap());
    format!("{before}Signature={}{after}", damage(value))
}

fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => encoded.push(char::from(byte)),
            other => encoded += &format!("%{other:02X}"),
        }
    }
    encoded
}

/// What clients, pages, programs and people do to a signed URL.
const URLS: &[(&str, Damage)] = &[
    ("a parameter of a tracker behind", |url| {
        format!("{url}&utm_source=x")
    }),
    ("a parameter in front", |url| {
        url.replace("?x", "?gclid=2&x")
    }),
    ("another order", |url| url.replace("x=1&y=2", "y=2&x=1")),
    ("http", |url| url.replace("https", "http")),
    ("www", |url| url.replace("h.example", "www.h.example")),
    ("a port", |url| url.replace("h.example", "h.example:8443")),
    ("a folder in front", |url| url.replace("/v/", "/media/v/")),
    ("a slash at the end of the path", |url| {
        url.replace("?x", "/?x")
    }),
    ("an expiry in milliseconds", |url| {
        url.replace("Expires=1800000000", "Expires=1800000000000")
    }),
    ("an expiry in another time zone", |url| {
        url.replace("Expires=1800000000", "Expires=1800003600")
    }),
    ("an expiry as a date", |url| {
        url.replace("=1800000000", "=2027-01-15T08:00:00Z")
    }),
    ("an expiry with an exponent", |url| {
        url.replace("=1800000000", "=1.8E%2B09")
    }),
    ("an expiry in quotes", |url| {
        url.replace("=1800000000", "=%221800000000%22")
    }),
    ("HTML escapes", |url| url.replace('&', "&amp;")),
    ("HTML escapes twice", |url| url.replace('&', "&amp;amp;")),
    ("HTML escapes by number", |url| url.replace('&', "&#38;")),
    ("delimiters encoded", |url| {
        url.replace('?', "%3F")
            .replace('=', "%3D")
            .replace('&', "%26")
    }),
    ("JSON escapes", |url| url.replace('&', "%5Cu0026")),
    ("backslashes of a shell", |url| url.replace('&', "%5C&")),
    ("backticks of PowerShell", |url| url.replace('&', "`&")),
    ("carets of cmd", |url| url.replace('&', "^&")),
    ("quoted-printable", |url| url.replace('=', "=3D")),
    ("line breaks of a mail", |url| {
        in_signature(url, |value| value.replace('-', "-%0D%0A%20"))
    }),
    ("soft hyphens", |url| {
        in_signature(url, |value| value.replace('-', "-%C2%AD"))
    }),
    ("punctuation at the end", |url| format!("{url}).")),
    ("a quotation mark at the end", |url| format!("{url}%22")),
    ("an invisible character at the end", |url| {
        format!("{url}%E2%80%8B")
    }),
    ("capital names", |url| {
        url.replace("Key-Pair-Id", "KEY-PAIR-ID")
    }),
    ("names of cookies", |url| {
        url.replace("Signature=", "CloudFront-Signature=")
    }),
    ("a second ?", |url| url.replace("&Signature", "?Signature")),
    ("no ?", |url| url.replace('?', "&")),
    ("two sets of parameters", |url| {
        format!("{url}&Signature=AAAA&Key-Pair-Id=K2JCJMDEHXQW5G")
    }),
    ("a redirector", |url| {
        format!("https://r.example/?u={}&x=1", encoded(url))
    }),
    ("a redirector that encodes twice", |url| {
        format!("https://r.example/?next={}", encoded(&encoded(url)))
    }),
    ("urldefense", |url| {
        format!("https://r.example/v3/__{url}__;!!x")
    }),
    ("pasted twice", |url| url.repeat(2)),
];

/// What happens to the values of signing parameters, in a URL and in cookies.
const VALUES: &[(&str, Damage)] = &[
    ("percent-encoded once more", |text| {
        in_signature(text, |value| {
            value.replace('~', "%257E").replace('_', "%255F")
        })
    }),
    ("standard base64", |text| {
        in_signature(text, |value| {
            value
                .replace('-', "%2B")
                .replace('_', "%3D")
                .replace('~', "%2F")
        })
    }),
    ("base64url", |text| {
        in_signature(text, |value| value.replace('_', "").replace('~', "_"))
    }),
    ("padding lost", |text| {
        in_signature(text, |value| value.trim_end_matches('_').to_owned())
    }),
    ("base64 twice", |text| {
        in_signature(text, |value| base64::encode(value.as_bytes()))
    }),
    ("hexadecimal", |text| {
        in_signature(text, |value| {
            let bytes = base64::decode(value).unwrap();
            bytes.iter().map(|byte| format!("{byte:02x}")).collect()
        })
    }),
    ("quotes around", |text| {
        in_signature(text, |value| format!("%22{value}%22"))
    }),
    ("a prefix of its program", |text| {
        in_signature(text, |value| format!("vault:v1:{value}"))
    }),
    ("a line break at the end", |text| {
        in_signature(text, |value| format!("{value}%0A"))
    }),
];

/// What happens to cookies only.
const COOKIES: &[(&str, Damage)] = &[
    ("an expiry in milliseconds", |text| {
        text.replace("Expires=1800000000", "Expires=1800000000000")
    }),
    ("an expiry in another time zone", |text| {
        text.replace("Expires=1800000000", "Expires=1799996400")
    }),
    ("the cookies of another path", |text| {
        format!("{text}; CloudFront-Signature=AAAA; CloudFront-Key-Pair-Id=K2JCJMDEHXQW5G")
    }),
];

#[test]
fn a_request_that_is_named_is_allowed() {
    if !openssl_is_here("following fixes") {
        return;
    }
    let sandbox = Sandbox::new();
    for name in KEYS {
        let key = trusted(None, name);
        for is_custom in [false, true] {
            let good = signed(&sandbox, name, is_custom, "-sha1");
            for (label, damage) in URLS.iter().chain(VALUES) {
                let url = damage(&good);
                // A custom policy covers some changes, and has an expiry of its own.
                if !is_custom || !is_allowed(&url, std::slice::from_ref(&key)) {
                    Asked { url, cookies: None }.follow(label, &key);
                }
            }
            for (label, damage) in VALUES.iter().chain(COOKIES) {
                let mut asked = as_cookies(&good);
                asked.cookies = asked.cookies.map(|cookies| damage(&cookies));
                if !is_custom || asked.cookies != as_cookies(&good).cookies {
                    asked.follow(label, &key);
                }
            }
            let mut asked = as_cookies(&good);
            asked.url = asked.url.replace("https://", "http://www.");
            asked.follow("another URL with cookies", &key);
        }
    }
}

/// The key pair ID and the hash are not signed: they are corrected in the request.
#[test]
fn other_ids_and_hashes_are_corrected() {
    if !openssl_is_here("following fixes of IDs and hashes") {
        return;
    }
    let sandbox = Sandbox::new();
    for name in KEYS {
        for is_custom in [false, true] {
            let announced = "&Hash-Algorithm=SHA256";
            let sha256 = signed(&sandbox, name, is_custom, "-sha256");
            let sha1 = signed(&sandbox, name, is_custom, "-sha1");
            for (label, url) in [
                ("SHA-256 that is not announced", sha256.clone()),
                ("SHA-1 announced as SHA-256", sha1.clone() + announced),
                ("another ID", sha1.replace(ID, "K2JCJMDEHXQW5G")),
                ("a line break behind the ID", format!("{sha1}%0A")),
                ("another ID and hash", sha256.replace(ID, "K2JCJMDEHXQW5G")),
            ] {
                let key = trusted(Some(ID), name);
                as_cookies(&url).follow(label, &key);
                Asked { url, cookies: None }.follow(label, &key);
            }
        }
    }
}

/// Cookies that a browser does not send are judged as if it did, so that the fix is enough.
#[test]
fn what_else_is_wrong_with_cookies_is_named() {
    let policy = canned("https://h.example/v/*", END - 100_000_000);
    let policy = base64::encode(policy.as_bytes());
    let set = format!(
        "Set-Cookie: CloudFront-Policy={policy}; Path=/w\n\
         Set-Cookie: CloudFront-Signature=AAAA; Path=/w\n\
         Set-Cookie: CloudFront-Key-Pair-Id={ID}; Path=/w"
    );
    let cookies = CookieSet::parse(&set).unwrap();
    let url = SignedUrl::parse("https://h.example/v/a").unwrap();
    let verdict = cfsign::verify(&SignedRequest {
        cookies: Some(&cookies),
        ..request(&url, &[trusted(None, KEYS[0])], None)
    });
    assert_eq!(
        (verdict.reason, verdict.code),
        (Reason::Cookie, Some(Code::MissingKey))
    );
    assert_eq!(
        verdict.fix.as_deref(),
        Some(
            "set the cookies with Path=/ or a folder of the URL; copy the whole URL or cookie: the \
             signature is truncated; sign the URL again with a later expiry"
        )
    );
}

/// A URL works only with the cookies that a browser would leave out.
#[test]
fn a_url_is_named_with_the_cookies_for_it() {
    if !openssl_is_here("following fixes of cookies that are not sent") {
        return;
    }
    let sandbox = Sandbox::new();
    for name in KEYS {
        let good = as_cookies(&signed(&sandbox, name, true, "-sha1"));
        let mut lines = String::new();
        for cookie in good.cookies.unwrap().split("; ") {
            lines += &format!("Set-Cookie: {cookie}; Domain=other.example\n");
        }
        let cookies = CookieSet::parse(&lines).unwrap();
        let url = SignedUrl::parse(&good.url.replace("h.example", "www.h.example")).unwrap();
        let key = trusted(None, name);
        let denied = cfsign::verify(&SignedRequest {
            cookies: Some(&cookies),
            ..request(&url, std::slice::from_ref(&key), None)
        });
        assert_eq!(denied.reason, Reason::Cookie, "{name}");
        let again = Asked {
            url: denied.working_url.unwrap(),
            cookies: denied.working_cookies,
        };
        assert!(again.verdict(&key).allowed(), "{name}");
    }
}
