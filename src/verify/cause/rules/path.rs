//! Rules of the path: what proxies, gateways and servers rewrite.

use super::Source;
use super::query::{capitalized, product};
use super::words::{EXTENSIONS, FOLDERS, FRAGMENTS, INDEXES, words};

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
    if source.is_second {
        return Vec::new();
    }
    let (path, authority) = (source.parts.path, source.parts.authority);
    let after_scheme = &source.url[source.parts.authority_range().start..];
    let mut found: Vec<String> = Vec::new();
    for scheme in [source.parts.scheme.unwrap_or("https"), "http*", "*"] {
        let origin = format!("{scheme}://{authority}");
        let folders = path.rmatch_indices('/').take(MOST_SEGMENTS);
        found.extend(folders.map(|(place, _)| format!("{origin}{}*", &path[..=place])));
        for end in ["*", "?*"] {
            found.push(format!("{origin}{path}{end}"));
        }
        found.extend([format!("{origin}*"), format!("{scheme}://{after_scheme}")]);
    }
    found.push(format!("{}*", source.url));
    found.extend(["*", "http*://*", "https://*", "http://*", "*://*"].map(str::to_owned));
    found
}

/// Characters that were signed at the end of the URL.
pub(super) fn ends(source: &Source<'_>) -> Vec<String> {
    let ends = ["\n", "%20", "?", "\r\n", " ", "%0A", "&", "."];
    let count = if source.is_second { 3 } else { ends.len() };
    ends[..count]
        .iter()
        .map(|end| format!("{}{end}", source.url))
        .collect()
}

/// One of the usual folders in front of the path, or in place of its first segment.
pub(super) fn first_folder(source: &Source<'_>) -> Vec<String> {
    let path = source.parts.path;
    let rest = path
        .get(1..)
        .and_then(|path| path.find('/'))
        .map(|place| &path[place + 1..]);
    let label = source.parts.host().split('.').next().unwrap_or_default();
    let mut found = Vec::new();
    for folder in words(FOLDERS).chain([label]) {
        found.push(source.with_path(&format!("/{folder}{path}")));
        if let Some(rest) = rest {
            found.push(source.with_path(&format!("/{folder}{rest}")));
        }
    }
    found
}

/// Without a run of up to three segments.
pub(super) fn fewer_segments(source: &Source<'_>) -> Vec<String> {
    let segments: Vec<&str> = source.parts.path.split('/').collect();
    let mut found = Vec::new();
    for length in 1..=3 {
        for start in 1..segments.len().min(MOST_SEGMENTS).saturating_sub(length) {
            let rest = [&segments[..start], &segments[start + length..]].concat();
            found.push(source.with_path(&rest.join("/")));
        }
    }
    found
}

/// Empty and dot segments, which servers merge.
pub(super) fn empty_segments(source: &Source<'_>) -> Vec<String> {
    let path = source.parts.path;
    let ends_in_slash = path.ends_with('/');
    let mut merged = String::new();
    for segment in path
        .split('/')
        .filter(|segment| !["", "."].contains(segment))
    {
        merged.push('/');
        merged += segment;
    }
    if ends_in_slash || merged.is_empty() {
        merged.push('/');
    }
    let mut found = vec![
        source.with_path(&merged),
        source.with_path(&path.replace('/', "//")),
    ];
    for (place, _) in path.match_indices('/').take(MOST_SEGMENTS) {
        for more in ["/", "/."] {
            found.push(source.with_path(&[&path[..place], more, &path[place..]].concat()));
        }
    }
    found
}

pub(super) fn index_document(source: &Source<'_>) -> Vec<String> {
    let path = source.parts.path;
    let mut found = Vec::new();
    for index in words(INDEXES) {
        if path.ends_with('/') {
            found.push(source.with_path(&format!("{path}{index}")));
        } else if let Some(folder) = path.strip_suffix(index)
            && folder.ends_with('/')
        {
            found.push(source.with_path(folder));
            found.push(source.with_path(folder.trim_end_matches('/')));
        } else if !path.rsplit('/').next().unwrap_or_default().contains('.') {
            found.push(source.with_path(&format!("{path}/{index}")));
        }
    }
    found
}

/// Another extension, and what bundlers and servlet containers write into names.
pub(super) fn file_name(source: &Source<'_>) -> Vec<String> {
    let path = source.parts.path;
    let folder = path.rfind('/').map_or(0, |place| place + 1);
    let mut found = Vec::new();
    let extensions: Vec<&str> = words(EXTENSIONS)
        .map(|word| word.trim_matches('-'))
        .collect();
    for pair in extensions.chunks(2) {
        for (old, new) in [(pair[0], pair[1]), (pair[1], pair[0])] {
            let is_added_to_a_name = old.is_empty() && path[folder..].contains('.');
            if let Some(stem) = path.strip_suffix(old)
                && stem.len() > folder
                && (!is_added_to_a_name || [".gz", ".br"].contains(&new))
            {
                found.push(source.with_path(&format!("{stem}{new}")));
            }
        }
    }
    let dot = path
        .rfind('.')
        .filter(|dot| *dot > folder)
        .unwrap_or(path.len());
    let (stem, extension) = path.split_at(dot);
    found.push(source.with_path(&format!("{stem}{}", extension.to_ascii_uppercase())));
    found.push(source.with_path(&format!("{stem}{}", extension.to_ascii_lowercase())));
    found.push(source.with_path(stem));
    if let Some(mark) = stem
        .rfind(['.', '-', '_', '@', '~'])
        .filter(|mark| *mark > folder)
    {
        // A hash, a version, a size or a density before the extension.
        found.push(source.with_path(&format!("{}{extension}", &stem[..mark])));
    }
    if let Some(parameters) = path.find(';') {
        let end = path[parameters..]
            .find('/')
            .map_or(path.len(), |end| parameters + end);
        found.push(source.with_path(&format!("{}{}", &path[..parameters], &path[end..])));
    }
    found
}

pub(super) fn question_mark(source: &Source<'_>) -> Vec<String> {
    let url = source.url;
    let pairs = [
        ("?", "%3F"),
        ("%3F", "?"),
        ("%3f", "?"),
        ("?", "&"),
        ("%23", "#"),
    ];
    pairs
        .iter()
        .map(|(old, new)| url.replacen(old, new, 1))
        .collect()
}

/// Windows paths; the slash at the start stays one.
pub(super) fn backslashes(source: &Source<'_>) -> Vec<String> {
    let (first, rest) = source.parts.path.split_at(source.parts.path.len().min(1));
    let mut found = Vec::new();
    for (old, new) in [
        ("/", "\\"),
        ("/", "%5C"),
        ("/", "%5c"),
        ("%5C", "/"),
        ("%5C", "\\"),
    ] {
        found.push(source.with_path(&format!("{first}{}", rest.replace(old, new))));
    }
    found.push(source.with_path(&source.parts.path.replace('/', "\\")));
    found
}

/// A part of the URL, as when a signer is handed only the path.
pub(super) fn only(source: &Source<'_>) -> Vec<String> {
    let rest = &source.url[source.parts.authority_range().end..];
    let after_scheme = &source.url[source.parts.authority_range().start..];
    let path = source.parts.path;
    let name = path.rsplit('/').next().unwrap_or(path);
    let origin = &source.url[..source.parts.authority_range().end];
    let texts = [
        rest,
        rest.strip_prefix('/').unwrap_or(rest),
        after_scheme,
        path,
        path.strip_prefix('/').unwrap_or(path),
        name,
        origin,
        "",
    ];
    let mut found: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    found.push(format!("//{after_scheme}"));
    found.push(format!("{origin}/"));
    found
}

pub(super) fn fragment(source: &Source<'_>) -> Vec<String> {
    let count = if source.is_second { 1 } else { usize::MAX };
    let fragments = words(FRAGMENTS).take(count);
    fragments
        .map(|fragment| format!("{}{fragment}", source.url))
        .collect()
}

/// Each word of the path as it is, with a capital, and in capitals; and all in lower case.
pub(super) fn capitals(source: &Source<'_>) -> Vec<String> {
    let path = source.parts.path;
    let mut found = vec![
        source.with_path(&path.to_ascii_lowercase()),
        source.with_path(&path.to_ascii_uppercase()),
        source.url.to_ascii_lowercase(),
    ];
    let mut words: Vec<Vec<String>> = Vec::new();
    for word in path.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let lower = word.to_ascii_lowercase();
        let forms = vec![
            word.to_owned(),
            capitalized(&lower),
            lower.to_ascii_uppercase(),
        ];
        let is_word = word.contains(|c: char| c.is_ascii_alphabetic());
        words.push(if is_word {
            forms
        } else {
            vec![word.to_owned()]
        });
    }
    for form in 0..3 {
        let written = words
            .iter()
            .map(|forms| forms.get(form).unwrap_or(&forms[0]).as_str());
        found.push(source.with_path(&written.collect::<String>()));
    }
    if !source.is_second {
        let changed = product(&words, 729);
        found.extend(
            changed
                .iter()
                .map(|words| source.with_path(&words.concat())),
        );
    }
    found
}
