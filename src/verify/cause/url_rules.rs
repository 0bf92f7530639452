//! What a URL may have been when it was signed: a table of named rules, the likeliest first.
//!
//! Each rule undoes one thing that happens to URLs between signer and client. The search composes them.

use super::change::{Change, Variant, Variants};
use super::encodings;
use crate::error::quoted;
use crate::url::UrlParts;

/// A URL split where the path begins.
pub(super) struct Rest<'a> {
    /// Scheme and authority.
    start: &'a str,
    /// Path and query.
    pub(super) text: &'a str,
    parts: UrlParts<'a>,
}

type Rule = fn(&Rest<'_>, &mut Variants<'_>);

/// The rules, each with its weight: a rule with a higher weight is less likely.
const RULES: [(usize, Rule); 23] = [
    (0, parameters_added),
    (1, other_scheme),
    (1, encodings::decoded),
    (1, encodings::spaces),
    (2, encodings::encoded),
    (2, parameters_moved),
    (2, path_ends),
    (2, encodings::hexadecimal_case),
    (2, encodings::repeated_encoding),
    (2, encodings::unicode),
    (3, encodings::lost_escapes),
    (3, encodings::single_places),
    (3, host_spelling),
    (3, repeated_slashes),
    (4, path_prefixes),
    (4, trailing_characters),
    (4, other_ports),
    (5, query_punctuation),
    (5, other_hosts),
    (5, patterns),
    (6, letter_case),
    (6, part_of_the_url),
    (7, with_fragment_characters),
];

const EXACT: &str = "sign the URL exactly as clients request it";

/// The alternatives of a URL, the likeliest first.
pub(super) fn alternatives(url: &str) -> Vec<Variant> {
    collect(url, None).found()
}

/// The change that an alternative stands for.
pub(super) fn change(url: &str, alternative: &str) -> Option<Change> {
    collect(url, Some(alternative)).change()
}

fn collect<'a>(url: &str, wanted: Option<&'a str>) -> Variants<'a> {
    let parts = UrlParts::parse(url);
    let start = match parts.scheme {
        Some(scheme) => scheme.len() + "://".len() + parts.authority.len(),
        None => 0,
    };
    let (start, text) = url.split_at(start);
    let rest = Rest { start, text, parts };
    let mut variants = Variants::of(url, wanted);
    for (weight, rule) in RULES {
        variants.start_rule(weight);
        rule(&rest, &mut variants);
    }
    variants
}

impl Rest<'_> {
    /// The URL with another path and query.
    pub(super) fn with(&self, text: &str) -> String {
        [self.start, text].concat()
    }

    /// The URL with another path.
    fn with_path(&self, path: &str) -> String {
        match self.parts.query {
            Some(query) => [self.start, path, "?", query].concat(),
            None => [self.start, path].concat(),
        }
    }

    /// The URL with another query; none if there are no parameters.
    fn with_parameters(&self, parameters: &[&str]) -> String {
        if parameters.is_empty() {
            return [self.start, self.parts.path].concat();
        }
        let query = parameters.join("&");
        [self.start, self.parts.path, "?", &query].concat()
    }

    /// The URL with another host, the port kept.
    fn with_host(&self, host: &str) -> String {
        let scheme = self.parts.scheme.unwrap_or_default();
        let port = match self.parts.port() {
            Some(port) => format!(":{port}"),
            None => String::new(),
        };
        [scheme, "://", host, &port, self.text].concat()
    }
}

/// Prefixes of the names of parameters that mail, social and analytics services add to links.
const TRACKING: [&str; 12] = [
    "utm_", "fbclid=", "gclid=", "gbraid=", "wbraid=", "msclkid=", "mc_", "igshid=", "_hs", "_ga=",
    "_gl=", "ttclid=",
];

fn parameters_added(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let parameters: Vec<&str> = rest.parts.parameters().collect();
    if parameters.is_empty() {
        return;
    }
    let count = parameters.len();
    let is_tracking = |parameter: &str| TRACKING.iter().any(|prefix| parameter.starts_with(prefix));
    let all = || 0..count;
    // Parameters are appended, so the last few come first.
    let mut removals: Vec<Vec<usize>> = (1..count.min(4))
        .map(|few| (count - few..count).collect())
        .collect();
    removals.push(all().collect());
    removals.push(
        all()
            .filter(|index| is_tracking(parameters[*index]))
            .collect(),
    );
    removals.extend(all().rev().take(100).map(|index| vec![index]));
    let few = count.min(7);
    let mut subsets: Vec<Vec<usize>> = (1_usize..1 << few)
        .map(|bits| (0..few).filter(|index| bits >> index & 1 == 1).collect())
        .collect();
    subsets.sort_by_key(Vec::len);
    removals.extend(subsets);
    removals.extend((1..count.min(100)).map(|kept| (kept..count).collect()));
    for removed in removals {
        if variants.is_full() {
            return;
        }
        if removed.is_empty() {
            continue;
        }
        let kept: Vec<&str> = (0..count)
            .filter(|index| !removed.contains(index))
            .map(|index| parameters[index])
            .collect();
        let fix = if removed.len() == 1 {
            "remove it, or sign the URL that includes it"
        } else {
            "remove them, or sign the URL that includes them"
        };
        let cause = || {
            let names: Vec<String> = removed
                .iter()
                .take(5)
                .map(|index| quoted(parameters[*index]))
                .collect();
            let names = names.join(", ");
            let more = if removed.len() > 5 { ", ..." } else { "" };
            if removed.len() == 1 {
                format!("the query parameter {names} was added after signing")
            } else {
                format!("the query parameters {names}{more} were added after signing")
            }
        };
        variants.push_with(rest.with_parameters(&kept), fix, || cause().into());
    }
}

fn other_scheme(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let after = [rest.parts.authority, rest.text].concat();
    let scheme = rest.parts.scheme.unwrap_or_default();
    if scheme != "https" {
        let cause = || format!("https was signed, and {scheme} was requested");
        variants.push_with(
            format!("https://{after}"),
            "request the URL with https",
            || cause().into(),
        );
    }
    if scheme != "http" {
        let cause = || format!("http was signed, and {scheme} was requested");
        variants.push_with(format!("http://{after}"), "sign the https URL", || {
            cause().into()
        });
    }
    for other in ["HTTPS", "HTTP", "http*", "*", "https?"] {
        let cause = || format!("{other}:// was signed, and {scheme}:// was requested");
        variants.push_with(format!("{other}://{after}"), EXACT, || cause().into());
    }
}

fn parameters_moved(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let parameters: Vec<&str> = rest.parts.parameters().collect();
    let count = parameters.len();
    if count < 2 {
        return;
    }
    let cause = "the query parameters were signed in another order";
    let fix = "request the URL with its query as it was signed";
    let mut sorted = parameters.clone();
    sorted.sort_unstable();
    variants.push(rest.with_parameters(&sorted), cause, fix);
    sorted.reverse();
    variants.push(rest.with_parameters(&sorted), cause, fix);
    let mut reversed = parameters.clone();
    reversed.reverse();
    variants.push(rest.with_parameters(&reversed), cause, fix);
    for from in 0..count.min(20) {
        for to in 0..count.min(20) {
            if variants.is_full() {
                return;
            }
            let mut moved = parameters.clone();
            let parameter = moved.remove(from);
            moved.insert(to, parameter);
            variants.push(rest.with_parameters(&moved), cause, fix);
            let mut swapped = parameters.clone();
            swapped.swap(from, to);
            variants.push(rest.with_parameters(&swapped), cause, fix);
        }
    }
    if count <= 5 {
        permutations(&mut parameters.clone(), count, &mut |order| {
            variants.push(rest.with_parameters(order), cause, fix);
        });
    }
}

/// All orders of the first `count` parameters (Heap's algorithm).
fn permutations<'a>(parameters: &mut [&'a str], count: usize, visit: &mut impl FnMut(&[&'a str])) {
    if count <= 1 {
        return visit(parameters);
    }
    for index in 0..count {
        permutations(parameters, count - 1, visit);
        let other = if count.is_multiple_of(2) { index } else { 0 };
        parameters.swap(other, count - 1);
    }
}

fn path_ends(rest: &Rest<'_>, variants: &mut Variants<'_>) {
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
        let cause = || format!("the URL was signed with {index}, and requested without");
        let folder = path.strip_suffix('/').unwrap_or(path);
        variants.push_with(rest.with_path(&format!("{folder}/{index}")), EXACT, || {
            cause().into()
        });
        if let Some(folder) = path.strip_suffix(index) {
            let cause = || format!("the URL was signed without {index}, and requested with it");
            variants.push_with(rest.with_path(folder), EXACT, || cause().into());
        }
    }
}

fn host_spelling(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let host = rest.parts.host();
    let fix = "sign the host in lower case, as clients send it";
    let lower = host.to_ascii_lowercase();
    variants.push(
        rest.with_host(&lower),
        "the host was signed in lower case",
        fix,
    );
    let upper = host.to_ascii_uppercase();
    variants.push(
        rest.with_host(&upper),
        "the host was signed in capitals",
        fix,
    );
    let mut capitalized = lower.clone();
    if let Some(first) = capitalized.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    variants.push(
        rest.with_host(&capitalized),
        "the host was signed with a capital",
        fix,
    );
    let cause = "the host was signed with a trailing dot";
    variants.push(rest.with_host(&format!("{host}.")), cause, EXACT);
    if let Some(bare) = host.strip_suffix('.') {
        let cause = "the host was signed without the trailing dot";
        variants.push(rest.with_host(bare), cause, EXACT);
    }
}

fn path_prefixes(rest: &Rest<'_>, variants: &mut Variants<'_>) {
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

fn repeated_slashes(rest: &Rest<'_>, variants: &mut Variants<'_>) {
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

fn trailing_characters(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let fix = "sign the URL without what follows it in the text";
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

fn query_punctuation(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let fix = "sign the query exactly as clients request it";
    let Some(query) = rest.parts.query else {
        let cause = "the URL was signed with a lone ? at its end";
        variants.push(rest.with(&format!("{}?", rest.text)), cause, fix);
        return;
    };
    let with = |query: &str| [rest.start, rest.parts.path, "?", query].concat();
    let tidy: Vec<&str> = query
        .split('&')
        .filter(|parameter| !parameter.is_empty())
        .collect();
    variants.push(
        with(&tidy.join("&")),
        "the URL was signed without an empty query parameter",
        fix,
    );
    variants.push(
        with(&format!("{query}&")),
        "the query was signed with a trailing &",
        fix,
    );
    variants.push(
        with(&format!("&{query}")),
        "the query was signed with a leading &",
        fix,
    );
    variants.push(
        with(&format!("?{query}")),
        "the query was signed with ??",
        fix,
    );
    variants.push(
        with(&query.replace('&', ";")),
        "the query was signed with ; between its parameters",
        fix,
    );
    variants.push(
        with(&query.replace(';', "&")),
        "the query was signed with & that is now ;",
        fix,
    );
    variants.push(
        with(&query.replace('&', "&amp;")),
        "the query was signed with &amp; for &",
        fix,
    );
    let cause = "the query was signed with & for its ?";
    variants.push(
        [rest.start, rest.parts.path, "&", query].concat(),
        cause,
        fix,
    );
    let parameters: Vec<&str> = query.split('&').collect();
    for (index, parameter) in parameters.iter().enumerate().take(10) {
        let mut other = parameters.clone();
        let with_value = format!("{parameter}=");
        if let Some(name) = parameter.strip_suffix('=') {
            other[index] = name;
            let cause = || format!("the query parameter {} was signed without =", quoted(name));
            variants.push_with(rest.with_parameters(&other), fix, || cause().into());
        } else if !parameter.contains('=') {
            other[index] = &with_value;
            let cause = || {
                format!(
                    "the query parameter {} was signed with =",
                    quoted(parameter)
                )
            };
            variants.push_with(rest.with_parameters(&other), fix, || cause().into());
        }
    }
    for (index, parameter) in parameters.iter().enumerate().take(10) {
        let mut more = parameters.clone();
        more.push(parameter);
        let name = quoted(parameter);
        let cause = || format!("the query parameter {name} was signed twice");
        variants.push_with(rest.with_parameters(&more), fix, || cause().into());
        let mut more = parameters.clone();
        more.insert(index, parameter);
        variants.push_with(rest.with_parameters(&more), fix, || cause().into());
    }
}

fn letter_case(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let path = rest.parts.path;
    let fix = "request the path with the capitals that were signed; paths are case-sensitive";
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

fn part_of_the_url(rest: &Rest<'_>, variants: &mut Variants<'_>) {
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

fn patterns(rest: &Rest<'_>, variants: &mut Variants<'_>) {
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

fn other_hosts(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let host = rest.parts.host();
    let fix = "sign the URL with the host that clients request";
    let mut add = |other: String| {
        let cause = || {
            format!(
                "the host {} was signed, and {} was requested",
                quoted(&other),
                quoted(host)
            )
        };
        variants.push_with(rest.with_host(&other), fix, || cause().into());
    };
    let labels = [
        "www",
        "cdn",
        "static",
        "assets",
        "media",
        "img",
        "images",
        "video",
        "videos",
        "files",
        "download",
        "downloads",
        "content",
    ];
    for label in labels {
        if let Some(bare) = host
            .strip_prefix(label)
            .and_then(|rest| rest.strip_prefix('.'))
        {
            add(bare.to_owned());
        }
        add(format!("{label}.{host}"));
        if let Some((_, domain)) = host.split_once('.')
            && domain.contains('.')
        {
            add(format!("{label}.{domain}"));
        }
    }
    if let Some((label, domain)) = host.split_once('.') {
        if domain.contains('.') {
            add(domain.to_owned());
        }
        for bucket in [
            "s3.amazonaws.com",
            "s3.us-east-1.amazonaws.com",
            "cloudfront.net",
        ] {
            add(format!("{label}.{bucket}"));
        }
        add(format!("*.{domain}"));
    }
    for other in ["localhost", "s3.amazonaws.com"] {
        add(other.to_owned());
    }
}

fn other_ports(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let scheme = rest.parts.scheme.unwrap_or_default();
    let host = rest.parts.host();
    let fix = "sign the URL with the port that clients request; they leave out the default port";
    if rest.parts.port().is_some() {
        let url = format!("{scheme}://{host}{}", rest.text);
        variants.push(url, "the URL was signed without its port", fix);
    }
    for port in ["443", "80", "8080", "8443", "3000"] {
        let url = format!("{scheme}://{host}:{port}{}", rest.text);
        variants.push_with(url, fix, || {
            format!("the URL was signed with the port {port}").into()
        });
    }
}

/// A `?` or `#` in the name of a file that starts a query or fragment in the URL.
fn with_fragment_characters(rest: &Rest<'_>, variants: &mut Variants<'_>) {
    let fix = "percent-encode ? and # in the names of files";
    if let Some(query) = rest.parts.query {
        let url = [rest.start, rest.parts.path, "%3F", query].concat();
        variants.push(url, "the URL was signed with %3F that is now ?", fix);
        let url = [rest.start, rest.parts.path, "#", query].concat();
        variants.push(url, "the URL was signed with # that is now ?", fix);
    }
    let cause = "the URL was signed with an empty fragment (#)";
    variants.push(rest.with(&format!("{}#", rest.text)), cause, fix);
}
