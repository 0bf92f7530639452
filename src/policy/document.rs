//! The JSON text of policies: written as CloudFront builds it, and read with every deviation
//! reported.

use std::fmt::Display;

use serde_json::error::Category;
use serde_json::{Map, Value};

use super::{Conditions, Deviation, Policy, PolicyType, late_expiry};
use crate::error::{Error, Result, printable, quoted};
use crate::policy::ip_range::IpRange;
use crate::policy::json::{has_duplicate_keys, tokens};
use crate::time::Timestamp;
use crate::url::resource::Resource;

const EXAMPLE: &str = "{\"Statement\":[{\"Resource\":\"https://d111111abcdef8.cloudfront.net/*\",\
    \"Condition\":{\"DateLessThan\":{\"AWS:EpochTime\":1800000000}}}]}";

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
    let less = format!(r#""DateLessThan":{{"AWS:EpochTime":{expires}}}"#);
    format!(r#"{{"Statement":[{{"Resource":{resource},"Condition":{{{less}{more}}}}}]}}"#)
}

/// The canned policy that CloudFront builds from a URL and the value of `Expires`, which is not
/// checked.
pub(crate) fn canned_text(url: &str, expires: &str) -> String {
    write(url, expires, None, None)
}

/// Reads a received policy, and preserves its bytes. Error messages continue a sentence whose
/// subject is the policy.
pub(crate) fn read(text: &str) -> Result<Policy> {
    let document: Value = serde_json::from_str(text).map_err(|e| not_json(&e))?;
    if has_duplicate_keys(text, &document) {
        return Err(invalid("an object has a key more than once"));
    }
    let document = Object::of(&document, "the document")?;
    let mut deviations = document.unknown(&["Statement"]);
    let statement = match document.required("Statement")? {
        Value::Array(statements) => match statements.as_slice() {
            [statement] => statement,
            statements => {
                let count = statements.len();
                let message = format!("has {count} statements, but CloudFront accepts exactly one");
                return Err(Error::new(message).with_hint(
                    "sign one policy for each statement, or use wildcards in one resource",
                ));
            }
        },
        statement => {
            deviations.push(Deviation::StatementObject);
            statement
        }
    };
    let statement = Object::of(statement, "Statement")?;
    deviations.extend(statement.unknown(&["Resource", "Condition"]));
    let resource = statement.get("Resource", string)?;
    let condition = Object::of(statement.required("Condition")?, "Condition")?;
    condition.check_keys(&["DateLessThan", "IpAddress", "DateGreaterThan"])?;
    let conditions = Conditions {
        expires: time(condition.required("DateLessThan")?, "DateLessThan")?,
        starts: condition.get("DateGreaterThan", time)?,
        ip: condition.get("IpAddress", ip_range)?,
    };
    deviations.extend(late_expiry(conditions.expires));
    Ok(Policy {
        text: text.into(),
        policy_type: PolicyType::Custom,
        resource: resource.map(Resource::verbatim),
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
            .ok_or_else(|| wrong_type(KEY, "an integer (Unix seconds)"))?,
    };
    Timestamp::from_unix(seconds).map_err(|e| e.context(format_args!("has an invalid {KEY}:")))
}

fn ip_range(value: &Value, name: &str) -> Result<IpRange> {
    const KEY: &str = "AWS:SourceIp";
    let address = string(only(value, name, KEY)?, KEY)?;
    let range = address.parse::<IpRange>();
    range.map_err(|e| e.context(format_args!("has an invalid {KEY}:")))
}

/// The value in an object that has just this key.
fn only<'a>(value: &'a Value, name: &'a str, key: &str) -> Result<&'a Value> {
    let object = Object::of(value, name)?;
    object.check_keys(&[key])?;
    object.required(key)
}

/// An object in a policy.
struct Object<'a> {
    /// As messages call it.
    name: &'a str,
    fields: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    fn of(value: &'a Value, name: &'a str) -> Result<Self> {
        let fields = value.as_object();
        let fields = fields.ok_or_else(|| wrong_type(name, "an object"))?;
        Ok(Object { name, fields })
    }

    fn required(&self, key: &str) -> Result<&'a Value> {
        let value = self.fields.get(key);
        value.ok_or_else(|| invalid(format!("{} has no {key}", self.name)))
    }

    /// The value of a key, read by a function that gets its name for messages.
    fn get<T>(&self, key: &str, read: fn(&'a Value, &str) -> Result<T>) -> Result<Option<T>> {
        let value = self.fields.get(key);
        value.map(|value| read(value, key)).transpose()
    }

    /// The unknown keys of an object in which CloudFront ignores them.
    fn unknown(&self, known: &[&str]) -> Vec<Deviation> {
        let keys = self.fields.keys();
        let unknown = keys.filter(|key| !known.contains(&key.as_str()));
        unknown.cloned().map(Deviation::UnknownKey).collect()
    }

    /// Refuses unknown keys: as far as is known, CloudFront does not ignore them here.
    fn check_keys(&self, known: &[&str]) -> Result<()> {
        let mut unknown = self.unknown(known).into_iter();
        let Some(Deviation::UnknownKey(unknown)) = unknown.next() else {
            return Ok(());
        };
        let (unknown, name, known) = (printable(&unknown), self.name, known.join(", "));
        let message = format!("unknown key {unknown} in {name}; possible keys: {known}");
        Err(invalid(message))
    }
}

fn string<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value.as_str().ok_or_else(|| wrong_type(name, "a string"))
}

fn wrong_type(name: &str, expected: &str) -> Error {
    invalid(format!("{name} must be {expected}"))
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
