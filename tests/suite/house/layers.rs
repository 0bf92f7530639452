//! The rooms of `src` depend on each other in one direction only.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::root;

/// From the top down: a room may use those after it. `crate::Name` without a room is the library's front page, which
/// belongs to `cli` alone.
const ROOMS: [&str; 14] = [
    "cli", "batch", "playlist", "verify", "sign", "policy", "key", "url", "time", "text", "error",
    "redact", "base64", "lib",
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // A package of its own, which no room is below.
        if path.ends_with("src/lanes") {
            continue;
        }
        if path.is_dir() {
            files.extend(sources(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// The words that follow `crate::` in code; `use crate::{...}` gives the whole list.
fn imports(text: &str) -> Vec<String> {
    let code: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let code = code.join(" ");
    let mut found = Vec::new();
    for after in code.split("crate::").skip(1) {
        let end = match after.strip_prefix('{') {
            Some(list) => list.find("};").map_or(after.len(), |end| end + 1),
            None => after
                .find(|c: char| c != '_' && !c.is_alphanumeric())
                .unwrap_or(after.len()),
        };
        let names = after[..end].trim_matches('{').split(", ");
        found.extend(names.map(|name| {
            name.split("::")
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned()
        }));
    }
    found
}

#[test]
fn imports_run_downward() {
    let src = root().join("src");
    let mut upward = Vec::new();
    let mut count = 0;
    for path in sources(&src) {
        let name = path.strip_prefix(&src).unwrap().to_str().unwrap();
        let room = name.split(['/', '.']).next().unwrap();
        let Some(own) = ROOMS.iter().position(|other| *other == room) else {
            assert_eq!(room, "main", "{name} is in no room that this test knows");
            continue;
        };
        for import in imports(&fs::read_to_string(&path).unwrap()) {
            count += 1;
            let other = ROOMS.iter().position(|other| *other == import);
            let allowed = match other {
                Some(other) => other >= own,
                None => room == "cli" || room == "lib",
            };
            if !allowed {
                upward.push(format!("{name}: crate::{import}"));
            }
        }
    }
    assert!(upward.is_empty(), "{}", upward.join("\n"));
    assert!(count > 100, "only {count} imports found");
}

#[test]
fn commands_stand_above_what_they_share() {
    let src = root().join("src/cli");
    let mut upward = Vec::new();
    for path in sources(&src) {
        let name = path.strip_prefix(&src).unwrap().to_str().unwrap();
        if name == "mod.rs" || name.starts_with("command/") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for word in ["cli::command", "super::command", "super::Cli", "cli::Cli"] {
            if text.contains(word) {
                upward.push(format!("{name}: {word}"));
            }
        }
    }
    assert!(upward.is_empty(), "{}", upward.join("\n"));
}
