//! The search for what was signed: every change of a list and every pair of them is found, and nothing else is named.

use cfsign::HashAlgorithm;
use cfsign::base64;
use cfsign::verify::Verdict;

use crate::common::private_key;
use crate::common::requests::{END, ID, canned, judge, trusted};

/// What was signed, and what was requested.
#[derive(Clone)]
struct Case {
    signed_url: String,
    requested: String,
    expires: String,
    policy: fn(String) -> Vec<u8>,
}

impl Case {
    fn of(url: &str) -> Self {
        Case {
            signed_url: url.to_owned(),
            requested: url.to_owned(),
            expires: END.to_string(),
            policy: String::into_bytes,
        }
    }

    fn message(&self) -> Vec<u8> {
        let text = canned(&self.signed_url, END).replace(&END.to_string(), &self.expires);
        (self.policy)(text)
    }

    /// Whether the message is that of the request.
    fn is_valid(&self) -> bool {
        self.message() == canned(&self.requested, END).into_bytes()
    }

    fn verdict(&self, key: &str, hash: HashAlgorithm) -> Verdict {
        let signature = private_key(key).sign(hash, &self.message()).unwrap();
        let separator = if self.requested.contains('?') {
            "&"
        } else {
            "?"
        };
        let announced = match hash {
            HashAlgorithm::Sha256 => "&Hash-Algorithm=SHA256",
            _ => "",
        };
        let url = format!(
            "{}{separator}Expires={END}&Signature={}&Key-Pair-Id={ID}{announced}",
            self.requested,
            base64::encode(&signature)
        );
        judge(&url, &[trusted(None, key)], None)
    }
}

/// A change between signing and requesting.
struct Change {
    name: &'static str,
    make: fn(&mut Case),
}

const fn change(name: &'static str, make: fn(&mut Case)) -> Change {
    Change { name, make }
}

/// Changes path and query of the requested URL.
fn rest(case: &mut Case, change: impl Fn(&str) -> String) {
    let start = case.requested.find(".net").unwrap() + ".net".len();
    let start = start + case.requested[start..].find('/').unwrap_or(0);
    let changed = change(&case.requested[start..]);
    case.requested.replace_range(start.., &changed);
}

fn path(case: &mut Case, change: impl Fn(&str) -> String) {
    rest(case, |text| match text.split_once('?') {
        Some((path, query)) => format!("{}?{query}", change(path)),
        None => change(text),
    });
}

fn query(case: &mut Case, change: impl Fn(&str) -> String) {
    rest(case, |text| match text.split_once('?') {
        Some((path, query)) => format!("{path}?{}", change(query)),
        None => text.to_owned(),
    });
}

fn append(case: &mut Case, parameters: &str) {
    let separator = if case.requested.contains('?') {
        "&"
    } else {
        "?"
    };
    case.requested += separator;
    case.requested += parameters;
}

const CHANGES: [Change; 30] = [
    change("a parameter is added", |case| {
        append(case, "utm_source=mail")
    }),
    change("two parameters are added", |case| append(case, "a=1&b=2")),
    change("the parameters are reversed", |case| {
        query(case, |text| {
            text.split('&').rev().collect::<Vec<_>>().join("&")
        });
    }),
    change("https becomes http", |case| {
        case.requested = case.requested.replacen("https:", "http:", 1);
    }),
    change("the host gets capitals", |case| {
        case.requested = case
            .requested
            .replacen("cloudfront.net", "CloudFront.net", 1);
    }),
    change("the host gets a label", |case| {
        case.requested = case.requested.replacen("://", "://www.", 1);
    }),
    change("the port is written", |case| {
        case.requested = case.requested.replacen(".net/", ".net:443/", 1);
    }),
    change("%20 becomes +", |case| {
        rest(case, |text| text.replace("%20", "+"))
    }),
    change("%2F is decoded", |case| {
        rest(case, |text| text.replace("%2F", "/"))
    }),
    change("parentheses are decoded", |case| {
        rest(case, |text| text.replace("%28", "(").replace("%29", ")"));
    }),
    change("' is encoded", |case| {
        rest(case, |text| text.replace('\'', "%27"))
    }),
    change("; is encoded", |case| {
        rest(case, |text| text.replace(';', "%3B"))
    }),
    change("non-ASCII characters are decomposed", |case| {
        rest(case, |text| text.replace("%C3%A9", "e%CC%81"));
    }),
    change("escapes get lower-case digits", |case| {
        rest(case, |text| {
            text.replace("%C3%A9", "%c3%a9").replace("%2F", "%2f")
        });
    }),
    change("escapes are escaped", |case| {
        rest(case, |text| text.replace('%', "%25"))
    }),
    change("a / is appended to the path", |case| {
        path(case, |text| format!("{text}/"))
    }),
    change("a folder is put before the path", |case| {
        path(case, |text| format!("/media{text}"))
    }),
    change("a / is doubled", |case| {
        path(case, |text| text.replacen('/', "//", 1))
    }),
    change("index.html is appended", |case| {
        path(case, |text| format!("{text}/index.html"))
    }),
    change("a . is appended", |case| {
        rest(case, |text| format!("{text}."))
    }),
    change("the expiry was in milliseconds", |case| {
        case.expires = format!("{END}000")
    }),
    change("the expiry was in another time zone", |case| {
        case.expires = (END + 2 * 3600).to_string();
    }),
    change("the expiry was rounded", |case| {
        case.expires = (END - END % 3600 - 3600).to_string()
    }),
    change("the expiry was quoted", |case| {
        case.expires = format!("\"{END}\"")
    }),
    change("the JSON had spaces", |case| {
        case.policy = |text| spaced(&text).into_bytes()
    }),
    change("the JSON had a line break", |case| {
        case.policy = |text| (text + "\n").into_bytes()
    }),
    change("the JSON had escaped slashes", |case| {
        case.policy = |text| text.replace('/', "\\/").into_bytes();
    }),
    change("the JSON had its keys sorted", |case| {
        case.policy = |text| {
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            value.to_string().into_bytes()
        };
    }),
    change("the base64 was signed", |case| {
        case.policy = |text| base64::encode(text.as_bytes()).into_bytes();
    }),
    change("the digest was signed", |case| {
        case.policy = |text| HashAlgorithm::Sha1.digest(text.as_bytes());
    }),
];

/// As Python's json.dumps writes it. No URL here has these marks with a quote beside them.
fn spaced(text: &str) -> String {
    text.replace("\":", "\": ").replace(",\"", ", \"")
}

/// A URL that all changes change.
const URL: &str =
    "https://d111111abcdef8.cloudfront.net/Caf%C3%A9%20%281%29/it's;a%2Fb.mp4?size=large%20one&v=2";

#[test]
fn every_change_is_found() {
    for change in &CHANGES {
        let mut case = Case::of(URL);
        (change.make)(&mut case);
        assert!(!case.is_valid(), "{} changes nothing", change.name);
        for (key, hash) in [
            ("rsa2048-pkcs8.pem", HashAlgorithm::Sha1),
            ("p256-pkcs8.pem", HashAlgorithm::Sha256),
        ] {
            let verdict = case.verdict(key, hash);
            assert!(verdict.cause.is_some(), "{}, {key}", change.name);
        }
    }
}

#[test]
fn every_pair_of_changes_is_found() {
    let mut missed = Vec::new();
    let mut count = 0;
    for (index, first) in CHANGES.iter().enumerate() {
        for second in &CHANGES[index + 1..] {
            let mut case = Case::of(URL);
            (first.make)(&mut case);
            (second.make)(&mut case);
            count += 1;
            let verdict = case.verdict("rsa2048-pkcs8.pem", HashAlgorithm::Sha1);
            if verdict.cause.is_none() && !case.is_valid() {
                missed.push(format!(
                    "{} and {}: {}",
                    first.name, second.name, case.requested
                ));
            }
        }
    }
    assert!(
        missed.is_empty(),
        "{} of {count}:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

/// A small generator of numbers (xorshift64), so that the cases are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn choice<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.below(256) as u8).collect()
    }

    fn url(&mut self) -> String {
        const WORDS: [&str; 10] = [
            "videos",
            "Public",
            "my%20file",
            "caf%C3%A9",
            "it's",
            "%281%29",
            "a%2Fb",
            "x;y",
            "2026",
            "intro",
        ];
        const PARAMETERS: [&str; 6] = [
            "v=1",
            "size=large%20one",
            "d=a%3B",
            "t=it's",
            "flag",
            "n=caf%C3%A9",
        ];
        let mut url = format!("https://d{}abcdef8.cloudfront.net", self.below(1_000_000));
        for _ in 0..=self.below(3) {
            url += "/";
            url += self.choice(&WORDS);
        }
        url += self.choice(&["", ".mp4", ".jpg"]);
        for index in 0..self.below(4) {
            url += if index == 0 { "?" } else { "&" };
            url += PARAMETERS[(index + self.below(3)).min(5)];
        }
        url
    }
}

/// The share of random pairs of changes of random URLs that are explained, of a hundred.
fn explained(key: &str, hash: HashAlgorithm) -> usize {
    let mut random = Random(0x5eed_0fc0_ffee);
    let mut explained = 0;
    let mut count = 0;
    while count < 100 {
        let (first, second) = (random.below(CHANGES.len()), random.below(CHANGES.len()));
        let original = Case::of(&random.url());
        let mut case = original.clone();
        (CHANGES[first].make)(&mut case);
        let once = case.clone();
        (CHANGES[second].make)(&mut case);
        let is_double = first != second
            && (once.requested != original.requested || once.message() != original.message())
            && (case.requested != once.requested || case.message() != once.message());
        if !is_double || case.is_valid() {
            continue;
        }
        count += 1;
        if case.verdict(key, hash).cause.is_some() {
            explained += 1;
        }
    }
    explained
}

#[test]
fn most_random_pairs_of_changes_are_explained() {
    let rsa = explained("rsa2048-pkcs8.pem", HashAlgorithm::Sha1);
    assert!(rsa >= 95, "RSA: {rsa} of 100");
    let p256 = explained("p256-pkcs8.pem", HashAlgorithm::Sha256);
    assert!(p256 >= 80, "P-256: {p256} of 100");
}

/// Random signatures, signatures of other keys, and signatures over other URLs: none has a cause.
#[test]
fn no_cause_is_named_for_what_is_unrelated() {
    let mut random = Random(0xdead_beef);
    let (rsa, p256) = (
        trusted(None, "rsa2048-pkcs8.pem"),
        trusted(None, "p256-pkcs8.pem"),
    );
    let request = |url: &str, signature: &[u8]| {
        let separator = if url.contains('?') { "&" } else { "?" };
        let signature = base64::encode(signature);
        format!("{url}{separator}Expires={END}&Signature={signature}&Key-Pair-Id={ID}")
    };
    let unrelated = |url: &str| {
        canned(
            &url.replace("cloudfront.net", "cloudfront.net/unrelated/0"),
            END,
        )
    };
    for index in 0..10_000 {
        let url = random.url();
        let (key, signature) = match index {
            0..20 => {
                let key = private_key("p256-pkcs8.pem");
                (
                    &p256,
                    key.sign(HashAlgorithm::Sha1, unrelated(&url).as_bytes())
                        .unwrap(),
                )
            }
            20..60 => {
                let key = private_key("rsa2048-pkcs8.pem");
                (
                    &rsa,
                    key.sign(HashAlgorithm::Sha1, unrelated(&url).as_bytes())
                        .unwrap(),
                )
            }
            60..100 => {
                let key = private_key("rsa2048-e3.pem");
                (
                    &rsa,
                    key.sign(HashAlgorithm::Sha1, canned(&url, END).as_bytes())
                        .unwrap(),
                )
            }
            _ => (&rsa, random.bytes(256)),
        };
        let verdict = judge(&request(&url, &signature), std::slice::from_ref(key), None);
        assert_eq!(verdict.cause, None, "{url}");
        assert!(verdict.fix.is_some(), "{url}");
    }
}
