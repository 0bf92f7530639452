//! The picture of a terminal in the README is what these commands print, in the colors of a
//! terminal.

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

/// Columns of the terminal. The key is P-256, whose signatures are short.
const WIDTH: usize = 96;

#[test]
fn the_picture_is_what_a_terminal_shows() {
    let sandbox = Sandbox::new();
    sandbox.write("cf.pem", sandbox.read("p256-pkcs8.pem"));
    sandbox.write("cf.pub.pem", sandbox.read("p256-public.pem"));
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

/// Breaks a line as a terminal does: escape sequences take no room.
fn folded(line: &str) -> String {
    let mut folded = String::new();
    let mut column = 0;
    let mut in_escape = false;
    for c in line.chars() {
        in_escape |= c == '\u{1b}';
        if !in_escape && column == WIDTH {
            folded.push('\n');
            column = 0;
        }
        folded.push(c);
        column += usize::from(!in_escape);
        in_escape &= !c.is_ascii_alphabetic();
    }
    folded
}
