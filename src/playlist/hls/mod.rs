//! HLS playlists: the lines that are URIs, and the tags that contain one.
//!
//! Source: RFC 8216, sections 4.1 and 4.2; draft-pantos-hls-rfc8216bis, section 4.3 (variable
//! substitution).

use std::sync::Arc;

use self::attributes::{Attribute, AttributeList};
use self::tags::Role;
use super::at;
use super::base::Base;
use super::notation::Notation;
use super::reference::Reference;
use super::span::Span;
use crate::error::{Result, quoted};

mod attributes;
mod query_variables;
mod tags;
mod variables;

pub(super) use query_variables::QueryVariables;
pub(super) use variables::Variables;

/// A tag whose value is not an attribute list, though a title may look like one.
const TITLE: &str = "#EXTINF";

/// Reads a playlist in pieces of whole lines.
#[derive(Debug, Default)]
pub(super) struct Reader {
    variables: Variables,
    /// The variables of the playlist that names this one.
    importable: Variables,
    /// The number of lines in the pieces before.
    lines: usize,
    after_stream_inf: bool,
}

impl Reader {
    pub fn importing(importable: Variables) -> Self {
        Reader {
            importable,
            ..Reader::default()
        }
    }

    /// The number of lines that have been read.
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// The variables that have been defined so far.
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// Reads the next piece of the playlist, which clients get from the URL in `bases`.
    pub fn read<'a>(&mut self, piece: Span<'a>, bases: &Arc<[Base]>) -> Result<Vec<Reference<'a>>> {
        let mut references = Vec::new();
        let mut start = piece.start;
        for text in piece.text.split_inclusive('\n') {
            self.lines += 1;
            let line = self.lines;
            let content = Span::new(text, start).trim();
            start += text.len();
            if content.text.contains('\r') {
                return Err(
                    at(line, "the line contains a carriage return (CR)").with_hint(
                        "HLS lines end with LF or CRLF; this converts CR: tr '\\r' '\\n' < FILE",
                    ),
                );
            }
            if content.text.starts_with("#EXT") {
                self.tag(content, bases, &mut references)?;
            } else if !content.is_empty() && !content.text.starts_with('#') {
                let role = if self.after_stream_inf {
                    Role::PLAYLIST
                } else {
                    Role::MEDIA
                };
                self.after_stream_inf = false;
                references.extend(self.reference(content, role, bases)?);
            }
        }
        Ok(references)
    }

    fn tag<'a>(
        &mut self,
        content: Span<'a>,
        bases: &Arc<[Base]>,
        references: &mut Vec<Reference<'a>>,
    ) -> Result<()> {
        let Some((tag, value)) = content.split_once(':') else {
            return Ok(());
        };
        let tag = tag.text;
        self.after_stream_inf |= tag == "#EXT-X-STREAM-INF";
        if tag == TITLE {
            return Ok(());
        }
        if let Some(role) = tags::of_value(tag) {
            references.extend(self.reference(value.trim(), role, bases)?);
            return Ok(());
        }
        let mut list = AttributeList::new(value);
        if tag == "#EXT-X-DEFINE" {
            self.variables.define(list, &bases[0], &self.importable);
            return Ok(());
        }
        for attribute in list.by_ref() {
            if let Some((uri, role)) = self.uri(tag, &attribute)? {
                references.extend(self.reference(uri, role, bases)?);
            }
        }
        if list.is_malformed() && tags::may_name_uri(value.text) {
            let message = format_args!("the attributes of {tag} have misplaced quotation marks");
            return Err(at(self.lines, message)
                .with_hint("write each as NAME=\"value\" or NAME=value, separated by commas"));
        }
        Ok(())
    }

    /// The URI in an attribute, if it is one.
    fn uri<'a>(&self, tag: &str, attribute: &Attribute<'a>) -> Result<Option<(Span<'a>, Role)>> {
        let name = attribute.name;
        let listed = tags::listed(tag, name);
        let Some(role) = listed.or_else(|| tags::unlisted(name)) else {
            return Ok(None);
        };
        match attribute.unquoted() {
            Some(uri) => Ok(Some((uri.trim(), role))),
            // In an unknown tag, the value may be something else than a URI.
            None if listed.is_none() => Ok(None),
            None => {
                let message = format_args!("the {name} of {tag} is not in double quotes");
                Err(at(self.lines, message).with_hint(format!("{name}=\"...\"")))
            }
        }
    }

    /// A reference; `None` if clients do not fetch it over HTTP.
    fn reference<'a>(
        &self,
        uri: Span<'a>,
        role: Role,
        bases: &Arc<[Base]>,
    ) -> Result<Option<Reference<'a>>> {
        let line = self.lines;
        let written = uri.before('#');
        if written.is_empty() {
            return Ok(None);
        }
        let mut reference = Reference {
            written: written.text.into(),
            filled: None,
            range: written.range(),
            notation: Notation::Plain,
            bases: Arc::clone(bases),
            kind: role.kind,
            added: role.added,
            carries_signature: false,
            level: 0,
        };
        if let Some(substituted) = self.variables.substitute(line, written.text)? {
            reference.carries_signature = substituted.carries_signature;
            reference.filled = Some(substituted.filled);
        }
        if reference.text().contains('#') {
            let message = format_args!(
                "a variable in {} contains a fragment (#)",
                quoted(written.text)
            );
            return Err(at(line, message).with_hint(
                "the signature goes before the fragment, so write the # in the reference itself",
            ));
        }
        let is_fetched = reference.targets().next().is_some();
        Ok(is_fetched.then_some(reference))
    }
}
