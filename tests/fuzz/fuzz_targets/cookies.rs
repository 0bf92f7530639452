//! Cookies in any form are read or refused; none of them is let in, since the key has signed nothing.
#![no_main]

use std::sync::LazyLock;

use cfsign::verify::TrustedKey;
use cfsign::verify::cookie::{CookieSet, covers_host};
use cfsign_fuzz::{judge, key, trusted};
use libfuzzer_sys::fuzz_target;

const URL: &str = "https://d111111abcdef8.cloudfront.net/videos/a.mp4";

static KEYS: LazyLock<Vec<TrustedKey>> = LazyLock::new(|| trusted(&key("rsa1024.pem")));

fuzz_target!(|text: &str| {
    let _ = covers_host(text, "d111111abcdef8.cloudfront.net");
    let Ok(cookies) = CookieSet::parse(text) else {
        return;
    };
    let (sent, all) = (cookies.credentials(Some(URL)), cookies.credentials(None));
    for credentials in [&sent, &all] {
        assert!(!judge(URL, credentials, &KEYS).allowed());
    }
    assert!(sent.is_empty() || !all.is_empty());
    let _ = cookies.credentials(Some(text));
});
