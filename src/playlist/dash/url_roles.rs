//! The elements and attributes of a manifest that contain a URL.
//!
//! Source: ISO/IEC 23009-1, sections 5.3 (elements), 5.5 (remote elements), 5.8.4.7 (UTC timing),
//! 5.10 (events), 5.11 (chaining and fallback), and the sixth edition's alternative MPDs.

use super::found::Start;
use super::levels::DOCUMENT;
use super::xml::{Attribute, value_of};
use crate::playlist::reference::Kind;

/// The role of a URL.
#[derive(Debug, Clone, Copy)]
pub(super) struct Role {
    pub start: Start,
    pub kind: Kind,
    /// Several URLs, separated by white space.
    pub is_list: bool,
}

impl Role {
    pub fn new(start: Start, kind: Kind) -> Self {
        Role {
            start,
            kind,
            is_list: false,
        }
    }

    fn list(start: Start, kind: Kind) -> Self {
        Role {
            start,
            kind,
            is_list: true,
        }
    }
}

/// The role of the text of an element in a level, if it is a URL.
pub(super) fn of_text(element: &str, event_scheme: &str, level: usize) -> Option<Role> {
    match element {
        "BaseURL" => Some(Role::new(Start::Base(level), Kind::Media)),
        "Location" | "PatchLocation" => Some(Role::new(Start::Level(DOCUMENT), Kind::Update)),
        "ContentSteering" => Some(Role::new(Start::Level(level), Kind::Update)),
        "ImportedMPD" => Some(Role::new(Start::Level(level), Kind::Playlist)),
        "Event" if is_callback(event_scheme) => Some(Role::new(Start::Level(level), Kind::Update)),
        _ => None,
    }
}

/// The role of an attribute of an element in a level, if it is a URL; `scheme` is the element's,
/// `event_scheme` that of the event stream around it.
pub(super) fn of_attribute(
    element: &str,
    attribute: &Attribute<'_>,
    scheme: &str,
    event_scheme: &str,
    level: usize,
) -> Option<Role> {
    if attribute.has_prefix {
        let is_link = attribute.name == "href";
        return is_link.then_some(Role::new(Start::Level(level), Kind::RemoteElement));
    }
    match (element, attribute.name) {
        ("SegmentTemplate", "media" | "index" | "initialization" | "bitstreamSwitching") => {
            Some(Role::new(Start::Template(level), Kind::Media))
        }
        ("SegmentURL", "media" | "index")
        | ("Initialization" | "RepresentationIndex" | "BitstreamSwitching", "sourceURL") => {
            Some(Role::new(Start::Representations(level), Kind::Media))
        }
        ("InitializationSet", "initialization") => {
            Some(Role::new(Start::Level(level), Kind::Update))
        }
        ("ImportedMPD", "uri") => Some(Role::new(Start::Level(level), Kind::Playlist)),
        ("AlternativeMPD" | "InsertPresentation" | "ReplacePresentation", "uri" | "url")
            if is_alternative(event_scheme) =>
        {
            Some(Role::new(Start::Level(level), Kind::Playlist))
        }
        ("EssentialProperty" | "SupplementalProperty", "value") if is_other_mpd(scheme) => {
            Some(Role::list(Start::Level(level), Kind::Playlist))
        }
        ("UTCTiming", "value") if scheme.starts_with("urn:mpeg:dash:utc:http-") => {
            Some(Role::list(Start::Level(DOCUMENT), Kind::Clock))
        }
        ("Event", "messageData") if is_callback(event_scheme) => {
            Some(Role::new(Start::Level(level), Kind::Update))
        }
        _ => None,
    }
}

/// Returns whether players act on the events of this scheme, rather than hand them to the
/// application.
pub(super) fn is_for_player(event_scheme: &str) -> bool {
    is_alternative(event_scheme) || is_callback(event_scheme)
}

fn is_alternative(event_scheme: &str) -> bool {
    event_scheme.starts_with("urn:mpeg:dash:event:alternativeMPD:")
}

fn is_callback(event_scheme: &str) -> bool {
    event_scheme == "urn:mpeg:dash:event:callback:2015"
}

/// Returns whether a property names the MPD to play next, or instead.
fn is_other_mpd(scheme: &str) -> bool {
    matches!(
        scheme,
        "urn:mpeg:dash:chaining:2016" | "urn:mpeg:dash:fallback:2016"
    )
}

/// Returns whether an element that describes URL parameters makes players add the manifest's
/// signature to requests.
pub(super) fn passes_signature(attributes: &[Attribute<'_>]) -> bool {
    let uses_query = value_of(attributes, "useMPDUrlQuery");
    let template = value_of(attributes, "queryTemplate").unwrap_or_default();
    matches!(uses_query, Some("true" | "1"))
        && ["$querypart$", "$query:Signature$"]
            .iter()
            .any(|part| template.contains(part))
}
