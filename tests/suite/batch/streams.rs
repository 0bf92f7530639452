//! Streams that are long, slow, broken off or bad in places: every row comes out, in order, and no
//! file half-written.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Output, Stdio};

use crate::common::{
    Sandbox, openssl_is_here, openssl_verifies, private_key, run_with, signals_count, skipped,
    stdout_of, text,
};

const RSA: [&str; 6] = [
    "-k",
    "K2JCJMDEHXQW5F",
    "-p",
    "rsa2048-pkcs8.pem",
    "-e",
    "2027-01-31",
];

fn batch(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = sandbox.cfsign(&["batch", "--now", "2026-12-01"]);
    command.args(RSA).args(arguments);
    command
}

/// The URL of a row; one in a hundred is none.
fn url(row: usize) -> String {
    match row % 100 {
        42 => format!("https://h.example/a file {row}"),
        _ => format!("https://h.example/videos/{row}.mp4"),
    }
}

const ROWS: usize = 1000;

/// Signs a thousand rows, each written by `row`, and gives the output and the lines of the bad
/// rows.
fn thousand_rows(
    format: &str,
    header: &str,
    row: impl Fn(usize) -> String,
) -> (Vec<String>, Vec<usize>) {
    let sandbox = Sandbox::new();
    let input: String = [header.to_owned()]
        .into_iter()
        .chain((0..ROWS).map(row))
        .collect();
    let mut outputs = ["1", "2", "8"].map(|jobs| {
        let output = run_with(
            &mut batch(&sandbox, &["--from", format, "-j", jobs]),
            input.as_bytes(),
        );
        assert_eq!(output.status.code(), Some(1));
        output
    });
    let Output { stdout, stderr, .. } = outputs[0].clone();
    for other in &mut outputs[1..] {
        assert!(
            other.stdout == stdout && other.stderr == stderr,
            "{format}: the output depends on the number of threads"
        );
    }
    let stderr = text(&stderr);
    assert!(
        stderr.ends_with("error: 10 of 1000 rows not signed\n"),
        "{stderr}"
    );
    let bad = stderr.lines().filter_map(|line| {
        line.strip_prefix("error: line ")?
            .split(':')
            .next()?
            .parse()
            .ok()
    });
    (
        text(&stdout).lines().map(ToOwned::to_owned).collect(),
        bad.collect(),
    )
}

/// That each line of the output is that of its row, and one signature is what openssl makes of it.
fn accounted_for(
    output: &[String],
    bad: &[usize],
    first_line: usize,
    signed: impl Fn(usize, &str) -> Option<String>,
) {
    assert_eq!(output.len(), ROWS);
    let expected: Vec<usize> = (0..ROWS)
        .filter(|row| row % 100 == 42)
        .map(|row| row + first_line)
        .collect();
    assert_eq!(bad, expected);
    for (row, line) in output.iter().enumerate() {
        match signed(row, line) {
            Some(signed_url) => {
                assert!(
                    signed_url.starts_with(&format!("{}?Expires=1801353600&Signature=", url(row))),
                    "{line}"
                );
                assert!(
                    signed_url.ends_with("&Key-Pair-Id=K2JCJMDEHXQW5F"),
                    "{line}"
                );
            }
            None => assert_eq!(row % 100, 42, "{line}"),
        }
    }
    if openssl_is_here("the signature of one row of a batch") {
        let signed_url = signed(777, &output[777]).unwrap();
        let policy = format!(
            r#"{{"Statement":[{{"Resource":"{}","Condition":{{"DateLessThan":{{"AWS:EpochTime":1801353600}}}}}}]}}"#,
            url(777)
        );
        assert!(openssl_verifies(
            &Sandbox::new(),
            "rsa2048-public.pem",
            "-sha1",
            &policy,
            &signed_url
        ));
    }
}

#[test]
fn every_line_is_accounted_for() {
    let (output, bad) = thousand_rows("lines", "", |row| url(row) + "\n");
    accounted_for(&output, &bad, 1, |_, line| {
        Some(line.to_owned()).filter(|line| !line.is_empty())
    });
}

#[test]
fn every_row_of_csv_is_accounted_for() {
    let (output, bad) = thousand_rows("csv", "n,url,\"a \"\"note\"\"\"\n", |row| {
        format!("{row},{},\"x, {row}\"\n", url(row))
    });
    assert_eq!(output[0], "n,url,\"a \"\"note\"\"\",signed_url,error");
    accounted_for(&output[1..], &bad, 2, |row, line| {
        let rest = line
            .strip_prefix(&format!("{row},{},\"x, {row}\",", url(row)))
            .unwrap();
        rest.strip_suffix(',').map(ToOwned::to_owned)
    });
}

#[test]
fn every_row_of_tsv_is_accounted_for() {
    let (output, bad) = thousand_rows("tsv", "n\turl\n", |row| format!("\"{row}\t{}\n", url(row)));
    assert_eq!(output[0], "n\turl\tsigned_url\terror");
    accounted_for(&output[1..], &bad, 2, |row, line| {
        let rest = line
            .strip_prefix(&format!("\"{row}\t{}\t", url(row)))
            .unwrap();
        rest.strip_suffix('\t').map(ToOwned::to_owned)
    });
}

#[test]
fn every_object_is_accounted_for() {
    let (output, bad) = thousand_rows("jsonl", "", |row| {
        format!("{{\"url\": \"{}\", \"n\": {row}.0}}\n", url(row))
    });
    accounted_for(&output, &bad, 1, |row, line| {
        let rest = line
            .strip_prefix(&format!(
                "{{\"url\": \"{}\", \"n\": {row}.0,\"signed_url\":",
                url(row)
            ))
            .unwrap();
        if rest.starts_with("null,\"error\":\"") {
            return None;
        }
        Some(rest.strip_prefix('"')?.strip_suffix("\"}")?.to_owned())
    });
}

#[test]
fn p256_does_not_depend_on_the_number_of_threads_either() {
    let sandbox = Sandbox::new();
    let input: String = (0..300)
        .map(|row| format!("https://h.example/{row}\n"))
        .collect();
    let key = [
        "-k",
        "K2JCJMDEHXQW5F",
        "-p",
        "p256-pkcs8.pem",
        "-e",
        "2027-01-31",
    ];
    let [one, many] = ["1", "8"].map(|jobs| {
        run_with(
            sandbox.cfsign(&["batch", "-j", jobs]).args(key),
            input.as_bytes(),
        )
        .stdout
    });
    assert!(text(&one).lines().count() == 300 && one == many);
}

/// Rows are signed several at a time, with the same result as one by one, for any number of rows
/// and with bad rows among them.
#[test]
fn any_number_of_rows_is_signed_as_single_urls() {
    let expires = cfsign::Timestamp::from_unix(1_801_353_600).unwrap();
    let sandbox = Sandbox::new();
    for name in ["rsa2048-pkcs8.pem", "p256-pkcs8.pem"] {
        let signer = cfsign::Signer::new("K2JCJMDEHXQW5F".parse().unwrap(), private_key(name));
        let rows: Vec<(String, String)> = (0..70)
            .map(|row| match row % 7 {
                3 => (format!("https://h.example/a file {row}"), String::new()),
                _ => {
                    let url = format!("https://h.example/{row}");
                    let signed = signer.sign_url(&url, expires).unwrap();
                    (url, signed.to_string())
                }
            })
            .collect();
        for count in 1..=rows.len() {
            // The bad rows are in other places for each number.
            let rows = &rows[rows.len() - count..];
            let lines = |column: fn(&(String, String)) -> &String| -> String {
                rows.iter()
                    .map(|row| format!("{}\n", column(row)))
                    .collect()
            };
            let mut command = sandbox.cfsign(&["batch", "--now", "2026-12-01", "-q", "-j", "2"]);
            command.args(["-k", "K2JCJMDEHXQW5F", "-p", name, "-e", "2027-01-31"]);
            let output = run_with(&mut command, lines(|(url, _)| url).as_bytes());
            assert_eq!(
                text(&output.stdout),
                lines(|(_, signed)| signed),
                "{name} {count}"
            );
        }
    }
}

#[test]
fn a_row_is_signed_as_by_cfsign_url() {
    let sandbox = Sandbox::new();
    let urls = [
        "https://h.example/a",
        "https://h.example/a?x=1",
        "http://h.example/b/",
    ];
    for arguments in [
        &["--hash", "sha256"][..],
        &["--starts", "2026-12-24", "--ip", "192.0.2.0/24"],
        &["--custom", "--query", "a=b c", "--download-as", "x.zip"],
        &["-r", "http*://h.example/*"],
    ] {
        let mut alone = sandbox.cfsign(&["url", "--now", "2026-12-01", "-q"]);
        let alone = stdout_of(alone.args(RSA).args(arguments).args(urls));
        let rows = run_with(
            batch(&sandbox, arguments).arg("-q"),
            urls.join("\n").as_bytes(),
        );
        assert_eq!(text(&rows.stdout), alone, "{arguments:?}");
    }
}

/// To compare them takes time proportional to the product of their lengths.
#[test]
fn what_is_longer_than_cloudfront_accepts_is_not_compared() {
    let sandbox = Sandbox::new();
    for (what, url, resource) in [
        ("URL", "a".repeat(8175), "*a*a"),
        ("resource", "a".into(), &"*a".repeat(4088)),
    ] {
        let input = format!("url,resource\nhttps://h.example/{url},https://h.example/{resource}\n");
        let output = run_with(
            &mut batch(&sandbox, &["--from", "csv", "--to", "lines"]),
            input.as_bytes(),
        );
        let stderr = text(&output.stderr);
        assert!(
            stderr.starts_with(&format!("error: line 2: the {what} ")),
            "{stderr}"
        );
        let length = if what == "URL" { 8193 } else { 8194 };
        let limit = format!(" is {length} bytes long; CloudFront accepts at most 8192\n");
        assert!(stderr.contains(&limit), "{stderr}");
    }
}

/// One line at the end, for a person at a terminal.
#[test]
fn a_batch_at_a_terminal_ends_with_its_totals() {
    let sandbox = Sandbox::new();
    sandbox.write("rows.txt", "https://h.example/a\nx\nhttps://h.example/b\n");
    for (arguments, shown) in [("", true), ("-q", false)] {
        let line = format!(
            "cfsign batch rows.txt -k K2JCJMDEHXQW5F -p p256-pkcs8.pem -e 2099-01-01 {arguments} > out; echo ended"
        );
        let mut command = sandbox.shell(&line);
        command.stdin(Stdio::inherit()).env("TERM", "dumb");
        let mut terminal = rexpect::session::spawn_command(command, Some(20_000)).unwrap();
        let said = terminal.exp_string("ended").unwrap();
        assert!(said.contains("error: 1 of 3 rows not signed\r\n"), "{said}");
        assert_eq!(said.contains("\nsigned 2 of 3 rows in 0."), shown, "{said}");
        assert_eq!(said.contains(" rows/s)\r\n"), shown, "{said}");
    }
}

/// The progress bar is cleared, and what comes next begins a line.
#[test]
fn control_c_leaves_a_clean_line() {
    let sandbox = Sandbox::new();
    signals_count();
    let line = "trap : INT; (trap '' INT; while sleep 0.1; do echo https://h.example/a; done) | \
                cfsign batch -k K2JCJMDEHXQW5F -p p256-pkcs8.pem -e 2099-01-01 > out; echo ended";
    let mut command = sandbox.shell(line);
    command.stdin(Stdio::inherit()).env("TERM", "xterm");
    let mut terminal = rexpect::session::spawn_command(command, Some(20_000)).unwrap();
    terminal.exp_string(" rows, ").unwrap();
    terminal.send_control('c').unwrap();
    let said = terminal.exp_string("ended").unwrap();
    // After the line was erased, nothing is drawn.
    let (_, after) = said.rsplit_once("\r\x1b[K").unwrap();
    assert!(!after.contains("rows"), "{said:?}");
    assert_eq!(after.trim_matches('\r'), "", "{said:?}");
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quietly() {
    let sandbox = Sandbox::new();
    // The file names what cfsign says of itself, since in a pipe its status is not that of the
    // line.
    let line = "yes https://h.example/a | { cfsign batch -k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem -e 2027-01-31; \
                echo $? > status; } 2> stderr | head -3";
    let output = sandbox.shell(line).output().unwrap();
    assert_eq!(text(&output.stdout).lines().count(), 3);
    assert_eq!(
        (text(&sandbox.read("status")), text(&sandbox.read("stderr"))),
        ("0\n".into(), String::new())
    );
}

#[test]
fn a_row_is_signed_before_the_next_one_comes() {
    let sandbox = Sandbox::new();
    for format in ["lines", "csv", "jsonl"] {
        let mut child = started(&mut batch(&sandbox, &["--from", format]));
        let mut input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        if format == "csv" {
            input.write_all(b"url\n").unwrap();
            output.read_line(&mut line).unwrap();
        }
        for row in 0..3 {
            let url = format!("https://h.example/{row}");
            let written = if format == "jsonl" {
                format!("{{\"url\":\"{url}\"}}\n")
            } else {
                url.clone() + "\n"
            };
            input.write_all(written.as_bytes()).unwrap();
            line.clear();
            output.read_line(&mut line).unwrap();
            assert!(
                line.contains(&format!("{url}?Expires=")),
                "{format}: {line}"
            );
        }
        drop(input);
        assert!(child.wait().unwrap().success());
    }
}

fn started(command: &mut Command) -> Child {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What is in the folder beside the keys, and that the old output is there still.
fn nothing_half_written(sandbox: &Sandbox) {
    assert_eq!(text(&sandbox.read("out")), "old\n");
    for entry in fs::read_dir(sandbox.path()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.starts_with(".cfsign-"), "{name} was left behind");
    }
}

#[test]
fn an_interrupted_run_leaves_the_old_file() {
    // Elsewhere it cannot be known whether the end of a terminal is to end the run.
    let signals = if cfg!(target_os = "linux") {
        ["INT", "TERM", "HUP"].as_slice()
    } else {
        &["INT", "TERM"]
    };
    signals_count();
    for signal in signals {
        let sandbox = Sandbox::new();
        sandbox.write("out", "old\n");
        let mut child = started(&mut batch(&sandbox, &["-o", "out"]));
        let input = under_way(&sandbox, &mut child);
        send(signal, &child);
        let status = child.wait().unwrap();
        assert_eq!(status.code(), None, "{signal}: {status}");
        nothing_half_written(&sandbox);
        drop(input);
    }
}

/// What is redirected is added to, by whatever name; a file in memory is a file like any other.
#[test]
#[cfg(target_os = "linux")]
fn descriptors_are_written_to_and_files_replaced() {
    let sandbox = Sandbox::new();
    sandbox.write("rows.txt", "https://h.example/a\n");
    let run =
        "cfsign batch rows.txt -k K2JCJMDEHXQW5F -p p256-pkcs8.pem -e 2027-01-31 --now 2026-12-01";
    for redirection in [
        "-o /dev/stdout >> log",
        "-o /dev/fd/3 3>> log",
        "-o /dev/stderr 2>> log",
    ] {
        let line =
            format!("echo old > log; {run} {redirection} && grep -c ^https log && head -n 1 log");
        assert_eq!(
            stdout_of(&mut sandbox.shell(&line)),
            "1\nold\n",
            "{redirection}"
        );
    }
    let Ok(folder) = tempfile::tempdir_in("/dev/shm") else {
        return skipped("replacing a file in memory", "there is no /dev/shm");
    };
    let line = format!(
        "{run} -o {0}/out && {run} -o {0}/out && wc -l < {0}/out",
        folder.path().display()
    );
    assert_eq!(stdout_of(&mut sandbox.shell(&line)), "1\n");
}

/// `nohup` has a program ignore SIGHUP, and a shell without job control has what runs in the
/// background ignore SIGINT.
#[test]
#[cfg(target_os = "linux")]
fn a_signal_that_is_ignored_interrupts_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("out", "old\n");
    let line = "trap '' HUP INT; exec cfsign batch -o out -k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem -e 2027-01-31 --now 2026-12-01";
    let mut child = started(&mut sandbox.shell(line));
    let mut input = under_way(&sandbox, &mut child);
    send("HUP", &child);
    send("INT", &child);
    input.write_all(b"https://h.example/b\n").unwrap();
    drop(input);
    assert!(child.wait().unwrap().success());
    assert_eq!(text(&sandbox.read("out")).lines().count(), 2);
}

/// The standard input of a run that has written something, and waits for more.
fn under_way(sandbox: &Sandbox, child: &mut Child) -> ChildStdin {
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"https://h.example/a\n").unwrap();
    let pending = || {
        let entries = fs::read_dir(sandbox.path())
            .unwrap()
            .map(|entry| entry.unwrap());
        entries.into_iter().any(|file| {
            file.file_name().to_string_lossy().starts_with(".cfsign-")
                && file.metadata().is_ok_and(|file| file.len() > 0)
        })
    };
    while !pending() {
        std::thread::yield_now();
    }
    input
}

fn send(signal: &str, child: &Child) {
    assert!(
        Command::new("kill")
            .args(["-s", signal, &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
}

#[test]
fn a_disk_that_is_full_leaves_the_old_file() {
    let sandbox = Sandbox::new();
    sandbox.write("out", "old\n");
    let rows: String = (0..200).map(|row| url(row * 100) + "\n").collect();
    sandbox.write("rows.txt", rows);
    // 64 blocks of 512 bytes: files cannot grow beyond that. Some shells count in kilobytes.
    let line = "ulimit -f 64; cfsign batch rows.txt -o out -k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem -e 2027-01-31";
    let output = sandbox.shell(line).output().unwrap();
    assert_eq!(
        (output.status.code(), text(&output.stderr)),
        (
            Some(2),
            "error: cannot write \"out\": file too large\n".into()
        )
    );
    nothing_half_written(&sandbox);
}

#[test]
#[cfg(target_os = "linux")]
fn standard_output_that_is_full_is_an_error() {
    let sandbox = Sandbox::new();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = batch(&sandbox, &[]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"https://h.example/a\n")
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = "error: cannot write to standard output: no space left on device\n";
    assert_eq!(
        (output.status.code(), text(&output.stderr)),
        (Some(2), said.into())
    );
}

#[test]
fn a_run_that_stops_at_a_bad_row_leaves_the_old_file() {
    let sandbox = Sandbox::new();
    sandbox.write("out", "old\n");
    sandbox.write(
        "rows.txt",
        "https://h.example/a\n".repeat(20) + "none\nhttps://h.example/b\n",
    );
    let output = batch(&sandbox, &["rows.txt", "-o", "out", "--fail-fast"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    nothing_half_written(&sandbox);
}

/// With 200 MB of address space, and an output of more than that.
#[test]
#[cfg(target_os = "linux")]
fn memory_does_not_grow_with_the_input() {
    let sandbox = Sandbox::new();
    let mut rows = String::new();
    for row in 0..400_000 {
        writeln!(rows, "https://h.example/videos/{row}.mp4").unwrap();
    }
    sandbox.write("rows.txt", rows);
    let line = "ulimit -v 200000; cfsign batch rows.txt -j 2 -k K2JCJMDEHXQW5F -p rsa2048-pkcs8.pem -e 2027-01-31 \
                -r 'https://h.example/videos/*'";
    let mut child = sandbox.shell(line).stdout(Stdio::piped()).spawn().unwrap();
    let mut written = 0;
    let mut buffer = [0; 65_536];
    let mut stdout = child.stdout.take().unwrap();
    loop {
        match stdout.read(&mut buffer).unwrap() {
            0 => break,
            read => written += read,
        }
    }
    assert!(child.wait().unwrap().success());
    assert!(written > 200_000_000, "{written}");
}
