//! Lines of access logs are read or refused; what is read as a request has a URL with a host.
#![no_main]

use cfsign::verify::log::LogLayout;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for base_url in [None, Some("https://h.example/")] {
        let Ok(Some(layout)) = LogLayout::recognize(text, base_url) else {
            continue;
        };
        for line in text.lines() {
            if let Ok(Some(listed)) = layout.request(line) {
                let url = listed.reading.url.as_str();
                assert!(url.contains("://"), "{url}");
            }
        }
    }
});
