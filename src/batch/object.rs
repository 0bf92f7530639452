//! A JSON object as a row: its members in their order, their values as they are written.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{ERROR, SIGNED_URL, URL, already_there, meant, misspelt};
use crate::error::{Error, Result, quoted};

/// Names and values of the members; a name may come twice.
#[derive(Debug)]
pub(super) struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    /// Reads one line.
    pub(super) fn parse(line: &'a [u8]) -> Result<Self> {
        let text =
            std::str::from_utf8(line).map_err(|_| Error::new("the row is not UTF-8 text"))?;
        let object: Object = serde_json::from_str(text).map_err(|e| {
            let what = if e.is_data() { "is not a JSON object" } else { "is not JSON" };
            let column = if e.is_data() { String::new() } else { format!(" from column {}", e.column()) };
            Error::new(format!("{} {what}{column}", quoted(text)))
                .with_hint(r#"each line is an object: {"url":"https://d111111abcdef8.cloudfront.net/image.jpg"}"#)
        })?;
        Ok(object)
    }

    /// The first of some lines that is an object.
    pub(super) fn first_in(lines: &'a [u8]) -> Option<Self> {
        lines
            .split(|byte| *byte == b'\n')
            .find_map(|line| Self::parse(line).ok())
    }

    /// Refuses an object that has what is to be added already, or a name that is probably meant to be another.
    pub(super) fn check(&self) -> Result<()> {
        if let Some(name) = [SIGNED_URL, ERROR].into_iter().find(|name| self.has(name)) {
            return Err(already_there(name));
        }
        match self.names().find_map(|name| Some((name, meant(name)?))) {
            Some((name, exact)) => Err(misspelt(name, exact)),
            None => Ok(()),
        }
    }

    /// Whether there is a member of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// The names of the members.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_ref())
    }

    fn raw(&self, name: &str) -> Option<&'a RawValue> {
        self.0
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| *value)
    }

    /// A string, or a number as it is written; `None` for `null` too.
    pub(super) fn scalar(&self, name: &str) -> Result<Option<Cow<'a, str>>> {
        if self.names().filter(|own| *own == name).count() > 1 {
            return Err(Error::new(format!("{} is there twice", quoted(name))));
        }
        let Some(value) = self.raw(name) else {
            return Ok(None);
        };
        match value.get().as_bytes().first() {
            Some(b'"') => Ok(Some(text(value))),
            Some(b'0'..=b'9' | b'-') if name != URL => Ok(Some(text(value))),
            Some(b'n') => Ok(None),
            _ if name == URL => Err(Error::new("the url is not a string")),
            _ => Err(Error::new(format!(
                "{} is neither a string nor a number",
                quoted(name)
            ))),
        }
    }

    /// A value for a cell of a table: strings without quotes, nothing for `null`, the rest as JSON.
    pub(super) fn cell(&self, name: &str) -> Cow<'a, str> {
        match self.raw(name) {
            Some(value) if value.get() != "null" => text(value),
            _ => Cow::Borrowed(""),
        }
    }
}

/// The text of a string, and anything else as it is written.
fn text(value: &RawValue) -> Cow<'_, str> {
    let written = value.get();
    match written
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        Some(plain) if !plain.contains('\\') => Cow::Borrowed(plain),
        Some(_) => serde_json::from_str(written).map_or(Cow::Borrowed(written), Cow::Owned),
        None => Cow::Borrowed(written),
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
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
                    members.push((name, value));
                }
                Ok(Object(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// A name, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
