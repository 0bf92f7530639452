//! Signing with the library: one URL, then many URLs under one policy that is signed once.
//!
//!     cargo run --example library -- tests/keys/p256-pkcs8.pem

#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cfsign::{Conditions, KeyFile, Policy, Resource, SignedUrl, Signer, Timestamp, UnsignedUrl};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: library KEY_FILE")?;
    let key = KeyFile::read("the key", &std::fs::read(path)?)?.into_private(None)?;
    let signer = Signer::new("K2JCJMDEHXQW5F".parse()?, key);

    // The library does not look at the clock; the caller does.
    let now = Timestamp::from_unix(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)?
            .as_secs()
            .try_into()?,
    )?;
    let in_an_hour = now.plus(Duration::from_secs(3600))?;

    let url = UnsignedUrl::parse("https://d111111abcdef8.cloudfront.net/image.jpg")?;
    let policy = Policy::canned(&url.resource(), in_an_hour)?;
    println!("{}", SignedUrl::new(&url, &signer.sign(policy)?));

    let videos: Resource = "https://d111111abcdef8.cloudfront.net/videos/*".parse()?;
    let signed = signer.sign(Policy::custom(&videos, Conditions::until(in_an_hour))?)?;
    for name in ["intro.mp4", "outro.mp4"] {
        let url = UnsignedUrl::parse(&format!(
            "https://d111111abcdef8.cloudfront.net/videos/{name}"
        ))?;
        println!("{}", SignedUrl::new(&url, &signed));
    }
    Ok(())
}
