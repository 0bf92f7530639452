//! A machine that does not cooperate: signals, limits, clocks, files that are no files.

use std::fs::{self, File};
use std::process::{Command, Stdio};

use crate::common::{Sandbox, is_here, outcome, signals_count, skipped, text};
use rexpect::session::{PtySession, spawn_command};

const SIGN: &str =
    "cfsign url https://h.example/a.jpg -k K2JCJMDEHXQW5F -e 1800000000 --now 2026-12-01";

/// The names of the files in the sandbox, those with a dot in front included.
fn files(sandbox: &Sandbox) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(sandbox.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Whether this user may write everywhere, so that no folder is read-only.
fn is_root(sandbox: &Sandbox) -> bool {
    outcome(sandbox, "id -u").1 == "0\n"
}

/// A shell at a terminal of its own that runs a command which asks for a passphrase, with its
/// process ID in `pid`, and then says how the command ended and how the terminal is set.
fn asking(sandbox: &Sandbox, command: &str) -> PtySession {
    sandbox.write("asking", format!("echo $$ > pid; exec {command}"));
    // The shell would end with a command that Ctrl-C ends, and rexpect's terminals do not echo.
    let mut shell =
        sandbox.shell("stty echo; trap : INT; sh asking; echo \"status $?\"; stty -a; echo done");
    shell.stdin(Stdio::inherit()).env("TERM", "dumb");
    signals_count();
    let mut terminal = spawn_command(shell, Some(20_000)).unwrap();
    terminal.exp_string("Passphrase for ").unwrap();
    terminal.exp_string(": ").unwrap();
    terminal
}

/// Checks how the command ended, and that the terminal shows again what is typed.
fn ended(mut terminal: PtySession, status: u8) {
    let before = terminal
        .exp_string(&format!("status {status}\r\n"))
        .unwrap();
    // What was typed is not shown; some shells have a word to say about the signal.
    assert!(
        before.starts_with("\r\n") && !before.contains("pass"),
        "{before}"
    );
    let settings = terminal.exp_string("done").unwrap();
    let settings: Vec<&str> = settings.split_whitespace().collect();
    for setting in ["echo", "icanon", "isig"] {
        assert!(
            settings.contains(&setting),
            "{setting} is off: {settings:?}"
        );
    }
}

#[test]
fn control_c_at_the_passphrase_gives_the_terminal_back() {
    let sandbox = Sandbox::new();
    for command in [
        format!("{SIGN} -p rsa2048-encrypted.pem"),
        "cfsign key generate new.pem --type p256 --encrypt".into(),
        "cfsign key inspect rsa2048-encrypted.pem".into(),
    ] {
        let mut terminal = asking(&sandbox, &command);
        terminal.send("half a pass").unwrap();
        terminal.send_control('c').unwrap();
        ended(terminal, 128 + 2);
    }
    assert!(
        !files(&sandbox)
            .iter()
            .any(|file| file.starts_with("new") || file.starts_with(".cfsign"))
    );
}

#[test]
fn a_signal_at_the_passphrase_gives_the_terminal_back() {
    let sandbox = Sandbox::new();
    for (signal, number) in [("INT", 2), ("QUIT", 3), ("TERM", 15)] {
        let terminal = asking(&sandbox, &format!("{SIGN} -p rsa2048-encrypted.pem"));
        let line = format!("ulimit -c 0; kill -{signal} $(cat pid)");
        assert_eq!(
            outcome(&sandbox, &line),
            (Some(0), String::new(), String::new())
        );
        ended(terminal, 128 + number);
    }
}

#[test]
fn a_full_disk_leaves_nothing_half_written() {
    let sandbox = Sandbox::new();
    sandbox.write("old.pem", "the old key");
    sandbox.write("old.pub.pem", "the old public key");
    let before = files(&sandbox);
    // A limit on the size of files stands for a disk that is full; standard error is a pipe, which
    // has no limit.
    for (command, what) in [
        ("key generate new.pem --type p256", "write \"new.pem\""),
        (
            "key generate old.pem --type p256 --force",
            "write \"old.pem\"",
        ),
        ("man --out .", "write \"./cfsign.1\""),
        (
            "policy https://h.example/a -e 1h > policy",
            "write to standard output",
        ),
        ("completions bash > policy", "write to standard output"),
        ("--help > policy", "write to standard output"),
    ] {
        let (status, stdout, stderr) = outcome(&sandbox, &format!("ulimit -f 0; cfsign {command}"));
        let message = format!("error: cannot {what}: file too large\n");
        assert_eq!(
            (status, stdout.as_str()),
            (Some(2), ""),
            "{command}: {stderr}"
        );
        assert!(stderr.starts_with(&message), "{command}: {stderr}");
        let _ = fs::remove_file(sandbox.join("policy"));
        assert_eq!(files(&sandbox), before, "{command}");
    }
    assert_eq!(sandbox.read("old.pem"), b"the old key");
    assert_eq!(sandbox.read("old.pub.pem"), b"the old public key");
}

#[test]
fn a_full_device_is_an_error_for_every_command() {
    if !std::path::Path::new("/dev/full").exists() {
        return skipped("output on a full device", "there is no /dev/full");
    }
    let sandbox = Sandbox::new();
    let full = "error: cannot write to standard output: no space left on device\n";
    for command in [
        &format!("{SIGN} -p p256-pkcs8.pem"),
        "cfsign policy https://h.example/a -e 1h",
        "cfsign key public p256-public.pem",
        "cfsign key inspect p256-pkcs8.pem",
        "cfsign completions fish",
        "cfsign man",
        "cfsign man url",
        "cfsign --version",
        "cfsign help url",
    ] {
        let line = format!("{command} > /dev/full");
        assert_eq!(
            outcome(&sandbox, &line),
            (Some(2), String::new(), full.into()),
            "{command}"
        );
    }
    // A warning that nobody gets is no reason to fail.
    assert_eq!(
        outcome(
            &sandbox,
            "cfsign policy http://h.example/a -e 1h 2> /dev/full > policy"
        )
        .0,
        Some(0)
    );
    let (status, _, stderr) = outcome(
        &sandbox,
        "cfsign key generate new.pem --type p256 > /dev/full",
    );
    assert_eq!(status, Some(2));
    assert!(
        stderr.contains("the key pair is in \"new.pem\" and \"new.pub.pem\": cannot write"),
        "{stderr}"
    );
    assert!(sandbox.join("new.pem").exists() && sandbox.join("new.pub.pem").exists());
}

#[test]
fn a_read_only_folder_is_an_error() {
    let sandbox = Sandbox::new();
    if is_root(&sandbox) {
        return skipped("files in a read-only folder", "root may write everywhere");
    }
    let denied = "error: cannot write \"folder/new.pem\": permission denied\n";
    let line = "mkdir -m 500 folder; cfsign key generate folder/new.pem --type p256";
    assert_eq!(
        outcome(&sandbox, line),
        (Some(2), String::new(), denied.into())
    );
    assert_eq!(outcome(&sandbox, "ls -A folder").1, "");
}

#[test]
fn a_read_only_key_is_not_overwritten() {
    let sandbox = Sandbox::new();
    if is_root(&sandbox) {
        return skipped("read-only keys", "root may write everywhere");
    }
    let line = "echo old > new.pem; chmod 400 new.pem; cfsign key generate new.pem --type p256 --force; echo $?; cat new.pem; ls new.*";
    let denied = "error: cannot write \"new.pem\": permission denied\n";
    let expected = (Some(0), "2\nold\nnew.pem\n".into(), denied.into());
    assert_eq!(outcome(&sandbox, line), expected);
}

#[test]
fn any_stream_may_be_closed() {
    let sandbox = Sandbox::new();
    let sign = format!("{SIGN} -p p256-pkcs8.pem");
    let (_, signed, _) = outcome(&sandbox, &sign);
    for (redirection, stdout) in [
        ("<&-", signed.as_str()),
        ("2>&-", &signed),
        ("<&- 2>&-", &signed),
    ] {
        let line = format!("{sign} {redirection}");
        assert_eq!(
            outcome(&sandbox, &line),
            (Some(0), stdout.into(), String::new()),
            "{redirection}"
        );
    }
    assert_eq!(
        outcome(&sandbox, "cfsign url nonsense -e 1h 2>&-").0,
        Some(2)
    );
    let (status, stdout, stderr) = outcome(&sandbox, &format!("{SIGN} -p - <&-"));
    assert_eq!(
        (status, stdout.as_str(), stderr.lines().next()),
        (Some(2), "", Some("error: standard input is empty"))
    );
}

const BATCH: &str = "printf 'https://h.example/a\\n' | cfsign batch -k K2JCJMDEHXQW5F -p p256-pkcs8.pem -e 2099-01-01 -q";

/// `-o` took every failure to look at a file for "there is none", and then followed links by
/// itself.
#[test]
fn links_that_cannot_be_followed_are_errors() {
    let sandbox = Sandbox::new();
    let long = "x".repeat(300);
    for (links, name, reason) in [
        (
            "ln -s b a; ln -s a b",
            "a",
            "too many levels of symbolic links",
        ),
        (
            "ln -s self self",
            "self",
            "too many levels of symbolic links",
        ),
        (&format!("ln -s {long} long"), "long", "file name too long"),
        ("ln -s p256-pkcs8.pem/x below", "below", "not a directory"),
        ("mkdir folder; ln -s folder link", "link", "it is a folder"),
    ] {
        assert_eq!(outcome(&sandbox, links).0, Some(0), "{links}");
        let before = files(&sandbox);
        let (status, stdout, stderr) = outcome(&sandbox, &format!("{BATCH} -o {name}"));
        assert_eq!(
            (status, stdout.as_str(), stderr.as_str()),
            (
                Some(2),
                "",
                format!("error: cannot write \"{name}\": {reason}\n").as_str()
            )
        );
        assert_eq!(files(&sandbox), before, "{links}");
        assert!(sandbox.join(name).is_symlink(), "{links}");
        // As the shell does.
        assert_ne!(
            outcome(&sandbox, &format!(": > {name}")).0,
            Some(0),
            "{links}"
        );
    }
}

#[test]
fn a_chain_of_dangling_links_is_followed_to_its_end() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.join("folder")).unwrap();
    let links = "ln -s folder/second first; ln -s ../third folder/second; ln -s folder/end third";
    assert_eq!(outcome(&sandbox, links).0, Some(0));
    assert_eq!(outcome(&sandbox, &format!("{BATCH} -o first")).0, Some(0));
    assert!(text(&sandbox.read("folder/end")).starts_with("https://h.example/a?"));
    for link in ["first", "folder/second", "third"] {
        assert!(sandbox.join(link).is_symlink(), "{link}");
    }
}

/// The kernel may refuse to follow a link, such as another user's in a sticky folder
/// (`fs.protected_symlinks`).
#[test]
#[cfg(target_os = "linux")]
fn a_link_that_the_kernel_refuses_to_follow_is_refused() {
    if !is_here("strace", "a link that the kernel refuses to follow") {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.write("rows.txt", "https://h.example/a\n");
    for target in ["target", "p256-public.pem"] {
        let line = format!(
            "ln -sf {target} link; strace -f -qq -o /dev/null -P link -e inject=statx,stat,newfstatat,openat:error=EACCES \
             cfsign batch rows.txt -o link -k K2JCJMDEHXQW5F -p p256-pkcs8.pem -e 2099-01-01 -q 2> said; \
             status=$?; grep -v ^strace: said >&2; exit $status"
        );
        let denied = "error: cannot write \"link\": permission denied\n";
        assert_eq!(
            outcome(&sandbox, &line),
            (Some(2), String::new(), denied.into()),
            "{target}"
        );
    }
    assert!(!sandbox.join("target").exists());
    let key = text(&sandbox.read("p256-public.pem"));
    assert!(key.starts_with("-----BEGIN"), "{key}");
}

/// What the shell cannot write to is not replaced either.
#[test]
#[cfg(target_os = "linux")]
fn a_program_that_runs_is_not_replaced() {
    let sandbox = Sandbox::new();
    let line = format!(
        "cp \"$(command -v sleep)\" program; ./program 60 & until [ -e /proc/$!/exe ]; do :; done; \
         {BATCH} -o program; status=$?; kill $!; exit $status"
    );
    let busy = "error: cannot write \"program\": text file busy\n";
    let (status, _, stderr) = outcome(&sandbox, &line);
    assert_eq!((status, stderr.as_str()), (Some(2), busy));
}

#[test]
fn a_private_key_is_written_to_regular_files_only() {
    let sandbox = Sandbox::new();
    assert_eq!(outcome(&sandbox, "mkfifo fifo").0, Some(0));
    for file in ["/dev/null", "fifo", "/dev/stdout"] {
        let line = format!("cfsign key generate {file} --force --type p256");
        let (status, stdout, stderr) = outcome(&sandbox, &line);
        assert_eq!((status, stdout.as_str()), (Some(2), ""), "{file}: {stderr}");
        let message = format!("error: cannot write \"{file}\": it is not a regular file\n");
        assert_eq!(stderr, message);
    }
    assert!(!std::path::Path::new("/dev/null.pub.pem").exists());
}

/// A signal that arrives at any call to the system, those before its handler is there included.
#[test]
#[cfg(target_os = "linux")]
fn a_signal_at_any_moment_leaves_no_file() {
    if !is_here("strace", "a signal at any moment") {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.write("rows.txt", "https://h.example/a\n");
    sandbox.write("out", "old\n");
    let before = files(&sandbox);
    signals_count();
    let run =
        "cfsign batch rows.txt -j 1 -o out -k K2JCJMDEHXQW5F -p p256-pkcs8.pem -e 2099-01-01 -q";
    for call in [
        "openat",
        "clone3",
        "rt_sigaction",
        "fchmod",
        "fsync",
        "rename",
    ] {
        for time in 1.. {
            let line = format!(
                "exec strace -f -qq -o /dev/null -e inject={call}:signal=TERM:when={time} {run}"
            );
            let ended = sandbox.shell(&line).output().unwrap().status.success();
            assert_eq!(files(&sandbox), before, "{call} {time}");
            if ended {
                break;
            }
            assert!(time < 200, "{call}: the run never ends by itself");
        }
    }
}

/// Where the system refuses threads, a run goes on with those that it has, down to the one that it
/// begins with.
#[test]
#[cfg(target_os = "linux")]
fn a_run_goes_on_with_the_threads_that_it_gets() {
    if !is_here("strace", "threads that the system refuses") {
        return;
    }
    let sandbox = Sandbox::new();
    let rows: String = (0..500)
        .map(|row| format!("https://h.example/{row}\n"))
        .collect();
    sandbox.write("rows.txt", rows);
    let run =
        "cfsign batch rows.txt -j 4 -o out -k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem -e 2099-01-01 -q";
    assert_eq!(outcome(&sandbox, run).0, Some(0));
    let expected = sandbox.read("out");
    let before = files(&sandbox);
    for granted in 0..7 {
        fs::remove_file(sandbox.join("out")).unwrap();
        let line = format!(
            "strace -qq -o /dev/null -e inject=clone,clone3:error=EAGAIN:when={}+ {run}",
            granted + 1
        );
        let ended = outcome(&sandbox, &line);
        assert_eq!(ended, (Some(0), String::new(), String::new()), "{granted}");
        assert!(sandbox.read("out") == expected, "{granted}");
        assert_eq!(files(&sandbox), before, "{granted}");
    }
}

/// However many threads there are and however long the rows, little of them is in memory while
/// nobody reads the output.
#[test]
#[cfg(target_os = "linux")]
fn memory_is_bounded_whatever_the_threads() {
    use std::io::Write;
    use std::time::Duration;

    let sandbox = Sandbox::new();
    let line = "exec cfsign batch -j 1024 --from csv -k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem -e 2099-01-01 -q";
    let mut child = sandbox
        .shell(line)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        let row = format!("https://h.example/a,{}\n", "x".repeat(900_000));
        // It ends when the run is killed.
        let _ = input.write_all(b"url,note\n");
        while input.write_all(row.as_bytes()).is_ok() {}
    });
    let peak = || {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let (_, peak) = status.split_once("VmHWM:").unwrap();
        let kilobytes = peak.split_whitespace().next().unwrap();
        kilobytes.parse::<u64>().unwrap()
    };
    let mut before = 0;
    while before < 30_000 || peak() > before {
        before = peak();
        std::thread::sleep(Duration::from_secs(2));
    }
    let most = peak();
    child.kill().unwrap();
    child.wait().unwrap();
    writer.join().unwrap();
    assert!(most < 300_000, "{most} kB");
}

#[test]
fn files_that_hold_no_key_are_refused_at_once() {
    let sandbox = Sandbox::new();
    File::create(sandbox.join("sparse"))
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    let too_large = "is larger than 1048576 bytes, the limit for a key or passphrase";
    for (file, message) in [
        ("sparse", format!("\"sparse\" {too_large}")),
        ("/dev/zero", format!("\"/dev/zero\" {too_large}")),
        (".", "cannot read \".\": it is a folder".into()),
        (
            "p256-pkcs8.pem/",
            "cannot read \"p256-pkcs8.pem/\": not a directory".into(),
        ),
    ] {
        // Less memory than the large file has bytes.
        let line = format!("ulimit -v 500000 2> /dev/null; {SIGN} -p {file}");
        let (status, stdout, stderr) = outcome(&sandbox, &line);
        assert_eq!((status, stdout.as_str()), (Some(2), ""), "{file}: {stderr}");
        assert_eq!(
            stderr.lines().next(),
            Some(format!("error: {message}").as_str()),
            "{file}"
        );
    }
}

#[test]
fn a_key_arrives_through_a_fifo_in_pieces() {
    let sandbox = Sandbox::new();
    let (_, reference, _) = outcome(&sandbox, &format!("{SIGN} -p p256-pkcs8.pem"));
    let line = format!(
        "mkfifo fifo; {{ head -n 1 p256-pkcs8.pem; sleep 0.1; tail -n +2 p256-pkcs8.pem; }} > fifo & {SIGN} -p fifo"
    );
    assert_eq!(
        outcome(&sandbox, &line),
        (Some(0), reference, String::new())
    );
}

#[test]
fn neither_environment_nor_home_is_needed() {
    let sandbox = Sandbox::new();
    let bare = |arguments: &[&str]| {
        let output = Command::new(crate::common::CFSIGN)
            .args(arguments)
            .current_dir(sandbox.path())
            .env_clear()
            .output()
            .unwrap();
        (
            output.status.code(),
            text(&output.stdout),
            text(&output.stderr),
        )
    };
    let arguments: Vec<&str> = SIGN
        .split(' ')
        .skip(1)
        .chain(["-p", "p256-pkcs8.pem"])
        .collect();
    assert_eq!(
        bare(&arguments),
        outcome(&sandbox, &format!("{SIGN} -p p256-pkcs8.pem"))
    );
    assert_eq!(bare(&["man"]).0, Some(0));
    assert_eq!(
        outcome(
            &sandbox,
            "unset HOME; cfsign key inspect file://p256-public.pem | head -n 1"
        )
        .0,
        Some(0)
    );
}

#[test]
fn clocks_may_be_wrong() {
    let sandbox = Sandbox::new();
    let policy = |epoch: &str| {
        format!(
            "{{\"Statement\":[{{\"Resource\":\"https://h.example/a\",\"Condition\":{{\"DateLessThan\":{{\"AWS:EpochTime\":{epoch}}}}}}}]}}\n"
        )
    };
    let sign = "cfsign policy https://h.example/a";
    // 2040-01-01 is 2208988800: beyond 2038-01-19, where 32 bits end.
    let after_2038 = format!("{sign} --now 2040-01-01 -e 1h");
    assert_eq!(
        outcome(&sandbox, &after_2038),
        (Some(0), policy("2208992400"), String::new())
    );
    if !is_here("faketime", "a clock before 1970 and after 2038") {
        return;
    }
    let after_2038 = format!("TZ=UTC faketime -f '@2040-01-01 00:00:00 x0.0001' {sign} -e 1h");
    assert_eq!(
        outcome(&sandbox, &after_2038),
        (Some(0), policy("2208992400"), String::new())
    );
    let before_1970 = "error: the system clock is before 1970 or after 9999\nhint: set the clock, or use --now TIME\n";
    for expires in ["1h", "2030-01-01"] {
        let line = format!("faketime '1960-01-01' {sign} -e {expires}");
        assert_eq!(
            outcome(&sandbox, &line),
            (Some(2), String::new(), before_1970.into()),
            "{expires}"
        );
    }
    let line = format!("faketime '1960-01-01' {sign} -e 1h --now 2040-01-01");
    assert_eq!(
        outcome(&sandbox, &line),
        (Some(0), policy("2208992400"), String::new())
    );
}

#[test]
fn ten_thousand_arguments_are_welcome() {
    let sandbox = Sandbox::new();
    let urls: Vec<String> = (0..10_000)
        .map(|number| format!("https://h.example/{number}"))
        .collect();
    let sign: Vec<&str> = SIGN
        .split(' ')
        .skip(1)
        .filter(|word| !word.starts_with("https:"))
        .collect();
    // A short key, since this is not about signing.
    let output = sandbox
        .cfsign(&sign)
        .args(["-q", "-p", "rsa1024.pem"])
        .args(&urls)
        .output()
        .unwrap();
    assert_eq!(
        (output.status.code(), text(&output.stderr)),
        (Some(0), String::new())
    );
    let signed = text(&output.stdout);
    assert_eq!(signed.lines().count(), urls.len());
    for (line, url) in signed.lines().zip(&urls) {
        assert!(
            line.starts_with(&format!("{url}?Expires=1800000000&Signature=")),
            "{line}"
        );
    }

    let output = sandbox.cfsign(&["inspect"]).args(&urls).output().unwrap();
    let too_many = "error: unexpected argument \"https://h.example/1\"\nhint: cfsign inspect takes one URL|COOKIES at a time\n";
    assert_eq!(
        (output.status.code(), text(&output.stderr).as_str()),
        (Some(2), too_many)
    );
    let output = sandbox
        .cfsign(&["url"])
        .args(urls.iter().map(|url| format!("--{url}")))
        .output()
        .unwrap();
    let unknown = "error: unexpected argument \"--https://h.example/0\"\nhint: cfsign url --help\n";
    assert_eq!(
        (output.status.code(), text(&output.stderr).as_str()),
        (Some(2), unknown)
    );
}
