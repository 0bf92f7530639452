//! The other paths that may have been signed.

use super::super::change::Variants;
use super::{EXACT, Rest};
use crate::error::quoted;

/// The most folders of a path that rules change.
const MOST_FOLDERS: usize = 8;

pub(super) fn path_ends(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let path = rest.parts.path;
    let folder = path.strip_suffix('/').unwrap_or(path);
    let cause = if path == "/" {
        "the URL was signed without the path /, which clients add"
    } else {
        "the URL was signed without the / at the end of its path"
    };
    variants.push(rest.with_path(folder), cause, EXACT);
    let cause = "the URL was signed with a / at the end of its path";
    variants.push(rest.with_path(&format!("{path}/")), cause, EXACT);
    for index in ["index.html", "index.htm", "index.m3u8", "index.json"] {
        let cause = || format!("the URL was signed with {index}, but requested without it");
        variants.push(rest.with_path(&format!("{folder}/{index}")), cause, EXACT);
        if let Some(folder) = path.strip_suffix(index) {
            let cause = || format!("the URL was signed without {index}, but requested with it");
            variants.push(rest.with_path(folder), cause, EXACT);
        }
    }
}

pub(super) fn path_prefixes(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let path = rest.parts.path;
    let fix = "sign the URL with the path that clients request, not the one at the origin";
    // Without the first folders, as where the origin has an origin path or another key.
    for (end, _) in path.match_indices('/').skip(1).take(MOST_FOLDERS) {
        let (prefix, other) = path.split_at(end);
        let cause = || {
            format!(
                "the URL was signed without the path prefix {}",
                quoted(prefix)
            )
        };
        variants.push(rest.with_path(other), cause, fix);
    }
    let segments: Vec<&str> = path.split('/').collect();
    for index in 2..segments.len().min(MOST_FOLDERS + 1) {
        let mut fewer = segments.clone();
        let removed = fewer.remove(index);
        let cause = || {
            format!(
                "the URL was signed without the path segment {}",
                quoted(removed)
            )
        };
        variants.push(rest.with_path(&fewer.join("/")), cause, fix);
    }
    for index in 1..segments.len().min(MOST_FOLDERS + 1) {
        let mut more = segments.clone();
        more.insert(index, segments[index]);
        let cause = || {
            let name = quoted(segments[index]);
            format!("the URL was signed with the path segment {name} twice")
        };
        variants.push(rest.with_path(&more.join("/")), cause, fix);
    }
    // The first label of the host as a folder, as in the two forms of S3 URLs.
    let label = rest.parts.host().split('.').next().unwrap_or_default();
    let names = [
        label, "public", "private", "static", "assets", "media", "files", "content", "images",
        "videos", "video", "uploads", "prod", "v1", "api", "cdn",
    ];
    for name in names {
        let cause = || format!("the URL was signed with the path prefix \"/{name}\"");
        variants.push(rest.with_path(&format!("/{name}{path}")), cause, fix);
    }
    let cause = "the path was signed without the / that it starts with";
    let bare = path.strip_prefix('/').unwrap_or(path);
    variants.push(rest.with_path(bare), cause, EXACT);
}

pub(super) fn repeated_slashes(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let path = rest.parts.path;
    let fix = "sign the URL with the slashes that clients request";
    let segments = path
        .split('/')
        .skip(1)
        .filter(|segment| !segment.is_empty());
    let mut single: String = segments.map(|segment| format!("/{segment}")).collect();
    if path.ends_with('/') {
        single.push('/');
    }
    let cause = "the URL was signed with / that is now //";
    variants.push(rest.with_path(&single), cause, fix);
    let cause = "the URL was signed with // that is now /";
    for (place, _) in path.match_indices('/').take(10) {
        let doubled = [&path[..place], "/", &path[place..]].concat();
        variants.push(rest.with_path(&doubled), cause, fix);
    }
    variants.push(rest.with_path(&path.replace('/', "//")), cause, fix);
    let cause = "the URL was signed with a dot segment, which clients remove";
    variants.push(rest.with_path(&format!("/.{path}")), cause, EXACT);
    let cause = "the URL was signed with \\ that is now /";
    variants.push(rest.with_path(&path.replace('/', "\\")), cause, EXACT);
}

pub(super) fn letter_case(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let path = rest.parts.path;
    let fix = "request the path in the case that was signed";
    let cause = "the path was signed with other capitals";
    let lower = "the path was signed in lower case";
    variants.push(rest.with_path(&path.to_ascii_lowercase()), lower, fix);
    let upper = "the path was signed in capitals";
    variants.push(rest.with_path(&path.to_ascii_uppercase()), upper, fix);
    let url = rest.with(rest.text).to_ascii_lowercase();
    variants.push(url, "the URL was signed in lower case", fix);
    let (folder, name) = path.split_at(path.rfind('/').map_or(0, |place| place + 1));
    let (stem, extension) = name.split_at(name.rfind('.').unwrap_or(name.len()));
    for stem in spellings(stem) {
        for extension in spellings(extension) {
            let other = [folder, &stem, &extension].concat();
            variants.push(rest.with_path(&other), cause, fix);
        }
    }
    let words: Vec<String> = path.split('/').map(capitalized).collect();
    variants.push(rest.with_path(&words.join("/")), cause, fix);
    let segments: Vec<&str> = path.split('/').collect();
    for index in 1..segments.len().min(MOST_FOLDERS) {
        for other in spellings(segments[index]) {
            let mut changed = segments.clone();
            changed[index] = &other;
            variants.push(rest.with_path(&changed.join("/")), cause, fix);
        }
    }
    if let Some(query) = rest.parts.query {
        let cause = "the query was signed in lower case";
        let fix = "request the query in the case that was signed";
        variants.push(rest.with_query(&query.to_ascii_lowercase()), cause, fix);
    }
}

/// A word as it is, in lower case, in capitals and with a capital.
fn spellings(word: &str) -> [String; 4] {
    let (lower, upper) = (word.to_ascii_lowercase(), word.to_ascii_uppercase());
    [word.to_owned(), lower, upper, capitalized(word)]
}

fn capitalized(word: &str) -> String {
    let mut text = word.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}
