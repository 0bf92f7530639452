//! What one file says and another one repeats: the repository, the version, the minimum Rust
//! version, the examples.

use std::fs;

use crate::common::root;

const VERSION: &str = env!("CARGO_PKG_VERSION");
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The repository as GitHub names it: an owner and the project.
fn repository_name() -> &'static str {
    REPOSITORY.strip_prefix("https://github.com/").unwrap()
}

#[test]
fn files_name_the_repository_of_the_manifest() {
    for path in [
        ".github/CHANGELOG.md",
        ".github/CONTRIBUTING.md",
        ".github/SECURITY.md",
        "src/lib.rs",
    ] {
        let text = read(path);
        // An owner, before the name of the project: in a URL, an action or a flag of gh.
        for (at, _) in text.match_indices("/cfsign") {
            let owner = text[..at]
                .rsplit([' ', '/', '(', '"', '\n'])
                .next()
                .unwrap();
            let is_repository = text[..at].ends_with(&format!("github.com/{owner}"))
                || text[..at].ends_with(&format!("uses: {owner}"))
                || text[..at].ends_with(&format!("--repo {owner}"));
            if is_repository {
                assert_eq!(format!("{owner}/cfsign"), repository_name(), "{path}");
            }
        }
    }
}

#[test]
fn the_example_workflow_installs_this_version() {
    let install = format!("run: pipx install cfsign-cli=={VERSION}\n");
    let workflow = read("examples/github-actions.yml");
    assert!(workflow.contains(&install), "{install}");
    assert!(read(".ci/packages/METADATA").contains("\nName: cfsign-cli\n"));
}

#[test]
fn the_changelog_begins_with_this_version() {
    let changelog = read(".github/CHANGELOG.md");
    let heading = changelog
        .lines()
        .find_map(|line| line.strip_prefix("## "))
        .unwrap();
    let version = heading.split(' ').next().unwrap();
    assert!([VERSION, "Unreleased"].contains(&version), "{heading}");
}

#[test]
fn the_readme_names_the_minimum_rust_version() {
    let minimum = format!("Rust {}", env!("CARGO_PKG_RUST_VERSION"));
    assert!(read("README.md").contains(&minimum), "{minimum}");
}

#[test]
fn the_readme_shows_the_library_as_it_is_used() {
    let readme = read("README.md");
    let (_, section) = readme.split_once("\n## Library\n").unwrap();
    let dependency = section
        .lines()
        .find_map(|line| line.strip_prefix("    cfsign = "))
        .unwrap();
    let used = dependency.replace("../cfsign", "../..");
    assert!(read("examples/lambda/Cargo.toml").contains(&used), "{used}");

    let program = read("examples/library.rs");
    let block = section.split("```rust\n").nth(1).unwrap();
    let lines: Vec<&str> = block.split("```").next().unwrap().lines().collect();
    assert_eq!(lines.len(), 3);
    for line in lines {
        assert!(program.contains(line), "{line}");
    }
}

#[test]
fn the_readme_is_short_and_names_no_placeholder() {
    let readme = read("README.md");
    let lines = readme.lines().count();
    assert!(lines <= 260, "{lines} lines");
    let long = readme.lines().find(|line| line.chars().count() >= 160);
    assert_eq!(long, None);
    for path in [
        "README.md",
        "examples/README.md",
        "examples/github-actions.yml",
        ".ci/packages/README.md",
        ".github/SECURITY.md",
    ] {
        assert!(!read(path).contains("OWNER"), "{path}");
    }
}

#[test]
fn the_list_of_examples_is_complete() {
    let list = read("examples/README.md");
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        // The list itself, and the picture of the README.
        if !["README.md", "demo.svg"].contains(&name.as_str()) {
            assert!(list.contains(&format!("({name})")), "{name}");
        }
    }
}

#[test]
fn the_readme_builds_static_binaries_as_releases_are() {
    let readme = read("README.md");
    let flag = "-C target-feature=+crt-static";
    assert!(readme.contains(&format!("RUSTFLAGS='{flag}' cargo install ")));
    assert!(read(".ci/release").contains(&format!("RUSTFLAGS+=' {flag}'")));
    assert!(readme.contains("docker build --file examples/Dockerfile "));
}
