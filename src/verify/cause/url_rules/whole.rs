//! The other texts that may have been signed in place of the URL as it was requested.

use super::super::change::Variants;
use super::Rest;
use crate::error::quoted;

pub(super) fn trailing_characters(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    // Characters that were added after signing.
    let escaped = ["%20", "%0A", "%0D", "%22", "%27", "%3E", "%5D", "%7D"];
    let marks = [".", ",", ";", ")", "]", ">", "'", "*", "!", ":"];
    for text in [rest.text, rest.parts.path] {
        let ends = escaped.into_iter().chain(marks);
        for end in ends.filter(|end| text.ends_with(end)) {
            let shorter = &text[..text.len() - end.len()];
            let url = if text.len() == rest.text.len() {
                rest.with(shorter)
            } else {
                rest.with_path(shorter)
            };
            let cause = || format!("the URL was signed without the {} at its end", quoted(end));
            variants.push(url, cause, "request the URL without it");
        }
    }
    let fix = "sign the URL without the trailing character";
    let url = rest.with(rest.text);
    for (end, name) in [
        ("\n", "a line break"),
        ("\r\n", "a line break"),
        (" ", "a space"),
        ("\r", "a carriage return"),
        ("%0A", "%0A, a line break"),
        ("%0D", "%0D, a carriage return"),
        ("%20", "%20, a space"),
        ("\t", "a tab"),
        ("\0", "a NUL byte"),
    ] {
        let cause = || format!("the URL was signed with {name} at its end");
        variants.push(format!("{url}{end}"), cause, fix);
        let path = format!("{}{end}", rest.parts.path);
        let cause = || format!("the path was signed with {name} at its end");
        variants.push(rest.with_path(&path), cause, fix);
    }
    let cause = "the URL was signed with a space before it";
    variants.push(
        format!(" {url}"),
        cause,
        "sign the URL without the leading space",
    );
    for mark in marks.into_iter().chain(["\""]) {
        let cause = || format!("the URL was signed with {} at its end", quoted(mark));
        variants.push(format!("{url}{mark}"), cause, fix);
    }
    for (start, end) in [("\"", "\""), ("'", "'"), ("<", ">"), ("(", ")")] {
        let cause = || format!("the URL was signed inside {start}{end}");
        let fix = "sign the URL without the marks around it";
        variants.push(format!("{start}{url}{end}"), cause, fix);
    }
}

pub(super) fn part_of_the_url(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let fix = "sign the whole URL: scheme, host, path and query";
    let (path, authority) = (rest.parts.path, rest.parts.authority);
    let bare = |text: &str| text.strip_prefix('/').unwrap_or(text).to_owned();
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let without_extension = path.rsplit_once('.').map_or(path, |(start, _)| start);
    for (text, cause) in [
        (rest.text.to_owned(), "only the path of the URL was signed"),
        (bare(rest.text), "only the path of the URL was signed"),
        (bare(path), "only the path of the URL was signed"),
        (path.to_owned(), "only the path of the URL was signed"),
        (
            [authority, rest.text].concat(),
            "the URL was signed without its scheme",
        ),
        (
            ["//", authority, rest.text].concat(),
            "the URL was signed without its scheme",
        ),
        (name.to_owned(), "only the file name was signed"),
        (stem.to_owned(), "only the file name was signed"),
        (
            rest.with_path(without_extension),
            "the URL was signed without its file extension",
        ),
        (String::new(), "an empty resource was signed"),
        (rest.start.to_owned(), "only scheme and host were signed"),
    ] {
        variants.push(text, cause, fix);
    }
}

pub(super) fn patterns(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let (path, authority) = (rest.parts.path, rest.parts.authority);
    let mut patterns = Vec::new();
    for start in [
        rest.start.to_owned(),
        format!("http*://{authority}"),
        format!("*://{authority}"),
    ] {
        let folders = path.rmatch_indices('/').take(10);
        patterns.extend(folders.map(|(place, _)| format!("{start}{}*", &path[..=place])));
        patterns.push(format!("{start}{path}*"));
        patterns.push(format!("{start}{path}?*"));
    }
    let everything = [
        "*",
        "http*://*",
        "https://*",
        "http://*",
        "*://*",
        "http*://*/*",
        "https://*/*",
    ];
    patterns.extend(everything.map(str::to_owned));
    let fix = "a canned policy covers one URL; for a pattern, send a custom policy (Policy instead of Expires)";
    for pattern in patterns {
        let cause = || format!("the pattern {} was signed", quoted(&pattern));
        variants.push(pattern.as_str(), cause, fix);
    }
}
