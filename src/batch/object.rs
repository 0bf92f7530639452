//! A JSON object as a row: its members in their order, their values as written.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::column::duplicate;
use crate::error::{Error, Result, quoted};
use crate::text;

/// The members of an object; a name may occur twice.
#[derive(Debug)]
pub(super) struct Object<'a>(Vec<Member<'a>>);

#[derive(Debug)]
pub(super) struct Member<'a> {
    pub(super) name: Cow<'a, str>,
    value: &'a RawValue,
}

impl<'a> Object<'a> {
    /// Parses one line.
    pub(super) fn parse(line: &'a [u8]) -> Result<Self> {
        let text =
            std::str::from_utf8(line).map_err(|_| text::not_utf8(line).context("the row"))?;
        serde_json::from_str(text).map_err(|e| {
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

    /// The first of some lines that is an object.
    pub(super) fn first_in(lines: &'a [u8]) -> Option<Self> {
        lines
            .split(|byte| *byte == b'\n')
            .find_map(|line| Self::parse(line).ok())
    }

    pub(super) fn members(&self) -> impl Iterator<Item = &Member<'a>> {
        self.0.iter()
    }

    /// Returns whether there is a member of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.members().any(|member| member.name == name)
    }

    /// The member of this name, whose ASCII case is ignored.
    ///
    /// # Errors
    /// A duplicate member.
    pub(super) fn member(&self, name: &str) -> Result<Option<&Member<'a>>> {
        let mut found = self
            .members()
            .filter(|member| member.name.eq_ignore_ascii_case(name));
        let member = found.next();
        if found.next().is_some() {
            return Err(duplicate(name));
        }
        Ok(member)
    }
}

impl<'a> Member<'a> {
    /// The text of a string; `None` for `null`.
    ///
    /// # Errors
    /// Any other value.
    pub(super) fn string(&self) -> Result<Option<Cow<'a, str>>> {
        match self.value.get().as_bytes().first() {
            Some(b'"') => Ok(Some(self.text())),
            Some(b'n') => Ok(None),
            _ => Err(Error::new(format!(
                "{} is not a string",
                quoted(&self.name)
            ))),
        }
    }

    /// The text of a string, or a number as written; `None` for `null`.
    ///
    /// # Errors
    /// Any other value.
    pub(super) fn scalar(&self) -> Result<Option<Cow<'a, str>>> {
        match self.value.get().as_bytes().first() {
            Some(b'"' | b'0'..=b'9' | b'-') => Ok(Some(self.text())),
            Some(b'n') => Ok(None),
            _ => Err(Error::new(format!(
                "{} is neither a string nor a number",
                quoted(&self.name)
            ))),
        }
    }

    /// The value as a cell of a table: strings without quotes, nothing for `null`, the rest as
    /// JSON.
    pub(super) fn cell(&self) -> Cow<'a, str> {
        if self.value.get() == "null" {
            return Cow::Borrowed("");
        }
        self.text()
    }

    /// The text of a string, and anything else as written.
    fn text(&self) -> Cow<'a, str> {
        let written = self.value.get();
        let in_quotes = written
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        match in_quotes {
            Some(plain) if !plain.contains('\\') => Cow::Borrowed(plain),
            Some(_) => serde_json::from_str(written).map_or(Cow::Borrowed(written), Cow::Owned),
            None => Cow::Borrowed(written),
        }
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
                    members.push(Member { name, value });
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
