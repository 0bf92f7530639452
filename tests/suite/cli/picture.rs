//! The picture of a terminal in the README is what these commands print, in the colors of a terminal.

use std::fs;
use std::path::Path;

use anstyle_svg::{Term, WIN10_CONSOLE};

use crate::common::{Sandbox, root, stdout_of};

/// The commands as typed, with the key pair ID and the key in the environment.
const COMMANDS: [&str; 4] = [
    "cfsign url https://cdn.example.com/image.jpg -e 1h",
    "cfsign url 'https://cdn.example.com/my image.jpg' -e 1h",
    "url=$(cfsign url 'https://cdn.example.com/my image.jpg' --encode -e 1h)",
    "cfsign verify \"$url&utm_source=mail\" --public-key cf.pub.pem",
];

/// Columns of the terminal.
const WIDTH: usize = 96;

#[test]
fn the_picture_is_what_a_terminal_shows() {
    let sandbox = Sandbox::new();
    sandbox.write("cf.pem", sandbox.read("rsa2048-pkcs8.pem"));
    sandbox.write("cf.pub.pem", sandbox.read("rsa2048-public.pem"));
    let mut script =
        "cfsign() { command cfsign --color always --now 2026-12-01 \"$@\"; }; exec 2>&1; "
            .to_owned();
    for command in COMMANDS {
        script += &format!(
            "printf '\\033[1m$ %s\\033[0m\\n' '{}'; {command}; ",
            command.replace('\'', "'\\''")
        );
    }
    let mut shell = sandbox.shell(&(script + "true"));
    shell
        .env("CFSIGN_KEY_PAIR_ID", "K2JCJMDEHXQW5F")
        .env("CFSIGN_PRIVATE_KEY", "cf.pem");
    let shown: String = stdout_of(&mut shell)
        .lines()
        .map(|line| folded(line) + "\n")
        .collect();
    let picture = Term::new().palette(WIN10_CONSOLE).render_svg(&shown);

    let kept = root().join("examples/demo.svg");
    if fs::read_to_string(&kept).ok().as_ref() != Some(&picture) {
        let drawn = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo.svg");
        fs::write(&drawn, picture).unwrap();
        panic!(
            "the picture shows something else; to look at the new one and keep it: cp {} {}",
            drawn.display(),
            kept.display()
        );
    }
}

/// Breaks a line of plain text as a terminal does. Lines with escape sequences are shorter than they look, and fit.
fn folded(line: &str) -> String {
    if line.contains('\u{1b}') {
        return line.to_owned();
    }
    let characters: Vec<char> = line.chars().collect();
    characters
        .chunks(WIDTH)
        .map(String::from_iter)
        .collect::<Vec<_>>()
        .join("\n")
}
