//! Memory that the system refuses: the run goes on with fewer threads or ends with an error, and
//! leaves no file behind.

use std::fs;

use crate::common::{Sandbox, outcome};

const SIGN: &str = "-k K2JCJMDEHXQW5F -p p256-pkcs8.pem -e 1800000000 --now 2026-12-01";

/// In kilobytes; a program that is linked dynamically starts with about 15,000.
const LIMITS: [u32; 14] = [
    14_000, 14_500, 15_000, 15_250, 15_500, 15_750, 16_000, 16_500, 17_000, 20_000, 40_000, 80_000,
    150_000, 400_000,
];

#[test]
#[cfg(target_os = "linux")]
fn no_limit_of_memory_aborts_a_run_or_leaves_a_file() {
    let sandbox = Sandbox::new();
    let rows: String = (0..1_000)
        .map(|row| format!("https://h.example/{row}\n"))
        .collect();
    sandbox.write("rows", &rows);
    sandbox.write("index.m3u8", "#EXTM3U\n#EXTINF:4,\n1.ts\n".repeat(500));
    let commands = [
        format!("url https://h.example/a {SIGN}"),
        format!("batch rows {SIGN} -j 1 -o out"),
        format!("batch rows {SIGN} -j 64 -o out"),
        format!("batch rows -r 'https://h.example/*' {SIGN} -j 64 -o out"),
        "verify - --public-key p256-public.pem -j 64 --summary < rows".to_owned(),
        format!("playlist index.m3u8 --base-url https://h.example/ {SIGN}"),
        "inspect https://h.example/a".to_owned(),
        "key inspect p256-pkcs8.pem".to_owned(),
    ];
    let before = fs::read_dir(sandbox.path()).unwrap().count();
    let mut outcomes = [0; 3];
    for limit in LIMITS {
        // What the system needs to start a program is not the program's: with less it ends by a
        // signal, and not always at the same limit.
        let less = limit - 400;
        let (code, ..) = outcome(
            &sandbox,
            &format!("ulimit -v {less}; exec cfsign --version"),
        );
        let limit = format!("ulimit -v {limit}; exec");
        if !matches!(code, Some(0 | 2)) {
            continue;
        }
        for command in &commands {
            let (code, _, stderr) = outcome(&sandbox, &format!("{limit} cfsign {command}"));
            let what = format!("{limit} cfsign {command}: {code:?} {stderr}");
            let code = code.expect(&what) as usize;
            assert!(code < 3, "{what}");
            outcomes[code] += 1;
            let _ = fs::remove_file(sandbox.join("out"));
            assert_eq!(
                fs::read_dir(sandbox.path()).unwrap().count(),
                before,
                "{what}"
            );
        }
    }
    let [done, _, refused] = outcomes;
    assert!(done > 10 && refused > 0, "{outcomes:?}");
}

/// The limits at which a copy of a long policy is refused while the policy file exists are between
/// those at which nothing is signed and those at which the run succeeds.
#[test]
#[cfg(target_os = "linux")]
fn no_limit_of_memory_leaves_a_policy_file() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.join("tmp")).unwrap();
    let path = "a".repeat(300_000);
    let policy = format!(
        r#"{{"Statement":[{{"Resource":"https://h.example/{path}","Condition":{{"DateLessThan":{{"AWS:EpochTime":1800000000}}}}}}]}}"#
    );
    sandbox.write("policy", policy);
    let command = "test -s {policy_file} && head -c 256 /dev/zero";
    let line = format!(
        "TMPDIR=tmp exec cfsign cookies --policy policy -k K2JCJMDEHXQW5F --sign-command '{command}'"
    );
    let (mut refused, mut done) = (0, 0);
    for limit in (20_000..60_000).step_by(100) {
        let (code, _, stderr) = outcome(&sandbox, &format!("ulimit -v {limit}; {line}"));
        let left = fs::read_dir(sandbox.join("tmp")).unwrap().count();
        if stderr.contains("Fatal glibc error") {
            // glibc itself aborts where it has no memory for a new thread's thread-local variables.
            fs::remove_dir_all(sandbox.join("tmp")).unwrap();
            fs::create_dir(sandbox.join("tmp")).unwrap();
            continue;
        }
        assert_eq!(left, 0, "{limit}: {code:?} {stderr}");
        refused += i32::from(code == Some(2));
        done += i32::from(code == Some(0));
        if done > 2 {
            assert!(refused > 10, "{refused}");
            return;
        }
    }
    panic!("it never has memory enough");
}
