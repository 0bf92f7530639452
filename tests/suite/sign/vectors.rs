//! Known answers: `cfsign` prints, byte for byte, what a policy written by hand and a signature by
//! openssl make.

use std::fs;

use crate::common::{Sandbox, cloudfront_base64, openssl, openssl_is_here, root, stdout_of};

struct Vector {
    name: String,
    text: String,
}

impl Vector {
    fn all() -> Vec<Vector> {
        let entries = fs::read_dir(root().join("tests/vectors")).unwrap();
        let files = entries
            .map(|entry| entry.unwrap().path())
            .filter(|file| file.extension().is_some_and(|e| e == "txt"));
        files
            .map(|file| Vector {
                name: file.display().to_string(),
                text: fs::read_to_string(&file).unwrap(),
            })
            .collect()
    }

    fn lines(&self, name: &str) -> impl Iterator<Item = &str> {
        self.text
            .lines()
            .filter_map(move |line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    fn field(&self, name: &str) -> &str {
        self.lines(name)
            .next()
            .unwrap_or_else(|| panic!("{} has no {name}", self.name))
    }
}

#[test]
fn cfsign_prints_the_known_answers() {
    let sandbox = Sandbox::new();
    let vectors = Vector::all();
    assert!(vectors.len() >= 30, "only {} vectors found", vectors.len());
    for vector in vectors {
        let arguments = vector.field("args").replace("{key}", vector.field("key"));
        let output: String = vector
            .lines("output")
            .map(|line| format!("{line}\n"))
            .collect();
        let expected = output
            .replace("{signature}", vector.field("signature"))
            .replace("{policy}", vector.field("policy-base64"));
        assert_eq!(
            stdout_of(&mut sandbox.shell(&format!("cfsign {arguments}"))),
            expected,
            "{}",
            vector.name
        );
    }
}

/// The stored signatures are openssl's, not cfsign's.
#[test]
fn openssl_makes_the_same_signatures() {
    if !openssl_is_here("the signatures of the known answers") {
        return;
    }
    let sandbox = Sandbox::new();
    for vector in Vector::all() {
        let policy = vector.field("policy").as_bytes();
        let hash = format!("-{}", vector.field("hash"));
        let signature = openssl(
            sandbox.path(),
            &["dgst", &hash, "-sign", vector.field("key")],
            policy,
        );
        assert_eq!(
            vector.field("signature"),
            cloudfront_base64(&signature),
            "{}",
            vector.name
        );
        assert_eq!(
            vector.field("policy-base64"),
            cloudfront_base64(policy),
            "{}",
            vector.name
        );
    }
}

/// `cfsign policy` prints what `cfsign url` signs.
#[test]
fn the_policy_command_prints_the_policies() {
    let sandbox = Sandbox::new();
    let mut count = 0;
    for vector in Vector::all() {
        // The vectors of `cfsign cookies` have none.
        let Some(arguments) = vector.lines("policy-args").next() else {
            continue;
        };
        count += 1;
        assert_eq!(
            stdout_of(&mut sandbox.shell(&format!("cfsign policy {arguments} --quiet"))),
            format!("{}\n", vector.field("policy")),
            "{}",
            vector.name
        );
    }
    assert!(count >= 30, "only {count} policies found");
}
