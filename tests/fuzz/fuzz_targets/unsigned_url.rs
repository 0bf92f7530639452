//! A URL is kept byte for byte or refused, and what has been encoded is never refused for its characters.
#![no_main]

use cfsign::UnsignedUrl;
use cfsign::cli::content_disposition;
use cfsign::url::percent::encode;
use cfsign::url::signing_parameters::strip;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let encoded = encode(text);
    assert_eq!(encode(&encoded), encoded);
    if let Err(e) = UnsignedUrl::parse(&encoded) {
        assert!(
            !e.to_string()
                .ends_with("clients percent-encode before they send it"),
            "{encoded}: {e}"
        );
    }
    let _ = content_disposition::attachment(text);
    for url in [UnsignedUrl::parse(text), UnsignedUrl::stream(text)]
        .into_iter()
        .flatten()
    {
        assert_eq!(url.as_str(), text);
        assert_eq!(strip(text), text);
        assert!(url.resource().covers(url.without_empty_query()));
        let _ = url.client_changes();
        if let Ok(longer) = url.with_own_parameter(text, text) {
            assert!(longer.as_str().starts_with(text) && longer.has_parameter(text));
            assert_eq!(
                UnsignedUrl::parse(longer.as_str()).is_ok(),
                UnsignedUrl::parse(text).is_ok()
            );
        }
    }
});
