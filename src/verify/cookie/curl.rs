//! Cookies in a curl or wget command, such as browsers copy with "Copy as cURL".

use super::request::Request;

/// Returns whether a text is a command that is read here.
pub(super) fn is_command(text: &str) -> bool {
    let text = text.trim_start_matches("$ ");
    ["curl ", "curl.exe ", "wget "]
        .iter()
        .any(|command| text.starts_with(command))
}

/// The cookies that the command sends, whatever its URL is.
pub(super) fn read(text: &str) -> Request {
    let mut request = Request::to(String::new());
    let mut words = words(text).into_iter();
    while let Some(word) = words.next() {
        // `-bVALUE` and `--cookie=VALUE` are one word.
        let (flag, joined) = match word.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag, value),
            _ if word.starts_with("--") => (word.as_str(), ""),
            _ => word.split_at_checked(2).unwrap_or((&word, "")),
        };
        let is_header = matches!(flag, "-H" | "--header");
        if !is_header && !matches!(flag, "-b" | "--cookie") {
            continue;
        }
        let value = match joined {
            "" => words.next().unwrap_or_default(),
            joined => joined.to_owned(),
        };
        match value.split_once(':') {
            Some((name, value)) if is_header => request.read_header(name, value),
            _ => request.read_header("cookie", &value),
        }
    }
    request.target = None;
    request
}

/// The words of a command, unquoted as sh and bash (`$'...'`) do it. A PowerShell command has the
/// same quotes, and cmd has a `^` in front of each.
fn words(text: &str) -> Vec<String> {
    let is_cmd = text.contains("^\"");
    let text = if is_cmd {
        text.replace('^', "")
    } else {
        text.to_owned()
    };
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (quote, c) {
            // In `$'...'`, a backslash escapes any character.
            (Some('$'), '\'') => quote = None,
            (Some(open), c) if c == open => quote = None,
            (None | Some('$' | '"'), '\\') => {
                // Double quotes keep it in front of other characters.
                let escaped = characters
                    .next_if(|next| quote != Some('"') || "\\\"$`\n".contains(*next))
                    .unwrap_or(c);
                if escaped != '\n' {
                    word.get_or_insert_default().push(escaped);
                }
            }
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '$') if characters.next_if_eq(&'\'').is_some() => {
                quote = Some('$');
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
