use std::sync::LazyLock;

use cfsign::playlist::{Base, By, Finding, Preparation, Reader, Signing};
use cfsign::{Conditions, Policy, Resource, SignedPolicy, Signer};

use crate::{ID, NOW, key, time};

/// For all there is, and for the folder of a playlist.
static POLICIES: LazyLock<[(Resource, SignedPolicy); 2]> = LazyLock::new(|| {
    let signer = Signer::new(ID.parse().expect("an ID"), key("p256-pkcs8.pem"));
    ["*", "https://h.example/videos/a/*"].map(|pattern| {
        let resource = pattern.parse().expect("a pattern");
        let policy = Policy::custom(&resource, Conditions::until(time(NOW))).expect("a policy");
        (resource, signer.sign(policy).expect("a signature"))
    })
});

/// A signature that is added to nothing changes no byte; one that is added to every reference is on every reference
/// when the playlist is read again, and nothing else is different; and no reference is more than signed or refused.
pub fn check_playlist(text: &str) {
    let base = Base::new("https://h.example/videos/a/main?t=1&u=%20");
    let Ok(playlist) = Reader::new(base.clone()).read(text) else {
        return;
    };
    assert_eq!(playlist.with_parameters(""), text);

    const MARK: &str = "Expires=1&Signature=s";
    let marked = playlist.with_parameters(MARK);
    // A variable may grow too long to be used again.
    if let Ok(again) = Reader::new(base.clone()).read(&marked) {
        let before: Vec<&str> = playlist
            .references()
            .iter()
            .map(|reference| reference.text())
            .collect();
        let after: Vec<&str> = again
            .references()
            .iter()
            .map(|reference| reference.text())
            .collect();
        assert_eq!(after.len(), before.len(), "{marked}");
        for (before, after) in before.iter().zip(&after) {
            let rest = after
                .strip_suffix(MARK)
                .and_then(|rest| rest.strip_prefix(before));
            assert!(
                matches!(rest, Some("?" | "&" | "")),
                "{before} became {after}"
            );
        }
    }

    for (resource, signed) in POLICIES.iter() {
        for (encode, resign) in [(false, false), (true, false), (false, true), (true, true)] {
            let preparation = Preparation {
                encode,
                resign,
                allow_wildcards: false,
            };
            let mut signing = Signing::new(resource, preparation, By::One(signed.clone()));
            let _ = signing.rewrite(&playlist);
            let coverage = signing.coverage();
            let outside = coverage.found.get(&Finding::Outside);
            assert!(outside.map_or(0, |found| found.count) <= coverage.references);
            assert!(coverage.references <= playlist.references().len());
        }
    }
}
