//! The changes that clients make to URLs, by two other implementations of the WHATWG URL Standard:
//! the `url` crate, and the `URL` of Node.

use std::process::Command;

use cfsign::UnsignedUrl;
use cfsign::url::ClientChange;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::common::{is_here, run_with, text};

const COUNT: usize = 4_000;

const NODE: &str = r#"
const lines = require("fs").readFileSync(0, "utf8").split("\n").slice(0, -1);
for (const line of lines) {
    try {
        console.log(new URL(line).href);
    } catch {
        console.log("invalid");
    }
}
"#;

/// URLs that can be signed, with everything in them that clients may change.
fn urls() -> Vec<UnsignedUrl> {
    let strategy = (
        "https?|https?|https?|Https",
        "h\\.example|cdn-1\\.example\\.com|[a-z0-9_]{1,4}(\\.[a-zA-Z0-9]{1,3}){0,3}\\.?|[0-9]{1,3}(\\.[0-9]{1,3}){3}",
        "|:8443|:(0{0,2}80|0{0,2}443|[0-9]{1,5})",
        "(/([a-z0-9.'()!$&,;=:@~+_%-]{0,5}|[a-z]{1,3}|[A-Z\\[\\]]{2}|\\.\\.?|%2[eE])){0,3}",
        "(\\?[a-zA-Z0-9.'()!$&,;=:@~+_%/?-]{0,6})?",
    );
    let mut runner = TestRunner::deterministic();
    let mut urls = Vec::with_capacity(COUNT);
    while urls.len() < COUNT {
        let (scheme, host, port, path, query) = strategy.new_tree(&mut runner).unwrap().current();
        if let Ok(url) = format!("{scheme}://{host}{port}{path}{query}").parse() {
            urls.push(url);
        }
    }
    urls
}

/// Compares cfsign's warning with the URL that another implementation requests, or `None` if it
/// rejects the URL.
fn differences<'a>(urls: &'a [UnsignedUrl], requested: &[Option<String>]) -> Vec<&'a str> {
    assert_eq!(urls.len(), requested.len());
    let mut different = Vec::new();
    let mut changed = 0;
    for (url, requested) in urls.iter().zip(requested) {
        let is_changed = requested.as_deref() != Some(url.as_str());
        changed += usize::from(is_changed);
        let by_browsers = |change: &ClientChange| !change.clients.starts_with("Python");
        if is_changed != url.client_changes().iter().any(by_browsers) {
            different.push(url.as_str());
        }
    }
    // Both kinds have to be there.
    assert!((COUNT / 10..COUNT / 10 * 9).contains(&changed), "{changed}");
    different
}

#[test]
fn warnings_agree_with_the_url_crate() {
    let urls = urls();
    let parsed = urls.iter().map(|url| url::Url::parse(url.as_str()));
    let requested: Vec<_> = parsed.map(|url| url.ok().map(String::from)).collect();
    assert_eq!(differences(&urls, &requested), [""; 0]);
}

#[test]
fn warnings_agree_with_node() {
    if !is_here("node", "the changes that Node makes to URLs") {
        return;
    }
    let urls = urls();
    let lines: String = urls.iter().map(|url| format!("{url}\n")).collect();
    let output = run_with(Command::new("node").args(["-e", NODE]), lines.as_bytes());
    let stdout = text(&output.stdout);
    let requested: Vec<_> = stdout
        .lines()
        .map(|line| (line != "invalid").then(|| line.to_owned()))
        .collect();
    assert_eq!(differences(&urls, &requested), [""; 0]);
}
