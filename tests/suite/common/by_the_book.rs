//! Whether a pattern covers a URL, by the guide's rules and by trying every way to part the pattern
//! into sections. It is slow, and shares nothing with the matcher that it is compared with.
//!
//! Source: Amazon CloudFront Developer Guide, "Values that you specify in the policy statement".

/// Whether `pattern`, as a policy has it, covers a URL or the name of a stream.
pub fn covers(pattern: &str, url: &str) -> bool {
    let Some((protocol, url)) = url.split_once("://") else {
        return covers_stream(pattern, url);
    };
    let letters_or_stars = |text: &str| text.chars().all(|c| c.is_ascii_alphabetic() || c == '*');
    let (own_protocol, pattern) = match pattern.split_once("://") {
        Some((own, rest)) if letters_or_stars(own) => (own, rest),
        _ if pattern == "*" => return true,
        _ if pattern.starts_with('*') => ("*", pattern),
        _ => return false,
    };
    let (left, url_query) = sections(url);
    let (url_domain, url_path) = left.split_at(left.find('/').unwrap_or(left.len()));
    matches_in_any_case(own_protocol, protocol)
        && ways(pattern).into_iter().any(|(left, query)| {
            let (domain, path) = left.split_at(left.find('/').unwrap_or(left.len()));
            // Without a path it is the root that is meant, or all paths behind a domain that ends
            // in a star.
            let path_matches = match path {
                "" => matches!(url_path, "" | "/") || domain.ends_with('*') && query.is_none(),
                _ => matches(path, url_path),
            };
            matches_in_any_case(domain, url_domain)
                && path_matches
                && covers_query(left, query, url_query)
        })
}

fn covers_stream(pattern: &str, name: &str) -> bool {
    let (path, name_query) = sections(name);
    !pattern.contains("://")
        && ways(pattern)
            .into_iter()
            .any(|(left, query)| matches(left, path) && covers_query(left, query, name_query))
}

/// What stands before the query, and the query.
fn sections(url: &str) -> (&str, Option<&str>) {
    url.split_once('?')
        .map_or((url, None), |(left, query)| (left, Some(query)))
}

/// The ways to part a pattern: at the first `\?`; where there is none, nowhere, or at any `?`.
fn ways(pattern: &str) -> Vec<(&str, Option<&str>)> {
    if let Some((left, query)) = pattern.split_once("\\?") {
        return vec![(left, Some(query))];
    }
    let marks = pattern
        .match_indices('?')
        .map(|(place, _)| (&pattern[..place], Some(&pattern[place + 1..])));
    marks.chain([(pattern, None)]).collect()
}

/// A trailing star covers a query as well, and `hello*` and `hello*\?*` are the same to the guide.
fn covers_query(left: &str, query: Option<&str>, url_query: Option<&str>) -> bool {
    match (query, url_query) {
        (None, None) => true,
        (Some(pattern), Some(query)) => matches(pattern, query),
        (None, Some(_)) => left.ends_with('*'),
        (Some(pattern), None) => pattern == "*",
    }
}

fn matches_in_any_case(pattern: &str, text: &str) -> bool {
    matches(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase())
}

/// Whether a pattern matches all of a text, sections aside.
fn matches(pattern: &str, text: &str) -> bool {
    fn tried(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern, text) {
            ([b'*', rest @ ..], []) => tried(rest, text),
            ([b'*', rest @ ..], [_, behind @ ..]) => tried(rest, text) || tried(pattern, behind),
            ([b'\\', b'?', rest @ ..], [b'?', behind @ ..]) => tried(rest, behind),
            ([b'?', rest @ ..], [_, behind @ ..]) => tried(rest, behind),
            ([literal, rest @ ..], [byte, behind @ ..]) => literal == byte && tried(rest, behind),
            (rest, []) => rest.is_empty(),
            ([], _) => false,
        }
    }
    tried(pattern.as_bytes(), text.as_bytes())
}
