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
//! Source: ISO/IEC 23009-1, sections 5.3 (elements), 5.3.9 (segments), 5.5 (remote elements), 5.6
//! (base URLs) and annex I (URL parameters).

use std::sync::Arc;

use super::base::Base;
use super::reference::{Filled, Kind, Reference};
use super::span::Span;
use crate::error::Result;

mod levels;
mod query_levels;
mod reader;
mod roles;
mod template;
mod xml;

use levels::{DOCUMENT, ResolvedLevels, in_line};
pub(super) use query_levels::{Insertion, Insertions, QueryLevels};
use reader::FoundUrl;
use roles::Start;
pub(super) use xml::root;

/// The root elements of manifests and of the files that remote elements are in.
pub(super) const ROOTS: [&str; 6] = [
    "MPD",
    "Period",
    "AdaptationSet",
    "EventStream",
    "InitializationSet",
    "SegmentList",
];

/// The content of a manifest.
pub(super) struct Manifest<'a> {
    pub references: Vec<Reference<'a>>,
    pub query_levels: QueryLevels,
}

/// Reads the manifest in `body`, which clients get from the URL in `bases`; those of a remote
/// element are the bases of the element around it.
pub(super) fn read<'a>(body: Span<'a>, bases: &Arc<[Base]>) -> Result<Manifest<'a>> {
    let (urls, levels) = reader::read(body)?;
    let mut levels = levels.resolve(Arc::clone(bases), body)?;
    let mut references = Vec::with_capacity(urls.len());
    for url in urls {
        let position = url.written.start;
        let resolved = resolve(url, &mut levels);
        references.extend(resolved.map_err(|e| in_line(e, body, position))?);
    }
    Ok(Manifest {
        references,
        query_levels: levels.into_query_levels(),
    })
}

/// Resolves a URL; `None` if clients do not request it.
fn resolve<'a>(found: FoundUrl<'a>, levels: &mut ResolvedLevels) -> Result<Option<Reference<'a>>> {
    let role = found.role;
    let level = found.level;
    let bases = match role.start {
        Start::Base if !levels.is_file[level] => return Ok(None),
        Start::Base | Start::Above => Arc::clone(&levels.bases[levels.above(level)]),
        Start::Document => Arc::clone(&levels.bases[DOCUMENT]),
        Start::Level => Arc::clone(&levels.bases[level]),
        Start::Representations | Start::Template => levels.bases_of_representations(level),
    };
    let filled = (role.start == Start::Template).then(|| Filled {
        text: template::example(&found.text),
        pattern: Some(template::pattern(&found.text)),
        by_variables: false,
    });
    levels.count(&bases, found.text.len(), 1)?;
    let reference = Reference {
        written: found.text,
        filled,
        range: found.written.range(),
        notation: found.notation,
        bases,
        kind: role.kind,
        added: role.added,
        carries_signature: role.kind == Kind::Media && levels.takes_query[level],
        level,
    };
    let is_fetched = reference.targets().next().is_some();
    Ok(is_fetched.then_some(reference))
}
