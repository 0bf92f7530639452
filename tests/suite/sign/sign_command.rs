//! Signatures by other programs: what they get, what they may print, and what they leave behind.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::common::{
    Sandbox, openssl, openssl_is_here, root, signals_count, skipped, stdout_of, text,
};
use cfsign::{HashAlgorithm, KeyType, SignCommand, Signer};
use proptest::prelude::*;
use rexpect::session::spawn_command;

const SIGN: &str =
    "cfsign url https://h.example/a.jpg -k K2JCJMDEHXQW5F -e 1800000000 --now 2026-12-01";

/// A line for the shell, with the programs of `tests/mocks` before those of the system.
fn with_mocks(sandbox: &Sandbox, line: &str) -> Command {
    let mut command = sandbox.shell(&format!(
        "PATH='{}':$PATH; {line}",
        root().join("tests/mocks").display()
    ));
    command.env("PIN", "123456");
    command
}

/// What a line for the shell says on standard error, where it fails and prints nothing.
fn refusal(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(
        (output.status.code(), text(&output.stdout)),
        (Some(2), String::new()),
        "{command:?}"
    );
    text(&output.stderr)
}

#[test]
fn the_programs_of_the_readme() {
    if !openssl_is_here("the programs that sign in the README") {
        return;
    }
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, section) = readme.split_once("\n### KMS, HSM and Vault\n").unwrap();
    let sandbox = Sandbox::new();
    sandbox.write("cf.pem", sandbox.read("rsa2048-pkcs8.pem"));
    let mut count = 0;
    for row in section
        .split("\n### ")
        .next()
        .unwrap()
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains("` | `sha"))
    {
        let cells: Vec<&str> = row
            .trim_matches(['|', ' '])
            .split(" | ")
            .map(|cell| cell.trim_matches(['`', '\'']))
            .collect();
        let [_, command, hash] = cells[..] else {
            panic!("{row}")
        };
        let expected = stdout_of(&mut sandbox.shell(&format!("{SIGN} --hash {hash} -p cf.pem")));
        for check in ["", "--public-key rsa2048-public.pem"] {
            let line = format!("{SIGN} --hash {hash} {check} --sign-command '{command}'");
            assert_eq!(
                stdout_of(&mut with_mocks(&sandbox, &line)),
                expected,
                "{line}"
            );
        }
        count += 1;
    }
    assert_eq!(count, 4);
}

#[test]
fn kms() {
    if !openssl_is_here("signatures as AWS KMS makes them") {
        return;
    }
    let sandbox = Sandbox::new();
    let rsa = "aws kms sign --key-id alias/cloudfront --signing-algorithm RSASSA_PKCS1_V1_5_SHA_256 --message fileb://";
    let expected =
        stdout_of(&mut sandbox.shell(&format!("{SIGN} --hash sha256 -p rsa2048-pkcs8.pem")));
    for command in [
        format!("{rsa}{{policy_file}}"),
        format!("{rsa}{{policy_file}} --query Signature --output text"),
        format!("openssl dgst -sha256 -binary > digest; {rsa}digest --message-type DIGEST"),
    ] {
        for check in ["", "--public-key rsa2048-public.pem"] {
            let line = format!("{SIGN} --hash sha256 {check} --sign-command '{command}'");
            assert_eq!(
                stdout_of(&mut with_mocks(&sandbox, &line)),
                expected,
                "{line}"
            );
        }
    }

    let check = "--public-key p256-public.pem";
    let ecdsa = "aws kms sign --key-id alias/p256 --signing-algorithm ECDSA_SHA_256 --message fileb://{policy_file}";
    let signed = stdout_of(&mut with_mocks(
        &sandbox,
        &format!("{SIGN} {check} --sign-command '{ecdsa}'"),
    ));
    let verdict = stdout_of(&mut sandbox.cfsign(&[
        "verify",
        signed.trim_end(),
        "--public-key",
        "p256-public.pem",
    ]));
    assert!(verdict.ends_with("\nallowed\n"), "{verdict}");

    let said = |arguments: &str| refusal(&mut with_mocks(&sandbox, &format!("{SIGN} {arguments}")));
    assert_eq!(
        said(&format!("--sign-command '{rsa}{{policy_file}}'")),
        "error: the sign command signed with \"RSASSA_PKCS1_V1_5_SHA_256\", but SHA-1 was requested\nhint: use --hash sha256\n"
    );
    assert_eq!(
        said(&format!(
            "--sign-command '{}{{policy_file}}'",
            rsa.replace("256", "1")
        )),
        "error: the sign command exited with 254: An error occurred (ValidationException) when calling the Sign operation: Algorithm RSASSA_PKCS1_V1_5_SHA_1 and key spec are incompatible.\nhint: use --hash sha256; some systems disable SHA-1, and KMS does not sign with it: --signing-algorithm RSASSA_PKCS1_V1_5_SHA_256\n"
    );
    assert_eq!(
        said(&format!(
            "--hash sha256 --public-key rsa2048-public.pem --sign-command 'openssl dgst -sha256 -binary > digest; {rsa}digest'"
        )),
        "error: the sign command signed the digest of the digest, not the policy\nhint: sign the policy, or tell the service that it gets a digest: --message-type DIGEST\n"
    );
    assert_eq!(
        said(&format!(
            "--hash sha256 --public-key rsa2048-public.pem --sign-command '{}{{policy_file}} --query Signature --output text'",
            rsa.replace("PKCS1_V1_5", "PSS")
        )),
        "error: the sign command signed with RSA PSS, but CloudFront accepts PKCS#1 v1.5 only\nhint: use --signing-algorithm RSASSA_PKCS1_V1_5_SHA_256, -pkeyopt rsa_padding_mode:pkcs1, or --mechanism SHA256-RSA-PKCS\n"
    );
}

#[test]
fn the_program_gets_the_environment_without_the_key() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.shell(&format!("{SIGN} --sign-command 'env > seen; exit 1'"));
    command.env(
        "CFSIGN_PRIVATE_KEY",
        text(&sandbox.read("rsa2048-pkcs8.pem")),
    );
    command
        .env("CFSIGN_PASSPHRASE", "correct horse")
        .env("AWS_PROFILE", "cdn");
    refusal(&mut command);
    let seen = text(&sandbox.read("seen"));
    assert!(seen.contains("AWS_PROFILE=cdn\n"), "{seen}");
    assert!(
        !seen.contains("PRIVATE KEY") && !seen.contains("horse") && !seen.contains("CFSIGN_P"),
        "{seen}"
    );
}

#[test]
fn a_variable_that_a_source_names_is_withheld_too() {
    let sandbox = Sandbox::new();
    for arguments in ["", "--passphrase env:PHRASE"] {
        let line = format!("{SIGN} {arguments} --sign-command 'env > seen; exit 1'");
        let mut command = sandbox.shell(&line);
        command
            .env("CFSIGN_PRIVATE_KEY", "env:THE_KEY")
            .env("THE_KEY", text(&sandbox.read("rsa2048-pkcs8.pem")))
            .env("PHRASE", "correct horse");
        if arguments.is_empty() {
            command.env("CFSIGN_PASSPHRASE", "env:PHRASE");
        }
        refusal(&mut command);
        let seen = text(&sandbox.read("seen"));
        for withheld in ["THE_KEY", "PRIVATE KEY", "PHRASE", "horse"] {
            assert!(!seen.contains(withheld), "{withheld}: {seen}");
        }
    }
}

/// In quotes of the command's own, those around the file's name would not have kept the shell from
/// running it.
#[test]
fn the_name_of_the_folder_for_temporary_files_is_not_run() {
    let sandbox = Sandbox::new();
    for folder in [
        "a$(touch run)",
        "a`touch run`",
        "a;touch run;b",
        "a'b",
        "a\"b",
        "a|touch run",
        "a&touch run&",
        "a\ntouch run\n",
        "a\\b",
        "a>run",
    ] {
        fs::create_dir(sandbox.join(folder)).unwrap();
        for name in [
            "{policy_file}",
            "\"{policy_file}\"",
            "\"'\"{policy_file}\"'\"",
        ] {
            let said = refusal(
                sandbox
                    .shell(&format!("{SIGN} --sign-command \"$COMMAND\""))
                    .env("COMMAND", format!("cat {name}"))
                    .env("TMPDIR", folder),
            );
            assert!(said.contains("a shell may interpret the name"), "{said}");
            assert!(!sandbox.join("run").exists(), "{folder}");
        }
        assert_eq!(fs::read_dir(sandbox.join(folder)).unwrap().count(), 0);
    }
}

/// Whether a process runs: it is there, and not one that nobody has waited for.
#[cfg(target_os = "linux")]
fn runs(process: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", process.trim()));
    status.is_ok_and(|status| !status.contains("\nState:\tZ"))
}

#[test]
#[cfg(target_os = "linux")]
fn a_signal_to_cfsign_alone_ends_the_program() {
    signals_count();
    for (signal, program) in [
        ("TERM", "sleep 600 & echo $! > id; mv id program; wait"),
        (
            "INT",
            "sh -c \"echo \\$\\$ > id; mv id program; exec sleep 600\"; true",
        ),
        (
            "HUP",
            "trap \"\" TERM; echo $$ > id; mv id program; while :; do sleep 1; done",
        ),
    ] {
        let sandbox = Sandbox::new();
        fs::create_dir(sandbox.join("tmp")).unwrap();
        let line = format!("exec {SIGN} --sign-command 'cat {{policy_file}} > seen; {program}'");
        let mut child = sandbox.shell(&line).env("TMPDIR", "tmp").spawn().unwrap();
        until("the program starts", || sandbox.join("program").exists());
        let kill = Command::new("kill")
            .args(["-s", signal, &child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        assert_eq!(child.wait().unwrap().code(), None, "{signal}");
        let program = text(&sandbox.read("program"));
        until("the program ends", || !runs(&program));
        assert_eq!(fs::read_dir(sandbox.join("tmp")).unwrap().count(), 0);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_program_that_takes_too_long_is_killed_with_what_it_started() {
    let sandbox = Sandbox::new();
    let line = format!(
        "{SIGN} --sign-timeout 1s --sign-command 'sh -c \"echo \\$\\$ > program; exec sleep 600\"; true'"
    );
    assert!(refusal(&mut sandbox.shell(&line)).contains("timed out after 1s"));
    let program = text(&sandbox.read("program"));
    until("the program ends", || !runs(&program));
}

/// Also what has left the tree of processes, because its parent has ended, and what holds the
/// output open.
#[test]
#[cfg(target_os = "linux")]
fn background_programs_end_with_the_command() {
    for (rest, error) in [
        ("sleep 600", "timed out after 2s"),
        ("true", "exited, but a child process holds its output open"),
    ] {
        let sandbox = Sandbox::new();
        let command = format!("sh -c \"sleep 600 & echo \\$! > program\"; {rest}");
        // Without a terminal that could ask for a PIN.
        let line = format!("setsid --wait {SIGN} --sign-timeout 2s --sign-command '{command}'");
        let stderr = refusal(&mut sandbox.shell(&line));
        assert!(stderr.contains(error), "{stderr}");
        let program = text(&sandbox.read("program"));
        until("the program ends", || !runs(&program));
    }
}

#[test]
fn the_policy_file_is_private_and_gone_afterwards() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.join("tmp")).unwrap();
    let policy = stdout_of(
        &mut sandbox.shell("cfsign policy https://h.example/a.jpg -e 1800000000 --now 2026-12-01"),
    );
    for end in ["exit 1", "kill -9 $$", "kill -TERM $$", "exec sleep 20"] {
        let command =
            format!("umask 0; cp {{policy_file}} seen; ls -l {{policy_file}} > listed; {end}");
        refusal(
            sandbox
                .shell(&format!(
                    "{SIGN} --sign-timeout 3s --sign-command '{command}'"
                ))
                .env("TMPDIR", "tmp"),
        );
        assert_eq!(text(&sandbox.read("seen")), policy.trim_end(), "{end}");
        assert!(
            text(&sandbox.read("listed")).starts_with("-rw-------"),
            "{end}"
        );
        assert_eq!(
            fs::read_dir(sandbox.join("tmp")).unwrap().count(),
            0,
            "{end}"
        );
        fs::remove_file(sandbox.join("seen")).unwrap();
    }
}

/// Waits for something that another process does; how long it takes is of no interest.
fn until(what: &str, mut happens: impl FnMut() -> bool) {
    let start = Instant::now();
    while !happens() {
        assert!(start.elapsed() < Duration::from_secs(20), "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn control_c_ends_the_run() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.join("tmp")).unwrap();
    // The shell around it stays, as one at a terminal does: the end of a session's first process is
    // another signal.
    let sign = "cat {policy_file} > seen; while sleep 0.1; do :; done";
    let mut command = sandbox.shell(&format!(
        "trap : INT; {SIGN} --sign-command '{sign}'; echo ended"
    ));
    command.env("TMPDIR", "tmp");
    signals_count();
    let mut terminal = spawn_command(command, Some(20_000)).unwrap();
    until("the program starts", || sandbox.join("seen").exists());
    terminal.send_control('c').unwrap();
    assert!(!terminal.exp_string("ended").unwrap().contains("https://"));
}

/// A caller that ignores SIGCHLD keeps everybody from knowing how a child ended; wait-timeout 0.2.1
/// crashed there.
#[test]
fn a_caller_that_ignores_the_end_of_children() {
    let sandbox = Sandbox::new();
    if !sandbox
        .shell("env --ignore-signal=CHLD true 2>/dev/null")
        .status()
        .unwrap()
        .success()
    {
        return skipped(
            "a caller that ignores the end of children",
            "env has no --ignore-signal",
        );
    }
    assert_eq!(
        refusal(&mut sandbox.shell(&format!(
            "env --ignore-signal=CHLD {SIGN} --sign-command true"
        ))),
        "error: the sign command could not be waited for: no child processes\nhint: the parent process may ignore SIGCHLD; run: env --default-signal=CHLD cfsign ...\n"
    );
}

#[test]
fn one_command_serves_many_threads() {
    if !openssl_is_here("signatures of one command in several threads") {
        return;
    }
    let key = root().join("tests/keys/rsa2048-pkcs8.pem");
    let command = SignCommand::new(format!(
        "openssl dgst -sha256 -sign '{}' {{policy_file}}",
        key.display()
    ))
    .unwrap();
    assert!(!format!("{command:?}").contains("openssl"), "{command:?}");
    let elsewhere = move |hash, message: &[u8]| command.sign(hash, message);
    let signer = Signer::remote(
        "K2JCJMDEHXQW5F".parse().unwrap(),
        HashAlgorithm::Sha256,
        elsewhere,
    );
    assert!(!format!("{signer:?}").contains("openssl"), "{signer:?}");
    std::thread::scope(|scope| {
        for number in 0..8 {
            let signer = &signer;
            scope.spawn(move || {
                let url = format!("https://h.example/{number}").parse().unwrap();
                let policy = cfsign::Policy::canned(
                    &url,
                    cfsign::Timestamp::from_unix(1_800_000_000).unwrap(),
                )
                .unwrap();
                let expected = openssl(
                    root(),
                    &["dgst", "-sha256", "-sign", "tests/keys/rsa2048-pkcs8.pem"],
                    policy.as_str().as_bytes(),
                );
                let signed = signer.sign(policy).unwrap();
                assert_eq!(
                    signed.signature(),
                    crate::common::cloudfront_base64(&expected)
                );
            });
        }
    });
}

#[test]
fn policies_larger_than_a_pipe() {
    if !openssl_is_here("the signature of a large policy") {
        return;
    }
    let message = vec![b'x'; 1 << 20];
    // One fills its output before it reads, the other reads nothing.
    let command = "head -c 100000 /dev/zero >&2; test {digest} = $(openssl dgst -sha256 -r | cut -c 1-64) && head -c 256 /dev/zero";
    let command = SignCommand::new(command).unwrap();
    assert_eq!(
        command.sign(HashAlgorithm::Sha256, &message).unwrap(),
        [0; 256]
    );
    let command = SignCommand::new("exec 0<&-; head -c 256 /dev/zero").unwrap();
    assert_eq!(
        command.sign(HashAlgorithm::Sha256, &message).unwrap(),
        [0; 256]
    );
}

#[test]
fn p256_signatures_of_both_forms() {
    // RFC 6979, A.2.5: P-256, SHA-256, the message "sample".
    let r = "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716";
    let s = "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8";
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len())
            .step_by(2)
            .map(|place| u8::from_str_radix(&hex[place..place + 2], 16).unwrap())
            .collect()
    };
    let plain = bytes(&format!("{r}{s}"));
    let der = bytes(&format!("3046022100{r}022100{s}"));
    for key_type in [None, Some(KeyType::P256)] {
        assert_eq!(
            SignCommand::signature_in(&plain, HashAlgorithm::Sha256, key_type).unwrap(),
            der
        );
        assert_eq!(
            SignCommand::signature_in(&der, HashAlgorithm::Sha256, key_type).unwrap(),
            der
        );
    }
    assert!(
        SignCommand::signature_in(&der, HashAlgorithm::Sha256, Some(KeyType::Rsa(2048))).is_err()
    );
    // As long as a signature of an RSA 512 key, which is what it is then.
    assert_eq!(
        SignCommand::signature_in(&plain, HashAlgorithm::Sha256, Some(KeyType::Rsa(512))).unwrap(),
        plain
    );
}

proptest! {
    #[test]
    fn any_output_is_read_or_refused(output in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = SignCommand::signature_in(&output, HashAlgorithm::Sha1, None);
        let _ = SignCommand::signature_in(&output, HashAlgorithm::Sha256, Some(KeyType::P256));
    }

    #[test]
    fn any_text_is_read_or_refused(
        start in prop::sample::select(vec!["", "{", "[", "\"", "{\"Signature\":", "{\"Signature\":\"", "vault:v", "\u{feff}"]),
        text in "([A-Za-z0-9+/=_~:{}\"\\\\,\\[\\]-]|\\PC|\\s){0,400}",
        end in prop::sample::select(vec!["", "}", "\"}", "\",\"SigningAlgorithm\":\"ECDSA_SHA_256\"}", "\n"]),
    ) {
        let output = format!("{start}{text}{end}");
        match SignCommand::signature_in(output.as_bytes(), HashAlgorithm::Sha256, Some(KeyType::Rsa(2048))) {
            Ok(signature) => prop_assert_eq!(signature.len(), 256),
            Err(refused) => prop_assert!(!refused.to_string().chars().any(char::is_control)),
        }
    }
}

/// A run that stops at an error ends the commands of the other rows, and removes their policy
/// files.
#[test]
fn fail_fast_ends_the_commands_of_other_rows() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.join("tmp")).unwrap();
    sandbox.write("rows", "https://h.example/a\nhttps://h.example/b\n");
    let command = "case $(cat {policy_file}) in */a*) until [ -e program ]; do sleep 0.1; done; exit 1;; esac; echo $$ > id; mv id program; exec sleep 600";
    let line = format!(
        "cfsign batch rows -k K2JCJMDEHXQW5F -e 1800000000 --now 2026-12-01 -j 2 --fail-fast --sign-timeout 20s --sign-command '{command}'"
    );
    let output = sandbox.shell(&line).env("TMPDIR", "tmp").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let program = text(&sandbox.read("program"));
    until("the program ends", || !runs(&program));
    assert_eq!(fs::read_dir(sandbox.join("tmp")).unwrap().count(), 0);
}
