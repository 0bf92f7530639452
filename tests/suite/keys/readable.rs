//! The two sides of the rule for values in messages, in figures: lines of keys are hidden, and what
//! people and machines call things is shown.

use std::fmt::Write as _;

use cfsign::is_showable;

use crate::common::{Sandbox, outcome};

/// Pseudo-random numbers (xorshift64), the same in each run.
struct Random(u64);

impl Random {
    fn character(&mut self, alphabet: &str) -> char {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let index = (self.0 >> 32) as usize % alphabet.len();
        char::from(alphabet.as_bytes()[index])
    }

    fn word(&mut self, alphabet: &str, length: usize) -> String {
        (0..length).map(|_| self.character(alphabet)).collect()
    }
}

const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64_URL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const HEX: &str = "0123456789abcdef";
/// The digits of Nix's base 32.
const NIX: &str = "0123456789abcdfghijklmnpqrsvwxyz";

/// The lines of 10,000 that pass.
fn passing(alphabet: &str, length: usize) -> usize {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let lines = (0..10_000).map(|_| random.word(alphabet, length));
    lines.filter(|line| is_showable(line)).count()
}

#[test]
fn lines_of_keys_are_hidden() {
    // PEM has 64 characters in a line, MIME and some programs 76.
    for length in [64, 76] {
        let base64 = passing(BASE64, length);
        assert!(base64 <= 100, "{base64} lines of {length} pass");
        let url = passing(BASE64_URL, length);
        assert!(url <= 100, "{url} lines of {length} pass");
    }
    assert_eq!(passing(HEX, 64), 0);
    assert_eq!(passing(&HEX.to_uppercase(), 64), 0);
    let percent: String = passing_percent();
    assert!(!is_showable(&percent));
}

/// A line of base64, percent-encoded throughout.
fn passing_percent() -> String {
    let line = Random(7).word(LETTERS, 64);
    let mut encoded = String::new();
    for byte in line.bytes() {
        write!(encoded, "%{byte:02X}").unwrap();
    }
    encoded
}

#[test]
fn real_values_are_shown() {
    for value in include_str!("readable.txt").lines() {
        assert!(is_showable(value), "{value}");
    }
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..200 {
        let hash = random.word(HEX, 40);
        let uuid = [8, 4, 4, 4, 12]
            .map(|length| random.word(HEX, length))
            .join("-");
        let id = random.word(CAPITALS, 13);
        let video = random.word(BASE64_URL, 11);
        let temporary = random.word(LETTERS, 10);
        let store = random.word(NIX, 32);
        for value in [
            format!("https://cdn.example.com/builds/{hash}/app.tar.gz?v=2"),
            format!("/home/runner/work/_temp/{uuid}.sh"),
            format!("https://cdn.example.com/{}/{uuid}/index.m3u8", &hash[..32]),
            format!("arn:aws:kms:us-east-1:111122223333:key/{uuid}"),
            format!("K{id}"),
            format!("https://cdn.example.com/watch?v={video}&t=1"),
            format!("/tmp/tmp.{temporary}/cf.pem"),
            format!("C:\\Users\\ci\\AppData\\Local\\Temp\\{temporary}\\cf.pem"),
            format!("/nix/store/{store}-cfsign-0.1.0/bin/cfsign"),
        ] {
            assert!(is_showable(&value), "{value}");
        }
    }
}

/// What messages say of values that are not shown, and of files, whose names always are.
#[test]
fn hidden_values_and_names_of_files() {
    let sandbox = Sandbox::new();
    let key = Random(9).word(LETTERS, 64);
    let named = format!("https://h.example/v/{key}/a b");
    let (_, _, error) = outcome(&sandbox, &format!("cfsign url '{named}' -e 1h -k K1 -p x"));
    assert!(
        error.starts_with("error: the URL \"https://h.example/v/...\""),
        "{error}"
    );
    let (_, _, error) = outcome(&sandbox, &format!("cfsign key inspect {key}"));
    let expected = "error: SOURCE a value of 64 characters is not the name of a readable file\n";
    assert!(error.starts_with(expected), "{error}");
    sandbox.write(&key, "no key");
    let (_, _, error) = outcome(&sandbox, &format!("cfsign key inspect {key}"));
    let expected = format!("error: \"{key}\" is text that contains no key\n");
    assert!(error.starts_with(&expected), "{error}");
}
