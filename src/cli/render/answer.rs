//! An error response, explained.

use super::json_line;
use crate::cli::terminal::NEXT;
use crate::verify::answer::{Answer, AnsweredBy};
use crate::{Result, printable};

/// The answer as text for people.
pub fn text(answer: &Answer) -> String {
    let who = match answer.answered_by {
        AnsweredBy::Signature => "CloudFront's signature check",
        AnsweredBy::CloudFront => "CloudFront",
        AnsweredBy::S3 => "S3",
        _ => "unknown sender",
    };
    let code = match (&answer.code, &answer.message) {
        (Some(code), Some(message)) => format!(": {} ({})", printable(code), printable(message)),
        (Some(code), None) => format!(": {}", printable(code)),
        _ => String::new(),
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
