//! Files that `-o` writes to while others change the folder.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::common::{Sandbox, outcome};

const SIGN: &str = "echo https://h.example/a | cfsign batch - -k K2JCJMDEHXQW5F -p p256-pkcs8.pem -e 1800000000 --now 2026-12-01";

#[test]
fn a_link_into_a_missing_folder() {
    let sandbox = Sandbox::new();
    symlink("no/such/out", sandbox.join("link")).unwrap();
    let error = "error: cannot write \"link\": the folder does not exist\n";
    let expected = (Some(2), String::new(), error.to_owned());
    assert_eq!(outcome(&sandbox, &format!("{SIGN} -o link")), expected);
}

#[test]
fn a_link_to_a_file_that_does_not_exist_yet() {
    let sandbox = Sandbox::new();
    symlink("out", sandbox.join("link")).unwrap();
    let expected = (Some(0), String::new(), String::new());
    assert_eq!(outcome(&sandbox, &format!("{SIGN} -o link")), expected);
    assert!(
        sandbox
            .read("out")
            .starts_with(b"https://h.example/a?Expires=")
    );
    assert!(
        fs::symlink_metadata(sandbox.join("link"))
            .unwrap()
            .is_symlink()
    );
}

/// A link that changes between two files: neither gets what belongs to the other, its permissions.
#[test]
fn a_link_that_changes_meanwhile() {
    let sandbox = Sandbox::new();
    let modes = [("private", 0o600), ("public", 0o644)];
    for (name, mode) in modes {
        fs::write(sandbox.join(name), "").unwrap();
        fs::set_permissions(sandbox.join(name), Permissions::from_mode(mode)).unwrap();
    }
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for (name, _) in modes.iter().cycle() {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                let _ = fs::remove_file(sandbox.join("next"));
                symlink(name, sandbox.join("next")).unwrap();
                fs::rename(sandbox.join("next"), sandbox.join("link")).unwrap();
            }
        });
        for _ in 0..60 {
            let (code, _, stderr) = outcome(&sandbox, &format!("{SIGN} -o link"));
            if code != Some(0) {
                assert_eq!(
                    stderr,
                    "error: cannot write \"link\": it was replaced at the same time\n"
                );
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    for (name, mode) in modes {
        let found = fs::metadata(sandbox.join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777;
        assert_eq!(found, mode, "{name}");
    }
}
