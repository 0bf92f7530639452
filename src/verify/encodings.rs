//! The ways in which percent-encoding changes between signing and asking.

use crate::url::percent;

/// The URL with other percent-encodings, each with what it says of the URL that is asked for.
pub(super) fn of(url: &str) -> [(String, &'static str); 11] {
    [
        (
            decoded(url, |_| true),
            "was signed without percent-encoding that it has now",
        ),
        (
            decoded(url, |c| c.is_ascii_alphanumeric() || "-._~".contains(c)),
            "was signed without percent-encoding that it has now",
        ),
        (
            decoded(url, |c| c != ' '),
            "was signed without percent-encoding that it has now",
        ),
        (
            percent::encode(url),
            "was signed with percent-encoding that it has lost",
        ),
        (
            encoded(url, "/"),
            "was signed with percent-encoding that it has lost",
        ),
        (
            encoded(url, "/+,;=&@:!~"),
            "was signed with percent-encoding that it has lost",
        ),
        (
            encoded(url, "/=&+"),
            "was signed with percent-encoding that it has lost",
        ),
        (
            url.replace("%20", "+"),
            "was signed with + for a space, and has %20",
        ),
        (
            url.replace('+', "%20"),
            "was signed with %20 for a space, and has +",
        ),
        (
            hexadecimal(url, |c| c.to_ascii_lowercase()),
            "was signed with %xx in lower case",
        ),
        (
            hexadecimal(url, |c| c.to_ascii_uppercase()),
            "was signed with %XX in upper case",
        ),
    ]
}

/// Everything behind the host with those `%XX` decoded that stand for a character that is `chosen`.
fn decoded(url: &str, chosen: impl Fn(char) -> bool) -> String {
    let mut decoded = String::with_capacity(url.len());
    let mut rest = url;
    while let Some(place) = rest.find('%') {
        decoded.push_str(&rest[..place]);
        rest = &rest[place..];
        // One character may take up to four escapes.
        let run = (1..=4).rev().find_map(|length| {
            let escapes = rest
                .get(..3 * length)
                .filter(|escapes| escapes.split('%').skip(1).all(|hex| hex.len() == 2))?;
            let text = percent::decode_strictly(escapes)?;
            let mut characters = text.chars();
            let character = characters.next().filter(|_| characters.next().is_none())?;
            Some((escapes.len(), character))
        });
        match run {
            Some((length, character)) if chosen(character) => {
                decoded.push(character);
                rest = &rest[length..];
            }
            _ => {
                decoded.push('%');
                rest = &rest[1..];
            }
        }
    }
    decoded + rest
}

/// Everything behind the host with each character encoded that is neither unreserved, an escape, a `?` nor `kept`.
fn encoded(url: &str, kept: &str) -> String {
    let start = url.split_once("://").map_or(0, |(scheme, rest)| {
        scheme.len() + 3 + rest.find(['/', '?']).unwrap_or(rest.len())
    });
    let (host, rest) = url.split_at(start);
    let encode = |c: char| {
        if kept.contains(c) || "%?".contains(c) {
            c.to_string()
        } else {
            percent::encode_component(&c.to_string())
        }
    };
    host.to_owned() + &rest.chars().map(encode).collect::<String>()
}

/// The URL with the digits of its escapes in another case.
fn hexadecimal(url: &str, case: impl Fn(char) -> char) -> String {
    let mut parts = url.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        text + "%" + &digits.chars().map(&case).collect::<String>() + rest
    })
}
