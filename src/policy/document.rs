//! The JSON of a policy: writing it as CloudFront builds it, and reading what somebody wrote by hand.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::error::Category;

use super::Conditions;
use crate::error::{Error, Result, printable, quoted};
use crate::policy::ip_range::IpRange;
use crate::time::Timestamp;
use crate::url::resource::Resource;

// The order of the fields is the order of the keys in the signed bytes.

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "Statement", deserialize_with = "only_one")]
    statement: [Object<Statement>; 1],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Statement {
    #[serde(
        rename = "Resource",
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    resource: Option<String>,
    #[serde(rename = "Condition")]
    condition: Object<Condition>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Condition {
    #[serde(rename = "DateLessThan")]
    date_less_than: Object<Date>,
    #[serde(
        rename = "IpAddress",
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    ip_address: Option<Object<Address>>,
    #[serde(
        rename = "DateGreaterThan",
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    date_greater_than: Option<Object<Date>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Date {
    #[serde(rename = "AWS:EpochTime", deserialize_with = "bare_number")]
    epoch_time: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Address {
    #[serde(rename = "AWS:SourceIp")]
    source_ip: String,
}

/// What has to be a JSON object: serde by itself would also read `["...", {...}]` as a structure, field by field.
#[derive(Serialize)]
#[serde(transparent)]
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct OnlyMap<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for OnlyMap<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                map: A,
            ) -> std::result::Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(OnlyMap(PhantomData))
    }
}

/// The text of a policy as CloudFront builds it: no white space, `/ & < >` not escaped.
pub(super) fn write(resource: &Resource, conditions: &Conditions) -> String {
    let date = |time: Timestamp| {
        Object(Date {
            epoch_time: time.unix(),
        })
    };
    let document = Document {
        statement: [Object(Statement {
            resource: Some(resource.as_str().to_owned()),
            condition: Object(Condition {
                date_less_than: date(conditions.expires),
                ip_address: conditions.ip.map(|range| {
                    Object(Address {
                        source_ip: range.to_string(),
                    })
                }),
                date_greater_than: conditions.starts.map(date),
            }),
        })],
    };
    serde_json::to_string(&document)
        .unwrap_or_else(|_| unreachable!("strings and numbers have a JSON form"))
}

/// What a policy says.
pub(super) fn read(text: &str) -> Result<(Option<Resource>, Conditions)> {
    let Object(document): Object<Document> = serde_json::from_str(text).map_err(|e| refused(&e))?;
    let [
        Object(Statement {
            resource,
            condition: Object(condition),
        }),
    ] = document.statement;
    let time = |date: Object<Date>| {
        Timestamp::from_unix(date.0.epoch_time)
            .map_err(|e| e.context("has an \"AWS:EpochTime\" that cannot be:"))
    };
    let ip = condition
        .ip_address
        .map(|address| address.0.source_ip.parse::<IpRange>())
        .transpose();
    let conditions = Conditions {
        expires: time(condition.date_less_than)?,
        starts: condition.date_greater_than.map(time).transpose()?,
        ip: ip.map_err(|e| e.context("has an \"AWS:SourceIp\" that cannot match:"))?,
    };
    Ok((resource.map(Resource::verbatim), conditions))
}

/// serde's reason, with the place in front of it instead of behind.
fn refused(error: &serde_json::Error) -> Error {
    let (line, column) = (error.line(), error.column());
    let reason = error.to_string();
    let reason = reason
        .strip_suffix(&format!(" at line {line} column {column}"))
        .unwrap_or(&reason);
    let reason = printable(&without_number(reason));
    match error.classify() {
        Category::Data => Error::new(format!(
            "does not have CloudFront's form at line {line}, column {column}: {reason}"
        ))
        .with_hint(
            "cfsign policy URL --expires 1h shows the form; Resource, IpAddress and DateGreaterThan may be left out",
        ),
        _ if line == 1 && column == 0 => {
            Error::new("is empty").with_hint("cfsign policy URL --expires 1h writes a policy to begin with")
        }
        _ => Error::new(format!("is not JSON at line {line}, column {column}: {reason}"))
            .with_hint("cfsign policy URL --expires 1h writes a policy to begin with"),
    }
}

/// "invalid type: integer `5`, expected a string" without the number, which may be a part of a key.
fn without_number(reason: &str) -> String {
    match (reason.find(" `"), reason.find("`, expected")) {
        (Some(start), Some(end)) if reason.starts_with("invalid type: ") => {
            format!("{}{}", &reason[..start], &reason[end + 1..])
        }
        _ => reason.to_owned(),
    }
}

/// JSON text without the white space outside its strings.
pub(crate) fn minified(text: &str) -> String {
    let mut in_string = false;
    let mut escaped = false;
    let keep = |c: &char| {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => in_string = !in_string,
            _ => {}
        }
        in_string || !matches!(c, ' ' | '\t' | '\n' | '\r')
    };
    text.chars().filter(keep).collect()
}

/// A value that may be left out, but not be `null`.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> std::result::Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// One statement, alone or in a list.
fn only_one<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<[Object<Statement>; 1], D::Error> {
    struct OnlyOne;

    impl<'de> Visitor<'de> for OnlyOne {
        type Value = [Object<Statement>; 1];

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("one statement")
        }

        fn visit_map<A: MapAccess<'de>>(
            self,
            map: A,
        ) -> std::result::Result<Self::Value, A::Error> {
            Statement::deserialize(MapAccessDeserializer::new(map))
                .map(|statement| [Object(statement)])
        }

        fn visit_seq<A: SeqAccess<'de>>(
            self,
            mut list: A,
        ) -> std::result::Result<Self::Value, A::Error> {
            let statement = list
                .next_element()?
                .ok_or_else(|| A::Error::custom("`Statement` is an empty list"))?;
            match list.next_element::<serde::de::IgnoredAny>()? {
                None => Ok([statement]),
                Some(_) => Err(A::Error::custom(
                    "`Statement` has more than one statement, and CloudFront reads exactly one",
                )),
            }
        }
    }

    deserializer.deserialize_any(OnlyOne)
}

/// A whole number, not quoted.
fn bare_number<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<i64, D::Error> {
    struct BareNumber;

    impl Visitor<'_> for BareNumber {
        type Value = i64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Unix seconds as a whole number")
        }

        fn visit_i64<E: serde::de::Error>(self, number: i64) -> std::result::Result<i64, E> {
            Ok(number)
        }

        fn visit_u64<E: serde::de::Error>(self, number: u64) -> std::result::Result<i64, E> {
            Ok(i64::try_from(number).unwrap_or(i64::MAX))
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> std::result::Result<i64, E> {
            Err(E::custom(format!(
                "`AWS:EpochTime` is the quoted {}, and CloudFront reads a bare number",
                quoted(text)
            )))
        }
    }

    deserializer.deserialize_any(BareNumber)
}
