//! Words of a command line, as the user's shell reads them.

/// `text` as one word for the platform's shell; cmd knows double quotes only.
pub fn quoted(text: &str) -> String {
    if cfg!(windows) {
        return format!("\"{text}\"");
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// `text` as one word of a hint, quoted where the platform's shell needs it.
pub fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,\\".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) && (cfg!(windows) || !text.contains('\\')) {
        return text.to_owned();
    }
    quoted(text)
}

/// The first variable in `text` that a shell has not expanded: `$NAME`, `${name}` or `%NAME%`. A
/// name in small letters counts in braces or at the beginning of a quoted word only, since URLs
/// have names such as `$metadata`.
pub fn unexpanded_variable(text: &str) -> Option<&str> {
    for (start, sign) in text.match_indices(['$', '%']) {
        let rest = &text[start + 1..];
        let in_braces = sign == "$" && rest.starts_with('{');
        let (opening, closing) = match sign {
            "%" => ("", "%"),
            _ if in_braces => ("{", "}"),
            _ => ("", ""),
        };
        let name = &rest[opening.len()..];
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (name, after) = name.split_at(end.unwrap_or(name.len()));
        let begins_word = sign == "$" && text[..start].ends_with('"');
        let is_upper = !name.contains(|c: char| c.is_ascii_lowercase());
        // %E2%80 are escapes.
        let is_escape = sign == "%" && name.bytes().take(2).all(|b| b.is_ascii_hexdigit());
        let is_name = name.len() > 1 && !name.starts_with(|c: char| c.is_ascii_digit());
        let is_variable = is_name && !is_escape && (is_upper || in_braces || begins_word);
        if is_variable && after.starts_with(closing) {
            return Some(&text[start..text.len() - after.len() + closing.len()]);
        }
    }
    None
}
