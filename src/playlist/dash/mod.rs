//! DASH manifests: resolves the URLs of an MPD and decides which of them are requested.
//!
//! A `BaseURL` has two roles. It is what the references below it are resolved against; they need
//! signatures of their own, since resolution drops the query of a base. And where a representation
//! has no segments, or has them as byte ranges of one file, its `BaseURL` is the URL of that file,
//! whether or not it ends in `/` (ISO/IEC 23009-1, sections 5.3.9.2 and 5.6).
//!
//! License servers in `ContentProtection`, metrics and web pages are not files of the distribution,
//! and are ignored.
//!
//! Source: ISO/IEC 23009-1, sections 5.3 (elements), 5.3.9 (segments), 5.6 (base URLs) and annex I
//! (URL parameters).

use super::base::{Base, is_http};
use super::reference::{Kind, Reference, Target};
use super::span::Span;
use crate::error::Result;

mod found;
mod levels;
mod reader;
mod template;
mod url_roles;
mod xml;

use found::{FoundUrl, Start};
use levels::Levels;
pub(super) use xml::escape;

/// The content of a manifest.
pub(super) struct Content<'a> {
    pub references: Vec<Reference<'a>>,
    pub insertions: Vec<Insertion>,
}

/// A place for a descriptor that makes players add the query of the manifest's URL to the segment
/// requests of an adaptation set (ISO/IEC 23009-1, annex I.2).
#[derive(Debug, Clone)]
pub(super) struct Insertion {
    /// The byte offset in the file.
    pub position: usize,
    /// The prefix of the manifest's namespace with its colon, or an empty text.
    prefix: String,
    level: usize,
    depth: usize,
}

impl Insertion {
    /// The descriptor.
    pub fn text(&self) -> String {
        const NAMESPACE: &str = "urn:mpeg:dash:schema:urlparam:2014";
        let element = format!("{}EssentialProperty", self.prefix);
        format!(
            "<{element} schemeIdUri=\"urn:mpeg:dash:urlparam:2014\"><up:UrlQueryInfo xmlns:up=\"{NAMESPACE}\" queryTemplate=\"$querypart$\" useMPDUrlQuery=\"true\"/></{element}>"
        )
    }
}

/// Reads the manifest in `body`, which clients get from `url`.
pub(super) fn read<'a>(body: Span<'a>, url: &Base) -> Result<Content<'a>> {
    let found = reader::read(body)?;
    let mut levels = found.levels;
    levels.resolve(url)?;
    let mut references = Vec::with_capacity(found.urls.len());
    for url in found.urls {
        references.extend(resolve(url, &mut levels)?);
    }
    let mut insertions = found.insertions;
    insertions.retain(|insertion| !levels.takes_query(insertion.level));
    Ok(Content {
        references,
        insertions,
    })
}

/// Resolves a URL; `None` if clients do not request it.
fn resolve<'a>(found: FoundUrl<'a>, levels: &mut Levels) -> Result<Option<Reference<'a>>> {
    let (level, bases) = match found.start {
        Start::Base(level) if !levels.is_file(level) => return Ok(None),
        Start::Base(level) => (level, levels.bases_above(level)),
        Start::Level(level) => (level, levels.bases(level)),
        Start::Representations(level) | Start::Template(level) => {
            let bases = levels
                .bases_of_representations(level)
                .map_err(|e| e.context(format_args!("line {}:", found.line)))?;
            (level, bases)
        }
    };
    let is_template = matches!(found.start, Start::Template(_));
    let mut targets: Vec<Target> = Vec::with_capacity(1);
    for base in bases {
        let target = if is_template {
            Target {
                url: base.resolve(&template::example(&found.text)),
                pattern: Some(base.resolve(&template::pattern(&found.text))),
            }
        } else {
            Target {
                url: base.resolve(&found.text),
                pattern: None,
            }
        };
        if is_http(&target.url) && !targets.contains(&target) {
            targets.push(target);
        }
    }
    if targets.is_empty() {
        return Ok(None);
    }
    Ok(Some(Reference {
        line: found.line,
        written: found.text,
        substituted: None,
        range: found.written.range(),
        notation: found.notation,
        targets,
        kind: found.kind,
        carries_signature: found.kind == Kind::Media && levels.takes_query(level),
    }))
}
