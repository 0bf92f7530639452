//! What may have been signed in place of the URL as it was requested.

use super::super::change::Variants;
use super::Rest;
use crate::error::quoted;

pub(super) fn trailing_characters(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let fix = "sign the URL without the trailing character";
    // What stands at the end now was not signed.
    for text in [rest.text, rest.parts.path] {
        let escaped = ["%20", "%0A", "%0D", "%22", "%27", "%3E", "%5D", "%7D"];
        let marks = [".", ",", ";", ")", "]", ">", "'", "*", "!", ":"];
        for end in escaped.into_iter().chain(marks) {
            if let Some(shorter) = text.strip_suffix(end) {
                let name = quoted(end);
                let cause = || format!("the URL was signed without the {name} at its end");
                let url = if text.len() == rest.text.len() {
                    rest.with(shorter)
                } else {
                    rest.with_path(shorter)
                };
                variants.push_with(url, "request the URL without it", || cause().into());
            }
        }
    }
    let url = rest.with(rest.text);
    let ends = [
        ("\n", "a line break"),
        ("\r\n", "a line break"),
        (" ", "a space"),
        ("\r", "a carriage return"),
        ("%0A", "%0A, a line break"),
        ("%0D", "%0D, a carriage return"),
        ("%20", "%20, a space"),
        ("\t", "a tab"),
        ("\0", "a NUL byte"),
    ];
    for (end, name) in ends {
        let cause = || format!("the URL was signed with {name} at its end");
        variants.push_with(format!("{url}{end}"), fix, || cause().into());
        let cause = || format!("the path was signed with {name} at its end");
        variants.push_with(
            rest.with_path(&format!("{}{end}", rest.parts.path)),
            fix,
            || cause().into(),
        );
    }
    variants.push(
        format!(" {url}"),
        "the URL was signed with a space before it",
        fix,
    );
    for mark in [".", ",", ";", ")", "]", ">", "\"", "'", "*", "!", ":"] {
        let mark_quoted = quoted(mark);
        let cause = || format!("the URL was signed with {mark_quoted} at its end");
        variants.push_with(format!("{url}{mark}"), fix, || cause().into());
    }
    for start in ["\"", "'", "<", "("] {
        let end = match start {
            "<" => ">",
            "(" => ")",
            same => same,
        };
        let cause = || format!("the URL was signed inside {start}{end}");
        variants.push_with(format!("{start}{url}{end}"), fix, || cause().into());
    }
}

pub(super) fn part_of_the_url(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let fix = "sign the whole URL: scheme, host, path and query";
    let path = rest.parts.path;
    let authority = rest.parts.authority;
    let bare = rest.text.strip_prefix('/').unwrap_or(rest.text);
    variants.push(rest.text, "only the path of the URL was signed", fix);
    variants.push(bare, "only the path of the URL was signed", fix);
    variants.push(
        path.strip_prefix('/').unwrap_or(path),
        "only the path of the URL was signed",
        fix,
    );
    variants.push(path, "only the path of the URL was signed", fix);
    let cause = "the URL was signed without its scheme";
    variants.push([authority, rest.text].concat(), cause, fix);
    variants.push(["//", authority, rest.text].concat(), cause, fix);
    let name = path.rsplit('/').next().unwrap_or(path);
    variants.push(name, "only the file name was signed", fix);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    variants.push(stem, "only the file name was signed", fix);
    let cause = "the URL was signed without its file extension";
    if let Some((shorter, _)) = path.rsplit_once('.') {
        variants.push(rest.with_path(shorter), cause, fix);
    }
    variants.push("", "an empty resource was signed", fix);
    variants.push(rest.start, "only scheme and host were signed", fix);
}

pub(super) fn patterns(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let fix = "a canned policy covers one URL; for a pattern, send a custom policy (Policy instead of Expires)";
    let path = rest.parts.path;
    let starts = [
        rest.start.to_owned(),
        format!("http*://{}", rest.parts.authority),
        format!("*://{}", rest.parts.authority),
    ];
    for start in starts {
        for (place, _) in path.rmatch_indices('/').take(10) {
            let pattern = format!("{start}{}*", &path[..=place]);
            let cause = || format!("the pattern {} was signed", quoted(&pattern));
            variants.push_with(pattern.clone(), fix, || cause().into());
        }
        for pattern in [format!("{start}{path}*"), format!("{start}{path}?*")] {
            let cause = || format!("the pattern {} was signed", quoted(&pattern));
            variants.push_with(pattern.clone(), fix, || cause().into());
        }
    }
    for pattern in [
        "*",
        "http*://*",
        "https://*",
        "http://*",
        "*://*",
        "http*://*/*",
        "https://*/*",
    ] {
        variants.push_with(pattern, fix, || {
            format!("the pattern \"{pattern}\" was signed").into()
        });
    }
}
