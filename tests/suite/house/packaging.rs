//! Facts that `Cargo.toml` defines and other files repeat: the repository, the version, the minimum Rust version.

use std::fs;

use crate::common::root;

const VERSION: &str = env!("CARGO_PKG_VERSION");
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// `OWNER/cfsign`.
fn repository_name() -> &'static str {
    REPOSITORY.strip_prefix("https://github.com/").unwrap()
}

#[test]
fn files_name_the_repository_of_the_manifest() {
    for path in [
        ".github/CHANGELOG.md",
        ".github/CONTRIBUTING.md",
        ".github/SECURITY.md",
        "README.md",
        "examples/github-actions.yml",
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
    let action = format!(
        "uses: {}/.github/actions/setup@v{VERSION}\n",
        repository_name()
    );
    assert!(
        read("examples/github-actions.yml").contains(&action),
        "{action}"
    );
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
