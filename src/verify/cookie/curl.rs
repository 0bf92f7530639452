//! Cookies in a curl or wget command, such as browsers copy with "Copy as cURL".

use super::lines::{HEADER, pairs};
use super::stored::Cookie;

/// Returns whether a text is a command that is read here.
pub(super) fn is_command(text: &str) -> bool {
    let text = text.trim_start_matches("$ ");
    ["curl ", "curl.exe ", "wget "]
        .iter()
        .any(|command| text.starts_with(command))
}

/// The cookies that the command sends.
pub(super) fn read(text: &str) -> Vec<Cookie> {
    let mut words = words(text).into_iter();
    let mut cookies = Vec::new();
    while let Some(word) = words.next() {
        let (flag, joined) = match word.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag, Some(value)),
            _ if word.len() > 2 && !word.starts_with("--") => word
                .split_at_checked(2)
                .map_or((word.as_str(), None), |(flag, value)| (flag, Some(value))),
            _ => (word.as_str(), None),
        };
        let is_header = matches!(flag, "-H" | "--header");
        if !is_header && !matches!(flag, "-b" | "--cookie") {
            continue;
        }
        let value = match joined {
            Some(value) => value.to_owned(),
            None => words.next().unwrap_or_default(),
        };
        if is_header {
            cookies.extend(header(&value));
        } else {
            cookies.extend(pairs(&value));
        }
    }
    cookies
}

/// The cookies in a header, and a header that was to be a cookie.
fn header(header: &str) -> Vec<Cookie> {
    let (name, value) = header.split_once(':').unwrap_or((header, ""));
    if name.trim().eq_ignore_ascii_case("cookie") {
        return pairs(value);
    }
    let cookie = Cookie {
        fault: Some(HEADER),
        ..Cookie::new(name, value)
    };
    Vec::from_iter(Some(cookie).filter(Cookie::is_cloudfronts))
}

/// The words of a command, unquoted as sh, bash (`$'...'`), PowerShell (a backtick) and, for `^`,
/// cmd do it.
fn words(text: &str) -> Vec<String> {
    let is_cmd = text.contains("^\"");
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (quote, c) {
            // `$'...'`, in which a backslash escapes one character.
            (Some('$'), '\\') => word.get_or_insert_default().extend(characters.next()),
            (Some('$'), '\'') => quote = None,
            (Some('$'), c) => word.get_or_insert_default().push(c),
            (Some(open), c) if c == open => quote = None,
            (Some('\''), c) => word.get_or_insert_default().push(c),
            // cmd removes a ^ and joins the lines behind one; the quote after it is one for curl.
            (_, '^') if is_cmd => {
                characters.next_if_eq(&'\r');
                characters.next_if_eq(&'\n');
            }
            (_, '\\' | '`') => {
                let escaped =
                    characters.next_if(|next| quote.is_none() || "\\\"$`\n".contains(*next));
                match escaped {
                    None => word.get_or_insert_default().push(c),
                    Some('\n') => {}
                    Some(escaped) => word.get_or_insert_default().push(escaped),
                }
            }
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '$') if characters.next_if_eq(&'\'').is_some() => {
                quote = Some('$');
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
