//! Rules of the path: what proxies, gateways and servers rewrite.

use super::Source;
use super::choices::mixed;
use super::known_words::{ENDS, EXTENSIONS, FOLDERS, INDEXES, capitals as in_capitals, words};

/// The most segments that a rule changes one by one.
const MOST_SEGMENTS: usize = 12;

pub(super) fn last_slash(source: &Source<'_>) -> Vec<String> {
    let path = source.parts.path;
    vec![match path.strip_suffix('/') {
        Some(shorter) => source.with_path(shorter),
        None => source.with_path(&format!("{path}/")),
    }]
}

/// Patterns, over which a canned policy was signed.
pub(super) fn star(source: &Source<'_>) -> Vec<String> {
    if source.is_light {
        return Vec::new();
    }
    let after_scheme = &source.url[source.parts.authority_range().start..];
    let folders = after_scheme.rmatch_indices('/').take(MOST_SEGMENTS);
    let mut ends = vec![after_scheme.to_owned(), "*".to_owned()];
    for (place, _) in folders {
        ends.push(format!("{}/*", &after_scheme[..place]));
    }
    let base = after_scheme.split('?').next().unwrap_or_default();
    for base in [source.parts.authority, base] {
        ends.extend([format!("{base}*"), format!("{base}?*")]);
    }
    let mut found = vec!["*".to_owned(), format!("{}*", source.url)];
    for scheme in ["https", "http", "http*", "*"] {
        found.extend(ends.iter().map(|end| format!("{scheme}://{end}")));
    }
    found
}

/// What was signed at the end of the URL.
pub(super) fn ends(source: &Source<'_>) -> Vec<String> {
    let ends = ["\n", "\r\n", " "].into_iter().chain(words(ENDS));
    let ends = ends.take(source.most(usize::MAX, 4));
    ends.map(|end| format!("{}{end}", source.url)).collect()
}

/// One of the usual folders in front of the path, or in place of its first segment.
pub(super) fn first_folder(source: &Source<'_>) -> Vec<String> {
    let path = source.parts.path;
    let rest = path
        .split('/')
        .nth(1)
        .map_or(path, |first| &path[first.len() + 1..]);
    let mut paths = Vec::new();
    for folder in words(FOLDERS) {
        paths.extend([format!("/{folder}{path}"), format!("/{folder}{rest}")]);
    }
    source.with_paths(&paths)
}

/// Without a run of up to three segments.
pub(super) fn fewer_segments(source: &Source<'_>) -> Vec<String> {
    let segments: Vec<&str> = source.parts.path.split('/').collect();
    let mut paths = Vec::new();
    for length in 1..=3 {
        for start in 1..segments.len().min(MOST_SEGMENTS).saturating_sub(length) {
            let kept = [&segments[..start], &segments[start + length..]].concat();
            paths.push(kept.join("/"));
        }
    }
    source.with_paths(&paths)
}

/// Empty and dot segments, which servers merge.
pub(super) fn empty_segments(source: &Source<'_>) -> Vec<String> {
    let path = source.parts.path;
    let mut merged = path.replace("/./", "/");
    while merged.contains("//") {
        merged = merged.replace("//", "/");
    }
    let mut paths = vec![merged, path.replace('/', "//")];
    for (place, _) in path.match_indices('/').take(MOST_SEGMENTS) {
        for more in ["/", "/."] {
            paths.push([&path[..place], more, &path[place..]].concat());
        }
    }
    source.with_paths(&paths)
}

pub(super) fn index_document(source: &Source<'_>) -> Vec<String> {
    let path = source.parts.path;
    let folder = path.strip_suffix('/').unwrap_or(path);
    let mut paths = Vec::new();
    for index in words(INDEXES) {
        if let Some(folder) = path.strip_suffix(index) {
            paths.extend([folder, folder.trim_end_matches('/')].map(str::to_owned));
        } else if folder != path || !path.contains('.') {
            paths.push(format!("{folder}/{index}"));
        }
    }
    source.with_paths(&paths)
}

/// Another extension, and what bundlers and servlet containers write into names.
pub(super) fn file_name(source: &Source<'_>) -> Vec<String> {
    let path = source.parts.path;
    let folder = path.rfind('/').map_or(0, |place| place + 1);
    let place_of = |marks: &[char]| path[folder..].rfind(marks).map(|place| folder + place);
    let dot = place_of(&['.']).unwrap_or(path.len());
    let (stem, extension) = path.split_at(dot);
    let minified = path[..dot].strip_suffix(".min").unwrap_or(stem);
    let mut paths = vec![stem.to_owned()];
    paths.extend([".gz", ".br"].map(|end| format!("{path}{end}")));
    let cases = [extension.to_uppercase(), extension.to_lowercase()];
    for other in words(EXTENSIONS).chain(cases.iter().map(String::as_str)) {
        paths.push(format!("{minified}{other}"));
    }
    // A hash, a version, a size or a density before the extension.
    let mark = stem[folder..].rfind(['.', '-', '_', '@', '~']);
    paths.extend(mark.map(|mark| format!("{}{extension}", &stem[..folder + mark])));
    let before = path.split(';').next().unwrap_or_default();
    paths.push(before.to_owned());
    source.with_paths(&paths)
}

/// A part of the URL, as when a signer is handed only the path.
pub(super) fn only(source: &Source<'_>) -> Vec<String> {
    let authority = source.parts.authority_range();
    let path = source.parts.path;
    let texts = [
        &source.url[authority.end..],
        &source.url[authority.start..],
        path,
        path.rsplit('/').next().unwrap_or(path),
        &source.url[..authority.end],
    ];
    let mut found = Vec::new();
    for text in texts {
        found.extend([text, text.trim_start_matches('/')].map(str::to_owned));
    }
    found.extend(["", "/"].map(|end| format!("//{}{end}", texts[1])));
    found.push(format!("{}/", texts[4]));
    found.push(String::new());
    found
}

/// Each word of the path as it is, with a capital, and in capitals; and all in lower case.
pub(super) fn capitals(source: &Source<'_>) -> Vec<String> {
    let path = source.parts.path;
    let mut words: Vec<Vec<String>> = Vec::new();
    for word in path.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let mut forms = in_capitals(&word.to_ascii_lowercase());
        forms.insert(0, word.to_owned());
        words.push(forms);
    }
    let mut found = source.with_paths(&mixed(&words, "", source.most(729, 0)));
    found.push(source.url.to_ascii_lowercase());
    found
}

/// Up to three capital letters, or words in capitals, of a path that a server wrote in lower case.
pub(super) fn camel_case(source: &Source<'_>) -> Vec<String> {
    const MOST_PLACES: usize = 40;
    let path = source.parts.path;
    let mut places = Vec::new();
    let mut start = 0;
    for word in path.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        places.push(start..start + word.len());
        start += word.len();
    }
    let letters = path.bytes().enumerate();
    let letters = letters.filter(|(_, byte)| byte.is_ascii_lowercase());
    places.extend(letters.map(|(place, _)| place..place + 1));
    if places.len() > MOST_PLACES || path.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Vec::new();
    }
    let mut paths = vec![path.to_owned()];
    for _ in 0..3 {
        for path in paths.clone() {
            for place in &places {
                let mut other = path.clone();
                other[place.clone()].make_ascii_uppercase();
                paths.push(other);
            }
        }
        paths.sort_unstable();
        paths.dedup();
    }
    source.with_paths(&paths)
}
