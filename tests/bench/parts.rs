//! What the parts of signing and verifying cost: `cargo bench`, or `cargo bench -- verify` for some of them.
//!
//! `tests/bench/compare.sh` measures whole runs, and other tools beside them.
#![allow(clippy::print_stderr, clippy::unwrap_used, unsafe_code)]

use std::fs;
use std::time::Duration;

use cfsign::batch::{Chunks, Column, Columns, Format, Layout, Row, write_row};
use cfsign::text::Reader;
use cfsign::verify::{Checker, SignedRequest, TrustedKey};
use cfsign::{
    Conditions, HashAlgorithm, KeyFile, Policy, PrivateKey, Resource, SignedUrl, Signer, Timestamp,
    UnsignedUrl, base64,
};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};

const VIDEO: &str = "https://d111111abcdef8.cloudfront.net/videos/2026/intro-0001.mp4?quality=high";
const VIDEOS: &str = "https://d111111abcdef8.cloudfront.net/videos/*";
const KEYS: [&str; 2] = ["rsa2048-pkcs8.pem", "p256-pkcs8.pem"];

fn main() {
    divan::main();
}

fn key_bytes(name: &str) -> Vec<u8> {
    fs::read(format!("{}/tests/keys/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn key(name: &str) -> PrivateKey {
    KeyFile::read(name, &key_bytes(name))
        .unwrap()
        .into_private(None)
        .unwrap()
}

fn signer(name: &str) -> Signer {
    Signer::new("K2JCJMDEHXQW5F".parse().unwrap(), key(name))
}

fn expires() -> Timestamp {
    Timestamp::from_unix(1_800_000_000).unwrap()
}

fn canned(url: &UnsignedUrl) -> Policy {
    Policy::canned(&url.resource(), expires()).unwrap()
}

fn custom() -> Policy {
    let conditions = Conditions {
        ip: Some("192.0.2.0/24".parse().unwrap()),
        ..Conditions::until(expires())
    };
    Policy::custom(&VIDEOS.parse().unwrap(), conditions).unwrap()
}

#[divan::bench(args = KEYS)]
fn read_key(bencher: Bencher, name: &str) {
    let bytes = key_bytes(name);
    bencher.bench(|| KeyFile::read(name, &bytes));
}

#[divan::bench]
fn policy_canned(bencher: Bencher) {
    let url = UnsignedUrl::parse(VIDEO).unwrap();
    bencher.bench(|| canned(&url));
}

#[divan::bench]
fn policy_custom() -> Policy {
    custom()
}

/// The signature of an RSA 2048 key, and a custom policy of common length.
#[divan::bench(args = [256, 160])]
fn encode(bencher: Bencher, length: usize) {
    let bytes: Vec<u8> = (0..=255).cycle().take(length).collect();
    bencher
        .counter(BytesCount::new(length))
        .bench(|| base64::encode(&bytes));
}

/// One policy at a time, with AWS-LC in a build that has it.
#[divan::bench(args = KEYS)]
fn sign(bencher: Bencher, name: &str) {
    let signer = signer(name);
    bencher
        .with_inputs(custom)
        .bench_values(|policy| signer.sign(policy));
}

/// A chunk of `cfsign batch` at a time, eight in the lanes of vectors on a processor with AVX-512 IFMA. The rate is that of
/// signatures.
#[divan::bench(args = [("rsa2048-pkcs8.pem", 16), ("p256-pkcs8.pem", 128)])]
fn sign_many(bencher: Bencher, (name, count): (&str, usize)) {
    let signer = signer(name);
    bencher
        .counter(ItemsCount::new(count))
        .with_inputs(|| vec![custom(); count])
        .bench_values(|policies| signer.sign_many(policies));
}

/// The multiplications of [`sign_many`] with RSA-2048 alone, so the rate is the bound that the multiplier sets.
#[cfg(target_arch = "x86_64")]
#[divan::bench]
fn rsa_multiplications(bencher: Bencher) {
    // For both primes 1024 squares, 275 products and, twice as wide, 16 squares and 2 products for the check.
    const SQUARE: u64 = 420 + 800;
    const PRODUCT: u64 = 1600;
    const EIGHT_SIGNATURES: u64 =
        2 * (1024 * SQUARE + 275 * PRODUCT) + 16 * 4840 + 2 * 6400 + 2 * PRODUCT + 800;
    if !is_x86_feature_detected!("avx512ifma") {
        eprintln!("SKIPPED: this processor has no AVX-512 IFMA");
        return;
    }
    bencher.counter(ItemsCount::new(8_u64)).bench(|| {
        // SAFETY: the processor has the instructions.
        unsafe { multiply_add(EIGHT_SIGNATURES) }
    });
}

/// Independent multiplications, as many as the processor can have under way.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512ifma")]
fn multiply_add(count: u64) -> std::arch::x86_64::__m512i {
    use std::arch::x86_64::{_mm512_add_epi64, _mm512_madd52lo_epu64, _mm512_set1_epi64};
    const INDEPENDENT: usize = 16;
    let factor = std::hint::black_box(_mm512_set1_epi64(3));
    let mut sums = [factor; INDEPENDENT];
    for _ in 0..count / INDEPENDENT as u64 {
        for sum in &mut sums {
            *sum = _mm512_madd52lo_epu64(*sum, factor, factor);
        }
    }
    let mut total = factor;
    for sum in sums {
        total = _mm512_add_epi64(total, sum);
    }
    total
}

#[divan::bench(args = KEYS)]
fn sign_in_pure_rust(bencher: Bencher, name: &str) {
    let (key, policy) = (key(name), custom());
    let hash = key.key_type().default_hash();
    bencher.bench(|| key.sign(hash, policy.as_str().as_bytes()));
}

#[divan::bench(args = KEYS)]
fn verify_allowed(bencher: Bencher, name: &str) {
    verify(bencher, name, "");
}

/// The search for what happened to the URL included.
#[divan::bench(args = KEYS)]
fn verify_denied(bencher: Bencher, name: &str) {
    verify(bencher, name, "&utm=1");
}

/// The whole search in vain: a URL for which a text was signed that no change of it gives. All classes of characters are in
/// it, so that it has as many alternatives as URLs of its length have.
#[divan::bench(args = KEYS, sample_count = 20)]
fn verify_denied_unexplained(bencher: Bencher, name: &str) {
    const URL: &str = "https://d111111abcdef8.cloudfront.net/Caf%C3%A9%20%281%29/it's;a%2Fb/2026/intro+1.mp4?response-content-disposition=attachment%3B%20filename%3D%22Caf%C3%A9%20%281%29.mp4%22&utm_source=mail&utm_medium=email&size=large%20one&v=2";
    unexplained(
        bencher,
        name,
        URL,
        canned(&UnsignedUrl::parse(VIDEO).unwrap()),
    );
}

/// URLs made to take long: as long as CloudFront accepts, each full of one thing that has alternatives.
#[divan::bench(args = hostile(), sample_count = 10)]
fn verify_denied_hostile(bencher: Bencher, (name, _, part): (&str, &str, &str)) {
    let start = "https://d111111abcdef8.cloudfront.net/a";
    let url = format!("{start}{}", part.repeat(7_500 / part.len()));
    unexplained(
        bencher,
        name,
        &url,
        canned(&UnsignedUrl::parse(VIDEO).unwrap()),
    );
}

fn hostile() -> Vec<(&'static str, &'static str, &'static str)> {
    let with_key = |key| HOSTILE.map(|(label, part)| (key, label, part));
    KEYS.into_iter().flat_map(with_key).collect()
}

const HOSTILE: [(&str, &str); 6] = [
    ("folders", "/a"),
    ("letters", "a"),
    ("escapes", "/%C3%A9%20%28"),
    ("parameters", "?a=%20&b+;"),
    ("marks", "'(;~!@$,/"),
    ("percent signs", "%"),
];

fn unexplained(bencher: Bencher, name: &str, url: &str, policy: Policy) {
    let signature = base64::encode(
        &key(name)
            .sign(HashAlgorithm::Sha1, policy.as_str().as_bytes())
            .unwrap(),
    );
    let separator = if url.contains('?') { '&' } else { '?' };
    let parameters = "Expires=1800000000&Key-Pair-Id=K2JCJMDEHXQW5F&Signature=";
    let requested = format!("{url}{separator}{parameters}{signature}");
    judge(bencher, name, &requested, (false, false));
}

fn verify(bencher: Bencher, name: &str, added: &str) {
    let url = UnsignedUrl::parse(VIDEO).unwrap();
    let signed = SignedUrl::new(&url, &signer(name).sign(canned(&url)).unwrap());
    let expected = (added.is_empty(), !added.is_empty());
    judge(bencher, name, &format!("{signed}{added}"), expected);
}

/// Verifies a request, which is allowed or not, and has a cause or not.
fn judge(bencher: Bencher, name: &str, requested: &str, expected: (bool, bool)) {
    let requested = SignedUrl::parse(requested).unwrap();
    let keys = trusted(name);
    bencher.bench(|| {
        let verdict = cfsign::verify(&request(&requested, &keys));
        assert_eq!((verdict.allowed(), verdict.cause.is_some()), expected);
    });
}

/// A request with a signature that was valid before, as in lists under one policy.
#[divan::bench]
fn verify_again(bencher: Bencher) {
    let url = UnsignedUrl::parse(VIDEO).unwrap();
    let requested = SignedUrl::new(&url, &signer(KEYS[0]).sign(custom()).unwrap());
    let keys = trusted(KEYS[0]);
    let mut checker = Checker::default().without_details();
    bencher.bench_local(|| assert!(checker.evaluate(&request(&requested, &keys)).allowed()));
}

fn trusted(name: &str) -> [TrustedKey; 1] {
    let key = key(name).public_key();
    [TrustedKey { id: None, key }]
}

fn request<'a>(url: &'a SignedUrl, keys: &'a [TrustedKey]) -> SignedRequest<'a> {
    SignedRequest {
        url,
        cookies: None,
        keys,
        now: Timestamp::from_unix(1_790_000_000).unwrap(),
        ip: "192.0.2.7".parse().ok(),
        valid_for: Duration::ZERO,
    }
}

/// A pattern that is used once, its preparation included: one that is only a beginning, and one that is not.
#[divan::bench(args = [VIDEOS, "https://*.cloudfront.net/*/2026/*.mp4?quality=*"])]
fn covers_once(bencher: Bencher, pattern: &str) {
    let resource: Resource = pattern.parse().unwrap();
    bencher.bench(|| assert!(resource.covers(VIDEO)));
}

/// The same, prepared for many URLs.
#[divan::bench(args = [VIDEOS, "https://*.cloudfront.net/*/2026/*.mp4?quality=*"])]
fn covers_again(bencher: Bencher, pattern: &str) {
    let matcher = pattern.parse::<Resource>().unwrap().matcher();
    bencher.bench(|| assert!(matcher.covers(VIDEO)));
}

/// From a line to a line, with one signature for all.
#[divan::bench]
fn row_signed_once(bencher: Bencher) {
    let signed = signer("rsa2048-pkcs8.pem").sign(custom()).unwrap();
    rows(bencher, 256, |url| SignedUrl::new(url, &signed));
}

/// From a line to a line, with a signature each.
#[divan::bench(args = KEYS)]
fn row_signed_each(bencher: Bencher, name: &str) {
    let signer = signer(name);
    rows(bencher, 16, |url| {
        SignedUrl::new(url, &signer.sign(canned(url)).unwrap())
    });
}

fn rows(bencher: Bencher, count: usize, sign: impl Fn(&UnsignedUrl) -> SignedUrl + Sync) {
    let input = format!("{VIDEO}\n").repeat(count);
    let reader = Reader::new(input.as_bytes()).unwrap();
    let mut chunks = Chunks::new(reader, "rows".into(), Format::Lines, count).unwrap();
    let layout = Layout::read(&mut chunks, Format::Lines, Columns::to_sign("url")).unwrap();
    let chunk = chunks.next_chunk().unwrap().unwrap();
    bencher.counter(ItemsCount::new(count)).bench(|| {
        let mut output = Vec::new();
        for row in Row::all(&layout, &chunk) {
            let url = UnsignedUrl::parse(row.get(Column::Url).unwrap().unwrap()).unwrap();
            write_row(&row, Ok(sign(&url).as_str()), &mut output);
        }
        output
    });
}
