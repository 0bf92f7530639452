//! Signing through the library: what a policy has to cover.

use cfsign::{Conditions, ErrorKind, Policy, Resource, Signer, Timestamp};

use crate::common::private_key;

const URL: &str = "https://d111111abcdef8.cloudfront.net/videos/a.mp4";

fn signer() -> Signer {
    let key = private_key("p256-pkcs8.pem");
    Signer::new("K2JCJMDEHXQW5F".parse().unwrap(), key)
}

fn custom(resource: Resource) -> Policy {
    let expires = Timestamp::from_unix(1_800_000_000).unwrap();
    Policy::custom(&resource, Conditions::until(expires)).unwrap()
}

#[test]
fn a_policy_must_cover_the_url() {
    let videos = custom(
        "https://d111111abcdef8.cloudfront.net/videos/*"
            .parse()
            .unwrap(),
    );
    assert!(signer().sign_url_with_policy(URL, videos).is_ok());
    let images = custom(
        "https://d111111abcdef8.cloudfront.net/images/*"
            .parse()
            .unwrap(),
    );
    let error = signer().sign_url_with_policy(URL, images).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::NotCovered);
}

#[test]
fn no_cookies_for_a_stream() {
    let stream = custom(Resource::stream("video.mp4").unwrap());
    assert_eq!(
        signer().sign_cookies(stream).unwrap_err().kind(),
        &ErrorKind::InvalidUrl
    );
    assert!(signer().sign_cookies(custom("*".parse().unwrap())).is_ok());
}
