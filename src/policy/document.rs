//! The JSON text of policies: written as CloudFront builds it, and read with every deviation
//! reported.

use serde_json::error::Category;
use serde_json::{Map, Value};

use super::Conditions;
use crate::error::{Error, Result, printable, quoted};
use crate::policy::ip_range::IpRange;
use crate::policy::json::{has_duplicate_keys, is_space, tokens};
use crate::time::Timestamp;
use crate::url::resource::Resource;

const EXAMPLE: &str = r#"{"Statement":[{"Resource":"https://d111111abcdef8.cloudfront.net/*","Condition":{"DateLessThan":{"AWS:EpochTime":1800000000}}}]}"#;

/// Keys of bucket policies and IAM policies.
const IAM_KEYS: [&str; 5] = ["Action", "Effect", "Principal", "Sid", "Version"];

/// The text of a policy without white space. The order of the keys matters: CloudFront builds the
/// same bytes.
pub(super) fn write(resource: &Resource, conditions: &Conditions) -> String {
    let mut more = String::new();
    if let Some(ip) = conditions.ip {
        more += &format!(r#","IpAddress":{{"AWS:SourceIp":"{ip}"}}"#);
    }
    if let Some(starts) = conditions.starts {
        more += &format!(
            r#","DateGreaterThan":{{"AWS:EpochTime":{}}}"#,
            starts.unix()
        );
    }
    assemble(resource.as_str(), conditions.expires.unix(), &more)
}

/// The canned policy that CloudFront builds from a URL and the value of `Expires`, which is not
/// checked.
pub(crate) fn canned_text(url: &str, expires: &str) -> String {
    assemble(url, expires, "")
}

fn assemble(resource: &str, expires: impl std::fmt::Display, more_conditions: &str) -> String {
    // Escapes `"`, `\` and control characters, but not `/`, `&`, `<` and `>`.
    let resource = Value::from(resource);
    format!(
        r#"{{"Statement":[{{"Resource":{resource},"Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}{more_conditions}}}}}]}}"#
    )
}

/// Reads the resource and the conditions of a policy. Error messages continue a sentence whose
/// subject is the policy.
pub(super) fn read(text: &str) -> Result<(Option<Resource>, Conditions)> {
    let document: Value = serde_json::from_str(text).map_err(|e| not_json(&e))?;
    if has_duplicate_keys(text, &document) {
        return Err(invalid("an object has a key more than once".into()));
    }
    let is_iam = |value: &Value| IAM_KEYS.iter().any(|key| value.get(key).is_some());
    let iam = || invalid("it looks like a bucket policy or an IAM policy".into());
    if is_iam(&document) {
        return Err(iam());
    }
    let document = object(&document, "the document", &["Statement"])?;
    let statement = only_statement(required(document, "the document", "Statement")?)?;
    if is_iam(statement) {
        return Err(iam());
    }
    let statement = object(statement, "Statement", &["Resource", "Condition"])?;
    let resource = match statement.get("Resource") {
        Some(resource) => Some(Resource::verbatim(string(resource, "Resource")?)),
        None => None,
    };
    let condition = object(
        required(statement, "Statement", "Condition")?,
        "Condition",
        &["DateLessThan", "IpAddress", "DateGreaterThan"],
    )?;
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
    Ok((resource, conditions))
}

/// The statement, alone or in a list.
fn only_statement(value: &Value) -> Result<&Value> {
    match value {
        Value::Array(statements) => match statements.as_slice() {
            [statement] => Ok(statement),
            statements => Err(Error::new(format!(
                "has {} statements, but CloudFront accepts exactly one",
                statements.len()
            ))
            .with_hint("sign one policy for each statement, or use wildcards in one resource")),
        },
        statement => Ok(statement),
    }
}

fn time(value: &Value, name: &str) -> Result<Timestamp> {
    const KEY: &str = "AWS:EpochTime";
    let number = required(object(value, name, &[KEY])?, name, KEY)?;
    if let Value::String(text) = number {
        let message = format!("{KEY} is the string {}, but must be a number", quoted(text));
        return Err(invalid(message).with_hint("remove the quotation marks around the number"));
    }
    let seconds = match number.as_u64() {
        Some(large) => Some(i64::try_from(large).unwrap_or(i64::MAX)),
        None => number.as_i64(),
    };
    let Some(seconds) = seconds else {
        return Err(invalid(format!(
            "{KEY} is {}, but must be an integer (Unix seconds)",
            type_of(number)
        )));
    };
    Timestamp::from_unix(seconds).map_err(|e| e.context(format_args!("has an invalid {KEY}:")))
}

fn ip_range(value: &Value) -> Result<IpRange> {
    const KEY: &str = "AWS:SourceIp";
    let address = required(object(value, "IpAddress", &[KEY])?, "IpAddress", KEY)?;
    let range = string(address, KEY)?.parse::<IpRange>();
    range.map_err(|e| e.context(format_args!("has an invalid {KEY}:")))
}

/// The fields of a JSON object, none of which is unknown.
fn object<'a>(value: &'a Value, name: &str, known: &[&str]) -> Result<&'a Map<String, Value>> {
    let Value::Object(fields) = value else {
        return Err(invalid(format!(
            "{name} is {}, but must be an object",
            type_of(value)
        )));
    };
    match fields.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(fields),
        Some(unknown) => Err(invalid(format!(
            "unknown key {} in {name}; possible keys: {}",
            printable(unknown),
            known.join(", ")
        ))),
    }
}

fn required<'a>(fields: &'a Map<String, Value>, name: &str, key: &str) -> Result<&'a Value> {
    fields
        .get(key)
        .ok_or_else(|| invalid(format!("{name} has no {key}")))
}

fn string<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value.as_str().ok_or_else(|| {
        invalid(format!(
            "{name} is {}, but must be a string",
            type_of(value)
        ))
    })
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn invalid(reason: String) -> Error {
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

/// Removes the white space outside strings from JSON text.
pub(crate) fn minified(text: &str) -> String {
    tokens(text).filter(|token| !is_space(token)).collect()
}
