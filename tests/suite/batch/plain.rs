//! Lines under one policy are signed in one pass over their bytes where nothing is to be said or
//! changed about them. The rows of a table always go the full way, so both must give the same.

use crate::common::{Sandbox, run_with, text};

const ORIGINS: [&str; 7] = [
    "https://h.example",
    "https://H.example",
    "https://h.example:443",
    "http://h.example",
    "https://s3.amazonaws.com",
    "https://g.example",
    "",
];

const PATHS: [&str; 16] = [
    "",
    "/",
    "/a",
    "/a/b.mp4",
    "/aZ0_-.tar.gz",
    "/a/../b",
    "/a/.hidden",
    "/./a",
    "/a/.",
    "/a?x=1",
    "/a?",
    "/a%20b",
    "/a b",
    "/a*",
    "/é",
    "/a\\b",
];

fn rows() -> Vec<String> {
    let mut rows = Vec::new();
    for origin in ORIGINS {
        rows.extend(PATHS.iter().map(|path| format!("{origin}{path}")));
    }
    rows.push(format!("https://h.example/a{}", "b".repeat(8000)));
    rows.retain(|row| !row.is_empty());
    rows
}

#[test]
fn plain_urls_are_signed_as_all_others() {
    let sandbox = Sandbox::new();
    let rows = rows();
    for resource in [
        "https://h.example/a*",
        "https://h.example/*",
        "https://H.example/*",
        "https://h.example:443/*",
        "https://*.example/*",
        "http://h.example/*",
        "https://s3.amazonaws.com/*",
        "https://h.example/a/?",
        "https://h.example/a",
    ] {
        for changes in ["", "--encode", "--query v=1", "--strict"] {
            let run = |format: &str, header: &str| {
                let command = format!(
                    "cfsign batch --from {format} --to lines -k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem \
                     --now 2026-12-01 -e 2027-01-31 -r '{resource}' {changes}"
                );
                let input = format!("{header}{}\n", rows.join("\n"));
                let output = run_with(&mut sandbox.shell(&command), input.as_bytes());
                (
                    output.status.code(),
                    text(&output.stdout),
                    text(&output.stderr),
                )
            };
            // The first line of a table names its columns.
            let full = run("tsv", "url\n");
            let lines = run("lines", "url\n");
            let case = format!("{resource} {changes}");
            let (_, own) = lines.1.split_once('\n').unwrap();
            assert_eq!(own, full.1, "{case}");
            let messages = lines.2.lines().filter(|line| {
                line.starts_with("error: line") && !line.starts_with("error: line 1:")
            });
            let expected = full
                .2
                .lines()
                .filter(|line| line.starts_with("error: line"));
            assert!(messages.eq(expected), "{case}: {}", lines.2);
            let warnings = |stderr: &str| -> Vec<String> {
                stderr
                    .lines()
                    .filter(|line| line.starts_with("warning:"))
                    .map(str::to_owned)
                    .collect()
            };
            assert_eq!(warnings(&lines.2), warnings(&full.2), "{case}");
        }
    }
}
