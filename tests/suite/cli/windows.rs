//! Names that only Windows knows, and an end by its console.

#![allow(unsafe_code)]

use std::fs;
use std::io::Write;
use std::os::windows::process::CommandExt;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use crate::common::{Sandbox, skipped, stdout_of};

const SIGN: [&str; 8] = [
    "url",
    "https://h.example/a",
    "-k",
    "K2JCJMDEHXQW5F",
    "-e",
    "1800000000",
    "--now",
    "2026-12-01",
];

#[test]
fn a_file_url_may_name_a_drive() {
    let sandbox = Sandbox::new();
    let path = sandbox.join("rsa2048-pkcs8.pem");
    let path = path.to_str().unwrap();
    let url = format!("file:///{}", path.replace('\\', "/"));
    let signed = |key: &str| stdout_of(sandbox.cfsign(&SIGN).args(["-p", key]));
    assert_eq!(signed(&url), signed(path));
}

#[test]
fn the_null_device_is_written_to() {
    let sandbox = Sandbox::new();
    sandbox.write("urls.txt", "https://h.example/a\n");
    for device in ["NUL", "nul"] {
        let mut batch = sandbox.cfsign(&["batch", "urls.txt", "-o", device]);
        batch.args(&SIGN[2..]).args(["-p", "rsa2048-pkcs8.pem"]);
        assert_eq!(stdout_of(&mut batch), "");
    }
    assert_eq!(temporary_files(&sandbox), [""; 0]);
}

fn temporary_files(sandbox: &Sandbox) -> Vec<String> {
    let files = fs::read_dir(sandbox.path()).unwrap();
    let names = files.filter_map(|file| file.unwrap().file_name().into_string().ok());
    names.filter(|name| name.starts_with(".cfsign-")).collect()
}

/// Ctrl+Break, since Ctrl+C cannot be sent to a single process.
#[test]
fn an_interrupted_run_leaves_no_file() {
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
    const CTRL_BREAK_EVENT: u32 = 1;
    unsafe extern "system" {
        fn AllocConsole() -> i32;
        fn GenerateConsoleCtrlEvent(event: u32, group: u32) -> i32;
    }
    // SAFETY: it has no arguments, and fails where there is a console.
    unsafe { AllocConsole() };
    let sandbox = Sandbox::new();
    let mut batch = sandbox.cfsign(&["batch", "-", "-o", "signed.txt", "-p", "rsa2048-pkcs8.pem"]);
    let mut child = batch
        .args(&SIGN[2..])
        .creation_flags(CREATE_NEW_PROCESS_GROUP)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"https://h.example/a\n").unwrap();
    while temporary_files(&sandbox).is_empty() {
        assert_eq!(child.try_wait().unwrap(), None);
        thread::sleep(Duration::from_millis(10));
    }
    // SAFETY: the arguments are numbers.
    let sent = unsafe { GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, child.id()) };
    if sent == 0 {
        child.kill().unwrap();
        child.wait().unwrap();
        return skipped("an interrupted run", "there is no console");
    }
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(0xC000_013A_u32.cast_signed()));
    assert_eq!(temporary_files(&sandbox), [""; 0]);
    assert!(!sandbox.join("signed.txt").exists());
}
