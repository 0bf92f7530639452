//! An error response, explained.

use super::json_line;
use crate::cli::terminal::NEXT;
use crate::verify::answer::Answer;
use crate::{Result, printable};

/// The answer as text for people.
pub fn text(answer: &Answer) -> String {
    let who = answer.answered_by.name();
    let code = answer.code.as_deref().unwrap_or_default();
    // Codes such as InvalidAccessKeyId are letters, and no secrets.
    let is_word = code.len() <= 60 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    let code = if is_word {
        code.to_owned()
    } else {
        printable(code)
    };
    let code = match &answer.message {
        _ if code.is_empty() => code,
        Some(message) => format!(": {code} ({})", printable(message)),
        None => format!(": {code}"),
    };
    let mut text = format!(
        "{NEXT}sent by:{NEXT:#} {who}{code}\n         {}\n",
        answer.meaning
    );
    if let Some(fix) = answer.fix {
        text += &format!("{NEXT}fix:{NEXT:#}     {fix}\n");
    }
    text
}

/// The answer as one JSON object on a line.
pub fn json(answer: &Answer) -> Result<String> {
    json_line(answer)
}
