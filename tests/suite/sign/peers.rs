//! The other signers that `tests/bench/compare.sh` runs beside cfsign print what cfsign prints:
//! what it times is the same work, and its scripts run.

use std::io::Write;

use crate::common::{CFSIGN, Sandbox, openssl_is_here, root, text};

#[test]
fn peers_print_the_same() {
    let sandbox = Sandbox::new();
    let script = root().join("tests/bench/compare.sh");
    let output = sandbox
        .shell(&format!("bash '{}' --check", script.display()))
        .env("CFSIGN", CFSIGN)
        .output()
        .unwrap();
    let (said, skipped) = (text(&output.stdout), text(&output.stderr));
    // Straight to standard error: the test harness would swallow eprintln!.
    std::io::stderr().write_all(skipped.as_bytes()).unwrap();
    if skipped.starts_with("SKIPPED: bash") {
        return;
    }
    assert_eq!(output.status.code(), Some(0), "{said}{skipped}");
    assert!(
        skipped.lines().all(|line| line.starts_with("SKIPPED: ")),
        "{skipped}"
    );
    assert!(
        said.contains("9 URLs under one policy: cfsign batch, on all "),
        "{said}"
    );
    if openssl_is_here("the script with bash and openssl") {
        assert!(
            said.contains("one URL, a process each: bash and openssl\n"),
            "{said}"
        );
    }
}
