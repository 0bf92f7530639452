//! An error response, explained.

use super::json_line;
use crate::cli::report::NEXT;
use crate::verify::answer::{Answer, AnsweredBy};
use crate::{Result, printable};

/// The answer as text for people.
pub fn text(answer: &Answer) -> String {
    let who = match answer.answered_by {
        AnsweredBy::Signature => "CloudFront's signature check",
        AnsweredBy::CloudFront => "CloudFront or AWS WAF",
        AnsweredBy::S3 => "S3",
        _ => "the origin",
    };
    let code = match (&answer.code, &answer.message) {
        (Some(code), Some(message)) => format!(": {} ({})", printable(code), printable(message)),
        (Some(code), None) => format!(": {}", printable(code)),
        _ => String::new(),
    };
    format!(
        "{NEXT}answer:{NEXT:#} by {who}{code}\n        {}\n{NEXT}fix:{NEXT:#}    {}\n",
        answer.meaning, answer.fix
    )
}

/// The answer as one JSON object on a line.
pub fn json(answer: &Answer) -> Result<String> {
    json_line(answer)
}
