//! A pattern (the first line) covers a URL (the second) where the guide's rules, tried in every way, say so.
#![no_main]

use cfsign::{Resource, UnsignedUrl};
use libfuzzer_sys::fuzz_target;

#[path = "../../suite/common/by_the_book.rs"]
mod by_the_book;

fuzz_target!(|text: &str| {
    let Some((pattern, url)) = text.split_once('\n') else {
        return;
    };
    let (resource, url) = match url.contains("://") {
        true => (pattern.parse::<Resource>(), UnsignedUrl::parse(url)),
        false => (Resource::stream(pattern), UnsignedUrl::stream(url)),
    };
    let (Ok(resource), Ok(url)) = (resource, url) else {
        return;
    };
    let url = url.without_empty_query();
    let covered = resource.covers(url);
    assert_eq!(resource.matcher().covers(url), covered);
    // Trying every way takes time: exponential in the stars.
    if pattern.matches('*').count() <= 5 && text.len() <= 120 {
        assert_eq!(
            by_the_book::covers(pattern, url),
            covered,
            "{pattern} over {url}"
        );
    }
});
