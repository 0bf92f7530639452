//! Cookies in a curl command, such as browsers copy with "Copy as cURL".

use super::Cookie;
use super::header::pairs;

/// Returns whether a text is a curl command.
pub(super) fn is_command(text: &str) -> bool {
    let text = text.trim_start_matches("$ ");
    ["curl ", "curl.exe "]
        .iter()
        .any(|command| text.starts_with(command))
}

/// The cookies that the command sends.
pub(super) fn read(text: &str) -> Vec<Cookie> {
    let mut words = words(text).into_iter();
    let mut cookies = Vec::new();
    while let Some(word) = words.next() {
        let joined = |flag: &str| word.strip_prefix(flag).map(str::to_owned);
        let (is_header, value) = match word.as_str() {
            "-b" | "--cookie" => (false, words.next()),
            "-H" | "--header" => (true, words.next()),
            _ => match (joined("--cookie="), joined("--header="), joined("-H")) {
                (Some(value), _, _) => (false, Some(value)),
                (_, Some(value), _) | (_, _, Some(value)) => (true, Some(value)),
                _ => continue,
            },
        };
        let value = value.unwrap_or_default();
        if !is_header {
            cookies.extend(pairs(&value));
        } else if let Some((name, value)) = value.split_once(':')
            && name.trim().eq_ignore_ascii_case("cookie")
        {
            cookies.extend(pairs(value));
        }
    }
    cookies
}

/// The words of a command, unquoted as sh, bash (`$'...'`) and, for `^`, cmd do it.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('\''), c) => word.get_or_insert_default().push(c),
            // cmd removes a ^ and joins the lines behind one; the quote after it is one for curl.
            (_, '^') => {
                characters.next_if_eq(&'\r');
                characters.next_if_eq(&'\n');
            }
            (_, '\\') => match characters.next() {
                None | Some('\n') => {}
                Some(c) => word.get_or_insert_default().push(c),
            },
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '$') if characters.peek() == Some(&'\'') => {}
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
