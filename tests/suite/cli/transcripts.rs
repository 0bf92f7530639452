//! Scripts of what a user types and gets: every `$ ` line in `tests/transcripts` and in the README.
//!
//! In a transcript, the lines behind `$ COMMAND` are its standard output; `! ` marks standard
//! error, and `? N` an exit status other than 0. Each is compared exactly. Commands run in a folder
//! that holds the keys of `tests/keys`. A line `$ export NAME=VALUE...` sets variables for the
//! commands after it.

use std::fs;
use std::process::Output;

use crate::common::{Sandbox, openssl_is_here, root, stdout_of, text};

#[derive(Default)]
struct Step {
    place: String,
    command: String,
    stdout: String,
    stderr: String,
    status: i32,
}

impl Step {
    /// The exit status of a command in the README, where none is shown.
    fn expected_status(&self) -> i32 {
        match &self.stdout {
            error if error.starts_with("error: ") => 2,
            verdict if verdict.contains("\ndenied") || verdict.contains(" denied\n") => 1,
            _ => 0,
        }
    }
}

fn steps(name: &str, transcript: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut blank = 0;
    let mut exports = String::new();
    for (number, line) in transcript.lines().enumerate() {
        if let Some(command) = line.strip_prefix("$ ") {
            blank = 0;
            if command.starts_with("export ") {
                exports = format!("{command}; ");
                continue;
            }
            steps.push(Step {
                place: format!("{name}:{}", number + 1),
                command: format!("{exports}{command}"),
                ..Step::default()
            });
            continue;
        }
        let Some(step) = steps.last_mut().filter(|_| !line.starts_with("# ")) else {
            continue;
        };
        if line.is_empty() {
            // Part of the output if more of it follows, and for the reader otherwise.
            blank += 1;
        } else if let Some(line) = line.strip_prefix("! ") {
            step.stderr += &format!("{line}\n");
        } else if let Some(status) = line.strip_prefix("? ") {
            step.status = status.parse().unwrap();
        } else {
            step.stdout += &format!("{}{line}\n", "\n".repeat(blank));
            blank = 0;
        }
    }
    steps
}

/// What a command printed that is not what the transcript says.
fn differences(
    sandbox: &Sandbox,
    steps: Vec<Step>,
    matches: impl Fn(&Step, &Output) -> bool,
) -> Vec<String> {
    let mut failures = Vec::new();
    for step in steps {
        let output = sandbox.shell(&step.command).output().unwrap();
        if !matches(&step, &output) {
            let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
            failures.push(format!(
                "{}\n$ {}\n{stdout}! {stderr}? {:?}",
                step.place,
                step.command,
                output.status.code()
            ));
        }
    }
    failures
}

#[test]
fn transcripts() {
    let mut failures = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(root().join("tests/transcripts")).unwrap() {
        let file = entry.unwrap().path();
        let mut steps = steps(
            &file.display().to_string(),
            &fs::read_to_string(&file).unwrap(),
        );
        if steps.iter().any(|step| step.command.contains("openssl "))
            && !openssl_is_here("transcripts that call openssl")
        {
            steps.retain(|step| {
                !step.command.contains("openssl ") && !step.command.contains("explicit.pem")
            });
        }
        count += steps.len();
        failures.extend(differences(&Sandbox::new(), steps, |step, output| {
            let expected = (&step.stdout, &step.stderr, Some(step.status));
            (
                &text(&output.stdout),
                &text(&output.stderr),
                output.status.code(),
            ) == expected
        }));
    }
    assert!(
        failures.is_empty(),
        "{} of {count} differ; found instead:\n\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(count > 200, "only {count} commands found");
}

/// The README's console blocks. Standard output and standard error stand together there as at a
/// terminal, `...` stands for anything, and the clock stands at 2026-12-01.
#[test]
fn the_readme_says_what_happens() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let mut failures = Vec::new();
    let mut count = 0;
    let mut exports = String::new();
    for (number, block) in readme.split("```console\n").enumerate().skip(1) {
        let sandbox = Sandbox::new();
        sandbox.write("cf.pem", sandbox.read("rsa2048-pkcs8.pem"));
        sandbox.write("cf.pub.pem", sandbox.read("rsa2048-public.pem"));
        fs::create_dir(sandbox.join("examples")).unwrap();
        sandbox.write(
            "examples/customers.csv",
            fs::read(root().join("examples/customers.csv")).unwrap(),
        );
        write_access_log(&sandbox);
        // What one block exports, the blocks after it have too.
        let block = exports + block.split("```").next().unwrap();
        let mut steps = steps(&format!("README.md, console block {number}"), &block);
        exports = block
            .lines()
            .filter(|line| line.starts_with("$ export "))
            .map(|line| format!("{line}\n"))
            .collect();
        count += steps.len();
        for step in &mut steps {
            assert!(
                step.command.contains("cfsign "),
                "{}: {}",
                step.place,
                step.command
            );
            step.command = step.command.replace("cfsign ", "cfsign --now 2026-12-01 ");
        }
        failures.extend(differences(&sandbox, steps, |step, output| {
            like(
                &step.stdout.replace('\n', ""),
                &(text(&output.stdout) + &text(&output.stderr)).replace('\n', ""),
            ) && output.status.code() == Some(step.expected_status())
        }));
    }
    assert!(
        failures.is_empty(),
        "{} of {count} differ; found instead:\n\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(count >= 9, "only {count} commands found");
}

/// An access log for the README: a request that was allowed, two with a parameter too much, and one
/// that something else than the signature denied.
fn write_access_log(sandbox: &Sandbox) {
    let mut log = "#Version: 1.0\n#Fields: date time c-ip x-host-header cs-protocol cs-uri-stem cs-uri-query sc-status\n".to_owned();
    let requests = [
        ("/a.mp4", "", 200),
        ("/b.mp4", "&utm_source=mail", 403),
        ("/c.mp4", "&utm_source=mail", 403),
        ("/d.mp4", "", 403),
    ];
    for (number, (path, added, status)) in requests.iter().enumerate() {
        let url = format!("https://cdn.example.com{path}");
        let sign =
            format!("cfsign url {url} -k K2JCJMDEHXQW5F -p cf.pem -e 2027-01-31 --now 2026-12-01");
        let signed = stdout_of(&mut sandbox.shell(&sign));
        let (_, query) = signed.trim_end().split_once('?').unwrap();
        let second = number + 1;
        log += &format!(
            "2026-12-01\t09:00:0{second}\t192.0.2.7\tcdn.example.com\thttps\t{path}\t{query}{added}\t{status}\n"
        );
    }
    sandbox.write("access.log", log);
    stdout_of(&mut sandbox.shell("gzip access.log"));
}

/// Whether `found` is `expected`, where `...` stands for anything.
fn like(expected: &str, found: &str) -> bool {
    let mut parts = expected.split("...");
    let Some(mut rest) = found.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut last = "";
    for part in parts {
        let Some(place) = rest.find(part) else {
            return false;
        };
        last = part;
        rest = &rest[place + part.len()..];
    }
    rest.is_empty() || !last.is_empty() && found.ends_with(last) || expected.ends_with("...")
}
