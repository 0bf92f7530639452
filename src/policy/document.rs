//! The JSON text of policies: written as CloudFront builds it, and read with every deviation
//! reported.

use std::fmt::Display;

use serde_json::error::Category;
use serde_json::{Map, Value};

use super::{Conditions, Deviation};
use crate::error::{Error, Result, printable, quoted};
use crate::policy::ip_range::IpRange;
use crate::policy::json::{has_duplicate_keys, tokens};
use crate::time::Timestamp;
use crate::url::resource::Resource;

const EXAMPLE: &str = r#"{"Statement":[{"Resource":"https://d111111abcdef8.cloudfront.net/*","Condition":{"DateLessThan":{"AWS:EpochTime":1800000000}}}]}"#;

/// Keys that bucket policies and IAM policies have, as JSON text.
const IAM_KEYS: [&str; 3] = ["\"Action\"", "\"Effect\"", "\"Principal\""];

/// The text of a policy without white space. The order of the keys matters: CloudFront builds the
/// same bytes.
pub(super) fn write(
    resource: &str,
    expires: impl Display,
    ip: Option<IpRange>,
    starts: Option<Timestamp>,
) -> String {
    let mut more = String::new();
    if let Some(ip) = ip {
        more += &format!(r#","IpAddress":{{"AWS:SourceIp":"{ip}"}}"#);
    }
    if let Some(starts) = starts {
        more += &format!(
            r#","DateGreaterThan":{{"AWS:EpochTime":{}}}"#,
            starts.unix()
        );
    }
    // Escapes `"`, `\` and control characters, but not `/`, `&`, `<` and `>`.
    let resource = Value::from(resource);
    format!(
        r#"{{"Statement":[{{"Resource":{resource},"Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}{more}}}}}]}}"#
    )
}

/// The canned policy that CloudFront builds from a URL and the value of `Expires`, which is not
/// checked.
pub(crate) fn canned_text(url: &str, expires: &str) -> String {
    write(url, expires, None, None)
}

/// What a policy says.
pub(super) struct Content {
    pub(super) resource: Option<Resource>,
    pub(super) conditions: Conditions,
    pub(super) deviations: Vec<Deviation>,
}

/// Reads a policy. Error messages continue a sentence whose subject is the policy.
pub(super) fn read(text: &str) -> Result<Content> {
    let document: Value = serde_json::from_str(text).map_err(|e| not_json(&e))?;
    if has_duplicate_keys(text, &document) {
        return Err(invalid("an object has a key more than once"));
    }
    let document = object(&document, "the document")?;
    let mut deviations = unknown_keys(document, &["Statement"]);
    let statement = match required(document, "the document", "Statement")? {
        Value::Array(statements) if statements.len() == 1 => &statements[0],
        Value::Array(statements) => {
            let message = format!(
                "has {} statements, but CloudFront accepts exactly one",
                statements.len()
            );
            return Err(Error::new(message).with_hint(
                "sign one policy for each statement, or use wildcards in one resource",
            ));
        }
        statement => {
            deviations.push(Deviation::StatementObject);
            statement
        }
    };
    let statement = object(statement, "Statement")?;
    deviations.extend(unknown_keys(statement, &["Resource", "Condition"]));
    let resource = match statement.get("Resource") {
        Some(resource) => Some(Resource::verbatim(string(resource, "Resource")?)),
        None => None,
    };
    let condition = required(statement, "Statement", "Condition")?;
    let known = ["DateLessThan", "IpAddress", "DateGreaterThan"];
    let condition = closed_object(condition, "Condition", &known)?;
    let expires = time(
        required(condition, "Condition", "DateLessThan")?,
        "DateLessThan",
    )?;
    let starts = match condition.get("DateGreaterThan") {
        Some(date) => Some(time(date, "DateGreaterThan")?),
        None => None,
    };
    let ip = match condition.get("IpAddress") {
        Some(address) => Some(ip_range(address)?),
        None => None,
    };
    let conditions = Conditions {
        expires,
        starts,
        ip,
    };
    Ok(Content {
        resource,
        conditions,
        deviations,
    })
}

/// Checks that JSON text is no bucket policy or IAM policy.
pub(super) fn check_no_iam_policy(text: &str) -> Result<()> {
    if tokens(text).any(|token| IAM_KEYS.contains(&token)) {
        return Err(invalid("it looks like a bucket policy or an IAM policy"));
    }
    Ok(())
}

fn time(value: &Value, name: &str) -> Result<Timestamp> {
    const KEY: &str = "AWS:EpochTime";
    let number = only(value, name, KEY)?;
    if let Value::String(text) = number {
        let message = format!("{KEY} is the string {}, but must be a number", quoted(text));
        return Err(invalid(message).with_hint("remove the quotation marks around the number"));
    }
    let seconds = match number.as_u64() {
        Some(large) => i64::try_from(large).unwrap_or(i64::MAX),
        None => number
            .as_i64()
            .ok_or_else(|| wrong_type(number, KEY, "an integer (Unix seconds)"))?,
    };
    Timestamp::from_unix(seconds).map_err(|e| e.context(format_args!("has an invalid {KEY}:")))
}

fn ip_range(value: &Value) -> Result<IpRange> {
    const KEY: &str = "AWS:SourceIp";
    let address = string(only(value, "IpAddress", KEY)?, KEY)?;
    let range = address.parse::<IpRange>();
    range.map_err(|e| e.context(format_args!("has an invalid {KEY}:")))
}

/// The value in an object that has just this key.
fn only<'a>(value: &'a Value, name: &str, key: &str) -> Result<&'a Value> {
    required(closed_object(value, name, &[key])?, name, key)
}

fn object<'a>(value: &'a Value, name: &str) -> Result<&'a Map<String, Value>> {
    value
        .as_object()
        .ok_or_else(|| wrong_type(value, name, "an object"))
}

/// The fields of an object in which CloudFront ignores no unknown key, as far as is known.
fn closed_object<'a>(
    value: &'a Value,
    name: &str,
    known: &[&str],
) -> Result<&'a Map<String, Value>> {
    let fields = object(value, name)?;
    match fields.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(fields),
        Some(unknown) => Err(invalid(format!(
            "unknown key {} in {name}; possible keys: {}",
            printable(unknown),
            known.join(", ")
        ))),
    }
}

/// The unknown keys of an object in which CloudFront ignores them.
fn unknown_keys(fields: &Map<String, Value>, known: &[&str]) -> Vec<Deviation> {
    let unknown = fields.keys().filter(|key| !known.contains(&key.as_str()));
    unknown.cloned().map(Deviation::UnknownKey).collect()
}

fn required<'a>(fields: &'a Map<String, Value>, name: &str, key: &str) -> Result<&'a Value> {
    fields
        .get(key)
        .ok_or_else(|| invalid(format!("{name} has no {key}")))
}

fn string<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value
        .as_str()
        .ok_or_else(|| wrong_type(value, name, "a string"))
}

fn wrong_type(value: &Value, name: &str, expected: &str) -> Error {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    invalid(format!("{name} is {found}, but must be {expected}"))
}

fn invalid(reason: impl Display) -> Error {
    Error::new(format!("is not a CloudFront policy: {reason}"))
        .with_hint(format!("a policy looks like {EXAMPLE}"))
}

fn not_json(error: &serde_json::Error) -> Error {
    let (line, column) = (error.line(), error.column());
    let message = if line == 1 && column == 0 && error.classify() == Category::Eof {
        "is empty".to_owned()
    } else {
        format!("is not JSON at line {line}, column {column}")
    };
    Error::new(message).with_hint(format!("a policy looks like {EXAMPLE}"))
}
