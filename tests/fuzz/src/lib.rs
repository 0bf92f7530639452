//! What the fuzz targets share: the keys of the tests, a request that is judged, batches, and what holds of every playlist.

use std::time::Duration;

use cfsign::verify::cookie::CookieSet;
use cfsign::verify::{SignedRequest, TrustedKey, Verdict};
use cfsign::{KeyFile, PrivateKey, SignedUrl, Timestamp};

mod playlist;
#[path = "../../suite/common/rows.rs"]
mod rows;

pub use playlist::check_playlist;
pub use rows::{Signed, rows_in, rows_out, signed};

/// The key pair ID of every signer here.
pub const ID: &str = "K2JCJMDEHXQW5F";

/// The time of every request.
pub const NOW: i64 = 1_790_000_000;

/// A key of the tests.
pub fn key(name: &str) -> PrivateKey {
    let path = [env!("CARGO_MANIFEST_DIR"), "/../keys/", name].concat();
    let bytes = std::fs::read(path).expect("the checkout is where it was when this was compiled");
    KeyFile::read(name, &bytes)
        .expect("a key")
        .into_private(None)
        .expect("a private key")
}

/// The public half of a key, under [`ID`].
pub fn trusted(key: &PrivateKey) -> Vec<TrustedKey> {
    vec![TrustedKey {
        id: Some(ID.parse().expect("an ID")),
        key: key.public_key(),
    }]
}

/// A Unix time.
pub fn time(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).expect("a time before the year 10000")
}

/// The verdict on a request for `url` with these cookies.
pub fn judge(url: &SignedUrl, cookies: Option<&CookieSet>, keys: &[TrustedKey]) -> Verdict {
    cfsign::verify(&SignedRequest {
        url,
        cookies,
        keys,
        now: time(NOW),
        ip: None,
        valid_for: Duration::ZERO,
    })
}
