//! Pipes and terminals: who reads, who is asked, and what colors are for.

use std::process::Stdio;
use std::time::Duration;

use crate::common::{CFSIGN, Sandbox, outcome, text};
use rexpect::session::{PtySession, spawn_command};

const SIGN: &str =
    "cfsign url https://h.example/a.jpg -k K2JCJMDEHXQW5F -e 1800000000 --now 2026-12-01";

#[test]
fn a_closed_pipe_ends_the_run_quietly() {
    let sandbox = Sandbox::new();
    let denied = "cfsign verify https://h.example/a --public-key p256-public.pem";
    for (command, status) in [
        (&*format!("{SIGN} -p p256-pkcs8.pem"), "0\n"),
        ("cfsign policy https://h.example/a -e 1h", "0\n"),
        ("cfsign --help", "0\n"),
        ("cfsign key inspect p256-public.pem", "0\n"),
        // The verdict is the same if nobody reads why.
        (denied, "1\n"),
    ] {
        let line = format!("{{ {command}; echo $? > status; }} | true");
        // The reader may still be there when cfsign writes, so the pipe is closed for certain once
        // in a few times.
        for _ in 0..5 {
            assert_eq!(
                outcome(&sandbox, &line),
                (Some(0), String::new(), String::new()),
                "{command}"
            );
            assert_eq!(text(&sandbox.read("status")), status, "{command}");
        }
    }
}

#[test]
fn a_key_comes_from_a_pipe_or_a_fifo() {
    let sandbox = Sandbox::new();
    let (_, reference, _) = outcome(&sandbox, &format!("{SIGN} -p rsa2048-pkcs8.pem"));
    let fifo = format!("mkfifo fifo; cat rsa2048-pkcs8.pem > fifo & {SIGN} -p fifo");
    let piped = format!("cat rsa2048-pkcs8.pem | {SIGN} -p /dev/stdin");
    for line in [fifo, piped] {
        assert_eq!(
            outcome(&sandbox, &line),
            (Some(0), reference.clone(), String::new()),
            "{line}"
        );
    }
}

#[test]
fn help_is_short_and_nothing_waits_for_input() {
    let sandbox = Sandbox::new();
    for arguments in [
        "",
        "url",
        "cookies",
        "batch",
        "playlist",
        "verify",
        "inspect",
        "policy",
        "key",
        "key generate",
        "key public",
        "key inspect",
    ] {
        // Standard input stays open and silent: a run that reads from it would hang.
        let mut child = sandbox
            .shell(&format!("cfsign {arguments}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let output = child.wait_with_output().unwrap();
        drop(stdin);
        let said = text(&output.stderr);
        assert_eq!(
            (output.status.code(), text(&output.stdout)),
            (Some(2), String::new()),
            "cfsign {arguments}"
        );
        assert!(
            said.contains(&format!("Usage: cfsign {arguments}").trim_end().to_owned()),
            "{said}"
        );
        assert!(arguments == "key" || said.contains("\nExample"), "{said}");
        // Broken by a terminal, a line would be two commands.
        let examples = said.split("\nExample").nth(1).unwrap_or_default();
        assert!(examples.lines().all(|line| line.len() <= 80), "{examples}");
    }
}

#[test]
fn colors_are_for_terminals_and_those_who_ask() {
    let sandbox = Sandbox::new();
    let plain = "error: \"nonsense\" is not an absolute URL\nhint: add the scheme and host: https://d111111abcdef8.cloudfront.net/nonsense\n";
    let colored = "\u{1b}[1m\u{1b}[31merror:\u{1b}[0m \"nonsense\" is not an absolute URL\n\u{1b}[1m\u{1b}[36mhint:\u{1b}[0m add the scheme and host: https://d111111abcdef8.cloudfront.net/nonsense\n";
    for (line, said) in [
        ("cfsign policy nonsense -e 1h", plain),
        ("cfsign policy nonsense -e 1h --color never", plain),
        ("cfsign --color=always policy nonsense -e 1h", colored),
        (
            "NO_COLOR=1 cfsign policy nonsense -e 1h --color always",
            colored,
        ),
    ] {
        assert_eq!(
            outcome(&sandbox, line),
            (Some(2), String::new(), said.into()),
            "{line}"
        );
    }
}

/// `cfsign` at a terminal of its own.
fn at_a_terminal(sandbox: &Sandbox, arguments: &[&str]) -> PtySession {
    let mut command = std::process::Command::new(CFSIGN);
    command
        .args(arguments)
        .current_dir(sandbox.path())
        .env_clear()
        .env("HOME", sandbox.path())
        .env("TERM", "dumb");
    spawn_command(command, Some(Duration::from_secs(20).as_millis() as u64)).unwrap()
}

#[test]
fn a_list_may_be_typed() {
    let sandbox = Sandbox::new();
    let public_key = "--public-key=p256-public.pem";
    let mut terminal = at_a_terminal(&sandbox, &["verify", "-", public_key]);
    terminal.send_line("https://h.example/a.jpg").unwrap();
    terminal.send_control('d').unwrap();
    let said = terminal.exp_eof().unwrap();
    assert!(said.contains("denied"), "{said}");
}

const SIGN_ENCRYPTED: [&str; 10] = [
    "url",
    "https://h.example/a.jpg",
    "-k",
    "K2JCJMDEHXQW5F",
    "-e",
    "1800000000",
    "--now",
    "2026-12-01",
    "-p",
    "rsa2048-encrypted.pem",
];

#[test]
fn a_passphrase_is_asked_for_and_not_shown() {
    let sandbox = Sandbox::new();
    let (_, reference, _) = outcome(&sandbox, &format!("{SIGN} -p rsa2048-pkcs8.pem"));
    let mut terminal = at_a_terminal(&sandbox, &SIGN_ENCRYPTED);
    terminal
        .exp_string("Passphrase for \"rsa2048-encrypted.pem\": ")
        .unwrap();
    terminal.send_line("correct horse").unwrap();
    let said = terminal.exp_eof().unwrap();
    assert_eq!(said.trim_start(), reference.replace('\n', "\r\n"));
}

#[test]
fn a_passphrase_may_be_right_at_the_third_try() {
    let sandbox = Sandbox::new();
    let (_, reference, _) = outcome(&sandbox, &format!("{SIGN} -p rsa2048-pkcs8.pem"));
    let mut terminal = at_a_terminal(&sandbox, &SIGN_ENCRYPTED);
    for answer in ["wrong horse", "", "correct horse"] {
        terminal
            .exp_string("Passphrase for \"rsa2048-encrypted.pem\": ")
            .unwrap();
        terminal.send_line(answer).unwrap();
    }
    let said = terminal.exp_eof().unwrap();
    assert!(said.ends_with(&reference.replace('\n', "\r\n")), "{said}");
}

#[test]
fn a_passphrase_that_is_wrong_three_times_is_an_error() {
    let sandbox = Sandbox::new();
    let mut terminal = at_a_terminal(&sandbox, &SIGN_ENCRYPTED);
    terminal
        .exp_string("Passphrase for \"rsa2048-encrypted.pem\": ")
        .unwrap();
    for _ in 0..2 {
        terminal.send_line("wrong horse").unwrap();
        terminal
            .exp_string(
                "Wrong passphrase, try again.\r\nPassphrase for \"rsa2048-encrypted.pem\": ",
            )
            .unwrap();
    }
    terminal.send_line("wrong horse").unwrap();
    let said = terminal.exp_eof().unwrap();
    assert!(
        said.contains("error: \"rsa2048-encrypted.pem\" cannot be decrypted: wrong passphrase\r\n"),
        "{said}"
    );
    assert!(!said.contains("wrong horse"), "{said}");
}

#[test]
fn a_playlist_is_not_waited_for_at_a_terminal() {
    let sandbox = Sandbox::new();
    let mut terminal = at_a_terminal(
        &sandbox,
        &["playlist", "--base-url", "https://h.example/v/", "-e", "1h"],
    );
    let said = terminal.exp_eof().unwrap();
    assert!(
        said.contains("error: missing FILE, --key-pair-id and --private-key\r\n"),
        "{said}"
    );
}

#[test]
fn generate_asks_twice() {
    let sandbox = Sandbox::new();
    for (second, made) in [("a secret", true), ("a secre", false)] {
        let mut terminal = at_a_terminal(
            &sandbox,
            &[
                "key",
                "generate",
                "new.pem",
                "--type",
                "p256",
                "--encrypt",
                "--force",
            ],
        );
        terminal.exp_string("Passphrase for \"new.pem\": ").unwrap();
        terminal.send_line("a secret").unwrap();
        terminal.exp_string("Confirm passphrase: ").unwrap();
        terminal.send_line(second).unwrap();
        let said = terminal.exp_eof().unwrap();
        assert_eq!(said.contains("public key   new.pub.pem"), made, "{said}");
        assert_eq!(
            said.contains("error: the passphrases differ"),
            !made,
            "{said}"
        );
        assert!(
            !said.contains("secre\r") && !said.contains("a secret"),
            "{said}"
        );
    }
}
