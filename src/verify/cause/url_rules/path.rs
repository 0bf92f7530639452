//! What the path may have been when a URL was signed.

use super::super::change::Variants;
use super::{EXACT, Rest};
use crate::error::quoted;

pub(super) fn path_ends(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let path = rest.parts.path;
    if let Some(shorter) = path.strip_suffix('/') {
        let cause = if path == "/" {
            "the URL was signed without the path /, which clients add"
        } else {
            "the URL was signed without the / at the end of its path"
        };
        variants.push(rest.with_path(shorter), cause, EXACT);
    }
    let cause = "the URL was signed with a / at the end of its path";
    variants.push(rest.with_path(&format!("{path}/")), cause, EXACT);
    for index in ["index.html", "index.htm", "index.m3u8", "index.json"] {
        let cause = || format!("the URL was signed with {index}, but requested without it");
        let folder = path.strip_suffix('/').unwrap_or(path);
        variants.push_with(rest.with_path(&format!("{folder}/{index}")), EXACT, || {
            cause().into()
        });
        if let Some(folder) = path.strip_suffix(index) {
            let cause = || format!("the URL was signed without {index}, but requested with it");
            variants.push_with(rest.with_path(folder), EXACT, || cause().into());
        }
    }
}

pub(super) fn path_prefixes(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let path = rest.parts.path;
    let fix = "sign the URL with the path that clients request, not the one at the origin";
    // Without the first folders, as where the origin has an origin path or another key.
    for (end, _) in path.match_indices('/').skip(1).take(8) {
        let cause = || {
            format!(
                "the URL was signed without the path prefix {}",
                quoted(&path[..end])
            )
        };
        variants.push_with(rest.with_path(&path[end..]), fix, || cause().into());
    }
    let folders: Vec<&str> = path.split('/').skip(1).collect();
    for index in 1..folders.len().min(8) {
        let mut fewer = folders.clone();
        let removed = fewer.remove(index);
        let cause = || {
            format!(
                "the URL was signed without the path segment {}",
                quoted(removed)
            )
        };
        variants.push_with(
            rest.with_path(&format!("/{}", fewer.join("/"))),
            fix,
            || cause().into(),
        );
    }
    for index in 0..folders.len().min(8) {
        let mut more = folders.clone();
        more.insert(index, folders[index]);
        let cause = || {
            format!(
                "the URL was signed with the path segment {} twice",
                quoted(folders[index])
            )
        };
        variants.push_with(rest.with_path(&format!("/{}", more.join("/"))), fix, || {
            cause().into()
        });
    }
    // The first label of the host as a folder, as in the two forms of S3 URLs.
    if let Some((label, _)) = rest.parts.host().split_once('.') {
        let cause = || format!("the URL was signed with the path prefix {}", quoted(label));
        variants.push_with(rest.with_path(&format!("/{label}{path}")), fix, || {
            cause().into()
        });
    }
    for prefix in [
        "public", "private", "static", "assets", "media", "files", "content", "images", "videos",
        "video", "uploads", "prod", "v1", "api", "cdn",
    ] {
        let cause = || format!("the URL was signed with the path prefix \"/{prefix}\"");
        variants.push_with(rest.with_path(&format!("/{prefix}{path}")), fix, || {
            cause().into()
        });
    }
    let cause = "the path was signed without the / that it starts with";
    variants.push(
        rest.with_path(path.strip_prefix('/').unwrap_or(path)),
        cause,
        EXACT,
    );
}

pub(super) fn repeated_slashes(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let path = rest.parts.path;
    let fix = "sign the URL with the slashes that clients request";
    let mut single = path.to_owned();
    while single.contains("//") {
        single = single.replace("//", "/");
    }
    variants.push(
        rest.with_path(&single),
        "the URL was signed with / that is now //",
        fix,
    );
    let cause = "the URL was signed with // that is now /";
    for (place, _) in path.match_indices('/').take(10) {
        let doubled = [&path[..place], "/", &path[place..]].concat();
        variants.push(rest.with_path(&doubled), cause, fix);
    }
    variants.push(rest.with_path(&path.replace('/', "//")), cause, fix);
    let dots = "the URL was signed with a dot segment, which clients remove";
    variants.push(rest.with_path(&format!("/.{path}")), dots, EXACT);
    variants.push(
        rest.with_path(&path.replace('/', "\\")),
        "the URL was signed with \\ that is now /",
        EXACT,
    );
}

pub(super) fn letter_case(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let path = rest.parts.path;
    let fix = "request the path in the case that was signed";
    let cause = "the path was signed with other capitals";
    variants.push(
        rest.with_path(&path.to_ascii_lowercase()),
        "the path was signed in lower case",
        fix,
    );
    variants.push(
        rest.with_path(&path.to_ascii_uppercase()),
        "the path was signed in capitals",
        fix,
    );
    let all = rest.with(rest.text);
    variants.push(
        all.to_ascii_lowercase(),
        "the URL was signed in lower case",
        fix,
    );
    let name_start = path.rfind('/').map_or(0, |slash| slash + 1);
    let (folder, name) = path.split_at(name_start);
    let (stem, extension) = name.split_at(name.rfind('.').unwrap_or(name.len()));
    for stem in [
        stem.to_owned(),
        stem.to_ascii_lowercase(),
        stem.to_ascii_uppercase(),
        capitalized(stem),
    ] {
        for extension in [
            extension.to_owned(),
            extension.to_ascii_lowercase(),
            extension.to_ascii_uppercase(),
        ] {
            variants.push(
                rest.with_path(&format!("{folder}{stem}{extension}")),
                cause,
                fix,
            );
        }
    }
    let words: Vec<String> = path.split('/').map(capitalized).collect();
    variants.push(rest.with_path(&words.join("/")), cause, fix);
    let segments: Vec<&str> = path.split('/').collect();
    for index in 1..segments.len().min(8) {
        for other in [
            capitalized(segments[index]),
            segments[index].to_ascii_uppercase(),
            segments[index].to_ascii_lowercase(),
        ] {
            let mut changed = segments.clone();
            changed[index] = &other;
            variants.push(rest.with_path(&changed.join("/")), cause, fix);
        }
    }
    if let Some(query) = rest.parts.query {
        let with = |query: &str| [rest.start, path, "?", query].concat();
        let cause = "the query was signed in lower case";
        variants.push(
            with(&query.to_ascii_lowercase()),
            cause,
            "request the query as it was signed",
        );
    }
}

fn capitalized(word: &str) -> String {
    let mut text = word.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}
