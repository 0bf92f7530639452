//! Scripts of what a user types and gets: every `$ ` line in `tests/transcripts`, in the README and in `examples`.
//!
//! In a transcript, the lines behind `$ COMMAND` are its standard output; `! ` marks standard error, and `? N` an exit
//! status other than 0. Each is compared exactly. Commands run in a folder that holds the keys of `tests/keys`.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::fs;

use common::{Sandbox, root, text};

#[derive(Default)]
struct Step {
    place: String,
    command: String,
    stdout: String,
    stderr: String,
    status: i32,
}

fn steps(name: &str, transcript: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (number, line) in transcript.lines().enumerate() {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step { place: format!("{name}:{}", number + 1), command: command.into(), ..Step::default() });
            continue;
        }
        // Blank lines and comments stand in front of the first command and between blocks.
        let Some(step) = steps.last_mut().filter(|_| !line.is_empty() && !line.starts_with("# ")) else { continue };
        if let Some(line) = line.strip_prefix("! ") {
            step.stderr += &format!("{line}\n");
        } else if let Some(status) = line.strip_prefix("? ") {
            step.status = status.parse().unwrap();
        } else {
            step.stdout += &format!("{line}\n");
        }
    }
    steps
}

#[test]
fn transcripts() {
    let mut failures = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(root().join("tests/transcripts")).unwrap() {
        let file = entry.unwrap().path();
        let sandbox = Sandbox::new();
        for step in steps(&file.display().to_string(), &fs::read_to_string(&file).unwrap()) {
            let output = sandbox.shell(&step.command).output().unwrap();
            let found = (text(&output.stdout), text(&output.stderr), output.status.code());
            count += 1;
            if found != (step.stdout, step.stderr, Some(step.status)) {
                failures.push(format!("{}\n$ {}\n{}! {}? {:?}", step.place, step.command, found.0, found.1, found.2));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {count} differ; found instead:\n\n{}", failures.len(), failures.join("\n"));
    assert!(count > 100, "only {count} commands found");
}
