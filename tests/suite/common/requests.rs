//! Signed requests, put together by hand around signatures of a test key, and their judgement.

use std::net::IpAddr;
use std::time::Duration;

use cfsign::verify::{Checker, SignedRequest, TrustedKey, Verdict};
use cfsign::{HashAlgorithm, SignedUrl, Timestamp, base64};

use crate::common::private_key;

pub const NOW: i64 = 1_790_000_000;
pub const END: i64 = 1_800_000_000;
pub const ID: &str = "K2JCJMDEHXQW5F";

/// The public half of a test key, in a key group under `id`, or whatever the ID.
pub fn trusted(id: Option<&str>, name: &str) -> TrustedKey {
    TrustedKey {
        id: id.map(|id| id.parse().unwrap()),
        key: private_key(name).public_key(),
    }
}

/// The verdict on a request for `url` at the time [`NOW`].
pub fn judge(url: &str, keys: &[TrustedKey], ip: Option<IpAddr>) -> Verdict {
    cfsign::verify(&request(&SignedUrl::parse(url).unwrap(), keys, ip))
}

/// Whether a request for `url` is allowed; faster than the verdict on one that is denied, whose
/// cause is searched for.
pub fn is_allowed(url: &str, keys: &[TrustedKey]) -> bool {
    let url = SignedUrl::parse(url).unwrap();
    let mut checker = Checker::default();
    checker.evaluate(&request(&url, keys, None)).allowed()
}

/// A request at the time [`NOW`].
pub fn request<'a>(
    url: &'a SignedUrl,
    keys: &'a [TrustedKey],
    ip: Option<IpAddr>,
) -> SignedRequest<'a> {
    SignedRequest {
        url,
        cookies: None,
        keys,
        now: Timestamp::from_unix(NOW).unwrap(),
        ip,
        valid_for: Duration::ZERO,
    }
}

/// The guide's canned policy, written out.
pub fn canned(url: &str, end: i64) -> String {
    format!(
        r#"{{"Statement":[{{"Resource":"{url}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{end}}}}}}}]}}"#
    )
}

/// `url` with signing parameters whose signature is over `policy`.
pub fn with_canned(
    url: &str,
    policy: impl AsRef<[u8]>,
    hash: HashAlgorithm,
    announced: &str,
) -> String {
    let signature = base64::encode(
        &private_key("rsa2048-pkcs8.pem")
            .sign(hash, policy.as_ref())
            .unwrap(),
    );
    let separator = if url.contains('?') { "&" } else { "?" };
    format!("{url}{separator}Expires={END}&Signature={signature}&Key-Pair-Id={ID}{announced}")
}

/// `url` with signing parameters in which `sent` is sent and `signed` was signed.
pub fn with_custom(url: &str, signed: &str, sent: &str) -> String {
    let signature = base64::encode(
        &private_key("rsa2048-pkcs8.pem")
            .sign(HashAlgorithm::Sha1, signed.as_bytes())
            .unwrap(),
    );
    let separator = if url.contains('?') { "&" } else { "?" };
    format!(
        "{url}{separator}Policy={}&Signature={signature}&Key-Pair-Id={ID}",
        base64::encode(sent.as_bytes())
    )
}
