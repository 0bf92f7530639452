//! `cfsign key generate`: pairs that openssl takes, in files that are private, whole, and never
//! overwritten by accident.

use std::fs;

use crate::common::{Sandbox, openssl, openssl_is_here, openssl_verifies, stdout_of, text};

const URL: &str = "https://d111111abcdef8.cloudfront.net/a.jpg";
const POLICY: &str = r#"{"Statement":[{"Resource":"https://d111111abcdef8.cloudfront.net/a.jpg","Condition":{"DateLessThan":{"AWS:EpochTime":1800000000}}}]}"#;
const SIGN: [&str; 8] = [
    "url",
    URL,
    "--expires",
    "1800000000",
    "--now",
    "2026-12-01",
    "--key-pair-id",
    "K2JCJMDEHXQW5F",
];

#[test]
fn generated_keys_sign_and_openssl_agrees() {
    if !openssl_is_here("generated keys") {
        return;
    }
    for (flags, size) in [
        (&["--type", "rsa"][..], "Private-Key: (2048 bit"),
        (&["--type", "p256"], "Private-Key: (256 bit"),
        (&["--passphrase", "env:P"], "Private-Key: (2048 bit"),
    ] {
        let sandbox = Sandbox::new();
        let said = stdout_of(
            sandbox
                .cfsign(&[&["key", "generate", "new.pem"], flags].concat())
                .env("P", "a secret"),
        );
        let encrypted = flags[0] == "--passphrase";
        let note = if encrypted {
            "encrypted"
        } else {
            "secret: anyone who has it can sign"
        };
        let beginning = format!(
            "private key  new.pem  ({note})\npublic key   new.pub.pem\nfingerprint  SHA256:"
        );
        assert!(said.starts_with(&beginning), "{said}");
        let first_line = if encrypted {
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
        } else {
            "-----BEGIN PRIVATE KEY-----\n"
        };
        assert!(text(&sandbox.read("new.pem")).starts_with(first_line));
        let shown = text(&openssl(
            sandbox.path(),
            &[
                "pkey",
                "-in",
                "new.pem",
                "-passin",
                "pass:a secret",
                "-noout",
                "-text",
            ],
            b"",
        ));
        assert!(shown.starts_with(size), "{shown}");
        let public = openssl(
            sandbox.path(),
            &[
                "pkey",
                "-in",
                "new.pem",
                "-passin",
                "pass:a secret",
                "-pubout",
            ],
            b"",
        );
        assert_eq!(text(&sandbox.read("new.pub.pem")), text(&public));

        let url = stdout_of(
            sandbox
                .cfsign(
                    &[
                        &SIGN[..],
                        &["--private-key", "new.pem", "--passphrase", "env:P"],
                    ]
                    .concat(),
                )
                .env("P", "a secret"),
        );
        let hash = if flags[1] == "p256" {
            "-sha256"
        } else {
            "-sha1"
        };
        assert!(openssl_verifies(
            &sandbox,
            "new.pub.pem",
            hash,
            POLICY,
            &url
        ));
    }
}

#[cfg(unix)]
#[test]
fn generated_files_are_private_and_never_overwritten_by_accident() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    let generate = ["key", "generate", "new.pem", "--type", "p256"];
    let mode = |name: &str| {
        fs::metadata(sandbox.join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    stdout_of(&mut sandbox.shell("umask 022; cfsign key generate new.pem --type p256"));
    assert_eq!((mode("new.pem"), mode("new.pub.pem")), (0o600, 0o644));

    let before = (sandbox.read("new.pem"), sandbox.read("new.pub.pem"));
    let again = sandbox.cfsign(&generate).output().unwrap();
    let hint = "hint: choose another name, or use --force to overwrite the pair\n";
    assert_eq!(
        (
            again.status.code(),
            text(&again.stdout),
            text(&again.stderr)
        ),
        (
            Some(2),
            String::new(),
            format!("error: \"new.pem\" already exists\n{hint}")
        )
    );
    fs::remove_file(sandbox.join("new.pem")).unwrap();
    let half = sandbox.cfsign(&generate).output().unwrap();
    assert_eq!(
        text(&half.stderr),
        format!("error: \"new.pub.pem\" already exists\n{hint}")
    );
    assert!(!sandbox.join("new.pem").exists());
    assert_eq!(sandbox.read("new.pub.pem"), before.1);

    stdout_of(&mut sandbox.cfsign(&[&generate[..], &["--force"]].concat()));
    assert_ne!(sandbox.read("new.pub.pem"), before.1);
    assert_eq!(mode("new.pem"), 0o600);
}

#[test]
fn generate_leaves_nothing_behind_when_it_fails() {
    let sandbox = Sandbox::new();
    let names = |sandbox: &Sandbox| {
        let mut names: Vec<_> = fs::read_dir(sandbox.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    sandbox.write("empty", "");
    let before = names(&sandbox);
    // Windows does not tell a file in the path from a folder that is missing.
    let below_a_file = if cfg!(windows) {
        "error: cannot write \"rsa1024.pem/key.pem\": the folder does not exist\n"
    } else {
        "error: cannot write \"rsa1024.pem/key.pem\": not a directory\n"
    };
    for (arguments, message) in [
        (
            &["no/such/folder.pem"][..],
            "error: cannot write \"no/such/folder.pem\": the folder does not exist\n",
        ),
        (&["rsa1024.pem/key.pem"], below_a_file),
        (
            &["new.pem", "--encrypt"],
            "error: there is no terminal to ask for a passphrase\nhint: use --passphrase env:NAME or --passphrase FILE\n",
        ),
        (
            &["new.pem", "--passphrase", "empty"],
            "error: the passphrase is empty\nhint: leave out --encrypt and --passphrase for a key without a passphrase\n",
        ),
    ] {
        let output = sandbox
            .cfsign(&[&["key", "generate", "--type", "p256"], arguments].concat())
            .output()
            .unwrap();
        assert_eq!(
            (
                output.status.code(),
                text(&output.stdout),
                text(&output.stderr)
            ),
            (Some(2), String::new(), message.into())
        );
        assert_eq!(names(&sandbox), before, "{arguments:?}");
    }
}
