//! Any text is a request that is denied, since the key has signed nothing.
#![no_main]

use std::sync::LazyLock;

use cfsign::url::signing_parameters::strip;
use cfsign::verify::{SigningParameters, TrustedKey};
use cfsign::{SignedUrl, UnsignedUrl};
use cfsign_fuzz::{judge, key, trusted};
use libfuzzer_sys::fuzz_target;

// A key in none of the seeds, so that nothing fits.
static KEYS: LazyLock<Vec<TrustedKey>> = LazyLock::new(|| trusted(&key("rsa1024.pem")));

fuzz_target!(|text: &str| {
    let Ok(url) = SignedUrl::parse(text) else {
        return;
    };
    let unsigned = url.unsigned();
    assert_eq!(strip(&unsigned), unsigned);
    let parameters = SigningParameters::of_url(url.as_str());
    assert!(parameters.is_empty() || format!("{url:?}").ends_with("?...\")"));
    assert!(!judge(&url, None, &KEYS).allowed());
    if let Ok(same) = UnsignedUrl::parse(&unsigned) {
        assert!(same.resource().covers(same.without_empty_query()));
    }
});
