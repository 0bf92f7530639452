//! HLS playlists: the lines that are URIs, and the tags that contain one.
//!
//! Source: RFC 8216, sections 4.1 and 4.2; draft-pantos-hls-rfc8216bis, section 4.3 (variable
//! substitution).

use std::sync::Arc;

use super::base::Base;
use super::in_line;
use super::reference::{Notation, Reference, Role};
use crate::error::{Error, Result};

mod attributes;
pub(super) mod json;
pub(super) mod query_variables;
mod tags;
mod variables;

use attributes::attributes;

pub(super) use variables::Variables;

/// Reads a playlist in pieces of whole lines.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// The URL that clients get the playlist from.
    pub bases: Arc<[Base]>,
    /// The variables that have been defined so far.
    pub variables: Variables,
    /// The variables of the playlist that names this one.
    pub importable: Variables,
    /// The number of lines that have been read.
    pub lines: usize,
    pub after_stream_inf: bool,
}

impl Reader {
    /// Reads the next piece of the playlist.
    pub fn read<'a>(&mut self, piece: &'a str) -> Result<Vec<Reference<'a>>> {
        let mut references = Vec::new();
        for line in piece.lines() {
            self.lines += 1;
            self.line(line.trim(), &mut references)
                .map_err(|e| in_line(e, self.lines))?;
        }
        Ok(references)
    }

    fn line<'a>(&mut self, line: &'a str, references: &mut Vec<Reference<'a>>) -> Result<()> {
        if line.contains('\r') {
            let error = Error::new("the line contains a carriage return (CR)");
            return Err(error.with_hint("HLS lines end with LF or CRLF: tr '\\r' '\\n' < FILE"));
        }
        if line.starts_with("#EXT") {
            self.tag(line, references)?;
        } else if !line.is_empty() && !line.starts_with('#') {
            let role = if self.after_stream_inf {
                tags::PLAYLIST
            } else {
                Role::MEDIA
            };
            self.after_stream_inf = false;
            references.extend(self.reference(line, role)?);
        }
        Ok(())
    }

    fn tag<'a>(&mut self, line: &'a str, references: &mut Vec<Reference<'a>>) -> Result<()> {
        let Some((tag, value)) = line.split_once(':') else {
            return Ok(());
        };
        self.after_stream_inf |= tag == "#EXT-X-STREAM-INF";
        if tag == "#EXTINF" {
            // A title may look like an attribute list.
            return Ok(());
        }
        if let Some(role) = tags::listed(tag, tags::VALUE) {
            references.extend(self.reference(value.trim(), role)?);
            return Ok(());
        }
        let (attributes, rest) = attributes(value);
        if tag == "#EXT-X-DEFINE" {
            self.variables
                .define(&attributes, &self.bases[0], &self.importable);
            return Ok(());
        }
        for attribute in attributes {
            let name = attribute.name;
            let listed = tags::listed(tag, name);
            let Some(role) = listed.or_else(|| tags::unlisted(name)) else {
                continue;
            };
            if let Some(uri) = attribute.unquoted() {
                references.extend(self.reference(uri.trim(), role)?);
            } else if listed.is_some() {
                // In an unknown tag, the value may be something else than a URI.
                let message = format!("the {name} of {tag} is not in double quotes");
                return Err(Error::new(message).with_hint(format!("{name}=\"...\"")));
            }
        }
        let names_uri = value.contains("URI") || value.contains("X-ASSET-LIST");
        if rest.contains('"') && names_uri {
            let message = format!("the attributes of {tag} have misplaced quotation marks");
            return Err(Error::new(message)
                .with_hint("write each as NAME=\"value\" or NAME=value, separated by commas"));
        }
        Ok(())
    }

    /// A reference; `None` if clients do not fetch it over HTTP.
    fn reference<'a>(&self, uri: &'a str, role: Role) -> Result<Option<Reference<'a>>> {
        let written = uri.split('#').next().unwrap_or_default();
        let notation = Notation::Plain;
        let mut reference = Reference::new(written, written.into(), notation, &self.bases, role);
        if let Some((filled, carries_signature)) = self.variables.substitute(written)? {
            reference.carries_signature = carries_signature;
            reference.filled = Some(filled);
        }
        let is_fetched = !written.is_empty() && reference.is_fetched();
        Ok(is_fetched.then_some(reference))
    }
}
