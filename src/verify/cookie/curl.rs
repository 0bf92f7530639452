//! Cookies in a curl or wget command, such as browsers copy with "Copy as cURL".

use super::lines::read_header;
use super::request::Request;

/// Returns whether a text is a command that is read here.
pub(super) fn is_command(text: &str) -> bool {
    let text = text.trim_start_matches("$ ");
    ["curl ", "curl.exe ", "wget "]
        .iter()
        .any(|command| text.starts_with(command))
}

/// The flags that send a header or cookies. A value may follow one in the same word.
const FLAGS: [&str; 4] = ["--header", "-H", "--cookie", "-b"];

/// The cookies that the command sends, whatever its URL is.
pub(super) fn read(text: &str) -> Request {
    // In a request, a header of its own is no cookie.
    let mut request = Request::to(String::new());
    let mut words = words(text).into_iter();
    while let Some(word) = words.next() {
        let Some(flag) = FLAGS.into_iter().find(|flag| word.starts_with(flag)) else {
            continue;
        };
        let value = match word[flag.len()..].trim_start_matches('=') {
            "" => words.next().unwrap_or_default(),
            joined => joined.to_owned(),
        };
        match value.split_once(':') {
            Some((name, value)) if FLAGS[..2].contains(&flag) => {
                read_header(&mut request, name, value)
            }
            _ => read_header(&mut request, "cookie", &value),
        }
    }
    request.target = None;
    request
}

/// The words of a command, unquoted as sh and bash (`$'...'`) do it. A PowerShell command has the
/// same quotes, and cmd has a `^` in front of each.
fn words(text: &str) -> Vec<String> {
    let is_cmd = text.contains("^\"");
    let text = text.replace(if is_cmd { "^" } else { "\\\n" }, "");
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    // The quote that ends a quoted part, and whether a backslash escapes a character in it.
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some((end, _)), c) if c == end => quote = None,
            (None | Some((_, true)), '\\') => {
                word.get_or_insert_default().extend(characters.next());
            }
            (None, '$') if characters.next_if_eq(&'\'').is_some() => quote = Some(('\'', true)),
            (None, '\'' | '"') => quote = Some((c, c == '"')),
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
