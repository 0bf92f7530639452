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
use super::in_line;
use super::position::line_of;
use super::reference::Reference;
use crate::error::Result;

mod descriptor;
mod levels;
mod reader;
mod roles;
mod template;
mod xml;

pub(super) use descriptor::Descriptor;

/// Reads the manifest in `body`, which clients get from the URL in `bases`; those of a remote
/// element are the bases of the element around it. With the references, the places for descriptors
/// in adaptation sets.
pub(super) fn read<'a>(
    body: &'a str,
    bases: &Arc<[Base]>,
) -> Result<(Vec<Reference<'a>>, Vec<Option<Descriptor<'a>>>)> {
    let (found, mut levels) = reader::read(body, bases)?;
    levels.resolve(body)?;
    let mut references = Vec::with_capacity(found.len());
    for url in found {
        let raw = url.reference.raw;
        let reference = levels.placed(url);
        references.extend(reference.map_err(|e| in_line(e, line_of(body, raw)))?);
    }
    Ok((references, levels.descriptors))
}
