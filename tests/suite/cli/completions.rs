//! Completion scripts and man pages, compared with what the help texts say.

use std::collections::BTreeSet;

use crate::common::{Sandbox, is_here, stdout_of, text};

/// The words of every command, found in the help texts: `[]` for cfsign itself, `["key",
/// "generate"]`.
fn commands(sandbox: &Sandbox) -> Vec<Vec<String>> {
    let mut found = vec![Vec::new()];
    let mut next = 0;
    while let Some(command) = found.get(next).cloned() {
        let help = help(sandbox, &command);
        let listed = help
            .split_once("\nCommands:\n")
            .map_or("", |(_, rest)| rest.split("\n\n").next().unwrap());
        // A description that does not fit on a line goes on further in.
        let names = listed
            .lines()
            .filter_map(|line| line.strip_prefix("  ")?.split_once(' '));
        for (name, _) in names.filter(|(name, _)| !name.is_empty() && *name != "help") {
            found.push(command.iter().cloned().chain([name.to_owned()]).collect());
        }
        next += 1;
    }
    found
}

fn help(sandbox: &Sandbox, command: &[String]) -> String {
    stdout_of(sandbox.cfsign(&[]).args(command).arg("--help"))
}

fn man_page(sandbox: &Sandbox, command: &[String]) -> String {
    stdout_of(sandbox.cfsign(&["man"]).args(command))
}

/// A completion script as a file that is ready to be loaded.
fn script(sandbox: &Sandbox, shell: &str) {
    let script = stdout_of(&mut sandbox.cfsign(&["completions", shell]));
    sandbox.write(&format!("cfsign.{shell}"), script);
}

/// What a shell prints, which must have nothing to complain about.
fn said(sandbox: &Sandbox, line: &str) -> String {
    let output = sandbox.shell(line).output().unwrap();
    assert_eq!(
        (output.status.code(), text(&output.stderr)),
        (Some(0), String::new()),
        "{line}"
    );
    text(&output.stdout)
}

/// What bash offers for the last of these words.
fn offered_by_bash(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    // compopt works only where a key press started the completion.
    let complete = r#"
        source cfsign.bash
        compopt() { :; }
        complete -p cfsign > /dev/null
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        _cfsign cfsign "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    sandbox.write("complete.bash", complete);
    let words: String = words.iter().map(|word| format!(" '{word}'")).collect();
    let mut offered: Vec<_> = said(sandbox, &format!("bash complete.bash{words}"))
        .lines()
        .map(str::to_owned)
        .collect();
    offered.sort();
    offered
}

#[test]
fn bash_completes_commands_flags_values_and_files() {
    if !is_here("bash", "completions for bash") {
        return;
    }
    let sandbox = Sandbox::new();
    script(&sandbox, "bash");
    for (words, offered) in [
        (vec!["cfsign", "u"], vec!["url"]),
        (vec!["cfsign", "key", "gen"], vec!["generate"]),
        (vec!["cfsign", "url", "--expires-"], vec!["--expires-in"]),
        (
            vec!["cfsign", "url", "--format", ""],
            vec!["curl", "json", "query", "text"],
        ),
        (
            vec!["cfsign", "url", "--private-key", "p256-sec1"],
            vec!["p256-sec1-no-public.pem", "p256-sec1.der", "p256-sec1.pem"],
        ),
        (
            vec!["cfsign", "cookies", "-p", "p256-pkcs8.p"],
            vec!["p256-pkcs8.pem"],
        ),
        (
            vec!["cfsign", "verify", "--public-key", "p256-pub"],
            vec!["p256-public.pem"],
        ),
        // No file has a name that is a time, an ID or an environment variable: what was typed
        // stays.
        (
            vec!["cfsign", "url", "--expires", "p256-pub"],
            vec!["p256-pub"],
        ),
        (
            vec!["cfsign", "url", "--key-pair-id", "p256-pub"],
            vec!["p256-pub"],
        ),
        (vec!["cfsign", "url", "--private-key", "env:KEY"], vec![""]),
    ] {
        assert_eq!(offered_by_bash(&sandbox, &words), offered, "{words:?}");
    }
}

#[test]
fn bash_knows_every_command() {
    if !is_here("bash", "the commands in the completions for bash") {
        return;
    }
    let sandbox = Sandbox::new();
    script(&sandbox, "bash");
    let commands = commands(&sandbox);
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands.iter().filter(|command| !command.is_empty()) {
        let words: Vec<&str> = ["cfsign"]
            .into_iter()
            .chain(command.iter().map(String::as_str))
            .collect();
        assert!(
            offered_by_bash(&sandbox, &words).contains(&command.last().unwrap().clone()),
            "{words:?}"
        );
    }
}

#[test]
fn zsh_loads_its_script() {
    if !is_here("zsh", "completions for zsh") {
        return;
    }
    let sandbox = Sandbox::new();
    script(&sandbox, "zsh");
    let load = "autoload -U compinit; compinit -D; source ./cfsign.zsh; print $_comps[cfsign]";
    assert_eq!(said(&sandbox, &format!("zsh -f -c '{load}'")), "_cfsign\n");
}

#[test]
fn fish_completes() {
    if !is_here("fish", "completions for fish") {
        return;
    }
    let sandbox = Sandbox::new();
    script(&sandbox, "fish");
    let offered = |words: &str| {
        let line = format!("fish --no-config -c 'source cfsign.fish; complete -C \"{words}\"'");
        said(&sandbox, &line)
            .lines()
            .map(|line| line.split('\t').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(offered("cfsign ur"), ["url"]);
    assert_eq!(offered("cfsign key gen"), ["generate"]);
    assert_eq!(offered("cfsign url --format j"), ["json"]);
    assert_eq!(
        offered("cfsign url --private-key p256-pub"),
        ["p256-public.pem"]
    );
    assert_eq!(
        offered("cfsign url --expires p256-pub"),
        Vec::<String>::new()
    );
}

/// The words of a text, without punctuation.
fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .map(str::to_lowercase)
        .collect()
}

#[test]
fn man_pages_hold_all_that_the_help_says() {
    let sandbox = Sandbox::new();
    for command in commands(&sandbox) {
        let page = man_page(&sandbox, &command);
        let page = ["\\fB", "\\fI", "\\fR", "\\"]
            .iter()
            .fold(page.replace("\\*(Aq", "'"), |page, markup| {
                page.replace(markup, "")
            });
        // The command `help` has no page.
        let help = help(&sandbox, &command);
        let help: String = help
            .lines()
            .filter(|line| !line.starts_with("  help "))
            .map(|line| format!("{line}\n"))
            .collect();
        let missing: Vec<_> = words(&help).difference(&words(&page)).cloned().collect();
        let missing: Vec<_> = missing
            .iter()
            .filter(|word| !["arguments", "commands", "usage"].contains(&word.as_str()))
            .collect();
        assert!(
            missing.is_empty(),
            "{missing:?} are not in the man page of {command:?}"
        );
        for flag in help
            .split_whitespace()
            .filter(|word| word.starts_with("--"))
        {
            let flag = flag.trim_end_matches([',', ';', ':', '.', ')', ']']);
            assert!(
                page.contains(flag),
                "{flag} is not in the man page of {command:?}"
            );
        }
    }
}

#[test]
fn man_pages_are_good_roff() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.join("man1")).unwrap();
    stdout_of(&mut sandbox.cfsign(&["man", "--out", "man1"]));
    for (program, line) in [
        ("groff", "groff -man -ww -Tutf8 -z man1/*"),
        ("man", "man --warnings -l man1/* > pages"),
        ("mandoc", "mandoc -T lint -W error man1/*"),
    ] {
        if is_here(program, "the form of the man pages") {
            assert_eq!(said(&sandbox, line), "", "{program}");
        }
    }
}

#[test]
fn man_pages_are_written_all_at_once() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.join("man1")).unwrap();
    assert_eq!(
        stdout_of(&mut sandbox.cfsign(&["man", "--out", "man1"])),
        ""
    );
    let commands = commands(&sandbox);
    for command in &commands {
        let file = ["cfsign"]
            .into_iter()
            .chain(command.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join("-");
        assert_eq!(
            text(&sandbox.read(&format!("man1/{file}.1"))),
            man_page(&sandbox, command),
            "{file}"
        );
    }
    assert_eq!(
        std::fs::read_dir(sandbox.join("man1")).unwrap().count(),
        commands.len()
    );
}

#[test]
fn the_readme_installs_them() {
    let sandbox = Sandbox::new();
    let readme = std::fs::read_to_string(crate::common::root().join("README.md")).unwrap();
    let block = readme
        .split("```sh\n")
        .find(|block| block.starts_with("cd ~ "));
    let lines = block.unwrap().split("```").next().unwrap();
    assert_eq!(said(&sandbox, &format!("set -e; {lines}")), "");
    for (command, file) in lines.lines().filter_map(|line| line.split_once(" > ~/")) {
        assert_eq!(
            text(&sandbox.read(file)),
            said(&sandbox, command),
            "{command}"
        );
    }
    assert_eq!(
        text(&sandbox.read(".local/share/man/man1/cfsign.1")),
        man_page(&sandbox, &[])
    );
}

/// The options that are needed first come first, and the short help fits on two screens.
#[test]
fn help_is_in_the_order_of_need() {
    let sandbox = Sandbox::new();
    for command in ["url", "cookies", "batch", "playlist", "policy"] {
        let help = stdout_of(sandbox.cfsign(&[command, "-h"]).env("COLUMNS", "80"));
        let headings: Vec<&str> = help
            .lines()
            .filter(|line| line.ends_with(':') && !line.starts_with(' '))
            .collect();
        assert_eq!(
            headings[..3],
            ["Arguments:", "Required:", "Policy options:"]
        );
        assert_eq!(
            headings[headings.len() - 2..],
            ["Global options:", "Examples:"]
        );
        assert!(help.contains("Expiry (UTC)"), "{help}");
        let lines = help.lines().count();
        assert!(lines <= 48, "cfsign {command} -h has {lines} lines");
        let long = help.lines().find(|line| line.len() > 80);
        assert_eq!(long, None, "cfsign {command} -h");
    }
}
