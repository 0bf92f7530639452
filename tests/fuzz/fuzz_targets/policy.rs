//! A policy loses its white space and nothing else, and is read again as what it was.
#![no_main]

use cfsign::Policy;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|text: &str| {
    let Ok(policy) = Policy::from_json("policy", text) else {
        return;
    };
    assert_eq!(
        Policy::from_json("policy", policy.as_str()).expect("it was one before"),
        policy
    );
    let value = |text: &str| serde_json::from_str::<Value>(text).expect("it was JSON before");
    assert_eq!(
        value(policy.as_str()),
        value(text.strip_prefix('\u{feff}').unwrap_or(text))
    );
    if let Some(resource) = policy.resource() {
        let rebuilt = Policy::custom(resource, policy.conditions()).expect("the conditions hold");
        assert_eq!(
            Policy::from_json("policy", rebuilt.as_str()).expect("it is one"),
            rebuilt
        );
        let _ = resource.covers("https://h.example/a?x=1");
    }
});
