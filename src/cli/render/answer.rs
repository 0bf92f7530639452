//! An error response, explained.

use crate::cli::terminal::NEXT;
use crate::printable;
use crate::verify::answer::Answer;

/// The answer as text for people.
pub fn text(answer: &Answer) -> String {
    let who = answer.name;
    let mut text = format!("{NEXT}sent by:{NEXT:#} {who}");
    if let Some(code) = &answer.code {
        text += &format!(": {}", printable(code));
        if let Some(message) = &answer.message {
            text += &format!(" ({})", printable(message));
        }
    }
    text += &format!("\n         {}\n", answer.meaning);
    if let Some(fix) = answer.fix {
        text += &format!("{NEXT}fix:{NEXT:#}     {fix}\n");
    }
    text
}
