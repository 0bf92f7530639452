//! The cells of a row: the columns of a table, or the members of a JSON object.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{Error, Result, quoted};
use crate::text;

/// A named value of a row.
#[derive(Debug, Clone)]
pub(super) struct Cell<'a> {
    pub(super) name: Cow<'a, str>,
    /// The text of a column or a string, nothing for `null`, and other values as JSON.
    pub(super) text: Cow<'a, [u8]>,
    /// The value as JSON; empty in other formats.
    pub(super) json: &'a str,
}

impl<'a> Cell<'a> {
    pub(super) fn new(name: impl Into<Cow<'a, str>>, text: impl Into<Cow<'a, [u8]>>) -> Self {
        Cell {
            name: name.into(),
            text: text.into(),
            json: "",
        }
    }

    fn of_member(name: Cow<'a, str>, value: &'a RawValue) -> Self {
        let json = value.get();
        let in_quotes = json.strip_prefix('"').and_then(|j| j.strip_suffix('"'));
        let text = match in_quotes {
            Some(plain) if !plain.contains('\\') => Cow::Borrowed(plain.as_bytes()),
            Some(_) => {
                let text: String = serde_json::from_str(json).unwrap_or_default();
                Cow::Owned(text.into_bytes())
            }
            None if json == "null" => Cow::default(),
            None => Cow::Borrowed(json.as_bytes()),
        };
        Cell { name, text, json }
    }
}

/// The members of a JSON object, in their order; a name may occur twice.
pub(super) fn members(row: &[u8]) -> Result<Vec<Cell<'_>>> {
    let text = std::str::from_utf8(row).map_err(|_| text::not_utf8(row).context("the row"))?;
    let object: serde_json::Result<Object> = serde_json::from_str(text);
    object.map(|object| object.0).map_err(|e| {
        let what = if e.is_data() {
            "is not a JSON object".into()
        } else {
            format!("is not valid JSON (column {})", e.column())
        };
        Error::new(format!("{} {what}", quoted(text))).with_hint(
            r#"each line is one object: {"url":"https://d111111abcdef8.cloudfront.net/image.jpg"}"#,
        )
    })
}

struct Object<'a>(Vec<Cell<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(
        self,
        mut map: A,
    ) -> std::result::Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((Name(name), value)) = map.next_entry()? {
            members.push(Cell::of_member(name, value));
        }
        Ok(Object(members))
    }
}

/// A name, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
