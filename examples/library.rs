//! Signs one URL, then several URLs under one policy that is signed once.
//!
//!     cargo run --example library -- tests/keys/p256-pkcs8.pem

#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::{Duration, SystemTime};

use cfsign::{Conditions, Policy, PrivateKey, Resource, SignedUrl, Signer, Timestamp};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: library KEY_FILE")?;
    let key = PrivateKey::from_pem(&std::fs::read(path)?)?;
    let signer = Signer::new("K2JCJMDEHXQW5F".parse()?, key);

    // The library does not read the clock; the caller does.
    let in_an_hour = Timestamp::try_from(SystemTime::now() + Duration::from_secs(3600))?;
    let image = "https://d111111abcdef8.cloudfront.net/image.jpg";
    let signed = signer.sign_url(image, in_an_hour)?;
    println!("{signed}");

    let videos: Resource = "https://d111111abcdef8.cloudfront.net/videos/*".parse()?;
    let signed = signer.sign(Policy::custom(&videos, Conditions::until(in_an_hour))?)?;
    for name in ["intro.mp4", "outro.mp4"] {
        let url = format!("https://d111111abcdef8.cloudfront.net/videos/{name}").parse()?;
        println!("{}", SignedUrl::new(&url, &signed));
    }
    Ok(())
}
