//! A verdict as text for people, as one line of a list, and as JSON.

use serde::Serialize;

use super::json_line;
use crate::cli::terminal::{DOUBTFUL, GOOD, NEXT, WRONG};
use crate::policy::PolicyType;
use crate::verify::compare::Change;
use crate::verify::response::Response;
use crate::verify::{Check, CheckName, Code, Outcome, Reason, Verdict, name_of};
use crate::{escaped, printable};

/// The whole verdict, in colors: a row per check, the answer, the cause, the next step, and what
/// works.
pub fn text(verdict: &Verdict) -> String {
    let mut text: String = verdict.checks.iter().map(row).collect();
    text.push('\n');
    text += &answer(verdict);
    // What would decide an undetermined request is in the answer already.
    let Some(fix) = verdict.fix.as_ref().filter(|_| verdict.has_failed()) else {
        return text;
    };
    match &verdict.cause {
        Some(cause) => text += &format!("{NEXT}cause:{NEXT:#}  {}\n", escaped(cause)),
        None => text += &policy(verdict),
    }
    text += &format!("{NEXT}fix:{NEXT:#}    {}\n", escaped(fix));
    if let Some(cookies) = &verdict.working_cookies {
        text += &format!("{NEXT}cookie:{NEXT:#} {}\n", escaped(cookies));
    }
    if let Some(url) = &verdict.working_url {
        text += &format!("{NEXT}url:{NEXT:#}    {}\n", escaped(url));
    }
    text
}

fn row(check: &Check) -> String {
    let (style, mark) = match check.outcome {
        Outcome::Pass => (GOOD, "ok"),
        Outcome::Fail => (WRONG, "FAIL"),
        Outcome::Unknown => (DOUBTFUL, "??"),
    };
    let name = match check.name {
        CheckName::Cookies => "cookies",
        CheckName::Parameters => "parameters",
        CheckName::KeyPairId => "key pair ID",
        CheckName::Signature => "signature",
        CheckName::Policy => "policy",
        CheckName::Resource => "resource",
        CheckName::Start => "start time",
        CheckName::Expiry => "expiry",
        CheckName::Ip => "IP address",
    };
    let detail = escaped(&check.detail);
    format!("{style}{mark:<4}{style:#}  {name:<11}  {detail}\n")
}

fn answer(verdict: &Verdict) -> String {
    if verdict.allowed() {
        let rest = if verdict.has_doubt() {
            ", subject to the checks marked ??"
        } else {
            ""
        };
        return format!("{GOOD}allowed{GOOD:#}{rest}\n");
    }
    if !verdict.has_failed() {
        return format!(
            "{DOUBTFUL}undetermined:{DOUBTFUL:#} the result depends on the client's IP address; \
             pass --ip ADDRESS\n"
        );
    }
    if verdict.expires_too_soon() {
        return format!(
            "{WRONG}expires too soon:{WRONG:#} allowed now, but not for the whole of --valid-for\n"
        );
    }
    let answer = match verdict.code {
        Some(code) => format!("{} ({})", code, code.message()),
        None => "(the code for this case is not documented)".into(),
    };
    format!("{WRONG}denied:{WRONG:#} 403 {answer}\n")
}

/// The policy text that a signature was compared with in vain.
fn policy(verdict: &Verdict) -> String {
    match &verdict.received.policy {
        Ok(policy) if verdict.reason == Reason::Signature => {
            let text = String::from_utf8_lossy(&policy.bytes);
            format!("{NEXT}policy:{NEXT:#} {}\n", escaped(&text))
        }
        _ => String::new(),
    }
}

/// One line of a list: the answer, the reason, the status in a log, and the URL up to its `?`.
/// `is_refused` is true for a request that is denied only because of `--strict`.
pub fn line(url: &str, verdict: &Verdict, status: Option<u16>, is_refused: bool) -> String {
    let reason = name_of(&verdict.reason);
    let (style, answer, reason) = if is_refused {
        (DOUBTFUL, "denied", "strict")
    } else if verdict.allowed() {
        (GOOD, "allowed", reason.as_str())
    } else if verdict.expires_too_soon() {
        (WRONG, "denied", "too soon")
    } else if verdict.has_failed() {
        (WRONG, "denied", reason.as_str())
    } else {
        (DOUBTFUL, "undetermined", reason.as_str())
    };
    let status = status.map(|status| format!("{status}  "));
    let status = status.unwrap_or_default();
    let url = match url.split_once('?') {
        Some((base, _)) => escaped(&format!("{base}?...")),
        None => escaped(url),
    };
    format!("{style}{answer:<7}{style:#}  {reason:<13}  {status}{url}\n")
}

/// The verdict as one JSON object on a line, with the status in a log. What does not apply is
/// `null`.
pub fn json(
    url: &str,
    verdict: &Verdict,
    status: Option<u16>,
    answer: Option<&Response>,
) -> String {
    #[derive(Serialize)]
    struct Fields<'a> {
        url: &'a str,
        allowed: bool,
        code: Option<Code>,
        message: Option<&'static str>,
        reason: Reason,
        checks: &'a [Check],
        policy: Option<String>,
        policy_type: Option<PolicyType>,
        key_pair_id: Option<&'a str>,
        signed_policy: Option<&'a str>,
        changes: &'a [Change],
        cause: Option<&'a str>,
        fix: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        #[serde(skip_serializing_if = "Option::is_none")]
        answer: Option<&'a Response>,
    }
    let policy = verdict.received.policy.as_ref().ok();
    let key_pair_id = verdict.received.key_pair_id.as_ref().ok();
    json_line(&Fields {
        url,
        allowed: verdict.allowed(),
        code: verdict.code,
        message: verdict.code.map(Code::message),
        reason: verdict.reason,
        checks: &verdict.checks,
        policy: policy.map(|policy| String::from_utf8_lossy(&policy.bytes).into_owned()),
        policy_type: policy.map(|policy| policy.policy_type),
        key_pair_id: key_pair_id.map(String::as_str),
        signed_policy: verdict.signed_policy.as_deref(),
        changes: &verdict.changes,
        cause: verdict.cause.as_deref(),
        fix: verdict.next_step(),
        status,
        answer,
    })
}

/// A response as text for people: who sent it, what it means, and the next step.
pub fn response(response: &Response) -> String {
    let who = response.name;
    let mut text = format!("{NEXT}sent by:{NEXT:#} {who}");
    if let Some(code) = &response.code {
        text += &format!(": {}", printable(code));
        if let Some(message) = &response.message {
            text += &format!(" ({})", printable(message));
        }
    }
    text += &format!("\n         {}\n", response.meaning);
    if let Some(fix) = response.fix {
        text += &format!("{NEXT}fix:{NEXT:#}     {fix}\n");
    }
    text
}
