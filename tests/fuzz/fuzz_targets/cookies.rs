//! Cookies in any form are read or refused; none of them is let in, since the key has signed nothing.
#![no_main]

use std::sync::LazyLock;

use cfsign::SignedUrl;
use cfsign::verify::TrustedKey;
use cfsign::verify::cookie::{CookieSet, covers_host};
use cfsign::verify::response::identify;
use cfsign_fuzz::{NOW, judge, key, time, trusted};
use libfuzzer_sys::fuzz_target;

const URL: &str = "https://d111111abcdef8.cloudfront.net/videos/a.mp4";

static KEYS: LazyLock<Vec<TrustedKey>> = LazyLock::new(|| trusted(&key("rsa1024.pem")));

fuzz_target!(|text: &str| {
    let _ = covers_host(text, "d111111abcdef8.cloudfront.net");
    let Ok(cookies) = CookieSet::parse(text) else {
        return;
    };
    let url = SignedUrl::parse(URL).expect("a URL");
    assert!(!judge(&url, Some(&cookies), &KEYS).allowed());
    let sent = cookies.sent_to(URL, time(NOW)).parameters;
    assert!(sent.is_empty() || !cookies.parameters().is_empty());
    let _ = cookies.sent_to(text, time(NOW));
    let _ = identify(text);
});
